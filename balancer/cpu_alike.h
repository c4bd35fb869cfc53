/* cpu_alike - loads that chance alone may have told apart are drawn together, as far as their errors say */
#ifndef VMB_BALANCER_CPU_ALIKE_H
#define VMB_BALANCER_CPU_ALIKE_H

#include "balancer/cpu_plan.h"

/*
 * Eight equal loads with 20 % of noise look like eight different ones after two readings, and a placement that is even
 * by these is uneven by what comes. So loads are grouped where nothing but chance stands between neighbours; in a group
 *
 *   real    = max(0, variance of the loads seen - mean of their squared errors)
 *   load_pm = mean + real / (real + error_pm²) (load_pm - mean)
 *
 * (the shrinkage of empirical Bayes; Efron and Morris 1975). error_pm shrinks along. Loads that differ by more than
 * their errors, or are known well, stay as they are, and so do guesses and groups of less than three. order[nr] is
 * overwritten.
 */
void cpu_alike(struct view_vcpu *vcpus, size_t nr, uint32_t *order);

#endif
