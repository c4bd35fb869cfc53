/* cpu_options - the command line of vmb-cpu */
#ifndef VMB_BALANCER_CPU_OPTIONS_H
#define VMB_BALANCER_CPU_OPTIONS_H

#include "balancer/cpu_estimate.h"
#include "balancer/cpu_planners.h"
#include "common/options.h"

struct cpu_options {
	uint64_t interval_ns;
	const char *uri;
	const char *trace;
	const char *label;
	uint64_t duration_ns; /* 0: until interrupted */
	bool dry_run, keep, restore, override_pins, verbose;
	struct texts only, exclude;
	bool has_cpus;
	struct cpuset cpus;
	struct cpu_policy policy;
	const struct cpu_planner_row *planner;
	char arguments[1024]; /* as typed, for the trace */
	char settings[2048];  /* the policy in force and whom it is for, for the trace */
};

/* Read the command line, or answer --help, --version and mistakes and exit. */
void cpu_options_or_exit(int argc, char **argv, struct cpu_options *out);

/* Whether these options make a guest ours to move; fits struct cpu_scope. */
bool cpu_options_manage(const void *options, const struct sample_guest *guest);

#endif
