/* cpu_options - the command line of vmb-cpu */
#ifndef VMB_BALANCER_CPU_OPTIONS_H
#define VMB_BALANCER_CPU_OPTIONS_H

#include "balancer/cpu_estimate.h"
#include "balancer/cpu_planners.h"
#include "balancer/loop.h"

struct cpu_options {
	struct loop_options common;
	bool override_pins, has_cpus;
	struct cpuset cpus;
	struct cpu_policy policy;
	const struct cpu_planner_row *planner;
};

/* Read the command line, or answer --help, --version and mistakes and exit. */
void cpu_options_or_exit(int argc, char **argv, struct cpu_options *out);

/* Whether these options make a guest ours to move; fits struct cpu_scope. */
bool cpu_options_manage(const void *options, const struct sample_guest *guest);

#endif
