/* welch - the difference of two means, and an interval for it */
#include "analyze/welch.h"

#include <math.h>

#include "analyze/student.h"

struct difference welch_difference(const struct mean_of *a, const struct mean_of *b, double level)
{
	struct difference d = {.by = b->mean - a->mean};
	double sum = a->variance + b->variance, freedom, half;

	d.low = d.high = d.by;
	d.p = d.by == 0;
	if (sum == 0)
		return d;
	freedom = sum * sum /
	          (a->variance * a->variance / (a->effective - 1) +
	           b->variance * b->variance / (b->effective - 1));
	half = student_limit(1 - level, freedom) * sqrt(sum);
	d.low -= half;
	d.high += half;
	d.p = student_two_sided(d.by / sqrt(sum), freedom);
	return d;
}
