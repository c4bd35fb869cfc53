/* select - what of a trace to look at */
#ifndef VMB_ANALYZE_SELECT_H
#define VMB_ANALYZE_SELECT_H

#include "analyze/metrics.h"
#include "common/options.h"

/* Zeroed but for to_s = INFINITY: the usual run, all of it. */
struct selection {
	unsigned run;        /* 0: see select_run() */
	double from_s, to_s; /* of the run, in seconds since its first tick, both inclusive */
	const char *guests;  /* pattern of names (shell's * ? [ ]); NULL: all */
};

/* True for a program that acts on the host; vmb-collect only watches. */
bool select_is_balancer(const struct trace_run_row *run);

/* Rows of a program's options that fill a selection. */
#define SELECT_OPTION_ROWS(s)                                                                     \
	{OPTION_COUNT,                                                                            \
	 0,                                                                                       \
	 "run",                                                                                   \
	 "N",                                                                                     \
	 &(s)->run,                                                                               \
	 1,                                                                                       \
	 1e9,                                                                                     \
	 "the run of the trace to look at (default: the last one of a balancer, else the last)"}, \
	        {OPTION_NUMBER, 0, "from", "T",                                                   \
	         &(s)->from_s,  0, 1e9,    "begin T seconds after the first sample"},             \
	        {OPTION_NUMBER, 0, "to", "T",                                                     \
	         &(s)->to_s,    0, 1e9,  "end T seconds after the first sample"},                 \
	{                                                                                         \
		OPTION_TEXT, 0, "guest", "GLOB", &(s)->guests, 0, 0,                              \
		        "show these guests only, of what is told guest by guest"                  \
	}

/*
 * The run with this number, or for number 0 the last run of a balancer, or when there is none the last run. NULL and
 * a filled *e when the trace has no such run.
 */
const struct trace_run_row *select_run(const struct trace_run_row *runs, size_t nr, int64_t number,
                                       struct error *e);

/*
 * Keep, of what is told guest by guest or vCPU by vCPU, the guests whose names match; the balance of the pCPUs stays what
 * all of them made it. Returns how many match.
 */
size_t select_guests(struct series *s, const char *pattern);

/* Take out of a metric's observations those of guests that were left out. */
void select_observations(const struct metric *m, const struct series *s, struct observations *o);

#endif
