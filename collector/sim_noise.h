/* sim_noise - chance that can be repeated: every draw of a simulation follows from its seed */
#ifndef VMB_COLLECTOR_SIM_NOISE_H
#define VMB_COLLECTOR_SIM_NOISE_H

#include <stdint.h>

/*
 * Draw `number` of `stream` (a vCPU, a kind of event), evenly from [0, 1). The same three give the same draw; others are
 * as good as independent. Nothing is kept between draws, so no part of a simulation disturbs the chance of another.
 */
double sim_draw(uint64_t seed, uint64_t stream, uint64_t number);

/* The streams that are not those of a task, which are numbered from 0. */
enum {
	STREAM_PHASE = 1 << 24,  /* of the duty cycles of all */
	STREAM_WAKE,             /* how late a deadline is met */
	STREAM_READ,             /* how long a reading takes */
	STREAM_LATE,             /* whether slow statistics come in time */
	STREAM_ANSWER,           /* how long they take */
	STREAM_BOOT,             /* what ran before */
	STREAM_ORDER,            /* how long an order takes */
	STREAM_JITTER = 1 << 25, /* + task: when in a period it begins to work */
	STREAM_ALIKE = 1 << 26,  /* + load: noise that all have alike */
	STREAM_BURST = 1 << 27,  /* + task */
	STREAM_STICKY = 1 << 28, /* + guest: when its balloon rests */
	STREAM_REPORT = 1 << 29, /* + guest: what its driver makes up */
};

#endif
