/* needed - the fewest pin changes that would have done in a run */
#ifndef VMB_ANALYZE_NEEDED_H
#define VMB_ANALYZE_NEEDED_H

#include "analyze/metrics.h"

/* The mean of loads that scatter by ±20 % has a deviation of 2.6 % over so many samples. */
#define NEEDED_SAMPLES 20

/*
 * cpu.moves_needed. A run has phases, because its loads may switch: one ends where cpu.sd_pp, after it was within its limit for
 * SETTLED_SAMPLES loaded samples in turn, leaves it. What a phase needs is the fewest changes that lead
 *   from   the pins at the start of the run; in a later phase those with which the one before it settled
 *   to     a placement within the limit; where there is none, within a point of the most even one
 *   under  the mean loads of the first NEEDED_SAMPLES in which the phase had settled (loads that switch later without leaving
 *          the limit would water them down). If it never did: of all its samples, without those with a full pCPU as far
 *          as there are others (there vCPUs may run less than they want).
 * The run needs the sum. So a spike needs nothing, nor does a change that a program made without need and had to take
 * back; and a program that settled in each phase has made at least as many changes, if it kept vCPUs of a guest apart as
 * place_search() does.
 *
 * A floating vCPU that runs BUSY_PCT or more needs one change, which pins it: as cpu.pin_changes counts it. When
 * the phase settled with the vCPU still floating, the kernel has done it, and none was needed.
 *
 * The only observation is a bound (that many will do; perhaps fewer) when the search could not prove it; 0 without load;
 * NAN when the load was too short to tell, or the host too large (2,048 vCPUs). 0 or -ENOMEM.
 */
int needed_observe(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out);

#endif
