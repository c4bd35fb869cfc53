/* trace_read - read a trace file that one may not trust: runs, and the ticks of one run in order */
#ifndef VMB_TRACES_TRACE_READ_H
#define VMB_TRACES_TRACE_READ_H

#include "balancer/decision.h"
#include "collector/host.h"
#include "common/word.h"

struct trace_reader;

/*
 * Open a trace read-only and check that it is one: a regular file, our application id, a schema version
 * that is known, tables as in schema.sql. Leaves no file beside it. Works on a trace that is still being
 * written, and on one in a directory that one cannot write.
 * What others write later is not seen. One thread at a time may use a reader.
 * Returns 0, -ENOENT, -EACCES, -EINVAL (not a regular file), -EBADMSG (no trace, damaged, another version),
 * -EBUSY (a writer that starts or ends holds it for longer than 2 s), -ENOMEM.
 */
int trace_reader_open(const char *path, struct trace_reader **out, struct error *e);
void trace_reader_close(struct trace_reader *r);
DEFINE_AUTO(struct trace_reader *, trace_reader_close);

/* What of the file could not be read, as a sentence for the person; empty when nothing is missing. The reader's. */
const char *trace_reader_note(const struct trace_reader *r);

struct trace_run_row {
	int64_t run;
	char program[64], version[64], arguments[1024], label[256], settings[SETTINGS_TEXT];
	struct host_facts facts;
	uint64_t interval_ns;
	uint64_t start_mono_ns, start_wall_ns;
	uint64_t end_mono_ns, end_wall_ns; /* UNKNOWN when the run was not closed */
	char exit_reason[256];             /* empty when the run was not closed */
	char continues[256];               /* "run.db, run 1"; empty when it goes on with none */
	uint64_t ticks, actions;
};

/*
 * The lists: *nr elements in *rows, to be freed by the caller with free(); NULL when there are none. Texts are what
 * the file holds, of any bytes, cut to their room: what prints them escapes them.
 * Return 0, -EBADMSG (damaged), -ENOMEM (also: more than 256 MiB of them).
 */

/* All runs, in order of their numbers. */
int trace_read_runs(struct trace_reader *r, struct trace_run_row **rows, size_t *nr,
                    struct error *e);

struct trace_stat_row {
	char name[64];
	char severity[16];
	int64_t value;
};

int trace_read_stats(struct trace_reader *r, int64_t run, struct trace_stat_row **rows, size_t *nr,
                     struct error *e);

struct trace_event_row {
	uint64_t mono_ns;
	char kind[64];
	char text[256];
};

int trace_read_events(struct trace_reader *r, int64_t run, struct trace_event_row **rows,
                      size_t *nr, struct error *e);

/* An action with the moment it was taken. */
struct trace_action_row {
	uint64_t mono_ns;
	bool in_tick; /* false: taken at the end of the run, outside of its ticks */
	uint64_t tick_number;
	int64_t tick; /* the key of that tick in the file; 0 outside of them */
	struct action action;
};

/* One of them, good for as long as this takes: 0, or an error that ends the reading. */
typedef int (*trace_action_fn)(void *with, const struct trace_action_row *row, struct error *e);

/* All actions of a run in the order in which they were recorded. Memory does not grow with their number. */
int trace_read_actions(struct trace_reader *r, int64_t run, trace_action_fn each, void *with,
                       struct error *e);

/* One recorded tick, as it was handed to trace_tick(). */
struct trace_tick_row {
	int64_t tick; /* its key in the file */
	uint64_t number;
	uint64_t decide_ns;
	uint64_t self_cpu_ns;
	/*
	 * online is what usable was; wall_ns is counted from the run's start; without recorded memory a guest's
	 * state is that of its last row.
	 */
	struct sample sample;
	bool has_decision;        /* by a recorder that decides; false for one that watches */
	struct decision decision; /* without its actions; a quiet one without its numbers */
};

/*
 * Walk the ticks of a run in order; beginning again starts anew. trace_begin_ticks() returns 0, -EINVAL (no such run),
 * -EBADMSG, -ENOMEM. trace_next_tick() returns 1 with *row set, 0 at the end, or an error, after which the walk is
 * over; rows before it were good. The row is the reader's and is good until the next call. Memory does not grow with
 * the number of ticks.
 */
int trace_begin_ticks(struct trace_reader *r, int64_t run, struct error *e);
int trace_next_tick(struct trace_reader *r, const struct trace_tick_row **row, struct error *e);

#endif
