/* memory - metrics of what guests and host have left, and of the sizes of the balloons */
#ifndef VMB_ANALYZE_MEMORY_H
#define VMB_ANALYZE_MEMORY_H

#include "analyze/metrics.h"

/*
 * A balancer moves no balloon for less than max(4 MiB, 0.25 %), and takes half of what is too much: so far from a bound is at
 * it, and so far beyond a band is within.
 */
#define MEMORY_AT_MIB     4.0
#define MEMORY_AT_PART    0.0025
#define MEMORY_BEYOND_MIB 8.0

/* The guest runs with a balloon that may be used: what it has left can be judged. */
bool memory_is_watched(const struct series_guest *g, size_t tick);

/* So little below its maximum that it counts as having it. False where either is not known. */
bool memory_is_full(const struct series_guest *g, size_t tick);

/* Sum of the balloons of all guests that are there; NAN when one is not known, and when there is none. */
double memory_balloons_mib(const struct series *s, size_t tick);

/* Of a tick: see the table in metrics.c. NAN where it is not known. */
double memory_available_at(const struct series *s, size_t tick, int32_t *subject);
double memory_balloons_at(const struct series *s, size_t tick, int32_t *subject);
double memory_excess_at(const struct series *s, size_t tick, int32_t *subject);
double memory_spread_at(const struct series *s, size_t tick, int32_t *subject);
double memory_share_spread_at(const struct series *s, size_t tick, int32_t *subject);

/*
 * A value for each tick and guest that is watched, NAN where it is not known; nothing before its first report, when that
 * came within MEMORY_FIRST_REPORT_S. 0 or -ENOMEM.
 * unused, usable: while it is below its maximum and the host could have given what all guests lacked.
 */
int memory_unused_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out);
int memory_usable_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out);
int memory_actual_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out);
int memory_stale_observe(const struct series *s, const struct settling *x, struct window w,
                         struct observations *out);

/* Of a plan: what the host keeps, what guests may have in all, the least lower end of a band. NAN: none told. */
double memory_reserve(const struct series *s, const struct settling *x, struct window w);
double memory_pool(const struct series *s, const struct settling *x, struct window w);
double memory_low(const struct series *s, const struct settling *x, struct window w);

#endif
