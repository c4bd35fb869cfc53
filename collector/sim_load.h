/* sim_load - how busy a vCPU wants to be at a moment: a pure function of case, seed and time */
#ifndef VMB_COLLECTOR_SIM_LOAD_H
#define VMB_COLLECTOR_SIM_LOAD_H

#include "collector/case.h"

/*
 * What a task wants at t_ns since the start of the run, in per mille of a pCPU, from 0 to 1000: the load's shape times its
 * noise. `task` numbers the drawers of chance: vCPUs and threads of the host.
 */
double sim_load_pm(const struct case_file *c, const struct case_load *load, unsigned task,
                   uint64_t t_ns);

#endif
