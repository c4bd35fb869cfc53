/* sim_host - a simulated host behind the seam: a case file's world, in virtual time */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/host_ops.h"
#include "collector/sim_host_memory.h"
#include "collector/sim_noise.h"
#include "collector/sim_task.h"
#include "collector/sim_uri.h"
#include "common/clock.h"
#include "common/stop.h"
#include "common/version.h"

/* The clocks when the world begins: a host that has been up for a while, 2025-01-01 00:00 UTC. */
#define MONO_NS (1000 * NS_PER_S)
#define WALL_NS (1735689600 * NS_PER_S)

/* CPU times are told in steps of this. */
#define TIME_STEP_NS (10 * NS_PER_MS)

/*
 * What calls take: one to list guests and pCPUs, one for each guest (0.3 ms were measured), one to pin or to read back.
 * Slow statistics take 14 ms a guest and more under software emulation (115 ms for eight busy ones), here as on a
 * host whose guests answer in time.
 */
#define LIST_NS   (NS_PER_MS / 5)
#define GUEST_NS  (3 * NS_PER_MS / 10)
#define PIN_NS    (3 * NS_PER_MS / 10)
#define ANSWER_NS (4 * NS_PER_MS)
#define ORDER_NS  (4 * NS_PER_MS)

struct sim_host {
	struct host host;
	char uri[256];
	struct case_file c;
	struct sim_world *world;
	uint64_t calls;    /* for the draws of how long they take */
	uint64_t readings; /* likewise of how late */
	unsigned late;     /* what the last reading asked for */
};

static struct sim_host *of(struct host *h)
{
	return (struct sim_host *)h;
}

static void free_host(struct sim_host *h)
{
	sim_world_free(h->world);
	case_done(&h->c);
	free(h);
}
DEFINE_AUTO(struct sim_host *, free_host);

static void close_host(struct host *host)
{
	free_host(of(host));
}

static uint64_t now_ns(struct host *host)
{
	return MONO_NS + of(host)->world->now_ns;
}

static uint64_t wall_ns(struct host *host)
{
	return WALL_NS + of(host)->world->now_ns;
}

/* A call takes half as long as usual up to one and a half times; meanwhile the world goes on. */
static void pass(struct sim_host *h, unsigned stream, uint64_t usual_ns)
{
	double factor = 0.5 + sim_draw(h->c.seed, stream, h->calls++);

	sim_world_advance(h->world, h->world->now_ns + (uint64_t)((double)usual_ns * factor));
}

/* ---- describe ---- */

static int describe(struct host *host, struct host_facts *out, struct error *e)
{
	struct sim_host *h = of(host);
	const struct case_host *c = &h->c.host;
	unsigned i;

	memset(out, 0, sizeof(*out));
	snprintf(out->uri, sizeof(out->uri), "%s", h->uri);
	snprintf(out->name, sizeof(out->name), "%s", h->c.name);
	snprintf(out->identity, sizeof(out->identity), "sim-%d", (int)getpid());
	snprintf(out->hypervisor, sizeof(out->hypervisor), "simulation " VMB_VERSION);
	out->passing = true;
	out->memory_kib = sim_host_memory_total(h->world);
	out->nr_places = c->nr_pcpus;
	for (i = 0; i < c->nr_pcpus; i++)
		out->places[i] = (struct pcpu_place){
		        .pcpu = i,
		        .node = (int32_t)(i / (c->nr_pcpus / c->nodes)),
		        .socket = (int32_t)(i / (c->nr_pcpus / c->sockets)),
		        .core = (int32_t)(i / c->threads),
		        .llc = (int32_t)(i / (c->nr_pcpus / c->llcs)),
		};
	return 0;
}

/* ---- sample ---- */

static uint64_t in_steps(double ns)
{
	return (uint64_t)ns / TIME_STEP_NS * TIME_STEP_NS;
}

static int read_pcpus(struct sim_host *h, struct sample *s, struct error *e)
{
	const struct sim_world *w = h->world;
	unsigned i;

	for (i = 0; i < w->nr_pcpus; i++) {
		const struct sim_pcpu *from = &w->pcpus[i];
		struct sample_pcpu *p;

		if (!cpuset_has(&w->online, i))
			continue;
		p = sample_add_pcpu(s, i);
		if (!p)
			return fail(e, ENOMEM, "no memory for a sample");
		p->user_ns = in_steps(from->user_ns);
		p->kernel_ns = in_steps(from->kernel_ns);
		p->idle_ns = in_steps((double)MONO_NS + from->idle_ns);
	}
	s->online = w->online;
	s->usable = sim_world_usable(w);
	return 0;
}

static int read_guest(struct sim_host *h, const struct sim_guest *from, unsigned late,
                      struct sample *s, struct error *e)
{
	struct sample_guest *g = sample_add_guest(s, from->uuid, from->name);
	struct sample_vcpu *v;
	unsigned i;

	if (!g)
		return fail(e, ENOMEM, "no memory for a sample");
	g->instance = from->instance;
	g->start = START_BOOTED;
	g->state = from->life.paused ? GUEST_PAUSED : GUEST_RUNNING;
	g->user_pins = from->of.group->user_pins;
	g->busy = from->life.busy;
	g->reboots = from->memory.reboots;
	g->balloon = from->of.group->kind == KIND_DEVICELESS ? BALLOON_NONE
	             : from->of.group->kind == KIND_EXEMPT   ? BALLOON_EXEMPT
	                                                     : BALLOON_READY;
	strcpy(g->bounds, from->of.group->bounds);
	if (late & LATE_MEMORY)
		sim_memory_size(&from->memory, &g->memory);
	for (i = 0; i < from->life.nr_vcpus; i++) {
		const struct sim_task *t = &h->world->tasks[from->first_task + i];

		v = sample_add_vcpu(s, i);
		if (!v)
			return fail(e, ENOMEM, "no memory for a sample");
		v->run_ns = in_steps(t->run_ns);
		v->pcpu = t->on;
		v->affinity = cpuset_and(&t->allowed, &h->world->online);
	}
	return 0;
}

/* Guests are read one after another, each at a moment of its own; one that ends meanwhile is left out. */
static int read_all(struct sim_host *h, unsigned late, struct sample *out, struct error *e)
{
	unsigned i;
	int r = read_pcpus(h, out, e);

	pass(h, STREAM_READ, LIST_NS);
	for (i = 0; !r && i < h->world->nr_guests; i++) {
		if (!h->world->guests[i].life.alive)
			continue;
		pass(h, STREAM_READ, GUEST_NS);
		if (h->world->guests[i].life.alive)
			r = read_guest(h, &h->world->guests[i], late, out, e);
	}
	return r;
}

static int sample(struct host *host, unsigned late, struct sample *out, struct error *e)
{
	struct sim_host *h = of(host);
	int r;

	sample_clear(out);
	if (h->world->failed)
		return sim_host_memory_failed(h->world, e);
	out->begin_ns = now_ns(host);
	out->wall_ns = wall_ns(host);
	r = read_all(h, late, out, e);
	out->end_ns = now_ns(host);
	if (!r && late & LATE_MEMORY)
		sim_host_memory_tell(h->world, &out->memory);
	if (!r)
		r = sample_sort(out) < 0 ? fail(e, ENOMEM, "no memory for a sample") : 0;
	if (r < 0)
		sample_clear(out);
	h->late = late;
	h->readings++;
	return r;
}

static void fill_late(struct sim_host *h, struct sample *s)
{
	size_t i, v;

	for (i = 0; i < s->nr_guests; i++) {
		struct sample_guest *g = &s->guests[i];
		const struct sim_guest *from = sim_world_guest(h->world, g->uuid);

		if (!from || from->instance != g->instance)
			continue;
		if (h->late & LATE_MEMORY)
			sim_memory_inside(&from->memory, WALL_NS, &g->memory);
		for (v = 0; h->late & LATE_DELAY && v < g->nr_vcpus; v++)
			s->vcpus[g->first_vcpu + v].delay_ns =
			        (uint64_t)h->world->tasks[from->first_task + v].delay_ns;
	}
}

static int sample_late(struct host *host, uint64_t deadline_ns, struct sample *s, struct error *e)
{
	struct sim_host *h = of(host);
	uint64_t left_ns = deadline_ns > now_ns(host) ? deadline_ns - now_ns(host) : 0, answer_ns;
	double factor = 0.5 + sim_draw(h->c.seed, STREAM_ANSWER, h->readings);

	if (!h->late)
		return 0;
	answer_ns = (uint64_t)((double)(s->nr_guests * ANSWER_NS) * factor);
	if (answer_ns >= left_ns ||
	    1000 * sim_draw(h->c.seed, STREAM_LATE, h->readings) < h->c.host.late_pm) {
		sim_world_advance(h->world, h->world->now_ns + left_ns);
		return fail(e, ETIMEDOUT, "no statistics of the guests in time");
	}
	sim_world_advance(h->world, h->world->now_ns + answer_ns);
	fill_late(h, s);
	return 0;
}

/* ---- act ---- */

static int find_task(struct sim_host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                     struct sim_task **out, struct error *e)
{
	const struct sim_guest *g = sim_world_guest(h->world, guest);

	if (!g)
		return fail(e, ESRCH, "the guest is gone");
	if (vcpu >= g->life.nr_vcpus)
		return fail(e, ESRCH, "the vCPU is gone");
	*out = &h->world->tasks[g->first_task + vcpu];
	return 0;
}

static int pin(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
               const struct cpuset *mask, uint64_t deadline_ns, struct error *e)
{
	struct sim_host *h = of(host);
	char list[CPUSET_TEXT];
	struct sim_task *t;
	int r;

	pass(h, STREAM_READ, PIN_NS);
	r = find_task(h, guest, vcpu, &t, e);
	if (r < 0)
		return r;
	if (cpuset_first(mask) < 0)
		return fail(e, EINVAL, "an empty set of pCPUs");
	if (!cpuset_covers(&h->world->online, mask))
		return fail(e, EINVAL, "pin: not all of pCPUs %s are online",
		            cpuset_text(mask, list, sizeof(list)));
	sim_task_allow(h->world, t, mask);
	return 0;
}

static int affinity(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                    struct cpuset *mask, struct error *e)
{
	struct sim_host *h = of(host);
	struct sim_task *t;
	int r;

	pass(h, STREAM_READ, PIN_NS);
	r = find_task(h, guest, vcpu, &t, e);
	if (!r)
		*mask = cpuset_and(&t->allowed, &h->world->online);
	return r;
}

/* Both enter the guest's monitor: an order arrives, also where its answer comes too late. */
static int find_balloon(struct sim_host *h, const uint8_t guest[UUID_BYTES], struct sim_guest **out,
                        struct error *e)
{
	struct sim_guest *g = sim_world_guest(h->world, guest);

	if (!g)
		return fail(e, ESRCH, "the guest is gone");
	if (g->life.busy)
		return fail(e, EBUSY, "the guest is held by a job");
	if (g->of.group->kind == KIND_DEVICELESS)
		return fail(e, EOPNOTSUPP, "the guest has no balloon device");
	*out = g;
	return 0;
}

static int answer(struct sim_host *h, uint64_t deadline_ns, struct error *e)
{
	pass(h, STREAM_ORDER, ORDER_NS);
	return now_ns(&h->host) > deadline_ns ? fail(e, ETIMEDOUT, "no answer in time") : 0;
}

static int set_memory(struct host *host, const uint8_t guest[UUID_BYTES], uint64_t kib,
                      uint64_t deadline_ns, struct error *e)
{
	struct sim_host *h = of(host);
	struct sim_guest *g;
	int r = find_balloon(h, guest, &g, e);

	if (r < 0)
		return r;
	if (kib > g->of.group->memory_kib)
		return fail(e, EINVAL, "more than the guest's maximum");
	sim_balloon_order(&g->memory.balloon, (double)kib);
	return answer(h, deadline_ns, e);
}

static int set_period(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                      uint64_t deadline_ns, struct error *e)
{
	struct sim_host *h = of(host);
	struct sim_guest *g;
	int r = find_balloon(h, guest, &g, e);

	if (r < 0)
		return r;
	sim_balloon_period(&g->memory.balloon, period_s, h->world->now_ns);
	return answer(h, deadline_ns, e);
}

/* ---- time ---- */

static uint64_t end_ns(const struct sim_host *h)
{
	return MONO_NS + SIM_WARM_NS + h->c.duration_ns;
}

/* So often, in virtual time, a world that takes long is asked to stop. Whole steps: looking changes nothing in it. */
#define LOOK_NS (100 * SIM_STEP_NS)

/* Returns the number of a signal that came meanwhile, else 0. */
static int advance(struct sim_world *w, uint64_t to_ns, const sigset_t *stop)
{
	const struct timespec none = {0};
	uint64_t next_ns;
	int number = 0;

	while (w->now_ns < to_ns && number <= 0) {
		next_ns = (w->now_ns / LOOK_NS + 1) * LOOK_NS;
		sim_world_advance(w, next_ns < to_ns ? next_ns : to_ns);
		number = stop_wait(stop, &none);
	}
	return number > 0 ? number : 0;
}

/* Virtual time costs no waiting: the world runs to the deadline, and by chance a little beyond, as sleeps do. */
static int wait_until(struct host *host, uint64_t deadline_ns, const sigset_t *stop)
{
	const struct timespec none = {0};
	struct sim_host *h = of(host);
	double draw = sim_draw(h->c.seed, STREAM_WAKE, h->calls++);
	int number = stop_wait(stop, &none);
	bool ends = deadline_ns >= end_ns(h);

	if (number > 0)
		return number;
	if (h->world->failed)
		return HOST_FAILED;
	if (ends)
		deadline_ns = end_ns(h);
	if (deadline_ns > now_ns(host))
		number = advance(h->world,
		                 deadline_ns - MONO_NS +
		                         (uint64_t)((double)h->c.host.jitter_ns * draw),
		                 stop);
	if (number > 0)
		return number;
	return h->world->failed ? HOST_FAILED : ends ? HOST_ENDED : 0;
}

static const struct host_ops ops = {
        .describe = describe,
        .sample = sample,
        .sample_late = sample_late,
        .pin = pin,
        .affinity = affinity,
        .set_memory = set_memory,
        .set_period = set_period,
        .now_ns = now_ns,
        .wall_ns = wall_ns,
        .wait = wait_until,
        .close = close_host,
};

struct sim_world *sim_host_world(struct host *h)
{
	assert(h->ops == &ops);
	return of(h)->world;
}

int sim_host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e)
{
	AUTO(free_host) struct sim_host *h = calloc(1, sizeof(*h));
	struct error why;
	int r;

	if (!h)
		return fail(e, ENOMEM, "no memory for a simulation");
	h->host = (struct host){&ops, mode};
	snprintf(h->uri, sizeof(h->uri), "%s", uri);
	r = sim_uri_read(uri, &h->c, e);
	if (r < 0)
		return r;
	r = sim_world_new(&h->c, &h->world, &why);
	if (r < 0)
		return fail(e, -r, "%s: %s", uri, why.text);
	*out = (struct host *)take(h); /* its first member */
	return 0;
}
