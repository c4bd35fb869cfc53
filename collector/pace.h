/* pace - the wait for the next tick, in which the service manager hears that the program lives */
#ifndef VMB_COLLECTOR_PACE_H
#define VMB_COLLECTOR_PACE_H

#include "collector/host.h"

/* As host_wait(). */
int pace_wait(struct host *h, uint64_t deadline_ns, const sigset_t *stop);

#endif
