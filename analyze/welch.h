/* welch - the difference of two means, and an interval for it */
#ifndef VMB_ANALYZE_WELCH_H
#define VMB_ANALYZE_WELCH_H

#include "analyze/autocorrelation.h"

struct difference {
	double by;        /* B - A */
	double low, high; /* of its interval; NAN: none */
	double p;         /* chance of a difference as large, either way, where there is none */
};

/*
 * Of means of different variance (Welch, Biometrika 34, 1947), each with n / tau - 1 degrees of freedom:
 *
 *     B - A  +-  t sqrt(Va + Vb),    freedom = (Va + Vb)^2 / (Va^2 / (na - 1) + Vb^2 / (nb - 1))
 *
 * V is the variance of a mean, n its effective samples. level: 0.95. Where nothing scatters the interval is the
 * difference itself.
 */
struct difference welch_difference(const struct mean_of *a, const struct mean_of *b, double level);

/* Below so many effective samples of either mean tau itself is not known well enough, and nothing is said. */
#define WELCH_EFFECTIVE 10

#endif
