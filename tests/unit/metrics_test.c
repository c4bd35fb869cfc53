/* metrics_test - the numbers against those computed by hand */
#include "tests/unit/fake_run.h"

#include "analyze/balance.h"
#include "analyze/load.h"
#include "analyze/settle.h"
#include "tests/unit/spooled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 0.001)

struct fixture {
	struct fake f;
	struct series s;
};

static struct fixture *start(unsigned nr_pcpus, unsigned nr_guests)
{
	static struct trace_run_row run;
	struct fixture *x = malloc(sizeof(*x));
	struct error e;

	fake_init(&x->f, nr_pcpus, nr_guests);
	fake_fill_run(&x->f, &run);
	assert_int_equal(series_init(&x->s, &run, &e), 0);
	x->f.series = &x->s;
	return x;
}

static void finish(struct fixture *x)
{
	series_done(&x->s);
	fake_done(&x->f);
	free(x);
}

#define ANY_SUBJECT (-1)

/* Over the whole run: of all observations, or of those of one subject. */
static struct summary measure(const struct fixture *x, const char *id, int32_t subject)
{
	struct observations o = {0};
	struct settling settling;
	struct summary sum, each[16];

	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	assert_int_equal(metric_observe(metric_find(id), &x->s, &settling, WINDOW_ALL, &o), 0);
	sum = metric_summarise(metric_find(id), &o);
	if (subject != ANY_SUBJECT)
		assert_int_equal(metric_summarise_each(metric_find(id), &o, 16, each), 0);
	observations_done(&o);
	return subject == ANY_SUBJECT ? sum : each[subject];
}

static void balance_of_a_tick(void **state)
{
	/* utilisation of up to four pCPUs, then mean, SD, imbalance, Jain, max and the places of worst and busiest */
	static const struct {
		double busy[4];
		unsigned nr;
		double mean, sd, imbalance, jain, max;
		long worst, busiest;
	} table[] = {
	        {{100, 0}, 2, 50, 50, 100, 0.5, 100, 0, 0},
	        {{72, 72}, 2, 72, 0, 0, 1, 72, 0, 0},
	        {{70, 74}, 2, 72, 2, 2.7778, 0.99923, 74, 1, 1},
	        {{10, 20, 30, 40}, 4, 25, 11.18034, 60, 0.83333, 40, 3, 3},
	        {{5, 50, 50, 55}, 4, 40, 20.31010, 37.5, 0.79503, 55, 0, 3},
	        {{0, 0, 0, 0}, 4, 0, 0, 0, 1, 0, 0, 0},
	};
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture *x = start(table[i].nr, 0);
		struct balance b;

		for (n = 0; n < table[i].nr; n++)
			x->f.foreign_pct[n] = table[i].busy[n];
		fake_ticks(&x->f, 2);
		b = balance_at(&x->s, 1);
		assert_int_equal(b.nr, table[i].nr);
		NEAR(b.mean_pct, table[i].mean);
		NEAR(b.sd_pp, table[i].sd);
		NEAR(b.imbalance_pct, table[i].imbalance);
		NEAR(b.jain, table[i].jain);
		NEAR(b.max_pct, table[i].max);
		assert_int_equal(b.worst, table[i].worst);
		assert_int_equal(b.busiest, table[i].busiest);
		b = balance_at(&x->s, 0);
		assert_true(isnan(b.sd_pp) && b.worst == -1);
		finish(x);
	}
}

static void means_are_weighted_by_time(void **state)
{
	struct fixture *x = start(2, 0);
	struct summary sum;

	x->f.foreign_pct[0] = 20; /* SD 10 for 1 s */
	fake_ticks(&x->f, 2);
	x->f.pcpu_busy_s[0] -= 0.2; /* what the tick's end let pass already */
	x->f.pcpu_idle_s[0] += 0.2;
	x->f.foreign_pct[0] = 0; /* SD 0 for 3 s */
	fake_pass(&x->f, 2);
	fake_ticks(&x->f, 1);
	sum = measure(x, "cpu.sd_pp", ANY_SUBJECT);
	assert_int_equal(sum.nr, 2);
	NEAR(sum.mean, 2.5);
	NEAR(sum.min, 0);
	NEAR(sum.max, 10);
	NEAR(sum.p50, 0);
	NEAR(sum.p95, 10);
	NEAR(sum.worst_s, 1);
	finish(x);
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct observation *)a)->value,
	       y = ((const struct observation *)b)->value;

	return (x > y) - (x < y);
}

/* The quantile by its definition: sort, and add up weights. */
static double of_sorted(struct observation *at, size_t nr, double share)
{
	double weight = 0, sum = 0;
	size_t i;

	qsort(at, nr, sizeof(*at), by_value);
	for (i = 0; i < nr; i++)
		weight += at[i].weight;
	for (i = 0; i + 1 < nr; i++) {
		sum += at[i].weight;
		if (sum >= share * weight * (1 - 1e-9))
			break;
	}
	return at[i].value;
}

/* Values of every sign and size, equal ones among them, and weights, among them none. */
static void quantiles_are_those_of_sorting(void **state)
{
	static const double odd[] = {-0.0, 0, INFINITY, -INFINITY, 5e-324, -5e-324, 1e300, -1e300};
	struct observation at[50];
	struct observations o;
	struct summary sum;
	unsigned seed = 1, round;
	size_t nr, i;

	for (round = 0; round < 5000; round++) {
		nr = 1 + (size_t)rand_r(&seed) % 50;
		for (i = 0; i < nr; i++) {
			int any = rand_r(&seed) % 60;

			at[i] = (struct observation){.value = any < 8 ? odd[any] : (any - 30) / 3.0,
			                             .weight = (rand_r(&seed) % 4) / 3.0};
		}
		at[0].weight = 1;
		o = observed(at, nr);
		sum = metric_summarise(metric_find("self.collect_ms"), &o);
		observations_done(&o);
		assert_true(sum.p05 == of_sorted(at, nr, 0.05));
		assert_true(sum.p50 == of_sorted(at, nr, 0.50));
		assert_true(sum.p95 == of_sorted(at, nr, 0.95));
		assert_true(sum.min == at[0].value && sum.max == at[nr - 1].value);
	}
}

static void quantiles_are_values_that_were_seen(void **state)
{
	struct observations o;
	struct observation at[20];
	struct summary sum, each[3];
	int i;

	for (i = 0; i < 20; i++)
		at[i] = (struct observation){i, 1, (i * 7) % 20 + 1, i % 2, true};
	at[3].value = NAN;
	o = observed(at, 20);
	sum = metric_summarise(metric_find("self.collect_ms"), &o);
	assert_int_equal(sum.nr, 19);
	assert_int_equal(sum.unknown, 1);
	NEAR(sum.min, 1);
	NEAR(sum.max, 20);
	NEAR(sum.p50, 11); /* the tenth of 1..20 without 2 */
	NEAR(sum.p95, 20); /* 0.95 × 19 = 18.05: the 19th */
	assert_int_equal(metric_summarise_each(metric_find("self.collect_ms"), &o, 3, each), 0);
	assert_int_equal(each[0].nr, 10);
	NEAR(each[0].p50, 9); /* 1, 15, 9, 3, 17, 11, 5, 19, 13, 7 */
	assert_int_equal(each[1].nr, 9);
	assert_int_equal(each[1].unknown, 1);
	NEAR(each[1].max, 20);
	assert_int_equal(each[2].nr, 0);
	assert_true(isnan(each[2].mean) && isnan(each[2].p95));
	observations_done(&o);
}

/* 8 guests of 18 % each on pCPU 0 of two; four moves after tick 3. */
static struct fixture *start_cpu_2(void)
{
	struct fixture *x = start(2, 8);
	unsigned i;

	for (i = 0; i < 8; i++) {
		x->f.demand_pct[i] = 18;
		x->f.pinned[i] = 0;
	}
	fake_ticks(&x->f, 3);
	fake_sense(&x->f);
	for (i = 0; i < 4; i++)
		fake_pin(&x->f, i, 1);
	fake_record(&x->f);
	fake_ticks(&x->f, 20);
	return x;
}

static void settling_is_counted_from_the_load(void **state)
{
	struct fixture *x = start_cpu_2();
	struct settling settling;

	/* 100 % and 0 % in ticks 1 to 3, 72 % each from tick 4 on */
	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	assert_true(settling.loaded && settling.settled.is);
	NEAR(settling.load_s, 1);
	NEAR(settling.grace_s, 4);
	NEAR(settling.settled.at_s, 4);
	assert_int_equal(settling.settled.held, 20);
	assert_int_equal(settling.settled.judged, 23);
	NEAR(measure(x, "cpu.settle_s", ANY_SUBJECT).worst, 3);
	NEAR(measure(x, "cpu.sd_pp", ANY_SUBJECT).mean, 3 * 50.0 / 23);
	NEAR(measure(x, "cpu.max_util", ANY_SUBJECT).p50, 72);
	NEAR(measure(x, "cpu.max_util", ANY_SUBJECT).worst, 100);
	finish(x);
}

static void changes_are_counted(void **state)
{
	struct fixture *x = start_cpu_2();
	struct settling settling;
	struct observations o = {0};

	NEAR(measure(x, "cpu.pin_changes", ANY_SUBJECT).worst, 4);
	NEAR(measure(x, "cpu.reversals", ANY_SUBJECT).worst, 0);
	assert_int_equal(measure(x, "cpu.dwell_s", ANY_SUBJECT).nr, 0);
	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	assert_int_equal(metric_observe(metric_find("cpu.pin_changes"), &x->s, &settling,
	                                (struct window){settling.settled.at_s, INFINITY}, &o),
	                 0);
	NEAR(observations_at(&o, 0).value, 0);
	observations_done(&o);
	finish(x);
}

static void only_changes_that_were_done_count(void **state)
{
	struct fixture *x = start_cpu_2();

	fake_action(&x->s, 0)->kind = ACTION_RESTORE;
	fake_action(&x->s, 1)->result = RESULT_DRY_RUN;
	fake_action(&x->s, 2)->to = fake_action(&x->s, 2)->from;
	NEAR(measure(x, "cpu.pin_changes", ANY_SUBJECT).worst, 1);
	finish(x);
}

/* Pin guest 0 to a pCPU, so many ticks after the last time. */
static void pin_later(struct fixture *x, unsigned ticks, int pcpu)
{
	fake_ticks(&x->f, ticks - 1);
	fake_sense(&x->f);
	fake_pin(&x->f, 0, pcpu);
	fake_record(&x->f);
}

static void a_change_back_within_ten_ticks_is_a_reversal(void **state)
{
	struct fixture *x = start(3, 2);
	struct summary dwell;

	x->f.pinned[0] = 0;
	pin_later(x, 2, 1);
	pin_later(x, 10, 0); /* back: a reversal */
	pin_later(x, 11, 1); /* back, but later */
	pin_later(x, 4, 2);  /* on, not back */
	pin_later(x, 4, 0);  /* A, B, C, A: not back either */
	NEAR(measure(x, "cpu.pin_changes", ANY_SUBJECT).worst, 5);
	NEAR(measure(x, "cpu.reversals", ANY_SUBJECT).worst, 1);
	dwell = measure(x, "cpu.dwell_s", ANY_SUBJECT);
	assert_int_equal(dwell.nr, 4);
	NEAR(dwell.mean, (10 + 11 + 4 + 4) / 4.0);
	NEAR(dwell.worst, 4);
	NEAR(dwell.worst_s, series_tick(&x->s, 26).t_s + 0.002);
	finish(x);
}

static void steal_is_the_share_of_the_demand(void **state)
{
	struct fixture *x = start(2, 3);
	struct summary sum;

	/* 150 % wanted on pCPU 0: each gets two thirds. Guest 2 runs alone. */
	x->f.demand_pct[0] = 90;
	x->f.demand_pct[1] = 60;
	x->f.demand_pct[2] = 50;
	x->f.pinned[0] = x->f.pinned[1] = 0;
	x->f.pinned[2] = 1;
	fake_ticks(&x->f, 11);
	sum = measure(x, "cpu.steal_pct", 0);
	assert_int_equal(sum.nr, 10);
	NEAR(sum.mean, 33.3333);
	NEAR(sum.p95, 33.3333);
	NEAR(measure(x, "cpu.steal_pct", 2).mean, 0);
	x->f.pinned[0] = 1; /* now 140 % there: 5/7 of the demand */
	fake_ticks(&x->f, 11);
	NEAR(measure(x, "cpu.steal_pct", 0).min, 100.0 * 2 / 7);
	finish(x);
}

/* Up to four vCPUs on two pCPUs for a dozen ticks. */
struct regret_scene {
	const char *what;
	double demand[4];
	int pinned[4];
	double foreign[2];
	double regret; /* NAN: not known */
	bool bound;
	const char *settings;
	unsigned user_pins; /* bit per guest */
};

static void regret_is_what_the_best_placement_would_have_spared(void **state)
{
	static const struct regret_scene table[] = {
	        {"even", {30, 30, 30, 30}, {0, 0, 1, 1}, {0}, 1},
	        {"all on one", {20, 20, 20, 20}, {0, 0, 0, 0}, {0}, 2},
	        {"three on one", {20, 20, 20, 20}, {0, 0, 0, 1}, {0}, 1.5},
	        {"heavy with heavy", {40, 40, 10, 10}, {0, 0, 1, 1}, {0}, 1.6},
	        {"heavy with light", {40, 10, 40, 10}, {0, 0, 1, 1}, {0}, 1},
	        {"uneven, but nothing is better", {80, 10, 10, 10}, {0, 1, 1, 1}, {0}, 1},
	        {"beside other work", {20, 20, 20, 20}, {0, 0, 1, 1}, {40, 0}, 80 / 60.0},
	        {"away from other work", {20, 20, 20, 20}, {0, 1, 1, 1}, {40, 0}, 1},
	        {"idle ones stay", {40, 3, 3, 3}, {0, 0, 0, 0}, {0}, 49 / 40.0},
	        {"no load at all", {0}, {0, 0, 0, 0}, {0}, 1},
	        {"floating, all on one",
	         {20, 20, 20, 20},
	         {FAKE_ALL, FAKE_ALL, FAKE_ALL, FAKE_ALL},
	         {0},
	         1},
	        {"floating beside other work",
	         {20, 20, 0, 0},
	         {FAKE_ALL, FAKE_ALL, 0, 0},
	         {40, 0},
	         60 / 40.0,
	         true},
	        {"a full pCPU hides what is wanted", {40, 40, 40, 0}, {0, 0, 0, 0}, {0}, NAN},
	        {"both full", {80, 80, 80, 80}, {0, 0, 1, 1}, {0}, NAN},
	        {"full of other work", {20, 0, 0, 0}, {0, 0, 0, 0}, {90, 0}, NAN},
	        {"filled by one vCPU", {100, 20, 20, 0}, {0, 1, 1, 1}, {0}, 1},
	        {"kept to one pCPU", {20, 20, 20, 20}, {0, 0, 0, 0}, {0}, 1, false, "cpus=0"},
	        {"a list that keeps nothing",
	         {20, 20, 20, 20},
	         {0, 0, 0, 0},
	         {0},
	         2,
	         false,
	         "cpus=all"},
	        {"its owner's pins stay", {20, 20, 20, 20}, {0, 0, 0, 0}, {0}, 1, false, "", 15},
	        {"those of one guest", {20, 20, 20, 20}, {0, 0, 0, 0}, {0}, 2, false, "", 1},
	        {"those of three", {20, 20, 20, 20}, {0, 0, 0, 0}, {0}, 80 / 60.0, false, "", 7},
	};
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture *x = start(2, 4);
		struct summary sum;

		for (n = 0; n < 4; n++) {
			x->f.demand_pct[n] = table[i].demand[n];
			x->f.pinned[n] = table[i].pinned[n];
			x->f.user_pins[n] = table[i].user_pins >> n & 1;
		}
		x->f.foreign_pct[0] = table[i].foreign[0];
		x->f.foreign_pct[1] = table[i].foreign[1];
		if (table[i].settings)
			snprintf(x->s.run.settings, sizeof(x->s.run.settings), "%s",
			         table[i].settings);
		fake_ticks(&x->f, 12);
		sum = measure(x, "cpu.regret", ANY_SUBJECT);
		if (isnan(table[i].regret) ? sum.nr != 0 || sum.unknown != 11
		                           : fabs(sum.max - table[i].regret) > 0.001 ||
		                                     fabs(sum.min - table[i].regret) > 0.001)
			fail_msg("%s: %g to %g instead of %g", table[i].what, sum.min, sum.max,
			         table[i].regret);
		if (sum.bounds != (table[i].bound ? sum.nr : 0))
			fail_msg("%s: %zu bounds", table[i].what, sum.bounds);
		finish(x);
	}
}

static void a_vcpu_stays_within_an_affinity_of_several(void **state)
{
	struct fixture *x = start(4, 3);
	unsigned i;

	/* 60 % on pCPU 0; guests 0 and 1 may use 0 and 1 only, guest 2 all */
	for (i = 0; i < 3; i++) {
		x->f.demand_pct[i] = 20;
		x->f.pinned[i] = FAKE_ALL;
		x->f.floats_on[i] = 0;
	}
	x->f.limit[0] = x->f.limit[1] = 2;
	fake_ticks(&x->f, 2);
	for (i = 0; i < 3; i++)
		x->f.pinned[i] = 0;
	fake_ticks(&x->f, 12);
	NEAR(measure(x, "cpu.regret", ANY_SUBJECT).p50, 3);
	x->f.demand_pct[2] = 0;
	x->f.foreign_pct[1] = 30;
	fake_ticks(&x->f, 30); /* 40 on pCPU 0 is the best now: pCPU 1 would have 50 */
	NEAR(measure(x, "cpu.regret", ANY_SUBJECT).p50, 1);
	finish(x);
}

static void an_idle_guest_is_not_stolen_from(void **state)
{
	struct fixture *x = start(1, 2);

	x->f.demand_pct[0] = 2;
	x->f.demand_pct[1] = 198;
	fake_ticks(&x->f, 11);
	assert_int_equal(measure(x, "cpu.steal_pct", 0).nr, 0);
	NEAR(measure(x, "cpu.steal_pct", 1).mean, 50);
	finish(x);
}

static void steal_without_delay_is_not_known(void **state)
{
	struct fixture *x = start(1, 1);

	x->f.knows_delay = false;
	x->f.demand_pct[0] = 50;
	fake_ticks(&x->f, 6);
	assert_int_equal(measure(x, "cpu.steal_pct", 0).nr, 0);
	assert_int_equal(measure(x, "cpu.steal_pct", 0).unknown, 5);
	finish(x);
}

static void the_recorder_measures_itself(void **state)
{
	struct fixture *x = start(2, 1);

	fake_ticks(&x->f, 3);
	fake_miss(&x->f, 2);
	fake_ticks(&x->f, 3);
	x->s.file_bytes = 8192;
	x->s.file_ticks = 16;
	NEAR(measure(x, "self.cpu_ms_per_tick", ANY_SUBJECT).mean, 1.5);
	assert_int_equal(measure(x, "self.cpu_ms_per_tick", ANY_SUBJECT).nr, 5);
	NEAR(measure(x, "self.collect_ms", ANY_SUBJECT).p95, 2);
	assert_int_equal(measure(x, "self.collect_ms", ANY_SUBJECT).nr, 6);
	NEAR(measure(x, "self.decide_us", ANY_SUBJECT).max, 40);
	NEAR(measure(x, "self.late_ticks", ANY_SUBJECT).worst, 2);
	NEAR(measure(x, "trace.bytes_per_tick", ANY_SUBJECT).worst, 512);
	finish(x);
}

static void load_is_what_could_break_the_balance(void **state)
{
	/* with all of it on one of n pCPUs the standard deviation is 10 points */
	NEAR(load_least_pct(2), 20);
	NEAR(load_least_pct(4), 23.0940);
	NEAR(load_least_pct(8), 30.2372);
	assert_true(isinf(load_least_pct(1)));
}

static void load_begins_with_three_loaded_ticks(void **state)
{
	static const struct {
		const char *ticks; /* '#' with load; the first one has no rates */
		long first;
	} table[] = {
	        {"..........", -1}, {".#########", 1}, {"...#######", 3}, {"..#...####", 6},
	        {"..##..####", 6},  {"..###.....", 2}, {"........##", 8}, {"..##......", -1},
	};
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture *x = start(2, 1);

		for (n = 0; table[i].ticks[n]; n++) {
			fake_sense(&x->f);
			/* rates look back: a tick's load is that of the interval that leads to it */
			x->f.demand_pct[0] = table[i].ticks[n + 1] == '#' ? 25 : 3;
			fake_record(&x->f);
		}
		assert_int_equal(load_first(&x->s), table[i].first);
		finish(x);
	}
}

static void idle_guests_are_no_load(void **state)
{
	struct fixture *x = start(2, 16);
	unsigned i;

	for (i = 0; i < 16; i++)
		x->f.demand_pct[i] = 3;
	fake_ticks(&x->f, 20);
	assert_int_equal(load_first(&x->s), -1);
	NEAR(series_tick(&x->s, 10).load_pct, 0);
	finish(x);
}

static void settled_is_where_it_holds_to_the_end(void **state)
{
	/* a sample a second: 'o' within the limit, 'x' not, '?' not known */
	static const struct {
		const char *samples;
		double hold_pct;
		bool is;
		double at_s;
		size_t held, left;
	} table[] = {
	        {"oooooooooooooooooooo", 100, true, 0, 20, 0},
	        {"xxxooooooooooooooooo", 100, true, 3, 17, 0},
	        {"xxxoxooooooooooooooo", 100, true, 5, 15, 1},
	        {"xxxxxxxxxxoooooooooo", 100, true, 10, 10, 0},
	        {"xxxxxxxxxxxxxxxxxxxo", 100, false, 19, 1, 0},
	        {"xxxxxxxxxxxxxxxxooo?", 100, false, 16, 3, 0},
	        {"ooooooooooooooooooox", 100, false, 0, 0, 1},
	        {"xoxoxoxoxoxoxoxoxoxo", 100, false, 19, 1, 9},
	        {"xxxoooooooo?oooooooo", 100, true, 3, 16, 0},
	        {"xxxooooooooxoooooooo", 90, true, 3, 16, 1},
	        {"xoooo", 100, true, 1, 4, 0},
	        {"", 100, false, 0, 0, 0},
	};
	const struct limit limit = {LIMIT_AT_MOST, 5};
	struct observation at[20];
	struct observations o;
	struct settled found;
	size_t i, n;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (n = 0; table[i].samples[n]; n++)
			at[n] = (struct observation){(double)n, 1, 4, -1, true};
		for (n = 0; table[i].samples[n]; n++)
			at[n].value = table[i].samples[n] == 'o'   ? 4
			              : table[i].samples[n] == 'x' ? 6
			                                           : NAN;
		o = observed(at, n);
		found = settle_find(&o, limit, table[i].hold_pct);
		observations_done(&o);
		assert_int_equal(found.is, table[i].is);
		assert_int_equal(found.held, table[i].held);
		assert_int_equal(found.left, table[i].left);
		NEAR(found.at_s, table[i].at_s);
	}
}

static void a_run_tells_its_size(void **state)
{
	struct fixture *x = start(4, 6);

	fake_ticks(&x->f, 5);
	x->f.gone[2] = true; /* a vCPU that was there counts, a pCPU that is gone does not */
	cpuset_remove(&x->f.usable, 3);
	fake_ticks(&x->f, 5);
	NEAR(measure(x, "run.vcpus", ANY_SUBJECT).mean, 6);
	NEAR(measure(x, "run.pcpus", ANY_SUBJECT).mean, 3);
	NEAR(measure(x, "run.interval_s", ANY_SUBJECT).mean, 1);
	x->s.run.interval_ns = 250000000;
	NEAR(measure(x, "run.interval_s", ANY_SUBJECT).mean, 0.25);
	x->s.run.interval_ns = 0;
	assert_int_equal(measure(x, "run.interval_s", ANY_SUBJECT).nr, 0);
	finish(x);
	x = start(4, 6);
	assert_int_equal(measure(x, "run.vcpus", ANY_SUBJECT).nr, 0);
	assert_int_equal(measure(x, "run.pcpus", ANY_SUBJECT).nr, 0);
	finish(x);
}

static void limits_compare(void **state)
{
	static const struct {
		enum limit_op op;
		bool below, equal, above;
	} table[] = {
	        {LIMIT_AT_MOST, true, true, false}, {LIMIT_BELOW, true, false, false},
	        {LIMIT_IS, false, true, false},     {LIMIT_AT_LEAST, false, true, true},
	        {LIMIT_ABOVE, false, false, true},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct limit limit = {table[i].op, 5};

		assert_int_equal(limit_holds(limit, 4), table[i].below);
		assert_int_equal(limit_holds(limit, 5), table[i].equal);
		assert_int_equal(limit_holds(limit, 6), table[i].above);
		assert_false(limit_holds(limit, NAN));
	}
}

static void limits_that_are_bounds_decide_one_way(void **state)
{
	static const struct {
		enum limit_op op;
		enum known known;
		bool breaks, holds;
	} table[] = {
	        {LIMIT_AT_MOST, KNOWN_EXACTLY, true, true},
	        {LIMIT_IS, KNOWN_EXACTLY, true, true},
	        {LIMIT_AT_MOST, KNOWN_AT_MOST, true, false},
	        {LIMIT_BELOW, KNOWN_AT_MOST, true, false},
	        {LIMIT_AT_MOST, KNOWN_AT_LEAST, false, true},
	        {LIMIT_AT_LEAST, KNOWN_AT_MOST, false, true},
	        {LIMIT_ABOVE, KNOWN_AT_LEAST, true, false},
	        {LIMIT_IS, KNOWN_AT_MOST, false, false},
	        {LIMIT_IS, KNOWN_AT_LEAST, false, false},
	        {LIMIT_AT_MOST, KNOWN_NOT, false, false},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct limit limit = {table[i].op, 5, .known = table[i].known};

		assert_int_equal(limit_can_break(limit), table[i].breaks);
		assert_int_equal(limit_can_hold(limit), table[i].holds);
	}
}

static void the_table_of_metrics_is_sound(void **state)
{
	size_t i, n;

	for (i = 0; i < nr_metrics; i++) {
		const struct metric *from = &metrics[i];

		assert_int_equal(!!from->at_tick + !!from->of_run + !!from->observe, 1);
		assert_true(!from->at_tick || metrics[i].dimension == PER_TICK);
		assert_true(!from->of_run || metrics[i].dimension == PER_RUN);
		assert_non_null(strchr(metrics[i].id, '.'));
		for (n = 0; n < i; n++)
			assert_string_not_equal(metrics[i].id, metrics[n].id);
	}
	assert_null(metric_find("cpu.nonsense"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(balance_of_a_tick),
	        cmocka_unit_test(means_are_weighted_by_time),
	        cmocka_unit_test(quantiles_are_values_that_were_seen),
	        cmocka_unit_test(quantiles_are_those_of_sorting),
	        cmocka_unit_test(settling_is_counted_from_the_load),
	        cmocka_unit_test(changes_are_counted),
	        cmocka_unit_test(only_changes_that_were_done_count),
	        cmocka_unit_test(a_change_back_within_ten_ticks_is_a_reversal),
	        cmocka_unit_test(steal_is_the_share_of_the_demand),
	        cmocka_unit_test(regret_is_what_the_best_placement_would_have_spared),
	        cmocka_unit_test(a_vcpu_stays_within_an_affinity_of_several),
	        cmocka_unit_test(an_idle_guest_is_not_stolen_from),
	        cmocka_unit_test(steal_without_delay_is_not_known),
	        cmocka_unit_test(the_recorder_measures_itself),
	        cmocka_unit_test(load_is_what_could_break_the_balance),
	        cmocka_unit_test(load_begins_with_three_loaded_ticks),
	        cmocka_unit_test(idle_guests_are_no_load),
	        cmocka_unit_test(settled_is_where_it_holds_to_the_end),
	        cmocka_unit_test(a_run_tells_its_size),
	        cmocka_unit_test(limits_compare),
	        cmocka_unit_test(limits_that_are_bounds_decide_one_way),
	        cmocka_unit_test(the_table_of_metrics_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
