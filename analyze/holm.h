/* holm - several tests at once, none of which may claim by chance */
#ifndef VMB_ANALYZE_HOLM_H
#define VMB_ANALYZE_HOLM_H

#include <stddef.h>

/*
 * The p of each of nr tests, adjusted so that the chance of one wrong claim among all that are below a level is at most
 * that level, whatever depends on what (Holm, Scand. J. Statist. 6, 1979): in ascending order of p
 *
 *     adjusted_i = max over j <= i of  min(1, (nr - j + 1) p_j)
 *
 * Returns 0 or -ENOMEM.
 */
int holm_adjust(const double *p, size_t nr, double *adjusted);

#endif
