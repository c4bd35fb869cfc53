/* permutation - whether two groups of runs differ by more than which run fell into which group explains */
#ifndef VMB_ANALYZE_PERMUTATION_H
#define VMB_ANALYZE_PERMUTATION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The arrangements of runs into A and B, in groups as large as they are: all of them up to PERMUTATION_ALL (9 and 9 are
 * 48,620), above that PERMUTATION_DRAWN drawn at random, always the same ones. The first is the one observed.
 */
struct arrangements {
	size_t runs; /* of A and B, A's first */
	size_t nr;
	bool all;
	unsigned char *in_b; /* nr rows, for each run whether it is put into B */
};

#define PERMUTATION_ALL   50000
#define PERMUTATION_DRAWN 20000

/* 0 or -ENOMEM; arrangements_done() is needed on success. */
int arrangements_make(struct arrangements *a, size_t nr_a, size_t nr_b);
void arrangements_done(struct arrangements *a);

/* Fewest runs of a group. */
#define PERMUTATION_RUNS 3

/*
 * True when a two-sided test at this level (0.05) could find anything: PERMUTATION_RUNS in each group, and one arrangement
 * of all is no more than half of the level. So 4 and 4, or 3 and 5; with 3 and 3 the least p is 2 in 20.
 */
bool permutation_can_tell(size_t nr_a, size_t nr_b, double level);

/* The greatest p of groups of this size that is no more than the level: 0.0286 of 4 and 4; 0 where they cannot tell. */
double permutation_level(size_t nr_a, size_t nr_b, double level);

/* How many runs more each group needs for that. */
size_t permutation_more(size_t nr_a, size_t nr_b, double level);

/*
 * Test nr metrics at once. values: nr rows with the value of each run, NAN where it is not known; values that have no mean
 * (infinite ones) are replaced by ranks before. The statistic of a metric is
 *
 *     T = |mean of B - mean of A| / (s sqrt(1/nA + 1/nB)),   s: standard deviation over all runs of both groups
 *
 * alone     the share of arrangements with a T as large: Fisher's exact test of the difference of means, since s is
 *           the same in all arrangements. Where there is no difference a p below 5 % comes up in 5 % of cases at most,
 *           whatever the distribution.
 * together  adjusted for all metrics: the share of arrangements in which the greatest T of this metric and those with a
 *           smaller T is as large (Westfall and Young, Resampling-Based Multiple Testing, 1993, step-down max T). The
 *           chance of one wrong claim among all is held, and metrics that say the same cost nothing. Holm's would
 *           need p <= 0.05 / nr, which 5 and 5 runs (2 in 252) cannot reach with more than six metrics.
 *
 * Returns 0 or -ENOMEM.
 */
int permutation_test(const struct arrangements *a, const double *values, size_t nr, double *alone,
                     double *together);

/*
 * The interval of the shifts d for which a permutation test of A against B - d does not reject, with (1 - level) / 2 on either
 * side (Tritchler, JASA 79, 1984). Each arrangement has one d at which its difference of means equals the observed
 * one; the interval ends at the k-th smallest and the k-th largest of these, k = (1 - level) / 2 of the
 * arrangements. Exact like the test, and agrees with it where the groups are equal in size; Welch's interval presumes a normal
 * distribution, and that of Hodges and Lehmann belongs to a test of ranks. Infinite ends: too few runs.
 * Returns 0 or -ENOMEM.
 */
int permutation_interval(const struct arrangements *a, const double *values, double level,
                         double *low, double *high);

#endif
