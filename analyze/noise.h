/* noise - ticks in which the host's other work leaves nothing to say about its balancer */
#ifndef VMB_ANALYZE_NOISE_H
#define VMB_ANALYZE_NOISE_H

#include "analyze/metrics.h"

/*
 * Other work (cpu.others_pct) is noise when it is so much more than usual in the run that, all on one pCPU, it would make a
 * standard deviation of NOISE_SD_PP points, the limit of a balanced host: on 2, 4, 64 pCPUs 5, 2.9, 0.6 % of all pCPU time.
 * Usual is the median: what is always there is a balancer's to cope with. Eight emulated guests of 18 % on two pCPUs,
 * their emulators' threads, libvirtd and two recorders: 8 to 15 %, median 10.6 (70 ticks); beside a compiler 34 to 90.
 * More than NOISE_MOST_PCT is noise however long it lasts: two programs that compute take half of two such pCPUs.
 */
#define NOISE_SD_PP    5.0
#define NOISE_MOST_PCT 25.0

/* A pCPU with less idle time than 2 % is full: what it was asked for is not known. */
#define NOISE_FULL_PCT 98.0

/* What more is noise, in % of all pCPU time. NAN: what other work there was is not known, or there was no memory to find out. */
double noise_limit_pct(const struct series *s);

/* Every pCPU was full: any placement would have looked balanced. */
bool noise_is_full(const struct series *s, size_t tick);

/* The tick of a window with most other work, where that is more than limit_pct; -1: there is none. */
long noise_worst(const struct series *s, struct window w, double limit_pct);

#endif
