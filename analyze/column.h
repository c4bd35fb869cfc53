/* column - one value per tick, stored only between the first and the last tick that has one */
#ifndef VMB_ANALYZE_COLUMN_H
#define VMB_ANALYZE_COLUMN_H

#include <math.h>

#include "analyze/spool.h"

/* Zeroed: empty. Ticks outside [first, first + nr) and those in between that were left out are NAN. */
struct column {
	size_t first, nr;
	struct spool *values; /* float */
};

/* Set the value of a tick that is after the last one set. As spool_add(). */
int column_set(struct column *c, size_t tick, double value);

/* The value of a tick, NAN when it has none. */
static inline double column_at(const struct column *c, size_t tick)
{
	if (tick < c->first || tick - c->first >= c->nr)
		return NAN;
	return (double)*(const float *)spool_at(c->values, tick - c->first);
}

void column_done(struct column *c);

#endif
