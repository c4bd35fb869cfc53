/* memory_metrics_test - each number of memory on a run whose numbers are known */
#include "tests/unit/check.h"
#include "tests/unit/fake_run.h"

#include "analyze/course.h"
#include "analyze/criteria.h"
#include "analyze/judge.h"
#include "analyze/metrics.h"
#include "analyze/settle.h"

#define MIB(n)     ((uint64_t)(n)*1024)
#define NEAR(a, b) near((a), (b), __LINE__)
#define NOT_KNOWN  NAN

struct fixture {
	struct fake f;
	struct series s;
};

static void near(double seen, double wanted, int line)
{
	if (isnan(wanted)   ? !isnan(seen)
	    : isinf(wanted) ? seen != wanted
	                    : !(fabs(seen - wanted) < 0.01))
		fail_msg("line %d: %g instead of %g", line, seen, wanted);
}

/* What a guest has and uses, MiB. Its kernel tells all of it as available, and 10 less unused than usable. */
static void set(struct fixture *x, unsigned guest, unsigned actual, unsigned used)
{
	struct guest_memory *m = &x->f.memory[guest];

	m->actual_kib = m->available_kib = MIB(actual);
	m->usable_kib = MIB(actual - used);
	m->unused_kib = m->usable_kib - MIB(10);
}

/* So many guests of 512 MiB, up to 2048, who use 300; the host has 8000 available. */
static struct fixture *start(const char *program, unsigned guests)
{
	struct fixture *x = malloc(sizeof(*x));
	struct trace_run_row run;
	struct error e;
	unsigned i;

	fake_init(&x->f, 2, guests);
	fake_fill_run(&x->f, &run);
	snprintf(run.program, sizeof(run.program), "%s", program);
	assert_int_equal(series_init(&x->s, &run, &e), 0);
	x->f.series = &x->s;
	x->f.has_memory = true;
	x->f.host_memory = (struct host_memory){MIB(16000), MIB(7000), MIB(8000), MIB(1000)};
	for (i = 0; i < guests; i++) {
		x->f.memory[i].maximum_kib = MIB(2048);
		x->f.memory[i].period_s = 1;
		set(x, i, 512, 300);
	}
	return x;
}

/* A plan with a band of 100 to 200 for everyone. */
static void plan(struct fixture *x, uint64_t spare_mib)
{
	unsigned i;

	x->f.has_plan = true;
	x->f.host_plan = (struct host_plan){
	        .reserve_kib = MIB(1000), .pool_kib = UNKNOWN, .spare_kib = MIB(spare_mib)};
	for (i = 0; i < x->f.nr_guests; i++)
		x->f.plan[i] = (struct guest_plan){.low_kib = MIB(100),
		                                   .high_kib = MIB(200),
		                                   .floor_kib = MIB(200),
		                                   .target_kib = MIB(512)};
}

static void finish(struct fixture *x)
{
	series_done(&x->s);
	fake_done(&x->f);
	free(x);
}

#define ANY_SUBJECT (-1)

static int judge_whole(const struct criterion *c, const struct series *s, const struct settling *x,
                       struct judgement *out)
{
	struct observations whole = {0};
	int r = metric_observe(c->metric, s, x, WINDOW_ALL, &whole);

	if (r == 0)
		r = judge(c, s, x, &whole, out);
	observations_done(&whole);
	return r;
}

static struct summary measure_in(const struct fixture *x, const char *id, int32_t subject,
                                 struct window w)
{
	struct observations o = {0};
	struct settling settling;
	struct summary sum, each[16];

	assert_non_null(metric_find(id));
	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	assert_int_equal(metric_observe(metric_find(id), &x->s, &settling, w, &o), 0);
	sum = metric_summarise(metric_find(id), &o);
	if (subject != ANY_SUBJECT)
		assert_int_equal(metric_summarise_each(metric_find(id), &o, 16, each), 0);
	observations_done(&o);
	return subject == ANY_SUBJECT ? sum : each[subject];
}

static struct summary measure(const struct fixture *x, const char *id, int32_t subject)
{
	return measure_in(x, id, subject, WINDOW_ALL);
}

#define ALL(id)       measure(x, id, ANY_SUBJECT).worst
#define OF(guest, id) measure(x, id, guest).worst

static void what_a_run_does_not_record_is_not_known(void **state)
{
	struct fixture *x = start("vmb-cpu", 2);
	size_t i, nr = 0;

	x->f.has_memory = false;
	fake_ticks(&x->f, 20);
	for (i = 0; i < nr_metrics; i++) {
		if (strncmp(metrics[i].id, "mem.", 4) != 0 &&
		    strcmp(metrics[i].id, "guest.oom") != 0)
			continue;
		nr++;
		if (measure(x, metrics[i].id, ANY_SUBJECT).nr)
			fail_msg("%s is known", metrics[i].id);
	}
	assert_in_range(nr, 20, 40);
	NEAR(ALL("guest.lost"), 0);
	NEAR(ALL("guest.reboots"), 0);
	finish(x);
}

static void the_host_and_its_least(void **state)
{
	struct fixture *x = start("vmb-mem", 1);
	struct summary sum;

	fake_ticks(&x->f, 1);
	x->f.host_memory.available_kib = MIB(6000);
	fake_ticks(&x->f, 1);
	x->f.host_memory.available_kib = UNKNOWN; /* 7000 free and half of 1000 */
	fake_ticks(&x->f, 2);
	sum = measure(x, "mem.host_available_min", ANY_SUBJECT);
	assert_int_equal(sum.nr, 4);
	NEAR(sum.worst, 6000);
	NEAR(sum.worst_s, 1);
	NEAR(sum.max, 8000);
	NEAR(sum.mean, (8000 + 6000 + 7500 + 7500) / 4.0);
	assert_true(x->s.available_is_guess);
	finish(x);
}

static void what_guests_have_left(void **state)
{
	struct fixture *x = start("vmb-mem", 2);
	struct summary sum;

	plan(x, 5000);
	fake_ticks(&x->f, 3); /* the first report has no one before it: 2 known */
	set(x, 1, 512, 380);
	fake_ticks(&x->f, 2);
	set(x, 1, 2048, 2040); /* it has all it can have */
	fake_ticks(&x->f, 5);
	sum = measure(x, "mem.guest_usable_min", ANY_SUBJECT);
	NEAR(sum.worst, 132);
	NEAR(sum.worst_s, 3);
	assert_int_equal(sum.worst_subject, 1);
	assert_int_equal(sum.unknown, 0);
	assert_int_equal(measure(x, "mem.guest_usable_min", 0).nr, 9);
	assert_int_equal(measure(x, "mem.guest_usable_min", 1).nr, 4);
	NEAR(OF(0, "mem.guest_usable_min"), 212);
	NEAR(ALL("mem.guest_unused_min"), 122);
	NEAR(measure(x, "mem.guest_actual", 1).max, 2048);
	NEAR(measure(x, "mem.guest_actual", ANY_SUBJECT).min, 512);
	finish(x);
}

static void what_the_host_did_not_have_is_not_held_against_a_balancer(void **state)
{
	struct fixture *x = start("vmb-mem", 2);

	/* 20 and 40 MiB are missing */
	plan(x, 61);
	fake_ticks(&x->f, 2);
	set(x, 0, 512, 432);
	set(x, 1, 512, 452);
	fake_ticks(&x->f, 3);
	NEAR(ALL("mem.guest_usable_min"), 60);
	NEAR(ALL("mem.deficit_mib_s"), 3 * 20 + 3 * 40);
	NEAR(OF(1, "mem.deficit_mib_s"), 3 * 40);
	finish(x);
	x = start("vmb-mem", 2);
	plan(x, 59);
	fake_ticks(&x->f, 2);
	set(x, 0, 512, 432);
	set(x, 1, 512, 452);
	fake_ticks(&x->f, 3);
	NEAR(ALL("mem.guest_usable_min"), 212);
	NEAR(ALL("mem.deficit_mib_s"), 180); /* but they lacked it */
	finish(x);
}

static void reports_that_do_not_come_are_not_known(void **state)
{
	struct fixture *x = start("vmb-mem", 2);
	struct summary sum;

	fake_ticks(&x->f, 5);
	x->f.frozen[1] = true; /* believed for three periods */
	fake_ticks(&x->f, 6);
	sum = measure(x, "mem.guest_usable_min", 1);
	assert_int_equal(sum.nr, 4 + 3);
	assert_int_equal(sum.unknown, 3);
	NEAR(OF(0, "mem.stale_s"), 0);
	NEAR(ALL("mem.stale_s"), 6);
	assert_int_equal(measure(x, "mem.stale_s", ANY_SUBJECT).worst_subject, 1);
	x->f.frozen[1] = false;
	x->f.memory[1].usable_kib = x->f.memory[1].available_kib + 1; /* nonsense */
	fake_ticks(&x->f, 2);
	assert_int_equal(measure(x, "mem.guest_usable_min", 1).unknown, 5);
	finish(x);
	x = start("vmb-mem", 1);
	x->f.frozen[0] = true; /* never: nothing is known, and that is told */
	x->f.memory[0].updated_s = 77;
	fake_ticks(&x->f, 20);
	assert_int_equal(measure(x, "mem.guest_usable_min", 0).nr, 0);
	assert_int_equal(measure(x, "mem.guest_usable_min", 0).unknown, 20);
	NEAR(ALL("mem.stale_s"), 19);
	NEAR(ALL("guest.oom"), NOT_KNOWN);
	NEAR(ALL("mem.peak_used"), NOT_KNOWN);
	NEAR(ALL("mem.peak_actual"), 512);
	finish(x);
}

static void guests_that_do_not_run_or_have_no_balloon_are_left_alone(void **state)
{
	struct fixture *x = start("vmb-mem", 2);

	fake_ticks(&x->f, 4);
	x->f.state[0] = GUEST_PAUSED;
	fake_ticks(&x->f, 6);
	assert_int_equal(measure(x, "mem.guest_usable_min", 0).nr, 3);
	assert_int_equal(measure(x, "mem.guest_usable_min", 0).unknown, 0);
	x->f.balloon[1] = BALLOON_EXEMPT;
	fake_ticks(&x->f, 1);
	assert_int_equal(measure(x, "mem.guest_usable_min", 1).nr, 0);
	NEAR(ALL("guest.lost"), 0);
	finish(x);
}

static void the_share_of_time_in_the_band(void **state)
{
	struct fixture *x = start("vmb-mem", 1);
	unsigned i;
	static const unsigned used[] = {312, 312, 305, 304, 303, 400, 420, 421, 450, 412};

	plan(x, 5000);
	fake_ticks(&x->f, 1);
	/* left: 200 200 207 208 209 112 92 91 62 100; 8 beyond the band of 100 to 200 will do */
	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		set(x, 0, 512, used[i]);
		fake_ticks(&x->f, 1);
	}
	NEAR(ALL("mem.in_band_pct"), 70);
	NEAR(ALL("mem.deficit_mib_s"), 8 + 9 + 38);
	finish(x);
	x = start("vmb-collect", 1); /* without a plan there is no band */
	fake_ticks(&x->f, 10);
	NEAR(ALL("mem.in_band_pct"), NOT_KNOWN);
	NEAR(ALL("mem.deficit_mib_s"), NOT_KNOWN);
	NEAR(ALL("mem.settle_s"), NOT_KNOWN);
	finish(x);
}

static void settled_is_what_holds_to_the_end(void **state)
{
	struct fixture *x = start("vmb-mem", 2);

	plan(x, 5000);
	set(x, 1, 512, 362); /* 150: in its band */
	fake_ticks(&x->f, 6);
	set(x, 0, 512, 362);
	fake_ticks(&x->f, 9);
	NEAR(OF(1, "mem.settle_s"), 0);
	NEAR(OF(0, "mem.settle_s"), 6 - 1); /* its first report is of 1 s */
	NEAR(ALL("mem.settle_s"), 5);
	set(x, 0, 512, 300);
	fake_ticks(&x->f, 1);
	NEAR(ALL("mem.settle_s"), INFINITY);
	finish(x);
	/* as near as its maximum, or its floor, lets it come */
	x = start("vmb-mem", 2);
	plan(x, 5000);
	set(x, 0, 2048, 2000);
	set(x, 1, 203, 1);
	fake_ticks(&x->f, 12);
	NEAR(ALL("mem.settle_s"), 0);
	finish(x);
}

static struct settling settle(const struct fixture *x)
{
	struct settling settling;

	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	return settling;
}

/* Nobody runs anything here: memory settles without a load of the CPUs. */
static void memory_settles_by_itself(void **state)
{
	struct fixture *x = start("vmb-mem", 2);
	struct settling y;

	plan(x, 5000);
	set(x, 0, 512, 362);
	set(x, 1, 512, 362);
	fake_ticks(&x->f, 6); /* the reports of 1 to 5 s */
	set(x, 1, 512, 450);
	fake_ticks(&x->f, 6);
	set(x, 1, 512, 362);
	fake_ticks(&x->f, 12); /* from 12 s on */
	y = settle(x);
	assert_false(y.loaded);
	assert_true(y.rest.is);
	NEAR(y.rest.at_s, 12);
	assert_int_equal(y.rest.left, 1);
	assert_int_equal(y.rest.held, 12);
	assert_int_equal(y.rest_course, COURSE_SETTLES);
	NEAR(ALL("mem.class"), COURSE_SETTLES);
	NEAR(measure(x, "mem.at_rest", ANY_SUBJECT).mean, 17.0 / 23);
	NEAR(settle_window(&x->s, &y, metric_find("mem.in_band_pct")).from_s, 12);
	NEAR(settle_window(&x->s, &y, metric_find("self.collect_ms")).from_s, 12);
	NEAR(settle_window(&x->s, &y, metric_find("cpu.sd_pp")).from_s, NOT_KNOWN);
	finish(x);
}

static const struct {
	const char *metric, *limit;
	enum outcome outcome;
	double from_s; /* of its window */
} from_settle[] = {
        {"mem.guest_usable_min", ">= 100", OUTCOME_PASS, 12},
        {"mem.guest_usable_min", ">= 160", OUTCOME_FAIL, NAN},
        {"mem.in_band_pct", "== 100", OUTCOME_PASS, 12},
        {"mem.set_missed", "== 0", OUTCOME_PASS, 12},
        {"cpu.max_util", "<= 100", OUTCOME_UNDECIDED, NAN}, /* no load */
};

static void from_settle_is_of_memory_for_memory(void **state)
{
	struct fixture *x = start("vmb-mem", 2);
	struct criteria c;
	struct judgement j;
	struct settling y;
	char text[160];
	size_t i;

	plan(x, 5000);
	set(x, 0, 512, 362);
	set(x, 1, 512, 450);
	fake_ticks(&x->f, 12);
	set(x, 1, 512, 362);
	fake_ticks(&x->f, 15);
	y = settle(x);
	for (i = 0; i < sizeof(from_settle) / sizeof(from_settle[0]); i++) {
		snprintf(text, sizeof(text),
		         "[criterion c]\nmetric = %s\nlimit = %s\nfrom = settle\n",
		         from_settle[i].metric, from_settle[i].limit);
		assert_int_equal(criteria_parse("f", text, &c, NULL), 0);
		assert_int_equal(judge_whole(&c.rows[0], &x->s, &y, &j), 0);
		if (j.outcome != from_settle[i].outcome)
			fail_msg("%s %s: %s: %s", from_settle[i].metric, from_settle[i].limit,
			         outcome_name[j.outcome], j.why);
		NEAR(j.window.from_s, from_settle[i].from_s);
		criteria_done(&c);
	}
	finish(x);
}

static void where_no_memory_is_told_its_criteria_do_not_apply(void **state)
{
	static const char *const programs[] = {"vmb-cpu", "vmb-mem"};
	struct criteria c;
	struct judgement j;
	struct settling y;
	size_t i;

	assert_int_equal(criteria_parse("f",
	                                "[criterion c]\nmetric = mem.guest_usable_min\n"
	                                "limit = >= 100\n",
	                                &c, NULL),
	                 0);
	for (i = 0; i < 2; i++) {
		struct fixture *x = start(programs[i], 2);

		x->f.has_memory = false;
		x->f.host_memory.available_kib = x->f.host_memory.free_kib = UNKNOWN;
		fake_ticks(&x->f, 20);
		y = settle(x);
		assert_int_equal(judge_whole(&c.rows[0], &x->s, &y, &j), 0);
		assert_int_equal(j.outcome, i ? OUTCOME_UNDECIDED : OUTCOME_SKIP);
		finish(x);
	}
	criteria_done(&c);
}

static void how_much_it_had_and_how_it_came_back(void **state)
{
	struct fixture *x = start("vmb-mem", 2);
	unsigned i;

	plan(x, 700);
	fake_ticks(&x->f, 2);
	for (i = 1; i <= 10; i++) {
		set(x, 0, 512 + 100 * i, 300 + 100 * i);
		fake_ticks(&x->f, 1);
	}
	x->f.host_plan.spare_kib = MIB(30);
	set(x, 0, 1512, 1400); /* t = 12 */
	fake_ticks(&x->f, 1);
	set(x, 0, 1512, 860); /* not half of it yet: 300 to 1400 */
	fake_ticks(&x->f, 1);
	set(x, 0, 1512, 850); /* t = 14: freed */
	fake_ticks(&x->f, 1);
	for (i = 1; i <= 10; i++) {
		set(x, 0, 1512 - 100 * i, 300);
		fake_ticks(&x->f, 1);
	}
	fake_ticks(&x->f, 3); /* t = 24: as small as at the start */
	NEAR(ALL("mem.peak_used"), 1400);
	NEAR(OF(1, "mem.peak_used"), 300);
	NEAR(ALL("mem.peak_actual"), 1512);
	NEAR(OF(0, "mem.room_min"), 30);
	NEAR(ALL("mem.return_s"), 10);
	assert_int_equal(measure(x, "mem.return_s", 1).nr, 0); /* it never grew */
	NEAR(ALL("mem.travel"), 2000);
	NEAR(OF(1, "mem.travel"), 0);
	NEAR(ALL("mem.net"), 0);
	set(x, 0, 600, 300);
	fake_ticks(&x->f, 1);
	NEAR(ALL("mem.return_s"), INFINITY);
	NEAR(ALL("mem.travel"), 2088);
	NEAR(ALL("mem.net"), 88);
	finish(x);
	x = start("vmb-mem", 1); /* grown, and never freed */
	fake_ticks(&x->f, 2);
	set(x, 0, 1512, 1300);
	fake_ticks(&x->f, 10);
	NEAR(ALL("mem.return_s"), NOT_KNOWN);
	NEAR(ALL("mem.room_min"), 536);
	finish(x);
}

static void all_balloons_of_a_tick(void **state)
{
	struct fixture *x = start("vmb-mem", 3);
	struct summary sum;

	plan(x, 700);
	x->f.host_plan.pool_kib = MIB(2200);
	fake_ticks(&x->f, 2);
	set(x, 1, 1000, 300);
	set(x, 2, 750, 300);
	fake_ticks(&x->f, 1); /* 512, 1000, 750 */
	sum = measure(x, "mem.balloon_spread", ANY_SUBJECT);
	NEAR(sum.min, 0);
	NEAR(sum.max, 48.8);
	NEAR(measure(x, "mem.balloons", ANY_SUBJECT).max, 2262);
	NEAR(ALL("mem.pool_excess"), 62);
	NEAR(ALL("run.pool_mib"), 2200);
	NEAR(ALL("run.reserve_mib"), 1000);
	NEAR(ALL("run.low_mib"), 100);
	NEAR(measure(x, "mem.share_spread", ANY_SUBJECT).max, 48.8);
	x->f.gone[1] = true;
	fake_ticks(&x->f, 1);
	NEAR(measure(x, "mem.balloons", ANY_SUBJECT).min, 1262);
	finish(x);
	x = start("vmb-mem", 3);
	plan(x, 700);
	fake_ticks(&x->f, 2);
	NEAR(ALL("mem.pool_excess"), 0);
	NEAR(ALL("run.pool_mib"), NOT_KNOWN);
	finish(x);
}

/* 512 by a share of 1, 1000 by 2: as if 512 stood beside 500. */
static void balloons_are_held_against_shares(void **state)
{
	struct fixture *x = start("vmb-mem", 2);

	snprintf(x->s.run.settings, sizeof(x->s.run.settings), "share=g1=2000");
	set(x, 1, 1000, 300);
	fake_ticks(&x->f, 2);
	NEAR(measure(x, "mem.share_spread", ANY_SUBJECT).max, 2.34);
	NEAR(measure(x, "mem.balloon_spread", ANY_SUBJECT).max, 48.8);
	set(x, 1, 512, 300);
	fake_ticks(&x->f, 1);
	NEAR(measure(x, "mem.share_spread", ANY_SUBJECT).max, 50);
	finish(x);
}

/* Order sizes of guest 0, a second apart; it follows at once. */
static void order_all(struct fixture *x, const unsigned *mib, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		fake_sense(&x->f);
		fake_order(&x->f, 0, MIB(mib[i]));
		set(x, 0, mib[i], 100);
		fake_record(&x->f);
	}
}

static void orders_are_counted(void **state)
{
	static const unsigned mib[] = {480, 450, 550, 700, 610, 600};
	struct fixture *x = start("vmb-mem", 2);

	fake_ticks(&x->f, 3);
	order_all(x, mib, 6); /* -32 -30 +100 +150 -90 -10 */
	fake_ticks(&x->f, 10);
	NEAR(ALL("mem.calls"), 6);
	NEAR(OF(1, "mem.calls"), 0);
	NEAR(ALL("mem.largest_cut"), 90);
	assert_int_equal(measure(x, "mem.largest_cut", ANY_SUBJECT).worst_subject, 0);
	NEAR(ALL("mem.direction_changes"), 2);
	NEAR(measure_in(x, "mem.calls", ANY_SUBJECT, (struct window){5.5, INFINITY}).worst, 3);
	NEAR(measure_in(x, "mem.direction_changes", ANY_SUBJECT, (struct window){5.5, INFINITY})
	             .worst,
	     1);
	NEAR(measure_in(x, "mem.largest_cut", ANY_SUBJECT, (struct window){8, INFINITY}).worst, 10);
	fake_action(&x->s, 4)->result = RESULT_DRY_RUN; /* the cut of 90 */
	fake_action(&x->s, 5)->kind = ACTION_BALLOON_RESTORE;
	NEAR(ALL("mem.calls"), 4);
	NEAR(ALL("mem.largest_cut"), 32);
	fake_action(&x->s, 0)->result = RESULT_FAILED;
	NEAR(ALL("mem.calls"), 4);
	NEAR(ALL("mem.largest_cut"), 30);
	finish(x);
	x = start("vmb-collect", 2); /* of who only watches: what is seen */
	fake_ticks(&x->f, 3);
	set(x, 0, 400, 100);
	fake_ticks(&x->f, 1);
	set(x, 0, 300, 100);
	set(x, 1, 513, 100);
	fake_ticks(&x->f, 1);
	set(x, 0, 500, 100);
	fake_ticks(&x->f, 1);
	NEAR(ALL("mem.largest_cut"), 112);
	NEAR(ALL("mem.direction_changes"), 1);
	NEAR(ALL("mem.calls"), 0);
	finish(x);
}

static void an_order_that_is_not_reached_is_missed(void **state)
{
	static const struct {
		const char *what;
		unsigned
		        there; /* size that the balloon comes to; 0: another order follows after 2 s */
		unsigned after; /* ticks until it does */
		enum action_result result;
		double missed;
	} table[] = {
	        {"reached at once", 700, 1, RESULT_DONE, 0},
	        {"reached within 4 MiB", 697, 1, RESULT_DONE, 0},
	        {"reached after 5 s", 700, 5, RESULT_DONE, 0},
	        {"reached after 7 s", 700, 7, RESULT_DONE, 1},
	        {"reached but for 5 MiB", 695, 1, RESULT_DONE, 1},
	        {"never reached", 512, 1, RESULT_DONE, 1},
	        {"read back as another", 512, 1, RESULT_FAILED, 1},
	        {"refused", 512, 1, RESULT_REFUSED, 1},
	        {"only planned", 512, 1, RESULT_DRY_RUN, 0},
	        {"the guest was gone", 512, 1, RESULT_GONE, 0},
	        {"overtaken", 0, 2, RESULT_DONE, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture *x = start("vmb-mem", 1);

		fake_ticks(&x->f, 2);
		fake_sense(&x->f);
		fake_order(&x->f, 0, MIB(700))->result = table[i].result;
		fake_record(&x->f);
		fake_ticks(&x->f, table[i].after - 1);
		if (!table[i].there) {
			fake_sense(&x->f);
			fake_order(&x->f, 0, MIB(512));
			fake_record(&x->f);
		} else {
			set(x, 0, table[i].there, 100);
		}
		fake_ticks(&x->f, 12);
		if (ALL("mem.set_missed") != table[i].missed)
			fail_msg("%s: %g", table[i].what, ALL("mem.set_missed"));
		finish(x);
	}
}

static void guests_end_and_start_anew(void **state)
{
	struct fixture *x = start("vmb-mem", 4);

	fake_ticks(&x->f, 5);
	x->f.gone[0] = true;
	fake_ticks(&x->f, 5);
	x->f.gone[0] = false;
	x->f.instance[0]++;
	x->f.state[1] = GUEST_CRASHED;
	x->f.reboots[2] = 2; /* heard of by the connection */
	x->f.state[3] = GUEST_PAUSED;
	fake_ticks(&x->f, 5);
	NEAR(ALL("guest.lost"), 2);
	NEAR(OF(0, "guest.lost"), 1);
	NEAR(OF(3, "guest.lost"), 0);
	NEAR(ALL("guest.reboots"), 3);
	NEAR(OF(0, "guest.reboots"), 1);
	NEAR(OF(2, "guest.reboots"), 2);
	NEAR(ALL("guest.oom"), 0);
	NEAR(measure_in(x, "guest.lost", ANY_SUBJECT, (struct window){7, INFINITY}).worst, 1);
	finish(x);
}

static void what_looks_like_a_kill(void **state)
{
	static const struct {
		const char *what;
		unsigned used_before, used_after; /* of 512 */
		bool gone, restarts, freezes;
		double oom;
	} table[] = {
	        {"freed at 40 left", 472, 300, false, false, false, 1},
	        {"freed at 41 left", 471, 300, false, false, false, 0},
	        {"freed a little", 480, 430, false, false, false, 0},
	        {"goes on", 500, 505, false, false, false, 0},
	        {"vanished with nothing left", 500, 500, true, false, false, 1},
	        {"vanished with enough", 300, 300, true, false, false, 0},
	        {"started anew with nothing left", 500, 100, false, true, false, 1},
	        {"stood still before it did", 500, 100, false, true, true, 1},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct fixture *x = start("vmb-mem", 1);

		fake_ticks(&x->f, 3);
		set(x, 0, 512, table[i].used_before);
		fake_ticks(&x->f, 2);
		if (table[i].freezes) {
			x->f.frozen[0] = true;
			fake_ticks(&x->f, 20);
			x->f.frozen[0] = false;
		}
		set(x, 0, 512, table[i].used_after);
		x->f.gone[0] = table[i].gone;
		x->f.instance[0] += table[i].restarts;
		fake_ticks(&x->f, 5);
		if (ALL("guest.oom") != table[i].oom)
			fail_msg("%s: %g", table[i].what, ALL("guest.oom"));
		finish(x);
	}
}

static void a_reboot_is_no_move(void **state)
{
	struct fixture *x = start("vmb-collect", 1);

	fake_ticks(&x->f, 3);
	x->f.instance[0]++;
	set(x, 0, 2048, 100); /* it boots without its balloon */
	fake_ticks(&x->f, 3);
	NEAR(ALL("mem.travel"), 0);
	NEAR(ALL("mem.direction_changes"), 0);
	x->f.instance[0]++;
	set(x, 0, 512, 100);
	fake_ticks(&x->f, 3);
	NEAR(ALL("mem.largest_cut"), 0);
	finish(x);
}

/* What a criterion says of a run. */
static enum outcome hear(const struct fixture *x, const char *text)
{
	struct criteria c;
	struct judgement j;
	struct settling settling;
	struct error e;
	enum outcome outcome;

	if (criteria_parse("test", text, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
	assert_int_equal(judge_whole(&c.rows[0], &x->s, &settling, &j), 0);
	outcome = j.outcome;
	criteria_done(&c);
	return outcome;
}

static void a_criterion_may_be_about_some_guests_and_the_last_samples(void **state)
{
	static const unsigned mib[] = {480, 450};
	static const struct {
		const char *text;
		enum outcome outcome;
	} table[] = {
	        {"metric = mem.peak_actual\nlimit = >= 900\nguest = *1", OUTCOME_PASS},
	        {"metric = mem.peak_actual\nlimit = >= 900", OUTCOME_FAIL},
	        {"metric = mem.peak_actual\nlimit = >= 900\nguest = g[02]", OUTCOME_FAIL},
	        {"metric = mem.peak_actual\nlimit = >= 900\nguest = web*", OUTCOME_UNDECIDED},
	        {"metric = mem.guest_actual\nlimit = <= 512\nguest = g[02]", OUTCOME_PASS},
	        {"metric = mem.guest_actual\nlimit = <= 512", OUTCOME_FAIL},
	        {"metric = mem.calls\nlimit = == 2", OUTCOME_PASS},
	        {"metric = mem.calls\nlimit = == 0", OUTCOME_FAIL},
	        {"metric = mem.calls\nlimit = == 0\nguest = g1", OUTCOME_PASS},
	        {"metric = mem.calls\nlimit = == 0\nfrom = end - 20 ticks", OUTCOME_PASS},
	        {"metric = mem.calls\nlimit = == 0\nfrom = end-21 ticks", OUTCOME_FAIL},
	        /* 32 of 32 and 30 */
	        {"metric = mem.largest_cut\nlimit = <= mem.travel - 30", OUTCOME_PASS},
	        {"metric = mem.largest_cut\nlimit = <= mem.travel - 31", OUTCOME_FAIL},
	        {"metric = mem.peak_actual\nlimit = <= mem.peak_actual", OUTCOME_PASS},
	};
	static const char *const wrong[] = {
	        "metric = cpu.sd_pp\nlimit = <= 5\nguest = web*",
	        "metric = mem.calls\nlimit = == 0\nfrom = end - 0 ticks",
	        "metric = mem.calls\nlimit = == 0\nfrom = end + 3 ticks",
	        "metric = mem.calls\nlimit = == 0\nguest =",
	        "metric = mem.calls\nlimit = <= mem.guest_actual",
	};
	struct fixture *x = start("vmb-mem", 3);
	char text[256];
	struct criteria c;
	struct error e;
	size_t i;

	set(x, 1, 1000, 300);
	fake_ticks(&x->f, 20);
	order_all(x, mib, 2);
	fake_ticks(&x->f, 20);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		snprintf(text, sizeof(text), "[criterion x]\n%s\n", table[i].text);
		if (hear(x, text) != table[i].outcome)
			fail_msg("%s: %s", table[i].text, outcome_name[hear(x, text)]);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text), "[criterion x]\n%s\n", wrong[i]);
		if (criteria_parse("test", text, &c, &e) != -EINVAL)
			fail_msg("accepted: %s", wrong[i]);
	}
	finish(x);
}

/* The set that is built in for vmb-mem holds in a good run, and each of it fails in a run that is bad in one way. */
static void every_criterion_of_the_set_can_fail(void **state)
{
	static const char *const names[] = {NULL,   "reserve", "usable",       "gradual",
	                                    "pool", "obeyed",  "nobody-killed"};
	struct settling settling;
	struct criteria c;
	struct judgement j;
	struct error e;
	size_t bad, i;

	for (bad = 0; bad < sizeof(names) / sizeof(names[0]); bad++) {
		struct fixture *x = start("vmb-mem", 2);

		plan(x, 3000);
		x->f.host_plan.pool_kib = MIB(2000);
		fake_ticks(&x->f, 10);
		fake_sense(&x->f);
		fake_order(&x->f, 0, MIB(bad == 3 ? 412 : 432));
		set(x, 0, bad == 3 ? 412 : bad == 5 ? 512 : 432, 300);
		fake_record(&x->f);
		if (bad == 1)
			x->f.host_memory.available_kib = MIB(1000);
		if (bad == 2 || bad == 6)
			set(x, 1, 512, bad == 2 ? 420 : 500);
		if (bad == 4)
			set(x, 1, 1600, 1490);
		fake_ticks(&x->f, 1);
		set(x, 1, 512, 390);
		fake_ticks(&x->f, 15);
		assert_int_equal(criteria_builtin(&x->s, NULL, &c, &e), 0);
		assert_int_equal(c.nr, 6);
		assert_int_equal(settle_run(&x->s, (struct limit){LIMIT_AT_MOST, 5}, &settling), 0);
		for (i = 0; i < c.nr; i++) {
			bool fails = names[bad] && !strcmp(c.rows[i].name, names[bad]);

			fails |= bad == 6 && !strcmp(c.rows[i].name, "usable");
			assert_int_equal(judge_whole(&c.rows[i], &x->s, &settling, &j), 0);
			if (j.outcome != (fails ? OUTCOME_FAIL : OUTCOME_PASS))
				fail_msg("bad in %s: %s is %s: %s",
				         names[bad] ? names[bad] : "nothing", c.rows[i].name,
				         outcome_name[j.outcome], j.why);
		}
		criteria_done(&c);
		finish(x);
	}
}

static void steps_keep_what_changes(void **state)
{
	static const double values[] = {NAN, 5, 5, 5, 7, NAN, NAN, 7, 5};
	struct steps s = {0};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_int_equal(steps_set(&s, i, values[i]), 0);
	assert_int_equal(s.nr, 5);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		NEAR(steps_at(&s, i), values[i]);
	NEAR(steps_at(&s, 1000), 5);
	steps_done(&s);
	NEAR(steps_at(&s, 0), NAN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(steps_keep_what_changes),
	        cmocka_unit_test(what_a_run_does_not_record_is_not_known),
	        cmocka_unit_test(the_host_and_its_least),
	        cmocka_unit_test(what_guests_have_left),
	        cmocka_unit_test(what_the_host_did_not_have_is_not_held_against_a_balancer),
	        cmocka_unit_test(reports_that_do_not_come_are_not_known),
	        cmocka_unit_test(guests_that_do_not_run_or_have_no_balloon_are_left_alone),
	        cmocka_unit_test(the_share_of_time_in_the_band),
	        cmocka_unit_test(settled_is_what_holds_to_the_end),
	        cmocka_unit_test(memory_settles_by_itself),
	        cmocka_unit_test(from_settle_is_of_memory_for_memory),
	        cmocka_unit_test(where_no_memory_is_told_its_criteria_do_not_apply),
	        cmocka_unit_test(how_much_it_had_and_how_it_came_back),
	        cmocka_unit_test(all_balloons_of_a_tick),
	        cmocka_unit_test(balloons_are_held_against_shares),
	        cmocka_unit_test(orders_are_counted),
	        cmocka_unit_test(an_order_that_is_not_reached_is_missed),
	        cmocka_unit_test(guests_end_and_start_anew),
	        cmocka_unit_test(what_looks_like_a_kill),
	        cmocka_unit_test(a_reboot_is_no_move),
	        cmocka_unit_test(a_criterion_may_be_about_some_guests_and_the_last_samples),
	        cmocka_unit_test(every_criterion_of_the_set_can_fail),
	};

	return check_all(tests);
}
