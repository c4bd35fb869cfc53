/* libvirt_stats - the statistics that enter a guest's monitor, fetched by a worker so that nobody waits for them */
#ifndef VMB_COLLECTOR_LIBVIRT_STATS_H
#define VMB_COLLECTOR_LIBVIRT_STATS_H

#include <libvirt/libvirt.h>

#include "collector/host.h"

struct libvirt_stats;

/* Start the worker thread. NULL when there is no memory or no thread. */
struct libvirt_stats *libvirt_stats_new(void);

/*
 * Stop the worker and free all. A worker that hangs in a call is left behind with what it holds: it cannot be
 * ended, and it touches nothing of ours when it comes back.
 */
void libvirt_stats_free(struct libvirt_stats *w);

/* Ask for what enum sample_late names. While an earlier request is still under way nothing is asked. */
void libvirt_stats_request(struct libvirt_stats *w, virConnectPtr connection, unsigned late);

/*
 * Wait for the answer to the last request until deadline_ns (CLOCK_MONOTONIC) and put it into the sample's guests
 * and vCPUs. Returns 0, also when nothing was asked; -ETIMEDOUT when it did not come.
 */
int libvirt_stats_collect(struct libvirt_stats *w, uint64_t deadline_ns, struct sample *s,
                          struct error *e);

#endif
