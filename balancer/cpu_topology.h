/* cpu_topology - where the view's pCPUs sit, from what the host tells of itself */
#ifndef VMB_BALANCER_CPU_TOPOLOGY_H
#define VMB_BALANCER_CPU_TOPOLOGY_H

#include "balancer/cpu_plan.h"
#include "collector/host.h"

/* The spot of each of the view's pCPUs, into spots[view->nr_pcpus]; -1 for all that the host does not tell. */
void cpu_topology(const struct host_facts *facts, const struct cpu_view *view,
                  struct place_spot *spots);

#endif
