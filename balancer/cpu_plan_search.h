/* cpu_plan_search - the placement within the limits that needs the fewest changes, and among those the best */
#ifndef VMB_BALANCER_CPU_PLAN_SEARCH_H
#define VMB_BALANCER_CPU_PLAN_SEARCH_H

#include "balancer/place.h"

/*
 * Solve the problem that lies in s->items, s->pcpu_number and s->base_pm; the placement is left in s->to.
 * Every movable floating item gets a place. vCPUs of one guest are not put together on a pCPU while there are
 * at least as many pCPUs for it as it has vCPUs.
 *
 * Within the limits: the fewest changes; of these the least cost (see placing_cost()); of these the most even one.
 * When no placement is within the limits: the most even one, in loads of pCPUs and of cores.
 *
 * Heuristics first (evict the surplus, fill the gaps, exchange, undo what was not needed); on a small host then branch
 * and bound within problem->nodes steps, which betters or proves it.
 */
void place_search(const struct place_problem *problem, struct place_scratch *s,
                  struct place_result *result);

#endif
