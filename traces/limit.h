/* limit - stop SQLite when it uses more CPU time than an honest file can need */
#ifndef VMB_TRACES_LIMIT_H
#define VMB_TRACES_LIMIT_H

#include <sqlite3.h>
#include <stdint.h>

/* CPU time of this thread: a loaded machine takes nothing away from an honest file. */
struct limit {
	uint64_t until_ns;
};

/* From now on the handle's statements end with SQLITE_INTERRUPT when cpu_ns are used up. *l must live until limit_end(). */
void limit_begin(struct limit *l, sqlite3 *db, uint64_t cpu_ns);
void limit_end(sqlite3 *db);

#endif
