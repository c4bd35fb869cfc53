/* quantile - a value that a share of observations does not exceed, found without sorting or copying them */
#ifndef VMB_ANALYZE_QUANTILE_H
#define VMB_ANALYZE_QUANTILE_H

#include "analyze/metrics.h"

enum {
	QUANTILE_DIGITS = 256,
};

/*
 * The least of the known values up to which their weights are this share of `weight`, which is the sum of them all; a hair less
 * counts, so that 19 of 20 equal weights are 95 % in spite of rounding. NAN where none is known. Exact: one of the values.
 */
struct quantile {
	double share, weight; /* what is asked */
	double value;         /* what is found */

	/* of the values that begin as the key does, by their next digit; quantile.c's own */
	uint64_t key;
	double below; /* weight of those that are less */
	double weights[QUANTILE_DIGITS];
	uint32_t nr[QUANTILE_DIGITS];
};

/*
 * Find all of them in eight walks over the observations: `each` of all observations where nr_subjects is 0, else `each` of those of
 * subject 0, then of those of subject 1, and so on.
 */
void quantiles(const struct observations *o, size_t nr_subjects, struct quantile *q, size_t each);

#endif
