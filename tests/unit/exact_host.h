/* exact_host - whether a small host has a placement as good as wished: the reference that the plan is held against */
#ifndef VMB_TESTS_UNIT_EXACT_HOST_H
#define VMB_TESTS_UNIT_EXACT_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define EXACT_PCPUS 8
#define EXACT_VCPUS 24

/* Every vCPU may go everywhere. Loads in whole pm. */
struct exact_host {
	size_t pcpus, vcpus;
	double base_pm[EXACT_PCPUS]; /* load that stays where it is */
	double load_pm[EXACT_VCPUS];
	int from[EXACT_VCPUS]; /* -1: floats, and must be placed, which is a change */
};

/* What a placement must keep to. INFINITY and UINT_MAX: no limit. */
struct exact_wish {
	double spread_pm; /* standard deviation over pCPUs, population */
	double highest_pm;
	unsigned changes;
};

enum exact_answer {
	EXACT_NO,
	EXACT_YES,
	EXACT_UNKNOWN, /* not within `nodes` steps */
};

/*
 * Is there a placement within the wish? pCPU after pCPU is given the set of vCPUs that it keeps or takes, within what
 * the wish leaves for it; pCPUs that are alike are tried once. Shares no code with the product. On EXACT_YES the
 * placement is left in to[].
 */
enum exact_answer exact_exists(const struct exact_host *host, const struct exact_wish *wish,
                               unsigned long nodes, int *to);

/*
 * The least load that the fullest pCPU can have; when `nodes` steps do not suffice, a lower bound of it, and *proven is
 * false.
 */
double exact_highest(const struct exact_host *host, unsigned long nodes, bool *proven);

/* A number of changes below which no placement is within the wish. */
unsigned exact_least_changes(const struct exact_host *host, const struct exact_wish *wish);

#endif
