/* memory_guest - metrics of a guest's memory over a run, a number for each guest */
#ifndef VMB_ANALYZE_MEMORY_GUEST_H
#define VMB_ANALYZE_MEMORY_GUEST_H

#include "analyze/metrics.h"

/*
 * Each appends a number for every guest whose memory is told, NAN where it is not known; 0 or -ENOMEM. What they are stands in
 * the table of metrics.c.
 */
int memory_in_band(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out);
int memory_deficit(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out);
double memory_at_rest(const struct series *s, size_t tick, int32_t *subject);
int memory_settle(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out);
int memory_return(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out); /* of guests that grew */
int memory_peak_used(const struct series *s, const struct settling *x, struct window w,
                     struct observations *out);
int memory_peak_actual(const struct series *s, const struct settling *x, struct window w,
                       struct observations *out);
int memory_room(const struct series *s, const struct settling *x, struct window w,
                struct observations *out);
int memory_travel(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out);
int memory_net(const struct series *s, const struct settling *x, struct window w,
               struct observations *out);

#endif
