/* cpu_loop - what vmb-cpu does in a tick of the loop: estimate and plan; and putting back at the end */
#ifndef VMB_BALANCER_CPU_LOOP_H
#define VMB_BALANCER_CPU_LOOP_H

#include "balancer/cpu_options.h"
#include "balancer/loop.h"

/* Zero it and set `options`. */
struct cpu_loop {
	struct loop base; /* first: the functions below are passed this */
	const struct cpu_options *options;
	struct cpu_estimate estimate;
	struct cpu_plan_state state, before; /* before: the last plan */
	uint64_t pause_ns,
	        pause_until_ns; /* nothing could be sent or noted: tried again after that */
	struct place_scratch scratch;
	struct cpu_move *moves;
	double *loads;
	struct place_spot *spots;
	size_t room_moves, room_loads, room_spots;
};

/* Frees; closes the base too. */
void cpu_loop_done(struct cpu_loop *l);

/* As struct balancer (balancer/frame.h) wants them; `base` is that of a struct cpu_loop. */
int cpu_loop_check(struct loop *base, struct error *e);
int cpu_loop_decide(struct loop *base, bool rebase, struct error *e);
void cpu_loop_acted(struct loop *base);
int cpu_loop_restore(struct loop *base, struct error *e);
void cpu_loop_limits(const struct loop *base, char *text, size_t size);
void cpu_loop_status(const struct loop *base, char *text, size_t size);

#endif
