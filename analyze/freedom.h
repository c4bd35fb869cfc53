/* freedom - which vCPUs of a run may be placed, and where, as far as its trace tells */
#ifndef VMB_ANALYZE_FREEDOM_H
#define VMB_ANALYZE_FREEDOM_H

#include "analyze/series.h"

/* Utilisation from which a pCPU is full (2 % idle): what runs there may want more than it gets. */
#define FULL_PCT 98.0

struct freedom {
	struct freedom_vcpu *vcpus; /* as series.vcpus */
};

/*
 * Every vCPU may be placed on every pCPU that guests may use, with four exceptions. One whose affinity was narrowed to several
 * pCPUs when it was first seen stays within these. A run with --cpus keeps to those. A guest that --only or --exclude left out stays, and so does
 * one whose persistent configuration has pins, its owner's, but for a run with --override-pins; unless the run moved it all the same. 0 or
 * -ENOMEM; freedom_done() is needed in both cases.
 */
int freedom_init(struct freedom *f, const struct series *s);
void freedom_done(struct freedom *f);

/* True: it stays where it is. */
bool freedom_is_fixed(const struct freedom *f, size_t vcpu);

/* The pCPUs that it may be placed on, by number; NULL: all. */
const struct cpuset *freedom_of(const struct freedom *f, size_t vcpu);

#endif
