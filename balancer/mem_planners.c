/* mem_planners - the policies of memory by name: ours, and those to compare it with */
#include "balancer/mem_planners.h"

#include <string.h>

#include "balancer/mem_plan_baselines.h"

const struct mem_planner_row mem_planners[] = {
        {"vmb", "gives in time, takes little by little, keeps the safety laws (default)", mem_plan},
        {"none", "never sets a balloon", mem_baseline_none},
        {"step", "100 MB up below 100 MB unused, 100 MB down above 300", mem_baseline_step},
        {"mom", "5 % at a time, by what the host has free (oVirt MOM)", mem_baseline_mom},
        {"proxmox", "80 % of the host used, by shares (Proxmox VE)", mem_baseline_proxmox},
        {"squeezed", "all at the same part of their range (Xen)", mem_baseline_squeezed},
        {0},
};

const struct mem_planner_row *mem_planner_find(const char *name)
{
	const struct mem_planner_row *row;

	for (row = mem_planners; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}
