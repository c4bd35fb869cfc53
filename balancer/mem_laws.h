/* mem_laws - the safety laws of the plan of memory, each one function with its switch */
#ifndef VMB_BALANCER_MEM_LAWS_H
#define VMB_BALANCER_MEM_LAWS_H

#include "balancer/mem_view.h"

/*
 * S1: the least that a guest's balloon may be taken to: its minimum, and what it uses and the band's lower end above that.
 * Neither a shortage on the host nor the user's maximum overrides it. Off: 0.
 */
uint64_t law_floor(const struct mem_policy *policy, const struct mem_guest *g, uint64_t low_kib);

/* S2: whether what is known of a guest is good enough to take by: complete, fresh, of one that runs and no job holds. */
bool law_fresh(const struct mem_policy *policy, const struct mem_guest *g);

/* S3: whether the guest is in trouble now and gets what there is; and whether it is calm enough to take from. */
bool law_trouble(const struct mem_policy *policy, const struct mem_guest *g);
bool law_calm(const struct mem_policy *policy, const struct mem_guest *g);

/* S4: whether the last order has been seen to be obeyed; and whether one that is not obeyed is to be withdrawn. */
bool law_settled(const struct mem_policy *policy, const struct mem_guest *g);
bool law_stuck(const struct mem_policy *policy, const struct mem_guest *g);

/* S5: what the guest is counted to hold: the larger of what is seen and what is promised. Off: what was ordered. */
uint64_t law_counted(const struct mem_policy *policy, const struct mem_guest *g);

/* S6: whether the guest has left its boot behind. */
bool law_booted(const struct mem_policy *policy, const struct mem_guest *g);

/* S7: whether nobody else has set its target not long ago. */
bool law_own_target(const struct mem_policy *policy, const struct mem_guest *g);

/* S8: to what a balloon that was `original` and is `actual` may be put back, room provided: never below `actual`. */
uint64_t law_put_back(const struct mem_policy *policy, uint64_t actual_kib, uint64_t original_kib);

#endif
