/* cpu_plan_baselines - simple placement policies, as others have published them, to compare the plan with */
#include "balancer/cpu_plan_baselines.h"

#include <stdlib.h>

/* Sums of squares (pm²) that differ by less differ by rounding. */
#define ROUNDING 1e-6

/* What a policy works on: s->to has each vCPU's pCPU (-1: not on ours), s->load_pm the load of each pCPU. */
struct tick {
	const struct cpu_policy *policy;
	const struct cpu_view *view;
	struct place_scratch *s;
	struct cpu_move *moves;
	struct cpu_choice *choice;
};

static bool is_movable(const struct tick *t, size_t i)
{
	const struct view_vcpu *v = &t->view->vcpus[i];

	return v->managed && v->on != VIEW_OUTSIDE;
}

static bool may_go(const struct tick *t, size_t i, size_t p)
{
	return is_movable(t, i) && cpuset_has(&t->view->vcpus[i].allowed, t->view->pcpus[p].pcpu);
}

static double load_of(const struct tick *t, size_t i)
{
	return t->view->vcpus[i].load_pm;
}

static double spread_now(const struct tick *t)
{
	return spread_of(t->s->load_pm, t->view->nr_pcpus);
}

static double limit(const struct tick *t)
{
	return t->policy->balance_pm;
}

/* Everything where it is. False where there is nothing to decide, or nothing to decide it by. */
static bool begin(struct tick *t)
{
	const struct cpu_view *view = t->view;
	bool seen = !view->nr_vcpus;
	size_t i;

	*t->choice = (struct cpu_choice){.spread_pm = -1,
	                                 .noise_pm = -1,
	                                 .predicted_pm = -1,
	                                 .verdict = VERDICT_WATCH,
	                                 .why = WHY_NO_SAMPLES};
	for (i = 0; i < view->nr_pcpus; i++)
		t->s->load_pm[i] = view->pcpus[i].other_pm;
	for (i = 0; i < view->nr_vcpus; i++) {
		const struct view_vcpu *v = &view->vcpus[i];

		t->s->to[i] = v->on == VIEW_FLOATS ? v->last : v->on == VIEW_OUTSIDE ? -1 : v->on;
		if (t->s->to[i] >= 0)
			t->s->load_pm[t->s->to[i]] += v->load_pm;
		seen |= v->samples > 0;
	}
	if (!seen)
		return false;
	t->choice->spread_pm = spread_now(t);
	t->choice->verdict = VERDICT_QUIET;
	t->choice->why = WHY_ONE_PCPU;
	return view->nr_pcpus > 1;
}

/* Take vCPU i to pCPU p, in the loads; from where it ran, if that is ours. */
static void put(struct tick *t, size_t i, size_t p)
{
	if (t->s->to[i] >= 0)
		t->s->load_pm[t->s->to[i]] -= load_of(t, i);
	t->s->load_pm[p] += load_of(t, i);
	t->s->to[i] = (int32_t)p;
}

/* Pin it there. */
static void pin(struct tick *t, size_t i, size_t p)
{
	put(t, i, p);
	if (t->view->vcpus[i].on != (int32_t)p)
		t->moves[t->choice->nr_moves++] =
		        (struct cpu_move){(uint32_t)i, t->view->vcpus[i].on, (int32_t)p};
}

static void end(struct tick *t)
{
	struct cpu_choice *c = t->choice;

	c->predicted_pm = spread_now(t);
	c->verdict = c->nr_moves                ? VERDICT_ACT
	             : c->spread_pm <= limit(t) ? VERDICT_QUIET
	                                        : VERDICT_HOLD;
	c->why = c->nr_moves ? WHY_RULE : c->verdict == VERDICT_QUIET ? WHY_IN_BAND : WHY_NO_MOVE;
}

void baseline_none(const struct cpu_policy *policy, const struct cpu_view *view,
                   struct cpu_plan_state *state, struct place_scratch *scratch,
                   struct cpu_move *moves, struct cpu_choice *choice)
{
	struct tick t = {policy, view, scratch, moves, choice};

	if (begin(&t))
		end(&t);
}

/* Where vCPU i may go and has the least of what[]; -1: nowhere. */
static int least(const struct tick *t, size_t i, const double *what)
{
	int best = -1;
	size_t p;

	for (p = 0; p < t->view->nr_pcpus; p++)
		if (may_go(t, i, p) && (best < 0 || what[p] < what[best]))
			best = (int)p;
	return best;
}

void baseline_count(const struct cpu_policy *policy, const struct cpu_view *view,
                    struct cpu_plan_state *state, struct place_scratch *scratch,
                    struct cpu_move *moves, struct cpu_choice *choice)
{
	struct tick t = {policy, view, scratch, moves, choice};
	double *count = scratch->work_pm;
	size_t i;
	int to;

	if (!begin(&t))
		return;
	for (i = 0; i < view->nr_pcpus; i++)
		count[i] = 0;
	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].on >= 0)
			count[view->vcpus[i].on]++;
	for (i = 0; i < view->nr_vcpus; i++) {
		const int32_t on = view->vcpus[i].on;

		to = least(&t, i, count);
		if (to < 0 || (on >= 0 && count[on] <= count[to] + 1))
			continue;
		if (on >= 0)
			count[on]--;
		count[to]++;
		pin(&t, i, (size_t)to);
	}
	end(&t);
}

/* How much the sum of squared loads falls when `load` goes from pCPU a to b. */
static double gain(const struct tick *t, size_t a, size_t b, double load)
{
	return 2 * load * (t->s->load_pm[a] - t->s->load_pm[b] - load);
}

void baseline_greedy(const struct cpu_policy *policy, const struct cpu_view *view,
                     struct cpu_plan_state *state, struct place_scratch *scratch,
                     struct cpu_move *moves, struct cpu_choice *choice)
{
	struct tick t = {policy, view, scratch, moves, choice};
	size_t i, best = 0, busiest = 0, idlest = 0;
	double now, most = ROUNDING;

	if (!begin(&t))
		return;
	for (i = 1; i < view->nr_pcpus; i++) {
		if (scratch->load_pm[i] > scratch->load_pm[busiest])
			busiest = i;
		if (scratch->load_pm[i] < scratch->load_pm[idlest])
			idlest = i;
	}
	for (i = 0; i < view->nr_vcpus; i++) {
		now = gain(&t, busiest, idlest, load_of(&t, i));
		if (scratch->to[i] != (int32_t)busiest || !may_go(&t, i, idlest) || now <= most)
			continue;
		most = now;
		best = i;
	}
	if (most > ROUNDING && scratch->load_pm[busiest] - scratch->load_pm[idlest] > limit(&t))
		pin(&t, best, idlest);
	end(&t);
}

static int by_falling_load(const void *a, const void *b, void *vcpus)
{
	const struct view_vcpu *v = vcpus;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;

	if (v[i].load_pm != v[k].load_pm)
		return v[i].load_pm < v[k].load_pm ? 1 : -1;
	return (i > k) - (i < k);
}

void baseline_repack(const struct cpu_policy *policy, const struct cpu_view *view,
                     struct cpu_plan_state *state, struct place_scratch *scratch,
                     struct cpu_move *moves, struct cpu_choice *choice)
{
	struct tick t = {policy, view, scratch, moves, choice};
	size_t i, k, nr = 0;
	int to;

	if (!begin(&t))
		return;
	for (i = 0; i < view->nr_vcpus; i++) {
		if (!is_movable(&t, i))
			continue;
		scratch->order[nr++] = (uint32_t)i;
		if (scratch->to[i] >= 0)
			scratch->load_pm[scratch->to[i]] -= load_of(&t, i);
		scratch->to[i] = -1;
	}
	qsort_r(scratch->order, nr, sizeof(*scratch->order), by_falling_load, view->vcpus);
	for (k = 0; k < nr; k++) {
		to = least(&t, scratch->order[k], scratch->load_pm);
		if (to >= 0)
			pin(&t, scratch->order[k], (size_t)to);
	}
	end(&t);
}

/* The best step so far: vCPU i to pCPU p, and vCPU `back`, unless it is i, to where i was. */
struct step {
	double gain;
	size_t i, back, p;
};

static void look_at_moves(const struct tick *t, size_t i, struct step *best)
{
	size_t p, a = (size_t)t->s->to[i];

	for (p = 0; p < t->view->nr_pcpus; p++) {
		double now = gain(t, a, p, load_of(t, i));

		if (p != a && may_go(t, i, p) && now > best->gain)
			*best = (struct step){now, i, i, p};
	}
}

static void look_at_exchanges(const struct tick *t, size_t i, struct step *best)
{
	size_t k, b, a = (size_t)t->s->to[i];

	for (k = i + 1; k < t->view->nr_vcpus; k++) {
		double now;

		if (t->s->to[k] < 0 || t->s->to[k] == (int32_t)a)
			continue;
		b = (size_t)t->s->to[k];
		now = gain(t, a, b, load_of(t, i) - load_of(t, k));
		if (now > best->gain && may_go(t, i, b) && may_go(t, k, a))
			*best = (struct step){now, i, k, b};
	}
}

void baseline_swap(const struct cpu_policy *policy, const struct cpu_view *view,
                   struct cpu_plan_state *state, struct place_scratch *scratch,
                   struct cpu_move *moves, struct cpu_choice *choice)
{
	struct tick t = {policy, view, scratch, moves, choice};
	struct step best = {ROUNDING, 0, 0, 0};
	size_t i, a;

	if (!begin(&t))
		return;
	for (i = 0; i < view->nr_vcpus && choice->spread_pm > limit(&t); i++) {
		if (!is_movable(&t, i) || scratch->to[i] < 0)
			continue;
		look_at_moves(&t, i, &best);
		look_at_exchanges(&t, i, &best);
	}
	if (best.gain > ROUNDING) {
		a = (size_t)scratch->to[best.i];
		pin(&t, best.i, best.p);
		if (best.back != best.i)
			pin(&t, best.back, a);
	}
	end(&t);
}
