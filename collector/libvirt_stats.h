/* libvirt_stats - the statistics that enter a guest's monitor, fetched so that one guest that hangs costs its own alone */
#ifndef VMB_COLLECTOR_LIBVIRT_STATS_H
#define VMB_COLLECTOR_LIBVIRT_STATS_H

#include <libvirt/libvirt.h>

#include "collector/host.h"
#include "collector/libvirt_call.h"
#include "collector/libvirt_link.h"

/* Zeroed: nothing asked. */
struct libvirt_stats {
	bool asked;
	uint64_t asked_ns;
	struct call *calls[2]; /* of this request; the second one only when the first was slow */
	size_t nr_calls;
	unsigned late;
	unsigned turn, turns; /* of the request: it asks for the jobs of one in so many guests */
	struct libvirt_link *link;
};

/*
 * Ask for what enum sample_late names, in the background. What an earlier request has not brought is given up.
 *
 * libvirt's bulk call asks one guest after another, and one whose QEMU hangs holds it for ever. But it holds that guest
 * too, and another call is told to pass over guests that are held (NOWAIT). So the one that hangs takes a call along, once,
 * and from then on is missing from the answers until it goes on; all others are there. Two may hang at a time; more take
 * along all calls that may be under way, and nobody's statistics come until one of them goes on.
 */
void libvirt_stats_request(struct libvirt_stats *w, struct libvirt_link *link, unsigned late);

/*
 * Wait for the answer to the last request until deadline_ns (CLOCK_MONOTONIC) and put it into the sample's guests
 * and vCPUs. When half of the time is over a second call is made, for the case that the first one hangs. Returns 0, also
 * when nothing was asked; -ETIMEDOUT when nothing came.
 */
int libvirt_stats_collect(struct libvirt_stats *w, uint64_t deadline_ns, struct sample *s,
                          struct error *e);

/* Give up what is under way; it touches nothing of ours when it comes back. */
void libvirt_stats_done(struct libvirt_stats *w);

#endif
