/* writing - bring a trace file into the state for recording, and afterwards into one that everybody can read */
#ifndef VMB_TRACES_WRITING_H
#define VMB_TRACES_WRITING_H

#include "traces/db.h"

/*
 * Open the trace at `path` for recording, made when it does not exist; *place is filled. The contract is
 * that of trace_open(). Waits about twice patience_ms at most where others hold the file.
 */
int writing_open(const char *path, int patience_ms, struct db_place *place, sqlite3 **out,
                 struct error *e);

/*
 * Close it. When nobody else has it open, all is in the one file then, and another user can read it in a folder that he
 * cannot write; else the last who closes it sees to that.
 */
void writing_close(sqlite3 *db, const struct db_place *place);

#endif
