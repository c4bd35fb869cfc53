/* cpu_plan_search - the placement within the limits that needs the fewest changes, and among those the best */
#include "balancer/cpu_plan_search.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "balancer/cpu_plan_exact.h"
#include "balancer/cpu_plan_fill.h"
#include "balancer/cpu_plan_local.h"
#include "balancer/cpu_plan_tidy.h"

/* Parts of the nodes, for what is asked first: is there any placement within the limits, is there a more even one. */
#define NODES_WITHIN 2
#define NODES_EVEN   2
#define NODES_FEWER  2

/*
 * So many single steps are looked at by shaking for each node of the exact search (they cost about a quarter of one),
 * with so many items sent home at a time: of 2, 3, 4, 5 and 8 the best on random hosts of 2-24 vCPUs.
 */
#define SHAKE_STEPS_PER_NODE 8
#define SHAKEN_ITEMS         4
#define SHAKE_ROUNDS         60 /* that bettered nothing end it */

static void settle(struct placing *c)
{
	if (placing_within(c)) {
		place_undo(c);
		place_improve(c);
	}
}

static void heuristics(struct placing *c)
{
	place_evict(c);
	place_fill(c);
	place_improve(c);
	settle(c);
}

/* How good a placement is: within the limits first, then few changes, then its value. */
struct score {
	bool within;
	unsigned changes;
	double value;
};

static struct score score_of(const struct placing *c)
{
	bool within = placing_within(c);

	return (struct score){within, within ? c->changes : 0, place_value(c, !within)};
}

static bool is_better(const struct score *a, const struct score *b)
{
	if (a->within != b->within)
		return a->within;
	if (a->changes != b->changes)
		return a->changes < b->changes;
	return a->value < b->value - PLACING_ROUNDING;
}

static uint32_t draw_number(uint32_t *draw, size_t below)
{
	*draw = *draw * 1664525 + 1013904223;
	return (uint32_t)((*draw >> 8) % below);
}

/* Send some home; those that have none, anywhere. */
static void shake_some(struct placing *c, uint32_t *draw)
{
	unsigned n;

	for (n = 0; n < SHAKEN_ITEMS; n++) {
		size_t i = c->s->order[draw_number(draw, c->nr_order)];
		int32_t home = c->s->items[i].from;
		int32_t p = home >= 0 ? home : (int32_t)draw_number(draw, c->problem->nr_pcpus);

		if (p == home || !placing_forbids(c, c->s->to, i, p))
			placing_put(c, i, p);
	}
}

/*
 * Shake the placement and mend it, again and again; the best is kept. The draws are a fixed series, so that the same
 * problem has the same answer.
 */
static void shake(struct placing *c, unsigned least)
{
	struct place_scratch *s = c->s;
	struct score best = score_of(c), now;
	unsigned long last = c->steps + SHAKE_STEPS_PER_NODE * (unsigned long)c->problem->nodes;
	uint32_t draw = 1;
	unsigned idle = 0;

	memcpy(s->best_to, s->to, c->problem->nr_items * sizeof(*s->to));
	while (c->steps < last && idle < SHAKE_ROUNDS && !(best.within && best.changes <= least)) {
		shake_some(c, &draw);
		place_improve(c);
		settle(c);
		now = score_of(c);
		if (is_better(&now, &best)) {
			best = now;
			idle = 0;
			memcpy(s->best_to, s->to, c->problem->nr_items * sizeof(*s->to));
		} else {
			placing_load(c, s->best_to);
			idle++;
		}
	}
}

/* Search with a part of the nodes that are left, and take over what is found. Returns true when complete. */
static bool find(struct placing *c, struct exact_aim aim, unsigned *nodes, unsigned part,
                 bool *found)
{
	unsigned mine = *nodes / part, left = mine;
	bool complete = place_exact(c, &aim, &left, found);

	*nodes -= mine - left;
	if (*found)
		placing_load(c, c->s->best_to);
	return complete;
}

/* Nothing within the limits is known: look for one; when there is none, for the most even. Returns what is proven. */
static bool come_within(struct placing *c, unsigned *nodes)
{
	bool found, complete;

	complete = find(c, (struct exact_aim){false, UINT_MAX, true, INFINITY}, nodes, NODES_WITHIN,
	                &found);
	if (!found) {
		complete &= find(c, (struct exact_aim){true, UINT_MAX, false, place_value(c, true)},
		                 nodes, NODES_EVEN, &found);
		if (found)
			place_relabel(c);
		return complete;
	}
	place_relabel(c);
	settle(c);
	return false;
}

/*
 * One within the limits is known: look for one with fewer changes, from the fewest up, for the less may change the
 * sooner it is seen to be impossible. Then for the best with so many.
 */
static bool do_with_fewer(struct placing *c, unsigned least, unsigned *nodes)
{
	bool found = false, proven = true, complete;
	unsigned n;

	for (n = least; n < c->changes && !found; n++)
		proven &= find(c, (struct exact_aim){false, n, true, INFINITY}, nodes, NODES_FEWER,
		               &found);
	complete = find(c, (struct exact_aim){false, c->changes, false, place_value(c, false)},
	                nodes, 1, &found);
	return proven && complete;
}

void place_search(const struct place_problem *problem, struct place_scratch *s,
                  struct place_result *result)
{
	double n = (double)problem->nr_pcpus;
	unsigned least, nodes = problem->nodes;
	struct placing c;

	placing_start(&c, problem, s);
	least = place_least_changes(&c);
	heuristics(&c);
	result->fewest = false;
	if (!placing_within(&c))
		result->fewest = come_within(&c, &nodes);
	if (!result->fewest && place_is_small(&c) && c.nr_order)
		shake(&c, least);
	if (placing_within(&c))
		result->fewest = do_with_fewer(&c, least, &nodes);
	placing_load(&c, s->to);
	if (problem->tidy)
		place_tidy(&c);
	result->spread_pm = sqrt(fmax(0, c.squares) / n);
	result->core_pm = sqrt(fmax(0, c.core_squares) / n);
	result->uneven_pm = sqrt(fmax(0, c.squares + c.core_squares) / (2 * n));
	result->least_changes = least;
	result->steps = c.steps + problem->nodes - nodes;
	result->within = placing_within(&c);
	result->changes = c.changes;
	result->highest_pm = placing_highest(&c);
	result->over_pm = result->highest_pm - c.least_pm;
}
