/* student - Student's t distribution */
#include "analyze/student.h"

#include <math.h>

/* The part of the fraction after step m: DLMF 8.17.23, even and odd steps. */
static double coefficient(int m, double a, double b, double x)
{
	int half = m / 2;

	if (m % 2)
		return -(a + half) * (a + b + half) * x / ((a + m - 1) * (a + m));
	return half * (b - half) * x / ((a + m - 1) * (a + m));
}

/* 1 / (1 + d1 / (1 + d2 / ...)) by Lentz's method, which never divides by zero. */
static double fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double f = 1, c = 1, d = 0, step;
	int m;

	for (m = 1; m < 1000; m++) {
		d = 1 + coefficient(m, a, b, x) * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + coefficient(m, a, b, x) / c;
		c = fabs(c) < tiny ? tiny : c;
		step = c * d;
		f *= step;
		if (fabs(step - 1) < 1e-14)
			break;
	}
	return 1 / f;
}

static double incomplete_beta(double a, double b, double x)
{
	double log_front;

	if (x <= 0 || x >= 1)
		return x >= 1;
	/* the fraction converges fast on this side of the mean, and the two sides add up to 1 */
	if (x > (a + 1) / (a + b + 2))
		return 1 - incomplete_beta(b, a, 1 - x);
	log_front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x);
	return exp(log_front) * fraction(a, b, x) / a;
}

double student_two_sided(double t, double freedom)
{
	if (isinf(t))
		return 0;
	return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

double student_limit(double p, double freedom)
{
	double low = 0, high = 1, middle;
	int i;

	while (student_two_sided(high, freedom) > p)
		high *= 2;
	for (i = 0; i < 100; i++) {
		middle = (low + high) / 2;
		if (student_two_sided(middle, freedom) > p)
			low = middle;
		else
			high = middle;
	}
	return high;
}
