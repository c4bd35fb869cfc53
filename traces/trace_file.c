/* trace_file - the one file that a run is recorded to at a time: opened with a row for the run, watched, left */
#include "traces/trace_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "traces/present.h"
#include "traces/run.h"
#include "traces/writing.h"

static void done(struct trace_file *f)
{
	rows_done(&f->rows);
	lookup_done(&f->lookup);
}

/* What lies at its path now is not ours to tidy. */
static void free_moved(struct trace_file *f)
{
	done(f);
	db_close(f->db);
	free(f);
}

int trace_file_end(struct trace_file *f, bool wait, struct error *e)
{
	char news[TRACE_FILE_NEWS];
	bool tidy = true;

	if (!f)
		return 0;
	if (f->db && trace_file_lost(f)) {
		trace_file_drop(f);
		return 0;
	}
	if (f->db && trace_file_moved(f)) {
		if (trace_file_leave(f, NULL) < 0)
			return trace_file_part(f, news, e);
		free_moved(f);
		return 0;
	}
	done(f);
	if (wait)
		writing_end(f->db, &f->place, &f->intact);
	else
		tidy = writing_close(f->db);
	free(f);
	return !tidy;
}

void trace_file_close(struct trace_file *f)
{
	trace_file_end(f, false, NULL);
}

static int begin_run(struct trace_file *f, const struct trace_run *run,
                     const struct host_facts *facts, const char *continues, struct error *e)
{
	int r, rc = rows_init(&f->rows, f->db);

	if (rc == SQLITE_OK)
		rc = rows_run(&f->rows, SQL_BEGIN, NULL, 0);
	if (rc == SQLITE_OK)
		rc = run_write(&f->rows, run, facts, continues, &f->run);
	if (rc == SQLITE_OK)
		rc = rows_run(&f->rows, SQL_COMMIT, NULL, 0);
	if (rc == SQLITE_OK)
		return 0;
	r = db_fail(f->db, rc, &f->place, e);
	if (!sqlite3_get_autocommit(f->db))
		rows_run(&f->rows, SQL_ROLLBACK, NULL, 0);
	return r;
}

int trace_file_open(const char *path, const struct trace_run *run, const struct host_facts *facts,
                    const char *continues, int patience_ms, struct trace_file **out,
                    struct error *e)
{
	AUTO(trace_file_close) struct trace_file *f = calloc(1, sizeof(*f));
	int r;

	if (!f)
		return fail(e, ENOMEM, "%s: out of memory", path);
	lookup_init(&f->lookup, &f->rows);
	r = writing_open(path, patience_ms, &f->place, &f->db, e);
	if (r < 0)
		return r;
	sqlite3_busy_timeout(f->db, patience_ms);
	r = begin_run(f, run, facts, continues, e);
	if (r < 0 && f->place.made) {
		rows_done(&f->rows);
		writing_undo(take(f->db), &f->place);
	}
	if (r < 0)
		return r;
	beside_note(&f->place, &f->beside);
	intact_look(f->db, &f->intact);
	*out = take(f);
	return 0;
}

bool trace_file_moved(struct trace_file *f)
{
	int moved = 0;

	return sqlite3_file_control(f->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
	       moved;
}

bool trace_file_gone(const struct trace_file *f)
{
	char name[PATH_MAX];

	return present_name(f->beside.trace.device, f->beside.trace.inode, name) == -ENOENT;
}

bool trace_file_lost(struct trace_file *f)
{
	return intact_look(f->db, &f->intact) != INTACT;
}

void trace_file_drop(struct trace_file *f)
{
	bool moved = trace_file_moved(f);
	bool file = intact_look(f->db, &f->intact) == INTACT_FILE_LOST;

	/* Pages of the old trace in whatever is there now would be the end of that, too. */
	sqlite3_db_config(f->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	done(f);
	db_close(f->db);
	if (moved || file)
		beside_remove(&f->place, &f->beside);
	if (!moved && file)
		db_remove_empty(&f->place);
	free(f);
}

/* What a -wal has where nobody reads: SQLite copies it over at 1,000 pages of 2 KiB, after the tick that filled them. */
#define WAL_USUAL ((uint64_t)3 << 20)

uint64_t trace_file_bytes(struct trace_file *f)
{
	uint64_t wal = beside_wal_bytes(&f->place, &f->beside);
	int64_t pages, page_bytes;

	if (rows_find(&f->rows, SQL_PAGES, NULL, 0, &pages) != SQLITE_OK ||
	    rows_find(&f->rows, SQL_PAGE_BYTES, NULL, 0, &page_bytes) != SQLITE_OK)
		return 0;
	return (uint64_t)(pages * page_bytes) + (wal > WAL_USUAL ? wal - WAL_USUAL : 0);
}

int trace_file_leave(struct trace_file *f, struct error *e)
{
	int frames = -1, done = -1, r;
	int rc = sqlite3_wal_checkpoint_v2(f->db, "main", SQLITE_CHECKPOINT_FULL, &frames, &done);
	struct error why;

	/* One that failed may be half done: then the file is damaged without its -wal. */
	if (rc == SQLITE_OK && done == frames) {
		beside_remove(&f->place, &f->beside);
		return 0;
	}
	r = db_fail(f->db, rc == SQLITE_OK ? SQLITE_BUSY : rc, &f->place, &why);
	return fail(e, -r, "%s; it was moved, and its last ticks are in its -wal still", why.text);
}

int trace_file_part(struct trace_file *f, char news[TRACE_FILE_NEWS], struct error *e)
{
	char wal[PATH_MAX];
	struct error said;
	int r = beside_follow(&f->place, &f->beside, wal);

	if (!r)
		fail(&said, EBUSY, "%s: moved, and its last ticks are in %s: keep both together",
		     f->place.name, wal);
	else if (*wal)
		fail(&said, -r,
		     "%s: moved, and its last ticks are in %s: move that beside it, as NAME-wal",
		     f->place.name, wal);
	else
		fail(&said, -r, "%s: moved, and its -wal with the last ticks is gone",
		     f->place.name);
	snprintf(news, TRACE_FILE_NEWS, "%s", r < 0 || *wal ? said.text : "");
	free_moved(f);
	return r < 0 ? fail(e, -r, "%s", news) : 0;
}
