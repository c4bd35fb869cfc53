/* sim_world - a host in virtual time: time itself, guests and pCPUs that come and go */
#ifndef VMB_COLLECTOR_SIM_WORLD_H
#define VMB_COLLECTOR_SIM_WORLD_H

#include "collector/case.h"
#include "collector/sim_kernel.h"
#include "collector/sim_life.h"
#include "collector/sim_memory.h"
#include "collector/sim_share.h"

/*
 * A vCPU, or a thread of the host: it works as the lab's guests do (tests/lab/guest/duty.c). In each period of 100 ms a
 * portion of work is due; it begins at a random moment of the period's first 10 ms; what is not done by the end is done
 * later, but no more than two portions are ever owed: demand that was not served carries over a little, the rest is lost.
 */
struct sim_task {
	const struct case_load *load;
	int guest; /* -1: a thread of the host */
	uint32_t vcpu;
	double weight;
	double kernel_part;    /* of its time that the host counts as the kernel's */
	struct cpuset allowed; /* also pCPUs that are offline */
	int only;              /* the one pCPU of these that is left; -1: there are more */
	bool there;            /* exists and is not paused */
	bool wants;            /* owes work */
	int on;                /* where it runs or ran last; -1: never yet */
	uint64_t period_ns;    /* when the next period begins */
	uint64_t jitter_ns;    /* and how much later its work, when nothing is owed */
	uint64_t nr_periods;   /* for the draws of jitter */
	double debt_ns;        /* owed */
	double run_ns,
	        delay_ns; /* since its guest started: CPU time, and time it wanted to run and did not */
	double waited_ns; /* since it last changed its pCPU */
};

struct sim_guest {
	struct case_guest of;
	uint8_t uuid[UUID_BYTES];
	char name[GUEST_NAME];
	struct sim_life life; /* as of the last step */
	uint32_t instance;
	unsigned first_task;
	struct sim_memory memory;
};

struct host;

struct sim_pcpu {
	double user_ns, kernel_ns;
	double idle_ns;   /* while it was online */
	double busy_part; /* of the last step */
};

struct sim_world {
	const struct case_file *c;
	uint64_t now_ns;         /* since the world began: WARM_NS before the case does */
	struct cpuset pcpus_all; /* those the host has */
	struct cpuset online;
	struct sim_pcpu *pcpus;
	struct kernel_pcpu *kernel;
	unsigned nr_pcpus, nr_guests, nr_tasks;
	struct sim_guest *guests; /* in ascending order of UUID */
	struct sim_task *tasks;   /* those of guest i from its first_task on; the host's last */
	uint32_t next_instance;
	uint64_t boots;   /* for the draws of what ran before */
	size_t nr_events; /* of the case, that have happened */
	uint64_t steps;
	uint64_t memory_ns;      /* up to which memory has moved */
	double used_kib;         /* of the host's memory, by the host itself */
	bool failed;             /* the host has run out of memory */
	int *first_on, *next_on; /* scratch: the tasks that want each pCPU, as lists */
	struct sharer *sharers;
};

/*
 * Within a step all that want a pCPU are served at once, fairly. Steps of a tenth of this change what a vCPU runs in
 * 40 s by 0.03 % of a pCPU at most, and what it waits by 0.2 %; an hour of 32 vCPUs on 16 pCPUs takes 1.3 s of CPU
 * time when they are pinned, 3.1 s when they float.
 */
#define SIM_STEP_NS 1000000ULL

/* Loads run so long before the case's clock starts, as the lab's do, at their first level. */
#define SIM_WARM_NS 2000000000ULL

/*
 * Make the world of a case (borrowed: it must outlive the world) and let it run to the moment at which the case begins.
 * Returns 0, -ENOMEM, or -EINVAL where the case's pins do not fit its host.
 */
int sim_world_new(const struct case_file *c, struct sim_world **out, struct error *e);
void sim_world_free(struct sim_world *w);

/* Let time pass until now_ns is to_ns; nothing happens when it is that already. */
void sim_world_advance(struct sim_world *w, uint64_t to_ns);

/* Bring guests to where the case has them now. Returns 0, or -EINVAL where the pins of one that starts do not fit. */
int sim_world_live(struct sim_world *w, struct error *e);

/* The time on the case's clock. */
uint64_t sim_world_case_ns(const struct sim_world *w);

/* The running guest with this UUID, NULL when it is not there. */
struct sim_guest *sim_world_guest(struct sim_world *w, const uint8_t uuid[UUID_BYTES]);

/* The world behind a simulated host: for those who judge what happened in it. */
struct sim_world *sim_host_world(struct host *h);

/* The pCPUs that guests may use: online and not isolated. */
struct cpuset sim_world_usable(const struct sim_world *w);

#endif
