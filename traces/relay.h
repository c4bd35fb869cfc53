/* relay - a run and the files that it goes through: the first, one anew where that was moved, a further one at the limit */
#ifndef VMB_TRACES_RELAY_H
#define VMB_TRACES_RELAY_H

#include "traces/trace_file.h"

/* So many; one that is read while this many others fill is left as it is. */
#define RELAY_BEHIND 8

/* Zeroed is closed. */
struct relay {
	struct trace_file *file; /* NULL while none can be written to */
	struct trace_run run;    /* its texts and the facts are the caller's, of trace_open() */
	const struct host_facts *facts;
	char name[PATH_MAX]; /* of the first part */
	int follow_ms;       /* for others, where a file is begun in the middle of a run */
	unsigned part;       /* the number of the file (traces/parts.h) */
	uint64_t try_bytes;  /* the size at which a further file is tried */
	unsigned left;       /* how often a file that was moved could not be left yet */
	bool ended;          /* the run in a file that was moved */
	/* Full parts that someone else had open when they were left, each at its number modulo RELAY_BEHIND. */
	struct relay_behind {
		struct db_place place;
		struct intact seen;
		bool untidy;    /* otherwise there is none */
		unsigned ticks; /* since it was left */
	} behind[RELAY_BEHIND];
	unsigned cut;        /* files that were cut or overwritten, and no other begun since */
	char continues[256]; /* what a file that is opened now goes on with; empty: nothing */
	char news
	        [TRACE_FILE_NEWS]; /* of the file before, to be told in the one that is begun; empty: none */
};

struct relay_moment {
	uint64_t mono_ns, wall_ns;
};

/*
 * Begin. Contract and results of trace_open(), but for run->may_wait: after a failure relay_follow() can go on, or
 * relay_close() end it. Later a file waits about four times follow_ms for others at most.
 */
int relay_open(struct relay *r, const char *path, const struct trace_run *run,
               const struct host_facts *facts, int patience_ms, int follow_ms, struct error *e);

/* Whether an empty file, which is not 1 s old yet, keeps a new one from being begun. */
bool relay_waits(const struct relay *r);

/* Returns 0, or -errno with *e as trace_file_end(). Closed in any case. */
int relay_close(struct relay *r, struct error *e);

/*
 * See to it that r->file is a file at its place: one that was moved is completed and left, and a new one begun there at
 * `now`. What cannot be brought into it goes along in its -wal. One that was cut or overwritten is left as it is, which is
 * told by -EBADMSG, and a -wal that cannot go along by its own -errno; the next call begins a new one.
 * An empty file at its place is as none once it is 1 s old, where a file of this run was there before. Returns 0; 1 when one
 * was begun; -errno with *e while there is no such file.
 */
int relay_follow(struct relay *r, const struct relay_moment *now, struct error *e);

/*
 * At the limit of size go on in a further file, begun at `now`. Returns 0; 1 when one was begun; -errno with *e when it
 * cannot be: then the old one grows, and the next try is a sixteenth of the limit away.
 */
int relay_advance(struct relay *r, const struct relay_moment *now, struct error *e);

#endif
