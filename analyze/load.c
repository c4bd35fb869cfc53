/* load - whether the guests did enough work for the balance of the pCPUs to mean anything */
#include "analyze/load.h"

#include <math.h>

double load_least_pct(unsigned nr_pcpus)
{
	double n = nr_pcpus;

	/* A load x on one of n pCPUs: mean x / n, population standard deviation x × sqrt(n - 1) / n. */
	return nr_pcpus < 2 ? INFINITY : LOAD_SD_PP * n / sqrt(n - 1);
}

bool load_at(const struct series *s, size_t tick)
{
	while (tick && isnan(series_tick(s, tick).load_pct))
		tick--;
	return tick && (double)series_tick(s, tick).load_pct >=
	                       load_least_pct(series_tick(s, tick).nr_pcpus);
}

long load_first(const struct series *s)
{
	size_t tick, row = 0;

	for (tick = 0; tick < s->nr_ticks; tick++) {
		row = load_at(s, tick) ? row + 1 : 0;
		if (row == LOAD_TICKS)
			break;
	}
	if (tick == s->nr_ticks)
		tick--;
	return row ? (long)(tick - (row - 1)) : -1;
}
