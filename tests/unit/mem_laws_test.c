/* mem_laws_test - each safety law of memory kept, and switched off: then what it is there against does happen */
#include <stdio.h>
#include <string.h>

#include "balancer/mem_laws.h"
#include "balancer/mem_restore.h"
#include "tests/unit/check.h"
#include "tests/unit/tiny_memory.h"

/*
 * What happens to a host under these laws: each returns the number that one of them keeps at 0. They are run with all
 * laws, and with all but that one.
 */
static void set_up(struct tiny_memory *t, unsigned laws, size_t nr)
{
	tiny_memory_init(t, nr);
	t->policy.laws = laws;
}

/* S1: the user wants guests to be small, whatever they use: how many MiB it is taken below what it uses and the reserve. */
static unsigned below_the_floor(unsigned laws)
{
	struct tiny_memory t;
	int64_t floor;
	unsigned below;

	set_up(&t, laws, 1);
	t.guests[0].used_kib = 360 * MIB;
	t.guests[0].limits.max_kib = 150 * MIB;
	tiny_memory_run(&t, 60);
	floor = (int64_t)TINY_KERNEL + t.guests[0].used_kib + 100 * (int64_t)MIB;
	below = t.guests[0].least_actual_kib < (uint64_t)floor
	                ? (unsigned)(((uint64_t)floor - t.guests[0].least_actual_kib) / MIB)
	                : 0;
	tiny_memory_done(&t);
	return below;
}

/* S1: 60 MiB are used: how far below the minimum of 200 MiB its balloon is taken when the user's maximum is lower. */
static unsigned below_the_minimum(unsigned laws)
{
	struct tiny_memory t;
	unsigned below = 0;

	set_up(&t, laws, 1);
	t.guests[0].used_kib = 20 * MIB;
	t.guests[0].limits.max_kib = 100 * MIB;
	tiny_memory_run(&t, 90);
	if (t.guests[0].least_actual_kib < 200 * MIB)
		below = (unsigned)((200 * MIB - t.guests[0].least_actual_kib) / MIB);
	tiny_memory_done(&t);
	return below;
}

/*
 * S2: much is idle; then its reports stand still, or are late, or it is paused, or busy: in how many of the four there are
 * takes. S3 and S4 are off, because they would help.
 */
static unsigned takes_without_reports(unsigned laws)
{
	struct tiny_memory t;
	unsigned takes = 0;
	int kind;

	for (kind = 0; kind < 4; kind++) {
		set_up(&t, laws & ~(unsigned)(LAW_TROUBLE | LAW_SETTLE), 1);
		tiny_memory_run(&t, 7);
		t.guests[0].mute = kind == 0;
		t.guests[0].late = kind == 1;
		t.guests[0].paused = kind == 2;
		t.guests[0].busy = kind == 3;
		tiny_memory_run(&t, 4); /* what was fresh is not any more */
		t.guests[0].takes = 0;
		tiny_memory_run(&t, 30);
		takes += t.guests[0].takes > 0;
		tiny_memory_done(&t);
	}
	return takes;
}

/* S3: next to nothing is left at once: by how much the next order misses the maximum, in MiB; */
static unsigned trouble_is_not_answered(unsigned laws)
{
	struct tiny_memory t;
	unsigned missed;

	set_up(&t, laws, 1);
	tiny_memory_run(&t, 60);
	t.guests[0].used_kib = (int64_t)(t.guests[0].actual_kib - TINY_KERNEL) - 5 * (int64_t)MIB;
	tiny_memory_run(&t, 2);
	missed = (unsigned)((t.guests[0].maximum_kib - t.guests[0].target_kib) / MIB);
	tiny_memory_done(&t);
	return missed;
}

/* and takes within 9 minutes after it. */
static unsigned takes_after_trouble(unsigned laws)
{
	struct tiny_memory t;
	unsigned before;

	set_up(&t, laws, 1);
	tiny_memory_run(&t, 60);
	t.guests[0].used_kib = (int64_t)(t.guests[0].actual_kib - TINY_KERNEL) - 5 * (int64_t)MIB;
	tiny_memory_run(&t, 2);
	before = t.guests[0].takes;
	t.guests[0].used_kib = 60 * MIB;
	tiny_memory_run(&t, 540);
	before = t.guests[0].takes - before;
	tiny_memory_done(&t);
	return before;
}

/* S3: reports freeze while the balloon holds 1.5 GiB: how much of it is not given back, in MiB. */
static unsigned frozen_is_not_answered(unsigned laws)
{
	struct tiny_memory t;
	unsigned missed;

	set_up(&t, laws, 1);
	tiny_memory_run(&t, 60);
	t.guests[0].mute = true;
	tiny_memory_run(&t, 6);
	missed = (unsigned)((t.guests[0].maximum_kib - t.guests[0].target_kib) / MIB);
	tiny_memory_done(&t);
	return missed;
}

/* S4: a balloon that moves 2 MiB/s: how far an order is ahead of it beyond one cut, in MiB. */
static unsigned orders_ahead_of_the_balloon(unsigned laws)
{
	struct tiny_memory t;
	uint64_t ahead = 0;
	unsigned tick;

	set_up(&t, laws, 1);
	t.guests[0].follows_kib_s = 2 * MIB;
	for (tick = 0; tick < 60; tick++) {
		const struct tiny_guest *g = &t.guests[0];

		tiny_memory_tick(&t);
		if (g->actual_kib - g->target_kib > ahead)
			ahead = g->actual_kib - g->target_kib;
	}
	tiny_memory_done(&t);
	return ahead > 30 * MIB ? (unsigned)((ahead - 30 * MIB) / MIB) : 0;
}

/* S4: a balloon that does not move at all: 1 when after half a minute the target is still not what the guest has. */
static unsigned stuck_orders_stand(unsigned laws)
{
	struct tiny_memory t;
	unsigned stands;

	set_up(&t, laws, 1);
	t.guests[0].follows_kib_s = 0;
	tiny_memory_run(&t, 14);
	stands = t.guests[0].target_kib != t.guests[0].actual_kib;
	tiny_memory_done(&t);
	return stands;
}

/*
 * S5: a guest's balloon is stuck, and what it was to give is given to another before it is there: by how many MiB a
 * pool that has nothing left is exceeded.
 */
static unsigned given_before_it_is_there(unsigned laws)
{
	struct tiny_memory t;
	uint64_t held = 0;
	unsigned tick;

	set_up(&t, laws, 2);
	t.policy.pool.kib = 1024 * MIB;
	t.guests[0].follows_kib_s = 0;
	tiny_memory_run(&t, 7);
	t.guests[1].eats_kib_s = 17 * MIB;
	for (tick = 0; tick < 40; tick++) {
		tiny_memory_tick(&t);
		if (t.guests[0].actual_kib + t.guests[1].actual_kib > held)
			held = t.guests[0].actual_kib + t.guests[1].actual_kib;
	}
	tiny_memory_done(&t);
	return held > 1024 * MIB ? (unsigned)((held - 1024 * MIB) / MIB) : 0;
}

/* S6: a guest reboots, or starts anew: takes in the 50 seconds after it. */
static unsigned takes_while_it_boots(unsigned laws)
{
	struct tiny_memory t;
	unsigned takes = 0, kind, before;

	for (kind = 0; kind < 2; kind++) {
		set_up(&t, laws, 1);
		tiny_memory_run(&t, 60);
		t.guests[0].reboots += kind == 0;
		t.guests[0].instance += kind == 1;
		t.guests[0].actual_kib = t.guests[0].target_kib = 2048 * MIB;
		before = t.guests[0].takes;
		tiny_memory_run(&t, 50);
		takes += t.guests[0].takes - before;
		tiny_memory_done(&t);
	}
	return takes;
}

/* S7: someone sets a balloon to 1 GiB by hand: takes in the 50 seconds after it. */
static unsigned takes_from_anothers_target(unsigned laws)
{
	struct tiny_memory t;
	unsigned before;

	set_up(&t, laws, 1);
	tiny_memory_run(&t, 60);
	t.guests[0].target_kib = 1024 * MIB;
	tiny_memory_run(&t, 4);
	before = t.guests[0].takes;
	tiny_memory_run(&t, 50);
	before = t.guests[0].takes - before;
	tiny_memory_done(&t);
	return before;
}

/* S8: one guest has more than before and one has less, on a host with 300 MiB of room: MiB that are taken, or given too much. */
static unsigned put_back_wrongly(unsigned laws)
{
	struct action a[2] = {
	        {.kind = ACTION_BALLOON_RESTORE, .from_kib = 1024 * MIB, .to_kib = 512 * MIB},
	        {.kind = ACTION_BALLOON_RESTORE, .from_kib = 512 * MIB, .to_kib = 1536 * MIB}};
	struct fill_share shares[2] = {{.has = 1024 * MIB}, {.has = 512 * MIB}};
	struct mem_guest guests[2] = {
	        {.actual_kib = 1024 * MIB, .target_kib = 1024 * MIB, .rss_kib = 1200 * MIB},
	        {.actual_kib = 512 * MIB, .target_kib = 512 * MIB, .rss_kib = 700 * MIB}};
	struct mem_view view = {guests, 2, 4096 * MIB, 505 * MIB};
	struct mem_policy policy = mem_policy_default;
	uint64_t wrong = 0;
	size_t i, nr = 2;

	policy.laws = laws;
	mem_restore(&policy, &view, a, &nr, shares, NULL);
	for (i = 0; i < nr; i++) {
		if (a[i].to_kib < a[i].from_kib)
			wrong += a[i].from_kib - a[i].to_kib;
		else if (a[i].to_kib - a[i].from_kib > 301 * MIB)
			wrong += a[i].to_kib - a[i].from_kib - 301 * MIB;
	}
	return (unsigned)(wrong / MIB);
}

static const struct {
	const char *what;
	unsigned law;
	unsigned (*breaches)(unsigned laws);
} laws[] = {
        {"S1: a balloon goes below what is used and the reserve", LAW_FLOOR, below_the_floor},
        {"S1: a balloon goes below the minimum", LAW_FLOOR, below_the_minimum},
        {"S2: something is taken without fresh reports", LAW_FRESH, takes_without_reports},
        {"S3: trouble is not answered by all there is", LAW_TROUBLE, trouble_is_not_answered},
        {"S3: something is taken soon after trouble", LAW_TROUBLE, takes_after_trouble},
        {"S3: frozen statistics are not answered", LAW_TROUBLE, frozen_is_not_answered},
        {"S4: orders run ahead of a slow balloon", LAW_SETTLE, orders_ahead_of_the_balloon},
        {"S4: an order to a stuck balloon stands", LAW_SETTLE, stuck_orders_stand},
        {"S5: what is ordered is given away before it is there", LAW_READ_BACK,
         given_before_it_is_there},
        {"S6: something is taken while a guest boots", LAW_BOOT, takes_while_it_boots},
        {"S7: someone else's target is taken from", LAW_FOREIGN, takes_from_anothers_target},
        {"S8: putting back takes, or gives what is not there", LAW_UPWARD, put_back_wrongly},
};

static void every_law_is_kept_and_is_needed(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
		unsigned with = laws[i].breaches(LAWS_ALL);
		unsigned without = laws[i].breaches(LAWS_ALL & ~laws[i].law);

		if (with)
			fail_msg("%s: %u, with all laws", laws[i].what, with);
		if (!without)
			fail_msg("%s: not even without the law", laws[i].what);
	}
}

/* What one law is for, no other one does: switching off all others leaves it kept. */
static void nothing_else_turns_a_guest_into_a_victim(void **state)
{
	assert_int_equal(takes_after_trouble(LAW_TROUBLE | LAW_FRESH | LAW_SETTLE), 0);
	assert_int_equal(takes_while_it_boots(LAW_BOOT | LAW_FRESH | LAW_SETTLE), 0);
	assert_int_equal(put_back_wrongly(LAW_UPWARD), 0);
}

static void putting_back_waits_for_room_and_says_how_much(void **state)
{
	struct action a[2] = {
	        {.kind = ACTION_BALLOON_RESTORE, .from_kib = 400 * MIB, .to_kib = 700 * MIB},
	        {.kind = ACTION_PERIOD, .from_s = 1, .to_s = 0}};
	struct fill_share shares[2] = {{.has = 400 * MIB}};
	struct mem_guest guest = {
	        .actual_kib = 400 * MIB, .target_kib = 400 * MIB, .rss_kib = 500 * MIB};
	struct mem_view view = {&guest, 1, 4096 * MIB, 304 * MIB + 820};
	struct mem_policy policy = mem_policy_default;
	size_t nr = 2;
	uint64_t missing = mem_restore(&policy, &view, a, &nr, shares, NULL);

	assert_int_equal(nr, 2);
	assert_int_equal(a[1].kind, ACTION_PERIOD);
	assert_true(a[0].to_kib > 498 * MIB && a[0].to_kib <= 501 * MIB);
	assert_int_equal(missing + a[0].to_kib, 700 * MIB);
	view.available_kib = 1024;
	nr = 2;
	a[0].to_kib = 700 * MIB;
	shares[0].has = 400 * MIB;
	assert_int_equal(mem_restore(&policy, &view, a, &nr, shares, NULL), 300 * MIB);
	assert_int_equal(nr, 1);
	assert_int_equal(a[0].kind, ACTION_PERIOD);
}

/* A guest in trouble has 344 MiB, and 2048 are on their way to it: to order less would take them back, and more is not there. */
static void what_is_on_its_way_is_not_taken_back(void **state)
{
	static const struct {
		uint64_t original_mib, available_mib, nr, missing_mib;
	} table[] = {
	        {2048, 4000, 0, 0}, {1024, 4000, 0, 0}, {2048, 600, 0, 0}, {3072, 600, 0, 1024}};
	struct mem_policy policy = mem_policy_default;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct action a = {.kind = ACTION_BALLOON_RESTORE,
		                   .from_kib = 344 * MIB,
		                   .to_kib = table[i].original_mib * MIB};
		struct fill_share share = {.has = 2048 * MIB};
		struct mem_guest guest = {
		        .actual_kib = 344 * MIB, .target_kib = 2048 * MIB, .rss_kib = 400 * MIB};
		struct mem_view view = {&guest, 1, 4096 * MIB, table[i].available_mib * MIB};
		size_t nr = 1;

		assert_int_equal(mem_restore(&policy, &view, &a, &nr, &share, NULL),
		                 table[i].missing_mib * MIB);
		assert_int_equal(nr, table[i].nr);
	}
}

static const struct {
	const char *what;
	struct fill_share shares[3];
	uint64_t room, gets[3];
} fills[] = {
        {"enough for all", {{10, 20, 0, 1}, {30, 35, 0, 1}, {5, 5, 0, 1}}, 100, {20, 35, 5}},
        {"exactly enough", {{10, 20, 0, 1}, {30, 35, 0, 1}, {5, 5, 0, 1}}, 15, {20, 35, 5}},
        {"nothing", {{10, 20, 0, 1}, {30, 35, 0, 1}, {5, 9, 0, 1}}, 0, {10, 30, 5}},
        {"the lowest first",
         {{100, 900, 0, 1}, {500, 900, 0, 1}, {900, 900, 0, 1}},
         300,
         {400, 500, 900}},
        {"equal ones alike",
         {{100, 900, 0, 1}, {100, 900, 0, 1}, {100, 900, 0, 1}},
         300,
         {200, 200, 200}},
        {"by share", {{100, 900, 0, 2}, {100, 900, 0, 1}, {0, 0, 0, 1}}, 400, {400, 200, 0}},
        {"what one does not want the others get",
         {{100, 150, 0, 1}, {100, 900, 0, 1}, {100, 900, 0, 1}},
         450,
         {150, 300, 300}},
};

static void water_fills_the_lowest_first(void **state)
{
	size_t i, k;

	for (i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		struct fill_share s[3];
		uint64_t used, all = 0;

		memcpy(s, fills[i].shares, sizeof(s));
		used = fill_shares(s, 3, fills[i].room);
		for (k = 0; k < 3; k++) {
			all += s[k].gets - s[k].has;
			if (s[k].gets + 1 < fills[i].gets[k] || s[k].gets > fills[i].gets[k] + 1)
				fail_msg("%s: %zu gets %llu, not %llu", fills[i].what, k,
				         (unsigned long long)s[k].gets,
				         (unsigned long long)fills[i].gets[k]);
		}
		assert_int_equal(all, used);
		assert_true(used <= fills[i].room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_law_is_kept_and_is_needed),
	        cmocka_unit_test(nothing_else_turns_a_guest_into_a_victim),
	        cmocka_unit_test(putting_back_waits_for_room_and_says_how_much),
	        cmocka_unit_test(what_is_on_its_way_is_not_taken_back),
	        cmocka_unit_test(water_fills_the_lowest_first),
	};

	return check_all(tests);
}
