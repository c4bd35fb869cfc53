/* cpu_means - what loads are on average, for a plan that acts have not helped */
#ifndef VMB_BALANCER_CPU_MEANS_H
#define VMB_BALANCER_CPU_MEANS_H

#include "balancer/cpu_estimate.h"

/*
 * Once an update, when its loads are in the view: learn from them, and where est->by_means says so put means over 64 updates in
 * their place. What else runs on a pCPU is a load as well.
 */
void cpu_means(struct cpu_estimate *est);

#endif
