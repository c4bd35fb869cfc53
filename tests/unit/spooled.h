/* spooled - for tests: arrays as the spools that they would be */
#ifndef VMB_TESTS_UNIT_SPOOLED_H
#define VMB_TESTS_UNIT_SPOOLED_H

#include <stdlib.h>

#include "analyze/metrics.h"

/* A copy of an array; NULL where it is empty. To be freed by spool_free(). */
static inline struct spool *spooled(const void *array, size_t size, size_t nr)
{
	struct spool *s = NULL;
	size_t i;

	for (i = 0; i < nr; i++)
		if (spool_add(&s, size, (const char *)array + i * size) < 0)
			abort();
	return s;
}

/* Likewise, to be freed by observations_done(). */
static inline struct observations observed(const struct observation *at, size_t nr)
{
	return (struct observations){.nr = nr, .all = spooled(at, sizeof(*at), nr)};
}

#endif
