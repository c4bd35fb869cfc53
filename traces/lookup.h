/* lookup - the ids that guests, vCPUs and lists of pCPUs have in the trace, remembered by the writer */
#ifndef VMB_TRACES_LOOKUP_H
#define VMB_TRACES_LOOKUP_H

#include "collector/sample.h"
#include "traces/rows.h"

struct lookup_vcpu {
	uint32_t number;
	int64_t id;
};

/* A guest, and what its last row said of what changes seldom. */
struct lookup_guest {
	int64_t id;
	uint8_t uuid[UUID_BYTES];
	char name[GUEST_NAME];
	struct lookup_vcpu *vcpus; /* ascending */
	size_t nr_vcpus, room_vcpus;
	bool told;
	enum guest_state state;
	uint32_t instance;
	bool user_pins;
};

struct lookup_cpus {
	int64_t id;
	struct cpuset set;
};

/* An open hash of entries: 1 + the index of one, 0 where a slot is free. */
struct lookup_hash {
	struct {
		uint64_t hash;
		uint32_t entry;
	} * slot;
	size_t room; /* a power of two, at least twice the entries */
};

struct lookup {
	struct rows *rows; /* borrowed */
	struct lookup_guest *guests;
	struct lookup_cpus *cpus;
	size_t nr_guests, room_guests, nr_cpus, room_cpus;
	struct lookup_hash guest_hash, cpus_hash;
};

void lookup_init(struct lookup *l, struct rows *rows);
void lookup_done(struct lookup *l);

/*
 * Forget everything: after a rollback, as ids given since may then belong to what another writer added, and when it
 * has grown beyond what hosts have. What is forgotten is read again.
 */
void lookup_forget(struct lookup *l);
bool lookup_is_large(const struct lookup *l);

/*
 * The id, from memory, else from the trace, else from a new row. To be called inside of a write transaction, so that
 * no other writer can add the same in between. Return an SQLite result code. *guest is good until the next call.
 */
int lookup_guest(struct lookup *l, const uint8_t uuid[UUID_BYTES], const char *name,
                 struct lookup_guest **guest);
int lookup_vcpu(struct lookup *l, struct lookup_guest *guest, uint32_t number, int64_t *id);
int lookup_cpus(struct lookup *l, const struct cpuset *set, int64_t *id);

#endif
