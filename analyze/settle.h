/* settle - since when a limit holds to the end of a run */
#ifndef VMB_ANALYZE_SETTLE_H
#define VMB_ANALYZE_SETTLE_H

#include "analyze/limit.h"

/* Deadlines from the first load on in which a balancer may find out and act: so long nothing counts as settled. */
#define SETTLE_GRACE_TICKS 3

/*
 * A limit that holds for this many samples at the end, or for half of all, has settled; less is not settling
 * but a run that ended in a good moment.
 */
#define SETTLED_SAMPLES 10

/* Since when the limit of one series holds, looking at samples with load only (where the metric needs load). */
struct settled {
	bool is;
	double at_s;   /* of the first sample since which it holds; not before it was loaded */
	size_t held;   /* samples since then */
	size_t judged; /* all that are known */
	size_t left;   /* times that it held and then did not any more */
};

/*
 * Find since when at least hold_pct percent of the samples to the end are within the limit, the first of them being so.
 * Samples that are not known are left out. o must be in the order of time.
 */
struct settled settle_find(const struct observations *o, struct limit limit, double hold_pct);

/* When the balance of the pCPUs of a run settled, and when all its guests came to rest in their bands of memory. */
struct settling {
	struct limit limit; /* of cpu.sd_pp */
	bool loaded;
	size_t load_tick; /* of the first load, and its time */
	double load_s;
	double grace_s; /* SETTLE_GRACE_TICKS later; INFINITY when the run ended before */
	struct settled settled;
	int course; /* enum course of course.h since the first load, COURSE_UNKNOWN without */
	struct settled rest; /* of mem.at_rest; none judged where no plan of memory tells */
	int rest_course;
};

/* 0 or -ENOMEM. */
int settle_run(const struct series *s, struct limit balance, struct settling *out);

/*
 * Whether memory decides when a run has settled, as far as this metric is concerned: for those of memory always, for those of
 * CPUs never, for the others in a run of vmb-mem.
 */
bool settle_is_of_memory(const struct series *s, const struct metric *m);

/* Since when: from_s is NAN where it has not settled. */
struct window settle_window(const struct series *s, const struct settling *x,
                            const struct metric *m);

/* The time of the first tick at least `ticks` deadlines after another one; INFINITY when there is none. */
double settle_ticks_after(const struct series *s, size_t tick, uint64_t ticks);

#endif
