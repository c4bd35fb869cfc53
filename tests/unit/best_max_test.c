/* best_max_test - the best placement against all placements */
#include "analyze/best_max.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define MOST      8

struct problem {
	size_t nr_pcpus, nr_items;
	double base[MOST], load[MOST];
	const char *allowed[MOST]; /* NULL: all */
	int32_t on[MOST];
};

static double fullest(const struct problem *x, const int *at)
{
	double loads[MOST], most = 0;
	size_t i;

	memcpy(loads, x->base, sizeof(loads));
	for (i = 0; i < x->nr_items; i++)
		loads[at[i]] += x->load[i];
	for (i = 0; i < x->nr_pcpus; i++)
		most = fmax(most, loads[i]);
	return most;
}

/* Every placement, counted through. */
static double exhaustive(const struct problem *x)
{
	int at[MOST] = {0};
	double best = INFINITY;
	struct cpuset set;
	size_t i;
	bool good;

	do {
		for (good = true, i = 0; i < x->nr_items; i++) {
			if (!x->allowed[i])
				continue;
			cpuset_parse(x->allowed[i], &set);
			good = good && (cpuset_has(&set, (unsigned)at[i]) || at[i] == x->on[i]);
		}
		if (good)
			best = fmin(best, fullest(x, at));
		for (i = 0; i < x->nr_items && ++at[i] == (int)x->nr_pcpus; i++)
			at[i] = 0;
	} while (i < x->nr_items);
	return best;
}

static struct best solve(const struct problem *x, unsigned steps, double reached)
{
	static const uint32_t numbers[MOST] = {0, 1, 2, 3, 4, 5, 6, 7};
	struct best_item items[MOST];
	struct cpuset sets[MOST];
	double work[MOST];
	size_t i;

	for (i = 0; i < x->nr_items; i++) {
		items[i] = (struct best_item){.load_pct = x->load[i], .on = x->on[i]};
		if (!x->allowed[i])
			continue;
		cpuset_parse(x->allowed[i], &sets[i]);
		items[i].allowed = &sets[i];
	}
	return best_max(&(struct best_problem){x->nr_pcpus, x->nr_items, numbers, x->base, items,
	                                       reached, steps},
	                work);
}

static void made_by_hand(void **state)
{
	static const struct {
		struct problem x;
		double best;
	} table[] = {
	        {{2, 8, {0}, {18, 18, 18, 18, 18, 18, 18, 18}}, 72},
	        {{2, 3, {0}, {30, 30, 30}}, 60},
	        {{2, 3, {0}, {90, 10, 10}}, 90},
	        {{2, 2, {40, 0}, {30, 30}}, 60},
	        {{2, 1, {95, 0}, {30}}, 95},
	        {{2, 0, {20, 10}, {0}}, 20},
	        {{3, 6, {0}, {50, 40, 30, 30, 20, 10}}, 60},
	        {{2, 4, {0}, {60, 50, 40, 30}}, 90},
	        {{2, 2, {0}, {30, 30}, {"0", "0"}}, 60},
	        {{2, 2, {0}, {30, 30}, {"0", "0"}, {0, 1}}, 30},
	        {{2, 2, {0}, {30, 30}, {"5", "0"}, {1, 0}}, 30},
	        {{4, 4, {10, 0, 0, 0}, {40, 30, 20, 20}, {"0-1", "0-1", "0-1", "2"}}, 50},
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct best best = solve(&table[i].x, 64000, INFINITY);

		if (!best.exact || fabs(best.max_pct - table[i].best) > BEST_PCT)
			fail_msg("row %zu: %g instead of %g%s", i, best.max_pct, table[i].best,
			         best.exact ? "" : ", not exact");
	}
}

static void make(struct problem *x, unsigned *seed)
{
	size_t i;

	*x = (struct problem){.nr_pcpus = 2 + (size_t)rand_r(seed) % 3,
	                      .nr_items = (size_t)rand_r(seed) % MOST};
	for (i = 0; i < x->nr_pcpus; i++)
		x->base[i] = rand_r(seed) % 3 ? 0 : rand_r(seed) % 500 / 10.0;
	for (i = 0; i < x->nr_items; i++) {
		x->load[i] = 5 + rand_r(seed) % 600 / 10.0;
		x->on[i] = rand_r(seed) % (int)x->nr_pcpus;
		x->allowed[i] = rand_r(seed) % 4 ? NULL : "0-1";
	}
}

static void the_best_is_that_of_all_placements(void **state)
{
	struct problem x;
	unsigned seed = 1, i;

	for (i = 0; i < 400; i++) {
		double best, wanted;
		struct best found;

		make(&x, &seed);
		wanted = exhaustive(&x);
		found = solve(&x, 1000000, INFINITY);
		best = found.max_pct;
		if (!found.exact || best < wanted - 1e-6 || best > wanted + BEST_PCT + 1e-6)
			fail_msg("problem %u: %g instead of %g", i, best, wanted);
	}
}

static void a_bound_is_never_above_the_best(void **state)
{
	struct problem x;
	unsigned seed = 2, i, bounds = 0;

	for (i = 0; i < 400; i++) {
		struct best found;

		make(&x, &seed);
		found = solve(&x, 1, INFINITY);
		bounds += !found.exact;
		if (!found.exact && found.max_pct > exhaustive(&x) + 1e-6)
			fail_msg("problem %u: %g", i, found.max_pct);
	}
	assert_true(bounds > 20);
}

static void what_is_known_is_not_made_worse(void **state)
{
	const struct problem x = {2, 4, {0}, {60, 50, 40, 30}};

	assert_true(fabs(solve(&x, 0, 90).max_pct - 90) < BEST_PCT);
	assert_true(solve(&x, 0, 90).exact);
}

static void a_base_that_lies_anywhere_is_spread(void **state)
{
	static const struct {
		size_t nr_pcpus;
		double sum;
		double load[MOST];
		size_t nr_items;
		double bound;
	} table[] = {
	        {2, 20, {30, 30}, 2, 40},
	        {2, 0, {90, 10}, 2, 90},
	        {2, 0, {30, 30, 30}, 3, 60},
	        {4, 100, {0}, 0, 25},
	        {2, 0, {40, 40, 40, 40, 40}, 5, 120},
	};
	struct best_item items[MOST];
	size_t i, n;

	for (i = 0; i < NR(table); i++) {
		for (n = 0; n < table[i].nr_items; n++)
			items[n] = (struct best_item){.load_pct = table[i].load[n], .on = -1};
		assert_true(fabs(best_max_bound(table[i].nr_pcpus, table[i].sum, items,
		                                table[i].nr_items) -
		                 table[i].bound) < 1e-6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(made_by_hand),
	        cmocka_unit_test(the_best_is_that_of_all_placements),
	        cmocka_unit_test(a_bound_is_never_above_the_best),
	        cmocka_unit_test(what_is_known_is_not_made_worse),
	        cmocka_unit_test(a_base_that_lies_anywhere_is_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
