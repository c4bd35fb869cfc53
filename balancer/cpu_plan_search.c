/* cpu_plan_search - the placement within a band that needs the fewest changes, and among those the most even */
#include "balancer/cpu_plan_search.h"

#include <math.h>
#include <stdlib.h>

#include "balancer/cpu_plan_exact.h"

/* A search of all pairs costs this many steps at most a round; above, only the fullest pCPU is looked at. */
#define ALL_PAIRS_STEPS 40000

/* Changes of the sum of squares smaller than this (pm²) are rounding. */
#define ROUNDING 1e-6

struct search {
	const struct place_problem *problem;
	struct place_scratch *s;
	double *load_pm; /* s->load_pm, kept in step with s->to */
	double mean_pm;
	size_t nr_order, nr_floating; /* of s->order: floating ones stand first */
	bool all_pairs;
};

/* One improvement: item i goes to p and, when j is not NONE, item j to q. */
#define NONE SIZE_MAX
struct step {
	size_t i, j;
	int32_t p, q;
	double gain; /* the sum of squares falls by this */
};

void place_loads(const struct place_problem *problem, const struct place_scratch *s,
                 const int32_t *to, double *loads)
{
	size_t i;

	for (i = 0; i < problem->nr_pcpus; i++)
		loads[i] = s->base_pm[i];
	for (i = 0; i < problem->nr_items; i++)
		if (to[i] >= 0)
			loads[to[i]] += s->items[i].load_pm;
}

unsigned place_changes(const struct place_problem *problem, const struct place_scratch *s,
                       const int32_t *to)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < problem->nr_items; i++)
		n += to[i] != s->items[i].from;
	return n;
}

bool place_forbidden(const struct place_problem *problem, const struct place_scratch *s,
                     const int32_t *to, size_t i, int32_t p)
{
	size_t first = s->first_mate[i], last = s->last_mate[i], j;

	if (!cpuset_has(s->items[i].allowed, s->pcpu_number[p]))
		return true;
	if (last - first + 1 > problem->nr_pcpus)
		return false;
	for (j = first; j <= last; j++)
		if (j != i && to[j] == p)
			return true;
	return false;
}

static void find_mates(const struct place_problem *problem, struct place_scratch *s)
{
	size_t i, j, first = 0;

	for (i = 1; i <= problem->nr_items; i++) {
		if (i < problem->nr_items && s->items[i].guest == s->items[first].guest)
			continue;
		for (j = first; j < i; j++) {
			s->first_mate[j] = (uint32_t)first;
			s->last_mate[j] = (uint32_t)(i - 1);
		}
		first = i;
	}
}

/* Floating ones first (they must be placed), then by falling load. */
static int by_load(const void *a, const void *b, void *data)
{
	const struct place_item *items = data;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	bool float_i = items[i].from < 0, float_j = items[j].from < 0;

	if (float_i != float_j)
		return float_i ? -1 : 1;
	if (items[i].load_pm != items[j].load_pm)
		return items[i].load_pm > items[j].load_pm ? -1 : 1;
	return i < j ? -1 : i > j;
}

static void prepare(struct search *c)
{
	struct place_scratch *s = c->s;
	size_t i;

	find_mates(c->problem, s);
	for (i = 0; i < c->problem->nr_items; i++) {
		s->to[i] = s->items[i].from;
		if (!s->items[i].movable)
			continue;
		s->order[c->nr_order++] = (uint32_t)i;
		c->nr_floating += s->items[i].from < 0;
		c->mean_pm += s->items[i].from < 0 ? s->items[i].load_pm : 0;
	}
	qsort_r(s->order, c->nr_order, sizeof(*s->order), by_load, s->items);
	place_loads(c->problem, s, s->to, c->load_pm);
	for (i = 0; i < c->problem->nr_pcpus; i++)
		c->mean_pm += c->load_pm[i];
	c->mean_pm /= (double)c->problem->nr_pcpus;
	c->all_pairs = c->nr_order * (c->nr_order + c->problem->nr_pcpus) <= ALL_PAIRS_STEPS;
}

/* Take from each pCPU that is too full the largest that its surplus holds. */
static void evict(struct search *c)
{
	struct place_scratch *s = c->s;
	size_t k, i;

	for (k = c->nr_floating; k < c->nr_order; k++) {
		i = s->order[k];
		double surplus = c->load_pm[s->to[i]] - c->mean_pm;

		if (surplus <= c->problem->band_pm ||
		    s->items[i].load_pm > surplus + c->problem->band_pm)
			continue;
		c->load_pm[s->to[i]] -= s->items[i].load_pm;
		s->to[i] = -1;
	}
}

/* Put what has no place on the emptiest pCPU that it may go to; back to where it was if there is none. */
static void fill(struct search *c)
{
	struct place_scratch *s = c->s;
	int32_t p, best;
	size_t k, i;

	for (k = 0; k < c->nr_order; k++) {
		i = s->order[k];
		if (s->to[i] >= 0)
			continue;
		best = s->items[i].from;
		for (p = 0; p < (int32_t)c->problem->nr_pcpus; p++)
			if ((best < 0 || c->load_pm[p] < c->load_pm[best]) &&
			    !place_forbidden(c->problem, s, s->to, i, p))
				best = p;
		s->to[i] = best;
		if (best >= 0)
			c->load_pm[best] += s->items[i].load_pm;
	}
}

/* How much the sum of squares falls when `load` goes from pCPU a to b. */
static double gain_of(const struct search *c, double load, int32_t a, int32_t b)
{
	return 2 * load * (c->load_pm[a] - c->load_pm[b] - load);
}

static bool changed(const struct search *c, size_t i)
{
	return c->s->to[i] != c->s->items[i].from;
}

static void consider_move(const struct search *c, size_t i, struct step *best)
{
	const struct place_scratch *s = c->s;
	int32_t p;

	for (p = 0; p < (int32_t)c->problem->nr_pcpus; p++) {
		double gain = p == s->to[i] ? 0 : gain_of(c, s->items[i].load_pm, s->to[i], p);

		if (gain > best->gain && !place_forbidden(c->problem, s, s->to, i, p))
			*best = (struct step){i, NONE, p, 0, gain};
	}
}

/* i and j change places. */
static void consider_swap(struct search *c, size_t i, size_t j, struct step *best)
{
	struct place_scratch *s = c->s;
	int32_t a = s->to[i], b = s->to[j];
	double gain = gain_of(c, s->items[i].load_pm - s->items[j].load_pm, a, b);
	bool forbidden;

	if (a == b || gain <= best->gain)
		return;
	/* Each leaves before the other comes: mates are looked for without the two. */
	s->to[i] = s->to[j] = -1;
	forbidden = place_forbidden(c->problem, s, s->to, i, b) ||
	            place_forbidden(c->problem, s, s->to, j, a);
	s->to[i] = a;
	s->to[j] = b;
	if (!forbidden)
		*best = (struct step){i, j, b, a, gain};
}

static void apply(struct search *c, const struct step *step)
{
	struct place_scratch *s = c->s;

	c->load_pm[s->to[step->i]] -= s->items[step->i].load_pm;
	c->load_pm[step->p] += s->items[step->i].load_pm;
	s->to[step->i] = step->p;
	if (step->j == NONE)
		return;
	c->load_pm[s->to[step->j]] -= s->items[step->j].load_pm;
	c->load_pm[step->q] += s->items[step->j].load_pm;
	s->to[step->j] = step->q;
}

static int32_t fullest(const struct search *c)
{
	int32_t p, best = 0;

	for (p = 1; p < (int32_t)c->problem->nr_pcpus; p++)
		if (c->load_pm[p] > c->load_pm[best])
			best = p;
	return best;
}

/*
 * The best single step. With `free_only`, steps that cost no further change: a changed vCPU goes elsewhere, two
 * changed ones swap, or a changed one goes back and one that stayed there goes instead (a swap of both whose second
 * is "changed" now and whose first no longer is).
 */
static struct step best_step(struct search *c, bool free_only)
{
	struct step best = {NONE, NONE, 0, 0, ROUNDING};
	struct place_scratch *s = c->s;
	int32_t full = fullest(c);
	size_t k, l, i, j;

	for (k = 0; k < c->nr_order; k++) {
		i = s->order[k];
		if (s->to[i] < 0 || (!c->all_pairs && s->to[i] != full))
			continue;
		if (!free_only || changed(c, i))
			consider_move(c, i, &best);
		for (l = c->all_pairs ? k + 1 : 0; l < c->nr_order; l++) {
			j = s->order[l];
			if (s->to[j] < 0)
				continue;
			if (!free_only || (changed(c, i) && changed(c, j)) ||
			    (changed(c, i) != changed(c, j) &&
			     s->items[i].from == s->items[j].from))
				consider_swap(c, i, j, &best);
		}
	}
	return best;
}

static double squares(const struct search *c)
{
	double sum = 0;
	size_t p;

	for (p = 0; p < c->problem->nr_pcpus; p++)
		sum += (c->load_pm[p] - c->mean_pm) * (c->load_pm[p] - c->mean_pm);
	return sum;
}

static bool within(const struct search *c)
{
	return squares(c) <=
	       c->problem->band_pm * c->problem->band_pm * (double)c->problem->nr_pcpus;
}

/* Even out at no cost; then, while out of the band, at the cost of further changes. */
static void improve(struct search *c)
{
	size_t rounds = 4 * c->nr_order + 16;
	struct step step;

	while (rounds--) {
		step = best_step(c, true);
		if (step.i == NONE && !within(c))
			step = best_step(c, false);
		if (step.i == NONE)
			return;
		apply(c, &step);
	}
}

/* Send back home what the band does not need elsewhere, the least useful first. */
static void undo(struct search *c)
{
	struct place_scratch *s = c->s;
	size_t k, i;
	int32_t was;

	for (k = c->nr_order; k-- > c->nr_floating;) {
		i = s->order[k];
		was = s->to[i];
		if (!changed(c, i))
			continue;
		apply(c, &(struct step){i, NONE, s->items[i].from, 0, 0});
		if (!within(c))
			apply(c, &(struct step){i, NONE, was, 0, 0});
	}
}

static void heuristics(struct search *c)
{
	evict(c);
	fill(c);
	improve(c);
	if (!within(c))
		return;
	undo(c);
	improve(c);
}

void place_search(const struct place_problem *problem, struct place_scratch *s,
                  struct place_result *result)
{
	struct search c = {.problem = problem, .s = s, .load_pm = s->load_pm};
	unsigned least;
	size_t p;

	prepare(&c);
	heuristics(&c);
	least = place_least_changes(problem, s);
	result->fewest = place_exact(problem, s);
	place_loads(problem, s, s->to, s->load_pm);
	result->spread_pm = spread_of(s->load_pm, problem->nr_pcpus);
	result->within = result->spread_pm <= problem->band_pm;
	result->changes = place_changes(problem, s, s->to);
	if (result->within && result->changes <= least)
		result->fewest = true;
	result->highest_pm = 0;
	for (p = 0; p < problem->nr_pcpus; p++)
		result->highest_pm = fmax(result->highest_pm, s->load_pm[p]);
}
