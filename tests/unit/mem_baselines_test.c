/* mem_baselines_test - each baseline orders what its published rule says, to the MiB, and what it must not touch stays */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/mem_planners.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

/* Three guests of 2 GiB at most and 200 MiB at least; sizes in MiB. */
struct row {
	const char *what, *policy;
	unsigned available; /* of a host of 10,000 */
	unsigned actual[3], unused[3], share[3];
	unsigned to[3];
};

#define ALIKE                    \
	{                        \
		1000, 1000, 1000 \
	}

/* clang-format off: a row is a line */
static const struct row rows[] = {
        {"none does nothing",
         "none",
         5000,
         {512, 512, 512},
         {10, 400, 900},
         ALIKE,
         {512, 512, 512}},
        /* 100 MB are 95.4 MiB, 300 MB 286.1 */
        {"step: up, down, and nothing in between",
         "step",
         5000,
         {512, 512, 512},
         {95, 287, 200},
         ALIKE,
         {607, 416, 512}},
        {"step: just outside the limits",
         "step",
         5000,
         {512, 512, 512},
         {96, 286, 96},
         ALIKE,
         {512, 512, 512}},
        {"step: not beyond the maximum, nor below the minimum",
         "step",
         5000,
         {2000, 250, 2048},
         {50, 300, 50},
         ALIKE,
         {2048, 200, 2048}},
        {"step: the host has for one",
         "step",
         300,
         {512, 512, 512},
         {50, 50, 50},
         ALIKE,
         {607, 512, 512}},
        {"step: the host has nothing",
         "step",
         250,
         {512, 512, 512},
         {50, 50, 50},
         ALIKE,
         {512, 512, 512}},
        /* at least what is used and 20 % of 2048: 409.6 */
        {"mom grows by 5 %",
         "mom",
         5000,
         {1000, 2000, 2048},
         {700, 1500, 1000},
         ALIKE,
         {1050, 2048, 2048}},
        {"mom grows to 20 % of the maximum free",
         "mom",
         5000,
         {1000, 600, 1000},
         {100, 500, 450},
         ALIKE,
         {1309, 630, 1050}},
        /* at 10 %: 0.2 x 0.1 / 0.2 of the balloon, 100 MiB of 1000 */
        {"mom shrinks by 5 % at most, and to what the pressure leaves",
         "mom",
         1000,
         {1000, 1000, 1000},
         {500, 120, 90},
         ALIKE,
         {950, 980, 1000}},
        {"mom leaves small changes",
         "mom",
         1000,
         {1000, 1000, 1000},
         {102, 103, 101},
         ALIKE,
         {1000, 997, 1000}},
        /* at 2 %: -3 % free, below what is used; but 5 % at a time */
        {"mom makes guests swap when the host is nearly out",
         "mom",
         200,
         {1000, 1000, 1000},
         {0, 10, 500},
         ALIKE,
         {970, 960, 950}},
        /* the goal is 2,010 MiB above 2,000 */
        {"proxmox leaves 10 MiB alone",
         "proxmox",
         2010,
         {512, 512, 512},
         {10, 10, 10},
         ALIKE,
         {512, 512, 512}},
        {"proxmox gives those that lack, 100 MiB at most",
         "proxmox",
         5000,
         {512, 512, 512},
         {10, 300, 20},
         ALIKE,
         {612, 512, 612}},
        {"proxmox gives all when nobody lacks",
         "proxmox",
         5000,
         {512, 512, 512},
         {300, 300, 300},
         ALIKE,
         {612, 612, 612}},
        /* what there is to give is shared: 90 MiB for three */
        {"proxmox divides",
         "proxmox",
         2090,
         {512, 512, 512},
         {300, 300, 300},
         ALIKE,
         {542, 542, 542}},
        {"proxmox takes from those that have, not those that lack",
         "proxmox",
         1000,
         {512, 512, 512},
         {300, 10, 300},
         ALIKE,
         {412, 512, 412}},
        {"proxmox goes by shares, and takes for that",
         "proxmox",
         2090,
         {500, 500, 500},
         {300, 300, 300},
         {2000, 1000, 1000},
         {600, 447, 447}},
        {"proxmox takes from all when all lack",
         "proxmox",
         1000,
         {512, 512, 512},
         {10, 10, 10},
         ALIKE,
         {412, 412, 412}},
};
/* clang-format on */

static struct mem_guest guest_of(const struct row *row, size_t i)
{
	return (struct mem_guest){.limits = {200 * MIB, UNKNOWN, {100 * MIB, 0}, row->share[i]},
	                          .actual_kib = row->actual[i] * MIB,
	                          .target_kib = row->actual[i] * MIB,
	                          .maximum_kib = 2048 * MIB,
	                          .rss_kib = row->actual[i] * MIB,
	                          .left_kib = (int64_t)(row->unused[i] * MIB),
	                          .unused_kib = (int64_t)(row->unused[i] * MIB),
	                          .ours = true,
	                          .running = true,
	                          .complete = true};
}

struct tick {
	struct mem_guest guests[3];
	struct mem_view view;
	struct mem_plan_state state;
	struct mem_order orders[3];
	struct fill_share shares[3];
	struct mem_choice choice;
};

static void set_up(struct tick *t, const struct row *row)
{
	size_t i;

	*t = (struct tick){.view = {t->guests, 3, 10000 * MIB, row->available * MIB}};
	for (i = 0; i < 3; i++)
		t->guests[i] = guest_of(row, i);
}

static void decide(struct tick *t, const char *policy)
{
	mem_planner_find(policy)->plan(&mem_policy_default, &t->view, &t->state, t->orders,
	                               t->shares, &t->choice);
}

static void each_does_what_its_rule_says(void **state)
{
	struct tick t;
	size_t r, i;

	for (r = 0; r < NR(rows); r++) {
		set_up(&t, &rows[r]);
		decide(&t, rows[r].policy);
		for (i = 0; i < 3; i++) {
			if (t.orders[i].target_kib / MIB != rows[r].to[i])
				fail_msg("%s: guest %zu is to have %llu MiB, not %u", rows[r].what,
				         i, (unsigned long long)(t.orders[i].target_kib / MIB),
				         rows[r].to[i]);
			assert_int_equal(t.orders[i].why != MEM_WHY_NONE,
			                 rows[r].to[i] != rows[r].actual[i]);
		}
	}
}

/* Whatever the host has, all are at the same part of their range; and that uses up what there is. */
static void squeezed_compresses_all_alike(void **state)
{
	static const unsigned availables[] = {600, 1500, 3000, 9000};
	struct row row = {.actual = {300, 800, 1500}, .share = ALIKE};
	struct tick t;
	uint64_t all;
	size_t a, i;

	for (a = 0; a < NR(availables); a++) {
		row.available = availables[a];
		set_up(&t, &row);
		t.guests[1].maximum_kib = 1024 * MIB;
		decide(&t, "squeezed");
		for (all = i = 0; i < 3; i++) {
			double part = (double)(t.orders[i].target_kib - 200 * MIB) /
			              (double)(t.guests[i].maximum_kib - 200 * MIB);
			double first = (double)(t.orders[0].target_kib - 200 * MIB) /
			               (double)(1848 * MIB);

			if (part < first - 0.01 || part > first + 0.01)
				fail_msg("%u: guest %zu at %g, not %g", row.available, i, part,
				         first);
			all += t.orders[i].target_kib;
		}
		if (row.available < 9000)
			assert_true(llabs((long long)all - (long long)(2600 * MIB) -
			                  t.choice.room_kib) < (long long)(12 * MIB));
		else
			assert_int_equal(all / MIB, 2048 + 1024 + 2048);
	}
}

/* Not ours, paused, never reported: nobody orders these anything. And without a word of the host nobody orders at all. */
static void what_must_not_be_touched_stays(void **state)
{
	static const struct row row = {
	        .available = 200, .actual = {1000, 1000, 1000}, .share = ALIKE};
	const struct mem_planner_row *p;
	struct tick t;
	size_t i;

	for (p = mem_planners; p->name; p++) {
		set_up(&t, &row);
		t.guests[0].ours = t.guests[1].running = t.guests[2].complete = false;
		decide(&t, p->name);
		for (i = 0; i < 3; i++)
			assert_int_equal(t.orders[i].why, MEM_WHY_NONE);
		set_up(&t, &row);
		t.view.available_kib = UNKNOWN;
		decide(&t, p->name);
		for (i = 0; i < 3; i++)
			assert_int_equal(t.orders[i].why, MEM_WHY_NONE);
	}
	assert_null(mem_planner_find("fastest"));
	assert_ptr_equal(mem_planners[0].plan, mem_plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_does_what_its_rule_says),
	        cmocka_unit_test(squeezed_compresses_all_alike),
	        cmocka_unit_test(what_must_not_be_touched_stays),
	};

	return check_all(tests);
}
