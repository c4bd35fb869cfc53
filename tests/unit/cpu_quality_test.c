/* cpu_quality_test - the plan on random hosts, brought to rest, against the best that any placement gives */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/cpu_plan.h"
#include "tests/unit/check.h"
#include "tests/unit/exact_host.h"

/* As the first argument says; `make quality` gives 10,000. */
static unsigned nr_hosts = 1000;

/* Steps of the reference: enough for all but a few in a thousand. */
#define NODES 3000000

/* ---- random hosts ---- */

enum start {
	ALL_ON_ONE,
	ANYWHERE,
	ALL_FLOAT,
	SOME_FLOAT,
	SPREAD,
	STARTS
};

struct random_host {
	size_t pcpus, vcpus;
	double base_pm[EXACT_PCPUS], load_pm[EXACT_VCPUS];
	int on[EXACT_VCPUS]; /* -1: floats */
};

static int start_of(enum start start, size_t i, size_t pcpus, unsigned *seed)
{
	switch (start) {
	case ALL_ON_ONE:
		return 0;
	case ALL_FLOAT:
		return -1;
	case SPREAD:
		return (int)(i % pcpus);
	case SOME_FLOAT:
		if (rand_r(seed) % 4 == 0)
			return -1;
		break;
	default:
		break;
	}
	return rand_r(seed) % (int)pcpus;
}

/* Loads up to 10, 20 ... or 100 % of a pCPU: in total from nearly none to three times what there is. */
static void draw_host(struct random_host *h, unsigned *seed)
{
	int most = 100 * (1 + rand_r(seed) % 10);
	enum start start = (enum start)(rand_r(seed) % STARTS);
	bool others = rand_r(seed) % 4 == 0;
	size_t i;

	*h = (struct random_host){0};
	h->pcpus = 2 + (size_t)rand_r(seed) % (EXACT_PCPUS - 1);
	h->vcpus = 2 + (size_t)rand_r(seed) % (EXACT_VCPUS - 1);
	for (i = 0; i < h->pcpus && others; i++)
		h->base_pm[i] = rand_r(seed) % 60;
	for (i = 0; i < h->vcpus; i++) {
		h->load_pm[i] = rand_r(seed) % (most + 1);
		h->on[i] = start_of(start, i, h->pcpus, seed);
		/* What idle floating ones add where they run is nobody's to balance. */
		if (h->on[i] < 0 && h->load_pm[i] < cpu_policy_default.idle_pm)
			h->load_pm[i] = 0;
	}
}

/* What each pCPU is asked for, floating vCPUs being where the kernel finds room. */
static void loads_of(const struct random_host *h, double *loads)
{
	double floating = 0, work[EXACT_PCPUS];
	size_t i;

	memcpy(loads, h->base_pm, sizeof(h->base_pm));
	for (i = 0; i < h->vcpus; i++) {
		if (h->on[i] >= 0)
			loads[h->on[i]] += h->load_pm[i];
		else
			floating += h->load_pm[i];
	}
	pour(loads, h->pcpus, floating, work);
}

/* ---- to rest ---- */

struct rest {
	double spread_pm, highest_pm;
	unsigned changes;
};

static void show(const struct random_host *h, struct cpu_view *view)
{
	double loads[EXACT_PCPUS];
	size_t i;

	loads_of(h, loads);
	for (i = 0; i < h->pcpus; i++)
		view->pcpus[i] = (struct view_pcpu){.pcpu = (uint32_t)i,
		                                    .other_pm = h->base_pm[i],
		                                    .busy_pm = fmin(1000, loads[i])};
	for (i = 0; i < h->vcpus; i++) {
		view->vcpus[i].on = h->on[i];
		view->vcpus[i].rested_ticks++;
	}
}

/* No change for so many ticks: more than a rest, the longest confirmation after back-off and a pause together. */
#define STILL 150

static void bring_to_rest(const struct cpu_policy *policy, struct random_host *h, struct rest *rest)
{
	struct view_pcpu pcpus[EXACT_PCPUS];
	struct view_vcpu vcpus[EXACT_VCPUS];
	struct cpu_view view = {h->pcpus, h->vcpus, pcpus, vcpus};
	struct cpu_plan_state state = {0};
	struct place_scratch scratch = {0};
	struct cpu_move moves[EXACT_VCPUS];
	struct cpu_choice choice;
	struct cpuset all = CPUSET_NONE;
	double loads[EXACT_PCPUS];
	unsigned still;
	size_t i;

	assert_int_equal(place_reserve(&scratch, h->pcpus, h->vcpus, NULL), 0);
	for (i = 0; i < h->pcpus; i++)
		cpuset_add(&all, (unsigned)i);
	for (i = 0; i < h->vcpus; i++)
		vcpus[i] = (struct view_vcpu){.load_pm = h->load_pm[i],
		                              .samples = 9,
		                              .guest = (uint32_t)i,
		                              .allowed = all,
		                              .managed = true,
		                              .rested_ticks = 1000};
	*rest = (struct rest){0};
	for (still = 0; still < STILL; still++) {
		show(h, &view);
		cpu_plan(policy, &view, &state, &scratch, moves, &choice);
		for (i = 0; i < choice.nr_moves; i++) {
			h->on[moves[i].vcpu] = moves[i].to;
			vcpus[moves[i].vcpu].rested_ticks = 0;
			still = 0;
		}
		rest->changes += (unsigned)choice.nr_moves;
		assert_in_range(rest->changes, 0, 10 * h->vcpus);
	}
	place_free(&scratch);
	loads_of(h, loads);
	rest->spread_pm = spread_of(loads, h->pcpus);
	for (i = 0; i < h->pcpus; i++)
		rest->highest_pm = fmax(rest->highest_pm, loads[i]);
}

/* ---- held against the best ---- */

struct tally {
	unsigned hosts;
	unsigned within;         /* end within the limit */
	unsigned missed;         /* do not, and some placement would be */
	unsigned missed_unknown; /* do not, and the reference cannot tell */
	unsigned beyond;         /* do not, and none would be */
	double ratio_sum,
	        ratio_most;     /* of these: the highest load, in terms of the least possible */
	unsigned ratio_bound;   /* of these: held against a lower bound of that */
	unsigned changes_over;  /* hosts with at least two changes more than the fewest */
	unsigned changes_bound; /* hosts with so many more than a lower bound, undecided */
};

/* Idle vCPUs are left alone: they count as load that stays. */
static void as_exact(const struct random_host *h, struct exact_host *x)
{
	size_t i;

	*x = (struct exact_host){.pcpus = h->pcpus};
	memcpy(x->base_pm, h->base_pm, sizeof(h->base_pm));
	for (i = 0; i < h->vcpus; i++) {
		if (h->load_pm[i] < cpu_policy_default.idle_pm) {
			if (h->on[i] >= 0)
				x->base_pm[h->on[i]] += h->load_pm[i];
			continue;
		}
		x->load_pm[x->vcpus] = h->load_pm[i];
		x->from[x->vcpus++] = h->on[i];
	}
}

static void judge_balance(const struct exact_host *x, const struct rest *rest, struct tally *t)
{
	const struct exact_wish limit = {cpu_policy_default.balance_pm, INFINITY, UINT_MAX};
	enum exact_answer could;
	int to[EXACT_VCPUS];
	bool proven;
	double ratio;

	if (rest->spread_pm <= limit.spread_pm + 1e-6) {
		t->within++;
		return;
	}
	could = exact_exists(x, &limit, 10 * NODES, to);
	t->missed += could == EXACT_YES;
	t->missed_unknown += could == EXACT_UNKNOWN;
	if (could == EXACT_YES)
		return;
	/* Floating vCPUs that are left to the kernel may do better than any placement. */
	ratio = fmax(1, rest->highest_pm / exact_highest(x, 10 * NODES, &proven));
	t->beyond++;
	t->ratio_sum += ratio;
	t->ratio_most = fmax(t->ratio_most, ratio);
	t->ratio_bound += !proven;
}

/*
 * Fewest: to be as even as the inner band, or as the host ended where that is worse; and when it ended beyond the limit,
 * with no fuller pCPU.
 */
static void judge_changes(const struct exact_host *x, const struct rest *rest, struct tally *t)
{
	const struct cpu_policy *policy = &cpu_policy_default;
	struct exact_wish wish = {
	        fmax(policy->laws.inner_band * policy->balance_pm, rest->spread_pm), INFINITY,
	        rest->changes - 2};
	int to[EXACT_VCPUS];

	if (rest->changes < 2)
		return;
	if (rest->spread_pm > policy->balance_pm)
		wish.highest_pm = rest->highest_pm;
	switch (exact_exists(x, &wish, NODES, to)) {
	case EXACT_YES:
		t->changes_over++;
		break;
	case EXACT_UNKNOWN:
		t->changes_bound += exact_least_changes(x, &wish) <= wish.changes;
		break;
	case EXACT_NO:
		break;
	}
}

static struct tally plan_hosts(const struct cpu_policy *policy, unsigned hosts)
{
	struct tally t = {.hosts = hosts};
	unsigned seed = 1, n;

	for (n = 0; n < hosts; n++) {
		struct random_host h;
		struct exact_host x;
		struct rest rest;

		draw_host(&h, &seed);
		as_exact(&h, &x);
		bring_to_rest(policy, &h, &rest);
		judge_balance(&x, &rest, &t);
		judge_changes(&x, &rest, &t);
	}
	print_message(
	        "# %u hosts: %u within the limit, %u could be, %u unknown; of %u that cannot be "
	        "the highest load is %.4f x the least on average, %.4f at most (%u against a "
	        "bound); more than one change too many: %u, undecided %u\n",
	        t.hosts, t.within, t.missed, t.missed_unknown, t.beyond,
	        t.ratio_sum / fmax(1, t.beyond), t.ratio_most, t.ratio_bound, t.changes_over,
	        t.changes_bound);
	return t;
}

static void random_hosts_end_near_the_best(void **state)
{
	struct tally t = plan_hosts(&cpu_policy_default, nr_hosts);

	assert_int_equal(t.missed, 0);
	assert_true(t.missed_unknown <= 1 + t.hosts / 200);
	assert_true(t.ratio_sum <= 1.02 * t.beyond);
	assert_true(t.ratio_most <= 1.10);
	assert_true(t.changes_over + t.changes_bound <= t.hosts / 100);
	/* There must have been something to find. */
	assert_in_range(t.within, t.hosts / 2, t.hosts);
	assert_in_range(t.beyond, t.hosts / 10, t.hosts);
}

/* Negative control: the same eyes see what the heuristics alone miss, and what no plan at all leaves. */
static void worse_plans_are_seen_to_be_worse(void **state)
{
	struct cpu_policy policy = cpu_policy_default;
	struct tally t;

	policy.laws.search_nodes = 0;
	t = plan_hosts(&policy, 1000);
	assert_true(t.missed > 0);
	assert_true(t.changes_over > t.hosts / 100);
	policy.balance_pm = 1e9;
	t = plan_hosts(&policy, 1000);
	assert_true(t.missed > 100);
	assert_true(t.ratio_most > 1.10);
}

/* ---- the reference ---- */

/* The best of all placements that have at most so many changes; none: INFINITY. */
static double try_all(const struct exact_host *x, unsigned changes, double limit_pm,
                      double *highest_pm)
{
	double best = INFINITY;
	int to[EXACT_VCPUS] = {0};
	size_t i;

	*highest_pm = INFINITY;
	for (;;) {
		double loads[EXACT_PCPUS], spread, highest = 0;
		unsigned n = 0;

		memcpy(loads, x->base_pm, sizeof(loads));
		for (i = 0; i < x->vcpus; i++) {
			loads[to[i]] += x->load_pm[i];
			n += to[i] != x->from[i];
		}
		for (i = 0; i < x->pcpus; i++)
			highest = fmax(highest, loads[i]);
		spread = spread_of(loads, x->pcpus);
		if (n <= changes) {
			best = fmin(best, spread);
			if (spread <= limit_pm)
				*highest_pm = fmin(*highest_pm, highest);
		}
		for (i = 0; i < x->vcpus && ++to[i] == (int)x->pcpus; i++)
			to[i] = 0;
		if (i == x->vcpus)
			return best;
	}
}

static void the_reference_agrees_with_trying_all(void **state)
{
	unsigned seed = 7, n, yes = 0, no = 0;

	for (n = 0; n < 300; n++) {
		struct exact_host x = {.pcpus = 2 + n % 3, .vcpus = 2 + (size_t)rand_r(&seed) % 6};
		struct exact_wish wish = {20 + rand_r(&seed) % 100, INFINITY, UINT_MAX};
		double spread, highest;
		int to[EXACT_VCPUS];
		bool proven;
		size_t i;

		for (i = 0; i < x.vcpus; i++) {
			x.load_pm[i] = 40 + rand_r(&seed) % 300;
			x.from[i] = rand_r(&seed) % ((int)x.pcpus + 1) - 1;
		}
		for (i = 0; i < x.pcpus; i++)
			x.base_pm[i] = n % 2 ? rand_r(&seed) % 60 : 0;
		try_all(&x, UINT_MAX, INFINITY, &highest);
		assert_true(exact_highest(&x, ULONG_MAX, &proven) == highest && proven);
		if (n % 4)
			wish.changes = (unsigned)(rand_r(&seed) % (int)(x.vcpus + 1));
		spread = try_all(&x, wish.changes, wish.spread_pm, &highest);
		if (n % 5 == 0)
			wish.highest_pm = highest + rand_r(&seed) % 3 - 1;
		if (spread <= wish.spread_pm && highest <= wish.highest_pm) {
			assert_int_equal(exact_exists(&x, &wish, ULONG_MAX, to), EXACT_YES);
			assert_true(exact_least_changes(&x, &wish) <= wish.changes);
			yes++;
		} else {
			assert_int_equal(exact_exists(&x, &wish, ULONG_MAX, to), EXACT_NO);
			no++;
		}
	}
	assert_true(yes > 50 && no > 50);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_reference_agrees_with_trying_all),
	        cmocka_unit_test(random_hosts_end_near_the_best),
	        cmocka_unit_test(worse_plans_are_seen_to_be_worse),
	};

	if (argc > 1)
		nr_hosts = (unsigned)atoi(argv[1]);
	return check_all(tests);
}
