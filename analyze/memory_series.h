/* memory_series - the memory of a guest over the ticks of a run, and what a plan wanted of it */
#ifndef VMB_ANALYZE_MEMORY_SERIES_H
#define VMB_ANALYZE_MEMORY_SERIES_H

#include "analyze/column.h"
#include "analyze/steps.h"
#include "balancer/decision.h"

/*
 * What a guest told last is believed for so many of its periods. Periods are of a second at least, and the time is the
 * recorder's: the clock of the host that stamps reports may be another one.
 */
#define MEMORY_FRESH_PERIODS 3

/* A guest may take so long until its first report without anything being amiss: its period may have been set only now. */
#define MEMORY_FIRST_REPORT_S 10

/* What a guest was in a tick. */
enum guest_presence {
	GUEST_IS_GONE,
	GUEST_RUNS,
	GUEST_STANDS_STILL, /* paused, or in another state in which it tells nothing */
	GUEST_HAS_CRASHED,
};

/*
 * MiB. All of it is NAN in the ticks in which the guest was not there, or which do not tell it:
 *   actual, rss                 as the host told them
 *   used, unused, usable        as the guest told them in one report (used: available - usable). Not known while there is no
 *                               fresh report, and where a report makes no sense: more usable than available, more
 *                               available than its maximum
 *   age_s                       time since the tick that brought its last report, since it was first seen before that
 *   low, high, floor, target, state   of the plan of that tick; target is the balloon's size where it was to stay; state is an
 *                               enum memory_state
 */
struct memory_series {
	struct column actual, rss, used, unused, usable, target;
	struct steps age_s, maximum, low, high, floor, state;
	struct steps presence; /* enum guest_presence, since it was first seen */
	struct steps restarts; /* how often it has started anew since it was first seen */
	bool has_balloon;      /* as far as is known there is one, and it may be used */

	/* of the tick before; memory_series.c's own */
	uint64_t updated_s;
	uint32_t instance, reboots;
	unsigned nr_restarts;
	double seen_s, reported_s; /* when it was first seen, and of its last report */
	bool is_reporting; /* a report has come since it was first seen, or since it started */
};

/* Zeroed, then this. */
void memory_series_init(struct memory_series *m);
void memory_series_done(struct memory_series *m);

/*
 * A tick at t_s with the guest; plan: its plan, NULL when there is none. Or one without it. 0 or -ENOMEM.
 */
int memory_series_add(struct memory_series *m, size_t tick, double t_s,
                      const struct sample_guest *guest, const struct guest_plan *plan);
int memory_series_miss(struct memory_series *m, size_t tick);

/* True when some tick told the size of its balloon. */
bool memory_series_known(const struct memory_series *m);

#endif
