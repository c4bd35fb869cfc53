/* student - Student's t distribution */
#ifndef VMB_ANALYZE_STUDENT_H
#define VMB_ANALYZE_STUDENT_H

/*
 * The chance that |t| or more is seen of a t distribution with so many degrees of freedom (> 0, may be a fraction):
 *
 *     P = I_x(freedom / 2, 1 / 2),   x = freedom / (freedom + t^2)
 *
 * I is the regularised incomplete beta function, by its continued fraction (NIST DLMF 8.17.22). To nine digits.
 */
double student_two_sided(double t, double freedom);

/* The t that is exceeded on either side together with chance p, in (0, 1): 2.228 for 0.05 and 10. */
double student_limit(double p, double freedom);

#endif
