/* mem_orders_test - what one balloon was ordered, and what it does */
#include "balancer/mem_orders.h"
#include "tests/unit/check.h"

#define S 1000000000ULL /* ns */

/* A guest that runs, with 1,024 of 2,048 MiB. */
static const struct mem_guest there = {.actual_kib = 1024 * MIB,
                                       .target_kib = 1024 * MIB,
                                       .maximum_kib = 2048 * MIB,
                                       .running = true};

/* It has been ordered 900 MiB at 1 s. */
static void begin_with_a_take(struct mem_orders *o, struct mem_guest *g)
{
	*g = there;
	mem_orders_begin(o);
	mem_orders_follow(o, g, true, 1 * S);
	mem_orders_show(o, true, 1 * S, g);
	mem_orders_answered(o, g, 900 * MIB, MEM_HEARD, 1 * S);
}

static void look(struct mem_orders *o, struct mem_guest *g, uint64_t actual_kib, uint64_t now_ns)
{
	g->actual_kib = actual_kib;
	mem_orders_follow(o, g, true, now_ns);
	mem_orders_show(o, true, now_ns, g);
}

/* And it has obeyed at 2 s. */
static void begin_with_less(struct mem_orders *o, struct mem_guest *g)
{
	begin_with_a_take(o, g);
	look(o, g, 900 * MIB, 2 * S);
}

static void someone_elses_order_ends_ours(void **state)
{
	static const struct {
		uint64_t actual_kib;
		bool foreign;
	} table[] = {
	        {960 * MIB, false}, {900 * MIB, false}, {1024 * MIB, false},
	        {1200 * MIB, true}, {700 * MIB, true},
	};
	struct mem_orders o;
	struct mem_guest g;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin_with_a_take(&o, &g);
		look(&o, &g, table[i].actual_kib, 2 * S);
		if (o.told_foreign != table[i].foreign || g.foreign != table[i].foreign)
			fail_msg("%llu MiB: foreign %d", (unsigned long long)(g.actual_kib / MIB),
			         o.told_foreign);
		if (!table[i].foreign)
			continue;
		/* Nothing of ours is waited for, called off under his, or withdrawn later. */
		assert_int_equal(g.target_kib, table[i].actual_kib);
		assert_false(mem_orders_may_shrink(&o, &g));
		look(&o, &g, table[i].actual_kib, 2 * S + 2 * MEM_PROGRESS_NS);
		assert_false(g.stuck || g.withdraw);
	}
}

/*
 * Who raises a balloon is seen on the way, and may be the guest itself: that is told as a part, and what stood stands. One that shrinks
 * below that was told to; one that is empty comes back, as after a reboot.
 */
static void a_balloon_that_grows_by_itself_comes_back_to_what_stands(void **state)
{
	static const struct {
		uint64_t to_kib;
		bool doubt, booting, told;
		uint64_t then_kib;
		bool told_then, least_then;
	} table[] = {
	        {1100 * MIB, false, false, true, 900 * MIB, false, false},
	        {1100 * MIB, false, false, true, 1000 * MIB, false, false},
	        {1100 * MIB, false, false, true, 1500 * MIB, true, true},
	        {1100 * MIB, false, false, true, 800 * MIB, true, false},
	        {1100 * MIB, false, true, false, 900 * MIB, false, false},
	        {1100 * MIB, true, false, false, 900 * MIB, false, false},
	        {2048 * MIB, false, false, false, 900 * MIB, false, false},
	        {2048 * MIB, false, false, false, 800 * MIB, true, false},
	};
	struct mem_orders o;
	struct mem_guest g;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin_with_less(&o, &g);
		if (table[i].doubt)
			mem_orders_doubt(&o);
		g.booting = table[i].booting;
		look(&o, &g, table[i].to_kib, 10 * S);
		if (o.told_foreign != table[i].told || o.at_least != table[i].told)
			fail_msg("row %zu", i);
		assert_true(g.foreign != table[i].doubt);
		o.told_foreign = o.at_least = false;
		look(&o, &g, table[i].then_kib, 11 * S);
		if (o.told_foreign != table[i].told_then || o.at_least != table[i].least_then)
			fail_msg("row %zu, then", i);
	}
	/* Where nothing of ours stands its way back is someone else's, too. */
	mem_orders_begin(&o);
	g = there;
	mem_orders_follow(&o, &g, true, 1 * S);
	look(&o, &g, 2048 * MIB, 2 * S);
	assert_true(o.told_foreign && o.at_least);
	look(&o, &g, 1024 * MIB, 3 * S);
	assert_true(o.told_foreign && !o.at_least);
}

/* Its owner's give of the last moment may be all that there is: that is kept, and nothing taken before it is known whose it is. */
static void a_balloon_that_is_empty_keeps_all_and_is_held_until_it_is_back(void **state)
{
	struct mem_orders o;
	struct mem_guest g;
	unsigned s;

	begin_with_less(&o, &g);
	look(&o, &g, 2048 * MIB, 10 * S);
	assert_true(mem_orders_may_shrink(&o, &g));
	assert_int_equal(mem_orders_recall(&o, &g, 1024 * MIB), 2048 * MIB);
	for (s = 11; !o.at_least; s++) {
		assert_true(g.foreign && s < 10 + 2 * MEM_BOOT_NS / S);
		if (s == 12)
			mem_orders_skip(&o, 11 * S, 12 * S);
		look(&o, &g, 2048 * MIB, s * S);
	}
}

/* While it comes back it may be anywhere; who rests elsewhere after that was perhaps set, or lacks the memory to get there. */
static void what_rests_above_its_order_after_a_reboot_is_perhaps_its_owners(void **state)
{
	static const struct {
		uint64_t rests_kib;
		bool moves, is_known, at_least;
	} table[] = {
	        {900 * MIB, false, true, false}, {1600 * MIB, false, true, true},
	        {1600 * MIB, true, true, false}, {1600 * MIB, false, false, false},
	        {2048 * MIB, false, true, true}, /* or its driver does not work */
	};
	struct mem_orders o;
	struct mem_guest g;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin_with_less(&o, &g);
		if (!table[i].is_known)
			mem_orders_doubt(&o);
		mem_orders_restart(&o, true);
		look(&o, &g, 2048 * MIB, 10 * S);
		if (!table[i].moves)
			look(&o, &g, table[i].rests_kib, 11 * S);
		assert_false(o.told_foreign || o.at_least);
		look(&o, &g, table[i].rests_kib, 10 * S + MEM_BOOT_NS);
		if (o.at_least != table[i].at_least)
			fail_msg("row %zu", i);
		assert_false(o.told_foreign);
	}
	/* One that has nothing to come back to. */
	mem_orders_begin(&o);
	g = there;
	mem_orders_follow(&o, &g, true, 1 * S);
	mem_orders_restart(&o, true);
	look(&o, &g, 1600 * MIB, 10 * S);
	look(&o, &g, 1600 * MIB, 10 * S + MEM_BOOT_NS);
	assert_false(o.at_least);
}

/* One that missed a sample goes by what it was ordered; one that was restored perhaps by less, until an order is heard. */
static void what_was_ordered_stands_when_a_guest_is_back(void **state)
{
	static const struct {
		bool same_qemu, heard;
		uint64_t actual_kib;
		bool foreign;
	} table[] = {
	        {true, false, 900 * MIB, false},  {true, false, 800 * MIB, true},
	        {true, false, 1200 * MIB, true},  {false, false, 900 * MIB, false},
	        {false, false, 300 * MIB, false}, {false, false, 1200 * MIB, true},
	        {false, true, 300 * MIB, true},
	};
	struct mem_orders o, before;
	struct mem_guest g;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin_with_a_take(&o, &g);
		look(&o, &g, 1000 * MIB, 2 * S);
		before = o;
		mem_orders_restart(&o, false);
		assert_false(mem_orders_asked(&o) || mem_orders_may_shrink(&o, &g));
		mem_orders_resume(&o, &before, table[i].same_qemu, 2 * S, 60 * S);
		assert_true(mem_orders_may_shrink(&o, &g));
		if (table[i].heard)
			mem_orders_answered(&o, &g, 950 * MIB, MEM_HEARD, 60 * S);
		look(&o, &g, 950 * MIB, 70 * S);
		assert_false(o.told_foreign);
		look(&o, &g, table[i].actual_kib, 80 * S);
		/* Of another QEMU it may be of before: it lowers nothing. */
		if (o.told_foreign != table[i].foreign ||
		    o.at_least != (table[i].foreign && table[i].actual_kib > 950 * MIB))
			fail_msg("row %zu", i);
	}
	/* Nothing was known of it yet: what it has then is no order's. */
	mem_orders_begin(&before);
	mem_orders_resume(&o, &before, false, 89 * S, 90 * S);
	look(&o, &g, 1000 * MIB, 90 * S);
	assert_false(o.told_foreign);
	look(&o, &g, 1500 * MIB, 91 * S);
	assert_true(o.told_foreign &&
	            !mem_orders_may_shrink(&o, &g)); /* its owner's give may be under way */
	o.told_foreign = false;
	look(&o, &g, 1500 * MIB, 92 * S);
	assert_true(mem_orders_may_shrink(&o, &g));
	/* Nothing stood: it may have been restored from a file in which something did. And a reboot that nobody saw ends at that. */
	mem_orders_begin(&before);
	look(&before, &g, 1000 * MIB, 90 * S);
	mem_orders_resume(&o, &before, false, 90 * S, 91 * S);
	look(&o, &g, 700 * MIB, 92 * S);
	assert_false(o.told_foreign);
	look(&o, &g, 2048 * MIB, 93 * S);
	assert_true(o.told_foreign);
	o.told_foreign = false;
	look(&o, &g, 1500 * MIB, 94 * S);
	assert_false(o.told_foreign);
	mem_orders_restart(&o, false);
	mem_orders_answered(&o, &g, 700 * MIB, MEM_PERHAPS, 95 * S);
	assert_true(mem_orders_asked(&o));
}

/* A balloon that is empty as its guest boots is no size to keep; what it has once its driver works may be its owner's, and in use. */
static void a_take_is_called_off_by_what_the_guest_has_or_had(void **state)
{
	static const struct {
		bool boots, reports;
		uint64_t actual_kib, original_kib, wanted_kib;
	} table[] = {
	        {false, true, 1000 * MIB, 800 * MIB, 1000 * MIB},
	        {true, false, 2048 * MIB, 1024 * MIB, 1024 * MIB},
	        {true, false, 2048 * MIB, 800 * MIB, 900 * MIB}, /* what stands */
	        {true, false, 1900 * MIB, 1024 * MIB, 1900 * MIB},
	        {true, true, 2048 * MIB, 1024 * MIB, 2048 * MIB},
	        {true, true, 950 * MIB, 1024 * MIB, 950 * MIB},
	};
	struct mem_orders o;
	struct mem_guest g;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin_with_a_take(&o, &g);
		if (table[i].boots)
			mem_orders_restart(&o, true);
		g.actual_kib = table[i].actual_kib;
		mem_orders_follow(&o, &g, table[i].reports, 2 * S);
		g.maximum_kib = 1950 * MIB; /* what it may have at most, by its owner's bounds */
		if (mem_orders_recall(&o, &g, table[i].original_kib) != table[i].wanted_kib)
			fail_msg("row %zu", i);
	}
}

/* How long nothing is taken after a give that follows a take, in s. */
static unsigned rests_s(struct mem_orders *o, uint64_t *now_ns)
{
	struct mem_guest g = there;
	unsigned s = 0;

	mem_orders_answered(o, &g, 900 * MIB, MEM_HEARD, *now_ns);
	look(o, &g, 900 * MIB, *now_ns += S);
	mem_orders_answered(o, &g, 1024 * MIB, MEM_HEARD, *now_ns);
	for (look(o, &g, 1024 * MIB, *now_ns); g.given; s++)
		look(o, &g, 1024 * MIB, *now_ns += S);
	return s;
}

static void a_guest_that_is_given_what_was_taken_rests_ever_longer(void **state)
{
	static const unsigned wanted_s[] = {20, 40, 80, 160, 300, 300};
	struct mem_orders o;
	uint64_t now_ns = 1 * S;
	struct mem_guest g = there;
	size_t i;

	mem_orders_begin(&o);
	mem_orders_follow(&o, &g, true, now_ns);
	for (i = 0; i < sizeof(wanted_s) / sizeof(wanted_s[0]); i++)
		assert_int_equal(rests_s(&o, &now_ns), wanted_s[i]);
	/* After a long time without a give, and with none that follows a take, it begins anew. */
	now_ns += 20 * 300 * S + S;
	mem_orders_answered(&o, &g, 1100 * MIB, MEM_HEARD, now_ns);
	look(&o, &g, 1100 * MIB, now_ns + MEM_REST_NS - 1);
	assert_true(g.given);
	look(&o, &g, 1100 * MIB, now_ns + MEM_REST_NS);
	assert_false(g.given);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(someone_elses_order_ends_ours),
	        cmocka_unit_test(a_balloon_that_grows_by_itself_comes_back_to_what_stands),
	        cmocka_unit_test(a_balloon_that_is_empty_keeps_all_and_is_held_until_it_is_back),
	        cmocka_unit_test(what_rests_above_its_order_after_a_reboot_is_perhaps_its_owners),
	        cmocka_unit_test(what_was_ordered_stands_when_a_guest_is_back),
	        cmocka_unit_test(a_take_is_called_off_by_what_the_guest_has_or_had),
	        cmocka_unit_test(a_guest_that_is_given_what_was_taken_rests_ever_longer),
	};

	return check_all(tests);
}
