/* cpu_loop - the parts of vmb-cpu's loop that keep state: sense, plan, apply; and putting back at the end */
#ifndef VMB_BALANCER_CPU_LOOP_H
#define VMB_BALANCER_CPU_LOOP_H

#include "balancer/cpu_options.h"
#include "balancer/instance.h"
#include "balancer/journal.h"
#include "collector/host.h"

struct cpu_loop {
	const struct cpu_options *options;
	struct host *host;
	struct host_facts facts;
	struct instance instance;
	struct journal *journal; /* NULL in a dry run */
	struct sample sample;
	struct cpu_estimate estimate;
	struct cpu_plan_state state;
	struct place_scratch scratch;
	struct cpu_move *moves;
	double *loads;
	struct place_spot *spots;
	size_t room_moves, room_loads, room_spots;
	struct decision decision; /* of the last cpu_loop_decide() */
	uint64_t decide_ns;       /* how long that took */
	uint64_t act_ns;          /* when the last cpu_loop_act() began, on the host's clock */
};

/*
 * Connect to the host (read-only for a dry run), become its one balancer, open the journal. Nothing is touched yet.
 * cpu_loop_close() is due after an error too.
 */
int cpu_loop_open(struct cpu_loop *l, const struct cpu_options *o, struct error *e);
void cpu_loop_close(struct cpu_loop *l);

/* Sense: read the host into l->sample. As host_sample(). */
int cpu_loop_sense(struct cpu_loop *l, struct error *e);

/* Plan on l->sample into l->decision; with `rebase` only take the counters as a new start. 0 or -ENOMEM. */
int cpu_loop_decide(struct cpu_loop *l, bool rebase, struct error *e);

/* Apply l->decision, or say what a dry run would do. As apply_actions(). */
int cpu_loop_act(struct cpu_loop *l, struct error *e);

/* Whether a run that was killed has left pins that nobody wanted kept. */
bool cpu_loop_owes(const struct cpu_loop *l);

/*
 * Put back what the journal holds, on a fresh sample; the actions are left in l->decision for showing and recording.
 * The journal is removed when nothing is left to put back. Returns 0, or -EAGAIN when something could not be put back.
 */
int cpu_loop_restore(struct cpu_loop *l, struct error *e);

#endif
