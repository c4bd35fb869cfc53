/* mem_estimate_test - what a guest is taken for, and what its numbers are believed to mean */
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/tiny_memory.h"

static struct mem_guest *seen(struct tiny_memory *t)
{
	return &t->estimate.view.guests[0];
}

/* ---- states: what happens, and what the guest is taken for then ---- */

static void nothing(struct tiny_memory *t)
{
}

static void is_excluded(struct tiny_memory *t)
{
	t->guests[0].theirs = true;
}

static void has_no_device(struct tiny_memory *t)
{
	t->guests[0].balloon = BALLOON_NONE;
}

static void must_stay(struct tiny_memory *t)
{
	t->guests[0].balloon = BALLOON_EXEMPT;
}

static void has_no_driver(struct tiny_memory *t)
{
	t->guests[0].no_driver = true;
	t->guests[0].report = (struct guest_memory){0};
}

static void is_paused(struct tiny_memory *t)
{
	t->guests[0].paused = true;
}

static void is_busy(struct tiny_memory *t)
{
	t->guests[0].busy = true;
}

static void reboots(struct tiny_memory *t)
{
	t->guests[0].reboots++;
}

static void starts_again(struct tiny_memory *t)
{
	t->guests[0].instance++;
}

static void goes_away(struct tiny_memory *t)
{
	t->guests[0].leaves = true;
	tiny_memory_tick(t);
	t->guests[0].leaves = false;
}

static void stops_reporting(struct tiny_memory *t)
{
	t->guests[0].mute = true;
}

static void is_late(struct tiny_memory *t)
{
	t->guests[0].late = true;
}

static void is_never_asked(struct tiny_memory *t)
{
	t->guests[0].period_s = 0;
}

static void is_asked_too_seldom(struct tiny_memory *t)
{
	t->guests[0].period_s = 10;
}

static void gets_a_slow_balloon(struct tiny_memory *t)
{
	t->guests[0].follows_kib_s = 2 * MIB;
}

static void loses_its_balloon(struct tiny_memory *t)
{
	t->guests[0].follows_kib_s = 0;
}

static void fills(struct tiny_memory *t)
{
	t->guests[0].used_kib = 400 * MIB;
	t->policy.pool.kib = 512 * MIB;
}

static void is_full(struct tiny_memory *t)
{
	t->guests[0].actual_kib = t->guests[0].target_kib = t->guests[0].maximum_kib;
	t->guests[0].used_kib = 2000 * MIB;
}

static const struct {
	const char *when;
	void (*happens)(struct tiny_memory *t);
	unsigned before, after; /* ticks */
	enum memory_state state;
} states[] = {
        {"it just came into view", nothing, 0, 1, MEMORY_STALE},
        {"its first report has come", nothing, 0, 2, MEMORY_OK},
        {"it was there before us", nothing, 0, 3, MEMORY_OK},
        {"the user excludes it", is_excluded, 0, 3, MEMORY_EXEMPT},
        {"it has no balloon", has_no_device, 0, 3, MEMORY_EXEMPT},
        {"its memory must stay", must_stay, 0, 3, MEMORY_EXEMPT},
        {"no report in 9 s", has_no_driver, 0, 10, MEMORY_STALE},
        {"no report in 11 s", has_no_driver, 0, 12, MEMORY_NODRIVER},
        {"it is paused", is_paused, 3, 1, MEMORY_PAUSED},
        {"it is paused for long", is_paused, 3, 60, MEMORY_PAUSED},
        {"a job holds it", is_busy, 3, 1, MEMORY_PAUSED},
        {"it reboots", reboots, 3, 1, MEMORY_BOOTING},
        {"it has rebooted 58 s ago", reboots, 3, 59, MEMORY_BOOTING},
        {"it has rebooted 62 s ago", reboots, 3, 63, MEMORY_OK},
        {"it starts again", starts_again, 3, 1, MEMORY_BOOTING},
        {"it was away for a moment", goes_away, 3, 1, MEMORY_BOOTING},
        {"its reports have stopped 2 s ago", stops_reporting, 3, 3, MEMORY_OK},
        {"its reports have stopped 5 s ago", stops_reporting, 3, 6, MEMORY_STALE},
        {"this reading is late", is_late, 3, 1, MEMORY_STALE},
        {"it is asked no more", is_never_asked, 3, 1, MEMORY_STALE},
        {"it reports every 10 s", is_asked_too_seldom, 3, 9, MEMORY_OK},
        {"its balloon is slow", gets_a_slow_balloon, 3, 12, MEMORY_SETTLING},
        {"its balloon has not moved for 4 s", loses_its_balloon, 3, 7, MEMORY_SETTLING},
        {"its balloon has not moved for 6 s", loses_its_balloon, 3, 9, MEMORY_STUCK},
        {"the back-off of a stuck one is over: it is tried again", loses_its_balloon, 3, 19,
         MEMORY_SETTLING},
        {"it is stuck again, for twice as long", loses_its_balloon, 3, 42, MEMORY_STUCK},
        {"little is left, and nothing to give", fills, 3, 3, MEMORY_TIGHT},
        {"little is left of its maximum", is_full, 0, 4, MEMORY_TIGHT},
};

static void every_state_has_its_reasons(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct tiny_memory t;

		tiny_memory_init(&t, 1);
		tiny_memory_run(&t, states[i].before);
		states[i].happens(&t);
		tiny_memory_run(&t, states[i].after);
		if (t.orders[0].state != states[i].state)
			fail_msg("%s: %s, expected %s", states[i].when,
			         memory_state_name[t.orders[0].state],
			         memory_state_name[states[i].state]);
		tiny_memory_done(&t);
	}
}

/* ---- trouble ---- */

static const struct {
	const char *when;
	uint64_t actual_mib, left_kib, swap_mib_s;
	bool mute;
	enum mem_trouble trouble;
} troubles[] = {
        {"plenty left", 1000, 500 * MIB, 0, false, TROUBLE_NONE},
        {"a bit more than 5 % left", 1000, 55 * MIB, 0, false, TROUBLE_NONE},
        {"a bit less than 5 % left", 1000, 45 * MIB, 0, false, TROUBLE_LEFT},
        {"stopped by itself at 64 MiB of 1,280", 1280, 65440, 0, false, TROUBLE_NONE},
        {"more than a MiB less than that", 1280, 64440, 0, false, TROUBLE_LEFT},
        {"next to nothing left of its maximum: nothing was taken", 2048, 10 * MIB, 0, false,
         TROUBLE_NONE},
        {"swaps in", 1000, 500 * MIB, 2, false, TROUBLE_SWAP},
        {"stands still", 1000, 500 * MIB, 0, true, TROUBLE_FROZEN},
        {"stands still, with all it can have", 2048, 500 * MIB, 0, true, TROUBLE_NONE},
};

static void trouble_is_seen_where_a_balloon_can_be_its_cause(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct tiny_memory t;
		unsigned tick;

		tiny_memory_init(&t, 1);
		t.policy.pool.kib = 1; /* so that nothing is given */
		t.guests[0].actual_kib = t.guests[0].target_kib = troubles[i].actual_mib * MIB;
		t.guests[0].used_kib =
		        (int64_t)(t.guests[0].actual_kib - TINY_KERNEL - troubles[i].left_kib);
		tiny_memory_run(&t, 3);
		t.guests[0].mute = troubles[i].mute;
		for (tick = 0; tick < 6; tick++) {
			t.guests[0].swap_in_kib += troubles[i].swap_mib_s * MIB;
			tiny_memory_tick(&t);
		}
		if (seen(&t)->trouble != troubles[i].trouble)
			fail_msg("%s: %d", troubles[i].when, seen(&t)->trouble);
		tiny_memory_done(&t);
	}
}

/* It does not give, is left alone for that, and fills up: what is given it takes. */
static void a_guest_that_did_not_obey_a_take_is_given_what_it_needs(void **state)
{
	struct tiny_memory t;
	uint64_t had;

	tiny_memory_init(&t, 1);
	tiny_memory_run(&t, 3);
	t.guests[0].follows_kib_s = 0;
	while (!seen(&t)->stuck)
		tiny_memory_tick(&t);
	assert_true(seen(&t)->stuck_taking);
	had = t.guests[0].actual_kib;
	t.guests[0].follows_kib_s = 500 * MIB;
	t.guests[0].used_kib = (int64_t)(had - TINY_KERNEL) - 20 * (int64_t)MIB;
	tiny_memory_run(&t, 4);
	assert_true(seen(&t)->stuck);
	assert_true(t.guests[0].actual_kib > had + 60 * MIB);
	tiny_memory_done(&t);
}

/* A take that could not be withdrawn is our own, whenever the balloon obeys; until then it may still shrink the guest. */
static void an_order_that_is_obeyed_late_is_nobody_elses(void **state)
{
	struct tiny_memory t;
	unsigned tick;

	tiny_memory_init(&t, 1);
	tiny_memory_run(&t, 3);
	t.guests[0].follows_kib_s = 0;
	while (!t.guests[0].takes)
		tiny_memory_tick(&t);
	tiny_memory_sense(&t, false);
	assert_true(mem_estimate_may_shrink(&t.estimate, 0));
	t.obeys_nobody = true;
	while (!seen(&t)->stuck)
		tiny_memory_tick(&t);
	tiny_memory_run(&t, 3);
	assert_true(mem_estimate_may_shrink(&t.estimate, 0));
	t.guests[0].follows_kib_s = 500 * MIB;
	for (tick = 0; tick < 5; tick++) {
		tiny_memory_tick(&t);
		assert_false(t.estimate.tracks[0].orders.told_foreign);
	}
	assert_int_equal(t.guests[0].actual_kib, t.guests[0].target_kib);
	assert_false(mem_estimate_may_shrink(&t.estimate, 0));
	/* Control: what nobody here has ordered. */
	t.guests[0].target_kib -= 100 * MIB;
	tiny_memory_run(&t, 2);
	assert_true(t.estimate.tracks[0].orders.foreign_until_ns > t.now_ns);
	tiny_memory_done(&t);
}

/* What the balloon does until an order arrives, or where it never does, was ordered as well. */
static void a_balloon_that_goes_on_by_the_order_before_is_nobody_elses(void **state)
{
	static const uint64_t heard_ns[] = {600000000, 950000000, UINT64_MAX};
	struct tiny_memory t;
	unsigned tick;
	size_t i;

	for (i = 0; i < sizeof(heard_ns) / sizeof(heard_ns[0]); i++) {
		tiny_memory_init(&t, 1);
		t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
		tiny_memory_run(&t, 3);
		t.guests[0].follows_kib_s = 8 * MIB;
		while (!t.guests[0].takes)
			tiny_memory_tick(&t);
		tiny_memory_tick(&t);
		t.guests[0].heard_ns = heard_ns[i];
		t.guests[0].used_kib = (int64_t)(t.guests[0].actual_kib - TINY_KERNEL) -
		                       5 * (int64_t)MIB;
		for (tick = 0; tick < 20; tick++) {
			tiny_memory_tick(&t);
			if (t.estimate.tracks[0].orders.told_foreign)
				fail_msg("heard after %.2f s: foreign in tick %u",
				         (double)heard_ns[i] / 1e9, tick);
		}
		assert_true(t.guests[0].gives > 0);
		tiny_memory_done(&t);
	}
}

/* One guest of 1,024 MiB whose balloon does not obey the first take. */
static void begin_with_a_take(struct tiny_memory *t)
{
	tiny_memory_init(t, 1);
	t->guests[0].actual_kib = t->guests[0].target_kib = 1024 * MIB;
	tiny_memory_run(t, 3);
	t->guests[0].follows_kib_s = 0;
	while (!t->guests[0].takes)
		tiny_memory_tick(t);
}

/* As long as a withdrawal is on its way the balloon may move, there and back. */
static void a_balloon_that_moves_before_a_withdrawal_arrives_is_nobody_elses(void **state)
{
	struct tiny_memory t;
	unsigned tick;

	begin_with_a_take(&t);
	do {
		tiny_memory_tick(&t);
		tiny_memory_sense(&t, false);
	} while (!seen(&t)->withdraw);
	t.guests[0].heard_ns = 950000000;
	t.guests[0].follows_kib_s = 8 * MIB;
	for (tick = 0; tick < 5; tick++) {
		tiny_memory_tick(&t);
		assert_false(t.estimate.tracks[0].orders.told_foreign);
	}
	/* Control: what nobody here has ordered. */
	t.guests[0].actual_kib = t.guests[0].target_kib = 1200 * MIB;
	tiny_memory_sense(&t, false);
	assert_true(t.estimate.tracks[0].orders.told_foreign);
	tiny_memory_done(&t);
}

/* Nobody follows it for a minute. What the balloon did meanwhile it did by the order that was to be withdrawn. */
static void a_balloon_that_moves_while_nobody_looks_is_nobody_elses(void **state)
{
	enum {
		GAP,
		PAUSED,
		BUSY,
		UNKNOWN_BALLOON,
		WHYS
	} why;
	int rests;

	for (why = GAP; why < WHYS; why++)
		for (rests = 0; rests < 2; rests++) {
			struct tiny_memory t;
			struct tiny_guest *g = &t.guests[0];
			uint64_t taken_kib, maximum_kib;
			unsigned s;

			begin_with_a_take(&t);
			taken_kib = g->target_kib;
			while (t.orders[0].why != MEM_WHY_WITHDRAW)
				tiny_memory_tick(&t);
			/* Control: long after the withdrawal nothing of ours moves it. */
			tiny_memory_run(&t, rests ? 7 : 0);
			maximum_kib = g->maximum_kib;
			g->paused = why == PAUSED;
			g->busy = why == BUSY;
			g->late = why == UNKNOWN_BALLOON;
			g->maximum_kib = g->late ? UNKNOWN : maximum_kib;
			for (s = 0; s < 60; s++, t.now_ns += 1000000000)
				if (why != GAP)
					tiny_memory_sense(&t, false);
			g->paused = g->busy = g->late = false;
			g->maximum_kib = maximum_kib;
			g->actual_kib = g->target_kib = taken_kib;
			tiny_memory_sense(&t, why == GAP);
			if (t.estimate.tracks[0].orders.told_foreign != rests)
				fail_msg("%d, rests %d: someone else's: %d", why, rests, !rests);
			tiny_memory_done(&t);
		}
}

static void a_balloon_that_is_not_known_is_not_stuck(void **state)
{
	struct tiny_memory t;
	struct tiny_guest *g = &t.guests[0];
	uint64_t maximum_kib;
	unsigned s;

	tiny_memory_init(&t, 1);
	tiny_memory_run(&t, 3);
	g->follows_kib_s = 0;
	while (!g->takes)
		tiny_memory_tick(&t);
	maximum_kib = g->maximum_kib;
	g->late = true;
	g->maximum_kib = UNKNOWN;
	for (s = 0; s < 60; s++, t.now_ns += 1000000000)
		tiny_memory_sense(&t, false);
	g->late = false;
	g->maximum_kib = maximum_kib;
	tiny_memory_sense(&t, false);
	assert_false(seen(&t)->stuck);
	tiny_memory_done(&t);
}

/* However long it boots: its balloon is empty when its driver comes, and is blown up again to what was ordered before. */
static void a_balloon_that_comes_back_after_a_reboot_is_nobody_elses(void **state)
{
	static const struct {
		unsigned boots_s;
		bool restarts, under_way;
		uint64_t comes_to_kib; /* instead of what was ordered; 0: that */
		bool foreign;
	} table[] = {{10, false, false, 0, false},
	             {100, false, false, 0, false},
	             {100, false, true, 0, false},
	             {100, false, false, 150 * MIB, true},
	             {100, true, false, 0, true}};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct tiny_memory t;
		struct tiny_guest *g = &t.guests[0];
		uint64_t ordered_kib;
		bool foreign = false;
		unsigned tick;

		tiny_memory_init(&t, 1);
		g->actual_kib = g->target_kib = 1024 * MIB;
		tiny_memory_run(&t, 6);
		g->follows_kib_s = table[i].under_way ? 0 : g->follows_kib_s;
		for (tick = g->takes; g->takes == tick;)
			tiny_memory_tick(&t);
		tiny_memory_run(&t, table[i].under_way ? 0 : 1);
		ordered_kib = g->target_kib;
		g->reboots += !table[i].restarts;
		g->instance += table[i].restarts;
		g->mute = true;
		for (tick = 0; tick < table[i].boots_s; tick++) {
			tiny_memory_sense(&t, false);
			foreign |= t.estimate.tracks[0].orders.told_foreign;
			t.now_ns += 1000000000;
		}
		g->mute = false;
		g->actual_kib = g->maximum_kib;
		g->target_kib = g->maximum_kib;
		for (tick = 0; tick < 4; tick++) {
			tiny_memory_tick(&t);
			foreign |= t.estimate.tracks[0].orders.told_foreign;
			assert_true(table[i].foreign || mem_estimate_may_shrink(&t.estimate, 0));
		}
		g->actual_kib = (g->maximum_kib + ordered_kib) / 2; /* on its way down */
		tiny_memory_sense(&t, false);
		foreign |= t.estimate.tracks[0].orders.told_foreign;
		g->actual_kib = table[i].comes_to_kib ? table[i].comes_to_kib : ordered_kib;
		tiny_memory_sense(&t, false);
		foreign |= t.estimate.tracks[0].orders.told_foreign;
		if (foreign != table[i].foreign)
			fail_msg("row %zu: someone else's: %d", i, foreign);
		tiny_memory_done(&t);
	}
}

/* QEMU goes by an order until it hears another one: a guest that obeys late does nothing that someone else has asked for. */
static void what_stands_is_obeyed_at_any_time(void **state)
{
	/* An order, 0: none; what is told of the balloon after it, for so long. */
	struct step {
		double order_mib;
		enum mem_heard heard;
		double told_mib;
		unsigned s;
	};
	static const struct {
		const char *of;
		struct step steps[4];
		bool foreign;
	} table[] = {
	        {"a withdrawal that moved a bit before it, long after that",
	         {{976, MEM_HEARD, 1000, 8}, {1000, MEM_HEARD, 990, 20}, {0, 0, 1000, 1}},
	         false},
	        {"a take, after a give that was not heard and asked for next to nothing",
	         {{970, MEM_HEARD, 1024, 1}, {1024.5, MEM_PERHAPS, 1024, 20}, {0, 0, 970, 1}},
	         false},
	        {"a give whose size is told late, after a take",
	         {{1040, MEM_HEARD, 1030, 1}, {1000, MEM_HEARD, 1040, 1}, {0, 0, 1000, 1}},
	         false},
	        {"a take that was perhaps heard, and was not for a while",
	         {{970, MEM_PERHAPS, 1024, 60}, {0, 0, 970, 1}},
	         false},
	        {"less than what stands", {{976, MEM_HEARD, 976, 20}, {0, 0, 960, 1}}, true},
	        {"what does not stand any more",
	         {{976, MEM_HEARD, 1024, 2}, {1024, MEM_HEARD, 1024, 20}, {0, 0, 976, 1}},
	         true},
	        {"what was refused", {{976, MEM_REFUSED, 1024, 20}, {0, 0, 976, 1}}, true},
	};
	size_t i, k;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool foreign = false, may_shrink = false;
		struct tiny_memory t;
		unsigned s;

		tiny_memory_init(&t, 1);
		t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
		tiny_memory_sense(&t, false);
		for (k = 0; k < 4 && table[i].steps[k].s; k++) {
			const struct step *step = &table[i].steps[k];

			may_shrink = mem_estimate_may_shrink(&t.estimate, 0);
			if (step->order_mib > 0)
				mem_estimate_ordered(&t.estimate, 0,
				                     (uint64_t)(step->order_mib * (double)MIB),
				                     step->heard);
			for (s = 0; s < step->s; s++) {
				t.now_ns += 1000000000;
				t.guests[0].actual_kib = (uint64_t)(step->told_mib * (double)MIB);
				tiny_memory_sense(&t, false);
				foreign |= t.estimate.tracks[0].orders.told_foreign;
			}
		}
		if (foreign != table[i].foreign)
			fail_msg("%s: someone else's: %d", table[i].of, foreign);
		/* Of those that came down at the end. */
		if (!foreign &&
		    may_shrink != (table[i].steps[k - 1].told_mib < table[i].steps[k - 2].told_mib))
			fail_msg("%s: may shrink: %d", table[i].of, may_shrink);
		tiny_memory_done(&t);
	}
}

/* Refused until the guest is not left alone any more: it still stands, and another take would hide that. */
static void an_order_that_stands_is_withdrawn_before_another_take(void **state)
{
	struct tiny_memory t;
	unsigned tick;

	begin_with_a_take(&t);
	t.obeys_nobody = true;
	for (tick = 0; tick < 60 || seen(&t)->stuck || seen(&t)->resting; tick++)
		tiny_memory_tick(&t);
	t.obeys_nobody = false;
	tiny_memory_tick(&t);
	while (seen(&t)->resting)
		tiny_memory_tick(&t);
	assert_int_equal(t.orders[0].why, MEM_WHY_WITHDRAW);
	assert_int_equal(t.orders[0].target_kib, seen(&t)->actual_kib);
	assert_int_equal(t.guests[0].target_kib, t.guests[0].actual_kib);
	tiny_memory_tick(&t);
	assert_int_equal(t.orders[0].why, MEM_WHY_IDLE);
	tiny_memory_done(&t);
}

/* A call that failed may have been heard: its target is promised to nobody, and is not someone else's. */
static void an_order_that_may_have_been_heard_is_nobody_elses(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
	tiny_memory_run(&t, 1);
	tiny_memory_sense(&t, false);
	mem_estimate_tried(&t.estimate, 0, 1200 * MIB);
	t.guests[0].actual_kib = t.guests[0].target_kib = 1100 * MIB;
	tiny_memory_sense(&t, false);
	assert_false(t.estimate.tracks[0].orders.told_foreign);
	assert_int_equal(seen(&t)->target_kib, 1100 * MIB);
	/* Control: beyond what was tried. */
	t.guests[0].actual_kib = t.guests[0].target_kib = 1300 * MIB;
	tiny_memory_sense(&t, false);
	assert_true(t.estimate.tracks[0].orders.told_foreign);
	tiny_memory_done(&t);
}

/* Also where nobody looks at the balloon after that: a guest that is paused. */
static void someone_elses_target_is_told_once(void **state)
{
	struct tiny_memory t;
	unsigned tick, told = 0;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 6);
	t.guests[0].actual_kib = t.guests[0].target_kib = 700 * MIB;
	tiny_memory_sense(&t, false);
	told += t.estimate.tracks[0].orders.told_foreign;
	is_paused(&t);
	for (tick = 0; tick < 5; tick++) {
		tiny_memory_tick(&t);
		told += t.estimate.tracks[0].orders.told_foreign;
		assert_false(t.estimate.tracks[0].orders.at_least);
	}
	assert_int_equal(told, 1);
	tiny_memory_done(&t);
}

/* ---- numbers that cannot be ---- */

static const struct {
	const char *what;
	struct guest_memory report; /* MiB */
} absurd[] = {
        {"more usable than there is", {.available_kib = 400, .usable_kib = 401, .unused_kib = 100}},
        {"more unused than there is", {.available_kib = 400, .usable_kib = 300, .unused_kib = 500}},
        {"more than it booted with", {.available_kib = 4000, .usable_kib = 300, .unused_kib = 300}},
        {"nothing at all", {.available_kib = 0, .usable_kib = 0, .unused_kib = 0}},
        {"a number with the sign lost",
         {.available_kib = 400, .usable_kib = 1ULL << 44, .unused_kib = 1}},
};

static void numbers_that_cannot_be_are_discarded_and_three_good_ones_must_follow(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
		struct tiny_memory t;
		int64_t left;
		unsigned good;

		tiny_memory_init(&t, 1);
		t.guests[0].used_kib = 300 * MIB; /* within the band: nothing to do */
		tiny_memory_run(&t, 10);
		left = seen(&t)->left_kib;
		t.guests[0].report.available_kib = absurd[i].report.available_kib * MIB;
		t.guests[0].report.usable_kib = absurd[i].report.usable_kib * MIB;
		t.guests[0].report.unused_kib = absurd[i].report.unused_kib * MIB;
		t.guests[0].report.updated_s++;
		tiny_memory_sense(&t, false);
		if (seen(&t)->fresh || seen(&t)->left_kib != left)
			fail_msg("%s: was believed", absurd[i].what);
		for (good = 0; good < 3; good++) {
			assert_false(seen(&t)->fresh);
			t.guests[0].report = (struct guest_memory){
			        .available_kib = 472 * MIB,
			        .usable_kib = 172 * MIB,
			        .unused_kib = 172 * MIB,
			        .updated_s = t.guests[0].report.updated_s + 1};
			tiny_memory_sense(&t, false);
		}
		assert_true(seen(&t)->fresh);
		tiny_memory_done(&t);
	}
}

static void a_balloon_that_cannot_be_is_not_ours_to_move(void **state)
{
	static const uint64_t wrong_mib[] = {0, 2049, 1ULL << 40};
	size_t i;

	for (i = 0; i < 3; i++) {
		struct tiny_memory t;

		tiny_memory_init(&t, 1);
		tiny_memory_run(&t, 6);
		t.guests[0].actual_kib = wrong_mib[i] * MIB;
		tiny_memory_sense(&t, false);
		assert_false(seen(&t)->ours);
		assert_true(seen(&t)->actual_kib <= 512 * MIB);
		tiny_memory_done(&t);
	}
}

/* ---- what numbers mean ---- */

static void values_of_two_reports_are_never_mixed(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 6);
	assert_int_equal(seen(&t)->peak_kib, 300 * MIB);
	assert_int_equal(seen(&t)->overhead_kib, TINY_KERNEL);
	assert_int_equal(seen(&t)->credit_kib, 0);
	/* The balloon is ahead of the report. */
	t.guests[0].actual_kib = t.guests[0].target_kib = 600 * MIB;
	mem_estimate_ordered(&t.estimate, 0, 600 * MIB, MEM_HEARD);
	tiny_memory_sense(&t, false);
	assert_int_equal(seen(&t)->peak_kib, 300 * MIB);
	assert_int_equal(seen(&t)->left_kib, 172 * MIB);
	assert_int_equal(seen(&t)->credit_kib, 88 * MIB);
	assert_true(seen(&t)->settling);
	tiny_memory_done(&t);
}

/* Its report is of before: what lies between the two is not its kernel's. */
static void a_balloon_that_someone_else_has_moved_says_nothing_of_what_a_guest_never_sees(
        void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 6);
	t.guests[0].actual_kib = t.guests[0].target_kib = 400 * MIB;
	t.guests[0].report.updated_s++;
	tiny_memory_sense(&t, false);
	assert_int_equal(seen(&t)->overhead_kib, TINY_KERNEL);
	assert_int_equal(seen(&t)->credit_kib, -112 * (int64_t)MIB);
	tiny_memory_done(&t);
}

/* A guest that boots may move its balloon itself, which is not worth a word; but it may be someone's order. */
static void a_balloon_that_moves_while_the_guest_boots_is_held_and_not_told(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	tiny_memory_run(&t, 3);
	reboots(&t);
	tiny_memory_run(&t, 50);
	t.guests[0].actual_kib = t.guests[0].target_kib = 900 * MIB;
	tiny_memory_sense(&t, false);
	assert_true(seen(&t)->booting && seen(&t)->foreign);
	assert_false(t.estimate.tracks[0].orders.told_foreign);
	tiny_memory_run(&t, 15);
	assert_true(!seen(&t)->booting && seen(&t)->foreign);
	assert_int_equal(t.guests[0].takes, 0);
	tiny_memory_run(&t, 60);
	assert_true(t.guests[0].takes > 0);
	tiny_memory_done(&t);
}

static void growth_is_believed_from_the_second_report_and_a_jump_is_not(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	t.guests[0].limits.reserve = (struct size){.kib = MIB};
	t.guests[0].limits.max_kib = 512 * MIB;
	tiny_memory_run(&t, 6);
	assert_true(seen(&t)->growth_kib_s < 1);
	t.guests[0].used_kib += 100 * MIB;
	tiny_memory_run(&t, 1);
	tiny_memory_sense(&t, false);
	assert_true(seen(&t)->growth_kib_s < 20 * MIB);
	t.guests[0].eats_kib_s = 10 * MIB;
	tiny_memory_run(&t, 3);
	assert_true(seen(&t)->growth_kib_s > 9 * MIB);
	assert_true(seen(&t)->growth_kib_s < 21 * MIB);
	t.guests[0].eats_kib_s = 0;
	tiny_memory_run(&t, 4);
	assert_true(seen(&t)->growth_kib_s < 1);
	tiny_memory_done(&t);
}

static void after_a_gap_nothing_has_failed(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 10);
	t.now_ns += 3600000000000ULL; /* the host slept; no report since */
	tiny_memory_sense(&t, true);
	assert_int_equal(seen(&t)->trouble, TROUBLE_NONE);
	assert_int_equal(seen(&t)->state, MEMORY_OK);
	tiny_memory_run(&t, 3);
	assert_int_equal(t.guests[0].gives + t.guests[0].takes, 0);
	tiny_memory_done(&t);
}

/* Readings lie five seconds apart: a report that is new in one may have come just after the one before. */
static void a_report_that_came_long_before_the_reading_is_not_fresh(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.policy.interval_ns = 5000000000;
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 4);
	assert_true(seen(&t)->fresh);
	t.policy.interval_ns = 1000000000;
	tiny_memory_tick(&t); /* one more report */
	t.policy.interval_ns = 5000000000;
	t.now_ns += 4000000000;
	tiny_memory_sense(&t, false);
	assert_int_equal(seen(&t)->age_ns, 5000000000);
	assert_false(seen(&t)->fresh);
	tiny_memory_done(&t);
}

/* A clock that is set, to and fro, makes no report old. */
static void a_clock_that_is_set_does_not_matter(void **state)
{
	struct tiny_memory t;
	int i;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 300 * MIB;
	tiny_memory_run(&t, 8);
	for (i = 0; i < 4; i++) {
		t.guests[0].report.updated_s += i % 2 ? 3600 : (uint64_t)-3600;
		tiny_memory_sense(&t, false);
		assert_true(seen(&t)->fresh);
		t.now_ns += 1000000000;
	}
	tiny_memory_done(&t);
}

/* Guests come and go; what is known of one stays with it. */
static void a_guest_is_known_by_its_uuid(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 3);
	t.guests[1].used_kib = 300 * MIB;
	tiny_memory_run(&t, 8);
	t.guests[0].leaves = true;
	tiny_memory_sense(&t, false);
	assert_int_equal(t.estimate.view.nr_guests, 2);
	assert_int_equal(t.estimate.view.guests[0].peak_kib, 300 * MIB);
	assert_int_equal(t.estimate.view.guests[0].reports, MEM_REPORTS);
	tiny_memory_done(&t);
}

static void unused_is_what_is_left_where_the_user_says_so(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].used_kib = 200 * MIB;
	t.guests[0].cache_kib = 230 * MIB;
	tiny_memory_run(&t, 6);
	assert_int_equal(seen(&t)->left_kib, 272 * MIB);
	assert_int_equal(t.guests[0].gives, 0);
	tiny_memory_done(&t);
	tiny_memory_init(&t, 1);
	t.policy.need = NEED_UNUSED;
	t.guests[0].used_kib = 200 * MIB;
	t.guests[0].cache_kib = 230 * MIB;
	tiny_memory_run(&t, 6);
	assert_true(t.guests[0].gives > 0);
	assert_true(seen(&t)->left_kib >= 100 * (int64_t)MIB);
	tiny_memory_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_state_has_its_reasons),
	        cmocka_unit_test(trouble_is_seen_where_a_balloon_can_be_its_cause),
	        cmocka_unit_test(a_guest_that_did_not_obey_a_take_is_given_what_it_needs),
	        cmocka_unit_test(
	                numbers_that_cannot_be_are_discarded_and_three_good_ones_must_follow),
	        cmocka_unit_test(a_balloon_that_cannot_be_is_not_ours_to_move),
	        cmocka_unit_test(values_of_two_reports_are_never_mixed),
	        cmocka_unit_test(
	                a_balloon_that_someone_else_has_moved_says_nothing_of_what_a_guest_never_sees),
	        cmocka_unit_test(a_balloon_that_moves_while_the_guest_boots_is_held_and_not_told),
	        cmocka_unit_test(growth_is_believed_from_the_second_report_and_a_jump_is_not),
	        cmocka_unit_test(after_a_gap_nothing_has_failed),
	        cmocka_unit_test(a_report_that_came_long_before_the_reading_is_not_fresh),
	        cmocka_unit_test(a_clock_that_is_set_does_not_matter),
	        cmocka_unit_test(an_order_that_is_obeyed_late_is_nobody_elses),
	        cmocka_unit_test(a_balloon_that_goes_on_by_the_order_before_is_nobody_elses),
	        cmocka_unit_test(a_balloon_that_moves_before_a_withdrawal_arrives_is_nobody_elses),
	        cmocka_unit_test(a_balloon_that_moves_while_nobody_looks_is_nobody_elses),
	        cmocka_unit_test(a_balloon_that_is_not_known_is_not_stuck),
	        cmocka_unit_test(a_balloon_that_comes_back_after_a_reboot_is_nobody_elses),
	        cmocka_unit_test(what_stands_is_obeyed_at_any_time),
	        cmocka_unit_test(an_order_that_stands_is_withdrawn_before_another_take),
	        cmocka_unit_test(an_order_that_may_have_been_heard_is_nobody_elses),
	        cmocka_unit_test(someone_elses_target_is_told_once),
	        cmocka_unit_test(a_guest_is_known_by_its_uuid),
	        cmocka_unit_test(unused_is_what_is_left_where_the_user_says_so),
	};

	return check_all(tests);
}
