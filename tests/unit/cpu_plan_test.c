/* cpu_plan_test - the CPU law in a closed loop: what moves, when, and that it stops */
#include <math.h>
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/tiny_host.h"

#define FLOATS -1

/* The placements that everybody tries first, and what else must hold. Vectors repeat: the last value given goes on. */
struct case_row {
	const char *name;
	size_t pcpus, vcpus;
	double even_pm, odd_pm; /* demand of every other vCPU */
	int from;               /* all there, or: */
	bool spread;            /* vCPU i on pCPU i mod P */
	double noise, interval_s;
	unsigned least, most; /* changes */
	unsigned last_tick;   /* no change after it */
	double spread_pm;     /* at the end */
};

static const struct case_row cases[] = {
        {"spread evenly: nothing moves", 2, 8, 180, 180, .spread = true, .spread_pm = 1},
        {"eight on one of two: four move at once", 2, 8, 180, 180, .from = 0, .least = 4, .most = 4,
         .last_tick = 1, .spread_pm = 1},
        {"eight on one of four: six move", 4, 8, 180, 180, .from = 0, .least = 6, .most = 6,
         .last_tick = 1, .spread_pm = 1},
        {"sixteen on one of eight: fourteen move", 8, 16, 180, 180, .from = 0, .least = 14,
         .most = 14, .last_tick = 1, .spread_pm = 1},
        {"floating, equal: each pinned once", 2, 8, 180, 180, .from = FLOATS, .least = 8, .most = 8,
         .last_tick = 2, .spread_pm = 1},
        {"floating, heavy and light: each pinned once, mixed", 2, 8, 250, 90, .from = FLOATS,
         .least = 8, .most = 8, .last_tick = 2, .spread_pm = 10},
        {"floating, heavy and light on four", 4, 8, 250, 90, .from = FLOATS, .least = 8, .most = 8,
         .last_tick = 2, .spread_pm = 10},
        {"idle guests are left alone", 2, 8, 15, 15, .from = 0, .spread_pm = 1000},
        {"idle floating guests are left alone", 2, 8, 15, 15, .from = FLOATS, .spread_pm = 1000},
        {"10 % noise moves nothing", 2, 8, 180, 180, .spread = true, .noise = 0.1, .spread_pm = 1},
        {"20 % noise moves nothing", 2, 8, 180, 180, .spread = true, .noise = 0.2, .spread_pm = 1},
        {"20 % noise on four pCPUs moves nothing", 4, 8, 400, 400, .spread = true, .noise = 0.2,
         .spread_pm = 1},
        {"eight on one of two with 20 % noise: four move, no more", 2, 8, 180, 180, .from = 0,
         .noise = 0.2, .least = 4, .most = 4, .last_tick = 1, .spread_pm = 1},
        {"at half a second as well", 2, 8, 180, 180, .from = 0, .interval_s = 0.5, .least = 4,
         .most = 4, .last_tick = 1, .spread_pm = 1},
        {"at five seconds as well", 2, 8, 180, 180, .from = 0, .interval_s = 5, .least = 4,
         .most = 4, .last_tick = 1, .spread_pm = 1},
        {"three full vCPUs on two pCPUs are left to the kernel", 2, 3, 1000, 1000, .from = FLOATS,
         .spread_pm = 1000},
};

static void set_up(struct tiny_host *h, const struct case_row *c)
{
	size_t i;

	tiny_init(h, c->pcpus, c->vcpus);
	h->noise = c->noise;
	h->interval_s = c->interval_s ? c->interval_s : 1;
	for (i = 0; i < c->vcpus; i++) {
		h->demand_pm[i] = i % 2 ? c->odd_pm : c->even_pm;
		h->on[i] = c->spread ? (int)(i % c->pcpus) : c->from;
	}
}

static void cases_end_as_they_must(void **state)
{
	size_t i, v;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct case_row *c = &cases[i];
		struct tiny_host h;

		set_up(&h, c);
		tiny_run(&h, 600);
		if (h.changes < c->least || h.changes > c->most ||
		    h.last_change_tick > c->last_tick || h.spread_pm > c->spread_pm)
			fail_msg("%s: %u changes, the last in tick %u, spread %.1f pm", c->name,
			         h.changes, h.last_change_tick, h.spread_pm);
		for (v = 0; v < c->vcpus; v++)
			if (h.changes_of[v] > 1)
				fail_msg("%s: vCPU %zu moved %u times", c->name, v,
				         h.changes_of[v]);
		tiny_done(&h);
	}
}

/* Changes on two pCPUs of eight that float, and pinned ones on pCPU 0 of a total of pinned_pm. */
static unsigned changes_beside_floating(bool leave, double pinned_pm, unsigned *last_tick)
{
	struct tiny_host h;
	unsigned changes, i;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 12, .even_pm = 80, .odd_pm = 40, .from = FLOATS});
	h.policy.leave_floating = leave;
	for (i = 8; i < 12; i++) {
		h.on[i] = 0;
		h.demand_pm[i] = pinned_pm / 4;
	}
	tiny_run(&h, 600);
	changes = h.changes;
	*last_tick = h.last_change_tick;
	if (h.spread_pm > 50)
		fail_msg("%.0f pm pinned, leave %d: spread %.1f", pinned_pm, leave, h.spread_pm);
	tiny_done(&h);
	return changes;
}

/* Those that float run on both alike here, so that what is pinned decides: 60 pm are within the limit, 900 are not. */
static void floating_ones_may_be_left_to_the_kernel_while_it_holds_the_limit(void **state)
{
	unsigned last;

	assert_int_equal(changes_beside_floating(true, 60, &last), 0);
	assert_in_range(changes_beside_floating(true, 900, &last), 8, 12);
	assert_in_range(last, 1, 3);
	/* control */
	assert_int_equal(changes_beside_floating(false, 60, &last), 8);
}

/* So few of them that no pCPU can be like the others: pinned they are as uneven. */
static void floating_ones_that_pins_would_not_even_out_are_left_to_the_kernel(void **state)
{
	static const struct {
		size_t vcpus;
		double demand_pm;
	} table[] = {{1, 1000}, {3, 600}};
	unsigned i, leave;

	for (i = 0; i < 2; i++)
		for (leave = 0; leave < 2; leave++) {
			struct tiny_host h;

			set_up(&h, &(struct case_row){.pcpus = 4,
			                              .vcpus = table[i].vcpus,
			                              .even_pm = table[i].demand_pm,
			                              .odd_pm = table[i].demand_pm,
			                              .from = FLOATS});
			h.floats_whole = true;
			h.policy.leave_floating = leave;
			tiny_run(&h, 200); /* not before it has lasted */
			if ((h.changes == 0) != leave)
				fail_msg("%zu of %.0f pm, leave %u: %u changes", table[i].vcpus,
				         table[i].demand_pm, leave, h.changes);
			tiny_done(&h);
		}
}

/* Also when acts by what came before it were tried often enough. */
static void a_step_that_fills_its_pcpu_is_answered(void **state)
{
	struct tiny_host h;
	unsigned t;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 160, .odd_pm = 160, .spread = true});
	for (t = 0; t < 640; t++) {
		h.demand_pm[0] = t > 3 && t < 24 && t / 3 % 2 ? 660 : 160;
		h.demand_pm[7] = t < 600 ? 160 : 700;
		tiny_tick(&h);
	}
	assert_true(h.changes >= 4); /* there was something to try */
	assert_true(h.spread_pm <= 60);
	tiny_done(&h);
}

/* An hour at 1 s of a steady load with 20 % noise: what others move hundreds of times. */
static void an_hour_of_noise_moves_hardly_anything(void **state)
{
	unsigned seed;

	for (seed = 1; seed <= 10; seed++) {
		struct tiny_host h;

		set_up(&h, &(struct case_row){.pcpus = 4,
		                              .vcpus = 16,
		                              .even_pm = 240,
		                              .odd_pm = 90,
		                              .from = FLOATS,
		                              .noise = 0.2});
		h.seed = seed;
		tiny_run(&h, 60);
		assert_int_equal(h.changes, 16);
		tiny_run(&h, 3600);
		if (h.changes > 16 + 2 || h.spread_pm > 50)
			fail_msg("seed %u: %u changes in an hour, spread %.1f", seed,
			         h.changes - 16, h.spread_pm);
		tiny_done(&h);
	}
}

static void a_real_step_is_answered_within_three_ticks(void **state)
{
	struct tiny_host h;
	size_t i;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 90, .odd_pm = 90, .from = FLOATS});
	tiny_run(&h, 30);
	assert_int_equal(h.changes, 8);
	for (i = 0; i < h.vcpus; i++)
		if (h.on[i] == 0)
			h.demand_pm[i] = 250;
	tiny_run(&h, 4);
	assert_in_range(h.changes, 8 + 2, 8 + 4);
	assert_true(h.spread_pm <= 50);
	tiny_run(&h, 600);
	assert_in_range(h.changes, 8 + 2, 8 + 4);
	tiny_done(&h);
}

static void an_imbalance_that_cannot_be_mended_is_left_alone(void **state)
{
	struct tiny_host h;

	tiny_init(&h, 2, 3);
	h.demand_pm[0] = 900;
	h.demand_pm[1] = h.demand_pm[2] = 100;
	h.on[1] = h.on[2] = 1;
	tiny_run(&h, 300);
	assert_int_equal(h.changes, 0);
	assert_int_equal(h.choice.verdict, VERDICT_HOLD);
	assert_int_equal(h.choice.why, WHY_NOT_BETTER);
	tiny_done(&h);
}

/*
 * What happened on real guests: programs that start made 15 % of load on the empty pCPU in the first interval only, and
 * three of eight were moved where four must.
 */
static void a_passing_load_of_others_does_not_mislead_the_first_plan(void **state)
{
	struct tiny_host h;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 180, .odd_pm = 180, .from = 0});
	h.other_pm[1] = 150;
	tiny_run(&h, 2);
	assert_int_equal(h.changes, 4);
	h.other_pm[1] = 20;
	tiny_run(&h, 60);
	assert_int_equal(h.changes, 4);
	tiny_done(&h);
}

/* Twice as much of it does mislead: what stays full beside an idle pCPU is mended in the next tick, noise or not. */
static void a_first_plan_that_moved_too_few_is_completed_at_once(void **state)
{
	struct tiny_host h;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 200, .odd_pm = 200, .from = 0});
	h.other_pm[1] = 320;
	tiny_run(&h, 2);
	assert_int_equal(h.changes, 3);
	h.other_pm[1] = 20;
	tiny_run(&h, 1);
	assert_int_equal(h.changes, 4);
	tiny_run(&h, 60);
	assert_int_equal(h.changes, 4);
	tiny_done(&h);
}

/*
 * On real guests the threads of QEMU that are no vCPUs ran on the pCPU that had room. Counted as bound to it, they made
 * the fourth move look like no gain. (From 260 on three moves leave the pCPUs within the limit.)
 */
static void others_that_run_where_there_is_room_do_not_keep_vcpus_away(void **state)
{
	double floating;

	for (floating = 0; floating <= 250; floating += 10) {
		struct tiny_host h;

		set_up(&h,
		       &(struct case_row){
		               .pcpus = 2, .vcpus = 8, .even_pm = 190, .odd_pm = 190, .from = 0});
		h.floating_pm = floating;
		tiny_run(&h, 120);
		if (h.changes > 4 || h.last_change_tick > 3 || h.spread_pm > floating / 2)
			fail_msg("%.0f pm float: %u changes, the last in tick %u, spread %.0f",
			         floating, h.changes, h.last_change_tick, h.spread_pm);
		tiny_done(&h);
	}
}

/*
 * A random host on which the least spread is 5.7 points, and 4.5 if the load of others made way. It does not. Changes in
 * ten minutes; `forgetful`: what came is held against the hope alone.
 */
static unsigned hope_in_vain(bool forgetful)
{
	static const double demand_pm[] = {161, 500, 477, 430, 192, 493,
	                                   65,  404, 272, 35,  145, 190};
	static const double other_pm[] = {29, 43, 44, 31, 53, 39, 52, 26};
	static const int on[] = {0, 2, 6, 7, 3, 4, 5, 1, 5, 0, 3, 0};
	struct tiny_host h;
	size_t i;

	tiny_init(&h, 8, 12);
	h.policy.laws.end_tries = !forgetful;
	for (i = 0; i < h.pcpus; i++)
		h.other_pm[i] = other_pm[i];
	for (i = 0; i < h.vcpus; i++) {
		h.demand_pm[i] = demand_pm[i];
		h.on[i] = on[i];
	}
	for (i = 0; i < 600; i++) {
		if (forgetful)
			h.state.if_others_stay_pm = 0;
		tiny_tick(&h);
	}
	tiny_done(&h);
	return h.changes;
}

static void a_hope_that_others_make_way_is_given_up(void **state)
{
	assert_in_range(hope_in_vain(false), 1, 12);
	/* Negative control. */
	assert_in_range(hope_in_vain(true), 100, 10000);
}

/* Half of 32 guests turn heavy, and sit together: changes then, and how even it is. */
static unsigned half_turn_heavy(double noise, double *spread_pm)
{
	struct tiny_host h;
	unsigned changes;
	size_t i;

	set_up(&h, &(struct case_row){.pcpus = 16,
	                              .vcpus = 32,
	                              .even_pm = 90,
	                              .odd_pm = 90,
	                              .spread = true,
	                              .noise = noise});
	tiny_run(&h, 60);
	for (i = 0; i < h.vcpus; i += 2)
		h.demand_pm[i] = 250;
	tiny_run(&h, 30);
	changes = h.changes;
	*spread_pm = h.spread_pm;
	tiny_done(&h);
	return changes;
}

/* 14 changes lead to 45 pm, just within the limit; 15 to 32; 16 to perfect evenness. */
static void perfect_evenness_is_not_worth_two_changes(void **state)
{
	double spread_pm;

	assert_int_equal(half_turn_heavy(0, &spread_pm), 15);
	assert_in_range((unsigned)spread_pm, 31, 33);
	/* Readings that scatter would be beyond the limit so; then it is. */
	assert_int_equal(half_turn_heavy(0.2, &spread_pm), 16);
	assert_in_range((unsigned)spread_pm, 0, 1);
}

static void the_users_pins_are_not_touched(void **state)
{
	struct tiny_host h;
	size_t i;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 180, .odd_pm = 180, .from = 0});
	for (i = 0; i < 4; i++)
		h.user_pins[i] = true;
	tiny_run(&h, 30);
	for (i = 0; i < 4; i++)
		assert_int_equal(h.on[i], 0);
	assert_int_equal(h.changes, 4); /* the four that are ours make room */
	tiny_done(&h);
}

static void vcpus_of_one_guest_are_kept_apart(void **state)
{
	struct tiny_host h;
	size_t i;

	set_up(&h, &(struct case_row){
	                   .pcpus = 4, .vcpus = 8, .even_pm = 300, .odd_pm = 200, .from = FLOATS});
	h.per_guest = 4;
	tiny_run(&h, 30);
	for (i = 0; i < 8; i++)
		assert_int_not_equal(h.on[i], h.on[i / 4 * 4 + (i + 1) % 4]);
	assert_true(h.spread_pm <= 50);
	tiny_done(&h);
}

/* A square wave faster than the interval looks like noise; one of 20 ticks may be followed, but not for ever. */
static void square_waves_are_not_chased(void **state)
{
	static const unsigned half_periods[] = {1, 2, 3, 10};
	size_t k;

	for (k = 0; k < sizeof(half_periods) / sizeof(half_periods[0]); k++) {
		struct tiny_host h;
		unsigned t;

		set_up(&h, &(struct case_row){.pcpus = 2,
		                              .vcpus = 8,
		                              .even_pm = 180,
		                              .odd_pm = 180,
		                              .spread = true});
		for (t = 0; t < 1200; t++) {
			bool high = t / half_periods[k] % 2;

			h.demand_pm[0] = h.demand_pm[2] = high ? 300 : 60;
			tiny_tick(&h);
		}
		print_message("# half period of %u ticks: %u changes in 1200\n", half_periods[k],
		              h.changes);
		assert_in_range(h.changes, 0, 40);
		tiny_done(&h);
	}
}

static void nothing_is_decided_without_samples(void **state)
{
	struct tiny_host h;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 180, .odd_pm = 180, .from = 0});
	tiny_tick(&h);
	assert_int_equal(h.choice.verdict, VERDICT_WATCH);
	tiny_done(&h);
}

static void a_vcpu_rests_after_a_move(void **state)
{
	struct tiny_host h;

	set_up(&h, &(struct case_row){
	                   .pcpus = 2, .vcpus = 8, .even_pm = 180, .odd_pm = 180, .from = 0});
	h.policy.dwell_ticks = 20;
	tiny_run(&h, 4);
	assert_int_equal(h.changes, 4);
	/* 8 points off: not gross, so those that moved rest. The other four never moved and may go. */
	for (size_t i = 0; i < 8; i++)
		if (h.on[i] == 1)
			h.demand_pm[i] = 220;
	tiny_run(&h, 10);
	for (size_t i = 0; i < 8; i++)
		assert_true(h.changes_of[i] <= 1);
	tiny_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(cases_end_as_they_must),
	        cmocka_unit_test(floating_ones_may_be_left_to_the_kernel_while_it_holds_the_limit),
	        cmocka_unit_test(floating_ones_that_pins_would_not_even_out_are_left_to_the_kernel),
	        cmocka_unit_test(a_step_that_fills_its_pcpu_is_answered),
	        cmocka_unit_test(an_hour_of_noise_moves_hardly_anything),
	        cmocka_unit_test(a_real_step_is_answered_within_three_ticks),
	        cmocka_unit_test(an_imbalance_that_cannot_be_mended_is_left_alone),
	        cmocka_unit_test(a_passing_load_of_others_does_not_mislead_the_first_plan),
	        cmocka_unit_test(a_first_plan_that_moved_too_few_is_completed_at_once),
	        cmocka_unit_test(others_that_run_where_there_is_room_do_not_keep_vcpus_away),
	        cmocka_unit_test(a_hope_that_others_make_way_is_given_up),
	        cmocka_unit_test(perfect_evenness_is_not_worth_two_changes),
	        cmocka_unit_test(the_users_pins_are_not_touched),
	        cmocka_unit_test(vcpus_of_one_guest_are_kept_apart),
	        cmocka_unit_test(square_waves_are_not_chased),
	        cmocka_unit_test(nothing_is_decided_without_samples),
	        cmocka_unit_test(a_vcpu_rests_after_a_move),
	};

	return check_all(tests);
}
