/* smooth - the level of a noisy load: slow on noise, fast on a real step */
#ifndef VMB_BALANCER_SMOOTH_H
#define VMB_BALANCER_SMOOTH_H

#include <stdbool.h>

/*
 * The level of one load, in per mille of a pCPU, learned from one reading a tick. Zero it to start.
 *
 * While readings scatter round the level, the level is their mean (over at most SMOOTH_MEMORY of them) and its
 * standard error shrinks with their number. A reading that the scatter does not explain is set aside: when the
 * next one lies on the same side too, or when it is beyond all doubt, the level starts anew from those set aside. A
 * patient one waits for so many in turn, whatever they show.
 */
struct smooth {
	double level_pm;
	double variance; /* of one reading, pm² */
	double own; /* what of it is the load's and not the measurement's, pm²; may be below 0 */
	double samples; /* that the level is the mean of; 0: nothing known */
	double aside_sum;
	int aside;    /* readings set aside: > 0 above the level, < 0 below */
	int patience; /* the caller's: so many readings set aside make a step; 0: not patient */
};

#define SMOOTH_MEMORY 30 /* readings; more would hide a drift, fewer would let noise through */

/* One more reading; floor_pm is the standard deviation that the measurement itself has. Returns true on a step. */
bool smooth_add(struct smooth *s, double reading_pm, double floor_pm);

/* Forget the level, keep what is known about the scatter. */
void smooth_restart(struct smooth *s);

/* The load's own standard deviation: without what the measurement adds to a reading's, pm. */
double smooth_scatter_pm(const struct smooth *s);

/* The standard error of the level, pm. */
double smooth_error_pm(const struct smooth *s);

#endif
