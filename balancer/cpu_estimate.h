/* cpu_estimate - from samples to smoothed loads: what each vCPU wants, what else runs on each pCPU */
#ifndef VMB_BALANCER_CPU_ESTIMATE_H
#define VMB_BALANCER_CPU_ESTIMATE_H

#include "balancer/cpu_plan.h"
#include "balancer/smooth.h"

/* A level that has stepped, and whether it stays there (cpu_steps.h). */
struct cpu_step {
	double before_pm;
	unsigned ticks; /* since then; 0: none */
};

/* What a load has been on average (cpu_means.h). */
struct mean {
	double pm;
	unsigned ticks;
};

/* What is known of a vCPU from tick to tick. */
struct vcpu_track {
	uint8_t guest[UUID_BYTES];
	uint32_t vcpu;
	uint32_t instance;
	uint64_t run_ns;
	double run_now_pm; /* over the last interval; < 0 when not known */
	double wants_pm;   /* of a squeezed one: what it is taken to want */
	struct smooth load;
	bool squeezed;
	bool learned_free; /* load has readings from times when it was not squeezed */
	struct cpu_step step;
	double noted_pm, noted_error_pm; /* of the view, when it was noted */
	struct mean mean;                /* of the view */
	bool has_limit;      /* its affinity was narrowed to some of the pCPUs when first seen: */
	struct cpuset limit; /* it stays within these */
	unsigned rested_ticks;
	uint64_t refused_ns, refused_until_ns; /* it is left alone for so long, and until then */
};

/* What is known of a pCPU. */
struct pcpu_track {
	uint32_t pcpu;
	uint64_t busy_ns;
	uint64_t total_ns;
	struct smooth other;
	struct smooth busy;
	struct cpu_step step; /* of what else runs on it */
	struct mean mean;     /* the same */
	double noted_pm;
	double busy_now_pm;  /* of the last interval; < 0 when not known */
	double vcpus_now_pm; /* of these the vCPUs pinned to it */
	unsigned nr_vcpus;   /* these */
	double level_pm;     /* the most that one of them ran */
	double squeezed_pm;  /* what the squeezed ones of them ran together */
	unsigned nr_squeezed;
};

/* The state of the estimator. Zero it to start; cpu_estimate_done() frees. */
struct cpu_estimate {
	uint64_t middle_ns;                    /* of the last sample; 0 before the first */
	struct vcpu_track *vcpus, *vcpus_next; /* in the order of the sample */
	uint32_t *order;                       /* [nr_vcpus] for cpu_alike() */
	size_t nr_vcpus, room_vcpus;
	struct pcpu_track *pcpus; /* in ascending number */
	size_t nr_pcpus, room_pcpus;
	unsigned since_moved; /* updates since one of ours was moved, or the first */
	unsigned far_ticks;   /* loads have been far from those noted for so many updates */
	bool by_means;        /* the caller's: the view shall have means of loads */
	bool others;          /* other pCPUs have come or gone, or vCPUs have gone */
	struct cpu_view view; /* the result of the last update */
};

/* Which guests are ours to move. */
struct cpu_scope {
	const struct cpuset *cpus; /* pCPUs to use; NULL: all that are usable */
	bool (*manages)(const void *data, const struct sample_guest *guest);
	const void *data;
};

/*
 * Take in a sample; est->view then shows it, vCPU i of the view being vCPU i of the sample. With `rebase` the
 * counters are only taken as a new start, because the time since the last sample means nothing.
 *
 *   run      = CPU time / measured time between the middles of the readings
 *   load     = run, smoothed. On a full pCPU (less than 2 % idle) a vCPU that runs about as much as the one that runs
 *              most is squeezed: it wants more than it runs. All of these are taken to get the same, and to want more
 *              by what would use half of the idle time of all pCPUs. What one was known to want before stays believed.
 *              Loads that chance alone may have told apart are drawn together (cpu_alike.h).
 *   stepped  = the loads are others now than they were for a while (cpu_steps.h)
 *   other    = busy time of the pCPU - run of the vCPUs pinned to it, smoothed
 *   by_means: load and other are in the view what they are on average (cpu_means.h)
 *
 * Returns 0 or -ENOMEM, with the estimate as it was.
 */
int cpu_estimate_update(struct cpu_estimate *est, const struct sample *s,
                        const struct cpu_scope *scope, bool rebase, struct error *e);

/* vCPU `index` of the last sample has been moved: it rests from now on. */
void cpu_estimate_moved(struct cpu_estimate *est, size_t index);

/* It could not be moved: it is not ours to move for 10 s, each time twice as long, 5 min at most. */
void cpu_estimate_refused(struct cpu_estimate *est, size_t index);

void cpu_estimate_done(struct cpu_estimate *est);

#endif
