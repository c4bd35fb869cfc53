/* course - the way that a series takes against its limit, told apart from its noise */
#include "analyze/course.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

const char *const course_name[] = {
        [COURSE_FLAT] = "flat",     [COURSE_SETTLES] = "settles",
        [COURSE_DRIFTS] = "drifts", [COURSE_OSCILLATES] = "oscillates",
        [COURSE_NEVER] = "never",   [COURSES] = NULL,
};
static_assert(sizeof(course_name) / sizeof(course_name[0]) == COURSES + 1, "a name for each");

/* Leaving the limit begins this part of it beyond: 1 of 5 points, which is a 10 ms step at an interval of 1 s. */
#define MARGIN_PART 0.2

/* What left the limit after so many samples had been within; with fewer it only passed through it. */
#define STRETCH 5

/* From this share of samples beyond the margin on, single ones are no longer noise. */
#define SPIKES_PART 0.1

/*
 * A trend within the limit counts over a stretch so long, when it makes this part of the limit and is this many of its
 * standard errors. Of 2,000 flat series of 300 samples with a noise of 0.8 points and an autocorrelation of 0.8
 * none was called a drift; of those that settled late and left 90 samples 4. In stretches
 * of 40 samples, which show too little of their autocorrelation, it were 12.
 */
#define TREND_LENGTH 60
#define TREND_PART   0.3
#define TREND_ERRORS 4.0

/* Excesses over the limit: positive ones are out of it. */
struct excess {
	struct spool *of; /* double */
	size_t nr;
	double margin; /* beyond the limit, before it counts as left */
	double unit;   /* the limit's size, against which a trend is held */
};

/* What the series did, in stretches within and out of the limit. */
struct stretches {
	bool was_out, is_in;
	size_t leaves;     /* times that it went out after it was within */
	size_t first_in;   /* length of the first stretch within */
	size_t last;       /* length of the last one, within or out */
	size_t out_again;  /* samples out of the limit after it was first within */
	size_t since;      /* samples since it was first within */
	size_t last_since; /* where it begins */
};

static double at(const struct excess *x, size_t i)
{
	return *(const double *)spool_at(x->of, i);
}

static double excess_of(struct limit limit, double value)
{
	switch (limit.op) {
	case LIMIT_AT_LEAST:
	case LIMIT_ABOVE:
		return limit.value - value;
	case LIMIT_IS:
		return fabs(value - limit.value);
	default:
		return value - limit.value;
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of five round a sample, of fewer at the start. At the end it is that of the last five. */
static double median_at(const struct excess *x, size_t middle)
{
	size_t half = middle < 2 ? middle : 2, i;
	double window[5];

	if (middle + 3 > x->nr)
		middle = x->nr - 3;
	for (i = 0; i <= 2 * half; i++)
		window[i] = at(x, middle - half + i);
	qsort(window, 2 * half + 1, sizeof(*window), by_size);
	return window[half];
}

/* Out is what is beyond the margin, in what is not beyond the limit; between the two it is what it was. */
static struct stretches walk(const struct excess *x)
{
	struct stretches s = {0};
	size_t length = 0, i;
	double median;
	bool in = at(x, 0) <= 0, before;

	s.was_out = !in;
	for (i = 0; i < x->nr; i++) {
		before = in;
		median = median_at(x, i);
		in = in ? median <= x->margin : median <= 0;
		if (in != before) {
			s.leaves += before;
			if (before && !s.first_in)
				s.first_in = length;
			s.was_out = true;
			length = 0;
		}
		length++;
		s.since += in || s.since;
		s.out_again += !in && s.since;
	}
	s.is_in = in;
	s.last = length;
	s.last_since = x->nr - length;
	return s;
}

/* How many of the last samples are out of the limit by more than `beyond`. */
static size_t count_beyond(const struct excess *x, size_t from, double beyond)
{
	size_t n = 0;

	for (; from < x->nr; from++)
		n += at(x, from) > beyond;
	return n;
}

/* A stretch that hovers between limit and margin is not within. */
static bool holds_at_the_end(const struct excess *x, const struct stretches *s)
{
	size_t half = s->last_since + s->last / 2;

	if (!s->is_in || (s->last < SETTLED_SAMPLES && 2 * s->last < x->nr))
		return false;
	return 2 * count_beyond(x, half, 0) <= x->nr - half;
}

/* The line through the last samples: how far it leads towards the limit, and what is left round it. */
struct line {
	double rise, error; /* by n / τ samples */
};

static struct line fit(const struct excess *x, size_t from, size_t end)
{
	double n = (double)(end - from), mean = 0, slope = 0, moment, squares = 0, lagged = 0;
	double before = 0, left, rho;
	size_t i;

	for (i = from; i < end; i++)
		mean += at(x, i) / n;
	moment = n * (n * n - 1) / 12;
	for (i = from; i < end; i++)
		slope += ((double)(i - from) - (n - 1) / 2) * (at(x, i) - mean) / moment;
	for (i = from; i < end; i++) {
		left = at(x, i) - mean - slope * ((double)(i - from) - (n - 1) / 2);
		squares += left * left;
		lagged += i > from ? left * before : 0;
		before = left;
	}
	rho = squares > 0 ? lagged / squares : 0;
	rho += (1 + 4 * rho) / n; /* a short series shows less of it than there is */
	rho = fmin(fmax(rho, 0), 0.99);
	n *= (1 - rho) / (1 + rho);
	return (struct line){slope * (double)(end - from),
	                     sqrt(12 * squares / (double)(end - from) / n)};
}

/* Each half must lead there too: a step between two levels is no trend. */
static bool is_on_its_way(const struct excess *x, const struct stretches *s)
{
	size_t from = s->last_since, middle = from + s->last / 2;
	struct line line = fit(x, from, x->nr);

	if (s->last < TREND_LENGTH)
		return false;
	if (line.rise < TREND_PART * x->unit || line.rise < TREND_ERRORS * line.error)
		return false;
	return fmin(fit(x, from, middle).rise, fit(x, middle, x->nr).rise) > line.rise / 4;
}

/* Left for good: a third of the run out of the limit at its end. */
static bool is_gone(const struct excess *x, const struct stretches *s)
{
	return !s->is_in && s->first_in >= STRETCH && (s->leaves == 1 || 3 * s->last >= x->nr);
}

static enum course name_of(const struct excess *x)
{
	struct stretches s = walk(x);

	if (!holds_at_the_end(x, &s)) {
		if (is_gone(x, &s))
			return COURSE_DRIFTS;
		return s.leaves >= 2 ? COURSE_OSCILLATES : COURSE_NEVER;
	}
	if ((double)count_beyond(x, s.last_since, x->margin) > SPIKES_PART * (double)s.last)
		return COURSE_OSCILLATES;
	if (s.leaves >= 2 && 2 * s.last < x->nr &&
	    (double)s.out_again > SPIKES_PART * (double)s.since)
		return COURSE_OSCILLATES;
	if (is_on_its_way(x, &s))
		return COURSE_DRIFTS;
	return s.was_out ? COURSE_SETTLES : COURSE_FLAT;
}

int course_find(const struct observations *o, struct limit limit, int *course)
{
	struct excess x = {.margin = MARGIN_PART * fabs(limit.value), .unit = fabs(limit.value)};
	double value;
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < o->nr; i++) {
		value = observations_at(o, i).value;
		if (isnan(value))
			continue;
		value = excess_of(limit, value);
		r = spool_add(&x.of, sizeof(value), &value);
		x.nr++;
	}
	if (r == 0)
		*course = x.nr < COURSE_SAMPLES ? COURSE_UNKNOWN : (int)name_of(&x);
	spool_free(x.of);
	return r;
}
