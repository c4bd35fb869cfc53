/* writing - bring a trace file into the state for recording, and afterwards into one that everybody can read */
#include "traces/writing.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "common/owner.h"
#include "traces/beside.h"
#include "traces/check.h"
#include "traces/empty.h"

enum {
	WAL_BUSY_MS = 50,
	/* 5 to 30 ms each; with 3 of them, three writers on a busy machine were seen to give up together */
	CLOSE_TRIES = 12
};

/*
 * Two that wait for each other shall not do it in step: by chance, each time anew. With times by process number, which are
 * alike for those that start together, 5 of 120 times three that closed at once on a busy machine all gave up.
 */
static void nap(void)
{
	struct timespec t = {.tv_nsec = 5000000};
	unsigned char chance = 0;

	if (getrandom(&chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance = (unsigned char)getpid();
	t.tv_nsec += chance * 100000L;
	nanosleep(&t, NULL);
}

/* Ask for a journal mode. Returns an SQLite result code; SQLITE_BUSY too when the file stayed in another. */
static int journal(sqlite3 *db, const char *mode)
{
	sqlite3_stmt *s = NULL;
	char sql[64];
	int rc;

	snprintf(sql, sizeof(sql), "PRAGMA journal_mode=%s", mode);
	rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		rc = strcmp((const char *)sqlite3_column_text(s, 0), mode) ? SQLITE_BUSY
		                                                           : SQLITE_OK;
	sqlite3_finalize(s);
	return rc;
}

/*
 * SQLite does not wait where two could wait for each other, as two recorders do that start together on a trace that
 * was closed; so the waiting is here.
 */
static int journal_wal(sqlite3 *db, int patience_ms)
{
	int tries, rc = SQLITE_BUSY;

	for (tries = 0; tries <= patience_ms / WAL_BUSY_MS && (rc & 0xff) == SQLITE_BUSY; tries++) {
		if (tries)
			nap();
		rc = journal(db, "wal");
	}
	return rc;
}

/*
 * Who owns the file, or what SQLite has beside it, can cut the -shm while it is mapped: that ends all who have it open by
 * SIGBUS. What others wrote into a -wal or -journal would become part of the trace.
 */
static int check_owner(const struct db_place *place, struct error *e)
{
	static const char *const suffixes[] = {"", "-shm", "-wal", "-journal"};
	struct stat st;
	bool exists;
	size_t i;
	int r;

	for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		r = db_find_beside(place, suffixes[i], &exists, &st, e);
		if (r < 0)
			return r;
		if (exists && !owner_is_ours(st.st_uid))
			return fail(e, EACCES, "%s%s: belongs to another user (%u)", place->name,
			            suffixes[i], (unsigned)st.st_uid);
	}
	return 0;
}

static int make(const char *path, struct db_place *place, struct error *e)
{
	char left[PATH_MAX];
	bool made;
	int r;

	if (strlen(strrchr(place->path, '/')) + strlen("-journal") - 1 > NAME_MAX)
		return fail(e, ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	if (beside_left(place, left)) {
		/* Or of one that another recorder makes just now: then the file was there before it. */
		r = db_find(path, place, e);
		if (r < 0 || place->exists)
			return r;
		return fail(e, EINVAL,
		            "%.300s: left by a trace that was moved away: move it after that, or "
		            "remove it",
		            left);
	}
	r = empty_put(place, e);
	made = r == 0;
	if (r >= 0)
		r = db_find(path, place, e);
	if (!r && !place->exists)
		r = fail(e, EIO, "%s: vanished when it was made", path);
	place->made = made;
	return r;
}

static int find_or_make(const char *path, struct db_place *place, struct error *e)
{
	char folder[PATH_MAX];
	int r = db_find(path, place, e);

	if (r < 0)
		return r;
	snprintf(folder, sizeof(folder), "%.*s/", (int)(strrchr(place->path, '/') - place->path),
	         place->path);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0)
		return fail(e, errno, "%s: folder: %s", path, strerror(errno));
	r = check_owner(place, e);
	if (r < 0 || place->exists)
		return r;
	r = make(path, place, e);
	/* Someone else's, made in the meantime. */
	return r < 0 || place->made ? r : check_owner(place, e);
}

/*
 * Look at the header without locks first, so that a foreign database is not even recovered or checkpointed. The schema
 * can be read with locks only: where someone writes, the file alone may look damaged for a moment.
 */
static int check_file(const struct db_place *place, struct error *e)
{
	AUTO(db_close) sqlite3 *db = NULL;
	int r = db_open(place, DB_FROZEN, &db, e);

	return r < 0 ? r : check_header(db, place, NULL, e);
}

/* SQLite then tries to open what cannot be made, and tells that it is not there. What it needs is a name, as this does. */
static int make_nothing(const struct db_place *place)
{
	char folder[PATH_MAX];
	int fd;

	snprintf(folder, sizeof(folder), "%.*s/", (int)(strrchr(place->path, '/') - place->path),
	         place->path);
	fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? -errno : 0;
	close(fd);
	return 0;
}

static int cannot_begin(sqlite3 *db, int rc, const struct db_place *place, struct error *e)
{
	int r = (rc & 0xff) == SQLITE_CANTOPEN ? make_nothing(place) : 0;

	return r < 0 ? fail(e, -r, "%s: nothing can be made beside it: %s", place->name,
	                    strerror(-r))
	             : db_fail(db, rc, place, e);
}

static bool has_moved(sqlite3 *db)
{
	int moved = 1;

	return sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
	       moved;
}

/*
 * Nobody else has it open, as the lock tells, and nobody has added a run. That SQLite has no room to end its WAL mode is no matter, nor,
 * where it locks the whole file, that it has none for a -shm.
 */
static bool is_unused(sqlite3 *db)
{
	sqlite3_stmt *runs = NULL;
	bool unused;

	sqlite3_busy_timeout(db, 0);
	db_exec(db, "PRAGMA locking_mode=EXCLUSIVE");
	if ((journal(db, "delete") & 0xff) == SQLITE_BUSY || db_exec(db, "BEGIN EXCLUSIVE"))
		return false;
	unused = sqlite3_prepare_v2(db, "SELECT run FROM run", -1, &runs, NULL) == SQLITE_OK &&
	         sqlite3_step(runs) == SQLITE_DONE;
	sqlite3_finalize(runs);
	return unused;
}

void writing_undo(sqlite3 *db, const struct db_place *place)
{
	/* The name is looked at again, as a disk that fails may take its time. */
	bool removed = !has_moved(db) && is_unused(db) && !has_moved(db) && !unlink(place->path);
	struct beside beside;

	if (!sqlite3_get_autocommit(db))
		db_exec(db, "ROLLBACK");
	if (!has_moved(db))
		writing_close(db);
	else
		db_close(db);
	/* Closing a file that has no name SQLite leaves them, and may make a -shm anew. */
	beside_note(place, &beside);
	if (removed && !beside.trace.inode)
		beside_remove(place, &beside);
}

static int prepare(sqlite3 *db, const struct db_place *place, int patience_ms, struct error *e)
{
	int rc, r;

	sqlite3_busy_timeout(db, patience_ms);
	r = check_trace(db, place, e);
	if (r < 0)
		return r;
	sqlite3_busy_timeout(db, patience_ms < WAL_BUSY_MS ? patience_ms : WAL_BUSY_MS);
	rc = journal_wal(db, patience_ms);
	if (rc == SQLITE_OK)
		rc = db_exec(db, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=-1024; "
		                 "PRAGMA temp_store=MEMORY");
	return rc == SQLITE_OK ? 0 : cannot_begin(db, rc, place, e);
}

int writing_open(const char *path, int patience_ms, struct db_place *place, sqlite3 **out,
                 struct error *e)
{
	AUTO(db_close) sqlite3 *db = NULL;
	int r = find_or_make(path, place, e);

	if (!r)
		r = check_file(place, e);
	if (!r)
		r = db_open(place, DB_WRITE, &db, e);
	if (r < 0)
		return r;
	r = prepare(db, place, patience_ms, e);
	if (r < 0 && place->made)
		writing_undo(take(db), place);
	if (r < 0)
		return r;
	*out = take(db);
	return 0;
}

/* Whether nobody else has it open, so that all is in the one file. */
static bool close_alone(sqlite3 *db)
{
	bool alone;

	sqlite3_busy_timeout(db, 0);
	alone = journal(db, "delete") == SQLITE_OK;
	if (!alone)
		db_exec(db, "PRAGMA wal_checkpoint(PASSIVE)");
	db_close(db);
	return alone;
}

bool writing_close(sqlite3 *db)
{
	return !db || close_alone(db);
}

/*
 * What is open is what is there by that name, and that is the file which was found when it was opened first: the number of one
 * that was removed is given to the next.
 */
static bool is_same(sqlite3 *db, const struct db_place *place, struct intact seen)
{
	struct stat now;

	return !has_moved(db) && !lstat(place->path, &now) && now.st_dev == place->stat.st_dev &&
	       now.st_ino == place->stat.st_ino && intact_look(db, &seen) == INTACT;
}

/* Whatever else is there by now, its -wal may be of the one that was moved away: nothing of either is read. */
bool writing_tidy(const struct db_place *place, const struct intact *seen)
{
	AUTO(db_close) sqlite3 *db = NULL;

	if (db_open(place, DB_WRITE, &db, NULL) < 0)
		return false; /* away for a moment, or without memory */
	if (!is_same(db, place, *seen) || check_header(db, place, NULL, NULL) < 0)
		return true;
	return close_alone(take(db));
}

void writing_end(sqlite3 *db, const struct db_place *place, const struct intact *seen)
{
	bool done = writing_close(db);
	int tries;

	for (tries = 0; !done && tries < CLOSE_TRIES; tries++) {
		nap();
		done = writing_tidy(place, seen);
	}
}
