/* series_test - counters become rates, and never lie about what was not seen */
#include "tests/unit/fake_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 0.01)

struct fixture {
	struct fake f;
	struct series s;
};

/* Two pCPUs, three guests: 40 % and 30 % on pCPU 0, 20 % floating on pCPU 1. */
static int set_up(void **state)
{
	static struct trace_run_row run;
	struct fixture *x = malloc(sizeof(*x));
	struct error e;

	fake_init(&x->f, 2, 3);
	x->f.demand_pct[0] = 40;
	x->f.demand_pct[1] = 30;
	x->f.demand_pct[2] = 20;
	x->f.pinned[0] = x->f.pinned[1] = 0;
	x->f.floats_on[2] = 1;
	fake_fill_run(&x->f, &run);
	assert_int_equal(series_init(&x->s, &run, &e), 0);
	x->f.series = &x->s;
	*state = x;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *x = *state;

	series_done(&x->s);
	fake_done(&x->f);
	free(x);
	return 0;
}

static double run_at(const struct series *s, size_t vcpu, size_t tick)
{
	return column_at(&s->vcpus[vcpu].run_pct, tick);
}

static double busy_at(const struct series *s, size_t pcpu, size_t tick)
{
	return column_at(&s->pcpus[pcpu].busy_pct, tick);
}

static void the_first_tick_has_no_rates(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 1);
	assert_true(isnan(run_at(&x->s, 0, 0)));
	assert_true(isnan(busy_at(&x->s, 0, 0)));
	assert_true(isnan(series_tick(&x->s, 0).load_pct));
	assert_false(series_tick(&x->s, 0).pcpus_known);
}

static void rates_are_counters_over_the_time_between(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 2);
	NEAR(series_tick(&x->s, 1).t_s, 1.0);
	NEAR(series_tick(&x->s, 1).dt_s, 1.0);
	NEAR(run_at(&x->s, 0, 1), 40);
	NEAR(run_at(&x->s, 1, 1), 30);
	NEAR(busy_at(&x->s, 0, 1), 70);
	NEAR(busy_at(&x->s, 1, 1), 20);
	NEAR(series_tick(&x->s, 1).load_pct, 90);
	NEAR(series_tick(&x->s, 1).collect_ms, 2.0);
	NEAR(series_tick(&x->s, 1).decide_us, 40);
	NEAR(series_tick(&x->s, 1).self_cpu_ms, 1.5);
	assert_true(series_tick(&x->s, 1).pcpus_known);
}

static void an_uneven_interval_is_measured(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 1);
	fake_pass(&x->f, 0.5);
	fake_ticks(&x->f, 1);
	NEAR(series_tick(&x->s, 1).dt_s, 1.5);
	NEAR(run_at(&x->s, 0, 1), 40);
}

static void waiting_for_a_pcpu_is_delay(void **state)
{
	struct fixture *x = *state;

	x->f.demand_pct[0] = x->f.demand_pct[1] = 80;
	fake_ticks(&x->f, 2);
	NEAR(run_at(&x->s, 0, 1), 50);
	NEAR(column_at(&x->s.vcpus[0].delay_pct, 1), 30);
	NEAR(column_at(&x->s.vcpus[2].delay_pct, 1), 0);
}

static void a_delay_that_came_late_is_not_known(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 2);
	x->f.knows_delay = false;
	fake_ticks(&x->f, 1);
	x->f.knows_delay = true;
	fake_ticks(&x->f, 2);
	assert_true(isnan(column_at(&x->s.vcpus[0].delay_pct, 2)));
	assert_true(isnan(column_at(&x->s.vcpus[0].delay_pct, 3)));
	NEAR(column_at(&x->s.vcpus[0].delay_pct, 4), 0);
	NEAR(run_at(&x->s, 0, 2), 40);
}

static void pins_and_places_are_kept(void **state)
{
	struct fixture *x = *state;

	fake_sense(&x->f);
	fake_pin(&x->f, 1, 1);
	fake_record(&x->f);
	fake_ticks(&x->f, 1);
	NEAR(column_at(&x->s.vcpus[1].pinned, 0), 0);
	NEAR(column_at(&x->s.vcpus[1].pinned, 1), 1);
	NEAR(column_at(&x->s.vcpus[2].pinned, 1), -1);
	NEAR(column_at(&x->s.vcpus[2].ran_on, 1), 1);
	assert_int_equal(x->s.verdicts[VERDICT_ACT], 1);
	assert_int_equal(x->s.verdicts[VERDICT_QUIET], 1);
}

static void missed_deadlines_are_counted_and_their_rates_kept(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 2);
	fake_miss(&x->f, 2);
	fake_ticks(&x->f, 1);
	assert_int_equal(x->s.missed, 2);
	assert_int_equal(series_tick(&x->s, 2).missed, 2);
	assert_int_equal(x->s.gaps, 0);
	NEAR(run_at(&x->s, 0, 2), 40);
}

static void a_gap_of_more_than_three_intervals_has_no_rates(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 2);
	fake_miss(&x->f, 3);
	fake_ticks(&x->f, 2);
	assert_int_equal(x->s.gaps, 1);
	assert_true(isnan(series_tick(&x->s, 2).dt_s));
	assert_true(isnan(run_at(&x->s, 0, 2)));
	assert_true(isnan(busy_at(&x->s, 0, 2)));
	NEAR(run_at(&x->s, 0, 3), 40);
}

static void a_restarted_guest_has_no_rate_in_that_tick(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 3);
	x->f.instance[0]++; /* its counter even went on */
	fake_ticks(&x->f, 2);
	assert_true(isnan(run_at(&x->s, 0, 3)));
	NEAR(run_at(&x->s, 0, 4), 40);
	NEAR(run_at(&x->s, 1, 3), 30);
	assert_int_equal(x->s.rebased, 1);
	assert_int_equal(x->s.nr_vcpus, 3);
}

static void a_counter_that_goes_back_gives_no_negative_rate(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 3);
	x->f.run_s[0] = 0;
	x->f.pcpu_busy_s[1] -= 10;
	fake_ticks(&x->f, 2);
	assert_true(isnan(run_at(&x->s, 0, 3)));
	assert_true(isnan(busy_at(&x->s, 1, 3)));
	assert_false(series_tick(&x->s, 3).pcpus_known);
	NEAR(run_at(&x->s, 0, 4), 40);
	NEAR(busy_at(&x->s, 1, 4), 20);
	assert_true(series_tick(&x->s, 4).pcpus_known);
	assert_int_equal(x->s.rebased, 2);
}

static void guests_come_and_go(void **state)
{
	struct fixture *x = *state;

	x->f.gone[2] = true;
	fake_ticks(&x->f, 2);
	x->f.gone[2] = false;
	fake_ticks(&x->f, 2);
	x->f.gone[0] = true;
	fake_ticks(&x->f, 2);
	x->f.gone[0] = false;
	fake_ticks(&x->f, 2);
	assert_int_equal(x->s.nr_vcpus, 3);
	assert_int_equal(series_tick(&x->s, 1).nr_vcpus, 2);
	assert_int_equal(series_tick(&x->s, 2).nr_vcpus, 3);
	assert_true(isnan(column_at(&x->s.vcpus[2].pinned, 1)));
	assert_true(isnan(run_at(&x->s, 2, 2)));
	NEAR(run_at(&x->s, 2, 3), 20);
	assert_true(isnan(run_at(&x->s, 0, 4)));
	assert_true(isnan(run_at(&x->s, 0, 6)));
	NEAR(run_at(&x->s, 0, 7), 40);
}

static void only_usable_pcpus_count(void **state)
{
	struct fixture *x = *state;

	fake_ticks(&x->f, 2);
	cpuset_remove(&x->f.usable, 1);
	fake_ticks(&x->f, 2);
	cpuset_add(&x->f.usable, 1);
	fake_ticks(&x->f, 2);
	NEAR(busy_at(&x->s, 1, 1), 20);
	assert_true(isnan(busy_at(&x->s, 1, 3)));
	assert_true(series_tick(&x->s, 3).pcpus_known); /* the one that is left is known */
	assert_int_equal(series_tick(&x->s, 3).nr_pcpus, 1);
	assert_true(isnan(busy_at(&x->s, 1, 4))); /* came back within this dt */
	assert_true(series_tick(&x->s, 4).pcpus_known);
	NEAR(busy_at(&x->s, 1, 5), 20);
}

static void pcpus_stand_in_order_of_number(void **state)
{
	struct fixture *x = *state;

	x->f.nr_pcpus = 4;
	x->f.usable = cpuset_one(3);
	fake_ticks(&x->f, 2);
	cpuset_add(&x->f.usable, 0);
	cpuset_add(&x->f.usable, 1);
	fake_ticks(&x->f, 2);
	assert_int_equal(x->s.nr_pcpus, 3);
	assert_int_equal(x->s.pcpus[0].pcpu, 0);
	assert_int_equal(x->s.pcpus[1].pcpu, 1);
	assert_int_equal(x->s.pcpus[2].pcpu, 3);
	NEAR(busy_at(&x->s, 0, 3), 70);
	NEAR(busy_at(&x->s, 2, 1), 0);
}

static void a_tick_in_the_past_is_damage(void **state)
{
	struct fixture *x = *state;
	struct trace_tick_row row = {.number = 1, .decide_ns = UNKNOWN};
	struct error e;

	fake_ticks(&x->f, 2);
	row.sample = x->f.sample;
	assert_int_equal(series_add(&x->s, &row, &e), -EBADMSG);
	assert_non_null(strstr(e.text, "tick 1"));
	row.number = 2;
	row.sample.begin_ns -= 5;
	assert_int_equal(series_add(&x->s, &row, &e), -EBADMSG);
	assert_int_equal(x->s.nr_ticks, 2);
}

static void many_guests_are_told_apart(void **state)
{
	struct fixture *x = *state;
	unsigned i;

	x->f.nr_guests = 60;
	for (i = 0; i < 60; i++) {
		x->f.demand_pct[i] = i;
		x->f.pinned[i] = 0;
	}
	x->f.demand_pct[0] = 1770; /* so that all of them get 100 / 3540 of what they want */
	fake_ticks(&x->f, 2);
	assert_int_equal(x->s.nr_guests, 60);
	for (i = 1; i < 60; i++)
		NEAR(run_at(&x->s, i, 1), i / 35.4);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        T(the_first_tick_has_no_rates),
	        T(rates_are_counters_over_the_time_between),
	        T(an_uneven_interval_is_measured),
	        T(waiting_for_a_pcpu_is_delay),
	        T(a_delay_that_came_late_is_not_known),
	        T(pins_and_places_are_kept),
	        T(missed_deadlines_are_counted_and_their_rates_kept),
	        T(a_gap_of_more_than_three_intervals_has_no_rates),
	        T(a_restarted_guest_has_no_rate_in_that_tick),
	        T(a_counter_that_goes_back_gives_no_negative_rate),
	        T(guests_come_and_go),
	        T(only_usable_pcpus_count),
	        T(pcpus_stand_in_order_of_number),
	        T(a_tick_in_the_past_is_damage),
	        T(many_guests_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
