/* frame - what the programs of both balancers do around their decisions: start, tick, record, put back, end */
#ifndef VMB_BALANCER_FRAME_H
#define VMB_BALANCER_FRAME_H

#include "balancer/loop.h"
#include "balancer/show.h"

/*
 * A balancer. The functions get the loop that the program passes to frame_main(), the head of the program's own struct.
 */
struct balancer {
	const char *program; /* "vmb-cpu" */
	const char *kind;    /* "cpu": names lock and journal */
	const char *subject; /* "pins": what it changes, and what may be left behind */
	bool memory;         /* it plans with the late statistics of memory, and records them */
	enum sample_late record_late; /* late statistics that only the trace wants */

	/* All that can refuse to start but is no matter of the host's or the trace's; may be NULL. */
	int (*check)(struct loop *l, struct error *e);

	/* SIGHUP: read the configuration again. -errno: it stays as it was. NULL: there is none. */
	int (*reload)(struct loop *l, struct error *e);

	/* Plan on l->sample into l->decision; with `rebase` only take the counters as a new start. 0 or -ENOMEM. */
	int (*decide)(struct loop *l, bool rebase, struct error *e);

	/* The actions of l->decision have been tried. */
	void (*acted)(struct loop *l);

	/*
	 * Put back what the journal holds, the actions left in l->decision; the journal is removed when nothing is left to
	 * put back. Returns 0, or -EAGAIN when something could not be put back.
	 */
	int (*restore)(struct loop *l, struct error *e);

	/* The limits in force, for the line at the start: "limit 5 points". And the state, for the status line. */
	void (*limits)(const struct loop *l, char *text, size_t size);
	void (*status)(const struct loop *l, char *text, size_t size);
};

/* Run the program; `stop` is what stop_block() gave. Returns the exit status. The caller frees what is its own. */
int frame_main(const struct balancer *b, const struct loop_options *o, struct loop *l,
               const sigset_t *stop);

#endif
