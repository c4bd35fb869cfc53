/* show - what a balancer says on the terminal: a line an action, a status line below */
#ifndef VMB_BALANCER_SHOW_H
#define VMB_BALANCER_SHOW_H

#include <stdio.h>

#include "balancer/decision.h"

/* Where to, and what has been said. Zero it and set `program`, `out`, `status` (out is a terminal) and `verbose`. */
struct show {
	const char *program;
	FILE *out;
	bool status;
	bool verbose;
	bool status_shown;
	bool waits; /* for whoever reads, however long it takes: where time does not go by meanwhile */
	bool stalled;    /* nobody read the last line */
	unsigned unread; /* so many were left out */
	bool unheard; /* what is shown reaches nobody any more: a full disk, or a reader that is gone */
	bool fails;        /* for another cause than a reader that is gone */
	enum verdict said; /* the last verdict that was told */
	unsigned said_why;
	uint64_t wall_ns; /* the time that lines are stamped with */
	unsigned changes; /* done, or that a dry run would have done; without those that put back */
};

/* A line with the time before it, clear of the status line. */
void show_line(struct show *show, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One line on stderr, clear of the status line. */
void show_error(struct show *show, const struct error *e);

void show_actions(struct show *show, const struct decision *d);

/* The actions of a tick, and, when it is news, why nothing is done. */
void show_tick(struct show *show, const struct decision *d);

/* The status line, where there is a terminal: "8 guests on 2 pCPUs", then what is common to all balancers. */
void show_status(struct show *show, const char *state, const struct decision *d);

#endif
