/* course_test - made-up series and the class of each: noise is told from what it hides */
#include "analyze/course.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/spooled.h"

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define LONGEST   600
#define SEEDS     200

/* Standard normal, the same for the same seed everywhere. */
static double normal(uint32_t *seed)
{
	double sum = 0;
	int i;

	for (i = 0; i < 12; i++) {
		*seed = *seed * 1664525 + 1013904223;
		sum += (double)(*seed >> 8) / (1 << 24);
	}
	return sum - 6;
}

/* What a series does without noise; t from 0 to 1. */
typedef double (*shape)(int i, double t);

static double low(int i, double t)
{
	return 2.2;
}

static double high(int i, double t)
{
	return 40;
}

static double above(int i, double t)
{
	return 5.5;
}

static double hover(int i, double t)
{
	return i < 12 ? 2 : 5.5;
}

static double settle_at_once(int i, double t)
{
	return i < 1 ? 40 : 2;
}

static double settle_early(int i, double t)
{
	return i < 3 ? 40 : 2;
}

static double settle_late(int i, double t)
{
	return t < 0.7 ? 40 : 2;
}

static double settle_too_late(int i, double t)
{
	return t < 0.95 ? 40 : 2;
}

static double settle_slowly(int i, double t)
{
	return 2 + 38 * exp(-10 * t);
}

static double settle_in_swings(int i, double t)
{
	return t < 0.4 && i % 20 < 10 ? 30 : 2;
}

static double switch_and_settle(int i, double t)
{
	return t >= 0.5 && t < 0.55 ? 30 : 2;
}

static double switch_and_stay(int i, double t)
{
	return t < 0.5 ? 2 : 30;
}

static double drift_out(int i, double t)
{
	return 1 + 9 * t;
}

static double drift_within(int i, double t)
{
	return 0.8 + 3.6 * t;
}

static double drift_down(int i, double t)
{
	return 3.8 - 3 * t;
}

static double step_within(int i, double t)
{
	return t < 0.5 ? 1.5 : 3;
}

static double square(int i, double t)
{
	return i % 20 < 10 ? 2 : 30;
}

static double square_slow(int i, double t)
{
	return i % 40 < 20 ? 2 : 30;
}

static double square_fast(int i, double t)
{
	return i % 2 ? 2 : 30;
}

static double one_of_four(int i, double t)
{
	return i % 4 == 2 ? 30 : 2;
}

static double wave(int i, double t)
{
	return 6 + 6 * sin(i / 5.0);
}

static double spike_first(int i, double t)
{
	return i ? 2 : 40;
}

static double spike(int i, double t)
{
	return i == 30 ? 60 : 2;
}

static double spikes(int i, double t)
{
	return i % 30 == 10 || i % 30 == 11 ? 60 : 2;
}

static double spike_last(int i, double t)
{
	return t > 0.999 ? 60 : 2;
}

static double within_for_a_moment(int i, double t)
{
	return i < 3 ? 2 : 30;
}

/* Autocorrelated noise of deviation sd, the correlation of one sample with the next being rho. */
static void make(shape what, int nr, double sd, double rho, uint32_t seed, struct observation *at)
{
	double noise = sd * normal(&seed);
	int i;

	for (i = 0; i < nr; i++) {
		at[i] = (struct observation){i, 1, what(i, (double)i / (nr - 1)) + noise, -1, true};
		at[i].value = fmax(at[i].value, 0);
		noise = rho * noise + sd * sqrt(1 - rho * rho) * normal(&seed);
	}
}

static int course_of(const struct observation *at, size_t nr, struct limit limit)
{
	struct observations o = observed(at, nr);
	int course = COURSES;

	assert_int_equal(course_find(&o, limit, &course), 0);
	observations_done(&o);
	return course;
}

#define AT_MOST_5 ((struct limit){.op = LIMIT_AT_MOST, .value = 5})

/* `wrong`: of SEEDS series so many may be called something else, where noise can look like it. */
static void each_series_has_its_class(void **state)
{
	static const struct {
		const char *what;
		shape shape;
		int nr;
		double sd, rho;
		enum course course;
		int wrong;
	} table[] = {
	        {"flat", low, 60, 0, 0, COURSE_FLAT, 0},
	        {"flat, white noise", low, 60, 0.8, 0, COURSE_FLAT, 0},
	        {"flat, autocorrelated, short", low, 40, 0.8, 0.8, COURSE_FLAT, 0},
	        {"flat, autocorrelated", low, 300, 0.8, 0.8, COURSE_FLAT, 0},
	        {"flat, autocorrelated, long", low, 600, 0.8, 0.8, COURSE_FLAT, 0},
	        {"flat, much noise", low, 300, 1.2, 0.8, COURSE_FLAT, 10},
	        {"flat, nothing but one spike", spike, 60, 0.5, 0.8, COURSE_FLAT, 0},
	        {"flat, a spike in the last sample", spike_last, 60, 0.5, 0.8, COURSE_FLAT, 0},
	        {"flat, two samples of thirty out", spikes, 300, 0.5, 0.8, COURSE_FLAT, 0},
	        {"flat, wandering", low, 300, 0.9, 0.97, COURSE_FLAT, 4},
	        {"a step within the limit", step_within, 300, 0.3, 0, COURSE_FLAT, 0},
	        {"it becomes better", drift_down, 300, 0.3, 0.5, COURSE_FLAT, 0},

	        {"settles after one sample", settle_at_once, 40, 0.5, 0.8, COURSE_SETTLES, 0},
	        {"the first sample alone is no noise", spike_first, 40, 0, 0, COURSE_SETTLES, 0},
	        {"settles after three", settle_early, 40, 0.8, 0.8, COURSE_SETTLES, 0},
	        {"settles late", settle_late, 40, 0.5, 0.8, COURSE_SETTLES, 0},
	        {"settles late in a long run", settle_late, 300, 0.8, 0.8, COURSE_SETTLES, 1},
	        {"settles slowly", settle_slowly, 300, 0.5, 0.8, COURSE_SETTLES, 0},
	        {"swings, then settles", settle_in_swings, 300, 0.5, 0.8, COURSE_SETTLES, 0},
	        {"loads switch, settles again", switch_and_settle, 60, 0.8, 0.8, COURSE_SETTLES, 0},

	        {"drifts out", drift_out, 60, 0, 0, COURSE_DRIFTS, 0},
	        {"drifts out, noisy", drift_out, 300, 0.5, 0.8, COURSE_DRIFTS, 0},
	        {"drifts towards the limit", drift_within, 300, 0.3, 0.5, COURSE_DRIFTS, 0},
	        {"loads switch, nobody cares", switch_and_stay, 60, 0.8, 0.8, COURSE_DRIFTS, 0},

	        {"square", square, 60, 0.5, 0.8, COURSE_OSCILLATES, 0},
	        {"square that ends within", square, 110, 0.5, 0.8, COURSE_OSCILLATES, 0},
	        {"slow square", square_slow, 300, 0.5, 0.8, COURSE_OSCILLATES, 0},
	        {"to and fro in each sample", square_fast, 60, 0.5, 0, COURSE_OSCILLATES, 0},
	        {"one of four samples out", one_of_four, 60, 0.5, 0, COURSE_OSCILLATES, 0},
	        {"wave", wave, 300, 0.5, 0.8, COURSE_OSCILLATES, 0},

	        {"never", high, 60, 2, 0.8, COURSE_NEVER, 0},
	        {"never, but not by much", above, 60, 0.1, 0, COURSE_NEVER, 0},
	        {"within, then a little out", hover, 60, 0.1, 0, COURSE_NEVER, 0},
	        {"never but for three samples", within_for_a_moment, 60, 0.5, 0, COURSE_NEVER, 0},
	        {"settles too late", settle_too_late, 60, 0.5, 0, COURSE_NEVER, 0},
	};
	struct observation at[LONGEST];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		int is, other = COURSES, wrong = 0;
		uint32_t seed;

		for (seed = 0; seed < SEEDS; seed++) {
			make(table[i].shape, table[i].nr, table[i].sd, table[i].rho,
			     seed * 77777 + 1, at);
			is = course_of(at, (size_t)table[i].nr, AT_MOST_5);
			wrong += is != (int)table[i].course;
			other = is != (int)table[i].course ? is : other;
		}
		if (wrong > table[i].wrong)
			fail_msg("%s: %d of %d are not %s but %s", table[i].what, wrong, SEEDS,
			         course_name[table[i].course],
			         other < 0 ? "unknown" : course_name[other]);
	}
}

static void a_limit_may_be_a_least_value(void **state)
{
	static const struct {
		double values[12];
		struct limit limit;
		enum course course;
	} table[] = {
	        {{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, {LIMIT_AT_LEAST, 5}, COURSE_FLAT},
	        {{9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, {LIMIT_AT_MOST, 5}, COURSE_NEVER},
	        {{1, 1, 1, 9, 9, 9, 9, 9, 9, 9, 9, 9}, {LIMIT_ABOVE, 5}, COURSE_SETTLES},
	        {{9, 9, 9, 9, 9, 9, 1, 1, 1, 1, 1, 1}, {LIMIT_AT_LEAST, 5}, COURSE_DRIFTS},
	        {{3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {LIMIT_IS, 0}, COURSE_SETTLES},
	};
	struct observation at[12];
	size_t i, n;

	for (i = 0; i < NR(table); i++) {
		for (n = 0; n < 12; n++)
			at[n] = (struct observation){(double)n, 1, table[i].values[n], -1, true};
		assert_int_equal(course_of(at, 12, table[i].limit), table[i].course);
	}
}

static void what_is_not_known_does_not_count(void **state)
{
	struct observation at[2 * COURSE_SAMPLES];
	size_t i;

	for (i = 0; i < NR(at); i++)
		at[i] = (struct observation){(double)i, 1, i % 2 ? (double)NAN : 2, -1, true};
	assert_int_equal(course_of(at, NR(at), AT_MOST_5), COURSE_FLAT);
	assert_int_equal(course_of(at, NR(at) - 2, AT_MOST_5), COURSE_UNKNOWN);
	assert_int_equal(course_of(at, 0, AT_MOST_5), COURSE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_series_has_its_class),
	        cmocka_unit_test(a_limit_may_be_a_least_value),
	        cmocka_unit_test(what_is_not_known_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
