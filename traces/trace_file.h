/* trace_file - the one file that a run is recorded to at a time: opened with a row for the run, watched, left */
#ifndef VMB_TRACES_TRACE_FILE_H
#define VMB_TRACES_TRACE_FILE_H

#include "traces/beside.h"
#include "traces/intact.h"
#include "traces/lookup.h"
#include "traces/trace_write.h"

enum {
	TRACE_FILE_NEWS = 256
};

struct trace_file {
	struct db_place place;
	sqlite3 *db;
	struct rows rows;
	struct lookup lookup;
	int64_t run;
	struct beside beside;
	struct intact intact;
};

/*
 * Open the file at `path`, made when it does not exist, and add the run to it. `continues`: what of, NULL for none.
 * Waits patience_ms at most, about, where others hold the file. Results as trace_open().
 */
int trace_file_open(const char *path, const struct trace_run *run, const struct host_facts *facts,
                    const char *continues, int patience_ms, struct trace_file **out,
                    struct error *e);

/* The file is not at its path any more: it was renamed, deleted, or something else is there. Costs a stat(). */
bool trace_file_moved(struct trace_file *f);

/* It was deleted under all its names: nobody can ever open it again. */
bool trace_file_gone(const struct trace_file *f);

/* Whether it was cut or overwritten in place since it was looked at last. */
bool trace_file_lost(struct trace_file *f);

/*
 * Close and free a file that was lost, with nothing more written to it. What is in it by now stays, but an empty one of
 * the same name is removed (db_remove_empty()): it was the trace.
 */
void trace_file_drop(struct trace_file *f);

/* Its size with all that was committed, and what a reader makes its -wal grow by. */
uint64_t trace_file_bytes(struct trace_file *f);

/*
 * All of a file that was moved is brought into it, so that it is whole wherever it is now, and the names of what was
 * beside it are free. Returns 0, -EBUSY while a reader keeps it from that, -ENOSPC, -EIO, -ENOMEM: nothing is lost then.
 */
int trace_file_leave(struct trace_file *f, struct error *e);

/*
 * Close and free a file that was moved and cannot be brought up to date: what is not in it goes along with it, in its
 * -wal (traces/beside.h). `news` is what there is to tell of that, empty: nothing. Returns 0, or -errno with *e, the same
 * words, when the two are not beside each other.
 */
int trace_file_part(struct trace_file *f, char news[TRACE_FILE_NEWS], struct error *e);

/*
 * Close and free; NULL is accepted. A file that was not moved can be read by everybody then; one that was holds all, or
 * does so with its -wal. `wait`: as writing_end(). Returns 0; 1 when someone else has it open (writing_tidy()); or
 * -errno with *e when that -wal is not beside it: *e tells where.
 */
int trace_file_end(struct trace_file *f, bool wait, struct error *e);
void trace_file_close(struct trace_file *f);
DEFINE_AUTO(struct trace_file *, trace_file_close);

#endif
