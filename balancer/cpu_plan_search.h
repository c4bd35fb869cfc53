/* cpu_plan_search - the placement within a band that needs the fewest changes, and among those the most even */
#ifndef VMB_BALANCER_CPU_PLAN_SEARCH_H
#define VMB_BALANCER_CPU_PLAN_SEARCH_H

#include "balancer/place.h"

/*
 * Solve the problem that lies in s->items, s->pcpu_number and s->base_pm; the placement is left in s->to.
 * Every movable floating item gets a place. vCPUs of one guest are not put together on a pCPU while the host has
 * at least as many pCPUs as the guest has vCPUs. Heuristics first (evict the surplus, fill the gaps, exchange,
 * undo what was not needed), then a lower bound on the number of changes that often proves the result, and branch
 * and bound within problem->nodes for the rest.
 */
void place_search(const struct place_problem *problem, struct place_scratch *s,
                  struct place_result *result);

/* The load of each pCPU under placement `to`, into loads[nr_pcpus]. */
void place_loads(const struct place_problem *problem, const struct place_scratch *s,
                 const int32_t *to, double *loads);

/* Changes that placement `to` makes: vCPUs moved, and floating ones placed. */
unsigned place_changes(const struct place_problem *problem, const struct place_scratch *s,
                       const int32_t *to);

/* True when item i must not go to pCPU p under placement `to`: not allowed, or a vCPU of its guest is there. */
bool place_forbidden(const struct place_problem *problem, const struct place_scratch *s,
                     const int32_t *to, size_t i, int32_t p);

#endif
