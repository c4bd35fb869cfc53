/* cpu_plan_tidy - of equal vCPUs, which goes where: those of a guest apart, and in one NUMA node */
#ifndef VMB_BALANCER_CPU_PLAN_TIDY_H
#define VMB_BALANCER_CPU_PLAN_TIDY_H

#include "balancer/cpu_plan_placing.h"

/*
 * Let vCPUs of about the same load exchange their places where that parts two of a guest that share a pCPU, or brings
 * more of a guest into one node; the first counts more. It adds no change and leaves no limit; where the limits are not
 * kept it makes nothing less even. What is untidy is compared with so many neighbours by load, so n items take n steps,
 * times the size of a guest.
 */
void place_tidy(struct placing *c);

#endif
