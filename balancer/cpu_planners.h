/* cpu_planners - the placement policies by name: ours, and those to compare it with */
#ifndef VMB_BALANCER_CPU_PLANNERS_H
#define VMB_BALANCER_CPU_PLANNERS_H

#include "balancer/cpu_plan.h"

/* What --policy names. To add one: a function with cpu_plan()'s contract and a row. */
struct cpu_planner_row {
	const char *name;
	const char *help; /* what it does, to stand behind "NAME: " */
	cpu_planner *plan;
};

/* The first is the default; ends with a row without a name. */
extern const struct cpu_planner_row cpu_planners[];

/* The row of a name, NULL when there is none. */
const struct cpu_planner_row *cpu_planner_find(const char *name);

#endif
