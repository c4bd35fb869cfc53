/* course - the way that a series takes against its limit, told apart from its noise */
#ifndef VMB_ANALYZE_COURSE_H
#define VMB_ANALYZE_COURSE_H

#include "analyze/settle.h"

/*
 * Unlike settle_find(), which lets no sample pass, a course looks at running medians of five: one or two samples that
 * stand alone are noise, except at the very start.
 */
enum course {
	COURSE_FLAT,    /* within the limit from the first sample on */
	COURSE_SETTLES, /* out of it, then within to the end */
	COURSE_DRIFTS,  /* within, then it left and did not come back; or it is on the way there */
	COURSE_OSCILLATES, /* in and out, again and again */
	COURSE_NEVER,      /* not within the limit at the end, and hardly before */
	COURSES
};

#define COURSE_UNKNOWN (-1)

extern const char *const course_name[COURSES + 1]; /* "flat"; the last one is NULL */

/* Samples below which there is no course. */
#define COURSE_SAMPLES 10

/*
 * *course is that of the known observations, which must be in the order of time, COURSE_UNKNOWN when they are fewer than
 * COURSE_SAMPLES. The limit is <=, <, >=, > or ==. Returns 0 or -ENOMEM.
 */
int course_find(const struct observations *o, struct limit limit, int *course);

#endif
