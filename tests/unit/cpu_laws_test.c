/* cpu_laws_test - each law of the plan kept, and switched off: what it is good for */
#include <math.h>
#include <stdlib.h>

#include "tests/unit/check.h"
#include "tests/unit/tiny_host.h"

static void set_up(struct tiny_host *h, const struct cpu_policy *policy, size_t pcpus, size_t vcpus,
                   double demand_pm)
{
	size_t i;

	tiny_init(h, pcpus, vcpus);
	h->policy = *policy;
	for (i = 0; i < vcpus; i++) {
		h->demand_pm[i] = demand_pm;
		h->on[i] = (int)(i % pcpus);
	}
}

/* ---- what happens to a host: each returns the number that the law keeps low ---- */

/* A vCPU wants twice as much for one interval, once a minute: changes in an hour. */
static unsigned short_blips(const struct cpu_policy *policy)
{
	struct tiny_host h;
	unsigned t;

	set_up(&h, policy, 2, 8, 180);
	h.demand_pm[1] = 100;
	h.demand_pm[3] = 260;
	for (t = 0; t < 3600; t++) {
		h.demand_pm[0] = t % 60 == 59 ? 400 : 180;
		tiny_tick(&h);
	}
	tiny_done(&h);
	return h.changes;
}

/* Three alike on two pCPUs, with 20 % noise: whichever is alone, nothing is gained. Changes in an hour. */
static unsigned three_alike_on_two(const struct cpu_policy *policy)
{
	struct tiny_host h;

	set_up(&h, policy, 2, 3, 400);
	h.noise = 0.2;
	tiny_run(&h, 3600);
	tiny_done(&h);
	return h.changes;
}

/* The pCPU that vCPUs were moved to turns out to be the busier one, always: changes in ten minutes. */
static unsigned predictions_that_fail(const struct cpu_policy *policy)
{
	struct tiny_host h;
	int busier = 0;
	unsigned t;
	size_t i;

	set_up(&h, policy, 2, 8, 100);
	for (t = 0; t < 600; t++) {
		for (i = 0; i < h.vcpus; i++)
			h.demand_pm[i] = h.on[i] == busier ? 240 : 100;
		tiny_tick(&h);
		if (h.choice.nr_moves)
			busier = h.moves[0].to;
	}
	tiny_done(&h);
	return h.changes;
}

/* The same, tried again and again. */
static unsigned predictions_that_always_fail(const struct cpu_policy *policy)
{
	struct cpu_policy without = *policy;

	without.laws.end_tries = without.laws.by_means = false;
	return predictions_that_fail(&without);
}

/* One that is too large for its share: how many ticks of 300 are spent on searching. */
static unsigned one_too_large(const struct cpu_policy *policy)
{
	struct tiny_host h;
	unsigned t, searches = 0;

	set_up(&h, policy, 2, 3, 100);
	h.demand_pm[0] = 900;
	h.on[2] = 1;
	for (t = 0; t < 300; t++) {
		tiny_tick(&h);
		searches += h.choice.steps > 0;
	}
	tiny_done(&h);
	return searches;
}

/* Those that have just been moved want more than before, with ten times the rest: how many move again within it. */
static unsigned more_after_a_move(const struct cpu_policy *policy)
{
	unsigned moved_at[TINY_MOST] = {0}, hasty = 0, t;
	struct tiny_host h;
	size_t i;

	set_up(&h, policy, 2, 8, 110);
	h.policy.dwell_ticks *= 10;
	for (i = 0; i < h.vcpus; i++)
		h.on[i] = 0;
	for (t = 1; t < 30; t++) {
		tiny_tick(&h);
		for (i = 0; i < h.choice.nr_moves; i++) {
			uint32_t v = h.moves[i].vcpu;

			hasty += moved_at[v] &&
			         t - moved_at[v] < 10 * cpu_policy_default.dwell_ticks;
			moved_at[v] = t;
			h.demand_pm[v] = 150;
		}
	}
	tiny_done(&h);
	return hasty;
}

/* Many light ones on one of two pCPUs; when they are spread, those that stayed want a little more: how often it acts. */
static unsigned a_little_more(const struct cpu_policy *policy)
{
	struct tiny_host h;
	unsigned t, acts = 0;
	size_t i;

	set_up(&h, policy, 2, 16, 50);
	for (i = 0; i < h.vcpus; i++)
		h.on[i] = 0;
	for (t = 0; t < 300; t++) {
		for (i = 0; i < h.vcpus && t == 60; i++)
			h.demand_pm[i] += h.on[i] ? 0 : 5;
		tiny_tick(&h);
		acts += h.choice.nr_moves > 0;
	}
	tiny_done(&h);
	return acts;
}

/* Three full vCPUs float on two pCPUs: the kernel gives each two thirds, pins would give two of them half. Changes. */
static unsigned three_full_on_two(const struct cpu_policy *policy)
{
	struct tiny_host h;
	size_t i;

	set_up(&h, policy, 2, 3, 1000);
	for (i = 0; i < h.vcpus; i++)
		h.on[i] = VIEW_FLOATS;
	tiny_run(&h, 300);
	tiny_done(&h);
	return h.changes;
}

/* One of eight wants four times as much for some ticks, every three minutes: in how many of the last ticks of an hour it is uneven. */
static unsigned bursts(const struct cpu_policy *policy)
{
	static const unsigned ticks[] = {1, 2, 3, 5, 8};
	unsigned length, t, uneven = 0;
	struct tiny_host h;

	for (length = 0; length < sizeof(ticks) / sizeof(ticks[0]); length++) {
		set_up(&h, policy, 2, 8, 160);
		for (t = 0; t < 3600; t++) {
			h.demand_pm[0] = t % 180 < 180 - ticks[length] ? 160 : 620;
			tiny_tick(&h);
			uneven += t >= 3000 && h.spread_pm > h.policy.balance_pm;
		}
		tiny_done(&h);
	}
	return uneven;
}

/* One of 15 wants twice as much every other half minute; in both another placement is best, and none within the limit: changes in an hour. */
static unsigned waves_out_of_the_limit(const struct cpu_policy *policy)
{
	struct tiny_host h;
	unsigned t;

	set_up(&h, policy, 6, 15, 160);
	for (t = 0; t < 3600; t++) {
		h.demand_pm[0] = t / 30 % 2 ? 420 : 210;
		tiny_tick(&h);
	}
	tiny_done(&h);
	return h.changes;
}

/* Half of the vCPUs step in the middle of an interval, so that some are believed a tick later: changes after that. */
static unsigned steps_in_doubt(const struct cpu_policy *policy)
{
	unsigned seed, late = 0, t;
	struct tiny_host h;
	size_t i;

	for (seed = 1; seed <= 20; seed++) {
		set_up(&h, policy, 8, 16, 90);
		h.noise = 0.2;
		h.seed = seed;
		h.interval_s = 0.5;
		for (i = 0; i < h.vcpus; i++)
			h.on[i] = (int)(i / 2 * 5 % h.pcpus);
		tiny_run(&h, 60);
		for (t = 0; t < 30; t++) {
			for (i = 0; i < h.vcpus / 2; i++)
				h.demand_pm[i] = t ? 250 : 215;
			late -= t == 2 ? h.changes : 0;
			tiny_tick(&h);
		}
		late += h.changes;
		tiny_done(&h);
	}
	return late;
}

/* ---- the laws ---- */

static void no_confirmation(struct cpu_policy *policy)
{
	policy->laws.confirm_ticks = 1;
}

static void no_refusal(struct cpu_policy *policy)
{
	policy->laws.least_gain_pm = policy->laws.least_gain_part = 0;
}

static void no_back_off(struct cpu_policy *policy)
{
	policy->laws.back_off_most = 0;
}

static void no_end_of_tries(struct cpu_policy *policy)
{
	policy->laws.end_tries = false;
}

static void no_pause(struct cpu_policy *policy)
{
	policy->laws.pause_most = 0;
}

static void no_rest(struct cpu_policy *policy)
{
	policy->dwell_ticks = 0;
}

static void no_inner_band(struct cpu_policy *policy)
{
	policy->laws.inner_band = 1;
}

static void no_waiting_for_doubts(struct cpu_policy *policy)
{
	policy->laws.await_doubted = false;
}

static void no_end_of_efforts(struct cpu_policy *policy)
{
	policy->laws.efforts_most = 0;
}

static void no_means(struct cpu_policy *policy)
{
	policy->laws.by_means = false;
}

static void no_asking_the_kernel(struct cpu_policy *policy)
{
	policy->laws.ask_kernel = false;
}

static const struct law_row {
	const char *law;
	void (*off)(struct cpu_policy *policy);
	unsigned (*happens)(const struct cpu_policy *policy);
	unsigned most_kept, least_off;
} laws[] = {
        {"confirmation", no_confirmation, short_blips, 0, 4},
        {"refusal", no_refusal, three_alike_on_two, 0, 2},
        {"back-off", no_back_off, predictions_that_always_fail, 80, 120},
        {"an end of tries", no_end_of_tries, predictions_that_fail, 20, 40},
        {"pause", no_pause, one_too_large, 12, 200},
        {"rest", no_rest, more_after_a_move, 0, 1},
        {"inner band", no_inner_band, a_little_more, 1, 2},
        {"waiting for doubts", no_waiting_for_doubts, steps_in_doubt, 0, 20},
        {"an end of efforts", no_end_of_efforts, waves_out_of_the_limit, 20, 60},
        {"means", no_means, bursts, 100, 1000},
        {"the kernel's own balance", no_asking_the_kernel, three_full_on_two, 0, 3},
};

static void each_law_is_needed(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(laws) / sizeof(laws[0]); i++) {
		struct cpu_policy off = cpu_policy_default;
		unsigned kept, without;

		laws[i].off(&off);
		kept = laws[i].happens(&cpu_policy_default);
		without = laws[i].happens(&off);
		print_message("# %s: %u, without it %u\n", laws[i].law, kept, without);
		if (kept > laws[i].most_kept || without < laws[i].least_off)
			fail_msg("%s: %u where %u is the most; without it %u where %u is the least",
			         laws[i].law, kept, laws[i].most_kept, without, laws[i].least_off);
	}
}

/* All laws together: random hosts, loaded to 70 % at most, with 20 % noise on every vCPU. */
static void noise_on_random_hosts_moves_hardly_anything(void **state)
{
	unsigned seed, draw, early;
	struct tiny_host h;
	double sum;
	size_t i;

	for (seed = 1; seed <= 30; seed++) {
		draw = seed;
		tiny_init(&h, 2 + (size_t)rand_r(&draw) % 7, 2 + (size_t)rand_r(&draw) % 30);
		h.noise = 0.2;
		h.seed = seed;
		for (sum = 0, i = 0; i < h.vcpus; i++)
			sum += h.demand_pm[i] = 50 + rand_r(&draw) % 700;
		for (i = 0; i < h.vcpus; i++) {
			h.demand_pm[i] *= fmin(1, 700 * (double)h.pcpus / sum);
			h.on[i] = seed % 2 ? VIEW_FLOATS : rand_r(&draw) % (int)h.pcpus;
		}
		tiny_run(&h, 60);
		early = h.changes;
		tiny_run(&h, 3600);
		if (h.changes > early + 6)
			fail_msg("host %u (%zu x %zu): %u changes in an hour", seed, h.pcpus,
			         h.vcpus, h.changes - early);
		tiny_done(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_law_is_needed),
	        cmocka_unit_test(noise_on_random_hosts_moves_hardly_anything),
	};

	return check_all(tests);
}
