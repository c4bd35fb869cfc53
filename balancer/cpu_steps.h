/* cpu_steps - whether the loads are others than they were, for good and not by our own moves */
#ifndef VMB_BALANCER_CPU_STEPS_H
#define VMB_BALANCER_CPU_STEPS_H

#include "balancer/cpu_estimate.h"

/* A load that differs by so much is another one: ten points, more than siblings and full pCPUs make of one in the long run. */
#define CPU_STEP_PM 100.0

/* In an update a level has stepped: from now on it is seen whether it stays there. */
void cpu_steps_begin(const struct cpu_estimate *est, struct cpu_step *step, double before_pm);

/*
 * Once an update, when its loads are in the view: true in the update that knows of one of these.
 *   - a load of a vCPU, or what else runs on a pCPU, has stepped by CPU_STEP_PM and stayed there for twenty updates; one that has just
 *     come counts from nothing. Not in the first ten after a move of ours, which makes loads look other: siblings slow each
 *     other down, full pCPUs hide what is wanted.
 *   - it has drifted as far from what it was when its level had settled after the last move
 *   - pCPUs have come or gone, or vCPUs with such a load have gone
 */
bool cpu_steps(struct cpu_estimate *est);

#endif
