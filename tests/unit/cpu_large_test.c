/* cpu_large_test - plans of large hosts: what they reach, what they keep to, and what they cost in steps and memory */
#include <math.h>
#include <stdlib.h>

#include "balancer/cpu_plan.h"
#include "tests/unit/check.h"

enum start {
	ANYWHERE,
	ALL_ON_ONE,
	ALL_FLOAT,
};

struct large_row {
	const char *name;
	size_t pcpus, vcpus, per_guest;
	enum start start;
	bool halves; /* even guests are kept to the lower half of the pCPUs, odd ones to the upper */
	double spread_at_most;
	double highest_at_most; /* load of the fullest pCPU, in terms of the least possible */
	bool nodes;             /* 8 NUMA nodes, 2 threads a core; each guest ran in one of them */
};

static const struct large_row rows[] = {
        {"24 x 96, anywhere", 24, 96, 2, ANYWHERE, false, 25, 1.15},
        {"40 x 200, anywhere", 40, 200, 4, ANYWHERE, false, 25, 1.15},
        {"40 x 200 in unequal halves", 40, 200, 4, ANYWHERE, true, 50, 1.20},
        {"64 x 640, all on one", 64, 640, 4, ALL_ON_ONE, false, 25, 1.01},
        {"64 x 640, all floating in halves", 64, 640, 4, ALL_FLOAT, true, 50, 1.05},
        {"512 x 10,000, anywhere", 512, 10000, 4, ANYWHERE, false, 25, 1.15},
        {"512 x 10,000, all on one", 512, 10000, 4, ALL_ON_ONE, false, 25, 1.01},
        {"512 x 10,000, all floating", 512, 10000, 4, ALL_FLOAT, false, 25, 1.01},
        {"512 x 10,000 on 8 nodes, anywhere", 512, 10000, 4, ANYWHERE, false, 25, 1.15, true},
        {"512 x 10,000 on 8 nodes, all on one", 512, 10000, 4, ALL_ON_ONE, false, 25, 1.05, true},
        {"512 x 10,000 on 8 nodes, floating", 512, 10000, 4, ALL_FLOAT, false, 50, 1.10, true},
        {"512 x 10,000, guests of 250, on one", 512, 10000, 250, ALL_ON_ONE, false, 25, 1.01},
        {"512 x 10,000, guests of 250, floating", 512, 10000, 250, ALL_FLOAT, false, 25, 1.01},
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

/*
 * So many steps may a plan take for n vCPUs: this times n log2 n, and what the exact search may take on small hosts. To
 * look at every pCPU for every vCPU would be 40 times n log2 n on the largest.
 */
#define STEPS_PER_N_LOG_N 30.0

struct large_host {
	const struct large_row *row;
	struct cpu_view view;
	struct place_spot *spots;
	struct place_scratch scratch;
	struct cpu_plan_state state;
	struct cpu_move *moves;
	struct cpu_choice choice;
};

static struct cpuset range_of(size_t first, size_t end)
{
	struct cpuset set = CPUSET_NONE;

	for (; first < end; first++)
		cpuset_add(&set, (unsigned)first);
	return set;
}

static void set_up(struct large_host *h, const struct large_row *row)
{
	struct cpuset all = range_of(0, row->pcpus), low = range_of(0, row->pcpus / 2),
	              high = range_of(row->pcpus / 2, row->pcpus);
	double mean_pm = 667.0 * (double)row->pcpus / (double)row->vcpus, sum = 0;
	unsigned seed = 1;
	size_t i;

	*h = (struct large_host){.row = row, .state = {.out_of_band = 10}};
	h->view.nr_pcpus = row->pcpus;
	h->view.nr_vcpus = row->vcpus;
	h->view.pcpus = calloc(row->pcpus, sizeof(*h->view.pcpus));
	h->view.vcpus = calloc(row->vcpus, sizeof(*h->view.vcpus));
	h->moves = calloc(row->vcpus, sizeof(*h->moves));
	h->spots = calloc(row->pcpus, sizeof(*h->spots));
	assert_true(h->view.pcpus && h->view.vcpus && h->moves && h->spots);
	for (i = 0; i < row->pcpus; i++)
		h->spots[i] = (struct place_spot){.node = (int32_t)(i * 8 / row->pcpus),
		                                  .llc = (int32_t)(i * 16 / row->pcpus),
		                                  .core = (int32_t)(i / 2)};
	h->view.spots = row->nodes ? h->spots : NULL;
	assert_int_equal(place_reserve(&h->scratch, row->pcpus, row->vcpus, NULL), 0);
	for (i = 0; i < row->vcpus; i++) {
		struct view_vcpu *v = &h->view.vcpus[i];
		bool upper = i / row->per_guest % 2;
		size_t half = row->pcpus / 2;

		*v = (struct view_vcpu){.samples = 9, .managed = true, .rested_ticks = 1000};
		v->load_pm = fmax(41, mean_pm * (0.2 + 1.6 * rand_r(&seed) / RAND_MAX));
		v->guest = (uint32_t)(i / row->per_guest);
		v->allowed = !row->halves ? all : upper ? high : low;
		v->on = row->start == ALL_FLOAT ? VIEW_FLOATS : 0;
		v->last = (int32_t)(i / row->per_guest * 64 % row->pcpus);
		if (row->start == ANYWHERE)
			v->on = row->halves ? (int)(upper * half + (size_t)rand_r(&seed) % half)
			                    : rand_r(&seed) % (int)row->pcpus;
		sum += v->load_pm;
	}
	for (i = 0; i < row->pcpus; i++)
		h->view.pcpus[i] = (struct view_pcpu){.pcpu = (uint32_t)i,
		                                      .busy_pm = sum / (double)row->pcpus};
}

static void done(struct large_host *h)
{
	place_free(&h->scratch);
	free(h->view.pcpus);
	free(h->view.vcpus);
	free(h->moves);
	free(h->spots);
}

static void plan_and_apply(struct large_host *h)
{
	size_t i;

	cpu_plan(&cpu_policy_default, &h->view, &h->state, &h->scratch, h->moves, &h->choice);
	for (i = 0; i < h->choice.nr_moves; i++)
		h->view.vcpus[h->moves[i].vcpu].on = h->moves[i].to;
}

static double highest_part(struct large_host *h)
{
	double *loads = calloc(h->view.nr_pcpus, sizeof(*loads)), highest = 0, sum = 0, least = 0;
	size_t i;

	assert_non_null(loads);
	cpu_plan_loads(&cpu_policy_default, &h->view, loads);
	for (i = 0; i < h->view.nr_pcpus; i++) {
		highest = fmax(highest, loads[i]);
		sum += loads[i];
	}
	for (i = 0; i < h->view.nr_vcpus; i++)
		least = fmax(least, h->view.vcpus[i].load_pm);
	free(loads);
	return highest / fmax(least, sum / (double)h->view.nr_pcpus);
}

/* Those that the plan moved: on a pCPU that is allowed, with no other one of its guest that was moved there. */
static void check_places(const struct large_host *h)
{
	static bool taken[PCPU_MAX];
	size_t i, k;

	for (k = 0; k < h->choice.nr_moves; k++) {
		const struct view_vcpu *v = &h->view.vcpus[h->moves[k].vcpu];

		if (!cpuset_has(&v->allowed, h->view.pcpus[v->on].pcpu))
			fail_msg("%s: vCPU %u on pCPU %d, not allowed", h->row->name,
			         h->moves[k].vcpu, v->on);
		if (!k || v->guest != h->view.vcpus[h->moves[k - 1].vcpu].guest)
			for (i = 0; i < h->view.nr_pcpus; i++)
				taken[i] = false;
		if (taken[v->on])
			fail_msg("%s: two of guest %u on pCPU %d", h->row->name, v->guest, v->on);
		taken[v->on] = true;
	}
}

static void large_hosts_come_to_balance_at_once(void **state)
{
	size_t r;

	for (r = 0; r < NR_ROWS; r++) {
		struct large_host h;
		double part, n = (double)rows[r].vcpus;
		double most = STEPS_PER_N_LOG_N * n * log2(n) +
		              10.0 * cpu_policy_default.laws.search_nodes * (n < 200);

		set_up(&h, &rows[r]);
		plan_and_apply(&h);
		part = highest_part(&h);
		if (h.choice.verdict != VERDICT_ACT ||
		    h.choice.predicted_pm > rows[r].spread_at_most ||
		    part > rows[r].highest_at_most)
			fail_msg("%s: verdict %d, spread %.1f, highest %.4f", rows[r].name,
			         h.choice.verdict, h.choice.predicted_pm, part);
		if ((double)h.choice.steps > most)
			fail_msg("%s: %lu steps, more than %.0f", rows[r].name, h.choice.steps,
			         most);
		check_places(&h);
		/* And then nothing moves, and nothing is looked for. */
		plan_and_apply(&h);
		assert_int_equal(h.choice.nr_moves, 0);
		assert_int_equal(h.choice.steps, 0);
		done(&h);
	}
}

/* 64 MiB are allowed. */
static void the_scratch_is_small(void **state)
{
	assert_in_range(place_bytes(512, 10000), 10000 * sizeof(struct place_item), 2 << 20);
	assert_in_range(place_bytes(PCPU_MAX, 40000), 40000 * sizeof(struct place_item), 8 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(large_hosts_come_to_balance_at_once),
	        cmocka_unit_test(the_scratch_is_small),
	};

	return check_all(tests);
}
