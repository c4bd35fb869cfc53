/* sim_balloon - a guest's balloon: device, driver, and what the driver reports */
#ifndef VMB_COLLECTOR_SIM_BALLOON_H
#define VMB_COLLECTOR_SIM_BALLOON_H

#include "collector/sim_pages.h"

/* What numbers the draws of a guest. */
struct sim_chance {
	uint64_t seed;
	unsigned guest;
};

struct sim_balloon {
	const struct case_group *group;
	struct sim_chance chance;
	bool driver;       /* works it: not while the guest boots */
	double ordered;    /* KiB, the target as the device has it */
	double obeyed;     /* and as the driver goes for it */
	double told;       /* what the device tells the guest has */
	bool is_short;     /* wants pages, and the guest has none left */
	uint64_t retry_ns; /* when it looks for pages again */
	uint64_t deaf_ns;  /* until then it reports nothing and hears of no other target */
	bool rests;        /* KIND_STICKY */
	uint64_t turn_ns;  /* and when that changes */
	uint64_t turns;
	uint32_t period_s;
	uint64_t next_ns;           /* of the next report */
	uint64_t reports;           /* so far */
	uint64_t reported_ns;       /* when the last was made */
	struct guest_memory report; /* the last: what is in it of the guest's own telling */
};

/* The device of a guest that starts; its balloon is what the pages say. */
void sim_balloon_start(struct sim_balloon *b, const struct case_group *group,
                       struct sim_chance chance, const struct sim_pages *p);

/* The driver is there, makes its first report, and goes for the target. The other: the kernel it was in is gone. */
void sim_balloon_driver(struct sim_balloon *b, const struct sim_pages *p, uint64_t now_ns);
void sim_balloon_gone(struct sim_balloon *b);

/* Orders from the host. */
void sim_balloon_order(struct sim_balloon *b, double kib);
void sim_balloon_period(struct sim_balloon *b, uint32_t period_s, uint64_t now_ns);

/* So much time passes, up to now_ns: pages move, reports are made. */
void sim_balloon_step(struct sim_balloon *b, struct sim_pages *p, uint64_t now_ns,
                      uint64_t step_ns);

#endif
