/* smooth_test - the filter: still on noise, quick on a step, not fooled by one odd reading */
#include <math.h>
#include <stdlib.h>

#include "balancer/smooth.h"
#include "tests/unit/check.h"

#define FLOOR_PM 4.1 /* 10 ms steps at an interval of 1 s */

static double noisy(double level, double part, unsigned *seed)
{
	return level * (1 + part * (2.0 * rand_r(seed) / RAND_MAX - 1));
}

static void noise_does_not_look_like_a_step(void **state)
{
	struct smooth s = {0};
	unsigned seed = 3, i, steps = 0;

	for (i = 0; i < 100000; i++)
		steps += smooth_add(&s, noisy(500, 0.2, &seed), FLOOR_PM);
	assert_int_equal(steps, 0);
	assert_true(fabs(s.level_pm - 500) < 40);
}

static void the_error_is_what_it_says(void **state)
{
	double squares = 0, claimed = 0;
	unsigned seed = 5, run, i;

	for (run = 0; run < 500; run++) {
		struct smooth s = {0};

		for (i = 0; i < 20; i++)
			smooth_add(&s, noisy(500, 0.2, &seed), FLOOR_PM);
		squares += (s.level_pm - 500) * (s.level_pm - 500);
		claimed += smooth_error_pm(&s);
	}
	assert_true(fabs(sqrt(squares / 500) / (claimed / 500) - 1) < 0.25);
}

static void a_step_is_learned_by_its_second_reading(void **state)
{
	struct smooth s = {0};
	unsigned seed = 7, i;

	for (i = 0; i < 30; i++)
		smooth_add(&s, noisy(90, 0.1, &seed), FLOOR_PM);
	for (i = 0; i < 2; i++)
		smooth_add(&s, noisy(250, 0.1, &seed), FLOOR_PM);
	assert_true(fabs(s.level_pm - 250) < 30);
}

static void a_step_beyond_doubt_is_learned_at_once(void **state)
{
	struct smooth s = {0};
	unsigned i;

	for (i = 0; i < 30; i++)
		smooth_add(&s, 90, FLOOR_PM);
	assert_true(smooth_add(&s, 600, FLOOR_PM));
	assert_true(s.level_pm == 600);
}

static void one_odd_reading_is_set_aside(void **state)
{
	struct smooth s = {0};
	unsigned i;

	for (i = 0; i < 30; i++)
		smooth_add(&s, 180 + i % 3, FLOOR_PM);
	smooth_add(&s, 240, FLOOR_PM);
	assert_true(fabs(s.level_pm - 181) < 1);
	for (i = 0; i < 5; i++)
		smooth_add(&s, 181, FLOOR_PM);
	assert_true(fabs(s.level_pm - 181) < 1);
}

/* What runs for a second while programs start is no level; after a second reading of the same it would be. */
static void a_level_of_one_reading_gives_way_to_the_next(void **state)
{
	struct smooth one = {0}, two = {0};
	unsigned i;

	smooth_add(&one, 320, FLOOR_PM);
	smooth_add(&one, 20, FLOOR_PM);
	assert_true(one.level_pm == 20);
	for (i = 0; i < 2; i++)
		smooth_add(&two, 320, FLOOR_PM);
	smooth_add(&two, 60, FLOOR_PM);
	assert_true(two.level_pm == 320);
}

static void a_patient_one_waits_for_what_lasts(void **state)
{
	static const struct {
		const char *what;
		int patience, readings;
		double level;
	} cases[] = {
	        {"four readings pass", 6, 4, 100},
	        {"five pass", 6, 5, 100},
	        {"six are a step", 6, 6, 600},
	        {"without patience one beyond doubt is", 0, 1, 600},
	};
	size_t i;
	int n;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct smooth s = {.patience = cases[i].patience};

		for (n = 0; n < 20; n++)
			smooth_add(&s, 100, 4);
		for (n = 0; n < cases[i].readings; n++)
			smooth_add(&s, 600, 4);
		if (fabs(s.level_pm - cases[i].level) > 1)
			fail_msg("%s: %.1f", cases[i].what, s.level_pm);
	}
}

static void a_drift_is_followed(void **state)
{
	struct smooth s = {0};
	unsigned i;

	for (i = 0; i < 600; i++)
		smooth_add(&s, 100 + i * 0.5, FLOOR_PM);
	assert_true(fabs(s.level_pm - 400) < 30);
}

static void nothing_is_known_before_the_first_reading(void **state)
{
	struct smooth s = {0};

	assert_true(isinf(smooth_error_pm(&s)));
}

/* Half a second, CPU time in steps of 10 ms: 45 ms a reading come as 40 and 50 in turn. */
static void steps_of_the_measurement_are_no_scatter_of_the_load(void **state)
{
	struct smooth s = {0};
	unsigned i;

	for (i = 0; i < 140; i++)
		smooth_add(&s, i % 2 ? 80 : 100, 2 * FLOOR_PM);
	assert_true(smooth_scatter_pm(&s) < 2);
	for (i = 0; i < 2; i++)
		smooth_add(&s, i % 2 ? 240 : 260, 2 * FLOOR_PM);
	assert_true(s.level_pm > 200);
	assert_true(smooth_scatter_pm(&s) < 10);
}

/* 20 % of uniform noise are 11.5 % of deviation, on any level. */
static void a_noisy_load_scatters_as_part_of_its_level(void **state)
{
	struct smooth s = {0};
	unsigned seed = 11, i;

	for (i = 0; i < 1000; i++)
		smooth_add(&s, noisy(90, 0.2, &seed), FLOOR_PM);
	assert_true(smooth_scatter_pm(&s) > 6 && smooth_scatter_pm(&s) < 13);
	for (i = 0; i < 2; i++)
		smooth_add(&s, noisy(250, 0.2, &seed), FLOOR_PM);
	assert_true(smooth_scatter_pm(&s) > 15 && smooth_scatter_pm(&s) <= 0.12 * s.level_pm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(noise_does_not_look_like_a_step),
	        cmocka_unit_test(the_error_is_what_it_says),
	        cmocka_unit_test(a_step_is_learned_by_its_second_reading),
	        cmocka_unit_test(a_step_beyond_doubt_is_learned_at_once),
	        cmocka_unit_test(one_odd_reading_is_set_aside),
	        cmocka_unit_test(a_level_of_one_reading_gives_way_to_the_next),
	        cmocka_unit_test(a_patient_one_waits_for_what_lasts),
	        cmocka_unit_test(a_drift_is_followed),
	        cmocka_unit_test(nothing_is_known_before_the_first_reading),
	        cmocka_unit_test(steps_of_the_measurement_are_no_scatter_of_the_load),
	        cmocka_unit_test(a_noisy_load_scatters_as_part_of_its_level),
	};

	return check_all(tests);
}
