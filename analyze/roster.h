/* roster - finds the place of a guest or vCPU by its UUID and number */
#ifndef VMB_ANALYZE_ROSTER_H
#define VMB_ANALYZE_ROSTER_H

#include "collector/sample.h"

/* As a number: the guest itself, not one of its vCPUs. */
#define ROSTER_GUEST UINT64_MAX

/* A hash table with open addressing; nothing is ever taken out. Zeroed: empty. */
struct roster {
	struct roster_entry *entries;
	size_t nr, room;
};

/* The place that was added for this name, -1 when there is none. */
long roster_find(const struct roster *r, const uint8_t uuid[UUID_BYTES], uint64_t number);

/* Add a name that is not there yet. 0 or -ENOMEM. */
int roster_add(struct roster *r, const uint8_t uuid[UUID_BYTES], uint64_t number, size_t place);

void roster_done(struct roster *r);

#endif
