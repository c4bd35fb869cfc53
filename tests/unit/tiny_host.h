/* tiny_host - pCPUs shared fairly by vCPUs of given demand: just enough to run estimate and plan in a closed loop */
#ifndef VMB_TESTS_UNIT_TINY_HOST_H
#define VMB_TESTS_UNIT_TINY_HOST_H

#include "balancer/cpu_estimate.h"

#define TINY_MOST 32

struct tiny_host {
	size_t pcpus, vcpus;
	double demand_pm[TINY_MOST];
	int on[TINY_MOST];          /* -1: floats */
	unsigned per_guest;         /* vCPUs of a guest; 0: one */
	bool user_pins[TINY_MOST];  /* by guest */
	double other_pm[TINY_MOST]; /* by pCPU: what runs there besides vCPUs, ahead of them */
	double floating_pm;         /* more of that, which goes where vCPUs leave most room */
	bool floats_whole; /* vCPU i that floats keeps to pCPU i, as the kernel has no reason to move it */
	double noise; /* each tick's demand is scaled by 1 ± noise, evenly */
	unsigned seed;
	double interval_s;

	/* the state of the loop */
	uint64_t now_ns;
	double run_ns[TINY_MOST], busy_ns[TINY_MOST];
	struct sample sample;
	struct cpu_estimate estimate;
	struct cpu_plan_state state;
	struct place_scratch scratch;
	struct cpu_move moves[TINY_MOST];
	struct cpu_choice choice;
	struct cpu_policy policy;
	unsigned changes;
	unsigned last_change_tick;
	unsigned ticks;
	double spread_pm; /* of the true loads of the last tick */
	unsigned changes_of[TINY_MOST];
};

void tiny_init(struct tiny_host *h, size_t pcpus, size_t vcpus);
void tiny_done(struct tiny_host *h);

/* One interval: the host runs, is sampled, the plan decides, its moves are made. */
void tiny_tick(struct tiny_host *h);
void tiny_run(struct tiny_host *h, unsigned ticks);

#endif
