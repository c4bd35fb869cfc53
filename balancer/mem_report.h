/* mem_report - what a guest says of its own memory: which reports count, how old they are, what is made of them */
#ifndef VMB_BALANCER_MEM_REPORT_H
#define VMB_BALANCER_MEM_REPORT_H

#include "balancer/mem_estimate.h"

/* The guest began anew: none of its reports is known, and none could have come before now. */
void mem_report_forget(struct mem_track *t, uint64_t now_ns);

/* All that a plan needs was read in time. */
bool mem_report_is_whole(const struct guest_memory *m);

/* Take in the report of a reading that is whole, if it is a new one and makes sense (mem_estimate.h). */
void mem_report_read(struct mem_track *t, const struct mem_policy *policy,
                     const struct guest_memory *m, uint64_t now_ns);

/* Older than this a report says nothing any more: three periods, or two readings where these are further apart. */
uint64_t mem_report_stale_ns(const struct mem_track *t, const struct mem_policy *policy);

/* Reports came, are asked for, and have stood still for too long. */
bool mem_report_is_frozen(const struct mem_track *t, const struct guest_memory *m, uint64_t now_ns);

/* What follows from the reports so far: left, credit, peaks, growth, and their age. */
void mem_report_show(const struct mem_track *t, const struct mem_policy *policy, uint64_t now_ns,
                     struct mem_guest *g);

#endif
