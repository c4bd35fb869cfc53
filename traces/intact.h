/* intact - is what a recorder writes to still the trace that it opened, or was it cut or overwritten in place? */
#ifndef VMB_TRACES_INTACT_H
#define VMB_TRACES_INTACT_H

#include "traces/db.h"

/* What was seen of a file at the last look. Zeroed: none yet. */
struct intact {
	bool seen;
	uint32_t cookie;  /* a number by chance since it was made (traces/empty.c) */
	uint32_t changes; /* only ever grows in WAL mode */
	uint64_t bytes;
};

enum intact_state {
	INTACT,
	INTACT_WAL_LOST, /* the file is the trace, but its -wal does not hold what it should */
	INTACT_FILE_LOST /* empty, cut, another kind of file, another trace */
};

/*
 * Look at the headers of an open trace and of its -wal, without locks: two stat() and two short reads. What cannot be
 * read, or changes during the look, is held to be intact.
 */
enum intact_state intact_look(sqlite3 *db, struct intact *last);

#endif
