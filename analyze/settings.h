/* settings - what a run was told to do, from the settings text in its trace and what changed of it */
#ifndef VMB_ANALYZE_SETTINGS_H
#define VMB_ANALYZE_SETTINGS_H

#include "traces/trace_read.h"

/* The pass mark of the cases (tests/cases), and vmb-cpu's default. */
#define SETTINGS_BALANCE_PP 5.0

/* As vmb-mem weighs a guest of which nothing is said. */
#define SETTINGS_SHARE 1000

/*
 * The limit of the standard deviation over pCPUs that the run kept to, in points: its "balance=5". SETTINGS_BALANCE_PP
 * where the text names none (a recorder that only watches) or none that vmb-cpu would take (0.5 to 50).
 */
double settings_balance_pp(const struct trace_run_row *run);

/* The pCPUs that the run was to use: its "cpus=0-3". False, and *cpus untouched, where it was given none. */
bool settings_cpus(const struct trace_run_row *run, struct cpuset *cpus);

/*
 * True for a guest that the run was to manage: its name matches one of the patterns "only=web*" where there are such, and none of
 * "exclude=web3". Blanks in a pattern stand as %20.
 */
bool settings_choose(const struct trace_run_row *run, const char *guest);

/*
 * What a guest weighs where there is not enough for all: as the last event "share" of its name says ("2000 web1"), else the last
 * "share=web*=2000" of the settings that fits; 1000 without one.
 */
unsigned settings_share(const struct trace_run_row *run, const struct trace_event_row *events,
                        size_t nr_events, const char *guest);

/* Such an event, which is no news for people. */
bool settings_is_share(const struct trace_event_row *event);

/* The run was to move memory: vmb-mem recorded it. */
bool settings_moves_memory(const struct trace_run_row *run);

/* The run was to move also guests with pins of their own: it has "override-pins=yes". */
bool settings_override_pins(const struct trace_run_row *run);

#endif
