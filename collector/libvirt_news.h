/* libvirt_news - what libvirt tells by itself: that guests come, go, pause, reboot or are configured anew, and its own end */
#ifndef VMB_COLLECTOR_LIBVIRT_NEWS_H
#define VMB_COLLECTOR_LIBVIRT_NEWS_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "collector/sample.h"

struct libvirt_news;

/*
 * Hear of what happens at a connection, which becomes the news' own: nothing is asked on it meanwhile. When a client goes
 * while it hears of guests and waits for an answer, two threads of libvirt 9.0's daemon may drop its callbacks at once
 * (remoteClientFreePrivateCallbacks(), without a lock), and the daemon ends with SIGSEGV. Of clients that were killed while
 * the daemon stood still it was one in 1,500, and none of 19,200 that heard and waited on two connections.
 * NULL when memory ran out: then the connection is closed.
 */
struct libvirt_news *libvirt_news_hear(virConnectPtr connection);

/*
 * The connection is closed with them. That is to ask as well, so not before all else that may tell that the daemon hangs or has
 * gone (libvirt_news_lost): then nothing is sent. NULL is accepted.
 */
void libvirt_news_end(struct libvirt_news *n);

/*
 * Whether what is known of the guests may be out of date: who runs, and in which state; *configured: also how they are
 * configured. Clears what it tells. True at first, and always where libvirt tells no events.
 */
bool libvirt_news_take(struct libvirt_news *n, bool *configured);

/* The daemon has gone, or is given up. */
bool libvirt_news_lost(const struct libvirt_news *n);

/* How often the guest rebooted since the news began. */
uint32_t libvirt_news_reboots(struct libvirt_news *n, const uint8_t guest[UUID_BYTES]);

#endif
