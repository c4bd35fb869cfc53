/* quantile - a value that a share of observations does not exceed, found without sorting or copying them */
#ifndef VMB_ANALYZE_QUANTILE_H
#define VMB_ANALYZE_QUANTILE_H

#include "analyze/metrics.h"

/* Observations: those at these places, all of them where there are none. Borrowed. */
struct picked {
	const struct observation *at;
	const uint32_t *which;
	size_t nr;
};

/* The i-th. */
const struct observation *picked_at(const struct picked *p, size_t i);

/*
 * The least of the known values up to which their weights are this share of `weight`, which is the sum of them all; a hair less
 * counts, so that 19 of 20 equal weights are 95 % in spite of rounding. NAN where none is known. Exact: one of the values.
 */
double quantile(const struct picked *p, double weight, double share);

#endif
