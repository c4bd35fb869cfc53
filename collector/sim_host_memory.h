/* sim_host_memory - the memory of a simulated host: what its guests and it itself hold, and what is left */
#ifndef VMB_COLLECTOR_SIM_HOST_MEMORY_H
#define VMB_COLLECTOR_SIM_HOST_MEMORY_H

#include "collector/sim_world.h"

/* The host of the case, before its guests come. */
void sim_host_memory_init(struct sim_world *w);

/* All guests' memory moves on to the world's now. Where they then hold more than there is the world has failed. */
void sim_host_memory_move(struct sim_world *w);

/* In KiB: what there is, and what is left when all have what they hold; below 0 in a failed world. */
uint64_t sim_host_memory_total(const struct sim_world *w);
double sim_host_memory_left(const struct sim_world *w);

/* What the host tells. */
void sim_host_memory_tell(const struct sim_world *w, struct host_memory *out);

/* The error of a failed world: -ENOMEM, with what they hold. */
int sim_host_memory_failed(const struct sim_world *w, struct error *e);

#endif
