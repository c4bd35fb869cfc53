/* sim_fill - how a guest's load fills its memory over time, keeps and frees it */
#ifndef VMB_COLLECTOR_SIM_FILL_H
#define VMB_COLLECTOR_SIM_FILL_H

#include "collector/sim_pages.h"

enum fill_phase {
	FILL_NONE, /* there is no such load */
	FILL_WAITS,
	FILL_GROWS,
	FILL_HOLDS,
	FILL_OVER,
	FILL_KILLED, /* by the guest's kernel, which was out of memory */
};

struct sim_fill {
	const struct case_memory *load;
	enum fill_phase phase;
	uint64_t next_ns; /* when a phase that waits for time is over */
	double has;       /* KiB filled by now; of cache, some may be reclaimed since */
	double peak;      /* and the most it ever had */
};

/* Its clock starts at now_ns. The load may be NULL. */
void sim_fill_begin(struct sim_fill *f, const struct case_memory *load, uint64_t now_ns);

/* So much time passes, up to now_ns. Returns how many KiB it wanted, and the guest did not have. */
double sim_fill_step(struct sim_fill *f, struct sim_pages *p, uint64_t now_ns, uint64_t step_ns);

/* The kernel kills it. Its memory is free again; files in tmpfs stay. Returns whether there was anything to kill. */
bool sim_fill_kill(struct sim_fill *f, struct sim_pages *p);

#endif
