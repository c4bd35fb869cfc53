/* needed_test - how many pin changes a run needed, whatever was done in it */
#include "tests/unit/fake_run.h"

#include "analyze/metrics.h"
#include "analyze/settings.h"
#include "analyze/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h> /* last: it calls a macro "fail" */

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* n guests that demand so much, pinned to a pCPU or FAKE_ALL: added to those that are there. */
static void add(struct fake *f, unsigned n, double demand_pct, int pcpu)
{
	while (n--) {
		f->demand_pct[f->nr_guests] = demand_pct;
		f->floats_on[f->nr_guests] = f->nr_guests % f->nr_pcpus;
		f->pinned[f->nr_guests++] = pcpu;
	}
}

/* Pin guests first, first + 1, ... to the pCPUs that the digits name, in one tick. */
static void pin(struct fake *f, unsigned first, const char *pcpus)
{
	fake_sense(f);
	for (; *pcpus; pcpus++, first++)
		fake_pin(f, first, *pcpus - '0');
	fake_record(f);
}

static void demand(struct fake *f, unsigned first, unsigned n, double pct)
{
	while (n--)
		f->demand_pct[first++] = pct;
}

static void play_balanced(struct fake *f)
{
	add(f, 4, 18, 0);
	add(f, 4, 18, 1);
	fake_ticks(f, 40);
}

static void play_crowd_spread(struct fake *f)
{
	add(f, 8, 18, 0);
	fake_ticks(f, 3);
	pin(f, 0, "1111");
	fake_ticks(f, 30);
}

static void play_crowd_spread_slowly(struct fake *f)
{
	add(f, 8, 18, 0);
	pin(f, 0, "1");
	fake_ticks(f, 4);
	pin(f, 1, "1");
	fake_ticks(f, 4);
	pin(f, 2, "11");
	fake_ticks(f, 30);
}

static void play_crowd_shuffled(struct fake *f)
{
	add(f, 8, 18, 0);
	fake_ticks(f, 3);
	pin(f, 0, "11111111");
	pin(f, 0, "0000");
	fake_ticks(f, 30);
}

static void play_crowd_left(struct fake *f)
{
	add(f, 8, 18, 0);
	fake_ticks(f, 40);
}

static void play_ends(struct fake *f)
{
	f->nr_pcpus = 4;
	f->usable = CPUSET_NONE;
	cpuset_parse("0-3", &f->usable);
	add(f, 4, 18, 0);
	add(f, 4, 18, 3);
	fake_ticks(f, 3);
	pin(f, 2, "12");
	pin(f, 4, "12");
	fake_ticks(f, 30);
}

static void play_floating_pinned(struct fake *f)
{
	add(f, 8, 18, FAKE_ALL);
	fake_ticks(f, 3);
	pin(f, 0, "01010101");
	fake_ticks(f, 30);
}

static void play_floating_left(struct fake *f)
{
	add(f, 8, 18, FAKE_ALL);
	fake_ticks(f, 40);
}

static void play_floating_on_one(struct fake *f)
{
	unsigned i;

	add(f, 8, 11, FAKE_ALL);
	for (i = 0; i < 8; i++)
		f->floats_on[i] = 0;
	fake_ticks(f, 40);
}

static void play_idle_floats(struct fake *f)
{
	add(f, 4, 18, 0);
	add(f, 4, 2, FAKE_ALL);
	fake_ticks(f, 3);
	pin(f, 0, "11");
	fake_ticks(f, 30);
}

/* Floating and light; then half of them, which lie on pCPU 0, turn heavy. */
static void play_switch(struct fake *f)
{
	add(f, 8, 9, FAKE_ALL);
	fake_ticks(f, 3);
	pin(f, 0, "00001111");
	fake_ticks(f, 20);
	demand(f, 0, 4, 25);
	fake_ticks(f, 2);
	pin(f, 0, "11");
	pin(f, 4, "00");
	fake_ticks(f, 20);
}

static void play_switch_left(struct fake *f)
{
	add(f, 8, 9, FAKE_ALL);
	fake_ticks(f, 3);
	pin(f, 0, "00001111");
	fake_ticks(f, 20);
	demand(f, 0, 4, 25);
	fake_ticks(f, 25);
}

static void play_switch_without_need(struct fake *f)
{
	add(f, 8, 9, FAKE_ALL);
	fake_ticks(f, 3);
	pin(f, 0, "00110011");
	fake_ticks(f, 20);
	demand(f, 0, 4, 25);
	fake_ticks(f, 25);
}

static void play_switch_to_and_fro(struct fake *f)
{
	play_switch(f);
	demand(f, 0, 4, 9);
	fake_ticks(f, 20);
	demand(f, 4, 4, 25);
	fake_ticks(f, 20);
}

static void play_disturb(struct fake *f)
{
	play_balanced(f);
	pin(f, 0, "11");
	fake_ticks(f, 15);
	pin(f, 0, "00");
	fake_ticks(f, 15);
}

static void play_flap(struct fake *f)
{
	unsigned i;

	play_crowd_spread(f);
	for (i = 0; i < 6; i++) {
		pin(f, 0, i % 2 ? "11" : "00");
		fake_ticks(f, 12);
	}
}

/* Equal ones change places, which costs nothing until those that came together turn heavy. */
static void play_harmless_shuffle(struct fake *f)
{
	add(f, 4, 10, 0);
	add(f, 4, 10, 1);
	fake_ticks(f, 15);
	pin(f, 2, "1100");
	fake_ticks(f, 15);
	demand(f, 0, 2, 25);
	demand(f, 4, 2, 25);
	fake_ticks(f, 20);
}

/* While the pCPU is full all seem to want the same. */
static void play_full_then_calm(struct fake *f)
{
	add(f, 4, 50, 0);
	add(f, 1, 28, 1);
	fake_ticks(f, 20);
	demand(f, 0, 1, 40);
	demand(f, 1, 3, 10);
	fake_ticks(f, 20);
}

static void play_idle_floats_beside_crowd(struct fake *f)
{
	add(f, 4, 18, 0);
	add(f, 4, 2, FAKE_ALL);
	fake_ticks(f, 40);
}

/* One fills its pCPU far above the others, who could be a tenth of a point more even. */
static void play_almost_best(struct fake *f)
{
	f->nr_pcpus = 4;
	f->noise = 0;
	cpuset_parse("0-3", &f->usable);
	add(f, 1, 70, 0);
	add(f, 1, 13, 1);
	add(f, 1, 12, 1);
	add(f, 2, 9.5, 2);
	add(f, 1, 19, 3);
	fake_ticks(f, 40);
}

static void play_spike(struct fake *f)
{
	play_balanced(f);
	f->foreign_pct[0] = 28;
	fake_ticks(f, 1);
	f->foreign_pct[0] = 0;
	fake_ticks(f, 30);
}

static void play_foreign(struct fake *f)
{
	add(f, 4, 10, 0);
	add(f, 4, 10, 1);
	fake_ticks(f, 20);
	f->foreign_pct[0] = 40;
	fake_ticks(f, 3);
	pin(f, 0, "11");
	fake_ticks(f, 20);
}

static void play_swap(struct fake *f)
{
	add(f, 2, 40, 0);
	add(f, 2, 10, 1);
	fake_ticks(f, 40);
}

static void play_nothing_is_even(struct fake *f)
{
	add(f, 3, 30, 0);
	fake_ticks(f, 40);
}

static void play_owned(struct fake *f)
{
	memset(f->user_pins, true, sizeof(f->user_pins));
	add(f, 8, 11, 0);
	fake_ticks(f, 40);
}

static void set(struct fake *f, const char *settings)
{
	snprintf(f->series->run.settings, sizeof(f->series->run.settings), "%s", settings);
}

static void play_owned_overridden(struct fake *f)
{
	set(f, "balance=5 override-pins=yes");
	play_owned(f);
}

static void play_six_excluded(struct fake *f)
{
	set(f, "balance=5 exclude=g[0-3] exclude=g[45]");
	play_crowd_left(f);
}

static void play_only_two(struct fake *f)
{
	set(f, "only=g[67]");
	play_crowd_left(f);
}

static void play_all_excluded(struct fake *f)
{
	set(f, "exclude=*");
	play_crowd_left(f);
}

/* A run that moves what it excludes was free to, whatever it says. */
static void play_excluded_and_moved(struct fake *f)
{
	set(f, "exclude=*");
	play_crowd_spread(f);
}

static void play_wide_limit(struct fake *f)
{
	set(f, "balance=30");
	add(f, 8, 11, 0);
	fake_ticks(f, 40);
}

static void play_newcomers(struct fake *f)
{
	play_balanced(f);
	add(f, 2, 20, 0);
	fake_ticks(f, 3);
	pin(f, 8, "1");
	fake_ticks(f, 20);
}

static void play_idle(struct fake *f)
{
	add(f, 8, 2, 0);
	fake_ticks(f, 40);
}

static void play_short(struct fake *f)
{
	add(f, 8, 18, 0);
	fake_ticks(f, 5);
}

static void measure(const struct series *s, const char *id, struct summary *sum)
{
	const struct limit limit = {.op = LIMIT_AT_MOST, .value = settings_balance_pp(&s->run)};
	struct observations o = {0};
	struct settling x;

	assert_int_equal(settle_run(s, limit, &x), 0);
	assert_int_equal(metric_observe(metric_find(id), s, &x, WINDOW_ALL, &o), 0);
	*sum = metric_summarise(metric_find(id), &o);
	observations_done(&o);
}

static void runs_need_what_they_need(void **state)
{
	static const struct {
		const char *what;
		void (*play)(struct fake *f);
		double needed, changes; /* needed NAN: not known */
	} table[] = {
	        {"balanced", play_balanced, 0, 0},
	        {"all on one, spread", play_crowd_spread, 4, 4},
	        {"all on one, spread bit by bit", play_crowd_spread_slowly, 4, 4},
	        {"all on one, shuffled", play_crowd_shuffled, 4, 12},
	        {"all on one, left there", play_crowd_left, 4, 0},
	        {"at both ends of four", play_ends, 4, 4},
	        {"floating, each pinned", play_floating_pinned, 8, 8},
	        {"floating, the kernel does it", play_floating_left, 0, 0},
	        {"floating, all on one", play_floating_on_one, 8, 0},
	        {"idle ones float on", play_idle_floats, 2, 2},
	        {"loads switch", play_switch, 12, 12},
	        {"loads switch, nobody acts", play_switch_left, 12, 8},
	        {"loads switch, well placed", play_switch_without_need, 8, 8},
	        {"loads switch again and again", play_switch_to_and_fro, 12, 12},
	        {"balanced, disturbed, repaired", play_disturb, 0, 4},
	        {"spread, then flapping", play_flap, 4, 16},
	        {"a harmless shuffle and its price", play_harmless_shuffle, 0, 4},
	        {"full, then not", play_full_then_calm, 2, 0},
	        {"idle ones float beside a crowd", play_idle_floats_beside_crowd, 2, 0},
	        {"almost the best there is", play_almost_best, 0, 0},
	        {"a spike", play_spike, 0, 0},
	        {"other work comes", play_foreign, 2, 2},
	        {"a swap", play_swap, 2, 0},
	        {"nothing is within the limit", play_nothing_is_even, 1, 0},
	        {"its owner's pins", play_owned, 0, 0},
	        {"its owner's pins, overridden", play_owned_overridden, 4, 0},
	        {"all on one, six of eight excluded", play_six_excluded, 2, 0},
	        {"all on one, two alone to balance", play_only_two, 2, 0},
	        {"all on one, all excluded", play_all_excluded, 0, 0},
	        {"all on one, excluded and yet moved", play_excluded_and_moved, 4, 4},
	        {"a wide limit", play_wide_limit, 2, 0},
	        {"newcomers", play_newcomers, 1, 1},
	        {"idle", play_idle, 0, 0},
	        {"too short to tell", play_short, NAN, 0},
	};
	static struct trace_run_row run;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		struct summary needed, changes;
		struct series s;
		struct fake f;
		struct error e;

		fake_init(&f, 2, 0);
		f.noise = 0.03;
		fake_fill_run(&f, &run);
		assert_int_equal(series_init(&s, &run, &e), 0);
		f.series = &s;
		table[i].play(&f);
		measure(&s, "cpu.moves_needed", &needed);
		measure(&s, "cpu.pin_changes", &changes);
		if (isnan(table[i].needed) ? needed.nr : needed.worst != table[i].needed)
			fail_msg("%s: %g instead of %g are needed", table[i].what, needed.worst,
			         table[i].needed);
		if (changes.worst != table[i].changes)
			fail_msg("%s: %g changes", table[i].what, changes.worst);
		if (needed.bounds)
			fail_msg("%s: is not proven", table[i].what);
		series_done(&s);
		fake_done(&f);
	}
}

static void what_is_too_much_to_prove_is_a_bound(void **state)
{
	static struct trace_run_row run;
	struct summary needed;
	struct series s;
	struct fake f;
	struct error e;
	unsigned i;

	fake_init(&f, 16, 0);
	fake_fill_run(&f, &run);
	assert_int_equal(series_init(&s, &run, &e), 0);
	f.series = &s;
	for (i = 0; i < 48; i++)
		add(&f, 1, 8 + i * 7 % 23, (int)(i % 7));
	fake_ticks(&f, 30);
	measure(&s, "cpu.moves_needed", &needed);
	assert_int_equal(needed.bounds, 1);
	assert_true(needed.worst > 10);
	series_done(&s);
	fake_done(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(runs_need_what_they_need),
	        cmocka_unit_test(what_is_too_much_to_prove_is_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
