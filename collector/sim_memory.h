/* sim_memory - what a simulated guest and its host tell of their memory: for now it does not change */
#ifndef VMB_COLLECTOR_SIM_MEMORY_H
#define VMB_COLLECTOR_SIM_MEMORY_H

#include "collector/sim_world.h"

/* Balloon and size: known at once. */
void sim_memory_size(const struct sim_guest *g, struct guest_memory *out);

/* What the guest's driver tells; wall_s is the host's time of day. */
void sim_memory_inside(const struct sim_guest *g, uint64_t wall_s, struct guest_memory *out);

void sim_memory_host(const struct sim_world *w, struct host_memory *out);
uint64_t sim_memory_total_kib(const struct sim_world *w);

#endif
