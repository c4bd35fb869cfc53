/* schedule - which load a guest shall have at which moment, as one short word: "18", "9,25@30" */
#ifndef VMB_GUEST_SCHEDULE_H
#define VMB_GUEST_SCHEDULE_H

#include <stdint.h>

#define SCHEDULE_STEPS 32
#define SCHEDULE_TEXT  256

/* From at_ns on, level_ppm millionths of each vCPU. */
struct schedule_step {
	uint64_t at_ns;
	uint32_t level_ppm;
};

struct schedule {
	unsigned nr;
	struct schedule_step step[SCHEDULE_STEPS]; /* in order of time, the first at 0 */
};

/*
 * Read "LEVEL[,LEVEL@SECOND]...": levels in percent of each vCPU, seconds counted from the start of the load;
 * both may have a fraction. Returns 0, or -1 when the text is not a schedule; *s is then untouched.
 */
int schedule_parse(const char *text, struct schedule *s);

/* The level in force at_ns after the start. Before any step, and with no step at all: 0. */
uint32_t schedule_level_ppm(const struct schedule *s, uint64_t at_ns);

#endif
