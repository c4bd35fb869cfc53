/* cpu_plan_local - better a placement by single steps: moves, exchanges, and taking back what was not needed */
#ifndef VMB_BALANCER_CPU_PLAN_LOCAL_H
#define VMB_BALANCER_CPU_PLAN_LOCAL_H

#include "balancer/cpu_plan_placing.h"

/* Even out at no cost; then, while the limits are not kept, at the cost of further changes. */
void place_improve(struct placing *c);

/* Send back home what the limits do not need elsewhere, the least useful first. */
void place_undo(struct placing *c);

/* Let pCPUs that are alike trade all that they have where that leaves more items at home. */
void place_relabel(struct placing *c);

/* Whether the host is small enough for all pairs to be looked at; above, it is the fullest with the emptiest. */
bool place_is_small(const struct placing *c);

#endif
