/* sim_memory - the memory of a simulated guest: it boots, fills, is ballooned, runs out, begins anew */
#ifndef VMB_COLLECTOR_SIM_MEMORY_H
#define VMB_COLLECTOR_SIM_MEMORY_H

#include "collector/sim_balloon.h"
#include "collector/sim_fill.h"

/* Kernel and initramfs took 4 s to their end. */
#define SIM_BOOT_NS 4000000000ULL

struct sim_memory {
	struct sim_pages pages;
	struct sim_fill fill;
	struct sim_balloon balloon;
	uint64_t up_ns; /* when its kernel is up: until then it has no driver and no load */
	uint64_t
	        pressed_ns; /* how long its balloon has been looking for pages that are not there */
	unsigned reboots;   /* of its kernel, in the same QEMU */
	unsigned kills;     /* loads that its kernel has killed */
	unsigned panics;    /* of the reboots: nothing was left to kill */
	uint64_t
	        trouble_ns; /* the last kill or panic: when, what the balloon held, whether it sought pages */
	double trouble_balloon;
	bool trouble_short;
};

/*
 * A guest starts: its kernel is up at up_ns, at which its balloon is empty still, or (settled) has what it shall have. The
 * clock of its load starts at up_ns.
 */
void sim_memory_start(struct sim_memory *m, const struct case_guest *of, struct sim_chance chance,
                      bool settled, uint64_t up_ns);

/* Its kernel boots anew, without its balloon; what the host backs stays. */
void sim_memory_reset(struct sim_memory *m, uint64_t now_ns);

/* So much time passes in a guest that runs, up to now_ns. */
void sim_memory_step(struct sim_memory *m, uint64_t now_ns, uint64_t step_ns);

/* What its QEMU process holds on the host, in KiB; of an exempt guest all, whatever its balloon has. */
double sim_memory_rss(const struct sim_memory *m);

/* Balloon and size: known at once. */
void sim_memory_size(const struct sim_memory *m, struct guest_memory *out);

/* What only its driver or its process tells; wall_ns is the time of day when the world began. */
void sim_memory_inside(const struct sim_memory *m, uint64_t wall_ns, struct guest_memory *out);

#endif
