/* sim_parts_test - the pure parts of the simulation: sharing, placement, load, chance, life */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/sim_kernel.h"
#include "collector/sim_life.h"
#include "collector/sim_load.h"
#include "collector/sim_noise.h"
#include "collector/sim_share.h"
#include "common/clock.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define MOST      4

static void a_pcpu_is_shared_fairly(void **state)
{
	static const struct {
		const char *what;
		double time, want[MOST], weight[MOST], got[MOST];
	} table[] = {
	        {"nobody", 100, {0}, {0}, {0}},
	        {"one alone", 100, {30}, {1}, {30}},
	        {"one that wants too much", 100, {130}, {1}, {100}},
	        {"all fit", 100, {20, 30, 40}, {1, 1, 1}, {20, 30, 40}},
	        {"all want all", 90, {90, 90, 90}, {1, 1, 1}, {30, 30, 30}},
	        {"what a small one leaves is shared", 90, {10, 90, 90}, {1, 1, 1}, {10, 40, 40}},
	        {"in turns", 100, {10, 25, 90, 90}, {1, 1, 1, 1}, {10, 25, 32.5, 32.5}},
	        {"by weight", 90, {90, 90}, {2, 1}, {60, 30}},
	        {"a heavy one leaves to a light one", 90, {20, 90}, {3, 1}, {20, 70}},
	        {"no end of wishes", 60, {INFINITY, INFINITY, 10}, {1, 1, 1}, {25, 25, 10}},
	        {"one wants nothing", 60, {0, 90}, {1, 1}, {0, 60}},
	};
	struct sharer s[MOST];
	size_t i, j, n;

	for (i = 0; i < NR(table); i++) {
		for (n = 0; n < MOST && table[i].weight[n] > 0; n++)
			s[n] = (struct sharer){table[i].want[n], table[i].weight[n], 0};
		sim_share(table[i].time, s, n);
		for (j = 0; j < n; j++)
			if (fabs(s[j].got - table[i].got[j]) > 1e-9)
				fail_msg("%s: number %zu got %g instead of %g", table[i].what, j,
				         s[j].got, table[i].got[j]);
	}
}

/* Nothing is lost and nothing made up, whatever is wanted. */
static void what_is_shared_is_what_there_is(void **state)
{
	struct sharer s[32];
	double wanted, got;
	size_t i, n, round;

	for (round = 0; round < 2000; round++) {
		n = 1 + round % NR(s);
		for (wanted = i = 0; i < n; i++) {
			s[i].want = 100 * sim_draw(1, round, i);
			s[i].weight = 1 + 99 * sim_draw(2, round, i);
			wanted += s[i].want;
		}
		sim_share(500, s, n);
		for (got = i = 0; i < n; i++) {
			assert_true(s[i].got >= 0 && s[i].got <= s[i].want + 1e-9);
			got += s[i].got;
		}
		assert_true(fabs(got - fmin(500, wanted)) < 1e-6);
	}
}

/* "2 0/1 -" : the loads of pCPUs; '/' joins the threads of a core, '-' is offline, '!' after a load isolated. */
static size_t read_pcpus(const char *text, struct kernel_pcpu *p)
{
	size_t n = 0, first = 0, i;

	for (; *text; text++) {
		if (*text == ' ' || *text == '/') {
			first = *text == ' ' ? n : first;
			continue;
		}
		if (*text == '!') {
			p[n - 1].isolated = true;
			continue;
		}
		p[n] = (struct kernel_pcpu){.online = *text != '-', .first = (unsigned)first};
		p[n].load = *text == '-' ? 0 : *text - '0';
		n++;
		for (i = first; i < n; i++)
			p[i].end = (unsigned)n;
	}
	return n;
}

static void a_floating_task_goes_where_it_waits_least(void **state)
{
	static const struct {
		const char *pcpus, *allowed;
		int last, chosen;
	} table[] = {
	        {"0 0 0 0", "0-3", -1, 0}, {"0 0 0 0", "0-3", 2, 2},  {"1 0 0 0", "0-3", 0, 1},
	        {"1 1 0 1", "0-3", 0, 2},  {"2 1 1 2", "0-3", 3, 1},  {"2 1 1 2", "0-3", 2, 2},
	        {"0 0 5 0", "2", 0, 2},    {"9 3 5 4", "2-3", 0, 3},  {"- 3 0 -", "0-3", 1, 2},
	        {"- 3 - -", "0-3", 0, 1},  {"- - - -", "0-3", 0, -1}, {"3 3 0 -", "3", 0, -1},
	        {"1/0 0/0", "0-3", 0, 2},  {"1/0 1/0", "0-3", 3, 3},  {"1/0 1/0", "0-3", 0, 1},
	        {"1/1 0/1", "0-3", 0, 2},  {"2 3 0! 4", "0-3", 0, 0}, {"2 3 0! 4", "2", 0, 2},
	};
	struct kernel_pcpu pcpus[8];
	struct cpuset allowed;
	size_t i, n;
	int chosen;

	for (i = 0; i < NR(table); i++) {
		n = read_pcpus(table[i].pcpus, pcpus);
		assert_int_equal(cpuset_parse(table[i].allowed, &allowed), 0);
		chosen = kernel_choose(pcpus, n, &allowed, table[i].last);
		if (chosen != table[i].chosen)
			fail_msg("%s, last on %d: %d instead of %d", table[i].pcpus, table[i].last,
			         chosen, table[i].chosen);
	}
}

static void a_task_moves_only_to_where_it_is_better_off(void **state)
{
	static const struct {
		const char *pcpus;
		size_t from, to;
		bool better;
	} table[] = {
	        {"1 0", 0, 1, false},     {"2 0", 0, 1, true},      {"2 1", 0, 1, false},
	        {"3 1", 0, 1, true},      {"1 1", 0, 0, false},     {"1/1 0/0", 0, 2, true},
	        {"1/0 0/0", 0, 2, false}, {"1/1 0/1", 0, 2, false}, {"1/1 0/0", 0, 1, false},
	};
	struct kernel_pcpu pcpus[8];
	size_t i;

	for (i = 0; i < NR(table); i++) {
		read_pcpus(table[i].pcpus, pcpus);
		if (kernel_is_better(pcpus, table[i].from, table[i].to, 1) != table[i].better)
			fail_msg("%s: from %zu to %zu", table[i].pcpus, table[i].from, table[i].to);
	}
}

static void a_load_has_its_shape(void **state)
{
	static const struct case_load step = {.shape = SHAPE_STEP,
	                                      .level_pm = 100,
	                                      .to_pm = 300,
	                                      .at_ns = 10 * NS_PER_S},
	                              ramp = {.shape = SHAPE_RAMP,
	                                      .level_pm = 100,
	                                      .to_pm = 300,
	                                      .at_ns = 10 * NS_PER_S,
	                                      .until_ns = 20 * NS_PER_S},
	                              square = {.shape = SHAPE_SQUARE,
	                                        .level_pm = 100,
	                                        .to_pm = 300,
	                                        .at_ns = 10 * NS_PER_S,
	                                        .period_ns = 4 * NS_PER_S,
	                                        .share_pm = 250},
	                              sine = {.shape = SHAPE_SINE,
	                                      .level_pm = 100,
	                                      .to_pm = 300,
	                                      .period_ns = 8 * NS_PER_S},
	                              flat = {.shape = SHAPE_CONSTANT, .level_pm = 180},
	                              points = {.shape = SHAPE_TRACE,
	                                        .first_point = 1,
	                                        .nr_points = 3};
	static struct case_point all[] = {
	        {0, 999}, {0, 10}, {5 * NS_PER_S, 20}, {9 * NS_PER_S, 30}};
	static const struct {
		const struct case_load *load;
		double at_s, level_pm;
	} table[] = {
	        {&flat, 0, 180},    {&flat, 99, 180},     {&step, 9.999, 100},  {&step, 10, 300},
	        {&ramp, 10, 100},   {&ramp, 15, 200},     {&ramp, 19, 280},     {&ramp, 99, 300},
	        {&square, 9, 100},  {&square, 12.9, 100}, {&square, 13, 300},   {&square, 14, 100},
	        {&square, 17, 300}, {&sine, 0, 100},      {&sine, 2, 200},      {&sine, 4, 300},
	        {&sine, 6, 200},    {&points, 0, 10},     {&points, 4.999, 10}, {&points, 5, 20},
	        {&points, 8, 20},   {&points, 9, 30},     {&points, 1e6, 30},
	};
	static struct case_file c;
	double seen;
	size_t i;

	c.points = all;
	c.nr_points = NR(all);
	for (i = 0; i < NR(table); i++) {
		seen = sim_load_pm(&c, table[i].load, 0, (uint64_t)(table[i].at_s * 1e9));
		if (fabs(seen - table[i].level_pm) > 1e-6)
			fail_msg("%s at %g s: %g instead of %g", case_shapes[table[i].load->shape],
			         table[i].at_s, seen, table[i].level_pm);
	}
}

/* Mean and spread of what 1000 draws of a load come to. */
static void measure(const struct case_file *c, unsigned task, double *mean, double *least,
                    double *most)
{
	unsigned i;

	*mean = 0;
	*least = INFINITY;
	*most = 0;
	for (i = 0; i < 1000; i++) {
		double level = sim_load_pm(c, &c->loads[0], task, i * NS_PER_S);

		*mean += level / 1000;
		*least = fmin(*least, level);
		*most = fmax(*most, level);
	}
}

static void noise_is_even_and_each_vcpus_own(void **state)
{
	static struct case_file c;
	double mean, least, most;

	c.loads[0] =
	        (struct case_load){.level_pm = 200, .noise_pm = 250, .noise_every_ns = NS_PER_S};
	measure(&c, 3, &mean, &least, &most);
	assert_true(fabs(mean - 200) < 3 && least < 152 && least >= 150 && most > 248 &&
	            most <= 250);
	assert_true(sim_load_pm(&c, &c.loads[0], 3, 0) != sim_load_pm(&c, &c.loads[0], 4, 0));
	assert_true(sim_load_pm(&c, &c.loads[0], 3, 0) ==
	            sim_load_pm(&c, &c.loads[0], 3, NS_PER_S - 1));
	assert_true(sim_load_pm(&c, &c.loads[0], 3, 0) !=
	            sim_load_pm(&c, &c.loads[0], 3, NS_PER_S));
	c.loads[0].noise_alike = true;
	assert_true(sim_load_pm(&c, &c.loads[0], 3, 0) == sim_load_pm(&c, &c.loads[0], 4, 0));
	c.loads[0].level_pm = 1000;
	measure(&c, 3, &mean, &least, &most);
	assert_true(most == 1000); /* of a pCPU, not more */
}

static void bursts_come_as_often_as_they_should(void **state)
{
	static struct case_file c;
	double mean, least, most;

	c.loads[0] = (struct case_load){.shape = SHAPE_BURSTY,
	                                .level_pm = 0,
	                                .to_pm = 1000,
	                                .period_ns = NS_PER_S,
	                                .share_pm = 300,
	                                .noise_every_ns = NS_PER_S};
	measure(&c, 0, &mean, &least, &most);
	assert_true(fabs(mean - 300) < 50 && least == 0 && most == 1000);
}

static void chance_repeats_itself_and_seeds_differ(void **state)
{
	double sum = 0, squares = 0, draw;
	unsigned i;

	for (i = 0; i < 10000; i++) {
		draw = sim_draw(5, 6, i);
		assert_true(draw >= 0 && draw < 1 && draw == sim_draw(5, 6, i));
		sum += draw;
		squares += (draw - 0.5) * (draw - 0.5);
	}
	assert_true(fabs(sum / 10000 - 0.5) < 0.01 && fabs(squares / 10000 - 1.0 / 12) < 0.002);
	assert_true(sim_draw(5, 6, 7) != sim_draw(6, 6, 7) &&
	            sim_draw(5, 6, 7) != sim_draw(5, 7, 7));
	assert_true(sim_draw(5, 6, 7) != sim_draw(6, 5, 7));
}

static void guests_come_and_go_as_the_case_says(void **state)
{
	static const struct case_group plain = {.nr_vcpus = 2},
	                               late = {.nr_vcpus = 1,
	                                       .life = {.start_ns = 10 * NS_PER_S,
	                                                .every_ns = 5 * NS_PER_S,
	                                                .stop_ns = 40 * NS_PER_S}},
	                               guest = {.nr_vcpus = 1,
	                                        .life = {.stay_ns = 10 * NS_PER_S,
	                                                 .away_ns = 5 * NS_PER_S}},
	                               once = {.nr_vcpus = 1, .life = {.stay_ns = 10 * NS_PER_S}},
	                               eventful = {.nr_vcpus = 1,
	                                           .life = {.pause_ns = 10 * NS_PER_S,
	                                                    .resume_ns = 20 * NS_PER_S,
	                                                    .reboot_ns = 15 * NS_PER_S,
	                                                    .hotplug_ns = 30 * NS_PER_S,
	                                                    .hotplug_vcpus = 4}},
	                               moved = {.nr_vcpus = 1,
	                                        .life = {.job_ns = 10 * NS_PER_S,
	                                                 .job_end_ns = 20 * NS_PER_S,
	                                                 .reset_ns = 15 * NS_PER_S,
	                                                 .foreign_ns = 30 * NS_PER_S}};
	static const struct {
		const struct case_group *group;
		unsigned place, at_s;
		struct sim_life life; /* alive, paused, starts, vCPUs, busy, resets, foreign */
	} table[] = {
	        {&plain, 0, 0, {true, false, 1, 2}},
	        {&late, 0, 9, {false, false, 0, 0}},
	        {&late, 0, 10, {true, false, 1, 1}},
	        {&late, 2, 19, {false, false, 0, 0}},
	        {&late, 2, 20, {true, false, 1, 1}},
	        {&late, 2, 40, {false, false, 1, 1}},
	        {&guest, 0, 9, {true, false, 1, 1}},
	        {&guest, 0, 10, {false, false, 1, 1}},
	        {&guest, 0, 15, {true, false, 2, 1}},
	        {&guest, 0, 45, {true, false, 4, 1}},
	        {&once, 0, 10, {false, false, 1, 1}},
	        {&once, 0, 99, {false, false, 1, 1}},
	        {&eventful, 0, 9, {true, false, 1, 1}},
	        {&eventful, 0, 10, {true, true, 1, 1}},
	        {&eventful, 0, 15, {true, true, 2, 1}},
	        {&eventful, 0, 20, {true, false, 2, 1}},
	        {&eventful, 0, 30, {true, false, 2, 4}},
	        {&moved, 0, 9, {true, false, 1, 1}},
	        {&moved, 0, 10, {true, false, 1, 1, true}},
	        {&moved, 0, 15, {true, false, 1, 1, true, 1}},
	        {&moved, 0, 30, {true, false, 1, 1, false, 1, true}},
	};
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct case_guest guest_of = {.group = table[i].group, .place = table[i].place};
		struct sim_life seen = sim_life_at(&guest_of, table[i].at_s * NS_PER_S);
		const struct sim_life *wanted = &table[i].life;

		if (seen.alive != wanted->alive || seen.paused != wanted->paused ||
		    seen.starts != wanted->starts || seen.nr_vcpus != wanted->nr_vcpus ||
		    seen.busy != wanted->busy || seen.resets != wanted->resets ||
		    seen.foreign != wanted->foreign)
			fail_msg("row %zu: alive %d paused %d starts %u vcpus %u busy %d resets %u "
			         "foreign %d",
			         i, seen.alive, seen.paused, seen.starts, seen.nr_vcpus, seen.busy,
			         seen.resets, seen.foreign);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_pcpu_is_shared_fairly),
	        cmocka_unit_test(what_is_shared_is_what_there_is),
	        cmocka_unit_test(a_floating_task_goes_where_it_waits_least),
	        cmocka_unit_test(a_task_moves_only_to_where_it_is_better_off),
	        cmocka_unit_test(a_load_has_its_shape),
	        cmocka_unit_test(noise_is_even_and_each_vcpus_own),
	        cmocka_unit_test(bursts_come_as_often_as_they_should),
	        cmocka_unit_test(chance_repeats_itself_and_seeds_differ),
	        cmocka_unit_test(guests_come_and_go_as_the_case_says),
	};

	return check_all(tests);
}
