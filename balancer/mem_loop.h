/* mem_loop - what vmb-mem does in a tick of the loop: estimate and plan; and putting back, in a file of its own */
#ifndef VMB_BALANCER_MEM_LOOP_H
#define VMB_BALANCER_MEM_LOOP_H

#include "balancer/loop.h"
#include "balancer/mem_options.h"
#include "balancer/mem_plan.h"

/* What has been said of a guest, and done about how often it reports. */
struct mem_guest_note {
	uint8_t guest[UUID_BYTES];
	enum memory_state told;
	unsigned share;        /* as the trace has it, by its last event: */
	unsigned usual;        /* without one, by the settings */
	uint64_t period_ns;    /* when its period was set last */
	uint32_t unnoted_s[2]; /* before and after that, still to be noted; after is 0: not */
	uint32_t instance;     /* of the guest then */
	uint64_t original_kib; /* is still to be noted as its original; 0: none is */
	bool told_unnoted;
	struct mem_track last; /* of the last tick in which it was there, at: */
	uint64_t last_ns;      /* 0: in none yet */
};

/* Zero it and set `options`. */
struct mem_loop {
	struct loop base;                  /* first: the functions below are passed this */
	const struct mem_options *options; /* those of the program, or: */
	struct mem_options reloaded;
	const struct mem_options *started; /* those of the program, once others are in force */
	struct mem_estimate estimate;
	struct mem_plan_state state;
	struct mem_order *orders;
	struct fill_share *shares;
	size_t *subject; /* of action i: the guest's index; SIZE_MAX: no order to a balloon */
	size_t room;
	struct mem_guest_note *notes; /* of guests that there is something to remember of */
	size_t nr_notes, room_notes;
	unsigned told_files; /* of the trace, that have been told shares */
	size_t absent;       /* rules whose guest was looked for */
	char kill_switch[KILL_SWITCH_TEXT];
	bool killed;
	bool told_dry; /* that a dry run asks for no reports */
};

/* Frees; closes the base too. */
void mem_loop_done(struct mem_loop *l);

/* Whether nothing may be changed; then `why` names the file. Who cannot look has to take it to be there. */
bool mem_loop_killed(struct mem_loop *l, char why[REASON_TEXT]);

/* Room for so many guests, and for what there is to remember of each; 0 or -ENOMEM. */
int mem_loop_reserve(struct mem_loop *l, size_t guests, struct error *e);

/*
 * What someone else has set, by the last update of the estimate, is the guest's original from now on; what may be a part of that, or
 * nobody's, where it is more than the one before. It is noted in the journal, where a change of ours stands there. A period that was set
 * while the disk was full is noted as well. What the journal tells of guests that came with that update was ordered before they were lost
 * sight of, or saved, and stands yet (mem_loop_remember()), or by a run before, and may be obeyed yet (mem_estimate_doubt()).
 * There must be room for the guests of the sample.
 */
void mem_loop_rebase(struct mem_loop *l);

/* Before an update: keep in mind what stands of those that are there, should they be gone in it and come back as they were. */
void mem_loop_remember(struct mem_loop *l);

/* The original of a guest that could not be noted yet; 0: there is none. */
uint64_t mem_loop_original(struct mem_loop *l, const struct sample_guest *g);

/* As struct balancer (balancer/frame.h) wants them; `base` is that of a struct mem_loop. */
int mem_loop_check(struct loop *base, struct error *e);
int mem_loop_reload(struct loop *base, struct error *e);
int mem_loop_decide(struct loop *base, bool rebase, struct error *e);
void mem_loop_acted(struct loop *base);
int mem_loop_restore(struct loop *base, struct error *e);
void mem_loop_limits(const struct loop *base, char *text, size_t size);
void mem_loop_status(const struct loop *base, char *text, size_t size);

#endif
