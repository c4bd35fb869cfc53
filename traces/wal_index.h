/* wal_index - the index of a -wal in this process's own memory, where there is no -shm to share */
#ifndef VMB_TRACES_WAL_INDEX_H
#define VMB_TRACES_WAL_INDEX_H

#include <sqlite3.h>

#include "common/cleanup.h"
#include "common/error.h"

struct wal_index;

/*
 * Let a handle that was opened with DB_READ, and has read nothing yet, find its way in the -wal by an index that SQLite
 * makes anew in memory: nothing is made beside the file, and neither file is changed. Nobody else sees its locks, so nobody
 * may write meanwhile. To be freed after the handle is closed. Returns 0, -EIO, -ENOMEM.
 */
int wal_index_give(sqlite3 *db, struct wal_index **out, struct error *e);
void wal_index_free(struct wal_index *w);
DEFINE_AUTO(struct wal_index *, wal_index_free);

#endif
