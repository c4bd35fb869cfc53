/* reader - what the parts of the trace reader share: the handle, its failures, its limits */
#ifndef VMB_TRACES_READER_H
#define VMB_TRACES_READER_H

#include "traces/columns.h"
#include "traces/db.h"
#include "traces/limit.h"
#include "traces/names.h"
#include "traces/trace_read.h"
#include "traces/wal_index.h"

struct walk;
void walk_free(struct walk *w);

/* The ticks that a run has; tick numbers of the file are shared by all its runs. */
struct run_range {
	int64_t run;
	int64_t first, last;
	uint64_t ticks;
};

struct trace_reader {
	struct db_place place;
	sqlite3 *db;
	bool locked;             /* else nobody may write meanwhile */
	struct wal_index *index; /* when the -wal is read without a -shm */
	bool wal_exists, shm_exists;
	struct stat wal;
	bool wal_missing; /* the file may need a -wal that is not there, or that cannot be read */
	char note[256];
	struct limit limit;
	bool loaded; /* names and ranges */
	struct names names;
	struct run_range *ranges; /* ascending; those with a tick only */
	size_t nr_ranges;
	struct walk *walk;
};

/*
 * A loop that a damaged or hostile file makes endless shall end: from here on SQLite may use as much CPU time as a
 * whole reading of an honest file of this size needs, and 2 s more.
 */
void reader_limit(struct trace_reader *r);

int reader_prepare(struct trace_reader *r, const char *sql, sqlite3_stmt **out, struct error *e);

/* After a step: 1 for a row, 0 for the end, else the failure. */
int reader_step(struct trace_reader *r, sqlite3_stmt *s, struct error *e);

/*
 * "run.db: damaged: ..."; -EBADMSG. When the file changed under a reader without locks, it says that instead; when the
 * -wal is missing, that too.
 */
int reader_damaged(struct trace_reader *r, const char *what, struct error *e);

/* 0, or -EBADMSG when a file that is read without locks has been written to since it was opened. */
int reader_unchanged(struct trace_reader *r, struct error *e);

/* Read names and ranges, once. */
int reader_load(struct trace_reader *r, struct error *e);

/*
 * Run `sql`, with the run as its only value if it wants one, and let `one` fill a zeroed element of `size` bytes for each
 * row of the table. The array is *out, *nr elements, to be freed by the caller; 256 MiB at most.
 */
int reader_list(struct trace_reader *r, const char *sql, int64_t run, const char *table,
                size_t size, void (*one)(struct trace_reader *r, struct columns *c, void *element),
                void **out, size_t *nr, struct error *e);

/* The same with one element for all rows, which is handed to `each` row by row: 0, or an error that ends it. */
int reader_each(struct trace_reader *r, const char *sql, int64_t run, const char *table,
                size_t size, void (*one)(struct trace_reader *r, struct columns *c, void *element),
                int (*each)(void *with, const void *element, struct error *e), void *with,
                struct error *e);

#endif
