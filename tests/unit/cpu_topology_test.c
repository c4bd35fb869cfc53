/* cpu_topology_test - SMT siblings fill last, guests keep to their NUMA node, moves go as near as they can */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/cpu_topology.h"
#include "tests/unit/check.h"

#define PCPUS   16
#define VCPUS   16
#define FLOATS  VIEW_FLOATS
#define NOWHERE -1

/*
 * Hosts. Siblings have numbers that follow each other, so that taking pCPUs in turn fills cores first.
 *
 *   smt      8 cores of 2 threads, one node
 *   nodes    2 nodes of 4 pCPUs, one LLC each
 *   caches   8 pCPUs, 4 LLCs of 2, one node
 */
enum kind {
	SMT,
	NODES,
	CACHES,
	HOSTS
};

static const struct {
	size_t pcpus;
	int cores, per_llc, per_node;
} hosts[HOSTS] = {
        [SMT] = {16, 8, 16, 16},
        [NODES] = {8, 8, 4, 4},
        [CACHES] = {8, 8, 2, 8},
};

/* What must hold for the placement in the end; every check fails with the topology taken out of the view. */
enum check {
	CORES_APART,  /* no two loaded vCPUs on one core */
	NODE_OF_LAST, /* every vCPU in the node where it ran last */
	SAME_NODE,    /* nothing leaves its node */
	ONE_NODE,     /* vCPUs of a guest all in one node */
	SAME_CORE,    /* nothing leaves its core */
	SAME_LLC,     /* nothing leaves its last-level cache */
	CROSSES,      /* something leaves its node (for a good reason) */
};

struct topology_row {
	const char *name;
	enum kind host;
	size_t vcpus, per_guest;
	int on[VCPUS], last[VCPUS];
	double load_pm[VCPUS]; /* the last one given goes on */
	double busy_pm[PCPUS]; /* of the pCPUs, when vCPUs float */
	double other_pm[PCPUS];
	enum check check;
	unsigned most_changes;
	double spread_at_most; /* the limit; 0: no matter */
	bool tidied;           /* by exchanges of equals alone */
};

static const struct topology_row rows[] = {
        {"8 heavy on 4 cores go to one a core", SMT, 8, 1, .on = {0, 1, 2, 3, 4, 5, 6, 7},
         .load_pm = {900}, .check = CORES_APART, .most_changes = 4},
        {"5 heavy on 8 cores, two on one: one moves", SMT, 5, 1, .on = {0, 1, 2, 4, 6},
         .load_pm = {700}, .check = CORES_APART, .most_changes = 1},
        {"8 heavy on one pCPU are spread over cores", SMT, 8, 1, .on = {0}, .load_pm = {900},
         .check = CORES_APART, .most_changes = 7},
        {"8 floating, of middle load, one a core", SMT, 8, 1, .on = {FLOATS}, .load_pm = {95},
         .busy_pm = {95, 95, 95, 95, 95, 95, 95, 95}, .check = CORES_APART, .most_changes = 8},
        {"floating ones stay where they ran", NODES, 8, 4, .on = {FLOATS},
         .last = {4, 5, 6, 7, 0, 1, 2, 3}, .load_pm = {300, 310, 320, 330, 300, 310, 320, 330},
         .check = NODE_OF_LAST, .most_changes = 8, .spread_at_most = 25},
        {"most of a guest decides", NODES, 8, 4, .on = {FLOATS}, .last = {4, 5, 6, 0, 1, 2, 3, 7},
         .load_pm = {300, 320, 340, 360, 300, 320, 340, 360}, .check = ONE_NODE, .most_changes = 8,
         .spread_at_most = 25},
        {"floating ones join those of their guest", NODES, 8, 4,
         .on = {4, 5, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS, FLOATS},
         .last = {4, 5, 0, 1, 2, 3, 0, 1}, .load_pm = {300}, .check = ONE_NODE, .most_changes = 6,
         .spread_at_most = 25},
        {"guests of which nothing is known are not torn apart", NODES, 8, 4, .on = {FLOATS},
         .last = {NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE, NOWHERE},
         .load_pm = {300, 320, 340, 360, 300, 320, 340, 360}, .check = ONE_NODE, .most_changes = 8,
         .spread_at_most = 25},
        {"balance within the node, at no more changes", NODES, 8, 1, .on = {0, 0, 1, 2, 4, 4, 5, 6},
         .load_pm = {300, 310, 305, 305, 310, 290, 305, 305}, .other_pm = {0, 0, 0, 40},
         .check = SAME_NODE, .most_changes = 2, .spread_at_most = 25},
        {"balance within the node, at 3 changes where 2 would do", NODES, 12, 1,
         .on = {0, 1, 2, 3, 4, 5, 6, 7, 6, 7, 4, 3},
         .load_pm = {240, 240, 140, 200, 180, 60, 60, 40, 140, 220, 160, 40}, .check = SAME_NODE,
         .most_changes = 3, .spread_at_most = 25},
        {"but not at 5 changes where 3 do", NODES, 12, 1,
         .on = {0, 1, 2, 3, 4, 5, 6, 7, 5, 3, 1, 6},
         .load_pm = {120, 180, 300, 240, 60, 320, 100, 160, 300, 280, 80, 200}, .check = CROSSES,
         .most_changes = 3, .spread_at_most = 25},
        {"a node too full gives to the other", NODES, 8, 1, .on = {0, 0, 1, 1, 2, 2, 3, 3},
         .load_pm = {300}, .check = CROSSES, .most_changes = 4, .spread_at_most = 25},
        {"a node too full gives whole guests", NODES, 8, 2, .on = {0}, .load_pm = {180},
         .check = ONE_NODE, .most_changes = 7, .spread_at_most = 25, .tidied = true},
        {"and of four vCPUs as well", NODES, 16, 4, .on = {0}, .load_pm = {90}, .check = ONE_NODE,
         .most_changes = 14, .spread_at_most = 25, .tidied = true},
        {"moves stay in the cache", CACHES, 8, 1, .on = {0, 0, 2, 2, 4, 4, 6, 6},
         .load_pm = {300, 310, 300, 290, 300, 310, 300, 290}, .other_pm = {0, 20, 0, 0, 0, 20},
         .check = SAME_LLC, .most_changes = 4, .spread_at_most = 25},
        {"moves go to the sibling, where both siblings have room", SMT, 16, 1,
         .on = {0, 0, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
         .load_pm = {300, 310, 300, 290, 305}, .other_pm = {0, 20}, .check = SAME_CORE,
         .most_changes = 2, .spread_at_most = 25},
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct place_spot spot_of(enum kind host, int p)
{
	int core = p * hosts[host].cores / (int)hosts[host].pcpus;

	return (struct place_spot){.node = core / hosts[host].per_node,
	                           .llc = core / hosts[host].per_llc,
	                           .core = core};
}

struct topology_host {
	const struct topology_row *row;
	struct place_spot spots[PCPUS];
	struct view_pcpu pcpus[PCPUS];
	struct view_vcpu vcpus[VCPUS];
	struct cpu_view view;
	struct place_scratch scratch;
	struct cpu_policy policy;
	struct cpu_plan_state state;
	struct cpu_choice choice;
	struct cpu_move moves[VCPUS];
	unsigned changes;
};

static void set_up(struct topology_host *h, const struct topology_row *row, bool known)
{
	size_t pcpus = hosts[row->host].pcpus, i, given = 0;
	struct cpuset all = CPUSET_NONE;
	bool one_start = true;

	*h = (struct topology_host){
	        .row = row, .policy = cpu_policy_default, .state = {.out_of_band = 10}};
	h->view = (struct cpu_view){pcpus, row->vcpus, h->pcpus, h->vcpus, known ? h->spots : NULL};
	assert_int_equal(place_reserve(&h->scratch, pcpus, row->vcpus, NULL), 0);
	for (i = 0; i < pcpus; i++) {
		cpuset_add(&all, (unsigned)i);
		h->spots[i] = spot_of(row->host, (int)i);
		h->pcpus[i] = (struct view_pcpu){.pcpu = (uint32_t)i,
		                                 .other_pm = row->other_pm[i],
		                                 .busy_pm = row->busy_pm[i]};
	}
	for (i = 1; i < row->vcpus; i++)
		one_start &= !row->on[i];
	for (i = 0; i < row->vcpus; i++) {
		given = row->load_pm[i] > 0 ? i : given;
		/* It scatters so much that nothing but evenness will do. */
		h->vcpus[i] = (struct view_vcpu){.load_pm = row->load_pm[given],
		                                 .scatter_pm = 30,
		                                 .samples = 9,
		                                 .guest = (uint32_t)(i / row->per_guest),
		                                 .on = one_start ? row->on[0] : row->on[i],
		                                 .last = row->last[i],
		                                 .allowed = all,
		                                 .managed = true,
		                                 .rested_ticks = 1000};
	}
}

static void plan_to_rest(struct topology_host *h)
{
	unsigned tick;
	size_t i;

	for (tick = 0; tick < 20; tick++) {
		cpu_plan(&h->policy, &h->view, &h->state, &h->scratch, h->moves, &h->choice);
		for (i = 0; i < h->choice.nr_moves; i++)
			h->vcpus[h->moves[i].vcpu].on = h->moves[i].to;
		h->changes += (unsigned)h->choice.nr_moves;
	}
	place_free(&h->scratch);
}

/* Whether two vCPUs of the host break the row's rule, or one does (i == j). */
static bool breaks(const struct topology_host *h, size_t i, size_t j)
{
	const struct topology_row *row = h->row;
	const struct view_vcpu *v = &h->vcpus[i], *w = &h->vcpus[j];
	bool pinned = i == j && h->vcpus[i].on >= 0;

	if (v->on < 0)
		return false;
	switch (row->check) {
	case CORES_APART:
		return i != j && w->on >= 0 && h->spots[v->on].core == h->spots[w->on].core;
	case ONE_NODE:
		return v->guest == w->guest && w->on >= 0 &&
		       h->spots[v->on].node != h->spots[w->on].node;
	case NODE_OF_LAST:
		return pinned && h->spots[v->on].node != h->spots[row->last[i]].node;
	case SAME_NODE:
	case CROSSES:
		return pinned && h->spots[v->on].node != h->spots[row->on[i]].node;
	case SAME_CORE:
		return pinned && h->spots[v->on].core != h->spots[row->on[i]].core;
	case SAME_LLC:
		return pinned && h->spots[v->on].llc != h->spots[row->on[i]].llc;
	}
	return false;
}

static bool holds(const struct topology_host *h)
{
	bool broken = false;
	size_t i, j;

	for (i = 0; i < h->row->vcpus; i++)
		for (j = 0; j <= i; j++)
			broken |= breaks(h, i, j);
	return broken == (h->row->check == CROSSES);
}

static void placements_heed_the_topology(void **state)
{
	size_t r, i;

	for (r = 0; r < NR_ROWS; r++) {
		struct topology_host h;

		set_up(&h, &rows[r], true);
		plan_to_rest(&h);
		if (holds(&h) && h.changes && h.changes <= rows[r].most_changes &&
		    (rows[r].spread_at_most <= 0 || h.choice.spread_pm <= rows[r].spread_at_most))
			continue;
		for (i = 0; i < rows[r].vcpus; i++)
			print_message("# vCPU %zu: pCPU %d\n", i, h.vcpus[i].on);
		fail_msg("%s: %u changes, spread %.1f, over cores %.1f", rows[r].name, h.changes,
		         h.choice.spread_pm, h.choice.core_pm);
	}
}

/* Negative control: what holds by chance shows nothing. */
static void without_the_topology_they_would_not(void **state)
{
	size_t r;

	for (r = 0; r < NR_ROWS; r++) {
		struct topology_host h;

		set_up(&h, &rows[r], false);
		plan_to_rest(&h);
		if (rows[r].check != CROSSES && holds(&h) && h.changes)
			fail_msg("%s: holds without topology too", rows[r].name);
	}
}

/* Negative control: nor would these without exchanging equals. */
static void without_tidying_guests_are_torn_apart(void **state)
{
	size_t r;

	for (r = 0; r < NR_ROWS; r++) {
		struct topology_host h;

		set_up(&h, &rows[r], true);
		h.policy.laws.tidy = false;
		plan_to_rest(&h);
		if (rows[r].tidied && holds(&h))
			fail_msg("%s: holds without tidying too", rows[r].name);
	}
}

/* The kernel has given each of 8 heavy vCPUs a core of its own: a plan may pin them, but not closer together. */
static bool made_worse(bool known, bool steady)
{
	static const struct topology_row row = {
	        "", SMT, 8, 1, .on = {FLOATS}, .load_pm = {900}, .check = CORES_APART};
	struct topology_host h;
	size_t p;

	set_up(&h, &row, known);
	for (p = 0; p < h.view.nr_pcpus; p++)
		h.pcpus[p].busy_pm = !steady ? 450 : p % 2 ? 0 : 900;
	h.state.out_of_band = 1000; /* it has lasted */
	plan_to_rest(&h);
	return !holds(&h);
}

static void what_the_kernel_does_well_is_not_made_worse(void **state)
{
	assert_false(made_worse(true, true));
	assert_false(made_worse(true, false));
	/* Negative control: a plan that does not know of siblings puts two on a core. */
	assert_true(made_worse(false, true));
}

static void the_view_is_told_what_the_host_tells(void **state)
{
	static struct host_facts facts = {.nr_places = 3,
	                                  .places = {{.pcpu = 1, .node = 0, .core = 10, .llc = 5},
	                                             {.pcpu = 70, .node = 1, .core = 11, .llc = -1},
	                                             {.pcpu = 5000, .node = 1, .core = 12}}};
	struct view_pcpu pcpus[] = {{.pcpu = 0}, {.pcpu = 1}, {.pcpu = 70}};
	struct cpu_view view = {.nr_pcpus = 3, .pcpus = pcpus};
	struct place_spot spots[3];

	cpu_topology(&facts, &view, spots);
	assert_true(spots[0].node == -1 && spots[0].llc == -1 && spots[0].core == -1);
	assert_true(spots[1].node == 0 && spots[1].llc == 5 && spots[1].core == 10);
	assert_true(spots[2].node == 1 && spots[2].llc == -1 && spots[2].core == 11);
}

/* A host that tells nothing is planned as one without topology. */
static void unknown_is_as_none(void **state)
{
	size_t r, i;

	for (r = 0; r < NR_ROWS; r++) {
		struct topology_host none, unknown;

		set_up(&none, &rows[r], false);
		set_up(&unknown, &rows[r], true);
		for (i = 0; i < PCPUS; i++)
			unknown.spots[i] = (struct place_spot){-1, -1, -1};
		plan_to_rest(&none);
		plan_to_rest(&unknown);
		for (i = 0; i < rows[r].vcpus; i++)
			assert_int_equal(none.vcpus[i].on, unknown.vcpus[i].on);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(placements_heed_the_topology),
	        cmocka_unit_test(without_the_topology_they_would_not),
	        cmocka_unit_test(without_tidying_guests_are_torn_apart),
	        cmocka_unit_test(what_the_kernel_does_well_is_not_made_worse),
	        cmocka_unit_test(the_view_is_told_what_the_host_tells),
	        cmocka_unit_test(unknown_is_as_none),
	};

	return check_all(tests);
}
