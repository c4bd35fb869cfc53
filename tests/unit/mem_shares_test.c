/* mem_shares_test - what guests get of what there is: by shares, of many others, and of large ones */
#include <stdlib.h>

#include "balancer/mem_plan.h"
#include "tests/unit/check.h"

/* Of two guests that need 60 MiB each; KiB are MiB here where not said otherwise. */
struct row {
	const char *what;
	unsigned share[2];
	uint64_t actual[2];
	double fills[2]; /* MiB/s */
	uint64_t pool;
	uint64_t target[2]; /* as it must be ordered */
	enum mem_reason why;
};

#define NEED 60

static const struct row rows[] = {
        {"alike: both get what they need",
         {1000, 1000},
         {800, 800},
         {0, 0},
         2400,
         {860, 860},
         MEM_ORDERS},
        {"alike, one fills: the same",
         {1000, 1000},
         {800, 800},
         {0, 18},
         2400,
         {860, 860},
         MEM_ORDERS},
        {"the smaller has its share, the larger fills: it waits",
         {1000, 2000},
         {800, 1000},
         {0, 18},
         2400,
         {800, 1060},
         MEM_ORDERS},
        {"the smaller lacks a bit of its share: it gets that",
         {1000, 2000},
         {780, 1000},
         {0, 18},
         2400,
         {800, 1060},
         MEM_ORDERS},
        {"the larger does not fill: nothing is kept for it",
         {1000, 2000},
         {800, 1000},
         {18, 0},
         2400,
         {860, 1060},
         MEM_ORDERS},
        {"there is enough for both maximums: nothing is kept",
         {1000, 2000},
         {800, 1000},
         {18, 18},
         4096,
         {860, 1060},
         MEM_ORDERS},
        {"the larger cannot have more than its maximum",
         {1000, 9000},
         {800, 2000},
         {18, 18},
         3000,
         {860, 2048},
         MEM_ORDERS},
};

static struct mem_guest guest_of(const struct row *row, size_t i)
{
	return (struct mem_guest){.limits = {0, UNKNOWN, {100 * MIB, 0}, row->share[i]},
	                          .actual_kib = row->actual[i] * MIB,
	                          .target_kib = row->actual[i] * MIB,
	                          .maximum_kib = 2048 * MIB,
	                          .rss_kib = row->actual[i] * MIB,
	                          .growth_kib_s = row->fills[i] * (double)MIB,
	                          .ours = true,
	                          .running = true,
	                          .complete = true,
	                          .recent = true,
	                          .fresh = true,
	                          .reports = MEM_REPORTS};
}

/* Growth asks for a lead: what is left is made so that the need is 60 MiB with it. */
static void leave(const struct mem_policy *policy, struct mem_guest *g)
{
	double s = (double)(policy->interval_ns + MEM_EFFECT_NS) / 1e9;

	g->left_kib = (int64_t)((100.0 - NEED) * MIB + MEM_LEAD_MARGIN * g->growth_kib_s * s);
}

static void decide(const struct row *row, bool stuck, struct mem_order orders[2],
                   struct mem_choice *choice)
{
	struct mem_policy policy = mem_policy_default;
	struct mem_guest guests[2] = {guest_of(row, 0), guest_of(row, 1)};
	struct mem_view view = {guests, 2, 16384 * MIB, 12288 * MIB};
	struct mem_plan_state state = {0};
	struct fill_share shares[2];
	size_t i;

	policy.pool.kib = row->pool * MIB;
	for (i = 0; i < 2; i++)
		leave(&policy, &guests[i]);
	guests[1].stuck = stuck;
	mem_plan(&policy, &view, &state, orders, shares, choice);
}

static void room_is_kept_for_larger_shares_that_fill(void **state)
{
	struct mem_order orders[2];
	struct mem_choice choice;
	size_t r, i;

	for (r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		decide(&rows[r], false, orders, &choice);
		for (i = 0; i < 2; i++)
			if (llabs((long long)orders[i].target_kib -
			          (long long)(rows[r].target[i] * MIB)) > (long long)MIB)
				fail_msg("%s: guest %zu has %llu MiB", rows[r].what, i,
				         (unsigned long long)(orders[i].target_kib / MIB));
		assert_int_equal(choice.why, rows[r].why);
	}
}

/* One that waits for another says so; where that one could not take it, nobody waits. */
static void who_waits_says_why(void **state)
{
	struct row row = rows[2];
	struct mem_order orders[2];
	struct mem_choice choice;

	row.actual[1] = 1000;
	decide(&row, false, orders, &choice);
	assert_int_equal(choice.kept_kib, NEED * MIB);
	decide(&row, true, orders, &choice);
	assert_int_equal(choice.kept_kib, 0);
	assert_int_equal(orders[0].target_kib, 860 * MIB);
}

#define MANY 64

/* A guest that lies still, and has so much left of its balloon. */
static struct mem_guest idle_guest(uint64_t actual_kib, uint64_t left_kib)
{
	return (struct mem_guest){.state = MEMORY_OK,
	                          .ours = true,
	                          .running = true,
	                          .complete = true,
	                          .recent = true,
	                          .fresh = true,
	                          .actual_kib = actual_kib,
	                          .target_kib = actual_kib,
	                          .maximum_kib = 2 * actual_kib,
	                          .left_kib = (int64_t)left_kib,
	                          .peak_kib = (int64_t)(actual_kib - left_kib),
	                          .peak_busy_kib = (int64_t)(actual_kib - left_kib),
	                          .reports = MEM_REPORTS,
	                          .limits = {0, UNKNOWN, {100 * MIB, 0}, 1000}};
}

/*
 * One needs 25 MiB and the pool is used up; each of 64 others could do without 24 MiB. In proportion each would give less than
 * what is worth an order.
 */
static void many_that_could_give_a_little_feed_one(void **state)
{
	struct mem_policy policy = mem_policy_default;
	struct mem_guest guests[MANY + 1];
	struct mem_view view = {guests, MANY + 1, 64 * 1024 * MIB, 32 * 1024 * MIB};
	struct mem_plan_state plan_state = {0};
	struct mem_order orders[MANY + 1];
	struct fill_share shares[MANY + 1];
	struct mem_choice choice;
	uint64_t taken = 0;
	size_t i;

	for (i = 0; i < MANY; i++)
		guests[i] = idle_guest(363 * MIB, 199 * MIB);
	guests[MANY] = idle_guest(512 * MIB, 75 * MIB);
	policy.pool.kib = (MANY * 363 + 512) * MIB;
	mem_plan(&policy, &view, &plan_state, orders, shares, &choice);
	for (i = 0; i < MANY; i++)
		taken += guests[i].target_kib - orders[i].target_kib;
	assert_in_range(taken, 25 * MIB - MEM_DEAD_KIB, 25 * MIB + MEM_DEAD_KIB);
}

/* A whole cut is less than 0.25 % of 64 GiB. */
static void an_idle_guest_is_never_too_large_to_take_from(void **state)
{
	const struct mem_policy *policy = &mem_policy_default;
	struct mem_guest guest = idle_guest(64 * 1024 * MIB, 60 * 1024 * MIB);
	struct mem_view view = {&guest, 1, 256 * 1024 * MIB, 32 * 1024 * MIB};
	struct mem_plan_state plan_state = {0};
	struct fill_share share;
	struct mem_order order;
	struct mem_choice choice;

	mem_plan(policy, &view, &plan_state, &order, &share, &choice);
	assert_int_equal(guest.target_kib - order.target_kib, MEM_CUT_KIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(room_is_kept_for_larger_shares_that_fill),
	        cmocka_unit_test(who_waits_says_why),
	        cmocka_unit_test(many_that_could_give_a_little_feed_one),
	        cmocka_unit_test(an_idle_guest_is_never_too_large_to_take_from),
	};

	return check_all(tests);
}
