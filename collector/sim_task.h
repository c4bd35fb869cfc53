/* sim_task - on which pCPU each task runs: waking, pins, the kernel's balancing */
#ifndef VMB_COLLECTOR_SIM_TASK_H
#define VMB_COLLECTOR_SIM_TASK_H

#include "collector/sim_world.h"

/* It owes work from now on: it wants a pCPU, and gets one to wait for. The other: it owes none, or is not there. */
void sim_task_wake(struct sim_world *w, struct sim_task *t);
void sim_task_sleep(struct sim_world *w, struct sim_task *t);

/*
 * After its pCPUs or those of the host have changed: go to one that is left. One that has none left may run on all, as the
 * kernel does it.
 */
void sim_task_settle(struct sim_world *w, struct sim_task *t);

/* Let it run on these pCPUs only; at least one must be online. A sleeping one shows where it ran last until it wakes. */
void sim_task_allow(struct sim_world *w, struct sim_task *t, const struct cpuset *pcpus);

/* What the kernel does for those that wait and may run elsewhere; once a step. */
void sim_tasks_balance(struct sim_world *w);

#endif
