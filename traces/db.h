/* db - a trace file as an SQLite database: which files are let in, and how they are opened */
#ifndef VMB_TRACES_DB_H
#define VMB_TRACES_DB_H

#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/error.h"

/*
 * A trace must be touched through SQLite only: a plain open() and close() of the file would drop the POSIX
 * locks that SQLite holds on it for the whole process. Everything here looks with lstat() or asks SQLite.
 */

/* Where a trace is or shall be. */
struct db_place {
	char name[PATH_MAX]; /* as the user typed it, for sentences */
	char path[PATH_MAX]; /* the same, its folder without symbolic links */
	bool exists;
	bool made;        /* by writing_open(), just now */
	struct stat stat; /* when it exists */
};

/*
 * Find the place that `name` means. Nothing is opened. Returns 0, -ENOENT (no such folder), -EACCES, -EINVAL (a
 * directory, symbolic link, FIFO, device, socket), -EBADMSG (an empty file; *place is filled nevertheless).
 */
int db_find(const char *name, struct db_place *place, struct error *e);

/*
 * Remove an empty file at the place that nobody has changed for 1 s: it holds nothing, and no trace can be made where it
 * is. A file that is just being copied is empty for a moment.
 */
void db_remove_empty(const struct db_place *place);

/*
 * Is there a PATH-wal, -shm, -journal? SQLite opens them as they are. Returns 0 with *exists, and *s zeroed when there is
 * none; -EINVAL when it is something else than a file.
 */
int db_find_beside(const struct db_place *place, const char *suffix, bool *exists, struct stat *s,
                   struct error *e);

enum db_mode {
	DB_WRITE,
	DB_READ,
	DB_FROZEN, /* the main file alone, as it is: no locks, nothing beside it is read or made */
};

/*
 * Open an existing file, with everything switched off that a hostile file could use: its triggers and views do
 * not run, its schema is not trusted, sizes are limited. One thread at a time may use the handle.
 * Returns 0, -EACCES, -ENOENT, -EIO.
 */
int db_open(const struct db_place *place, enum db_mode mode, sqlite3 **out, struct error *e);
void db_close(sqlite3 *db);
DEFINE_AUTO(sqlite3 *, db_close);

/* Run SQL that gives no rows, or whose rows do not matter. Returns an SQLite result code. */
int db_exec(sqlite3 *db, const char *sql);

/*
 * Fill *e from the handle's last failure, `rc`: "run.db: locked by another program". Returns -EBUSY, -ENOSPC, -EDQUOT,
 * -EIO, -EROFS, -EBADMSG (damaged), -EACCES, -ENOMEM.
 */
int db_fail(sqlite3 *db, int rc, const struct db_place *place, struct error *e);

#endif
