/* mem_plan_fill - share out what there is: water is filled in where the level is lowest */
#ifndef VMB_BALANCER_MEM_PLAN_FILL_H
#define VMB_BALANCER_MEM_PLAN_FILL_H

#include <stddef.h>
#include <stdint.h>

/* One that wants to rise from `has` to `wants` (KiB; wants >= has), with its weight; `gets` is the answer. */
struct fill_share {
	uint64_t has, wants, gets;
	unsigned share;
};

/*
 * Raise them by `room` KiB in all, at most: to one level, gets = level x share, but never below what each has nor above
 * what it wants. So of equal ones the lower is raised first, and all end equal. Returns what was used of the room.
 */
uint64_t fill_shares(struct fill_share *shares, size_t nr, uint64_t room);

#endif
