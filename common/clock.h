/* clock - the steady clock, and the deadlines of a loop that never drifts */
#ifndef VMB_COMMON_CLOCK_H
#define VMB_COMMON_CLOCK_H

#include <stdint.h>

#define NS_PER_S  1000000000ULL
#define NS_PER_MS 1000000ULL

uint64_t clock_mono_ns(
        void); /* CLOCK_MONOTONIC: does not jump; stands still while the host sleeps */
uint64_t clock_wall_ns(void);     /* CLOCK_REALTIME */
uint64_t clock_self_cpu_ns(void); /* CPU time of this process, all threads */

/* Deadlines start + n × interval. A late tick does not move the next one; a missed one is never served later. */
struct ticker {
	uint64_t start_ns;
	uint64_t interval_ns;
	uint64_t
	        number; /* of the deadline that ticker_next() gave last: a gap shows that some were missed */
};

void ticker_init(struct ticker *t, uint64_t now_ns, uint64_t interval_ns);

/* The first deadline after now_ns. */
uint64_t ticker_next(struct ticker *t, uint64_t now_ns);

/*
 * True when the time between two readings was more than three intervals: the program was stopped, the host slept or
 * did not answer, and rates over the gap mean nothing.
 */
int ticker_gap(const struct ticker *t, uint64_t before_ns, uint64_t now_ns);

#endif
