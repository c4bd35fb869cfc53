/* changes - metrics of the pin changes that a run made */
#ifndef VMB_ANALYZE_CHANGES_H
#define VMB_ANALYZE_CHANGES_H

#include "analyze/metrics.h"

/* Changes of at most so many ticks after the one before that they take back are reversals. */
#define REVERSAL_TICKS 10

/* How many there were in a window, and how many of them took a vCPU back to where its last change had found it; NAN without memory. */
double changes_count(const struct series *s, const struct settling *x, struct window w);
double changes_reversed(const struct series *s, const struct settling *x, struct window w);

/* For each change of a vCPU that was changed before, the time since then. 0 or -ENOMEM. */
int changes_dwell(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out);

#endif
