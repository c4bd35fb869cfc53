/* cpu_planners - the placement policies by name: ours, and those to compare it with */
#include "balancer/cpu_planners.h"

#include <string.h>

#include "balancer/cpu_plan_baselines.h"

const struct cpu_planner_row cpu_planners[] = {
        {"vmb", "the fewest changes, and only when they pay (default)", cpu_plan},
        {"none", "never pins, the kernel balances", baseline_none},
        {"count", "equally many vCPUs on each pCPU", baseline_count},
        {"greedy", "one move a tick, from the busiest to the idlest pCPU", baseline_greedy},
        {"repack", "everything anew each tick, the heaviest first", baseline_repack},
        {"swap", "the best move or exchange of two each tick", baseline_swap},
        {0},
};

const struct cpu_planner_row *cpu_planner_find(const char *name)
{
	const struct cpu_planner_row *row;

	for (row = cpu_planners; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}
