/* cpu_plan_baselines - simple placement policies, as others have published them, to compare the plan with */
#ifndef VMB_BALANCER_CPU_PLAN_BASELINES_H
#define VMB_BALANCER_CPU_PLAN_BASELINES_H

#include "balancer/cpu_plan.h"

/*
 * All have cpu_plan()'s contract: pure, the same view in, moves and a choice out. They see the same smoothed loads, so what
 * differs is the rule alone. What is safety holds for them too: vCPUs that are not ours to move stay, none goes where it is
 * not allowed. What is judgement does not: no confirmation, rest, least gain, back-off, topology, nor leaving idle ones
 * alone. A floating vCPU counts where it ran last.
 */

/* Nothing is pinned: the kernel balances alone. */
cpu_planner baseline_none;

/* Equally many vCPUs on each pCPU, whatever they do: the surplus goes, in order, where there are fewest. */
cpu_planner baseline_count;

/*
 * When the busiest and the idlest pCPU differ by more than the limit: from one to the other the one vCPU that brings them
 * closest together. If none does, nothing.
 */
cpu_planner baseline_greedy;

/*
 * Longest processing time first (Graham, 1969), from scratch at every tick: by falling load, each to the pCPU that
 * has least so far, the first of equals.
 */
cpu_planner baseline_repack;

/*
 * While the spread is beyond the limit: of all moves of one vCPU and exchanges of two, the one that lowers the spread most.
 * Looks at all pairs of vCPUs: 50 million for 10,000.
 */
cpu_planner baseline_swap;

#endif
