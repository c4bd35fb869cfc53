/* cpu_estimate_test - what the estimator makes of samples: rates, floating and squeezed vCPUs, what comes and goes */
#include <math.h>
#include <string.h>

#include "tests/unit/check.h"
#include "tests/unit/tiny_host.h"

static bool all(const void *data, const struct sample_guest *guest)
{
	return true;
}

static const struct cpu_scope everything = {NULL, all, NULL};

static void update(struct tiny_host *h, const struct cpu_scope *scope, bool rebase)
{
	struct error e;

	if (cpu_estimate_update(&h->estimate, &h->sample, scope, rebase, &e) < 0)
		fail_msg("%s", e.text);
}

/* Two pCPUs, `vcpus` guests on pCPU `on`, and a plan that leaves them there. */
static void stand_still(struct tiny_host *h, size_t vcpus, int on)
{
	size_t i;

	tiny_init(h, 2, vcpus);
	for (i = 0; i < vcpus; i++)
		h->on[i] = on;
	h->policy.balance_pm = 1000; /* nothing is out of this band */
}

static void loads_are_what_was_run(void **state)
{
	struct tiny_host h;

	stand_still(&h, 3, 0);
	h.demand_pm[0] = 100;
	h.demand_pm[1] = 200;
	h.demand_pm[2] = 300;
	tiny_run(&h, 20);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - 100) < 3);
	assert_true(fabs(h.estimate.view.vcpus[1].load_pm - 200) < 3);
	assert_true(fabs(h.estimate.view.vcpus[2].load_pm - 300) < 3);
	assert_true(fabs(h.estimate.view.pcpus[0].other_pm) < 3);
	assert_true(fabs(h.estimate.view.pcpus[0].busy_pm - 600) < 5);
	assert_int_equal(h.estimate.view.vcpus[0].on, 0);
	assert_false(h.estimate.view.vcpus[2].squeezed);
	tiny_done(&h);
}

static void on_a_full_pcpu_those_that_want_more_are_squeezed(void **state)
{
	struct tiny_host h;

	stand_still(&h, 4, 0);
	h.demand_pm[0] = h.demand_pm[1] = h.demand_pm[2] = 600;
	h.demand_pm[3] = 50;
	tiny_run(&h, 10);
	assert_true(h.estimate.view.vcpus[0].squeezed);
	assert_true(h.estimate.view.vcpus[2].squeezed);
	assert_false(h.estimate.view.vcpus[3].squeezed);
	tiny_done(&h);
}

static void what_squeezed_ones_run_is_taken_as_equal(void **state)
{
	struct tiny_host h;

	stand_still(&h, 3, 0);
	h.demand_pm[0] = h.demand_pm[1] = h.demand_pm[2] = 600;
	tiny_run(&h, 2);
	h.run_ns[0] += 4e7; /* by chance one ran 40 ms more, and another less */
	h.run_ns[1] -= 4e7;
	tiny_run(&h, 1);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - h.estimate.view.vcpus[1].load_pm) <
	            0.01);
	tiny_done(&h);
}

/* Wants of squeezed ones: at least what they get, at most what the host has left; the middle is taken. */
static const struct {
	const char *name;
	size_t there, elsewhere; /* vCPUs on the full pCPU, and on the other of two */
	double elsewhere_pm;     /* what each of the latter wants */
	double load_pm;          /* of each squeezed one */
} squeezed[] = {
        {"half of the host is idle", 8, 0, 0, 187.5},
        {"the other pCPU has 200 left", 5, 4, 200, 220},
        {"nothing is left", 4, 4, 600, 250},
        {"two that could fill a pCPU each", 2, 0, 0, 750},
};

static void squeezed_ones_are_taken_to_want_half_of_what_is_idle(void **state)
{
	size_t i, k;

	for (k = 0; k < sizeof(squeezed) / sizeof(squeezed[0]); k++) {
		struct tiny_host h;
		double load;

		stand_still(&h, squeezed[k].there + squeezed[k].elsewhere, 0);
		for (i = 0; i < h.vcpus; i++) {
			h.on[i] = i >= squeezed[k].there;
			h.demand_pm[i] = i < squeezed[k].there ? 900 : squeezed[k].elsewhere_pm;
		}
		tiny_run(&h, 5);
		load = h.estimate.view.vcpus[0].load_pm;
		if (fabs(load - squeezed[k].load_pm) > 6)
			fail_msg("%s: %.1f pm, wanted %.1f", squeezed[k].name, load,
			         squeezed[k].load_pm);
		tiny_done(&h);
	}
}

/* The same vCPUs, fewer of them: what each gets now is the new least that it wants, not an outlier to be averaged. */
static void squeezed_less_they_want_at_least_what_they_get_now(void **state)
{
	struct tiny_host h;

	stand_still(&h, 8, 0);
	for (size_t i = 0; i < 8; i++)
		h.demand_pm[i] = 400;
	tiny_run(&h, 10);
	h.on[5] = h.on[6] = h.on[7] = 1;
	h.demand_pm[5] = h.demand_pm[6] = h.demand_pm[7] = 333;
	tiny_run(&h, 1);
	assert_true(h.estimate.view.vcpus[0].squeezed);
	assert_true(h.estimate.view.vcpus[0].load_pm > 198);
	tiny_done(&h);
}

static void a_vcpu_alone_at_full_speed_is_not_squeezed(void **state)
{
	struct tiny_host h;

	stand_still(&h, 1, 0);
	h.demand_pm[0] = 1000;
	tiny_run(&h, 10);
	assert_false(h.estimate.view.vcpus[0].squeezed);
	tiny_done(&h);
}

static void set_free_it_is_learned_anew_at_once(void **state)
{
	struct tiny_host h;

	stand_still(&h, 2, 0);
	h.demand_pm[0] = h.demand_pm[1] = 900;
	tiny_run(&h, 20);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - 745) < 10);
	h.on[1] = 1;
	tiny_run(&h, 1);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - 900) < 15);
	tiny_done(&h);
}

static void crowded_it_is_still_believed_to_want_what_it_wanted(void **state)
{
	struct tiny_host h;

	stand_still(&h, 3, 0);
	h.on[1] = h.on[2] = 1;
	h.demand_pm[0] = 800;
	h.demand_pm[1] = h.demand_pm[2] = 450;
	tiny_run(&h, 20);
	h.on[1] = 0;
	h.on[2] = 0;
	tiny_run(&h, 5);
	assert_true(h.estimate.view.vcpus[0].load_pm > 700);
	tiny_done(&h);
}

/* A build beside four guests of 18 %: they ran 4 to 13 % in a second, and one was moved to where the build was. */
static void what_other_work_leaves_them_is_not_what_they_want(void **state)
{
	struct tiny_host h;
	size_t i;

	stand_still(&h, 4, 0);
	for (i = 0; i < 4; i++)
		h.demand_pm[i] = 180;
	tiny_run(&h, 20);
	h.other_pm[0] = 700;
	for (i = 0; i < 4; i++) {
		h.run_ns[0] += 3.5e7; /* by chance */
		h.run_ns[1] -= 3.5e7;
		tiny_run(&h, 1);
	}
	for (i = 0; i < 4; i++)
		assert_true(h.estimate.view.vcpus[i].load_pm > 170);
	tiny_done(&h);
}

static void floating_ones_belong_to_no_pcpu(void **state)
{
	struct tiny_host h;

	stand_still(&h, 2, -1);
	h.demand_pm[0] = 300;
	h.demand_pm[1] = 10;
	tiny_run(&h, 1);
	assert_int_equal(h.estimate.view.vcpus[0].on, VIEW_FLOATS);
	tiny_done(&h);
}

/* ---- on samples made by hand ---- */

static void one_guest(struct tiny_host *h, uint32_t instance, uint64_t run_ns, const char *affinity,
                      uint64_t at_s)
{
	struct sample *s = &h->sample;
	uint8_t uuid[UUID_BYTES] = {1};
	struct sample_vcpu *v;
	unsigned p;

	sample_clear(s);
	s->begin_ns = s->end_ns = at_s * 1000000000;
	for (p = 0; p < 4; p++) {
		sample_add_pcpu(s, p)->idle_ns = at_s * 1000000000;
		cpuset_add(&s->online, p);
	}
	s->usable = s->online;
	sample_add_guest(s, uuid, "guest")->instance = instance;
	v = sample_add_vcpu(s, 0);
	v->run_ns = run_ns;
	cpuset_parse(affinity, &v->affinity);
}

static void a_counter_that_starts_anew_gives_no_rate(void **state)
{
	struct tiny_host h;

	tiny_init(&h, 4, 1);
	one_guest(&h, 1, 5000000000, "0", 1);
	update(&h, &everything, false);
	one_guest(&h, 2, 6000000000, "0",
	          2); /* another start, with a counter that happens to be larger */
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.vcpus[0].samples, 0);
	one_guest(&h, 2, 10000000, "0", 3);
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.vcpus[0].samples, 0);
	one_guest(&h, 2, 510000000, "0", 4);
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.vcpus[0].samples, 1);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - 500) < 1);
	tiny_done(&h);
}

static void a_gap_gives_no_rate(void **state)
{
	struct tiny_host h;

	tiny_init(&h, 4, 1);
	one_guest(&h, 1, 0, "0", 1);
	update(&h, &everything, false);
	one_guest(&h, 1, 9000000000, "0", 1000);
	update(&h, &everything, true);
	assert_int_equal(h.estimate.view.vcpus[0].samples, 0);
	one_guest(&h, 1, 9300000000, "0", 1001);
	update(&h, &everything, false);
	assert_true(fabs(h.estimate.view.vcpus[0].load_pm - 300) < 1);
	tiny_done(&h);
}

static const struct {
	const char *affinity, *cpus; /* cpus: what --cpus says */
	int32_t on;
	const char *allowed;
} places[] = {
        {"2", "-", 2, "0-3"},
        {"0-3", "-", VIEW_FLOATS, "0-3"},
        {"1-2", "-", VIEW_FLOATS, "1-2"}, /* narrowed by someone: a limit */
        {"2", "2-3", 0, "2-3"},
        {"0", "2-3", VIEW_OUTSIDE, "2-3"},
        {"0-3", "2-3", VIEW_FLOATS, "2-3"},
};

static void an_affinity_tells_place_and_limit(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct tiny_host h;
		struct cpuset cpus;
		struct cpu_scope scope = {*places[i].cpus == '-' ? NULL : &cpus, all, NULL};
		const struct view_vcpu *v;
		char text[CPUSET_TEXT];

		cpuset_parse(places[i].cpus, &cpus);
		tiny_init(&h, 4, 1);
		one_guest(&h, 1, 0, places[i].affinity, 1);
		update(&h, &scope, false);
		v = &h.estimate.view.vcpus[0];
		if (v->on != places[i].on ||
		    strcmp(cpuset_text(&v->allowed, text, sizeof(text)), places[i].allowed) != 0)
			fail_msg("%s, --cpus %s: on %d, allowed %s", places[i].affinity,
			         places[i].cpus, v->on, text);
		tiny_done(&h);
	}
}

static void a_pcpu_that_goes_offline_is_forgotten_and_comes_back_new(void **state)
{
	struct tiny_host h;

	tiny_init(&h, 4, 1);
	one_guest(&h, 1, 0, "3", 1);
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.nr_pcpus, 4);
	one_guest(&h, 1, 0, "3", 2);
	cpuset_remove(&h.sample.online, 1);
	cpuset_remove(&h.sample.usable, 1);
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.nr_pcpus, 3);
	assert_int_equal(h.estimate.view.pcpus[1].pcpu, 2);
	assert_int_equal(h.estimate.view.vcpus[0].on, 2);
	one_guest(&h, 1, 0, "3", 3);
	update(&h, &everything, false);
	assert_int_equal(h.estimate.view.nr_pcpus, 4);
	assert_int_equal(h.estimate.view.vcpus[0].on, 3);
	tiny_done(&h);
}

static void a_paused_guest_is_not_ours_to_move(void **state)
{
	struct tiny_host h;

	tiny_init(&h, 4, 1);
	one_guest(&h, 1, 0, "3", 1);
	h.sample.guests[0].state = GUEST_PAUSED;
	update(&h, &everything, false);
	assert_false(h.estimate.view.vcpus[0].managed);
	tiny_done(&h);
}

/* In how many of so many ticks the loads are known to be others. */
static unsigned steps_in(struct tiny_host *h, unsigned ticks)
{
	unsigned n = 0;

	while (ticks--) {
		tiny_run(h, 1);
		n += h->estimate.view.stepped;
	}
	return n;
}

/* A step counts once, when it has stayed; one that passes does not; what comes slowly does; nor does what is near. */
static void a_load_is_another_one_when_it_stays(void **state)
{
	struct tiny_host h;
	unsigned t, slow = 0;

	stand_still(&h, 3, 0);
	h.demand_pm[0] = h.demand_pm[1] = h.demand_pm[2] = 100;
	tiny_run(&h, 2);
	assert_int_equal(steps_in(&h, 60), 0);
	h.demand_pm[1] = 300;
	assert_int_equal(steps_in(&h, 18), 0);
	assert_int_equal(steps_in(&h, 60), 1);
	h.demand_pm[1] = 100;
	assert_int_equal(steps_in(&h, 15), 0);
	h.demand_pm[1] = 300; /* it is back before it counts */
	assert_int_equal(steps_in(&h, 60), 0);
	h.demand_pm[1] = 350;
	assert_int_equal(steps_in(&h, 60), 0);
	for (t = 0; t < 150; t++) {
		h.demand_pm[2] += 1;
		slow += steps_in(&h, 1);
	}
	assert_int_equal(slow + steps_in(&h, 60), 1);
	tiny_done(&h);
}

/* What a move makes of the loads beside it is not theirs. */
static void what_follows_a_move_is_its_doing(void **state)
{
	struct tiny_host h;

	stand_still(&h, 3, 0);
	h.demand_pm[0] = h.demand_pm[1] = h.demand_pm[2] = 200;
	tiny_run(&h, 60);
	cpu_estimate_moved(&h.estimate, 0);
	h.demand_pm[1] = 400;
	assert_int_equal(steps_in(&h, 100), 0);
	h.demand_pm[1] = 200; /* of itself */
	assert_int_equal(steps_in(&h, 100), 1);
	tiny_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_load_is_another_one_when_it_stays),
	        cmocka_unit_test(what_follows_a_move_is_its_doing),
	        cmocka_unit_test(loads_are_what_was_run),
	        cmocka_unit_test(on_a_full_pcpu_those_that_want_more_are_squeezed),
	        cmocka_unit_test(what_squeezed_ones_run_is_taken_as_equal),
	        cmocka_unit_test(squeezed_ones_are_taken_to_want_half_of_what_is_idle),
	        cmocka_unit_test(squeezed_less_they_want_at_least_what_they_get_now),
	        cmocka_unit_test(a_vcpu_alone_at_full_speed_is_not_squeezed),
	        cmocka_unit_test(set_free_it_is_learned_anew_at_once),
	        cmocka_unit_test(crowded_it_is_still_believed_to_want_what_it_wanted),
	        cmocka_unit_test(what_other_work_leaves_them_is_not_what_they_want),
	        cmocka_unit_test(floating_ones_belong_to_no_pcpu),
	        cmocka_unit_test(a_counter_that_starts_anew_gives_no_rate),
	        cmocka_unit_test(a_gap_gives_no_rate),
	        cmocka_unit_test(an_affinity_tells_place_and_limit),
	        cmocka_unit_test(a_pcpu_that_goes_offline_is_forgotten_and_comes_back_new),
	        cmocka_unit_test(a_paused_guest_is_not_ours_to_move),
	};

	return check_all(tests);
}
