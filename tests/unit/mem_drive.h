/* mem_drive - let a policy of memory work on a simulated host, tick by tick as vmb-mem does, and audit it */
#ifndef VMB_TESTS_UNIT_MEM_DRIVE_H
#define VMB_TESTS_UNIT_MEM_DRIVE_H

#include "tests/unit/mem_audit.h"

/* What a policy asks for in a tick, in the order in which it is to be done. */
struct mem_asked {
	size_t guest; /* of the sample */
	uint64_t kib;
};

/*
 * A policy under test. decide() gets each sample, with what came late, and writes at most s->nr_guests orders; answered() (may
 * be NULL) hears what the host said to each. put_back() (may be NULL) is decide() after the last tick.
 */
struct mem_policy_ops {
	const char *name;
	void *(*open)(const struct mem_rules *rules, unsigned laws);
	size_t (*decide)(void *policy, const struct sample *s, struct mem_asked *orders);
	void (*answered)(void *policy, size_t guest, uint64_t kib, int result);
	size_t (*put_back)(void *policy, const struct sample *s, struct mem_asked *orders);
	void (*close)(void *policy);
};

/* Every law; what a policy makes of a law that is off is its own affair. */
#define DRIVE_ALL_LAWS ~0U

/*
 * Run a case file to its end with samples every rules->interval_ns; the result is in *a, to be ended by mem_audit_done().
 * Periods of reports are set to one second, also of guests that come later. Returns 0, or -errno with *e where there is
 * no such host. A host that fails ends the run.
 */
int mem_drive(const char *case_path, const struct mem_policy_ops *ops, unsigned laws,
              const struct mem_rules *rules, struct mem_audit *a, struct error *e);

/*
 * Those that the audit is held against. idle does nothing, ever. naive does as it likes: what it reckons each guest needs, at
 * once, whatever is known of it; and puts back what it found. greedy gives everyone all.
 */
extern const struct mem_policy_ops mem_idle, mem_naive, mem_greedy;

/* vmb-mem's own; laws are enum mem_law. */
extern const struct mem_policy_ops mem_balancer;

#endif
