/* rates - what happened between two samples, in per cent of a pCPU */
#ifndef VMB_COLLECTOR_RATES_H
#define VMB_COLLECTOR_RATES_H

#include "collector/sample.h"
#include "common/error.h"

#define RATE_UNKNOWN -1.0

struct vcpu_rate {
	double run_pct;   /* CPU time per time between the middles of the samples */
	double delay_pct; /* time runnable and waiting, likewise */
};

/* One entry for each pCPU and vCPU of the later sample, in its order. Zero it to start. */
struct rates {
	double *busy_pct; /* user + kernel over all time */
	struct vcpu_rate *vcpus;
	size_t room_pcpus, room_vcpus;
};

/*
 * Fill r for the time from `before` to `now`. RATE_UNKNOWN for what is new, restarted, or not told in both.
 * Returns 0 or -ENOMEM.
 */
int rates_between(const struct sample *before, const struct sample *now, struct rates *r,
                  struct error *e);
void rates_done(struct rates *r);

#endif
