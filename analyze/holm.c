/* holm - several tests at once, none of which may claim by chance */
#include "analyze/holm.h"

#include <errno.h>
#include <stdlib.h>

static int by_p(const void *a, const void *b, void *with)
{
	const double *p = with;
	double x = p[*(const size_t *)a], y = p[*(const size_t *)b];

	return (x > y) - (x < y);
}

int holm_adjust(const double *p, size_t nr, double *adjusted)
{
	size_t *order = calloc(nr + 1, sizeof(*order)), i;
	double most = 0, now;

	if (!order)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		order[i] = i;
	qsort_r(order, nr, sizeof(*order), by_p, (void *)p);
	for (i = 0; i < nr; i++) {
		now = (double)(nr - i) * p[order[i]];
		most = now > most ? now : most;
		adjusted[order[i]] = most < 1 ? most : 1;
	}
	free(order);
	return 0;
}
