/* sim_share - what a fair scheduler gives to those that want one pCPU */
#ifndef VMB_COLLECTOR_SIM_SHARE_H
#define VMB_COLLECTOR_SIM_SHARE_H

#include <stddef.h>

/* One that wants to run. */
struct sharer {
	double want;   /* time; infinite is allowed */
	double weight; /* above 0 */
	double got;    /* the result */
};

/*
 * Deal out `time`: max-min fair by weight. Who wants less than its share gets all it wants, what it leaves is shared by the
 * others; nothing is left over while somebody wants more. Sum of got = min(time, sum of want).
 */
void sim_share(double time, struct sharer *sharers, size_t nr);

#endif
