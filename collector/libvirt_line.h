/* libvirt_line - connections for calls in the background, each used by one call at a time */
#ifndef VMB_COLLECTOR_LIBVIRT_LINE_H
#define VMB_COLLECTOR_LIBVIRT_LINE_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>

#include "collector/libvirt_call.h"
#include "common/error.h"

#define LINE_URI 256

/*
 * A connection that belongs to one call. Two threads must not wait on one: when keepalive gives up a daemon that hangs,
 * libvirt 9.0's client tells the first of them; the next then waits without a timeout, and when the daemon goes on it
 * uses the socket that is gone (virNetClientIOEventLoop: SIGSEGV in each drill that stopped the daemon for 30 s).
 */
struct libvirt_line {
	char uri[LINE_URI];
	bool read_only;
	virConnectPtr connection; /* NULL: its call opens it */
	bool kept_alive;          /* there is a daemon, and libvirt watches whether it answers */
};

/* Lines that no call uses: of one connection to a host, and of the thread that starts the calls. Zeroed: none. */
struct libvirt_lines {
	virConnectPtr idle[CALLS_MOST];
	size_t nr_idle;
	virConnectPtr
	        shared; /* of a driver in this process: nothing hangs, and it is asked by all */
};

/* Open it, if it is not yet; for as long as that takes. Returns 0, or what libvirt_errno() makes of the failure. */
int libvirt_line_open(struct libvirt_line *line, struct error *e);

/* Its call is over, and nobody waits for it any more. */
void libvirt_line_close(struct libvirt_line *line);

/* Give a line an idle connection, if there is one. */
void libvirt_line_take(struct libvirt_lines *lines, struct libvirt_line *line);

/* Its call is over: the connection is kept for another one, while it lasts. */
void libvirt_line_give_back(struct libvirt_lines *lines, struct libvirt_line *line);

/* Close the idle ones: an exchange of messages, which hangs where the daemon does. */
void libvirt_lines_close(struct libvirt_lines *lines);

#endif
