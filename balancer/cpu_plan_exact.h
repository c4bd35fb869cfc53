/* cpu_plan_exact - branch and bound over the sets that pCPUs may hold: prove or better a placement of a small host */
#ifndef VMB_BALANCER_CPU_PLAN_EXACT_H
#define VMB_BALANCER_CPU_PLAN_EXACT_H

#include "balancer/cpu_plan_placing.h"

/* Above these nothing is proven: the steps would not reach far. */
#define EXACT_MOST_ITEMS 64
#define EXACT_MOST_PCPUS 32

/* What is looked for, besides the limits of the problem. */
struct exact_aim {
	bool any_spread;  /* the limits of evenness do not count */
	unsigned changes; /* so many at most, floating ones included; UINT_MAX: any number */
	bool first; /* the first placement will do; else the best: the least cost, then the most even */
	double to_beat; /* by place_value(); INFINITY for a first one */
};

/*
 * Search, in *nodes steps at most, which are counted down. Returns true when the search was complete: then a placement
 * within the aim exists only if *found. When found it is in s->best_to; c and s->to are as they were.
 */
bool place_exact(const struct placing *c, const struct exact_aim *aim, unsigned *nodes,
                 bool *found);

/* What the exact search makes least: cost (none when any_spread), then squares + core_squares. */
double place_value(const struct placing *c, bool any_spread);

/* A number of changes below which no placement comes within the limits; c as placing_start() left it. Any size. */
unsigned place_least_changes(const struct placing *c);

#endif
