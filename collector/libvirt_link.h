/* libvirt_link - a connection to libvirt that cannot hang us: opened with a deadline, watched, opened again */
#ifndef VMB_COLLECTOR_LIBVIRT_LINK_H
#define VMB_COLLECTOR_LIBVIRT_LINK_H

#include <libvirt/libvirt.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "collector/libvirt_line.h"
#include "collector/libvirt_reboots.h"
#include "common/error.h"

/* The kinds of events that are heard; the first tells who comes, goes and pauses. */
#define LIBVIRT_EVENTS 5

struct libvirt_link {
	char uri[LINE_URI];
	bool read_only;
	virConnectPtr connection;   /* NULL while there is none; of the thread that uses the link */
	struct libvirt_lines lines; /* for all calls in other threads */
	atomic_bool lost;           /* set by libvirt's event thread, or by a call that found out */
	int events[LIBVIRT_EVENTS]; /* libvirt's numbers of our callbacks; < 0: it tells none */
	struct libvirt_reboots reboots; /* since the connection was made */
	atomic_bool guests_moved;   /* some came, went, paused or went on since it was cleared */
	atomic_bool guests_defined; /* some were configured anew since it was cleared */
	uint64_t retry_ns;          /* no other connection before this moment */
	uint64_t back_off_ns;
	uint64_t lasted_ns; /* from this moment on the connection was a good one */
	unsigned seed;
};

/* Start the event thread (once a process) and connect, waiting 10 s at most. */
int libvirt_link_open(struct libvirt_link *link, const char *uri, bool read_only, struct error *e);
void libvirt_link_close(struct libvirt_link *link); /* a zeroed one, too */

/*
 * Make sure that there is a connection. 0, *fresh telling whether it is another one than before; -ENOTCONN
 * while the host is away: it is tried again after 0.5 s, then 1, 2 ... 30 s, each shortened at random by up
 * to a quarter, so that many clients do not come back in the same moment. It begins with 0.5 s again when a connection
 * has lasted half a second.
 */
int libvirt_link_ensure(struct libvirt_link *link, bool *fresh, struct error *e);

/* The next libvirt_link_ensure() tries, whatever pause is left. */
void libvirt_link_hurry(struct libvirt_link *link);

/*
 * Whether what is known of the guests may be out of date: who runs, and in which state; *configured: also how they are
 * configured. Clears what it tells. Always true where libvirt tells no events, and on a fresh connection.
 */
bool libvirt_link_news(struct libvirt_link *link, bool *configured);

/* A call in the background begins, with a line to be opened or already open; libvirt_line_give_back() ends it. */
void libvirt_link_line(struct libvirt_link *link, struct libvirt_line *line);

/* As libvirt_fail(); notes when the error says that the connection is lost. */
int libvirt_link_fail(struct libvirt_link *link, struct error *e, const char *what);

#endif
