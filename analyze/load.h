/* load - whether the guests did enough work for the balance of the pCPUs to mean anything */
#ifndef VMB_ANALYZE_LOAD_H
#define VMB_ANALYZE_LOAD_H

#include "analyze/series.h"

/*
 * Without load every placement looks balanced, so what is said about balance needs load. There is load in a
 * tick when the guests' busy vCPUs (BUSY_PCT), all put on one pCPU, would make a standard deviation of
 * LOAD_SD_PP points: twice the limit of 5 points, so that a bad placement could not have passed unseen. On 2, 4,
 * 8, 64 pCPUs that is 20, 23, 30, 81 % of one pCPU; eight idle guests (0 to 3 % each) are no load.
 * On one pCPU there is nothing to balance, and never load in this sense.
 */
#define LOAD_SD_PP 10.0

/* The least load, in % of a pCPU, on a host with so many pCPUs; INFINITY for one. */
double load_least_pct(unsigned nr_pcpus);

/* In a tick whose rates are not known the answer is that of the tick before; never in the first tick. */
bool load_at(const struct series *s, size_t tick);

/* Ticks in a row that make a load: a single burst of an idle guest is none. */
#define LOAD_TICKS 3

/*
 * The first tick of the first LOAD_TICKS loaded ones in a row (fewer where the run ends), -1 when there is no load.
 * Rates look back: that load began after the tick before.
 */
long load_first(const struct series *s);

#endif
