/* steal - which share of its CPU demand a guest spent waiting for a pCPU */
#ifndef VMB_ANALYZE_STEAL_H
#define VMB_ANALYZE_STEAL_H

#include "analyze/metrics.h"

/* A value for each tick and guest that wanted at least BUSY_PCT, NAN where the host did not tell how long it waited. 0 or -ENOMEM. */
int steal_observe(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out);

/* The share of a guest in a tick, in %; NAN where it wanted less than that, and where it is not known. */
double steal_at(const struct series *s, size_t tick, size_t guest);

#endif
