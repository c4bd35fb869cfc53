/* select - which of the runs in a trace to look at */
#ifndef VMB_ANALYZE_SELECT_H
#define VMB_ANALYZE_SELECT_H

#include "traces/trace_read.h"

/* True for a program that acts on the host; vmb-collect only watches. */
bool select_is_balancer(const struct trace_run_row *run);

/*
 * The run with this number, or for number 0 the last run of a balancer, or when there is none the last run. NULL and
 * a filled *e when the trace has no such run.
 */
const struct trace_run_row *select_run(const struct trace_run_row *runs, size_t nr, int64_t number,
                                       struct error *e);

/* How many ticks these runs have together. */
uint64_t select_ticks(const struct trace_run_row *runs, size_t nr);

#endif
