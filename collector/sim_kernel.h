/* sim_kernel - where the host's kernel lets a task run that may run on several pCPUs */
#ifndef VMB_COLLECTOR_SIM_KERNEL_H
#define VMB_COLLECTOR_SIM_KERNEL_H

#include "collector/sample.h"

/* A pCPU as the kernel's balancing sees it. */
struct kernel_pcpu {
	bool online;
	bool isolated;       /* left out of balancing: only for tasks that may run nowhere else */
	unsigned first, end; /* its core: pCPUs first .. end - 1 */
	double load;         /* weights of all that want to run here */
};

/*
 * The pCPU for a task that wants to run: among those allowed the one with the least load, of these the one whose core has
 * the least, of these `last` where it ran before, else the first after it (around the end). -1 when none is allowed and
 * online. The task's own weight must not be in the loads.
 */
int kernel_choose(const struct kernel_pcpu *pcpus, size_t nr, const struct cpuset *allowed,
                  int last);

/* The load of the other pCPUs of its core. */
double kernel_siblings_load(const struct kernel_pcpu *pcpus, size_t pcpu);

/*
 * Whether a task that wants to run on pCPU `from` (its weight is in that load) is better off on pCPU `to`: where it waits for
 * fewer, or where the same number waits and no sibling is in the way.
 */
bool kernel_is_better(const struct kernel_pcpu *pcpus, size_t from, size_t to, double weight);

#endif
