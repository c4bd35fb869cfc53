/* balance - how evenly the pCPUs were loaded in one tick */
#ifndef VMB_ANALYZE_BALANCE_H
#define VMB_ANALYZE_BALANCE_H

#include "analyze/series.h"

/* Over the pCPUs that guests may use. All NAN, nr 0 and worst -1 where a pCPU's utilisation is not known. */
struct balance {
	size_t nr;
	double mean_pct;
	double sd_pp;         /* population standard deviation, in points */
	double imbalance_pct; /* (max / mean - 1) × 100; 0 when all are idle */
	double jain; /* (Σx)² / (n Σx²): 1 all alike, 1/n all on one; 1 when all are idle */
	double max_pct;
	long worst;   /* place in series.pcpus of the one farthest from the mean */
	long busiest; /* ... of the one with the most load */
};

struct balance balance_at(const struct series *s, size_t tick);

#endif
