/* record - what is written at once: a tick with its sample, decision and actions, or actions alone */
#include "traces/record.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What writing one record needs at hand. */
struct pen {
	const struct record *record;
	int64_t run, tick;
	bool memory;
	struct rows *rows;
	struct lookup *lookup;
};

/* Per mille to parts per million; negative (or no number) is not known. */
static struct value value_ppm(double pm)
{
	return value_signed(pm >= 0 && pm < 1e12 ? llround(pm * 1000) : -1);
}

static int write_tick(struct pen *p)
{
	const struct sample *s = p->record->sample;
	const struct trace_tick *t = p->record->tick;
	uint64_t took_ns = s->end_ns > s->begin_ns ? s->end_ns - s->begin_ns : 0;
	int64_t usable;
	int rc = lookup_cpus(p->lookup, &s->usable, &usable);

	if (rc == SQLITE_OK)
		rc = ROWS_RUN(p->rows, SQL_TICK, value_integer(p->run), value_counter(t->number),
		              value_counter(s->begin_ns), value_counter(took_ns),
		              value_counter(t->decide_ns), value_counter(t->self_cpu_ns),
		              value_integer(usable));
	p->tick = sqlite3_last_insert_rowid(p->rows->db);
	return rc;
}

static int write_pcpus(struct pen *p)
{
	const struct sample *s = p->record->sample;
	int rc = SQLITE_OK;
	size_t i;

	for (i = 0; i < s->nr_pcpus && rc == SQLITE_OK; i++) {
		const struct sample_pcpu *c = &s->pcpus[i];

		rc = ROWS_RUN(p->rows, SQL_PCPU_SAMPLE, value_integer(p->tick),
		              value_integer(c->pcpu), value_counter(c->user_ns),
		              value_counter(c->kernel_ns), value_counter(c->iowait_ns),
		              value_counter(c->idle_ns));
	}
	return rc;
}

static int write_vcpu(struct pen *p, struct lookup_guest *guest, const struct sample_vcpu *v)
{
	int64_t vcpu, affinity;
	int rc = lookup_vcpu(p->lookup, guest, v->vcpu, &vcpu);

	if (rc == SQLITE_OK)
		rc = lookup_cpus(p->lookup, &v->affinity, &affinity);
	if (rc != SQLITE_OK)
		return rc;
	return ROWS_RUN(p->rows, SQL_VCPU_SAMPLE, value_integer(p->tick), value_integer(vcpu),
	                value_counter(v->run_ns), value_counter(v->delay_ns), value_signed(v->pcpu),
	                value_integer(affinity));
}

/*
 * Without memory a guest's row says only what its last one said, tick after tick: a fifth of the file. So it is
 * written when something in it changed, and where no vCPU shows that the guest was there.
 */
static bool is_told(const struct lookup_guest *known, const struct sample_guest *g)
{
	return known->told && g->nr_vcpus && known->state == g->state &&
	       known->instance == g->instance && known->user_pins == g->user_pins;
}

static int write_guest_sample(struct pen *p, struct lookup_guest *known,
                              const struct sample_guest *g)
{
	static const struct guest_memory none = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
	                                         UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
	                                         UNKNOWN, UNKNOWN, UNKNOWN};
	const struct guest_memory *m = p->memory ? &g->memory : &none;

	if (!p->memory && is_told(known, g))
		return SQLITE_OK;
	known->told = true;
	known->state = g->state;
	known->instance = g->instance;
	known->user_pins = g->user_pins;
	return ROWS_RUN(p->rows, SQL_GUEST_SAMPLE, value_integer(p->tick), value_integer(known->id),
	                value_integer(g->state), value_integer(g->instance),
	                value_integer(g->user_pins), value_counter(m->actual_kib),
	                value_counter(m->maximum_kib), value_counter(m->unused_kib),
	                value_counter(m->available_kib), value_counter(m->usable_kib),
	                value_counter(m->disk_caches_kib), value_counter(m->swap_in_kib),
	                value_counter(m->swap_out_kib), value_counter(m->major_faults),
	                value_counter(m->minor_faults), value_counter(m->rss_kib),
	                value_counter(m->updated_s), value_counter(m->period_s),
	                p->memory ? value_integer(g->balloon) : value_null(),
	                p->memory ? value_integer(g->busy) : value_null(),
	                p->memory ? value_integer(g->reboots) : value_null());
}

static int write_guests(struct pen *p)
{
	const struct sample *s = p->record->sample;
	struct lookup_guest *known;
	int rc = SQLITE_OK;
	size_t i, v;

	for (i = 0; i < s->nr_guests && rc == SQLITE_OK; i++) {
		const struct sample_guest *g = &s->guests[i];

		rc = lookup_guest(p->lookup, g->uuid, g->name, &known);
		for (v = 0; v < g->nr_vcpus && rc == SQLITE_OK; v++)
			rc = write_vcpu(p, known, &s->vcpus[g->first_vcpu + v]);
		if (rc == SQLITE_OK)
			rc = write_guest_sample(p, known, g);
	}
	return rc;
}

static int write_host(struct pen *p)
{
	const struct host_memory *m = &p->record->sample->memory;

	if (!p->memory)
		return SQLITE_OK;
	return ROWS_RUN(p->rows, SQL_HOST_SAMPLE, value_integer(p->tick),
	                value_counter(m->total_kib), value_counter(m->free_kib),
	                value_counter(m->available_kib), value_counter(m->cached_kib));
}

static int write_decision(struct pen *p)
{
	const struct decision *d = p->record->decision;

	if (!d || d->verdict == VERDICT_QUIET)
		return SQLITE_OK;
	return ROWS_RUN(p->rows, SQL_DECISION, value_integer(p->tick), value_integer(d->verdict),
	                value_ppm(d->spread_pm), value_ppm(d->noise_pm), value_ppm(d->predicted_pm),
	                value_integer(d->exact), value_text(d->reason));
}

static int write_host_plan(struct pen *p)
{
	const struct decision *d = p->record->decision;

	if (!d || !d->nr_guests)
		return SQLITE_OK;
	return ROWS_RUN(p->rows, SQL_HOST_PLAN, value_integer(p->tick),
	                value_counter(d->host.reserve_kib), value_counter(d->host.pool_kib),
	                value_counter(d->host.spare_kib), value_integer(d->host.is_short));
}

static int write_guest_plans(struct pen *p)
{
	const struct decision *d = p->record->decision;
	const struct sample_guest *g;
	struct lookup_guest *known;
	int rc = SQLITE_OK;
	size_t i;

	for (i = 0; d && i < d->nr_guests && rc == SQLITE_OK; i++) {
		const struct guest_plan *plan = &d->guests[i];

		g = sample_find_guest(p->record->sample, plan->guest);
		assert(g); /* a plan is made of the sample that is recorded with it */
		rc = lookup_guest(p->lookup, g->uuid, g->name, &known);
		if (rc == SQLITE_OK)
			rc = ROWS_RUN(p->rows, SQL_GUEST_PLAN, value_integer(p->tick),
			              value_integer(known->id), value_integer(plan->state),
			              value_counter(plan->low_kib), value_counter(plan->high_kib),
			              value_counter(plan->floor_kib),
			              value_counter(plan->target_kib));
	}
	return rc;
}

/* What a kind of action changes, as it stands in the columns old and new. */
static int change_pins(struct pen *p, const struct action *a, struct value change[2])
{
	int64_t from, to;
	int rc = lookup_cpus(p->lookup, &a->from, &from);

	if (rc == SQLITE_OK)
		rc = lookup_cpus(p->lookup, &a->to, &to);
	if (rc != SQLITE_OK)
		return rc;
	change[0] = value_integer(from);
	change[1] = value_integer(to);
	return rc;
}

static int change_balloon(struct pen *p, const struct action *a, struct value change[2])
{
	change[0] = value_counter(a->from_kib);
	change[1] = value_counter(a->to_kib);
	return SQLITE_OK;
}

static int change_period(struct pen *p, const struct action *a, struct value change[2])
{
	change[0] = value_integer(a->from_s);
	change[1] = value_integer(a->to_s);
	return SQLITE_OK;
}

static const struct {
	bool of_vcpu;
	int (*change)(struct pen *p, const struct action *a, struct value change[2]);
} kinds[] = {
        [ACTION_PIN] = {true, change_pins},
        [ACTION_RESTORE] = {true, change_pins},
        [ACTION_BALLOON] = {false, change_balloon},
        [ACTION_BALLOON_RESTORE] = {false, change_balloon},
        [ACTION_PERIOD] = {false, change_period},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == ACTION_KINDS, "a change for each");

static int write_action(struct pen *p, const struct action *a)
{
	struct lookup_guest *guest;
	struct value change[2];
	int64_t vcpu = 0;
	int rc = lookup_guest(p->lookup, a->guest, a->name, &guest);

	if (rc == SQLITE_OK && kinds[a->kind].of_vcpu)
		rc = lookup_vcpu(p->lookup, guest, a->vcpu, &vcpu);
	if (rc == SQLITE_OK)
		rc = kinds[a->kind].change(p, a, change);
	if (rc != SQLITE_OK)
		return rc;
	return ROWS_RUN(p->rows, SQL_ACTION,
	                p->record->tick ? value_integer(p->tick) : value_null(),
	                value_integer(p->run), value_counter(p->record->mono_ns),
	                value_integer(a->kind), value_integer(guest->id),
	                kinds[a->kind].of_vcpu ? value_integer(vcpu) : value_null(), change[0],
	                change[1], value_words(a->reason), value_integer(a->result),
	                value_counter(a->duration_ns), value_text(a->detail));
}

int record_write(const struct record *r, int64_t run, bool memory, struct rows *rows,
                 struct lookup *lookup)
{
	static int (*const parts[])(struct pen *) = {
	        write_tick,     write_pcpus,     write_guests,      write_host,
	        write_decision, write_host_plan, write_guest_plans,
	};
	struct pen p = {.record = r, .run = run, .memory = memory, .rows = rows, .lookup = lookup};
	int rc = SQLITE_OK;
	size_t i;

	for (i = 0; r->tick && i < sizeof(parts) / sizeof(parts[0]) && rc == SQLITE_OK; i++)
		rc = parts[i](&p);
	for (i = 0; i < r->nr_actions && rc == SQLITE_OK; i++)
		rc = write_action(&p, &r->actions[i]);
	return rc;
}
