/* names - the lookup tables of a trace in memory: guests, vCPUs, lists of pCPUs by their ids */
#ifndef VMB_TRACES_NAMES_H
#define VMB_TRACES_NAMES_H

#include "collector/sample.h"
#include "common/error.h"

struct trace_reader;

struct name_guest {
	int64_t id;
	uint8_t uuid[UUID_BYTES];
	char name[GUEST_NAME];
	uint32_t rank; /* its place in the order of UUIDs */
};

struct name_vcpu {
	int64_t id;
	uint32_t guest; /* index */
	uint32_t number;
	uint32_t rank; /* its place in the order of a sample: by guest, then by number */
};

struct name_cpus {
	int64_t id;
	struct cpuset set;
};

/* In ascending order of ids. Zeroed is empty. */
struct names {
	struct name_guest *guests;
	struct name_vcpu *vcpus;
	struct name_cpus *cpus;
	size_t nr_guests, nr_vcpus, nr_cpus;
};

/* Fill r->names. Returns 0, -EBADMSG, -ENOMEM; what was read then is freed by names_done(). */
int names_load(struct trace_reader *r, struct error *e);
void names_done(struct names *n);

/* By id; NULL when there is none. */
const struct name_guest *names_guest(const struct names *n, int64_t id);
const struct name_vcpu *names_vcpu(const struct names *n, int64_t id);
const struct cpuset *names_cpus(const struct names *n, int64_t id);

#endif
