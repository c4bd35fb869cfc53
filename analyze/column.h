/* column - one value per tick, stored only between the first and the last tick that has one */
#ifndef VMB_ANALYZE_COLUMN_H
#define VMB_ANALYZE_COLUMN_H

#include <stddef.h>

/* Zeroed: empty. Ticks outside [first, first + nr) and those in between that were left out are NAN. */
struct column {
	size_t first, nr, room;
	float *value;
};

/* Set the value of a tick that is not before the last one set. 0 or -ENOMEM. */
int column_set(struct column *c, size_t tick, double value);

/* The value of a tick, NAN when it has none. */
double column_at(const struct column *c, size_t tick);

void column_done(struct column *c);

#endif
