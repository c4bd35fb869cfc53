/* statistics_test - claims where nothing differs, power where something does, and values from tables */
#include "tests/unit/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/autocorrelation.h"
#include "analyze/holm.h"
#include "analyze/permutation.h"
#include "analyze/power.h"
#include "analyze/student.h"
#include "analyze/welch.h"
#include "tests/unit/spooled.h"

#define PAIRS   1000
#define SAMPLES 300

static uint64_t state = 1;

static double uniform(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((double)(state >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
	return sqrt(-2 * log(uniform())) * cos(2 * M_PI * uniform());
}

/* A run of samples, each correlated by rho with the one before, of mean 0 and variance 1. */
static void ar1(double *x, size_t n, double rho)
{
	double now = normal();
	size_t i;

	for (i = 0; i < n; i++) {
		x[i] = now;
		now = rho * now + sqrt(1 - rho * rho) * normal();
	}
}

static void assert_near(const char *what, double seen, double expected, double within)
{
	if (!(fabs(seen - expected) <= within))
		fail_msg("%s: expected %.9g, seen %.9g", what, expected, seen);
}

/* Printed tables: two-sided limits. */
static void t_is_that_of_the_tables(void **unused)
{
	static const struct {
		double p, freedom, t;
	} table[] = {
	        {0.05, 1, 12.7062047},  {0.05, 2, 4.30265273},  {0.05, 10, 2.22813885},
	        {0.01, 5, 4.03214298},  {0.05, 30, 2.04227246}, {0.001, 20, 3.84951627},
	        {0.05, 1e7, 1.9599643}, {0.5, 4, 0.740697},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_near("limit", student_limit(table[i].p, table[i].freedom), table[i].t, 1e-6);
		assert_near("and back", student_two_sided(table[i].t, table[i].freedom), table[i].p,
		            1e-7);
	}
	/* one degree is Cauchy's distribution: 1 - 2 atan(t) / pi */
	assert_near("Cauchy", student_two_sided(3, 1), 1 - 2 * atan(3) / M_PI, 1e-9);
	assert_near("no difference", student_two_sided(0, 7.5), 1, 1e-12);
}

static struct mean_of mean_of_array(const double *x, size_t n)
{
	struct spool *s = spooled(x, sizeof(*x), n);
	struct mean_of m = autocorrelation_mean(s);

	spool_free(s);
	return m;
}

static void effective_samples_are_n_by_tau(void **unused)
{
	static const struct {
		double rho, tau;
	} table[] = {{0, 1}, {0.5, 3}, {0.8, 9}};
	double x[SAMPLES * 10], sum, tau, constant[20] = {0};
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (n = 0, sum = 0; n < 100; n++) {
			ar1(x, SAMPLES * 10, table[i].rho);
			sum += mean_of_array(x, SAMPLES * 10).effective;
		}
		tau = SAMPLES * 10 / (sum / 100);
		assert_near("tau", tau, table[i].tau, 0.1 * table[i].tau);
	}
	assert_near("of a constant all count", mean_of_array(constant, 20).effective, 20, 0);
	assert_true(isnan(mean_of_array(constant, 1).variance));
	assert_true(isnan(mean_of_array(constant, 0).mean));
	for (i = 0; i < SAMPLES; i++)
		x[i] = (double)i;
	assert_true(mean_of_array(x, SAMPLES).effective < WELCH_EFFECTIVE);
}

static bool naive_claims(const double *a, const double *b, size_t n)
{
	double mean[2] = {0}, square[2] = {0}, t;
	size_t i;

	for (i = 0; i < n; i++) {
		mean[0] += a[i] / (double)n;
		mean[1] += b[i] / (double)n;
	}
	for (i = 0; i < n; i++) {
		square[0] += (a[i] - mean[0]) * (a[i] - mean[0]);
		square[1] += (b[i] - mean[1]) * (b[i] - mean[1]);
	}
	t = (mean[1] - mean[0]) / sqrt((square[0] + square[1]) / (double)(n * (n - 1)));
	return student_two_sided(t, 2 * (double)n - 2) < 0.05;
}

/* The naive test is the negative control: the pairs are ones that fool it. */
static void equal_runs_of_correlated_samples_are_not_called_different(void **unused)
{
	static double a[SAMPLES], b[SAMPLES];
	size_t i, claims = 0, refused = 0, naive = 0;
	struct mean_of of_a, of_b;

	for (i = 0; i < PAIRS; i++) {
		ar1(a, SAMPLES, 0.8);
		ar1(b, SAMPLES, 0.8);
		naive += naive_claims(a, b, SAMPLES);
		of_a = mean_of_array(a, SAMPLES);
		of_b = mean_of_array(b, SAMPLES);
		if (fmin(of_a.effective, of_b.effective) < WELCH_EFFECTIVE)
			refused++;
		else
			claims += welch_difference(&of_a, &of_b, 0.95).p < 0.05;
	}
	print_message("# %zu of %d equal pairs called different, %zu refused; naive: %zu\n", claims,
	              PAIRS, refused, naive);
	assert_true(claims <= PAIRS * 7 / 100);
	assert_true(refused <= PAIRS / 20);
	assert_true(naive > PAIRS * 40 / 100);
}

static void an_interval_holds_the_difference_that_there_is(void **unused)
{
	static double a[SAMPLES], b[SAMPLES];
	struct mean_of of_a, of_b;
	struct difference d;
	size_t i, n, held = 0;

	for (i = 0; i < PAIRS; i++) {
		ar1(a, SAMPLES, 0.5);
		ar1(b, SAMPLES, 0.5);
		for (n = 0; n < SAMPLES; n++)
			b[n] = 3 * b[n] + 2;
		of_a = mean_of_array(a, SAMPLES);
		of_b = mean_of_array(b, SAMPLES);
		d = welch_difference(&of_a, &of_b, 0.95);
		held += d.low <= 2 && d.high >= 2;
	}
	print_message("# a 95 %% interval held the difference in %zu of %d pairs\n", held, PAIRS);
	assert_in_range(held, PAIRS * 93 / 100, PAIRS * 98 / 100);
}

/* Six runs can be arranged in 20 ways; by hand: A 1 2 3, B 4 5 6 is one of the two most extreme. */
static void few_runs_are_arranged_in_all_ways(void **unused)
{
	static const double apart[] = {1, 2, 3, 4, 5, 6}, mixed[] = {1, 4, 5, 2, 3, 6};
	double alone, together;
	struct arrangements a;
	size_t i, n, b;

	assert_int_equal(arrangements_make(&a, 3, 3), 0);
	assert_int_equal(a.nr, 20);
	assert_true(a.all);
	for (i = 0; i < a.nr; i++) {
		for (n = 0, b = 0; n < 6; n++)
			b += a.in_b[i * 6 + n];
		assert_int_equal(b, 3);
		for (n = 0; n < i; n++)
			assert_true(memcmp(a.in_b + i * 6, a.in_b + n * 6, 6));
	}
	assert_int_equal(permutation_test(&a, apart, 1, &alone, &together), 0);
	assert_near("apart", alone, 2 / 20.0, 1e-12);
	assert_near("one metric: nothing to adjust", together, alone, 1e-12);
	assert_int_equal(permutation_test(&a, mixed, 1, &alone, &together), 0);
	assert_near("mixed: differences of sums of 1 or more, either way", alone, 1, 1e-12);
	arrangements_done(&a);
	assert_int_equal(arrangements_make(&a, 9, 9), 0);
	assert_int_equal(a.nr, 48620);
	arrangements_done(&a);
	assert_int_equal(arrangements_make(&a, 10, 9), 0);
	assert_false(a.all);
	arrangements_done(&a);
}

static void too_few_runs_are_known_beforehand(void **unused)
{
	static const struct {
		size_t a, b, more;
	} table[] = {{1, 1, 3}, {2, 2, 2}, {3, 3, 1}, {4, 4, 0}, {3, 5, 0}, {1, 9, 2}, {3, 4, 1}};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(permutation_more(table[i].a, table[i].b, 0.05), table[i].more);
		assert_int_equal(permutation_can_tell(table[i].a, table[i].b, 0.05),
		                 !table[i].more);
	}
}

static double p_of_shifted(const struct arrangements *a, const double *values, double shift)
{
	double moved[16], alone, together;
	size_t i;

	for (i = 0; i < a->runs; i++)
		moved[i] = values[i] - (a->in_b[i] ? shift : 0);
	assert_int_equal(permutation_test(a, moved, 1, &alone, &together), 0);
	return alone;
}

/* What the interval says is what the test says: just outside of its ends it rejects, just inside it does not. */
static void an_interval_is_where_the_test_does_not_reject(void **unused)
{
	double values[10], low, high;
	struct arrangements a;
	size_t i, n;

	assert_int_equal(arrangements_make(&a, 5, 5), 0);
	for (i = 0; i < 50; i++) {
		for (n = 0; n < 10; n++)
			values[n] = normal() + (n >= 5);
		assert_int_equal(permutation_interval(&a, values, 0.95, &low, &high), 0);
		assert_true(p_of_shifted(&a, values, low - 1e-6) <= 0.05);
		assert_true(p_of_shifted(&a, values, low + 1e-6) > 0.05);
		assert_true(p_of_shifted(&a, values, high - 1e-6) > 0.05);
		assert_true(p_of_shifted(&a, values, high + 1e-6) <= 0.05);
	}
	arrangements_done(&a);
	assert_int_equal(arrangements_make(&a, 3, 3), 0);
	assert_int_equal(permutation_interval(&a, values, 0.95, &low, &high), 0);
	assert_true(isinf(low) && isinf(high));
	arrangements_done(&a);
}

#define METRICS 12

/* Runs of 5 and 5 with METRICS that are correlated by half; B's first metric is `shift` higher. */
static void draw_runs(double values[METRICS][10], double shift)
{
	size_t m, n;

	for (n = 0; n < 10; n++) {
		double shared = normal();

		for (m = 0; m < METRICS; m++)
			values[m][n] = sqrt(0.5) * shared + sqrt(0.5) * normal() +
			               (m == 0 && n >= 5 ? shift : 0);
	}
}

static double least(const double *p, size_t nr)
{
	double found = 1;

	while (nr--)
		found = fmin(found, p[nr]);
	return found;
}

/* Of one metric, and of any of many: 5 %. Unadjusted, the many claim far more often: the negative control. */
static void equal_groups_are_not_called_different(void **unused)
{
	double values[METRICS][10], alone[METRICS], together[METRICS];
	size_t i, one = 0, any = 0, careless = 0;
	struct arrangements a;

	assert_int_equal(arrangements_make(&a, 5, 5), 0);
	for (i = 0; i < PAIRS; i++) {
		draw_runs(values, 0);
		assert_int_equal(permutation_test(&a, values[0], METRICS, alone, together), 0);
		one += alone[0] <= 0.05;
		any += least(together, METRICS) <= 0.05;
		careless += least(alone, METRICS) <= 0.05;
	}
	print_message("# 5 and 5 equal runs: %zu of %d by one metric, %zu by any of %d (%zu "
	              "unadjusted)\n",
	              one, PAIRS, any, METRICS, careless);
	assert_true(one <= PAIRS * 7 / 100);
	assert_true(any <= PAIRS * 7 / 100);
	assert_true(careless > PAIRS * 20 / 100);
	arrangements_done(&a);
}

/*
 * B is 10 % higher, runs scatter by 5 % of the mean: two standard deviations. Found among twelve metrics too; Holm's
 * adjustment, the control, finds it never, since 12 times 2 in 252 is above 5 %.
 */
static void five_runs_each_show_a_tenth(void **unused)
{
	double values[METRICS][10], alone[METRICS], together[METRICS], holm[METRICS];
	size_t i, one = 0, among = 0, by_holm = 0;
	struct arrangements a;

	assert_int_equal(arrangements_make(&a, 5, 5), 0);
	for (i = 0; i < PAIRS; i++) {
		draw_runs(values, 0.10 / 0.05);
		assert_int_equal(permutation_test(&a, values[0], METRICS, alone, together), 0);
		assert_int_equal(holm_adjust(alone, METRICS, holm), 0);
		one += alone[0] <= 0.05;
		among += together[0] <= 0.05;
		by_holm += holm[0] <= 0.05;
	}
	print_message(
	        "# 10 %% with a scatter of 5 %%, 5 and 5 runs: power %.2f alone, %.2f among %d "
	        "metrics (Holm %.2f)\n",
	        (double)one / PAIRS, (double)among / PAIRS, METRICS, (double)by_holm / PAIRS);
	assert_true(one >= PAIRS * 65 / 100);
	assert_true(among >= PAIRS * 25 / 100);
	assert_int_equal(by_holm, 0);
	arrangements_done(&a);
}

static void what_some_runs_do_not_know_is_left_out(void **unused)
{
	const double values[] = {1, 1.1, NAN, 0.9, 1.05, 5, 5.1, 4.9, NAN, 5.2};
	double alone, together, low, high;
	struct arrangements a;

	assert_int_equal(arrangements_make(&a, 5, 5), 0);
	assert_int_equal(permutation_test(&a, values, 1, &alone, &together), 0);
	assert_true(alone <= 0.05);
	assert_int_equal(permutation_interval(&a, values, 0.95, &low, &high), 0);
	assert_true(low > 3.5 && high < 4.5 && low < high);
	arrangements_done(&a);
}

static void holm_is_as_by_hand(void **unused)
{
	static const double p[] = {0.04, 0.001, 0.03, 0.5}, expected[] = {0.09, 0.004, 0.09, 0.5};
	double adjusted[4];
	size_t i;

	assert_int_equal(holm_adjust(p, 4, adjusted), 0);
	for (i = 0; i < 4; i++)
		assert_near("adjusted", adjusted[i], expected[i], 1e-12);
}

/* So many runs as are said to be needed do show it, with about the power that is said. */
static void runs_that_are_needed_are_enough(void **unused)
{
	static const double by[] = {2.5, 1.5, 1.0};
	double values[64], alone, together;
	struct arrangements a;
	size_t i, n, k, runs, found;

	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		runs = power_runs(by[i], 1, 0.05, 0.8);
		assert_int_equal(arrangements_make(&a, runs, runs), 0);
		for (n = 0, found = 0; n < 100; n++) {
			for (k = 0; k < 2 * runs; k++)
				values[k] = normal() + (k >= runs ? by[i] : 0);
			assert_int_equal(permutation_test(&a, values, 1, &alone, &together), 0);
			found += alone <= 0.05;
		}
		print_message("# a difference of %g scatters: %zu runs each, found in %zu of 100\n",
		              by[i], runs, found);
		assert_in_range(found, 70, 95);
		arrangements_done(&a);
	}
	assert_int_equal(power_runs(1, 1, 0.05, 0.8), 17); /* as in printed tables of the t test */
	assert_int_equal(power_runs(5, 0, 0.05, 0.8), 4);
	assert_true(power_runs(0, 1, 0.05, 0.8) > POWER_MOST);
	assert_true(power_runs(1e-6, 1, 0.05, 0.8) > POWER_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(t_is_that_of_the_tables),
	        cmocka_unit_test(effective_samples_are_n_by_tau),
	        cmocka_unit_test(equal_runs_of_correlated_samples_are_not_called_different),
	        cmocka_unit_test(an_interval_holds_the_difference_that_there_is),
	        cmocka_unit_test(few_runs_are_arranged_in_all_ways),
	        cmocka_unit_test(too_few_runs_are_known_beforehand),
	        cmocka_unit_test(an_interval_is_where_the_test_does_not_reject),
	        cmocka_unit_test(equal_groups_are_not_called_different),
	        cmocka_unit_test(five_runs_each_show_a_tenth),
	        cmocka_unit_test(what_some_runs_do_not_know_is_left_out),
	        cmocka_unit_test(holm_is_as_by_hand),
	        cmocka_unit_test(runs_that_are_needed_are_enough),
	};

	return check_all(tests);
}
