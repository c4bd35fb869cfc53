/* cpu_plan_local - better a placement by single steps: moves, exchanges, and taking back what was not needed */
#include "balancer/cpu_plan_local.h"

#include <math.h>

/* A search of all pairs costs this many steps at most a round. */
#define ALL_PAIRS_STEPS 40000

/* On larger hosts: how many of the emptiest are paired with the fullest, and how many pairs are looked at in all. */
#define PARTNERS       4
#define LARGE_STEPS    4000000
#define LARGE_STEP_MAX 20000 /* for one pair of pCPUs */

/*
 * A large host keeps its fullest pCPU within this of the least possible, as far as changes that are due anyway allow it:
 * its spread says little about a single pCPU.
 */
#define LARGE_ROOF 1.005

/* Within the limits, pCPUs that differ by less than this part of the least possible are the same. */
#define LARGE_STEP 0.01

/* Marks of pCPUs in s->tried. */
enum {
	PARTNER = 1, /* has been the emptiest in this turn */
	STUCK,       /* full, and none of its partners helps */
};

/* One improvement: item i goes to p and, when j is not NONE, item j to q. */
#define NONE SIZE_MAX
struct step {
	size_t i, j;
	int32_t p, q;
	double gain;
};

struct local {
	struct placing *c;
	bool within;
	bool by_core;   /* cores count; not while the spread over pCPUs is the aim */
	bool free_only; /* only steps that cost no further change */
	double weight;  /* of a unit of cost */
	struct step best;
};

bool place_is_small(const struct placing *c)
{
	return c->nr_order * (c->nr_order + c->problem->nr_pcpus) <= ALL_PAIRS_STEPS;
}

/* Whether the limits, kept now, are kept still when `load` has gone from a to b. */
static bool stays_within(const struct local *l, double load, int32_t a, int32_t b)
{
	const struct placing *c = l->c;
	const struct place_problem *problem = c->problem;
	double n = (double)problem->nr_pcpus, squares = c->squares - placing_gain(c, load, a, b);
	double cores = c->core_squares - placing_core_gain(c, load, a, b);
	double fullest = fmax(c->s->load_pm[a] - load, c->s->load_pm[b] + load);

	if (squares > problem->band_pm * problem->band_pm * n)
		return false;
	if (problem->uneven_pm > 0 &&
	    squares + cores > 2 * problem->uneven_pm * problem->uneven_pm * n)
		return false;
	return fullest <= c->highest_pm;
}

/* What a step is worth; negative when it must not be made. */
static double worth(const struct local *l, double load, int32_t a, int32_t b, double cost_drop)
{
	const struct placing *c = l->c;
	double gain = placing_gain(c, load, a, b);

	gain += l->by_core ? placing_core_gain(c, load, a, b) : gain;
	if (!l->within)
		return gain;
	gain += l->weight * cost_drop;
	return gain > l->best.gain && !stays_within(l, load, a, b) ? -1 : gain;
}

static double cost_drop(const struct placing *c, size_t i, int32_t p)
{
	return (double)placing_cost(c, i, c->s->to[i]) - (double)placing_cost(c, i, p);
}

static void consider_move(struct local *l, size_t i, int32_t p)
{
	const struct placing *c = l->c;
	const struct place_scratch *s = c->s;
	double gain;

	if (p == s->to[i])
		return;
	gain = worth(l, s->items[i].load_pm, s->to[i], p, cost_drop(c, i, p));
	if (gain > l->best.gain && !placing_forbids(c, s->to, i, p))
		l->best = (struct step){i, NONE, p, 0, gain};
}

/*
 * i and j change places. At no cost when both have changed already, or when one that has goes home and the other, at
 * home there, goes instead.
 */
static void consider_swap(struct local *l, size_t i, size_t j)
{
	struct placing *c = l->c;
	struct place_scratch *s = c->s;
	int32_t a = s->to[i], b = s->to[j];
	bool moved_i = placing_changed(c, i), moved_j = placing_changed(c, j), forbidden;
	double gain;

	if (a == b || b < 0)
		return;
	if (l->free_only && !(moved_i && moved_j) &&
	    !(moved_i != moved_j && s->items[i].from == s->items[j].from))
		return;
	gain = worth(l, s->items[i].load_pm - s->items[j].load_pm, a, b,
	             cost_drop(c, i, b) + cost_drop(c, j, a));
	if (gain <= l->best.gain)
		return;
	/* Each leaves before the other comes: mates are looked for without the two. */
	s->to[i] = s->to[j] = -1;
	forbidden = placing_forbids(c, s->to, i, b) || placing_forbids(c, s->to, j, a);
	s->to[i] = a;
	s->to[j] = b;
	if (!forbidden)
		l->best = (struct step){i, j, b, a, gain};
}

static void look_at_all(struct local *l)
{
	struct placing *c = l->c;
	const struct place_scratch *s = c->s;
	size_t k, other, i;
	int32_t p;

	for (k = 0; k < c->nr_order; k++) {
		i = s->order[k];
		if (s->to[i] < 0)
			continue;
		if (!l->free_only || placing_changed(c, i))
			for (p = 0; p < (int32_t)c->problem->nr_pcpus; p++)
				consider_move(l, i, p);
		for (other = k + 1; other < c->nr_order; other++)
			consider_swap(l, i, s->order[other]);
		c->steps += c->problem->nr_pcpus + c->nr_order - k;
	}
}

/* Whether items of pCPU p have business on pCPU q: when nodes are kept, in their node only. */
static bool are_partners(const struct place_problem *problem, int32_t p, int32_t q)
{
	return !problem->keep_nodes || problem->spots[p].node == problem->spots[q].node;
}

/* The fullest pCPU that is not marked as stuck. */
static int32_t fullest(const struct placing *c)
{
	const struct place_scratch *s = c->s;
	int32_t p, best = -1;

	for (p = 0; p < (int32_t)c->problem->nr_pcpus; p++)
		if (s->tried[p] != STUCK && (best < 0 || s->load_pm[p] > s->load_pm[best]))
			best = p;
	return best;
}

/* The emptiest partner of p that carries no mark. */
static int32_t emptiest(const struct placing *c, int32_t p)
{
	const struct place_scratch *s = c->s;
	int32_t q, best = -1;

	for (q = 0; q < (int32_t)c->problem->nr_pcpus; q++)
		if (!s->tried[q] && (best < 0 || s->load_pm[q] < s->load_pm[best]) &&
		    are_partners(c->problem, p, q))
			best = q;
	return best;
}

static void look_at_pair(struct local *l, int32_t full, int32_t empty)
{
	const struct place_scratch *s = l->c->s;
	unsigned long last = l->c->steps + LARGE_STEP_MAX;
	int32_t i, j;

	for (i = s->first_on[full]; i >= 0 && l->c->steps < last; i = s->next_on[i]) {
		l->c->steps++;
		if (!s->items[i].movable)
			continue;
		if (!l->free_only || placing_changed(l->c, (size_t)i))
			consider_move(l, (size_t)i, empty);
		for (j = s->first_on[empty]; j >= 0; j = s->next_on[j], l->c->steps++)
			if (s->items[j].movable)
				consider_swap(l, (size_t)i, (size_t)j);
	}
}

/*
 * A stuck pCPU stays marked from step to step until its load changes, so that a search ends after about as many turns
 * as there are full pCPUs.
 */
static void look_at_extremes(struct local *l)
{
	const struct placing *c = l->c;
	struct place_scratch *s = c->s;
	size_t pcpus = c->problem->nr_pcpus, p;
	double least = l->within ? LARGE_STEP * c->least_pm : 0;
	int32_t full, empty;
	unsigned n;

	while (l->best.i == NONE && c->steps < LARGE_STEPS) {
		full = fullest(c);
		if (full < 0 || s->load_pm[full] <= c->mean_pm ||
		    (l->within && s->load_pm[full] <= LARGE_ROOF * c->least_pm))
			return;
		for (n = 0; n < PARTNERS; n++) {
			empty = emptiest(c, full);
			if (empty < 0 || s->load_pm[full] - s->load_pm[empty] <= least)
				break;
			look_at_pair(l, full, empty);
			s->tried[empty] = PARTNER;
		}
		for (p = 0; p < pcpus; p++)
			if (s->tried[p] == PARTNER)
				s->tried[p] = 0;
		s->tried[full] = l->best.i == NONE ? STUCK : 0;
		l->c->steps += pcpus / 16 + 1;
	}
}

static void forget_marks(const struct placing *c)
{
	size_t p;

	for (p = 0; p < c->problem->nr_pcpus; p++)
		c->s->tried[p] = 0;
}

static bool find_step(struct local *l, bool free_only)
{
	l->best = (struct step){NONE, NONE, 0, 0, PLACING_ROUNDING};
	if (l->free_only != free_only)
		forget_marks(l->c);
	l->free_only = free_only;
	if (place_is_small(l->c))
		look_at_all(l);
	else
		look_at_extremes(l);
	return l->best.i != NONE;
}

static void make_step(struct placing *c, const struct step *step)
{
	c->s->tried[step->p] = c->s->tried[c->s->to[step->i]] = 0;
	if (step->j != NONE)
		placing_put(c, step->j, -1);
	placing_put(c, step->i, step->p);
	if (step->j != NONE)
		placing_put(c, step->j, step->q);
}

void place_improve(struct placing *c)
{
	struct local l = {.c = c, .weight = placing_cost_weight(c->problem)};
	size_t rounds = 4 * c->nr_order + 16;
	bool stuck = false;

	forget_marks(c);
	while (rounds--) {
		l.within = placing_within(c);
		l.by_core = l.within || stuck;
		if (find_step(&l, true) || (!l.within && find_step(&l, false))) {
			make_step(c, &l.best);
			continue;
		}
		if (l.by_core || c->nr_cores == c->problem->nr_pcpus)
			return;
		stuck = true;
	}
}

void place_undo(struct placing *c)
{
	struct place_scratch *s = c->s;
	double roof = INFINITY;
	size_t k, i;
	int32_t was, home;

	if (!place_is_small(c))
		roof = fmax(placing_highest(c), LARGE_ROOF * c->least_pm);
	for (k = c->nr_order; k-- > c->nr_floating;) {
		i = s->order[k];
		was = s->to[i];
		home = s->items[i].from;
		if (was == home || s->load_pm[home] + s->items[i].load_pm > roof)
			continue;
		placing_put(c, i, home);
		if (!placing_within(c))
			placing_put(c, i, was);
	}
}

/* How many movable items on pCPU p have their home on pCPU q. */
static unsigned at_home(const struct placing *c, int32_t p, int32_t q)
{
	unsigned n = 0;
	int32_t i;

	for (i = c->s->first_on[p]; i >= 0; i = c->s->next_on[i])
		n += c->s->items[i].movable && c->s->items[i].from == q;
	return n;
}

static void trade(struct placing *c, int32_t p, int32_t q)
{
	struct place_scratch *s = c->s;
	size_t k;

	for (k = 0; k < c->nr_order; k++) {
		if (s->to[s->order[k]] == p)
			placing_put(c, s->order[k], q);
		else if (s->to[s->order[k]] == q)
			placing_put(c, s->order[k], p);
	}
}

void place_relabel(struct placing *c)
{
	bool within = placing_within(c);
	double squares = c->squares + c->core_squares;
	int32_t p, q, pcpus = (int32_t)c->problem->nr_pcpus;

	if (!c->alike)
		return;
	for (p = 0; p < pcpus; p++)
		for (q = 0; q < pcpus; q++) {
			if (p == q || at_home(c, p, p) + at_home(c, q, q) >=
			                      at_home(c, p, q) + at_home(c, q, p))
				continue;
			trade(c, p, q);
			if (within ? !placing_within(c)
			           : c->squares + c->core_squares > squares + PLACING_ROUNDING)
				trade(c, p, q);
		}
}
