/* cpu_search_test - placements against known answers, and against every placement there is on small random hosts */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/cpu_plan_search.h"
#include "tests/unit/check.h"

#define MOST 16

static struct cpuset everywhere(size_t pcpus)
{
	struct cpuset set = CPUSET_NONE;
	unsigned p;

	for (p = 0; p < pcpus; p++)
		cpuset_add(&set, p);
	return set;
}

/* A problem in words: loads and places of vCPUs; from -1: floating. Each is its own guest unless said otherwise. */
struct problem_row {
	const char *name;
	size_t pcpus, vcpus;
	double load[MOST];
	int from[MOST];
	double other[MOST];
	unsigned guests; /* consecutive vCPUs of a guest; 0: one */
	double band;
	/* expected */
	unsigned changes;
	double spread_at_most;
	bool within;
	bool tidied; /* by exchanges of equals alone */
};

static const struct problem_row rows[] = {
        {.name = "balanced already: nothing moves",
         .pcpus = 2,
         .vcpus = 4,
         .load = {180, 180, 180, 180},
         .from = {0, 0, 1, 1},
         .band = 25,
         .changes = 0,
         .spread_at_most = 0,
         .within = true},
        {.name = "eight on one of two: four move",
         .pcpus = 2,
         .vcpus = 8,
         .load = {180, 180, 180, 180, 180, 180, 180, 180},
         .band = 25,
         .changes = 4,
         .spread_at_most = 0,
         .within = true},
        {.name = "eight on one of four: six move",
         .pcpus = 4,
         .vcpus = 8,
         .load = {180, 180, 180, 180, 180, 180, 180, 180},
         .band = 25,
         .changes = 6,
         .spread_at_most = 0,
         .within = true},
        {.name = "floating heavy and light: each placed once, mixed evenly",
         .pcpus = 2,
         .vcpus = 8,
         .load = {250, 90, 250, 90, 250, 90, 250, 90},
         .from = {-1, -1, -1, -1, -1, -1, -1, -1},
         .band = 25,
         .changes = 8,
         .spread_at_most = 0,
         .within = true},
        {.name = "a swap, where no single move helps",
         .pcpus = 2,
         .vcpus = 4,
         .load = {400, 400, 200, 200},
         .from = {0, 0, 1, 1},
         .band = 25,
         .changes = 2,
         .spread_at_most = 0,
         .within = true},
        {.name = "one vCPU larger than its share stays alone",
         .pcpus = 2,
         .vcpus = 3,
         .load = {900, 100, 100},
         .from = {0, 1, 1},
         .band = 25,
         .changes = 0,
         .spread_at_most = 350,
         .within = false},
        {.name = "what else runs on a pCPU counts",
         .pcpus = 2,
         .vcpus = 4,
         .load = {200, 200, 200, 200},
         .from = {0, 0, 1, 1},
         .other = {400, 0},
         .band = 25,
         .changes = 1,
         .spread_at_most = 0,
         .within = true},
        {.name = "vCPUs of one guest are kept apart",
         .pcpus = 2,
         .vcpus = 4,
         .load = {300, 300, 300, 300},
         .from = {-1, -1, -1, -1},
         .guests = 2,
         .band = 25,
         .changes = 4,
         .spread_at_most = 0,
         .within = true},
        {.name = "of equal ones such are left behind that are of different guests",
         .pcpus = 4,
         .vcpus = 8,
         .load = {180, 180, 180, 180, 180, 180, 180, 180},
         .guests = 2,
         .band = 25,
         .changes = 6,
         .spread_at_most = 0,
         .within = true,
         .tidied = true},
        {.name = "and of nearly equal ones, though two of one guest would be most even",
         .pcpus = 4,
         .vcpus = 8,
         .load = {176, 188, 181, 183, 181, 183, 181, 183},
         .guests = 2,
         .band = 25,
         .changes = 6,
         .spread_at_most = 25,
         .within = true,
         .tidied = true},
};

static void set_up(const struct problem_row *row, struct place_problem *problem,
                   struct place_scratch *s, const struct cpuset *allowed)
{
	size_t i;

	*problem = (struct place_problem){row->pcpus, row->vcpus, row->band, 60000, .tidy = true};
	assert_int_equal(place_reserve(s, row->pcpus, row->vcpus, NULL), 0);
	for (i = 0; i < row->pcpus; i++) {
		s->pcpu_number[i] = (uint32_t)i;
		s->base_pm[i] = row->other[i];
	}
	for (i = 0; i < row->vcpus; i++)
		s->items[i] = (struct place_item){row->load[i], row->from[i],
		                                  (uint32_t)(row->guests ? i / row->guests : i),
		                                  true, allowed};
}

static void known_placements_are_found(void **state)
{
	size_t i, v;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cpuset allowed = everywhere(rows[i].pcpus);
		struct place_scratch s = {0};
		struct place_problem problem;
		struct place_result result;

		set_up(&rows[i], &problem, &s, &allowed);
		place_search(&problem, &s, &result);
		if (result.changes != rows[i].changes || result.within != rows[i].within ||
		    result.spread_pm > rows[i].spread_at_most + 1e-6 || !result.fewest)
			fail_msg("%s: %u changes (%u), spread %g (%g), %s", rows[i].name,
			         result.changes, rows[i].changes, result.spread_pm,
			         rows[i].spread_at_most, result.fewest ? "proven" : "not proven");
		for (v = 0; rows[i].guests && v + 1 < rows[i].vcpus; v += rows[i].guests)
			if (s.to[v] == s.to[v + 1])
				fail_msg("%s: vCPUs %zu and %zu share pCPU %d", rows[i].name, v,
				         v + 1, s.to[v]);
		place_free(&s);
	}
}

/* Negative control: in these rows two of a guest share a pCPU when equals are not exchanged. */
static void without_tidying_guests_share_pcpus(void **state)
{
	size_t i, v, shared;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cpuset allowed = everywhere(rows[i].pcpus);
		struct place_scratch s = {0};
		struct place_problem problem;
		struct place_result result;

		if (!rows[i].tidied)
			continue;
		set_up(&rows[i], &problem, &s, &allowed);
		problem.tidy = false;
		place_search(&problem, &s, &result);
		for (shared = v = 0; v + 1 < rows[i].vcpus; v += rows[i].guests)
			shared += s.to[v] == s.to[v + 1];
		if (!shared || result.changes != rows[i].changes)
			fail_msg("%s: holds without tidying too", rows[i].name);
		place_free(&s);
	}
}

static void forbidden_pcpus_are_not_used(void **state)
{
	static const struct problem_row row = {
	        .pcpus = 3, .vcpus = 4, .load = {200, 200, 200, 200}, .band = 25};
	struct cpuset allowed = everywhere(2);
	struct place_scratch s = {0};
	struct place_problem problem;
	struct place_result result;
	size_t i;

	set_up(&row, &problem, &s, &allowed);
	place_search(&problem, &s, &result);
	for (i = 0; i < row.vcpus; i++)
		assert_in_range(s.to[i], 0, 1);
	assert_int_equal(result.changes, 2);
	place_free(&s);
}

static void what_may_not_move_stays(void **state)
{
	static const struct problem_row row = {
	        .pcpus = 2, .vcpus = 4, .load = {200, 200, 200, 200}, .band = 25};
	struct cpuset allowed = everywhere(2);
	struct place_scratch s = {0};
	struct place_problem problem;
	struct place_result result;
	size_t i;

	set_up(&row, &problem, &s, &allowed);
	for (i = 0; i < 3; i++)
		s.items[i].movable = false;
	place_search(&problem, &s, &result);
	for (i = 0; i < 3; i++)
		assert_int_equal(s.to[i], 0);
	assert_int_equal(s.to[3], 1);
	place_free(&s);
}

/* ---- against every placement ---- */

struct best {
	unsigned changes; /* fewest within the band; UINT_MAX when none is */
	double spread;    /* the most even with so many changes, or at all */
};

static struct best try_all(const struct problem_row *row)
{
	struct best best = {UINT_MAX, INFINITY};
	int to[MOST] = {0};
	size_t i;

	for (;;) {
		double loads[MOST], spread;
		unsigned changes = 0;

		memcpy(loads, row->other, sizeof(loads));
		for (i = 0; i < row->vcpus; i++) {
			loads[to[i]] += row->load[i];
			changes += to[i] != row->from[i];
		}
		spread = spread_of(loads, row->pcpus);
		if (spread <= row->band &&
		    (changes < best.changes || (changes == best.changes && spread < best.spread)))
			best = (struct best){changes, spread};
		if (best.changes == UINT_MAX && spread < best.spread)
			best.spread = spread;
		for (i = 0; i < row->vcpus && ++to[i] == (int)row->pcpus; i++)
			to[i] = 0;
		if (i == row->vcpus)
			return best;
	}
}

static void random_row(struct problem_row *row, unsigned *seed)
{
	size_t i;

	*row = (struct problem_row){.band = 25};
	row->pcpus = 2 + (size_t)rand_r(seed) % 2;
	row->vcpus = 2 + (size_t)rand_r(seed) % (row->pcpus == 2 ? 9 : 6);
	for (i = 0; i < row->vcpus; i++) {
		row->load[i] = 20 + rand_r(seed) % 400;
		row->from[i] = rand_r(seed) % ((int)row->pcpus + 1) - 1;
	}
	for (i = 0; i < row->pcpus; i++)
		row->other[i] = rand_r(seed) % 60;
}

static void random_hosts_match_exhaustive_search(void **state)
{
	struct place_scratch s = {0};
	unsigned seed = 1, n;

	for (n = 0; n < 1000; n++) {
		struct problem_row row;
		struct place_problem problem;
		struct place_result result;
		struct cpuset allowed;
		struct best best;

		random_row(&row, &seed);
		allowed = everywhere(row.pcpus);
		set_up(&row, &problem, &s, &allowed);
		place_search(&problem, &s, &result);
		best = try_all(&row);
		if (result.within != (best.changes != UINT_MAX) ||
		    (result.within && result.changes != best.changes) ||
		    result.spread_pm > best.spread + 1e-6 || !result.fewest)
			fail_msg("host %u (%zu pCPUs, %zu vCPUs): %u changes, spread %g; best %u, "
			         "%g; %s",
			         n, row.pcpus, row.vcpus, result.changes, result.spread_pm,
			         best.changes, best.spread,
			         result.fewest ? "said to be proven" : "not proven");
	}
	place_free(&s);
}

/* Negative control: without steps for branch and bound the heuristics alone must miss some of these. */
static void without_the_exact_search_some_are_missed(void **state)
{
	struct place_scratch s = {0};
	unsigned seed = 1, n, missed = 0;

	for (n = 0; n < 1000; n++) {
		struct problem_row row;
		struct place_problem problem;
		struct place_result result;
		struct cpuset allowed;
		struct best best;

		random_row(&row, &seed);
		allowed = everywhere(row.pcpus);
		set_up(&row, &problem, &s, &allowed);
		problem.nodes = 0;
		place_search(&problem, &s, &result);
		best = try_all(&row);
		missed += result.spread_pm > best.spread + 1e-6 ||
		          (result.within && result.changes > best.changes);
	}
	print_message("# heuristics alone miss %u of 1000\n", missed);
	assert_in_range(missed, 1, 500);
	place_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(known_placements_are_found),
	        cmocka_unit_test(without_tidying_guests_share_pcpus),
	        cmocka_unit_test(forbidden_pcpus_are_not_used),
	        cmocka_unit_test(what_may_not_move_stays),
	        cmocka_unit_test(random_hosts_match_exhaustive_search),
	        cmocka_unit_test(without_the_exact_search_some_are_missed),
	};

	return check_all(tests);
}
