/* power - how many runs it takes to show a difference */
#include "analyze/power.h"

#include <math.h>

#include "analyze/permutation.h"
#include "analyze/student.h"

static int enough(size_t n, double by, double sd, double level, double power)
{
	double freedom = 2 * (double)n - 2, t;

	level = permutation_level(n, n, level);
	if (!(level > 0))
		return 0;
	t = student_limit(level, freedom) + student_limit(2 * (1 - power), freedom);
	return (double)n * by * by >= 2 * sd * sd * t * t;
}

size_t power_runs(double by, double sd, double level, double power)
{
	size_t low = 1, high = POWER_MOST + 1, middle;

	if (by == 0 || !enough(POWER_MOST, by, sd, level, power))
		return POWER_MOST + 1;
	/* more runs never need more: search for the first that is enough */
	while (high - low > 1) {
		middle = (low + high) / 2;
		if (enough(middle, by, sd, level, power))
			high = middle;
		else
			low = middle;
	}
	return high;
}
