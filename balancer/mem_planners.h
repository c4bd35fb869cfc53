/* mem_planners - the policies of memory by name: ours, and those to compare it with */
#ifndef VMB_BALANCER_MEM_PLANNERS_H
#define VMB_BALANCER_MEM_PLANNERS_H

#include "balancer/mem_plan.h"

/* What --policy names. To add one: a function with mem_plan()'s contract and a row. */
struct mem_planner_row {
	const char *name;
	const char *help; /* what it does, to stand behind "NAME: " */
	mem_planner *plan;
};

/* The first is the default, and the only one that keeps the safety laws; ends with a row without a name. */
extern const struct mem_planner_row mem_planners[];

/* The row of a name, NULL when there is none. */
const struct mem_planner_row *mem_planner_find(const char *name);

#endif
