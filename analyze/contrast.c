/* contrast - two runs, or two groups of runs, held against each other */
#include "analyze/contrast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/holm.h"
#include "analyze/permutation.h"
#include "analyze/power.h"
#include "analyze/welch.h"

#define LEVEL  (1 - CONTRAST_LEVEL)
#define STEP_S 0.010 /* of CPU times, as libvirt and the kernel tell them */

/* The values of one metric in all runs, A's first; NAN where a run does not know it. */
static void take_values(const struct contrast *c, const struct metric *m, double *values)
{
	size_t which, i;

	for (which = 0; which < 2; which++)
		for (i = 0; i < c->group[which].nr; i++)
			*values++ = c->group[which].runs[i].metrics[m - metrics].mean.mean;
}

static size_t known(const double *values, size_t nr, double *mean)
{
	double sum = 0;
	size_t n = 0, i;

	for (i = 0; i < nr; i++)
		if (!isnan(values[i])) {
			sum += values[i];
			n++;
		}
	*mean = sum / (double)n;
	return n;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of at least one known value; infinite ones may be among them. The upper of the two in the middle. */
static int median(const double *values, size_t nr, double *out)
{
	double *sorted = malloc(nr * sizeof(*sorted) + 1);
	size_t n = 0, i;

	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		if (!isnan(values[i]))
			sorted[n++] = values[i];
	qsort(sorted, n, sizeof(*sorted), ascending);
	*out = sorted[n / 2];
	free(sorted);
	return 0;
}

/* The value that all have; NAN where they differ, or where some run does not know it. */
static double common(const double *values, size_t nr)
{
	size_t i;

	for (i = 1; i < nr; i++)
		if (values[i] != values[0])
			return NAN;
	return values[0];
}

/* Each value by how many are below it and half of those that are the same. */
static int rank(double *values, size_t nr)
{
	double *of = calloc(nr + 1, sizeof(*of));
	size_t i, n;

	if (!of)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		for (n = 0; n < nr; n++)
			of[i] += (values[n] < values[i]) + 0.5 * (values[n] == values[i]);
	for (i = 0; i < nr; i++)
		if (!isnan(values[i]))
			values[i] = of[i];
	free(of);
	return 0;
}

static bool has_infinite(const double *values, size_t nr)
{
	while (nr--)
		if (isinf(values[nr]))
			return true;
	return false;
}

static bool has_bounds(const struct contrast *c, const struct metric *m)
{
	size_t which, i;

	for (which = 0; which < 2; which++)
		for (i = 0; i < c->group[which].nr; i++)
			if (c->group[which].runs[i].metrics[m - metrics].bound)
				return true;
	return false;
}

/* Standard deviation within the groups, NAN where neither has two runs. */
static double pooled_sd(const double *values, const struct contrast *c,
                        const struct contrast_row *r)
{
	size_t freedom = r->runs_a + r->runs_b - 2, i;
	double sum = 0, off;

	for (i = 0; i < c->group[0].nr + c->group[1].nr; i++) {
		off = values[i] - (i < c->group[0].nr ? r->a : r->b);
		if (!isnan(off))
			sum += off * off;
	}
	return freedom ? sqrt(sum / (double)freedom) : NAN;
}

static size_t more_runs(const double *values, const struct contrast *c,
                        const struct contrast_row *r)
{
	size_t least = r->runs_a < r->runs_b ? r->runs_a : r->runs_b, wanted;
	double sd = pooled_sd(values, c, r);

	if (isnan(sd) || !isfinite(r->by))
		return SIZE_MAX;
	wanted = power_runs(r->by, sd, CONTRAST_LEVEL, CONTRAST_POWER);
	if (wanted > POWER_MOST)
		return SIZE_MAX;
	return wanted > least ? wanted - least : 0;
}

static bool is_tested(const struct contrast_row *r)
{
	return r->conclusion <= CONCLUDE_NONE;
}

/* What can be concluded at best, before anything is tested. */
static enum conclusion prospects(const struct contrast *c, const struct contrast_row *r)
{
	if (r->metric->words)
		return CONCLUDE_WORDS;
	if (has_bounds(c, r->metric))
		return CONCLUDE_BOUNDS;
	if (c->within && r->metric->dimension == PER_RUN)
		return CONCLUDE_FEW_RUNS;
	if (c->within && !(fmin(r->effective_a, r->effective_b) >= WELCH_EFFECTIVE))
		return CONCLUDE_FEW_SAMPLES;
	if (!c->within && !permutation_can_tell(r->runs_a, r->runs_b, CONTRAST_LEVEL))
		return CONCLUDE_FEW_RUNS;
	return CONCLUDE_NONE;
}

/* The numbers that stand in a row whatever is concluded. Values of runs that never got there become ranks. */
static int begin_row(const struct contrast *c, struct contrast_row *r, double *values)
{
	size_t nr_a = c->group[0].nr, nr_b = c->group[1].nr, i = (size_t)(r->metric - metrics);
	int got = 0;

	r->by_ranks = has_infinite(values, nr_a + nr_b);
	if (c->within) {
		r->effective_a = c->group[0].runs->metrics[i].mean.effective;
		r->effective_b = c->group[1].runs->metrics[i].mean.effective;
	}
	r->conclusion = prospects(c, r);
	if (r->conclusion == CONCLUDE_FEW_RUNS)
		r->fewest_more = permutation_more(r->runs_a, r->runs_b, CONTRAST_LEVEL);
	if (r->conclusion == CONCLUDE_WORDS) {
		r->a = common(values, nr_a);
		r->b = common(values + nr_a, nr_b);
		return 0;
	}
	r->by = r->b - r->a;
	if (!r->by_ranks) {
		r->more = more_runs(values, c, r);
		return 0;
	}
	r->by = NAN;
	got = median(values, nr_a, &r->a);
	if (got == 0)
		got = median(values + nr_a, nr_b, &r->b);
	return got == 0 ? rank(values, nr_a + nr_b) : got;
}

/* A row for each metric that both know, and the values of those that will be tested, one after the other. */
static int begin_rows(struct contrast *c, double *values)
{
	size_t nr_a = c->group[0].nr, nr = nr_a + c->group[1].nr, i;
	int got = 0;

	for (i = 0; got == 0 && i < nr_metrics; i++) {
		struct contrast_row *r = &c->rows[c->nr_rows];

		*r = (struct contrast_row){.metric = &metrics[i],
		                           .effective_a = NAN,
		                           .effective_b = NAN,
		                           .by = NAN,
		                           .low = NAN,
		                           .high = NAN,
		                           .p = NAN,
		                           .p_together = NAN,
		                           .more = SIZE_MAX};
		take_values(c, r->metric, values);
		r->runs_a = known(values, nr_a, &r->a);
		r->runs_b = known(values + nr_a, nr - nr_a, &r->b);
		if (!r->runs_a || !r->runs_b)
			continue;
		got = begin_row(c, r, values);
		values += is_tested(r) ? nr : 0;
		c->nr_tested += is_tested(r);
		c->nr_rows++;
	}
	return got;
}

/* p of the tested rows, alone and together, as lists. */
struct chances {
	double *alone, *together;
};

static int test_samples(struct contrast *c, struct chances *p)
{
	struct difference d;
	size_t i, n = 0;

	for (i = 0; i < c->nr_rows; i++) {
		struct contrast_row *r = &c->rows[i];
		size_t m = (size_t)(r->metric - metrics);

		if (!is_tested(r))
			continue;
		d = welch_difference(&c->group[0].runs->metrics[m].mean,
		                     &c->group[1].runs->metrics[m].mean, LEVEL);
		r->low = d.low;
		r->high = d.high;
		p->alone[n++] = d.p;
	}
	return holm_adjust(p->alone, n, p->together);
}

static int test_runs(struct contrast *c, const double *values, struct chances *p)
{
	struct arrangements a;
	size_t i, n = 0;
	int got;

	got = arrangements_make(&a, c->group[0].nr, c->group[1].nr);
	if (got < 0)
		return got;
	c->arrangements = a.nr;
	c->all_arrangements = a.all;
	got = permutation_test(&a, values, c->nr_tested, p->alone, p->together);
	for (i = 0; got == 0 && i < c->nr_rows; i++) {
		struct contrast_row *r = &c->rows[i];

		if (!is_tested(r))
			continue;
		if (!r->by_ranks)
			got = permutation_interval(&a, values + n * a.runs, LEVEL, &r->low,
			                           &r->high);
		n++;
	}
	arrangements_done(&a);
	return got;
}

/* Ranks tell the direction where values cannot: medians may both be infinite. */
static bool is_lower(const struct contrast *c, const struct contrast_row *r, const double *values)
{
	double a, b;

	if (!r->by_ranks)
		return r->by < 0;
	known(values, c->group[0].nr, &a);
	known(values + c->group[0].nr, c->group[1].nr, &b);
	return b < a;
}

/* The shortest interval of all runs; *alike when it is everyone's. */
static double interval_s(const struct contrast *c, bool *alike)
{
	uint64_t least_ns = UINT64_MAX, most_ns = 0, ns;
	size_t which, i;

	for (which = 0; which < 2; which++)
		for (i = 0; i < c->group[which].nr; i++) {
			ns = c->group[which].runs[i].run.interval_ns;
			least_ns = ns < least_ns ? ns : least_ns;
			most_ns = ns > most_ns ? ns : most_ns;
		}
	*alike = least_ns == most_ns;
	return (double)least_ns / 1e9;
}

/* A difference that is less cannot be told from none. */
static double resolution(const struct contrast *c, const struct metric *m)
{
	double printed = 0.5 * pow(10, -m->decimals), step_pct;
	bool alike;

	step_pct = 100 * STEP_S / interval_s(c, &alike);
	if (!(m->needs & NEEDS_STEPS) || (!c->within && alike))
		return printed;
	return step_pct > printed ? step_pct : printed;
}

static enum conclusion claim(const struct contrast *c, const struct contrast_row *r,
                             const double *values)
{
	if (!r->by_ranks && fabs(r->by) < resolution(c, r->metric))
		return CONCLUDE_FINE;
	return is_lower(c, r, values) ? CONCLUDE_LOWER : CONCLUDE_HIGHER;
}

static void conclude(struct contrast *c, const double *values, const struct chances *p)
{
	size_t nr = c->group[0].nr + c->group[1].nr, i, n = 0;

	for (i = 0; i < c->nr_rows; i++) {
		struct contrast_row *r = &c->rows[i];

		if (!is_tested(r))
			continue;
		r->p = p->alone[n];
		r->p_together = p->together[n];
		if (r->p_together <= CONTRAST_LEVEL)
			r->conclusion = claim(c, r, values + n * nr);
		n++;
	}
}

int contrast_rows(struct contrast *c)
{
	size_t nr = c->group[0].nr + c->group[1].nr;
	double *values = calloc((nr_metrics + 1) * nr, sizeof(*values));
	struct chances p = {calloc(nr_metrics, sizeof(double)), calloc(nr_metrics, sizeof(double))};
	int r = -ENOMEM;

	c->within = nr == 2;
	c->rows = calloc(nr_metrics + 1, sizeof(*c->rows));
	if (values && p.alone && p.together && c->rows)
		r = begin_rows(c, values);
	if (r == 0 && c->nr_tested)
		r = c->within ? test_samples(c, &p) : test_runs(c, values, &p);
	if (r == 0)
		conclude(c, values, &p);
	free(values);
	free(p.alone);
	free(p.together);
	return r;
}

/* Started at one moment, and the same to the last digit, what recording it cost included: but for its file, one run. */
static bool is_copy(const struct measured *a, const struct measured *b)
{
	double x, y;
	size_t i;

	if (!a->ticks || a->run.start_wall_ns != b->run.start_wall_ns)
		return false;
	for (i = 0; i < nr_metrics; i++) {
		x = a->metrics[i].mean.mean;
		y = b->metrics[i].mean.mean;
		if (strncmp(metrics[i].id, "trace.", 6) && x != y && !(isnan(x) && isnan(y)))
			return false;
	}
	return true;
}

static bool same(const struct measured *a, const struct measured *b)
{
	return (a->device == b->device && a->inode == b->inode && a->run.run == b->run.run) ||
	       is_copy(a, b);
}

/* A run that counts twice is no second run. */
static int check_twice(const struct contrast_group *g, bool *wrong, struct error *e)
{
	size_t i, n;

	for (i = 0; i < g->nr; i++)
		for (n = i + 1; n < g->nr; n++)
			if (same(&g->runs[i], &g->runs[n])) {
				*wrong = true;
				return fail(e, EINVAL,
				            "%s: run %lld stands twice in one group (a copy counts "
				            "too)",
				            g->runs[n].path, (long long)g->runs[n].run.run);
			}
	return 0;
}

static bool share_a_run(const struct contrast *c)
{
	size_t i, n;

	for (i = 0; i < c->group[0].nr; i++)
		for (n = 0; n < c->group[1].nr; n++)
			if (same(&c->group[0].runs[i], &c->group[1].runs[n]))
				return true;
	return false;
}

int contrast_make(struct contrast *c, const struct operands group[2],
                  const struct selection *selection, const struct criteria *criteria, bool *wrong,
                  struct error *e)
{
	size_t which, i;
	int r = 0;

	*c = (struct contrast){0};
	*wrong = false;
	for (which = 0; r == 0 && which < 2; which++) {
		struct contrast_group *g = &c->group[which];

		g->runs = calloc(group[which].nr + 1, sizeof(*g->runs));
		if (!g->runs)
			return fail(e, ENOMEM, "out of memory");
		for (i = 0; r == 0 && i < group[which].nr; i++) {
			r = measured_read(&g->runs[i], &group[which].at[i], selection, criteria,
			                  wrong, e);
			g->nr++;
		}
		if (r == 0)
			r = check_twice(g, wrong, e);
	}
	if (r < 0)
		return r;
	c->same_run = share_a_run(c);
	return contrast_rows(c) < 0 ? fail(e, ENOMEM, "out of memory") : 0;
}

void contrast_done(struct contrast *c)
{
	size_t which, i;

	for (which = 0; which < 2; which++) {
		for (i = 0; i < c->group[which].nr; i++)
			measured_done(&c->group[which].runs[i]);
		free(c->group[which].runs);
	}
	free(c->rows);
	*c = (struct contrast){0};
}
