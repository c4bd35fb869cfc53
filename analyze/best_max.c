/* best_max - the least load of the fullest pCPU that any placement of vCPUs gives */
#include "analyze/best_max.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Pairs of items that the moves and swaps after the greedy placement may look at: 10 ms. */
#define GREEDY_PAIRS 2000000

struct search {
	const struct best_problem *p;
	double *loads;
	double best;    /* to beat */
	double least;   /* no placement has less */
	unsigned steps; /* that are left */
};

static int by_falling_load(const void *a, const void *b)
{
	double x = ((const struct best_item *)a)->load_pct,
	       y = ((const struct best_item *)b)->load_pct;

	return (x < y) - (x > y);
}

static bool may_go(const struct best_problem *p, const struct best_item *item, size_t pcpu)
{
	return !item->allowed || cpuset_has(item->allowed, p->pcpus[pcpu]) ||
	       item->on == (int32_t)pcpu;
}

/*
 * Of the km + 1 largest items k + 1 meet on one of m pCPUs, and these weigh no less than the k + 1 smallest of them.
 * Items in falling order.
 */
static double pigeonholes(size_t nr_pcpus, const struct best_item *items, size_t nr_items)
{
	double most = 0, sum;
	size_t k, i;

	for (k = 0; k * nr_pcpus < nr_items; k++) {
		sum = 0;
		for (i = k * nr_pcpus - k; i <= k * nr_pcpus; i++)
			sum += items[i].load_pct;
		most = fmax(most, sum);
	}
	return most;
}

/* How high a sum of loads stands above the bases when it is spread as water would. */
static double level(const struct best_problem *p, double sum)
{
	double low = 0, high = sum, room;
	size_t i;
	int n;

	for (i = 0; i < p->nr_pcpus; i++)
		high = fmax(high, p->base_pct[i] + sum);
	for (n = 0; n < 60; n++) {
		double middle = (low + high) / 2;

		for (room = 0, i = 0; i < p->nr_pcpus; i++)
			room += fmax(0, middle - p->base_pct[i]);
		if (room < sum)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static double lower_bound(const struct best_problem *p)
{
	double sum = 0, least_base = INFINITY, bound = 0, least;
	size_t i, n;

	for (i = 0; i < p->nr_pcpus; i++) {
		least_base = fmin(least_base, p->base_pct[i]);
		bound = fmax(bound, p->base_pct[i]);
	}
	for (n = 0; n < p->nr_items; n++) {
		sum += p->items[n].load_pct;
		least = INFINITY;
		for (i = 0; i < p->nr_pcpus; i++)
			if (may_go(p, &p->items[n], i))
				least = fmin(least, p->base_pct[i]);
		assert(isfinite(least));
		bound = fmax(bound, least + p->items[n].load_pct);
	}
	bound = fmax(bound, least_base + pigeonholes(p->nr_pcpus, p->items, p->nr_items));
	return fmax(bound, level(p, sum));
}

static double fullest(const struct best_problem *p, const double *loads)
{
	double most = 0;
	size_t i;

	for (i = 0; i < p->nr_pcpus; i++)
		most = fmax(most, loads[i]);
	return most;
}

/* Each item to the emptiest pCPU that it may go to, the largest first. */
static void fill(const struct best_problem *p, double *loads)
{
	size_t i, n, to;

	for (n = 0; n < p->nr_items; n++) {
		to = SIZE_MAX;
		for (i = 0; i < p->nr_pcpus; i++)
			if (may_go(p, &p->items[n], i) && (to == SIZE_MAX || loads[i] < loads[to]))
				to = i;
		p->items[n].at = (int32_t)to;
		loads[to] += p->items[n].load_pct;
	}
}

/* An item leaves the fullest pCPU for another, perhaps in exchange for one that is there. */
struct step {
	struct best_item *item, *back; /* NULL: there is none */
	size_t to;
	double most; /* the higher load of the two pCPUs then */
};

static void consider(const struct best_problem *p, const double *loads, size_t full,
                     struct best_item *item, struct best_item *back, size_t to, struct step *best)
{
	double shift = item->load_pct - (back ? back->load_pct : 0);
	double most = fmax(loads[full] - shift, loads[to] + shift);

	if (most >= best->most || !may_go(p, item, to) || (back && !may_go(p, back, full)))
		return;
	*best = (struct step){item, back, to, most};
}

static bool relieve(const struct best_problem *p, double *loads)
{
	struct step best = {.most = fullest(p, loads) - 1e-6};
	size_t full = 0, i, n, m;
	double shift;

	while (loads[full] < best.most)
		full++;
	for (n = 0; n < p->nr_items; n++) {
		if (p->items[n].at != (int32_t)full)
			continue;
		for (i = 0; i < p->nr_pcpus; i++)
			if (i != full)
				consider(p, loads, full, &p->items[n], NULL, i, &best);
		for (m = 0; m < p->nr_items; m++)
			if (p->items[m].at != (int32_t)full)
				consider(p, loads, full, &p->items[n], &p->items[m],
				         (size_t)p->items[m].at, &best);
	}
	if (!best.item)
		return false;
	shift = best.item->load_pct - (best.back ? best.back->load_pct : 0);
	loads[full] -= shift;
	loads[best.to] += shift;
	best.item->at = (int32_t)best.to;
	if (best.back)
		best.back->at = (int32_t)full;
	return true;
}

static double greedy(const struct best_problem *p, double *loads, double least)
{
	size_t rounds = GREEDY_PAIRS / (p->nr_items * p->nr_items / p->nr_pcpus + 1);

	fill(p, loads);
	while (rounds-- && fullest(p, loads) > least + BEST_PCT)
		if (!relieve(p, loads))
			break;
	return fullest(p, loads);
}

/* What is still to come fits below the best that is known. */
static bool has_room(const struct search *x, double rest)
{
	double room = 0;
	size_t i;

	for (i = 0; i < x->p->nr_pcpus && room < rest; i++)
		room += fmax(0, x->best - x->loads[i]);
	return room >= rest;
}

/* Another pCPU stood where this one stands, and none of the items tells the two apart. */
static bool was_tried(const struct search *x, size_t pcpu, bool alike)
{
	size_t i;

	for (i = 0; alike && i < pcpu; i++)
		if (x->loads[i] == x->loads[pcpu])
			return true;
	return false;
}

static void place_from(struct search *x, size_t n, double rest, bool alike)
{
	const struct best_item *item = &x->p->items[n];
	size_t i;

	if (n == x->p->nr_items) {
		x->best = fullest(x->p, x->loads);
		return;
	}
	if (!x->steps || !has_room(x, rest))
		return;
	x->steps -= x->steps < x->p->nr_pcpus ? x->steps : (unsigned)x->p->nr_pcpus;
	for (i = 0; i < x->p->nr_pcpus && x->best > x->least + BEST_PCT; i++) {
		if (x->loads[i] + item->load_pct >= x->best - BEST_PCT || !may_go(x->p, item, i) ||
		    was_tried(x, i, alike))
			continue;
		x->loads[i] += item->load_pct;
		place_from(x, n + 1, rest - item->load_pct, alike);
		x->loads[i] -= item->load_pct;
	}
}

struct best best_max(const struct best_problem *p, double *loads)
{
	struct search x = {.p = p, .loads = loads, .steps = p->steps};
	double rest = 0;
	bool alike = true;
	size_t i;

	qsort(p->items, p->nr_items, sizeof(*p->items), by_falling_load);
	x.least = lower_bound(p);
	for (i = 0; i < p->nr_pcpus; i++)
		loads[i] = p->base_pct[i];
	x.best = fmin(p->reached_pct, greedy(p, loads, x.least));
	for (i = 0; i < p->nr_pcpus; i++)
		loads[i] = p->base_pct[i];
	for (i = 0; i < p->nr_items; i++) {
		rest += p->items[i].load_pct;
		alike = alike && !p->items[i].allowed;
	}
	place_from(&x, 0, rest, alike);
	if (x.best <= x.least + BEST_PCT || x.steps)
		return (struct best){x.best, true};
	return (struct best){x.least, false};
}

double best_max_bound(size_t nr_pcpus, double sum_pct, struct best_item *items, size_t nr_items)
{
	size_t i;

	qsort(items, nr_items, sizeof(*items), by_falling_load);
	for (i = 0; i < nr_items; i++)
		sum_pct += items[i].load_pct;
	return fmax(sum_pct / (double)nr_pcpus, pigeonholes(nr_pcpus, items, nr_items));
}
