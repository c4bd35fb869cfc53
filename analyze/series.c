/* series - one run of a trace, turned from counters into rates in a single pass over its ticks */
#include "analyze/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/roster.h"
#include "analyze/settings.h"

#define NS_PER_S_F  1e9
#define NS_PER_MS_F 1e6
#define NS_PER_US_F 1e3
#define GAP         3 /* intervals, as a recorder rebases; see ticker_gap() */

struct series_index {
	struct roster roster;
	int32_t slot[PCPU_MAX]; /* of a pCPU in series.pcpus, -1 */
	struct cpuset usable;   /* in the tick before */
	uint64_t middle_ns;     /* of the tick before */
	uint64_t self_cpu_ns;   /* in the tick before */
	uint64_t number;        /* of the tick before */
	size_t room_guests, room_pcpus, room_vcpus;
};

/* The array with room for one more element, perhaps moved; NULL when memory ran out: then it is as it was. */
static void *grown(void *array, size_t nr, size_t *room, size_t size)
{
	size_t wanted = nr < 16 ? 16 : 2 * nr;
	void *more;

	if (nr < *room)
		return array;
	more = realloc(array, wanted * size);
	if (more)
		*room = wanted;
	return more;
}

/* As grown(), for a variable; false when memory ran out. */
#define GROW(array, nr, room)                                                     \
	({                                                                        \
		__typeof__(array) more_ = grown(array, nr, room, sizeof(*more_)); \
		if (more_)                                                        \
			(array) = more_;                                          \
		more_ != NULL;                                                    \
	})

int series_init(struct series *s, const struct trace_run_row *run, struct error *e)
{
	*s = (struct series){
	        .run = *run, .origin_ns = UNKNOWN, .from_s = -INFINITY, .to_s = INFINITY};
	s->index = calloc(1, sizeof(*s->index));
	if (!s->index)
		return spool_fail(e);
	memset(s->index->slot, 0xff, sizeof(s->index->slot));
	return 0;
}

void series_done(struct series *s)
{
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++)
		column_done(&s->pcpus[i].busy_pct);
	for (i = 0; i < s->nr_vcpus; i++) {
		column_done(&s->vcpus[i].run_pct);
		column_done(&s->vcpus[i].delay_pct);
		column_done(&s->vcpus[i].pinned);
		column_done(&s->vcpus[i].ran_on);
	}
	for (i = 0; i < s->nr_guests; i++)
		memory_series_done(&s->guests[i].memory);
	if (s->index)
		roster_done(&s->index->roster);
	free(s->index);
	spool_free(s->ticks);
	free(s->pcpus);
	free(s->guests);
	free(s->vcpus);
	spool_free(s->actions);
	free(s->stats);
	free(s->events);
	*s = (struct series){0};
}

static long add_guest(struct series *s, const struct sample_guest *from)
{
	struct series_index *x = s->index;
	struct series_guest *g;

	if (!GROW(s->guests, s->nr_guests, &x->room_guests) ||
	    roster_add(&x->roster, from->uuid, ROSTER_GUEST, s->nr_guests) < 0)
		return -1;
	g = &s->guests[s->nr_guests];
	*g = (struct series_guest){0};
	memcpy(g->uuid, from->uuid, UUID_BYTES);
	snprintf(g->name, sizeof(g->name), "%s", from->name);
	g->share = settings_share(&s->run, s->events, s->nr_events, g->name);
	memory_series_init(&g->memory);
	return (long)s->nr_guests++;
}

static long add_vcpu(struct series *s, const struct sample *sample, size_t at,
                     const struct sample_guest *guest, const struct sample_vcpu *v)
{
	struct series_index *x = s->index;

	if (!GROW(s->vcpus, s->nr_vcpus, &x->room_vcpus) ||
	    roster_add(&x->roster, guest->uuid, v->vcpu, s->nr_vcpus) < 0)
		return -1;
	s->guests[at].nr_vcpus++;
	s->vcpus[s->nr_vcpus] =
	        (struct series_vcpu){.guest = at,
	                             .number = v->vcpu,
	                             .has_limit = cpuset_count(&v->affinity) > 1 &&
	                                          !cpuset_covers(&v->affinity, &sample->usable),
	                             .limit = v->affinity,
	                             .before.tick = SIZE_MAX};
	return (long)s->nr_vcpus++;
}

/* The pCPU's place in the order of numbers, made when it is new; -1 when memory ran out. */
static long pcpu_at(struct series *s, uint32_t pcpu)
{
	struct series_index *x = s->index;
	size_t at = 0, i;

	if (x->slot[pcpu] >= 0)
		return x->slot[pcpu];
	if (!GROW(s->pcpus, s->nr_pcpus, &x->room_pcpus))
		return -1;
	while (at < s->nr_pcpus && s->pcpus[at].pcpu < pcpu)
		at++;
	memmove(&s->pcpus[at + 1], &s->pcpus[at], (s->nr_pcpus - at) * sizeof(*s->pcpus));
	s->pcpus[at] = (struct series_pcpu){.pcpu = pcpu, .before.tick = SIZE_MAX};
	s->nr_pcpus++;
	for (i = at; i < s->nr_pcpus; i++)
		x->slot[s->pcpus[i].pcpu] = (int32_t)i;
	return (long)at;
}

/* True when the tick before has counters that these go on from. */
static bool follows(const struct counters *before, const struct counters *now)
{
	return before->tick != SIZE_MAX && before->tick + 1 == now->tick &&
	       before->instance == now->instance;
}

/* Idle and waiting for disks are one: the kernel shifts time between the two, also backwards. */
static double busy_pct(const struct counters *before, const struct counters *now)
{
	double busy, idle;

	if (!follows(before, now) || now->first < before->first || now->second < before->second)
		return NAN;
	busy = (double)(now->first - before->first);
	idle = (double)(now->second - before->second);
	return busy + idle > 0 ? 100 * busy / (busy + idle) : NAN;
}

static int add_pcpus(struct series *s, const struct sample *sample, struct series_tick *t)
{
	struct series_index *x = s->index;
	struct cpuset counting = cpuset_and(&sample->usable, &x->usable);
	double busy, idle_ns = 0;
	unsigned known = 0;
	size_t i;
	long at;

	for (i = 0; i < sample->nr_pcpus; i++) {
		const struct sample_pcpu *p = &sample->pcpus[i];
		struct counters now = {.tick = s->nr_ticks,
		                       .first = p->user_ns + p->kernel_ns,
		                       .second = p->iowait_ns + p->idle_ns};

		if (!cpuset_has(&sample->usable, p->pcpu))
			continue;
		at = pcpu_at(s, p->pcpu);
		if (at < 0)
			return -ENOMEM;
		busy = busy_pct(&s->pcpus[at].before, &now);
		if (isnan(t->dt_s) || !cpuset_has(&counting, p->pcpu))
			busy = NAN;
		else if (isnan(busy))
			s->rebased++;
		if (!isnan(busy)) {
			known++;
			idle_ns += (double)(now.second - s->pcpus[at].before.second);
		}
		s->pcpus[at].before = now;
		if (column_set(&s->pcpus[at].busy_pct, s->nr_ticks, busy) < 0)
			return -ENOMEM;
	}
	t->pcpus_known = known && known == cpuset_count(&counting);
	t->others_pct = NAN;
	if (t->pcpus_known) /* the vCPUs' part is still in it */
		t->others_pct =
		        (float)(100 * known - 100 * idle_ns / ((double)t->dt_s * NS_PER_S_F));
	t->nr_pcpus = cpuset_count(&sample->usable);
	x->usable = sample->usable;
	return 0;
}

static int set_vcpu(struct series *s, size_t at, const struct sample_guest *guest,
                    const struct sample_vcpu *v, struct series_tick *t)
{
	struct series_vcpu *to = &s->vcpus[at];
	struct counters *before = &to->before;
	struct counters now = {s->nr_ticks, guest->instance, v->run_ns, v->delay_ns};
	double run = NAN, delay = NAN, dt_ns = (double)t->dt_s * NS_PER_S_F;
	bool single = cpuset_count(&v->affinity) == 1;

	if (!isnan(t->dt_s) && follows(before, &now) && now.first >= before->first)
		run = 100 * (double)(now.first - before->first) / dt_ns;
	else if (!isnan(t->dt_s) && before->tick + 1 == now.tick)
		s->rebased++;
	if (!isnan(run) && now.second != UNKNOWN && before->second != UNKNOWN &&
	    now.second >= before->second)
		delay = 100 * (double)(now.second - before->second) / dt_ns;
	if (run >= BUSY_PCT)
		t->load_pct += (float)run;
	t->others_pct -= (float)run;
	t->nr_vcpus++;
	*before = now;
	if (column_set(&to->run_pct, s->nr_ticks, run) < 0 ||
	    column_set(&to->delay_pct, s->nr_ticks, delay) < 0 ||
	    column_set(&to->ran_on, s->nr_ticks, v->pcpu) < 0)
		return -ENOMEM;
	return column_set(&to->pinned, s->nr_ticks, single ? cpuset_first(&v->affinity) : -1);
}

static int add_vcpus(struct series *s, const struct sample *sample, size_t guest,
                     const struct sample_guest *g, struct series_tick *t)
{
	size_t n;
	long at;

	for (n = 0; n < g->nr_vcpus; n++) {
		const struct sample_vcpu *v = &sample->vcpus[g->first_vcpu + n];

		at = roster_find(&s->index->roster, g->uuid, v->vcpu);
		if (at < 0)
			at = add_vcpu(s, sample, guest, g, v);
		if (at < 0 || set_vcpu(s, (size_t)at, g, v, t) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The plan of a guest, the next of those in order of UUID; NULL when there is none. */
static const struct guest_plan *plan_of(const struct trace_tick_row *row, const uint8_t *uuid,
                                        size_t *next)
{
	const struct decision *d = &row->decision;
	int order = 1;

	if (!row->has_decision)
		return NULL;
	while (*next < d->nr_guests && order > 0) {
		order = memcmp(uuid, d->guests[*next].guest, UUID_BYTES);
		*next += order >= 0;
	}
	return order ? NULL : &d->guests[*next - 1];
}

static int add_guests(struct series *s, const struct trace_tick_row *row, struct series_tick *t)
{
	const struct sample *sample = &row->sample;
	size_t i, next = 0;
	long at;

	for (i = 0; i < sample->nr_guests; i++) {
		const struct sample_guest *g = &sample->guests[i];

		at = roster_find(&s->index->roster, g->uuid, ROSTER_GUEST);
		if (at < 0)
			at = add_guest(s, g);
		if (at < 0 || add_vcpus(s, sample, (size_t)at, g, t) < 0 ||
		    memory_series_add(&s->guests[at].memory, s->nr_ticks, t->t_s, g,
		                      plan_of(row, g->uuid, &next)) < 0)
			return -ENOMEM;
		s->guests[at].user_pins |= g->user_pins;
		s->guests[at].last = s->nr_ticks;
	}
	for (i = 0; i < s->nr_guests; i++)
		if (s->guests[i].last != s->nr_ticks &&
		    memory_series_miss(&s->guests[i].memory, s->nr_ticks) < 0)
			return -ENOMEM;
	return 0;
}

static float mib(uint64_t kib)
{
	return kib == UNKNOWN ? NAN : (float)((double)kib / 1024);
}

/*
 * Where libvirt tells of a host that is not this machine there is no MemAvailable: half of its cache is what the kernel's
 * own estimate counts of it at most.
 */
static void set_host_memory(struct series *s, const struct trace_tick_row *row,
                            struct series_tick *t)
{
	const struct host_memory *m = &row->sample.memory;
	const struct host_plan *plan = &row->decision.host;

	t->available_mib = mib(m->available_kib);
	if (m->available_kib == UNKNOWN && m->free_kib != UNKNOWN) {
		s->available_is_guess = true;
		t->available_mib = mib(m->free_kib);
		if (m->cached_kib != UNKNOWN)
			t->available_mib += mib(m->cached_kib) / 2;
	}
	t->reserve_mib = t->pool_mib = t->spare_mib = NAN;
	if (!row->has_decision || !row->decision.nr_guests)
		return;
	t->reserve_mib = mib(plan->reserve_kib);
	t->pool_mib = mib(plan->pool_kib);
	t->spare_mib = mib(plan->spare_kib);
}

/* The times of a tick; -EBADMSG when they do not follow those of the tick before. */
static int set_times(struct series *s, const struct trace_tick_row *row, struct series_tick *t,
                     struct error *e)
{
	struct series_index *x = s->index;
	uint64_t middle_ns = sample_middle_ns(&row->sample), missed;

	t->number = row->number;
	t->collect_ms = (float)((double)(row->sample.end_ns - row->sample.begin_ns) / NS_PER_MS_F);
	t->decide_us = row->decide_ns == UNKNOWN ? NAN
	                                         : (float)((double)row->decide_ns / NS_PER_US_F);
	t->dt_s = t->self_cpu_ms = NAN;
	if (s->origin_ns == UNKNOWN)
		s->origin_ns = middle_ns;
	t->t_s = series_time_s(s, middle_ns);
	if (!s->nr_ticks)
		return 0;
	if (middle_ns <= x->middle_ns || row->number <= x->number)
		return fail(e, EBADMSG, "run %lld, tick %llu: not after the tick before it",
		            (long long)s->run.run, (unsigned long long)row->number);
	missed = row->number - x->number - 1;
	t->missed = missed > UINT32_MAX ? UINT32_MAX : (uint32_t)missed;
	s->missed += t->missed;
	if (row->self_cpu_ns >= x->self_cpu_ns)
		t->self_cpu_ms = (float)((double)(row->self_cpu_ns - x->self_cpu_ns) / NS_PER_MS_F);
	if (middle_ns - x->middle_ns > GAP * s->run.interval_ns)
		s->gaps++;
	else
		t->dt_s = (float)((double)(middle_ns - x->middle_ns) / NS_PER_S_F);
	return 0;
}

int series_add(struct series *s, const struct trace_tick_row *row, struct error *e)
{
	struct series_tick t = {.verdict = VERDICT_QUIET};
	int r;

	r = set_times(s, row, &t, e);
	if (r < 0)
		return r;
	r = add_pcpus(s, &row->sample, &t);
	if (r == 0)
		r = add_guests(s, row, &t);
	if (r < 0)
		return spool_fail(e);
	t.others_pct /= (float)t.nr_pcpus;
	if (t.others_pct < 0) /* by the steps of CPU times */
		t.others_pct = 0;
	set_host_memory(s, row, &t);
	if (isnan(t.dt_s))
		t.load_pct = NAN;
	if (row->has_decision && row->decision.verdict < VERDICTS)
		t.verdict = (uint8_t)row->decision.verdict;
	s->verdicts[t.verdict]++;
	s->index->middle_ns = sample_middle_ns(&row->sample);
	s->index->self_cpu_ns = row->self_cpu_ns;
	s->index->number = row->number;
	r = spool_add(&s->ticks, sizeof(t), &t);
	s->nr_ticks += r == 0;
	return r < 0 ? spool_fail(e) : 0;
}

bool series_has(const struct series *s, uint64_t mono_ns)
{
	double t_s = series_time_s(s, mono_ns);

	return t_s >= s->from_s && t_s <= s->to_s;
}

unsigned series_nr_pcpus(const struct series *s)
{
	return s->nr_ticks ? series_tick(s, s->nr_ticks - 1).nr_pcpus : 0;
}

double series_seconds(const struct series *s)
{
	return s->nr_ticks ? series_tick(s, s->nr_ticks - 1).t_s - series_tick(s, 0).t_s : 0;
}

double series_time_s(const struct series *s, uint64_t mono_ns)
{
	return (double)(int64_t)(mono_ns - s->origin_ns) / NS_PER_S_F;
}

long series_pcpu_of(const struct series *s, double pcpu)
{
	return pcpu >= 0 && pcpu < PCPU_MAX ? s->index->slot[(size_t)pcpu] : -1;
}

long series_guest_of(const struct series *s, const struct action *a)
{
	return roster_find(&s->index->roster, a->guest, ROSTER_GUEST);
}

long series_vcpu_of(const struct series *s, const struct action *a)
{
	return roster_find(&s->index->roster, a->guest, a->vcpu);
}

char *series_vcpu_name(const struct series *s, size_t vcpu, char text[SUBJECT_TEXT])
{
	const struct series_vcpu *v = &s->vcpus[vcpu];
	const struct series_guest *g = &s->guests[v->guest];

	if (g->nr_vcpus == 1)
		snprintf(text, SUBJECT_TEXT, "%s", g->name);
	else
		snprintf(text, SUBJECT_TEXT, "%s/%u", g->name, v->number);
	return text;
}
