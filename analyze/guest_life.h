/* guest_life - metrics of guests that end, start anew, or run out of memory */
#ifndef VMB_ANALYZE_GUEST_LIFE_H
#define VMB_ANALYZE_GUEST_LIFE_H

#include "analyze/metrics.h"

/*
 * A guest whose reports showed so little usable memory was at its end: the kernel kills at 0, and a workload of 18 MB/s eats that
 * much from one report to the next. The load of the memory cases stops by itself at 64 MiB.
 */
#define LIFE_NOTHING_LEFT_MIB 40.0

/* A kill is seen by what it frees: at least this part of the balloon, from one tick to the next. */
#define LIFE_FREED_PART 0.10

/* What ends within so long of having nothing left ended because of it: before it does its statistics stand still. */
#define LIFE_LAST_SEEN_S 60.0

/* A number for every guest; what they are stands in the table of metrics.c. 0 or -ENOMEM. */
int life_lost(const struct series *s, const struct settling *x, struct window w,
              struct observations *out);
int life_oom(const struct series *s, const struct settling *x, struct window w,
             struct observations *out);
int life_reboots(const struct series *s, const struct settling *x, struct window w,
                 struct observations *out);

#endif
