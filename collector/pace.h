/* pace - the wait for the next tick, in which the service manager hears that the program lives and may ask it to reload */
#ifndef VMB_COLLECTOR_PACE_H
#define VMB_COLLECTOR_PACE_H

#include "collector/host.h"

/*
 * As host_wait(), but for a signal that asks to read the configuration again (common/stop.h): then `reload` is called, when
 * not NULL, and the wait goes on to the same deadline.
 */
int pace_wait(struct host *h, uint64_t deadline_ns, const sigset_t *stop,
              void (*reload)(void *with), void *with);

#endif
