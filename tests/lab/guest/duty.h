/* duty - keep each vCPU of this guest busy for a given share of the time */
#ifndef VMB_GUEST_DUTY_H
#define VMB_GUEST_DUTY_H

#include "schedule.h"

/* What all vCPUs together did since the load started; shares are to be taken of elapsed_ns × nr_vcpus. */
struct duty_account {
	unsigned nr_vcpus;
	uint64_t elapsed_ns;
	uint64_t asked_ns;  /* what the schedule wanted */
	uint64_t worked_ns; /* what was done of it */
	uint64_t
	        stolen_ns; /* time that passed in the midst of work without us: the host ran others */
};

/*
 * Start one worker thread on each of nr vCPUs; they sleep until duty_start(). `seed` makes the moments at
 * which they work differ from those of other guests. Returns 0, or -1 with errno.
 */
int duty_init(unsigned nr_vcpus, unsigned seed);

/* Follow the schedule from now on; its clock starts delay_ns from now, until then its first level holds. */
void duty_start(const struct schedule *s, uint64_t delay_ns);

/* Sleep until the next duty_start(). The account stands still. */
void duty_stop(void);

void duty_read(struct duty_account *out);

#endif
