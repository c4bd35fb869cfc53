/* sim_work - what tasks owe, and what they get of their pCPUs */
#ifndef VMB_COLLECTOR_SIM_WORK_H
#define VMB_COLLECTOR_SIM_WORK_H

#include "collector/sim_world.h"

/* The length of a period of work: all that begin with the same phase_ns below it work at the same time. */
#define SIM_PERIOD_NS 100000000ULL

/* Owe nothing; the first period begins phase_ns from now. */
void sim_work_begin(struct sim_world *w, struct sim_task *t, uint64_t phase_ns);

/* Let all that want to run do so for a step, by the pCPUs as they are now. Does not move the clock. */
void sim_work_step(struct sim_world *w, uint64_t step_ns);

#endif
