/* cpu_plan_placing - a placement while it is worked on: its loads, spreads and changes kept in step with every step */
#ifndef VMB_BALANCER_CPU_PLAN_PLACING_H
#define VMB_BALANCER_CPU_PLAN_PLACING_H

#include "balancer/place.h"

/* Sums of squares (pm²) that differ by less differ by rounding. */
#define PLACING_ROUNDING 1e-6

/*
 * Two measures of evenness run side by side, as sums over pCPUs:
 *
 *   squares       (load of the pCPU - mean)²: the spread
 *   core_squares  (mean load of its core's pCPUs - mean)²: the same for cores
 *
 * Without SMT both are one. What is to be least is their sum: a core whose siblings are both loaded while another
 * core idles makes it larger, where the spread over pCPUs cannot tell the two.
 */
struct placing {
	const struct place_problem *problem;
	struct place_scratch *s;
	size_t nr_order,
	        nr_floating; /* of s->order: floating ones stand first, then by falling load */
	size_t nr_cores;
	bool alike; /* the movable items may go to any pCPU, and none has a mate that cannot move */
	double mean_pm;
	double least_pm;   /* the fullest pCPU cannot have less */
	double highest_pm; /* nor may it have more */
	double squares, core_squares;
	unsigned changes;
	unsigned long steps; /* places, moves and exchanges that were looked at */
};

/*
 * The spread over cores, of the mean loads of their pCPUs, weighted by their number, when the pCPUs have loads[]. As
 * their own spread without SMT. Uses the scratch.
 */
double placing_core_spread(const struct place_spot *spots, const double *loads, size_t nr_pcpus,
                           struct place_scratch *s);

/* Take up the problem: every item where it is, s->to and all sums set. */
void placing_start(struct placing *c, const struct place_problem *problem, struct place_scratch *s);

/* Put all items where to[] says; -1: nowhere yet. `to` may be s->to. */
void placing_load(struct placing *c, const int32_t *to);

/* Put item i on pCPU p; -1: nowhere. */
void placing_put(struct placing *c, size_t i, int32_t p);

/* How much squares and core_squares fall when `load` goes from pCPU a to b. */
double placing_gain(const struct placing *c, double load, int32_t a, int32_t b);
double placing_core_gain(const struct placing *c, double load, int32_t a, int32_t b);

/* The load of the fullest pCPU. */
double placing_highest(const struct placing *c);

/* Whether all limits of the problem are kept. */
bool placing_within(const struct placing *c);

/*
 * What it costs item i to be on pCPU p, besides being a change. It stays: 0. It moves: least within its core, then its
 * last-level cache, then its node, or to its guest's; most to another node. A floating one: 0, outside its guest's node
 * as much as that.
 */
unsigned placing_cost(const struct placing *c, size_t i, int32_t p);

/* One unit of cost weighs more than any difference of evenness within the band. */
double placing_cost_weight(const struct place_problem *problem);

/* Whether nodes are to be kept, and item i would leave its own on pCPU p. */
bool placing_leaves_nodes(const struct placing *c, size_t i, int32_t p);

/* Whether item i must not go to pCPU p: not allowed, another node, or a vCPU of its guest is there. */
bool placing_forbids(const struct placing *c, const int32_t *to, size_t i, int32_t p);

static inline bool placing_changed(const struct placing *c, size_t i)
{
	return c->s->to[i] != c->s->items[i].from;
}

#endif
