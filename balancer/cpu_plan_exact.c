/* cpu_plan_exact - branch and bound over the sets that pCPUs may hold: prove or better a placement of a small host */
#include "balancer/cpu_plan_exact.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/*
 * pCPUs are filled one after the other: with each, some of the items that are left are chosen to stay or to come. What
 * the filled ones leave of the limits bounds the load of the next one from both sides, which cuts off most sets early.
 */
struct dive {
	const struct placing *c;
	const struct exact_aim *aim;
	unsigned *nodes;
	double limit; /* of the sum of squares */
	double highest_pm;
	unsigned moves; /* of pinned ones that are allowed */
	bool free;      /* any number is; then home means nothing */
	bool smt;
	double weight; /* of a unit of cost */
	double best;   /* value to beat */
	bool found;
	uint8_t order[EXACT_MOST_ITEMS]; /* into s->order, by falling load */
	uint8_t pcpu[EXACT_MOST_PCPUS];  /* in the order in which they are filled */
	int32_t *trial;
};

/* Where the dive stands: pcpu[0 .. level) are filled. */
struct stand {
	size_t level;
	uint64_t placed;     /* items, by place in dive.order */
	double squares, off; /* of the filled ones */
	double cost;
	unsigned moved;
};

/* The items left to a pCPU, those at home first. */
struct choice {
	uint8_t item[EXACT_MOST_ITEMS]; /* by place in dive.order */
	size_t nr;
	double low, high; /* bounds of the load */
};

static const struct place_item *item_at(const struct dive *d, size_t k)
{
	return &d->c->s->items[d->c->s->order[d->order[k]]];
}

static size_t number_of(const struct dive *d, size_t k)
{
	return d->c->s->order[d->order[k]];
}

/* The sum of squares that must not be exceeded for the value to be better than the best. */
static double limit_now(const struct dive *d, const struct stand *s)
{
	double part = d->smt ? 1 : 0.5; /* without SMT both sums of squares are the same */

	return fmin(d->limit, part * (d->best - d->weight * s->cost));
}

/* How far below and above the mean the next pCPU may end, when the others make the best of the rest. */
static bool range(const struct dive *d, const struct stand *s, double *low, double *high)
{
	double others = (double)(d->c->problem->nr_pcpus - s->level - 1);
	double left = limit_now(d, s) + PLACING_ROUNDING - s->squares, root;

	if (left < 0)
		return false;
	if (!isfinite(left)) {
		*low = -INFINITY;
		*high = INFINITY;
	} else if (others == 0) {
		*high = sqrt(left);
		*low = -*high;
	} else {
		/* x² + (off + x)² / others <= left */
		root = others * (left * (others + 1) - s->off * s->off);
		if (root < 0)
			return false;
		*low = (-s->off - sqrt(root)) / (others + 1);
		*high = (-s->off + sqrt(root)) / (others + 1);
	}
	if (isfinite(d->highest_pm)) {
		*high = fmin(*high, d->highest_pm - d->c->mean_pm);
		*low = fmax(*low, -s->off - others * (d->highest_pm - d->c->mean_pm));
	}
	return *low <= *high;
}

/* Moves that the pCPUs still to be filled cannot do without, besides those made. */
static unsigned least_moves(const struct dive *d, const struct stand *s)
{
	const struct placing *c = d->c;
	size_t pcpus = c->problem->nr_pcpus, b, k;
	double rest = (double)(pcpus - s->level), heaviest = 0, far, middle, low, high;
	double left = fmax(0, limit_now(d, s) + PLACING_ROUNDING - s->squares);
	double home[EXACT_MOST_PCPUS] = {0}, spare[EXACT_MOST_PCPUS];
	uint8_t place[EXACT_MOST_PCPUS];
	unsigned waiting = 0, floating = 0, leave = 0, come = 0;

	/* One deviation x and -(off + x) shared by the others. */
	far = rest > 1 ? sqrt(left * (rest - 1) / rest) : sqrt(left);
	middle = c->mean_pm - s->off / rest;
	low = middle - far - PLACING_ROUNDING;
	high = fmin(middle + far, d->highest_pm) + PLACING_ROUNDING;
	memset(place, UINT8_MAX, sizeof(place));
	for (b = s->level; b < pcpus; b++) {
		place[d->pcpu[b]] = (uint8_t)b;
		home[b] = c->s->fixed_pm[d->pcpu[b]];
	}
	for (k = 0; k < c->nr_order; k++) {
		const struct place_item *item = item_at(d, k);

		if (s->placed >> k & 1)
			continue;
		heaviest = fmax(heaviest, item->load_pm);
		if (item->from < 0)
			floating++;
		else if (place[item->from] == UINT8_MAX)
			waiting++;
		else
			home[place[item->from]] += item->load_pm;
	}
	memcpy(spare, home, sizeof(spare));
	for (k = 0; k < c->nr_order; k++) {
		const struct place_item *item = item_at(d, k);

		if (s->placed >> k & 1 || item->from < 0 || place[item->from] == UINT8_MAX)
			continue;
		b = place[item->from];
		leave += spare[b] > high;
		spare[b] -= spare[b] > high ? item->load_pm : 0;
	}
	for (b = s->level; b < pcpus && heaviest > 0; b++)
		if (home[b] < low)
			come += (unsigned)ceil((low - home[b]) / heaviest);
	come = come > floating ? come - floating : 0;
	return waiting + leave > come ? waiting + leave : come;
}

double place_value(const struct placing *c, bool any_spread)
{
	double cost = 0;
	size_t k;

	for (k = 0; k < c->nr_order && !any_spread; k++)
		cost += placing_cost(c, c->s->order[k], c->s->to[c->s->order[k]]);
	return cost * placing_cost_weight(c->problem) + c->squares + c->core_squares;
}

/* All pCPUs are filled: is it better than the best? Returns whether the search may end. */
static bool finish(struct dive *d, const struct stand *s)
{
	const struct placing *c = d->c;
	const struct place_problem *problem = c->problem;
	double cores = s->squares, value, uneven = problem->uneven_pm;
	double sum[EXACT_MOST_PCPUS] = {0};
	size_t k, n = problem->nr_pcpus;

	if (d->smt) {
		for (k = 0; k < n; k++)
			sum[c->s->core_of[k]] += c->s->fixed_pm[k] - c->mean_pm;
		for (k = 0; k < c->nr_order; k++)
			sum[c->s->core_of[d->trial[number_of(d, k)]]] += item_at(d, k)->load_pm;
		for (cores = 0, k = 0; k < c->nr_cores; k++)
			cores += sum[k] * sum[k] / c->s->threads[k];
	}
	if (!d->aim->any_spread && uneven > 0 &&
	    s->squares + cores > 2 * uneven * uneven * (double)n + PLACING_ROUNDING)
		return false;
	value = d->weight * s->cost + s->squares + cores;
	if (value >= d->best - PLACING_ROUNDING)
		return false;
	d->best = value;
	d->found = true;
	memcpy(c->s->best_to, d->trial, problem->nr_items * sizeof(*d->trial));
	return d->aim->first;
}

static bool fill_next(struct dive *d, const struct stand *s);

/* Decide on the items from the k-th on; `rest` is what they could add. Returns whether the search may end. */
static bool choose(struct dive *d, const struct stand *s, const struct choice *ch, size_t k,
                   double load, double rest)
{
	int32_t p = d->pcpu[s->level];
	const struct place_item *item;
	struct stand next = *s;
	bool home, first_in;
	unsigned turn;
	size_t i;

	if (!*d->nodes)
		return true;
	--*d->nodes;
	if (load + rest < ch->low)
		return false;
	if (k == ch->nr) {
		next.level++;
		next.squares += (load - d->c->mean_pm) * (load - d->c->mean_pm);
		next.off += load - d->c->mean_pm;
		return fill_next(d, &next);
	}
	item = item_at(d, ch->item[k]);
	i = number_of(d, ch->item[k]);
	rest -= item->load_pm;
	home = item->from == p;
	first_in = d->free || home;
	for (turn = 0; turn < 2; turn++) {
		if (first_in == (turn == 1)) {
			if (choose(d, s, ch, k + 1, load, rest))
				return true;
			continue;
		}
		if (load + item->load_pm > ch->high ||
		    (!home && (s->moved + (item->from >= 0) > d->moves ||
		               placing_forbids(d->c, d->trial, i, p))))
			continue;
		next = *s;
		next.placed |= 1ULL << ch->item[k];
		next.moved += !home && item->from >= 0;
		next.cost += d->weight > 0 ? placing_cost(d->c, i, p) : 0;
		d->trial[i] = p;
		if (choose(d, &next, ch, k + 1, load + item->load_pm, rest))
			return true;
		d->trial[i] = -1;
	}
	return false;
}

/* Whether this pCPU and all that follow could trade everything. */
static bool alike_from_here(const struct dive *d, size_t level)
{
	const double *fixed = d->c->s->fixed_pm;
	size_t b;

	if (!d->free || !d->c->alike || (!d->aim->first && (d->smt || d->c->problem->spots)))
		return false;
	for (b = level + 1; b < d->c->problem->nr_pcpus; b++)
		if (fixed[d->pcpu[b]] != fixed[d->pcpu[level]])
			return false;
	return true;
}

static bool fill_next(struct dive *d, const struct stand *s)
{
	const struct placing *c = d->c;
	struct choice ch = {.nr = 0};
	double rest = 0, load, low, high;
	struct stand next = *s;
	unsigned turn;
	bool ended;
	size_t k;
	int32_t p;

	if (s->level == c->problem->nr_pcpus)
		return finish(d, s);
	if (!range(d, s, &low, &high))
		return false;
	if (!d->free && s->moved + least_moves(d, s) > d->moves)
		return false;
	p = d->pcpu[s->level];
	load = c->s->fixed_pm[p];
	for (turn = 0; turn < 2; turn++)
		for (k = 0; k < c->nr_order; k++) {
			bool home = !d->free && item_at(d, k)->from == p;

			if (s->placed >> k & 1 || home != (turn == 0))
				continue;
			ch.item[ch.nr++] = (uint8_t)k;
			rest += item_at(d, k)->load_pm;
		}
	ch.low = c->mean_pm + low - PLACING_ROUNDING;
	ch.high = c->mean_pm + high + PLACING_ROUNDING;
	if (s->level + 1 == c->problem->nr_pcpus) /* the last one takes all */
		ch.low = fmax(ch.low, load + rest - PLACING_ROUNDING);
	if (!ch.nr || !alike_from_here(d, s->level))
		return choose(d, s, &ch, 0, load, rest);
	/* Of pCPUs that are alike one has the heaviest that is left: let it be this one. */
	k = number_of(d, ch.item[0]);
	if (load + c->s->items[k].load_pm > ch.high)
		return false;
	next.placed |= 1ULL << ch.item[0];
	d->trial[k] = p;
	ended = choose(d, &next, &ch, 1, load + c->s->items[k].load_pm,
	               rest - c->s->items[k].load_pm);
	d->trial[k] = -1;
	return ended;
}

/* Heaviest items first; pCPUs first that are furthest from where they should be. */
static void set_orders(struct dive *d)
{
	const struct placing *c = d->c;
	const struct place_scratch *s = c->s;
	double off[EXACT_MOST_PCPUS];
	size_t k, j, n = c->problem->nr_pcpus;
	uint8_t t;

	for (k = 0; k < n; k++)
		off[k] = s->fixed_pm[k];
	for (k = 0; k < c->nr_order; k++) {
		const struct place_item *item = &s->items[s->order[k]];

		if (!d->free && item->from >= 0)
			off[item->from] += item->load_pm;
		t = (uint8_t)k;
		for (j = k; j && s->items[s->order[d->order[j - 1]]].load_pm < item->load_pm; j--)
			d->order[j] = d->order[j - 1];
		d->order[j] = t;
	}
	for (k = 0; k < n; k++) {
		if (!d->free)
			off[k] = fabs(off[k] - c->mean_pm);
		for (j = k; j && off[d->pcpu[j - 1]] < off[k]; j--)
			d->pcpu[j] = d->pcpu[j - 1];
		d->pcpu[j] = (uint8_t)k;
	}
}

static void set_limits(struct dive *d)
{
	const struct place_problem *problem = d->c->problem;

	d->limit = problem->band_pm * problem->band_pm * (double)problem->nr_pcpus;
	d->highest_pm = d->c->highest_pm;
	if (d->aim->any_spread)
		d->limit = d->highest_pm = INFINITY;
	d->weight = d->aim->any_spread || !problem->spots ? 0 : placing_cost_weight(problem);
	d->free = d->aim->changes >= d->c->nr_order;
	d->moves = d->aim->changes - (unsigned)d->c->nr_floating;
	d->smt = d->c->nr_cores < problem->nr_pcpus;
	d->best = d->aim->to_beat;
}

bool place_exact(const struct placing *c, const struct exact_aim *aim, unsigned *nodes, bool *found)
{
	struct dive d = {.c = c, .aim = aim, .nodes = nodes, .trial = c->s->trial};
	struct stand start = {0};
	size_t i;

	*found = false;
	if (c->nr_order > EXACT_MOST_ITEMS || c->problem->nr_pcpus > EXACT_MOST_PCPUS)
		return false;
	if (aim->changes < c->nr_floating)
		return true;
	set_limits(&d);
	set_orders(&d);
	for (i = 0; i < c->problem->nr_items; i++)
		d.trial[i] = c->s->items[i].movable ? -1 : c->s->items[i].from;
	fill_next(&d, &start);
	*found = d.found;
	return *nodes > 0;
}

unsigned place_least_changes(const struct placing *c)
{
	const struct place_problem *problem = c->problem;
	const struct place_scratch *s = c->s;
	/* One value among n cannot be further from the mean than sqrt(n - 1) deviations. */
	double far = problem->band_pm * sqrt((double)problem->nr_pcpus - 1) + PLACING_ROUNDING;
	double high = fmin(c->mean_pm + far, c->highest_pm);
	unsigned leave = 0, come = 0, floating = (unsigned)c->nr_floating;
	size_t k, p;

	for (p = 0; p < problem->nr_pcpus; p++) {
		s->work_pm[p] = s->load_pm[p];
		come += s->load_pm[p] < c->mean_pm - far;
	}
	for (k = c->nr_floating; k < c->nr_order; k++) {
		const struct place_item *item = &s->items[s->order[k]];

		if (s->work_pm[item->from] <= high)
			continue;
		s->work_pm[item->from] -= item->load_pm;
		leave++;
	}
	come = come > floating ? come - floating : 0;
	return floating + (leave > come ? leave : come);
}
