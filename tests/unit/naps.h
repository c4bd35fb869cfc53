/* naps - how long the code under test has slept by itself, whatever the machine does; to be included once in a test */
#ifndef VMB_TESTS_UNIT_NAPS_H
#define VMB_TESTS_UNIT_NAPS_H

#include <stdint.h>
#include <time.h>

static uint64_t napped_ns;

/* In place of the C library's. */
int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	napped_ns += (uint64_t)wanted->tv_sec * 1000000000 + (uint64_t)wanted->tv_nsec;
	return clock_nanosleep(CLOCK_MONOTONIC, 0, wanted, left) ? -1 : 0;
}

#endif
