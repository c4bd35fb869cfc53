/* cpu_plan_fill - a first placement at once: take the surplus from the full pCPUs, give it to the emptiest */
#include "balancer/cpu_plan_fill.h"

#include <math.h>

/*
 * A pCPU that stands so many bands above the mean gives until it is down to the mean: that is one change more than down
 * to the band, and on a host of hundreds of pCPUs the spread alone would let one stand far out.
 */
#define FAR_BANDS 20.0

/* A last one, the lightest, where what all others leave is still above the mean by more than this part of it. */
#define FAR_REST 0.005

void place_evict(struct placing *c)
{
	struct place_scratch *s = c->s;
	double band = c->problem->band_pm, spare, load;
	size_t k, i, p;

	for (p = 0; p < c->problem->nr_pcpus; p++)
		s->tried[p] = s->load_pm[p] - c->mean_pm > FAR_BANDS * band;
	for (k = c->nr_floating; k < c->nr_order; k++) {
		i = s->order[k];
		p = (size_t)s->to[i];
		spare = s->tried[p] ? 0 : band;
		load = s->items[i].load_pm;
		if (s->load_pm[p] - c->mean_pm > spare &&
		    load <= s->load_pm[p] - c->mean_pm + spare)
			placing_put(c, i, -1);
	}
	for (k = c->nr_order; k-- > c->nr_floating;) {
		i = s->order[k];
		p = (size_t)s->items[i].from;
		if (s->tried[p] && s->to[i] >= 0 &&
		    s->load_pm[p] > (1 + FAR_REST) * fmax(c->mean_pm, s->items[i].load_pm))
			placing_put(c, i, -1);
	}
}

/* What a further load adds to the sums of squares grows with this. */
static double fullness(const struct place_scratch *s, uint32_t p)
{
	return s->load_pm[p] + s->core_pm[s->core_of[p]] / s->threads[s->core_of[p]];
}

static bool is_emptier(const struct place_scratch *s, uint32_t p, uint32_t q)
{
	double a = fullness(s, p), b = fullness(s, q);

	return a < b || (a == b && p < q);
}

static void play(struct place_scratch *s, size_t node)
{
	uint32_t left = s->tree[2 * node], right = s->tree[2 * node + 1];

	s->tree[node] = is_emptier(s, left, right) ? left : right;
}

static void build(struct placing *c)
{
	const struct place_spot *spots = c->problem->spots;
	size_t n = c->problem->nr_pcpus, k;
	int32_t *node = c->s->tree_node;

	for (k = 0; k < n; k++) {
		c->s->tree[n + k] = (uint32_t)k;
		node[n + k] = spots ? spots[k].node : -1;
	}
	for (k = n; --k > 0;) {
		play(c->s, k);
		node[k] = node[2 * k] == node[2 * k + 1] ? node[2 * k] : -1;
	}
}

/* The load of p and its siblings' core has changed. */
static void replay(struct placing *c, uint32_t p)
{
	uint32_t q = p;
	size_t k;

	do {
		for (k = (c->problem->nr_pcpus + q) / 2; k > 0; k /= 2, c->steps++)
			play(c->s, k);
		q = c->s->sibling[q];
	} while (q != p);
}

/* The emptiest pCPU below a node of the tournament that item i may go to, if it is emptier than *best. */
static void look(struct placing *c, size_t i, size_t node, int32_t *best)
{
	const struct place_scratch *s = c->s;
	uint32_t winner = s->tree[node];
	size_t first;

	c->steps++;
	if (s->tree_node[node] >= 0 && placing_leaves_nodes(c, i, (int32_t)winner))
		return;
	if (*best >= 0 && !is_emptier(s, winner, (uint32_t)*best))
		return;
	if (!placing_forbids(c, s->to, i, (int32_t)winner)) {
		*best = (int32_t)winner;
		return;
	}
	if (node >= c->problem->nr_pcpus)
		return;
	first = s->tree[2 * node] == winner ? 2 * node : 2 * node + 1;
	look(c, i, first, best);
	look(c, i, first ^ 1, best);
}

void place_fill(struct placing *c)
{
	struct place_scratch *s = c->s;
	int32_t best;
	size_t k, i;

	build(c);
	for (k = 0; k < c->nr_order; k++) {
		i = s->order[k];
		if (s->to[i] >= 0)
			continue;
		best = s->items[i].from;
		look(c, i, 1, &best);
		if (best < 0)
			continue;
		placing_put(c, i, best);
		replay(c, (uint32_t)best);
	}
}
