/* permutation - whether two groups of runs differ by more than which run fell into which group explains */
#include "analyze/permutation.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEED  0x9e3779b97f4a7c15u
#define EQUAL (1 - 1e-9) /* what is as large but for rounding counts as large */

static double choose(size_t n, size_t k)
{
	double ways = 1;
	size_t i;

	for (i = 1; i <= k && ways < 1e300; i++)
		ways = ways * (double)(n - k + i) / (double)i;
	return round(ways);
}

double permutation_level(size_t nr_a, size_t nr_b, double level)
{
	double ways = choose(nr_a + nr_b, nr_a);

	if (nr_a < PERMUTATION_RUNS || nr_b < PERMUTATION_RUNS)
		return 0;
	return 2 * floor(ways * level / 2 * (1 + 1e-9)) / ways;
}

bool permutation_can_tell(size_t nr_a, size_t nr_b, double level)
{
	return permutation_level(nr_a, nr_b, level) > 0;
}

size_t permutation_more(size_t nr_a, size_t nr_b, double level)
{
	size_t more = 0;

	while (!permutation_can_tell(nr_a + more, nr_b + more, level))
		more++;
	return more;
}

/* The next arrangement in the order of binary numbers: move the last 1 that can go forward, the ones behind it to the end. */
static void next(unsigned char *in_b, size_t runs)
{
	size_t i = runs - 1, ones = 0;

	while (i && !(in_b[i] && !in_b[i - 1])) {
		ones += in_b[i];
		i--;
	}
	if (!i)
		return;
	in_b[i - 1] = 1;
	in_b[i] = 0;
	for (i++; i < runs; i++)
		in_b[i] = runs - i <= ones;
}

/* Marsaglia's xorshift: enough for a shuffle, and the same everywhere. */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void shuffle(unsigned char *in_b, size_t runs, uint64_t *state)
{
	unsigned char swap;
	size_t i, with;

	for (i = runs; i > 1; i--) {
		with = (size_t)(draw(state) >> 11) % i;
		swap = in_b[i - 1];
		in_b[i - 1] = in_b[with];
		in_b[with] = swap;
	}
}

int arrangements_make(struct arrangements *a, size_t nr_a, size_t nr_b)
{
	double ways = choose(nr_a + nr_b, nr_a);
	uint64_t state = SEED;
	size_t i;

	*a = (struct arrangements){.runs = nr_a + nr_b, .all = ways <= PERMUTATION_ALL};
	a->nr = a->all ? (size_t)ways : PERMUTATION_DRAWN;
	a->in_b = calloc(a->nr, a->runs + 1);
	if (!a->in_b)
		return -ENOMEM;
	memset(a->in_b + nr_a, 1, nr_b);
	for (i = 1; i < a->nr; i++) {
		unsigned char *row = a->in_b + i * a->runs;

		memcpy(row, row - a->runs, a->runs);
		if (a->all)
			next(row, a->runs);
		else
			shuffle(row, a->runs, &state);
	}
	return 0;
}

void arrangements_done(struct arrangements *a)
{
	free(a->in_b);
	*a = (struct arrangements){0};
}

/* The two groups of an arrangement, of values that are known. */
struct split {
	double sum[2];
	size_t nr[2];
	size_t moved; /* of B's own runs that are put into B */
};

static struct split split(const struct arrangements *a, size_t arrangement, const double *values)
{
	const unsigned char *in_b = a->in_b + arrangement * a->runs;
	struct split s = {0};
	size_t i;

	for (i = 0; i < a->runs; i++) {
		if (isnan(values[i]))
			continue;
		s.sum[in_b[i]] += values[i];
		s.nr[in_b[i]]++;
		s.moved += in_b[i] && a->in_b[i];
	}
	return s;
}

static double difference(const struct split *s)
{
	return s->sum[1] / (double)s->nr[1] - s->sum[0] / (double)s->nr[0];
}

static double statistic(const struct split *s, double sd)
{
	if (!s->nr[0] || !s->nr[1] || !(sd > 0))
		return 0;
	return fabs(difference(s)) / (sd * sqrt(1 / (double)s->nr[0] + 1 / (double)s->nr[1]));
}

static double sd_of(const double *values, size_t nr)
{
	double mean = 0, sum = 0;
	size_t known = 0, i;

	for (i = 0; i < nr; i++)
		if (!isnan(values[i])) {
			mean += values[i];
			known++;
		}
	mean /= (double)known;
	for (i = 0; i < nr; i++)
		if (!isnan(values[i]))
			sum += (values[i] - mean) * (values[i] - mean);
	return known ? sqrt(sum / (double)known) : 0;
}

/* A metric in the order of what was observed, the smallest first. */
struct tested {
	size_t at;
	double sd, observed;
	size_t alone, together; /* arrangements that reach it */
};

static int by_observed(const void *a, const void *b)
{
	double x = ((const struct tested *)a)->observed, y = ((const struct tested *)b)->observed;

	return (x > y) - (x < y);
}

static void count(const struct arrangements *a, const double *values, size_t nr, struct tested *t)
{
	double now, most;
	struct split s;
	size_t i, n;

	for (i = 0; i < a->nr; i++)
		for (n = 0, most = 0; n < nr; n++) {
			s = split(a, i, values + t[n].at * a->runs);
			now = statistic(&s, t[n].sd);
			most = now > most ? now : most;
			t[n].alone += now >= EQUAL * t[n].observed;
			t[n].together += most >= EQUAL * t[n].observed;
		}
}

int permutation_test(const struct arrangements *a, const double *values, size_t nr, double *alone,
                     double *together)
{
	struct tested *t = calloc(nr + 1, sizeof(*t));
	double most = 0, p;
	struct split s;
	size_t i;

	if (!t)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		s = split(a, 0, values + i * a->runs);
		t[i].at = i;
		t[i].sd = sd_of(values + i * a->runs, a->runs);
		t[i].observed = statistic(&s, t[i].sd);
	}
	qsort(t, nr, sizeof(*t), by_observed);
	count(a, values, nr, t);
	for (i = nr; i--;) {
		alone[t[i].at] = (double)t[i].alone / (double)a->nr;
		/* what is behind a metric that is not shown is not shown either */
		p = (double)t[i].together / (double)a->nr;
		most = p > most ? p : most;
		together[t[i].at] = most;
	}
	free(t);
	return 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * Where B is shifted by -d, the difference of an arrangement falls by `share` * d, that observed by d: as many of its
 * B's own runs are in B as `share` says. It is as large as that observed from the d on where the two meet.
 */
static size_t meeting_points(const struct arrangements *a, const double *values, double *points,
                             size_t *always)
{
	struct split seen = split(a, 0, values), s;
	double share, observed = difference(&seen);
	size_t nr = 0, i;

	for (i = 0; i < a->nr; i++) {
		s = split(a, i, values);
		if (!s.nr[0] || !s.nr[1])
			continue;
		share = (double)s.moved / (double)s.nr[1] -
		        (double)(seen.nr[1] - s.moved) / (double)s.nr[0];
		if (share > EQUAL)
			(*always)++;
		else
			points[nr++] = (observed - difference(&s)) / (1 - share);
	}
	return nr;
}

int permutation_interval(const struct arrangements *a, const double *values, double level,
                         double *low, double *high)
{
	double *points = calloc(a->nr + 1, sizeof(*points));
	size_t always = 0, nr, k;

	if (!points)
		return -ENOMEM;
	nr = meeting_points(a, values, points, &always);
	qsort(points, nr, sizeof(*points), ascending);
	/* so many arrangements, with those that always are as large, are still no more than a tail */
	k = (size_t)floor((1 - level) / 2 * (double)(nr + always) + 1e-9);
	k = k + 1 > always ? k + 1 - always : 0;
	*low = k && k <= nr ? points[k - 1] : -INFINITY;
	*high = k && k <= nr ? points[nr - k] : INFINITY;
	free(points);
	return 0;
}
