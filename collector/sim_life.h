/* sim_life - when a guest is there, paused, or begins anew: a pure function of its case and time */
#ifndef VMB_COLLECTOR_SIM_LIFE_H
#define VMB_COLLECTOR_SIM_LIFE_H

#include "collector/case.h"

struct sim_life {
	bool alive;
	bool paused;
	unsigned starts; /* so far: another number means that it began anew */
	unsigned nr_vcpus;
	bool busy;       /* with a job */
	unsigned resets; /* of its kernel, so far */
	bool foreign;    /* someone else has set its balloon */
};

/* A guest at t_ns since the start of the case. */
struct sim_life sim_life_at(const struct case_guest *guest, uint64_t t_ns);

#endif
