/* mem_drive - let a policy of memory work on a simulated host, tick by tick as vmb-mem does, and audit it */
#include "tests/unit/mem_drive.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"

#define PATIENCE_NS (100 * NS_PER_MS)

struct drive {
	struct host *h;
	struct sample s;
	const struct mem_policy_ops *ops;
	void *policy;
	struct mem_asked *orders;
	size_t room;
	struct mem_audit *a;
};

static int sense(struct drive *d, struct error *e)
{
	uint64_t late_ns = host_now_ns(d->h) + d->a->rules.interval_ns / 2;
	int r = host_sample(d->h, LATE_MEMORY, &d->s, e);

	if (r < 0)
		return r;
	host_sample_late(d->h, late_ns, &d->s, NULL);
	if (d->s.nr_guests > d->room) {
		d->room = d->s.nr_guests;
		free(d->orders);
		d->orders = calloc(d->room, sizeof(*d->orders));
	}
	return d->orders || !d->room ? 0 : fail(e, ENOMEM, "no memory for orders");
}

/* As vmb-mem does with every guest that it meets. */
static void ask_for_reports(struct drive *d)
{
	struct error e;
	size_t i;

	for (i = 0; i < d->s.nr_guests; i++) {
		const struct sample_guest *g = &d->s.guests[i];

		if (g->memory.period_s == 0 && g->balloon == BALLOON_READY)
			host_set_period(d->h, g->uuid, 1, host_now_ns(d->h) + PATIENCE_NS, &e);
	}
}

static void act(struct drive *d, size_t nr)
{
	struct error e;
	size_t i;
	int r;

	for (i = 0; i < nr; i++) {
		const struct mem_asked *o = &d->orders[i];

		r = host_set_memory(d->h, d->s.guests[o->guest].uuid, o->kib,
		                    host_now_ns(d->h) + PATIENCE_NS, &e);
		mem_audit_order(d->a, o->guest, o->kib, r);
		if (d->ops->answered)
			d->ops->answered(d->policy, o->guest, o->kib, r);
	}
	mem_audit_acted(d->a);
}

static void ticks(struct drive *d)
{
	uint64_t next_ns = host_now_ns(d->h);
	sigset_t none;
	struct error e;

	sigemptyset(&none);
	do {
		if (sense(d, &e) < 0)
			break;
		ask_for_reports(d);
		mem_audit_sample(d->a, &d->s);
		act(d, d->ops->decide(d->policy, &d->s, d->orders));
		next_ns += d->a->rules.interval_ns;
	} while (!host_wait(d->h, next_ns, &none));
	if (d->ops->put_back && sense(d, &e) == 0) {
		mem_audit_put_back(d->a);
		mem_audit_sample(d->a, &d->s);
		act(d, d->ops->put_back(d->policy, &d->s, d->orders));
	}
}

int mem_drive(const char *case_path, const struct mem_policy_ops *ops, unsigned laws,
              const struct mem_rules *rules, struct mem_audit *a, struct error *e)
{
	struct drive d = {.ops = ops, .a = a};
	char uri[4096];
	int r;

	snprintf(uri, sizeof(uri), "sim:%s", case_path);
	r = host_open(uri, HOST_READ_WRITE, &d.h, e);
	if (r < 0)
		return r;
	sample_init(&d.s);
	r = mem_audit_init(a, d.h, rules);
	d.policy = ops->open ? ops->open(rules, laws) : NULL;
	if (!r)
		ticks(&d);
	mem_audit_end(a);
	if (ops->close)
		ops->close(d.policy);
	free(d.orders);
	sample_done(&d.s);
	host_close(d.h);
	a->host = NULL;
	return r < 0 ? fail(e, ENOMEM, "no memory for an audit") : 0;
}

/* ---- those that need no state ---- */

static size_t idle(void *policy, const struct sample *s, struct mem_asked *orders)
{
	return 0;
}

const struct mem_policy_ops mem_idle = {.name = "idle", .decide = idle};

/* Half as much again as is used now, by numbers of different moments, whoever it is: what many coordinators do. */
static size_t naive(void *policy, const struct sample *s, struct mem_asked *orders)
{
	size_t i, nr = 0;

	for (i = 0; i < s->nr_guests; i++) {
		const struct guest_memory *m = &s->guests[i].memory;
		uint64_t used, kib;

		if (m->unused_kib == UNKNOWN || m->actual_kib == UNKNOWN)
			continue;
		used = m->actual_kib > m->unused_kib ? m->actual_kib - m->unused_kib : 0;
		kib = used + used / 2 < m->maximum_kib ? used + used / 2 : m->maximum_kib;
		orders[nr++] = (struct mem_asked){i, kib ? kib : 1};
	}
	return nr;
}

static size_t at_once(void *policy, const struct sample *s, struct mem_asked *orders)
{
	size_t i;

	for (i = 0; i < s->nr_guests; i++)
		orders[i] = (struct mem_asked){i, s->guests[i].memory.maximum_kib / 2};
	return s->nr_guests;
}

const struct mem_policy_ops mem_naive = {.name = "naive", .decide = naive, .put_back = at_once};

static size_t greedy(void *policy, const struct sample *s, struct mem_asked *orders)
{
	size_t i;

	for (i = 0; i < s->nr_guests; i++)
		orders[i] = (struct mem_asked){i, s->guests[i].memory.maximum_kib};
	return s->nr_guests;
}

const struct mem_policy_ops mem_greedy = {.name = "greedy", .decide = greedy};
