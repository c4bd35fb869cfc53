/* cpu_plan_goal - which placement to go for: the view as a placement problem, and how well it is to be solved */
#ifndef VMB_BALANCER_CPU_PLAN_GOAL_H
#define VMB_BALANCER_CPU_PLAN_GOAL_H

#include "balancer/cpu_plan.h"

/*
 * What a plan goes for, in this order; view->spots NULL or all -1 leaves out what needs topology:
 *
 *   1. the spread over pCPUs within the inner band, or half way between it and the limit where that saves more than one
 *      change; or else within the limit, or else the least there is. Where it is
 *      the least there is, the spread over cores counts as much: 8 busy vCPUs on 8 cores of two threads are one a core,
 *      where the spread over pCPUs cannot tell that from two a core. Within the limit cores cannot be far apart.
 *   2. guests kept in their NUMA nodes (cpu_plan_nodes.h): a vCPU goes to another node only where keeping all in theirs
 *      leaves the limit or takes two changes more
 *   3. the fewest changes
 *   4. the least cost: a move within the core, then the last-level cache, the node, another node
 *   5. the most even placement, over pCPUs and over cores
 *
 * Floating vCPUs are pinned only where that is no less even, over both, than what the kernel has made of them.
 */

/* A pCPU loaded above this is full. */
#define GOAL_FULL_PM 1000.0

/* Which vCPUs a search may move. */
struct goal_scope {
	bool resting;  /* those too that have moved just now */
	bool floating; /* those too that float */
};

/* Whether a vCPU carries load: more than an idle one, or it cannot get what it wants. */
bool goal_is_loaded(const struct cpu_policy *policy, const struct view_vcpu *v);

/* Loads are guesses: no noise excuses a pCPU that is full beside emptier ones, and nothing is to be fine-tuned by them. */
bool goal_any_guessed(const struct cpu_view *view);

/*
 * Put the view into the scratch as a placement problem. What is not ours to move, idle or out of scope stays where it is.
 * Returns how many vCPUs may move.
 */
size_t goal_set(const struct cpu_policy *policy, const struct cpu_view *view,
                struct goal_scope scope, struct place_scratch *s);

/*
 * Solve what goal_set() has put there for the same scope: the placement is left in s->to. Returns 0; or where that counts
 * on others than vCPUs going where there is room, by how much the spread will be larger if they do not.
 */
double goal_search(const struct cpu_policy *policy, const struct cpu_view *view,
                   struct goal_scope scope, const struct cpu_plan_state *state,
                   struct place_scratch *s, struct place_result *result);

/*
 * The loaded vCPUs that the placement in s->to leaves floating run where the kernel finds the emptiest pCPUs: make what
 * was found include them.
 */
void goal_add_floating(const struct cpu_policy *policy, const struct cpu_view *view,
                       struct place_scratch *s, struct place_result *found);

#endif
