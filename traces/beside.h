/* beside - the two files that SQLite keeps beside a trace while it is written: whose they are when the trace is moved */
#ifndef VMB_TRACES_BESIDE_H
#define VMB_TRACES_BESIDE_H

#include <sys/stat.h>

#include "traces/db.h"

/*
 * SQLite finds NAME-wal and NAME-shm by name alone. Where a trace is renamed or replaced while it is written they stay
 * behind under the old name, and the next file of that name would take them for its own: their pages would be written
 * into it. So a recorder remembers which files were its own and takes their names away before it makes a new trace.
 */
struct beside_file {
	dev_t device;
	ino_t inode; /* 0: there was none */
};

struct beside {
	struct beside_file trace, wal, shm;
};

/* Remember which files are there now: the trace is in WAL mode, open and written to. */
void beside_note(const struct db_place *place, struct beside *out);

/* Remove those that are still the ones noted. What is under these names by now, but another's, stays. */
void beside_remove(const struct db_place *place, const struct beside *noted);

/* The size of the -wal that was noted; 0: it is not there. */
uint64_t beside_wal_bytes(const struct db_place *place, const struct beside *noted);

/*
 * Let them go after a trace that was moved and could not be brought up to date, to the names beside the one that it has
 * now: there everyone who opens it finds them. `wal` is the name of the -wal then, empty when the trace was deleted: then
 * they are removed, as nobody can open it any more. Returns 0, or -errno where they cannot go there (another -wal, no
 * right to it, a name that is not known): then the -wal is kept, as NAME-wal.left where that is free, and `wal` names it;
 * empty: it is gone.
 */
int beside_follow(const struct db_place *place, const struct beside *noted, char wal[PATH_MAX]);

/* Whether something is left under these names: then no new trace can have this one. */
bool beside_left(const struct db_place *place, char name[PATH_MAX]);

/*
 * Recorders of one trace find it moved at about the same time: only one at a time may clear up and make a new one.
 * Locks the folder of the place. Returns a descriptor to close, or -EBUSY, -EACCES.
 */
int beside_lock(const struct db_place *place);

#endif
