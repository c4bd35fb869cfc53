/* needed - the fewest pin changes that would have done in a run */
#include "analyze/needed.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/balance.h"
#include "analyze/freedom.h"
#include "analyze/limit.h"
#include "analyze/load.h"
#include "analyze/settings.h"
#include "analyze/settle.h"
#include "balancer/cpu_plan_search.h"

#define PM_PER_PCT 10.0

/* As the balancer's: a search of this many steps takes about 10 ms, and solves 8 pCPUs with a dozen loaded vCPUs. */
#define SEARCH_NODES 60000

/* Of all phases together: a run that comes and goes hundreds of times is not worth a minute of search. */
#define RUN_NODES (8 * SEARCH_NODES)

/* vCPUs above which nothing is searched for: the search's swaps grow with their square. */
#define MOST_ITEMS 2048

/* Where nothing is within the limit, so much from the most even placement will do (as for the balancer). */
#define SLACK_PM 10.0

/* Ticks from <= i < end, once it had settled; their rates tell the loads up to `told`. */
struct phase {
	size_t from, told, end;
	bool settled;
};

enum phase_sample {
	SAMPLE_NONE, /* no load, or not known */
	SAMPLE_OUT,
	SAMPLE_IN,
};

/* Of a tick. */
struct mark {
	uint8_t sample; /* enum phase_sample */
	bool full;      /* a pCPU was */
};

struct needed {
	const struct series *s;
	struct freedom freedom;
	struct spool *marks; /* struct mark, of each tick */
	double limit_pm;     /* of the spread */
	size_t *order;       /* vCPUs, those of a guest together */
	int32_t *index;      /* of a place in series.pcpus: the one in the problem, -1 */
	double *run_pm;      /* [vcpu] mean */
	struct cpuset usable;
	struct place_scratch scratch;
	size_t nr_pcpus;
	unsigned nodes; /* that are left */
	unsigned changes;
	bool proven, too_many;
};

/* ---- when ---- */

static struct mark mark_of(const struct needed *n, const struct settling *x, size_t tick)
{
	struct mark m = {SAMPLE_NONE, false};
	double sd_pp = balance_at(n->s, tick).sd_pp;
	size_t p;

	if (!isnan(sd_pp) && load_at(n->s, tick))
		m.sample = limit_holds(x->limit, sd_pp) ? SAMPLE_IN : SAMPLE_OUT;
	for (p = 0; p < n->s->nr_pcpus; p++)
		m.full |= column_at(&n->s->pcpus[p].busy_pct, tick) >= FULL_PCT;
	return m;
}

static int mark_samples(struct needed *n, const struct settling *x)
{
	struct mark m = {SAMPLE_NONE, false};
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < n->s->nr_ticks; i++) {
		if (i >= x->load_tick)
			m = mark_of(n, x, i);
		r = spool_add(&n->marks, sizeof(m), &m);
	}
	return r;
}

static enum phase_sample sample_at(const struct needed *n, size_t tick)
{
	return ((const struct mark *)spool_at(n->marks, tick))->sample;
}

static bool is_full(const struct needed *n, size_t tick)
{
	return ((const struct mark *)spool_at(n->marks, tick))->full;
}

/* The phase that begins at *tick, which is then the end of it. False when what is left tells nothing. */
static bool next_phase(const struct needed *n, size_t *tick, struct phase *out)
{
	size_t i, seen = 0, held = 0, from = 0;

	for (i = *tick; i < n->s->nr_ticks; i++) {
		if (sample_at(n, i) == SAMPLE_OUT && held >= SETTLED_SAMPLES)
			break;
		if (sample_at(n, i) == SAMPLE_IN && !held++)
			from = i;
		else if (sample_at(n, i) == SAMPLE_OUT)
			held = 0;
		seen += sample_at(n, i) != SAMPLE_NONE;
	}
	*out = (struct phase){*tick, i, i, false};
	*tick = i;
	if (!held || (held < SETTLED_SAMPLES && 2 * held < seen))
		return seen >= SETTLED_SAMPLES;
	*out = (struct phase){from, from, i, true};
	for (seen = 0; out->told < i && seen < NEEDED_SAMPLES; out->told++)
		seen += sample_at(n, out->told) != SAMPLE_NONE;
	return true;
}

/* ---- what ---- */

/*
 * Where a vCPU was when the phase before had settled; of one that still floated then the first pin it got, which was
 * counted there. Of one that is new since, and in the first phase, where it was first seen. -1: it floated; NAN: it was not there.
 */
static double pinned_at_start(const struct series_vcpu *v, const struct phase *before,
                              const struct phase *now)
{
	double pinned, found = NAN;
	size_t tick;

	for (tick = before->from; tick < before->end; tick++) {
		pinned = column_at(&v->pinned, tick);
		if (pinned >= 0)
			return pinned;
		found = isnan(pinned) ? found : pinned;
	}
	for (; tick < now->end && isnan(found); tick++)
		found = column_at(&v->pinned, tick);
	return found;
}

static double pinned_before(const struct series_vcpu *v, size_t tick)
{
	while (tick--)
		if (!isnan(column_at(&v->pinned, tick)))
			return column_at(&v->pinned, tick);
	return NAN;
}

static int32_t index_of(const struct needed *n, double pcpu)
{
	long slot = series_pcpu_of(n->s, pcpu);

	return slot < 0 ? -1 : n->index[slot];
}

/* The pCPUs that the last of these ticks has, without load. */
static void take_pcpus(struct needed *n, const struct phase *phase)
{
	size_t i, last = phase->told - 1;

	n->nr_pcpus = 0;
	n->usable = CPUSET_NONE;
	while (last > phase->from && sample_at(n, last) == SAMPLE_NONE)
		last--;
	for (i = 0; i < n->s->nr_pcpus; i++) {
		n->index[i] = -1;
		if (isnan(column_at(&n->s->pcpus[i].busy_pct, last)))
			continue;
		n->index[i] = (int32_t)n->nr_pcpus;
		n->scratch.pcpu_number[n->nr_pcpus] = n->s->pcpus[i].pcpu;
		n->scratch.base_pm[n->nr_pcpus++] = 0;
		cpuset_add(&n->usable, n->s->pcpus[i].pcpu);
	}
}

static bool counts(const struct needed *n, const struct phase *phase, size_t tick, bool calm)
{
	return sample_at(n, tick) != SAMPLE_NONE && (phase->settled || !calm || !is_full(n, tick));
}

/* Mean loads: of each vCPU, and in base_pm of all that runs on a pCPU. */
static void take_loads(struct needed *n, const struct phase *phase, bool calm)
{
	double *base_pm = n->scratch.base_pm, time_s = 0, part;
	size_t tick, i;

	for (i = 0; i < n->s->nr_vcpus; i++)
		n->run_pm[i] = 0;
	for (tick = phase->from; tick < phase->told; tick++)
		if (counts(n, phase, tick, calm))
			time_s += (double)series_tick(n->s, tick).dt_s;
	for (tick = phase->from; tick < phase->told; tick++) {
		if (!counts(n, phase, tick, calm))
			continue;
		part = PM_PER_PCT * (double)series_tick(n->s, tick).dt_s / time_s;
		for (i = 0; i < n->s->nr_pcpus; i++)
			if (n->index[i] >= 0)
				base_pm[n->index[i]] +=
				        part * fmax(0, column_at(&n->s->pcpus[i].busy_pct, tick));
		for (i = 0; i < n->s->nr_vcpus; i++)
			n->run_pm[i] += part * fmax(0, column_at(&n->s->vcpus[i].run_pct, tick));
	}
}

/* Take from base_pm what vCPU i ran on each pCPU: where it was pinned, or while it floated where it was last seen. */
static void take_out(struct needed *n, const struct phase *phase, bool calm, size_t i)
{
	const struct series_vcpu *v = &n->s->vcpus[i];
	double time_s = 0, run, where;
	size_t tick;
	int32_t at;

	for (tick = phase->from; tick < phase->told; tick++)
		if (counts(n, phase, tick, calm))
			time_s += (double)series_tick(n->s, tick).dt_s;
	for (tick = phase->from; tick < phase->told; tick++) {
		run = column_at(&v->run_pct, tick);
		if (!counts(n, phase, tick, calm) || isnan(run))
			continue;
		where = column_at(&v->pinned, tick);
		at = index_of(n, where < 0 ? column_at(&v->ran_on, tick) : where);
		if (at >= 0)
			n->scratch.base_pm[at] -= PM_PER_PCT * run *
			                          (double)series_tick(n->s, tick).dt_s / time_s;
	}
}

/* The phase as a placement problem, from where the one before it left the vCPUs. Returns how many items it has. */
static size_t set_problem(struct needed *n, const struct phase *before, const struct phase *phase)
{
	struct place_scratch *p = &n->scratch;
	bool calm = false, stays;
	size_t i, k, nr = 0;
	double from;

	for (i = phase->from; i < phase->told; i++)
		calm |= sample_at(n, i) != SAMPLE_NONE && !is_full(n, i);
	take_pcpus(n, phase);
	take_loads(n, phase, calm);
	for (k = 0; k < n->s->nr_vcpus; k++) {
		const struct series_vcpu *v = &n->s->vcpus[n->order[k]];
		const struct cpuset *allowed = freedom_of(&n->freedom, n->order[k]);
		struct place_item *item = &p->items[nr];

		i = n->order[k];
		from = pinned_at_start(v, before, phase);
		if (isnan(from))
			continue;
		stays = from < 0 && phase->settled && pinned_before(v, phase->end) < 0;
		*item = (struct place_item){
		        .load_pm = n->run_pm[i],
		        .from = index_of(n, from),
		        .guest = (uint32_t)v->guest,
		        .movable = n->run_pm[i] >= PM_PER_PCT * BUSY_PCT && !stays &&
		                   !freedom_is_fixed(&n->freedom, i),
		        .allowed = allowed ? allowed : &n->usable,
		};
		nr++;
		if (item->movable || item->from >= 0)
			take_out(n, phase, calm, i);
	}
	for (i = 0; i < n->nr_pcpus; i++)
		p->base_pm[i] = fmax(0, p->base_pm[i]);
	return nr;
}

/* ---- how many ---- */

static bool is_done_already(struct needed *n, size_t nr_items)
{
	struct place_scratch *p = &n->scratch;
	size_t i;

	for (i = 0; i < n->nr_pcpus; i++)
		p->load_pm[i] = p->base_pm[i];
	for (i = 0; i < nr_items; i++) {
		if (p->items[i].movable && p->items[i].from < 0)
			return false;
		if (p->items[i].from >= 0)
			p->load_pm[p->items[i].from] += p->items[i].load_pm;
	}
	return spread_of(p->load_pm, n->nr_pcpus) <= n->limit_pm;
}

static struct place_result search(struct needed *n, size_t nr_items, double band_pm)
{
	struct place_problem problem = {n->nr_pcpus, nr_items, band_pm,
	                                n->nodes < SEARCH_NODES ? n->nodes : SEARCH_NODES};
	struct place_result found;

	n->nodes -= problem.nodes;
	place_search(&problem, &n->scratch, &found);
	return found;
}

static void add_phase(struct needed *n, const struct phase *before, const struct phase *phase)
{
	size_t nr_items = set_problem(n, before, phase);
	struct place_result found;

	if (n->nr_pcpus < 2 || is_done_already(n, nr_items))
		return;
	if (nr_items > MOST_ITEMS) {
		n->too_many = true;
		return;
	}
	found = search(n, nr_items, n->limit_pm);
	n->proven &= found.fewest;
	if (!found.within) {
		found = search(n, nr_items, found.spread_pm + SLACK_PM);
		n->proven &= found.fewest;
	}
	n->changes += found.changes;
}

/* ---- */

static int by_guest(const void *a, const void *b, void *with)
{
	const struct series *s = with;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;

	if (s->vcpus[i].guest != s->vcpus[j].guest)
		return s->vcpus[i].guest < s->vcpus[j].guest ? -1 : 1;
	return i < j ? -1 : i > j;
}

static int needed_init(struct needed *n, const struct series *s, const struct settling *x)
{
	double limit_pp = limit_is_upper(x->limit) ? x->limit.value : settings_balance_pp(&s->run);
	size_t i;

	*n = (struct needed){.s = s, .nodes = RUN_NODES, .proven = true};
	n->limit_pm = PM_PER_PCT * limit_pp;
	n->order = calloc(s->nr_vcpus + 1, sizeof(*n->order));
	n->index = calloc(s->nr_pcpus + 1, sizeof(*n->index));
	n->run_pm = calloc(s->nr_vcpus + 1, sizeof(*n->run_pm));
	if (!n->order || !n->index || !n->run_pm ||
	    place_reserve(&n->scratch, s->nr_pcpus, s->nr_vcpus, NULL) < 0)
		return -ENOMEM;
	for (i = 0; i < s->nr_vcpus; i++)
		n->order[i] = i;
	qsort_r(n->order, s->nr_vcpus, sizeof(*n->order), by_guest, (void *)s);
	if (mark_samples(n, x) < 0)
		return -ENOMEM;
	return freedom_init(&n->freedom, s);
}

static void needed_done(struct needed *n)
{
	spool_free(n->marks);
	free(n->order);
	free(n->index);
	free(n->run_pm);
	place_free(&n->scratch);
	freedom_done(&n->freedom);
}

int needed_observe(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out)
{
	struct observation o = {w.to_s, 1, 0, -1, true, false};
	size_t tick = x->load_tick, phases = 0;
	struct phase before = {0}, phase;
	struct needed n;
	int r;

	if (!x->loaded)
		return observations_add(out, o);
	r = needed_init(&n, s, x);
	while (r == 0 && next_phase(&n, &tick, &phase)) {
		add_phase(&n, &before, &phase);
		before = phase;
		phases++;
	}
	o.value = phases && !n.too_many ? n.changes : (double)NAN;
	o.bound = phases && !n.proven;
	needed_done(&n);
	return r < 0 ? r : observations_add(out, o);
}
