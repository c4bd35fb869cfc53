/* mem_audit - judge what a policy of memory does in a simulated host: the safety laws, as far as the world can tell */
#ifndef VMB_TESTS_UNIT_MEM_AUDIT_H
#define VMB_TESTS_UNIT_MEM_AUDIT_H

#include "collector/host.h"

/*
 * It knows nothing of how the balancer thinks: it sees the samples that the policy saw, the orders that it gave, and what
 * really is in the simulated guests. What a law forbids by what a policy could know is judged by the sample; what
 * happened is judged by the world.
 *
 *   S1  an order that takes leaves a guest less than its minimum, or than it used by the last report and `low` above it
 *   S2  a take without a complete, sane report of at most three periods; from one that is paused, held by a job, or started
 *       not a minute ago
 *   S3  a take from a guest that was seen in trouble within 10 minutes; one seen in trouble is not given what there is
 *   S4  a further take before the one under way is seen, within 5 s of it; one that makes no progress is not withdrawn
 *   S5  more is given than the host has beyond its reserve, with all that is promised and not yet there
 *   S6  a take from a guest that was seen to reboot not a minute ago
 *   S7  a take within 30 s after someone else's order was seen
 *   S8  an order that puts back and takes, or gives more than the host has
 *
 * S9 (one balancer a host) is not a matter of the world.
 */
enum mem_law_number {
	S1,
	S2,
	S3,
	S4,
	S5,
	S6,
	S7,
	S8,
	MEM_LAWS
};

/* What the laws count with; KiB. */
struct mem_rules {
	uint64_t guest_min_kib;
	uint64_t guest_max_kib; /* that a user wants no balloon above; UNKNOWN: none */
	uint64_t low_kib;       /* of a guest's band, */
	double low_part;        /* or this part of its balloon: the larger */
	uint64_t reserve_kib;   /* of the host, */
	double reserve_part;    /* or this part of its memory: the larger */
	uint64_t qemu_kib;      /* what a QEMU process holds beside its guest's memory, at most */
	uint64_t interval_ns;
};

extern const struct mem_rules mem_rules_default;

struct audit_guest;

struct mem_audit {
	struct host *host;
	struct mem_rules rules;
	const struct sample *s;     /* of the tick under way */
	struct audit_guest *guests; /* in the order of the world's */
	bool putting_back;
	double given_kib; /* in this tick */

	/* the result */
	unsigned breaches[MEM_LAWS];
	char first[MEM_LAWS][200]; /* the first breach of each in words */
	uint64_t guest_ticks;
	uint64_t
	        ideal_ticks; /* of guests that obey, below their maximum, while there was something to give them */
	uint64_t ideal_low_ticks; /* of these: with less than `low` left */
	unsigned orders, takes;
	unsigned lost; /* kills and panics that a law should have prevented */
	unsigned
	        lost_to_leaks; /* of loads faster than any balloon, be it while one is taken that would have left enough */
	unsigned
	        lost_otherwise; /* at the maximum, by a balloon that does not obey, with nothing to give */
	unsigned hosts_failed;           /* by what the policy gave, or left, to guests: 1, or 0 */
	unsigned hosts_failed_otherwise; /* by what they had beyond that */
	char first_lost[200];
};

/* For a simulated host. -ENOMEM. */
int mem_audit_init(struct mem_audit *a, struct host *host, const struct mem_rules *rules);
void mem_audit_done(struct mem_audit *a);

/* A tick: what the policy is shown, each of its orders with the host's answer, and that it has given all. */
void mem_audit_sample(struct mem_audit *a, const struct sample *s);
void mem_audit_order(struct mem_audit *a, size_t guest, uint64_t kib, int result);
void mem_audit_acted(struct mem_audit *a);

/* From here on orders put back. */
void mem_audit_put_back(struct mem_audit *a);

/* The run is over: why, if the host has failed. */
void mem_audit_end(struct mem_audit *a);

unsigned mem_audit_breaches(const struct mem_audit *a);

#endif
