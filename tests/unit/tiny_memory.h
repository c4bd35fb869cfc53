/* tiny_memory - a host with ideal guests that use memory, and vmb-mem's estimate and plan in the loop, in the test's own time */
#ifndef VMB_TESTS_UNIT_TINY_MEMORY_H
#define VMB_TESTS_UNIT_TINY_MEMORY_H

#include "balancer/mem_estimate.h"
#include "balancer/mem_plan.h"

#define TINY_GUESTS 8
#define TINY_KERNEL (40 * MIB) /* of its memory a guest never sees */

struct tiny_guest {
	uint64_t maximum_kib, actual_kib, target_kib;
	int64_t used_kib, cache_kib;
	double eats_kib_s; /* until `until_kib` is used */
	int64_t until_kib;
	double follows_kib_s; /* its balloon; 0: it is stuck */
	uint64_t
	        heard_ns; /* so long after the sample an order arrives; UINT64_MAX: never, and nobody is told */
	uint64_t order_kib, arrives_ns; /* one on its way; 0: none */
	bool no_driver;                 /* there is a device, and nobody works it */
	bool mute;                      /* its reports stand still */
	bool late;                      /* the host does not hear of them in time */
	bool leaves, paused, busy;
	uint32_t instance, reboots;
	enum balloon balloon;
	uint64_t period_s;
	uint64_t touched_kib; /* of its memory on the host */
	uint64_t swap_in_kib;
	struct guest_memory report;
	struct mem_limits limits;
	bool theirs; /* --exclude */

	/* what was seen of it */
	int64_t least_left_kib; /* below its maximum */
	uint64_t least_actual_kib, largest_cut_kib;
	unsigned gives, takes, turns; /* turns: from taking to giving or back */
	int last;
};

struct tiny_memory {
	struct mem_policy policy;
	struct tiny_guest guests[TINY_GUESTS];
	size_t nr;
	uint64_t total_kib, host_used_kib;
	bool host_unknown;
	uint64_t now_ns;
	struct mem_estimate estimate;
	struct mem_plan_state state;
	struct mem_order orders[TINY_GUESTS];
	struct fill_share shares[TINY_GUESTS];
	struct mem_choice choice;
	struct sample sample;
	int64_t least_available_kib;
	bool obeys_nobody; /* orders are refused */
};

/* `nr` guests of 2 GiB with a balloon that leaves 512 MiB, 60 MiB of it used, on a host of 16 GiB; a tick a second. */
void tiny_memory_init(struct tiny_memory *t, size_t nr);
void tiny_memory_done(struct tiny_memory *t);

/* What guest i has left now, which its reports tell later. */
int64_t tiny_memory_left(const struct tiny_memory *t, size_t i);

/* Sense, estimate, plan, order; then an interval goes by. */
void tiny_memory_tick(struct tiny_memory *t);
void tiny_memory_run(struct tiny_memory *t, unsigned ticks);

/* What the host has available. */
int64_t tiny_memory_available(const struct tiny_memory *t);

/* Only sense and estimate, into t->estimate.view. */
void tiny_memory_sense(struct tiny_memory *t, bool rebase);

#endif
