/* mem_plan_baselines - experimental: simple policies of memory, as others have published them, to compare the plan with */
#ifndef VMB_BALANCER_MEM_PLAN_BASELINES_H
#define VMB_BALANCER_MEM_PLAN_BASELINES_H

#include "balancer/mem_plan.h"

/*
 * All have mem_plan()'s contract: pure, the same view in, orders and a choice out. They order balloons of guests that are ours, run and
 * have reported, within the guest's minimum and maximum. What differs is the rule; bands are reckoned as ever, so that runs can be
 * judged alike. None keeps the safety laws: no floor by what is used, no wait for an order to be seen, no rest after a
 * boot, no reckoning of what is promised (but squeezed). They are no advice, and what they do to guests is what is to be shown.
 *
 * What they see is of the last good report. They are asked every interval, which the originals do less often: MOM every 10 s
 * or so, and by averages of several samples; Proxmox VE every 10 s; squeezed every 10 to 30 s.
 */

/* Nothing is ordered. */
mem_planner mem_baseline_none;

/*
 * A fixed step with a dead band, as coordinators written for courses do: 100 MB more when less than 100 MB are unused and the
 * host keeps 200 MB available, 100 MB less when more than 300 MB are unused.
 */
mem_planner mem_baseline_step;

/*
 * oVirt's Memory Overcommitment Manager, by its published balloon policy. While the host has less than 20 % free all guests shrink:
 * by 5 %, but not below what they use (balloon - unused) and a part of the balloon that falls with what is free on the
 * host, from 20 %; from 5 % free on it is negative, so that guests swap. Otherwise all grow: by 5 %, at least to what they use and
 * 20 % of their maximum. No order for less than 0.25 %.
 */
mem_planner mem_baseline_mom;

/*
 * Proxmox VE's automatic balloons. 80 % of the host's memory is to be used; nothing is done within 10 MiB of that. What is to be given goes first
 * to guests that have less than a quarter of their minimum free, what is to be taken comes first from the others; when that moves
 * nothing, from all. A guest is to have its minimum and, by its share, a part of what all of the list have above their
 * minimums; it goes there by 100 MiB at most.
 */
mem_planner mem_baseline_proxmox;

/*
 * Xen's squeezed: all have minimum + g (maximum - minimum), with the one g that uses up what the host has beyond its reserve.
 * On Xen all of a balloon is backed; so what is promised is reckoned here, as in mem_plan(). No order for less than 4 MiB.
 */
mem_planner mem_baseline_squeezed;

#endif
