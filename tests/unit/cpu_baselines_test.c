/* cpu_baselines_test - what each of the simple policies decides, a tick at a time */
#include <stdio.h>
#include <string.h>

#include "balancer/cpu_plan_baselines.h"
#include "balancer/cpu_planners.h"
#include "tests/unit/check.h"

#define PCPUS 4
#define VCPUS 8

#define FLOATS  VIEW_FLOATS
#define OUTSIDE VIEW_OUTSIDE

/* Loads in per cent; a vCPU whose load is 0 ends the list, unless vcpus says how many. */
struct row {
	const char *name;
	const char *policy;
	size_t pcpus;
	int load[VCPUS], on[VCPUS], last[VCPUS];
	size_t vcpus;
	int other[PCPUS];
	unsigned not_managed; /* a bit each */
	const char *limited;  /* the last vCPU may go to these pCPUs alone */
	const char *moves;    /* "vCPU:from>to ..."; f: it floats */
	enum verdict verdict;
};

static const struct row rows[] = {
        {"none leaves all as it is",
         "none",
         2,
         {20, 20, 20},
         {0, 0, 0},
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"and is content with balance",
         "none",
         2,
         {20, 20},
         {0, 1},
         .moves = "",
         .verdict = VERDICT_QUIET},
        {"and floating ones",
         "none",
         2,
         {20, 20},
         {FLOATS, FLOATS},
         .moves = "",
         .verdict = VERDICT_HOLD},

        {"count takes what is too many",
         "count",
         2,
         {20, 20, 20, 20},
         {0, 0, 0, 0},
         .moves = "0:0>1 1:0>1",
         .verdict = VERDICT_ACT},
        {"count is blind to load",
         "count",
         2,
         {40, 40, 1, 1},
         {0, 0, 1, 1},
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"count does not mind one more",
         "count",
         2,
         {20, 20, 20},
         {0, 0, 1},
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"count places floating ones in order",
         "count",
         2,
         {40, 5, 40, 5},
         {FLOATS, FLOATS, FLOATS, FLOATS},
         .moves = "0:f>0 1:f>1 2:f>0 3:f>1",
         .verdict = VERDICT_ACT},
        {"count places idle ones as well",
         "count",
         2,
         {0, 0},
         {0, 0},
         .vcpus = 2,
         .moves = "0:0>1",
         .verdict = VERDICT_ACT},

        {"greedy moves one, which halves the gap",
         "greedy",
         2,
         {30, 20, 20},
         {0, 0, 0},
         .moves = "0:0>1",
         .verdict = VERDICT_ACT},
        {"greedy takes from the busiest to the idlest",
         "greedy",
         3,
         {20, 20, 20, 10},
         {0, 0, 1, 2},
         .moves = "0:0>2",
         .verdict = VERDICT_ACT},
        {"greedy lets a small difference be",
         "greedy",
         2,
         {20, 2, 18},
         {0, 0, 1},
         .moves = "",
         .verdict = VERDICT_QUIET},
        {"greedy does not carry one load to and fro",
         "greedy",
         2,
         {50},
         {0},
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"greedy is stuck where only a swap helps",
         "greedy",
         2,
         {40, 40, 25, 25},
         {0, 0, 1, 1},
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"greedy counts what else runs",
         "greedy",
         2,
         {20, 20},
         {0, 1},
         .other = {60, 0},
         .moves = "0:0>1",
         .verdict = VERDICT_ACT},
        {"greedy pins a floating one away from where it ran",
         "greedy",
         2,
         {20, 20},
         {FLOATS, FLOATS},
         .last = {1, 1},
         .moves = "0:f>0",
         .verdict = VERDICT_ACT},

        {"repack puts the heaviest first",
         "repack",
         2,
         {10, 20, 40, 30},
         {FLOATS, FLOATS, FLOATS, FLOATS},
         .moves = "2:f>0 3:f>1 1:f>1 0:f>0",
         .verdict = VERDICT_ACT},
        {"repack does not care where they were",
         "repack",
         2,
         {20, 30},
         {0, 1},
         .moves = "1:1>0 0:0>1",
         .verdict = VERDICT_ACT},
        {"repack leaves what is where it comes to",
         "repack",
         2,
         {30, 20},
         {0, 1},
         .moves = "",
         .verdict = VERDICT_QUIET},
        {"repack fills up what else runs",
         "repack",
         2,
         {20, 20},
         {0, 0},
         .other = {50, 0},
         .moves = "0:0>1 1:0>1",
         .verdict = VERDICT_ACT},

        {"swap exchanges two where no move helps",
         "swap",
         2,
         {40, 40, 25, 25},
         {0, 0, 1, 1},
         .moves = "0:0>1 2:1>0",
         .verdict = VERDICT_ACT},
        {"swap moves one where that is best",
         "swap",
         2,
         {30, 20, 20},
         {0, 0, 0},
         .moves = "0:0>1",
         .verdict = VERDICT_ACT},
        {"swap takes the best pair of pCPUs",
         "swap",
         3,
         {30, 30, 20, 20, 5},
         {0, 0, 1, 1, 2},
         .moves = "0:0>2",
         .verdict = VERDICT_ACT},
        {"swap lets be what is within the limit",
         "swap",
         2,
         {20, 2, 18},
         {0, 0, 1},
         .moves = "",
         .verdict = VERDICT_QUIET},

        {"count leaves what is not ours",
         "count",
         2,
         {20, 20, 20, 20},
         {0, 0, 0, 0},
         .not_managed = 0x3,
         .moves = "2:0>1 3:0>1",
         .verdict = VERDICT_ACT},
        {"greedy leaves what is not ours",
         "greedy",
         2,
         {20, 20, 20, 20},
         {0, 0, 0, 0},
         .not_managed = 0x7,
         .moves = "3:0>1",
         .verdict = VERDICT_ACT},
        {"repack leaves what is not ours",
         "repack",
         2,
         {20, 20, 20},
         {0, 0, 0},
         .not_managed = 0x3,
         .moves = "2:0>1",
         .verdict = VERDICT_ACT},
        {"swap leaves what is not ours",
         "swap",
         2,
         {40, 40, 25, 25},
         {0, 0, 1, 1},
         .not_managed = 0xd,
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"count goes where it may",
         "count",
         3,
         {20, 20},
         {0, 0},
         .limited = "0,2",
         .not_managed = 0x1,
         .moves = "1:0>2",
         .verdict = VERDICT_ACT},
        {"greedy goes where it may",
         "greedy",
         2,
         {20, 20},
         {0, 0},
         .limited = "0",
         .not_managed = 0x1,
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"repack goes where it may",
         "repack",
         3,
         {30, 20, 10},
         {0, 0, 0},
         .limited = "1",
         .moves = "1:0>1 2:0>1",
         .verdict = VERDICT_ACT},
        {"swap goes where it may",
         "swap",
         2,
         {40, 40, 25},
         {0, 0, 1},
         .limited = "1",
         .not_managed = 0x3,
         .moves = "",
         .verdict = VERDICT_HOLD},
        {"count leaves a pin outside our pCPUs",
         "count",
         2,
         {20},
         {OUTSIDE},
         .moves = "",
         .verdict = VERDICT_QUIET},
        {"repack leaves a pin outside our pCPUs",
         "repack",
         2,
         {20},
         {OUTSIDE},
         .moves = "",
         .verdict = VERDICT_QUIET},
        {"one pCPU: nothing to choose from",
         "repack",
         1,
         {20},
         {FLOATS},
         .moves = "",
         .verdict = VERDICT_QUIET},
};

struct scene {
	struct cpu_view view;
	struct view_pcpu pcpus[PCPUS];
	struct view_vcpu vcpus[VCPUS];
};

static void set_up(struct scene *s, const struct row *row)
{
	struct cpuset all = CPUSET_NONE;
	size_t i;

	*s = (struct scene){.view = {row->pcpus, row->vcpus, s->pcpus, s->vcpus}};
	for (i = 0; i < row->pcpus; i++) {
		s->pcpus[i] = (struct view_pcpu){.pcpu = (uint32_t)i,
		                                 .other_pm = 10 * row->other[i]};
		cpuset_add(&all, (unsigned)i);
	}
	while (!row->vcpus && s->view.nr_vcpus < VCPUS && row->load[s->view.nr_vcpus])
		s->view.nr_vcpus++;
	for (i = 0; i < s->view.nr_vcpus; i++)
		s->vcpus[i] = (struct view_vcpu){.load_pm = 10 * row->load[i],
		                                 .samples = 9,
		                                 .guest = (uint32_t)i,
		                                 .on = row->on[i],
		                                 .last = row->last[i],
		                                 .allowed = all,
		                                 .managed = !(row->not_managed >> i & 1)};
	if (row->limited)
		assert_int_equal(cpuset_parse(row->limited, &s->vcpus[i - 1].allowed), 0);
}

static void moves_text(const struct cpu_move *moves, size_t nr, char *text, size_t size)
{
	int n = 0;
	size_t i;

	*text = '\0';
	for (i = 0; i < nr; i++) {
		char from[16] = "f";

		if (moves[i].from >= 0)
			snprintf(from, sizeof(from), "%d", moves[i].from);
		n += snprintf(text + n, size - (size_t)n, "%s%u:%s>%d", i ? " " : "", moves[i].vcpu,
		              from, moves[i].to);
	}
}

static void each_decides_by_its_rule(void **state)
{
	struct place_scratch scratch = {0};
	size_t i;

	assert_int_equal(place_reserve(&scratch, PCPUS, VCPUS, NULL), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct cpu_plan_state plan_state = {0};
		struct cpu_move moves[VCPUS];
		struct cpu_choice choice;
		struct scene s;
		char text[200];

		set_up(&s, row);
		cpu_planner_find(row->policy)
		        ->plan(&cpu_policy_default, &s.view, &plan_state, &scratch, moves, &choice);
		moves_text(moves, choice.nr_moves, text, sizeof(text));
		if (strcmp(text, row->moves) || choice.verdict != row->verdict)
			fail_msg("%s: '%s' (%s) instead of '%s' (%s)", row->name, text,
			         verdict_name[choice.verdict], row->moves,
			         verdict_name[row->verdict]);
	}
	place_free(&scratch);
}

/* What all of them say of the spread is what it is, before and after. */
static void the_spread_is_told(void **state)
{
	const struct row row = {.pcpus = 2, .load = {30, 20, 20, 10}, .on = {0, 0, 0, 0}};
	struct place_scratch scratch = {0};
	struct cpu_plan_state plan_state = {0};
	struct cpu_move moves[VCPUS];
	struct cpu_choice choice;
	struct scene s;

	assert_int_equal(place_reserve(&scratch, PCPUS, VCPUS, NULL), 0);
	set_up(&s, &row);
	baseline_repack(&cpu_policy_default, &s.view, &plan_state, &scratch, moves, &choice);
	assert_true(choice.spread_pm == 400 && choice.predicted_pm == 0);
	s.vcpus[0].samples = s.vcpus[1].samples = s.vcpus[2].samples = s.vcpus[3].samples = 0;
	baseline_repack(&cpu_policy_default, &s.view, &plan_state, &scratch, moves, &choice);
	assert_true(choice.verdict == VERDICT_WATCH && choice.nr_moves == 0);
	place_free(&scratch);
}

static void the_table_has_ours_first(void **state)
{
	assert_ptr_equal(cpu_planners[0].plan, cpu_plan);
	assert_ptr_equal(cpu_planner_find("vmb"), &cpu_planners[0]);
	assert_null(cpu_planner_find("nothing"));
	assert_null(cpu_planner_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_decides_by_its_rule),
	        cmocka_unit_test(the_spread_is_told),
	        cmocka_unit_test(the_table_has_ours_first),
	};

	return check_all(tests);
}
