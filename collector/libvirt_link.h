/* libvirt_link - a connection to libvirt that cannot hang us: opened with a deadline, watched, opened again */
#ifndef VMB_COLLECTOR_LIBVIRT_LINK_H
#define VMB_COLLECTOR_LIBVIRT_LINK_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "collector/libvirt_line.h"
#include "collector/libvirt_news.h"
#include "common/error.h"

struct libvirt_link {
	char uri[LINE_URI];
	bool read_only;
	virConnectPtr connection;   /* NULL while there is none; of the thread that uses the link */
	bool lost;                  /* found out by a call, or by who asked libvirt_link_is_up() */
	struct libvirt_lines lines; /* for all calls in other threads */
	struct libvirt_news *news;  /* as long as there is a connection */
	struct attempt *attempt;    /* to connect; NULL: none is under way */
	uint64_t begun_ns;          /* when that was begun */
	struct error why;           /* there is no connection, by the last attempt */
	uint64_t retry_ns;          /* no other attempt before this moment */
	uint64_t back_off_ns;
	uint64_t lasted_ns; /* from this moment on the connection was a good one */
	unsigned seed;
};

/* Start the event thread (once a process) and connect, waiting 10 s at most. */
int libvirt_link_open(struct libvirt_link *link, const char *uri, bool read_only, struct error *e);
void libvirt_link_close(struct libvirt_link *link); /* a zeroed one, too */

/* There is a connection, as far as is known without asking. */
bool libvirt_link_is_up(const struct libvirt_link *link);

/*
 * Make sure that there is a connection that is not known as lost. 0, *fresh telling whether it is another one than before; -ENOTCONN
 * while the host is away, or does not answer in 3 s: it is tried again after 0.5 s, then 1, 2 ... 30 s, each shortened at random by up
 * to a quarter, so that many clients do not come back in the same moment. It begins with 0.5 s again when a connection
 * has lasted half a second. An answer that comes later, within 30 s, is taken by the next that asks.
 */
int libvirt_link_ensure(struct libvirt_link *link, bool *fresh, struct error *e);

/* The next libvirt_link_ensure() tries, whatever pause is left or attempt waits. */
void libvirt_link_hurry(struct libvirt_link *link);

/* A call in the background begins, with a line to be opened or already open; libvirt_line_give_back() ends it. */
void libvirt_link_line(struct libvirt_link *link, struct libvirt_line *line);

/* As libvirt_fail(); notes when the error says that the connection is lost. */
int libvirt_link_fail(struct libvirt_link *link, struct error *e, const char *what);

#endif
