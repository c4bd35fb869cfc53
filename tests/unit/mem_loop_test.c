/* mem_loop_test - estimate and plan in the loop with ideal guests: what the law promises, at several intervals */
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/tiny_memory.h"

#define MB_S (18 * 1000 * 1000 / 1024.0) /* 18 MB/s, in KiB/s */

static const uint64_t intervals_ns[] = {500000000, 1000000000, 2000000000};

#define each_interval(i) for (size_t i = 0; i < sizeof(intervals_ns) / sizeof(intervals_ns[0]); i++)

static unsigned ticks_of(const struct tiny_memory *t, unsigned s)
{
	return (unsigned)(s * 1000000000ULL / t->policy.interval_ns);
}

static void expect_left(const struct tiny_memory *t, size_t i, int64_t mib)
{
	if (t->guests[i].least_left_kib < mib * (int64_t)MIB)
		fail_msg("interval %g s: guest %zu had only %lld MiB left",
		         (double)t->policy.interval_ns / 1e9, i + 1,
		         (long long)(t->guests[i].least_left_kib / (int64_t)MIB));
}

/* From the band at rest, where taking has brought it, at any moment of the tick. */
static void a_guest_that_fills_at_18_mb_s_never_has_less_than_100_mib_before_its_maximum(
        void **state)
{
	each_interval(i)
	{
		unsigned offset;

		for (offset = 0; offset < 20; offset++) {
			struct tiny_memory t;

			tiny_memory_init(&t, 2);
			t.policy.interval_ns = intervals_ns[i];
			t.now_ns += offset * 100000000ULL;
			tiny_memory_run(&t, ticks_of(&t, 90));
			assert_true(t.guests[0].actual_kib < 330 * MIB);
			t.guests[0].eats_kib_s = MB_S;
			tiny_memory_run(&t, ticks_of(&t, 120));
			assert_int_equal(t.guests[0].actual_kib, t.guests[0].maximum_kib);
			expect_left(&t, 0, 100);
			tiny_memory_done(&t);
		}
	}
}

static void what_it_frees_is_taken_back_in_small_cuts(void **state)
{
	each_interval(i)
	{
		struct tiny_memory t;

		tiny_memory_init(&t, 1);
		t.policy.interval_ns = intervals_ns[i];
		t.guests[0].eats_kib_s = MB_S;
		tiny_memory_run(&t, ticks_of(&t, 120));
		t.guests[0].eats_kib_s = 0;
		t.guests[0].used_kib = 60 * MIB;
		tiny_memory_run(&t, ticks_of(&t, 200));
		assert_true(t.guests[0].actual_kib <= 512 * MIB);
		assert_true(t.guests[0].largest_cut_kib < 100 * MIB);
		assert_true(t.guests[0].largest_cut_kib <= 2048 * MIB / 20);
		expect_left(&t, 0, 100);
		tiny_memory_done(&t);
	}
}

static void in_steady_state_there_are_no_orders(void **state)
{
	each_interval(i)
	{
		struct tiny_memory t;
		unsigned before;
		size_t g;

		tiny_memory_init(&t, 4);
		t.policy.interval_ns = intervals_ns[i];
		tiny_memory_run(&t, ticks_of(&t, 120));
		before = t.guests[0].takes + t.guests[3].takes;
		assert_true(before > 0);
		tiny_memory_run(&t, ticks_of(&t, 600));
		assert_int_equal(t.guests[0].takes + t.guests[3].takes, before);
		for (g = 0; g < 4; g++)
			assert_int_equal(t.guests[g].gives, 0);
		assert_int_equal(t.choice.verdict, VERDICT_QUIET);
		tiny_memory_done(&t);
	}
}

/* 30 MiB up and down, every second and every minute: within the band that is nobody's business. */
static void noise_of_a_guest_moves_nothing_once_it_is_known(void **state)
{
	static const unsigned periods[] = {2, 3, 60};
	size_t p;

	for (p = 0; p < 3; p++) {
		struct tiny_memory t;
		unsigned tick, before = 0;

		tiny_memory_init(&t, 1);
		for (tick = 0; tick < 900; tick++) {
			t.guests[0].used_kib = (tick % periods[p] < periods[p] / 2 ? 60 : 90) * MIB;
			tiny_memory_tick(&t);
			if (tick == 300)
				before = t.guests[0].takes + t.guests[0].gives;
		}
		assert_int_equal(t.guests[0].takes + t.guests[0].gives, before);
		tiny_memory_done(&t);
	}
}

/* A wave larger than the band, 40 times: whoever follows it turns 80 times. */
static void a_wave_larger_than_the_band_is_not_chased(void **state)
{
	struct tiny_memory t;
	unsigned tick;

	tiny_memory_init(&t, 1);
	for (tick = 0; tick < 2400; tick++) {
		t.guests[0].used_kib = (tick % 60 < 30 ? 60 : 260) * MIB;
		tiny_memory_tick(&t);
	}
	if (t.guests[0].turns > 12)
		fail_msg("%u turns", t.guests[0].turns);
	tiny_memory_done(&t);
}

static void a_pool_is_shared_alike_and_never_exceeded(void **state)
{
	each_interval(i)
	{
		struct tiny_memory t;
		uint64_t least = UINT64_MAX, most = 0;
		size_t g;

		tiny_memory_init(&t, 4);
		t.policy.interval_ns = intervals_ns[i];
		t.policy.pool.kib = 5120 * MIB;
		for (g = 0; g < 4; g++) {
			t.guests[g].eats_kib_s = MB_S;
			t.guests[g].until_kib = 1180 * (int64_t)MIB;
		}
		tiny_memory_run(&t, ticks_of(&t, 120));
		for (g = 0; g < 4; g++) {
			least = t.guests[g].actual_kib < least ? t.guests[g].actual_kib : least;
			most = t.guests[g].actual_kib > most ? t.guests[g].actual_kib : most;
		}
		assert_true(most * 4 <= 5120 * MIB + 4 * MIB * 4);
		assert_true(least * 10 >= most * 9);
		assert_true(least > 1200 * MIB);
		tiny_memory_done(&t);
	}
}

static void shares_decide_when_there_is_not_enough(void **state)
{
	struct tiny_memory t;
	size_t g;

	tiny_memory_init(&t, 2);
	t.policy.pool.kib = (1024 + 300) * MIB;
	t.guests[0].limits.share = 1500;
	for (g = 0; g < 2; g++)
		t.guests[g].limits.reserve = (struct size){.kib = 400 * MIB};
	tiny_memory_run(&t, 10);
	for (g = 0; g < 2; g++)
		t.guests[g].used_kib = 360 * MIB; /* both want 300 at once */
	tiny_memory_run(&t, 10);
	assert_true(t.guests[0].actual_kib >= 790 * MIB && t.guests[0].actual_kib <= 800 * MIB);
	assert_true(t.guests[1].actual_kib >= 524 * MIB && t.guests[1].actual_kib <= 534 * MIB);
	assert_int_equal(t.choice.why, MEM_NO_POOL);
	tiny_memory_done(&t);
}

static void memory_moves_from_the_idle_to_the_needy_through_a_tight_pool(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 4);
	t.policy.pool.kib = 2304 * MIB;
	t.guests[0].eats_kib_s = MB_S / 4;
	t.guests[0].until_kib = 1000 * (int64_t)MIB;
	tiny_memory_run(&t, 300);
	assert_true(t.guests[0].actual_kib >= 1140 * MIB);
	expect_left(&t, 0, 100);
	expect_left(&t, 1, 100);
	tiny_memory_done(&t);
}

/* All memory is cache; taken is none of it until the host is short, and then never below the band. */
static void page_cache_is_taken_only_while_the_host_is_short(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 2);
	t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
	t.guests[0].cache_kib = 900 * MIB;
	tiny_memory_run(&t, 120);
	assert_int_equal(t.guests[0].takes, 0);
	t.host_used_kib = t.total_kib - 3200 * MIB;
	tiny_memory_run(&t, 120);
	assert_true(t.state.is_short);
	assert_true(t.guests[0].takes > 0);
	expect_left(&t, 0, 100);
	tiny_memory_done(&t);

	tiny_memory_init(&t, 2);
	t.policy.reclaim = RECLAIM_IDLE;
	t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
	t.guests[0].cache_kib = 900 * MIB;
	t.host_used_kib = t.total_kib - 3200 * MIB;
	tiny_memory_run(&t, 120);
	assert_true(t.state.is_short);
	assert_int_equal(t.guests[0].takes, 0);
	tiny_memory_done(&t);
}

static void the_host_keeps_its_reserve(void **state)
{
	struct tiny_memory t;
	size_t g;

	tiny_memory_init(&t, 4);
	t.total_kib = 4096 * MIB;
	t.host_used_kib = 400 * MIB;
	for (g = 0; g < 4; g++)
		t.guests[g].eats_kib_s = MB_S;
	tiny_memory_run(&t, 200);
	assert_true(t.guests[0].actual_kib > 512 * MIB);
	if (t.least_available_kib < 200 * (int64_t)MIB)
		fail_msg("the host had %lld MiB left",
		         (long long)(t.least_available_kib / (int64_t)MIB));
	assert_int_equal(t.choice.verdict, VERDICT_HOLD);
	assert_int_equal(t.choice.why, MEM_NO_ROOM);
	tiny_memory_done(&t);
}

static void room_is_kept_for_the_largest_guest_to_reboot_in(void **state)
{
	struct tiny_memory t;
	int64_t with, without;

	tiny_memory_init(&t, 4);
	tiny_memory_tick(&t);
	without = t.choice.room_kib;
	t.policy.reboot_room = true;
	tiny_memory_sense(&t, false);
	mem_plan(&t.policy, &t.estimate.view, &t.state, t.orders, t.shares, &t.choice);
	with = t.choice.room_kib;
	assert_true(without - with >= 1536 * (int64_t)MIB - 1);
	assert_true(without - with <= 1536 * (int64_t)MIB + 2);
	tiny_memory_done(&t);
}

static void a_maximum_of_the_users_is_reached_downwards_in_small_cuts(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.guests[0].actual_kib = t.guests[0].target_kib = 1024 * MIB;
	t.guests[0].used_kib = 500 * MIB;
	t.guests[0].cache_kib = 400 * MIB;
	t.guests[0].limits.max_kib = 800 * MIB;
	tiny_memory_run(&t, 60);
	assert_true(t.guests[0].actual_kib >= 796 * MIB && t.guests[0].actual_kib <= 804 * MIB);
	assert_true(t.guests[0].largest_cut_kib <= 52 * MIB);
	t.guests[0].eats_kib_s = MB_S;
	tiny_memory_run(&t, 60);
	assert_true(t.guests[0].actual_kib <= 804 * MIB);
	tiny_memory_done(&t);
}

static void without_knowing_what_the_host_has_nothing_is_done(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 2);
	t.host_unknown = true;
	t.guests[0].used_kib = 420 * MIB;
	tiny_memory_run(&t, 30);
	assert_int_equal(t.guests[0].gives + t.guests[0].takes + t.guests[1].takes, 0);
	assert_int_equal(t.choice.why, MEM_NO_HOST);
	tiny_memory_done(&t);
}

static void a_guest_that_refuses_is_asked_ever_less(void **state)
{
	struct tiny_memory t;

	tiny_memory_init(&t, 1);
	t.obeys_nobody = true;
	tiny_memory_run(&t, 600);
	assert_true(t.guests[0].takes >= 3 && t.guests[0].takes <= 8);
	tiny_memory_done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                a_guest_that_fills_at_18_mb_s_never_has_less_than_100_mib_before_its_maximum),
	        cmocka_unit_test(what_it_frees_is_taken_back_in_small_cuts),
	        cmocka_unit_test(in_steady_state_there_are_no_orders),
	        cmocka_unit_test(noise_of_a_guest_moves_nothing_once_it_is_known),
	        cmocka_unit_test(a_wave_larger_than_the_band_is_not_chased),
	        cmocka_unit_test(a_pool_is_shared_alike_and_never_exceeded),
	        cmocka_unit_test(shares_decide_when_there_is_not_enough),
	        cmocka_unit_test(memory_moves_from_the_idle_to_the_needy_through_a_tight_pool),
	        cmocka_unit_test(page_cache_is_taken_only_while_the_host_is_short),
	        cmocka_unit_test(the_host_keeps_its_reserve),
	        cmocka_unit_test(room_is_kept_for_the_largest_guest_to_reboot_in),
	        cmocka_unit_test(a_maximum_of_the_users_is_reached_downwards_in_small_cuts),
	        cmocka_unit_test(without_knowing_what_the_host_has_nothing_is_done),
	        cmocka_unit_test(a_guest_that_refuses_is_asked_ever_less),
	};

	return check_all(tests);
}
