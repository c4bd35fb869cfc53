/* balance - how evenly the pCPUs were loaded in one tick */
#include "analyze/balance.h"

#include <math.h>

struct balance balance_at(const struct series *s, size_t tick)
{
	struct balance b = {0, NAN, NAN, NAN, NAN, NAN, -1, -1};
	double x, n = 0, sum = 0, squares = 0, far, max = -1;
	size_t i;

	if (!series_tick(s, tick).pcpus_known)
		return b;
	for (i = 0; i < s->nr_pcpus; i++) {
		x = column_at(&s->pcpus[i].busy_pct, tick);
		if (isnan(x))
			continue;
		n++;
		sum += x;
		squares += x * x;
		if (x > max) {
			max = x;
			b.busiest = (long)i;
		}
	}
	b.nr = (size_t)n;
	b.mean_pct = sum / n;
	b.max_pct = max;
	b.imbalance_pct = sum > 0 ? 100 * (max / b.mean_pct - 1) : 0;
	b.jain = squares > 0 ? sum * sum / (n * squares) : 1;
	b.worst = b.busiest;
	far = max - b.mean_pct + 1e-9; /* of two equally far the busier one is named */
	/* A second walk: squares / n - mean² loses the digits of a small deviation. */
	squares = 0;
	for (i = 0; i < s->nr_pcpus; i++) {
		x = fabs(column_at(&s->pcpus[i].busy_pct, tick) - b.mean_pct);
		if (isnan(x))
			continue;
		squares += x * x;
		if (x > far) {
			far = x;
			b.worst = (long)i;
		}
	}
	b.sd_pp = sqrt(squares / n);
	return b;
}
