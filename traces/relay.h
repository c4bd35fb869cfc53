/* relay - a run and the files that it goes through: the first, one anew where that was moved, a further one at the limit */
#ifndef VMB_TRACES_RELAY_H
#define VMB_TRACES_RELAY_H

#include "traces/trace_file.h"

/* Zeroed is closed. */
struct relay {
	struct trace_file *file; /* NULL while none can be written to */
	struct trace_run run;    /* with copies of its texts */
	struct host_facts *facts;
	char name[PATH_MAX]; /* of the first part */
	unsigned part;       /* the number of the file (traces/parts.h) */
	unsigned left;       /* how often a file that was moved could not be left yet */
	uint64_t try_bytes;  /* the size at which a further file is tried */
	char continues[256]; /* what a file that is opened now goes on with */
};

struct relay_moment {
	uint64_t mono_ns, wall_ns;
};

/* Begin. Contract and results of trace_open(). */
int relay_open(struct relay *r, const char *path, const struct trace_run *run,
               const struct host_facts *facts, int patience_ms, struct error *e);
void relay_close(struct relay *r);

/*
 * See to it that r->file is a file at its place: one that was moved is completed and left, and a new one begun there at
 * `now`. *begun tells that. Waits 50 ms at most. Returns 0, or why there is no such file at the moment.
 */
int relay_follow(struct relay *r, const struct relay_moment *now, bool *begun, struct error *e);

/* At the limit of size go on in a further file. Returns whether one was begun; -errno with *e when it cannot be. */
int relay_advance(struct relay *r, const struct relay_moment *now, struct error *e);

#endif
