/* mem_restore - how far balloons can be put back: upwards only, and only into what the host has */
#ifndef VMB_BALANCER_MEM_RESTORE_H
#define VMB_BALANCER_MEM_RESTORE_H

#include "balancer/mem_plan.h"

/*
 * Make of the journal's restores (journal_restores() on the sample that the view is of) what can be done now, in place:
 * balloons that would shrink are dropped (S8), the others are raised in turn as far as there is room, which is shared out
 * from the lowest on (mem_plan_fill.h); none while it is not known. What is no balloon stays. shares[i].has is what the
 * guest of action i has, or is on its way to, if that is more: as much is promised, and no room any more.
 * *nr becomes how many are left; returns how many KiB had to be left out for want of room;
 * *by_pool: the pool's, not the host's. NULL: no matter.
 */
uint64_t mem_restore(const struct mem_policy *policy, const struct mem_view *view,
                     struct action *actions, size_t *nr, struct fill_share *shares, bool *by_pool);

#endif
