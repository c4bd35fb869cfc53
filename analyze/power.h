/* power - how many runs it takes to show a difference */
#ifndef VMB_ANALYZE_POWER_H
#define VMB_ANALYZE_POWER_H

#include <stddef.h>

/* Not told above this. */
#define POWER_MOST 9999

/*
 * The fewest runs on each side with which a difference that is truly so large is shown with a chance of `power`, by a
 * two-sided test at `level` (0.05) of means that scatter by sd from run to run:
 *
 *     n >= 2 (sd / by)^2 (t_level/2 + t_1-power)^2,   both t with 2 n - 2 degrees of freedom
 *
 * (Snedecor and Cochran, Statistical Methods, 6.14), where level is that which a permutation test of n and n runs has
 * (permutation_level()). POWER_MOST + 1: more than that, or the difference is 0.
 */
size_t power_runs(double by, double sd, double level, double power);

#endif
