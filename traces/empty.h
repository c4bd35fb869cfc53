/* empty - a trace without runs, made from schema.sql: in memory, or as a new file */
#ifndef VMB_TRACES_EMPTY_H
#define VMB_TRACES_EMPTY_H

#include "traces/db.h"

/* In memory. Returns 0 or -ENOMEM. */
int empty_open(sqlite3 **out, struct error *e);

/*
 * As a new file, which appears whole or not at all: two recorders that start at once, or one that is killed, leave
 * no half-made trace. Returns 0; 1 when someone else made one in the meantime; -EACCES, -EROFS, -ENOSPC, -EIO, -ENOMEM.
 */
int empty_put(const struct db_place *place, struct error *e);

#endif
