/* autocorrelation - how many independent samples a series of correlated ones is worth */
#include "analyze/autocorrelation.h"

#include <math.h>

/* A copy of some samples. */
static void copy(struct spool *x, size_t from, size_t nr, double *to)
{
	size_t i;

	for (i = 0; i < nr; i++)
		to[i] = *(const double *)spool_at(x, from + i);
}

/* Part by part: two places of a spool in turn may be two blocks of a file. */
static double covariance(struct spool *x, size_t n, double mean, size_t lag)
{
	double sum = 0, now[SPOOL_BLOCK], later[SPOOL_BLOCK];
	size_t from, nr, i;

	for (from = 0; from + lag < n; from += nr) {
		nr = n - lag - from < SPOOL_BLOCK ? n - lag - from : SPOOL_BLOCK;
		copy(x, from, nr, now);
		copy(x, from + lag, nr, later);
		for (i = 0; i < nr; i++)
			sum += (now[i] - mean) * (later[i] - mean);
	}
	return sum / (double)n;
}

/* Sum of the covariances over all lags, both ways, cut by the initial monotone sequence; *lags that it took. */
static double spread(struct spool *x, size_t n, double mean, double c0, size_t *lags)
{
	double sum = 0, pair, last = INFINITY;
	size_t k;

	for (k = 0; k < n / 2; k += 2) {
		pair = (k ? covariance(x, n, mean, k) : c0) + covariance(x, n, mean, k + 1);
		if (pair <= 0)
			break;
		last = pair < last ? pair : last;
		sum += last;
		*lags = k + 2;
	}
	return 2 * sum - c0;
}

struct mean_of autocorrelation_mean(struct spool *x)
{
	size_t n = x ? x->nr : 0;
	struct mean_of m = {n ? 0 : NAN, NAN, (double)n};
	double c0, sum, share, variance, tau;
	size_t lags = 1, i;

	for (i = 0; i < n; i++)
		m.mean += *(const double *)spool_at(x, i) / (double)n;
	if (n < 2)
		return m;
	m.variance = 0;
	c0 = covariance(x, n, m.mean, 0);
	if (!(c0 > 0))
		return m;
	sum = spread(x, n, m.mean, c0, &lags);
	share = (double)(2 * lags - 1) / (double)n;
	sum /= share < 0.8 ? 1 - share : 0.2;
	sum = sum > 0 ? sum : 0;
	variance = c0 + sum / (double)n; /* of a sample, around the true mean */
	tau = sum / variance;
	tau = tau > 1 ? tau : 1;
	m.variance = tau * variance / (double)n;
	m.effective = (double)n / tau;
	return m;
}
