/* steps - a value per tick that seldom changes, stored where it does */
#ifndef VMB_ANALYZE_STEPS_H
#define VMB_ANALYZE_STEPS_H

#include <stdint.h>

#include "analyze/spool.h"

struct steps_change {
	uint32_t tick; /* from this one on */
	float value;
};

/* Zeroed: empty. A column takes 4 bytes a tick, this 8 a change: for bounds, states and counts. */
struct steps {
	size_t nr;
	struct spool *changes;
};

/* From a tick on, which is not before the last one set, it is this value, or NAN: not known. As spool_add(). */
int steps_set(struct steps *s, size_t tick, double value);

/* The value in a tick; NAN before the first one. */
double steps_at(const struct steps *s, size_t tick);

/* The value that the i-th change made it. */
double steps_value(const struct steps *s, size_t i);

void steps_done(struct steps *s);

#endif
