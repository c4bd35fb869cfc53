/* chart_memory - what the two ways to draw the memory of guests share */
#ifndef VMB_ANALYZE_CHART_MEMORY_H
#define VMB_ANALYZE_CHART_MEMORY_H

#include "analyze/chart.h"

/* How much there is to see of a guest's memory in a view, MiB: how far its balloon and its use went; NAN: nothing is told. */
double chart_memory_reach(const struct series *s, const struct chart_view *v, size_t guest);

/* The largest value that is drawn of it, MiB; NAN: none. */
double chart_memory_most(const struct series *s, const struct chart_view *v, size_t guest);

/* Of a tick, MiB. */
double chart_memory_actual(const struct series *s, size_t tick, size_t guest);
double chart_memory_usable(const struct series *s, size_t tick, size_t guest);
double chart_memory_low(const struct series *s, size_t tick, size_t guest);

/* With characters: these guests, of so many. */
void chart_memory_terminal(const struct series *s, const struct chart_view *v, const size_t *guests,
                           size_t nr, size_t all, FILE *gp);

#endif
