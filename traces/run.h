/* run - the rows that say what a run is: program, host, pCPUs, and the names of codes */
#ifndef VMB_TRACES_RUN_H
#define VMB_TRACES_RUN_H

#include "traces/rows.h"
#include "traces/trace_write.h"

/*
 * Write them, inside of a write transaction; *id is the run's number. `continues` says which run of which file it goes
 * on with; NULL: none. Returns an SQLite result code.
 */
int run_write(struct rows *rows, const struct trace_run *run, const struct host_facts *facts,
              const char *continues, int64_t *id);

#endif
