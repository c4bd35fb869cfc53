/* check - is a file a trace that we know: its header, and its schema to the letter */
#ifndef VMB_TRACES_CHECK_H
#define VMB_TRACES_CHECK_H

#include "traces/db.h"

/*
 * The header only: is it a trace, of a version that we know? Without a look at the schema, so that one of a foreign
 * database is not even parsed. *wal, when not NULL, tells whether the file is in WAL mode.
 * Returns 0, -EBADMSG, -EIO.
 */
int check_header(sqlite3 *db, const struct db_place *place, bool *wal, struct error *e);

/*
 * Header and schema, in 1 s of CPU time at most. To be asked of a handle before any statement that uses its tables.
 * Returns 0, -EBADMSG (also: changed tables, damaged), -EIO, -ENOMEM, and what db_fail() returns.
 */
int check_trace(sqlite3 *db, const struct db_place *place, struct error *e);

#endif
