/* regret - how much less the fullest pCPU would have carried under the best placement, tick by tick */
#ifndef VMB_ANALYZE_REGRET_H
#define VMB_ANALYZE_REGRET_H

#include "analyze/metrics.h"

/*
 * cpu.regret of a tick: load of the fullest pCPU / the least that it is under any placement of the vCPUs that
 * ran BUSY_PCT or more, all else staying where it ran. By measured rates alone, of vCPUs that may be moved (freedom.h).
 *
 * 1 is the best there is. The best placement is found exactly where the search ends within REGRET_STEPS steps, else it is
 * bounded from below, and the regret is a bound: that much at most. So it is where busy vCPUs float, because then it is not
 * known on which pCPU the rest of the load lay.
 *
 * Not known (NAN): the utilisation of a pCPU is not; or more pCPUs are full than there are vCPUs that each fill one:
 * then some ran less than they wanted, and their rates do not tell what another placement would have given.
 */
int regret_observe(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out);

/* Steps of the search in a tick: 3,600 ticks of 32 vCPUs on 16 pCPUs cost a second of CPU at most, see best_max(). */
#define REGRET_STEPS 64000

#endif
