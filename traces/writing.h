/* writing - bring a trace file into the state for recording, and afterwards into one that everybody can read */
#ifndef VMB_TRACES_WRITING_H
#define VMB_TRACES_WRITING_H

#include "traces/intact.h"

/*
 * Open the trace at `path` for recording, made when it does not exist; *place is filled. The contract is
 * that of trace_open(). Waits about twice patience_ms at most where others hold the file.
 */
int writing_open(const char *path, int patience_ms, struct db_place *place, sqlite3 **out,
                 struct error *e);

/*
 * Nothing can be recorded to a trace that writing_open() made: close it, and remove it unless someone else uses it or has a
 * run in it.
 */
void writing_undo(sqlite3 *db, const struct db_place *place);

/*
 * Close it; NULL is accepted. When nobody else has it open, all is in the one file then, and another user can read it in a
 * folder that he cannot write. Returns false when someone has, who may close it too just now: as neither was alone, neither
 * could see to that, and one of them has to look again.
 */
bool writing_close(sqlite3 *db);

/*
 * Look again at a file that was closed, and seen so; what is at its place by now, but another file, is left alone. Returns false while
 * someone still has it open, or it cannot be opened itself.
 */
bool writing_tidy(const struct db_place *place, const struct intact *seen);

/* Close it, and look again for 0.3 s at most. */
void writing_end(sqlite3 *db, const struct db_place *place, const struct intact *seen);

#endif
