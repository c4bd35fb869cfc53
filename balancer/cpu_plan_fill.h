/* cpu_plan_fill - a first placement at once: take the surplus from the full pCPUs, give it to the emptiest */
#ifndef VMB_BALANCER_CPU_PLAN_FILL_H
#define VMB_BALANCER_CPU_PLAN_FILL_H

#include "balancer/cpu_plan_placing.h"

/* Lift from each pCPU that is too full the heaviest vCPUs that its surplus holds. */
void place_evict(struct placing *c);

/*
 * Put each item that is nowhere on the emptiest pCPU that it may go to, the heaviest first; back to where it was when
 * there is none. n items on p pCPUs: n log p steps.
 */
void place_fill(struct placing *c);

#endif
