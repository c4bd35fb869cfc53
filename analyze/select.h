/* select - what of a trace to look at */
#ifndef VMB_ANALYZE_SELECT_H
#define VMB_ANALYZE_SELECT_H

#include "analyze/metrics.h"
#include "common/options.h"

/* Zeroed but for to_s = INFINITY: the usual run, all of it. */
struct selection {
	unsigned run[2];     /* 0: see select_run(); the one beside it, see select_beside() */
	bool alone;          /* no run beside it, whatever was recorded at the same time */
	double from_s, to_s; /* of the run, in seconds since its first tick, both inclusive */
	const char *guests;  /* pattern of names (shell's * ? [ ]); NULL: all */
};

/* True for a program that acts on the host; vmb-collect only watches. */
bool select_is_balancer(const struct trace_run_row *run);

/* True for the one that makes the changes of which a metric tells (NEEDS_BALANCER): vmb-cpu pins, vmb-mem sets balloons. */
bool select_makes(const struct trace_run_row *run, const struct metric *m);

/* Rows of a program's options that fill a selection. */
#define SELECT_OPTION_ROWS(s)                                                                  \
	{OPTION_PAIR,                                                                          \
	 0,                                                                                    \
	 "run",                                                                                \
	 "N[,M]",                                                                              \
	 &(s)->run,                                                                            \
	 1,                                                                                    \
	 1e9,                                                                                  \
	 "the run of the trace to look at, and one of the same time beside it (default: the "  \
	 "last run of a balancer, beside it one of the other balancer at that time; else the " \
	 "last run)"},                                                                         \
	        {OPTION_NUMBER, 0, "from", "T",                                                \
	         &(s)->from_s,  0, 1e9,    "begin T seconds after the first sample"},          \
	        {OPTION_NUMBER, 0, "to", "T",                                                  \
	         &(s)->to_s,    0, 1e9,  "end T seconds after the first sample"},              \
	{                                                                                      \
		OPTION_TEXT, 0, "guest", "GLOB", &(s)->guests, 0, 0,                           \
		        "show these guests only, of what is told guest by guest"               \
	}

/*
 * The run with this number, or for number 0 the last run of a balancer, or when there is none the last run. NULL and
 * a filled *e when the trace has no such run.
 */
const struct trace_run_row *select_run(const struct trace_run_row *runs, size_t nr, int64_t number,
                                       struct error *e);

/*
 * Of the time that a run took, the part in which the other one went on too, on the same host: 0 to 1. The steady clock begins anew when a
 * host boots, so the wall clock must agree that there was such a time. One that was not closed ended after its ticks.
 */
double select_overlap(const struct trace_run_row *run, const struct trace_run_row *other);

/* Select run `number` alone; 0: leave the selection as it is. */
void select_one(struct selection *s, unsigned number);

/* The last run of the other balancer that went on for at least half of the time of this one; NULL when there is none. */
const struct trace_run_row *select_beside(const struct trace_run_row *runs, size_t nr,
                                          const struct trace_run_row *run);

/*
 * Keep, of what is told guest by guest or vCPU by vCPU, the guests whose names match; the balance of the pCPUs stays what
 * all of them made it. Returns how many match.
 */
size_t select_guests(struct series *s, const char *pattern);

/* Take out of a metric's observations those of guests that were left out. 0 or -ENOMEM. */
int select_observations(const struct metric *m, const struct series *s, struct observations *o);

#endif
