/* chart_band - many ticks as few steps of a line, with the least and the greatest of what they hide */
#ifndef VMB_ANALYZE_CHART_BAND_H
#define VMB_ANALYZE_CHART_BAND_H

#include "analyze/chart.h"

/*
 * A step this wide shows the dash of its line, and a line that jumps no oftener can be followed among others; where ticks
 * stand closer a step is the mean of several.
 */
#define BAND_STEP 6 /* pixels */

/* A step narrower than this is not seen: fit for an area behind the lines, whose edges are what single ticks reached. */
#define BAND_EDGE 2

/* What is drawn. They may be the same, and are known in the same ticks; NULL for least or most: is not wanted. */
struct band {
	chart_value least, middle, most;
	bool feet; /* each piece begins and ends at the foot: an area above it */
	/*
	 * Written is foot + value * scale in so many digits, as gnuplot makes three system calls for each point of
	 * which it has to calculate something.
	 */
	double foot, scale;
	int digits;
};

/* How many ticks a step of so many pixels holds; 1: each is drawn, as long as there are not too many (chart_is_dense()). */
size_t band_ticks(const struct chart_view *v, unsigned pixels);

/*
 * Write a data block of steps, each from the tick before its first to its last, in two rows: time, the least, the mean
 * weighted by time, the greatest; what is not wanted is no column. A tick whose value is NAN ends the step and breaks the line. Returns how many values
 * were known.
 */
size_t band_put(const struct series *s, const struct chart_view *v, const char *block,
                const struct band *b, size_t which, unsigned pixels, FILE *gp);

#endif
