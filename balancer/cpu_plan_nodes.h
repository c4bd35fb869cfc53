/* cpu_plan_nodes - the NUMA node that each guest keeps to */
#ifndef VMB_BALANCER_CPU_PLAN_NODES_H
#define VMB_BALANCER_CPU_PLAN_NODES_H

#include "balancer/place.h"

#define NODES_MOST 64 /* a host with more is taken to have one */

/*
 * Give each item of the problem its home: the node where most of its guest runs, by load; pinned vCPUs run where they
 * are pinned, floating ones where they ran last. A guest of which that is not known gets the emptiest node. One with
 * more vCPUs than the node has pCPUs for it has no home (-1), nor has anyone on a host of one node or of unknown
 * topology. Returns the number of nodes, at least 1; *least_pm is a spread that no placement gets below that keeps all
 * guests in their nodes.
 */
unsigned place_homes(const struct place_problem *problem, struct place_scratch *s,
                     double *least_pm);

#endif
