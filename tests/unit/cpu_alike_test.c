/* cpu_alike_test - what chance told apart is drawn together, what differs stays so; and what that is good for */
#include "balancer/cpu_alike.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/check.h"

#define MOST 16

static const struct {
	const char *name;
	size_t nr;
	double load_pm[MOST], error_pm;
	bool guessed;
	double expected_pm[MOST]; /* first one 0: as they were */
} rows[] = {
        {"equal within their errors: all become the mean",
         4,
         {240, 250, 250, 260},
         20,
         false,
         {250, 250, 250, 250}},
        {"known well: stay", 4, {240, 250, 250, 260}, 0.01, false},
        {"no error is known: stay", 3, {100, 101, 102}, 0, false},
        {"two are too few to tell", 2, {240, 260}, 20, false},
        {"guesses stay", 4, {240, 250, 250, 260}, 20, true},
        {"heavy and light stay apart, each with its own",
         6,
         {90, 250, 96, 256, 84, 244},
         8,
         false,
         {90, 250, 90, 250, 90, 250}},
        {"twice the variance that chance explains: half of the way",
         4,
         {230, 230, 270, 270},
         16.33,
         false,
         {240, 240, 260, 260}},
};

static void loads_are_drawn_together(void **state)
{
	struct view_vcpu v[MOST];
	uint32_t order[MOST];
	size_t r, i;

	for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (i = 0; i < rows[r].nr; i++)
			v[i] = (struct view_vcpu){.load_pm = rows[r].load_pm[i],
			                          .error_pm = rows[r].error_pm,
			                          .samples = 2,
			                          .guessed = rows[r].guessed};
		cpu_alike(v, rows[r].nr, order);
		for (i = 0; i < rows[r].nr; i++) {
			double expected = rows[r].expected_pm[0] > 0 ? rows[r].expected_pm[i]
			                                             : rows[r].load_pm[i];

			if (fabs(v[i].load_pm - expected) > 0.01)
				fail_msg("%s: load %zu is %g, not %g", rows[r].name, i,
				         v[i].load_pm, expected);
			if (v[i].error_pm > rows[r].error_pm)
				fail_msg("%s: error %zu grew", rows[r].name, i);
		}
	}
}

/* Eight of 25 % and eight of 9 % on eight pCPUs, seen once with 20 % of noise: plans of 100 that are uneven in truth. */
static unsigned uneven_plans(bool drawn_together)
{
	struct view_pcpu pcpus[8] = {{0}};
	struct view_vcpu vcpus[16];
	struct cpu_view view = {8, 16, pcpus, vcpus};
	struct place_scratch scratch = {0};
	struct cpu_move moves[16];
	struct cpu_choice choice;
	struct cpuset all = CPUSET_NONE;
	unsigned seed = 1, n, uneven = 0;
	uint32_t order[16];
	size_t i;

	for (i = 0; i < 8; i++) {
		cpuset_add(&all, (unsigned)i);
		pcpus[i].pcpu = (uint32_t)i;
	}
	assert_int_equal(place_reserve(&scratch, 8, 16, NULL), 0);
	for (n = 0; n < 100; n++) {
		struct cpu_plan_state plan = {.out_of_band = 10};
		double loads[8] = {0};

		for (i = 0; i < 16; i++) {
			double mean = i % 2 ? 90 : 250;

			vcpus[i] = (struct view_vcpu){
			        .load_pm = mean * (0.8 + 0.4 * rand_r(&seed) / RAND_MAX),
			        .error_pm = 0.115 * mean,
			        .samples = 1,
			        .guest = (uint32_t)i,
			        .on = rand_r(&seed) % 8,
			        .allowed = all,
			        .managed = true,
			        .rested_ticks = 1000,
			};
		}
		if (drawn_together)
			cpu_alike(vcpus, 16, order);
		cpu_plan(&cpu_policy_default, &view, &plan, &scratch, moves, &choice);
		for (i = 0; i < choice.nr_moves; i++)
			vcpus[moves[i].vcpu].on = moves[i].to;
		for (i = 0; i < 16; i++)
			loads[vcpus[i].on] += i % 2 ? 90 : 250;
		uneven += spread_of(loads, 8) >
		          cpu_policy_default.laws.inner_band * cpu_policy_default.balance_pm;
	}
	place_free(&scratch);
	return uneven;
}

static void plans_are_even_in_truth(void **state)
{
	unsigned with = uneven_plans(true), without = uneven_plans(false);

	print_message("# uneven in truth: %u of 100, without drawing together %u\n", with, without);
	assert_in_range(with, 0, 2);
	/* Negative control. */
	assert_in_range(without, 15, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(loads_are_drawn_together),
	        cmocka_unit_test(plans_are_even_in_truth),
	};

	return check_all(tests);
}
