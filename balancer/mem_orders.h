/* mem_orders - what a guest's balloon was ordered, what of that may still be obeyed, and whose size it has */
#ifndef VMB_BALANCER_MEM_ORDERS_H
#define VMB_BALANCER_MEM_ORDERS_H

#include "balancer/mem_view.h"

/* Two sizes of a balloon, KiB: how far apart, and whether that is no difference. */
static inline uint64_t mem_apart(uint64_t a_kib, uint64_t b_kib)
{
	return a_kib > b_kib ? a_kib - b_kib : b_kib - a_kib;
}

static inline bool mem_same(uint64_t a_kib, uint64_t b_kib)
{
	return mem_apart(a_kib, b_kib) < MEM_PROGRESS_KIB;
}

/* What is known of the orders to one guest, from tick to tick. Sizes in KiB, times in ns of the monotonic clock. */
struct mem_orders {
	uint64_t base_kib; /* what its balloon is at when no order is under way; UNKNOWN at first */
	uint64_t target_kib, progress_kib, progress_ns;
	bool asked;  /* it was ordered something in this QEMU, perhaps heard */
	bool stands; /* there is an order of ours that QEMU goes by, obeyed or not: one of these */
	uint64_t stand_low_kib, stand_high_kib;
	uint64_t way_low_kib, way_high_kib; /* those before it, while one of them may be obeyed */
	uint64_t arrives_until_ns; /* until then the one that stands may not have arrived */
	bool pending;              /* the last is not reached yet */
	bool recall; /* one was not obeyed, and its withdrawal is not accepted yet: it may still come */
	uint64_t recalled_kib; /* its target */
	bool returning;        /* it has rebooted, and its balloon comes back to what stands */
	uint64_t returned_ns;  /* until then; 0: its driver has not come yet */
	uint64_t given_ns, taken_ns, rest_ns;
	uint64_t stuck_until_ns, retry_ns; /* retry: the back-off in force */
	bool stuck_taking;                 /* the order that was not obeyed was a take */
	uint64_t resting_until_ns, refused_ns;
	uint64_t foreign_until_ns;
	bool told_foreign; /* someone else's target was seen in the last update: base_kib is it */
	bool at_least; /* or a part of it, or nobody's: it raises what is to be put back, and lowers nothing */
};

/* What became of an order. */
enum mem_heard {
	MEM_REFUSED,
	MEM_HEARD, /* QEMU goes by it until it hears another one: when the guest obeys late, and when it reboots */
	MEM_PERHAPS /* its call has failed: QEMU may have heard it, or hear it later */
};

/* A guest that nothing was ordered of. */
void mem_orders_begin(struct mem_orders *o);

/* The guest has begun anew: in the same QEMU what stands is obeyed again, in another one nothing stands. */
void mem_orders_restart(struct mem_orders *o, bool same_qemu);

/*
 * Since the sample before, at `before_ns`, nobody has followed it: that is no lack of progress, and what was under way then
 * may be yet.
 */
void mem_orders_skip(struct mem_orders *o, uint64_t before_ns, uint64_t now_ns);

/*
 * It was out of sight, missing from a sample, and is as it was then (`before`, at `before_ns`). In another QEMU, where it was restored,
 * it goes by that, or by an order of ours from before, or it has rebooted since: so what gives it less is no owner's, until one is heard.
 */
void mem_orders_resume(struct mem_orders *o, const struct mem_orders *before, bool same_qemu,
                       uint64_t before_ns, uint64_t now_ns);

/*
 * Hold what the balloon of `g` is (actual, maximum, running, booting) against what was ordered. A guest that has rebooted is back a
 * while after its driver works, which its `reports` tell. Returns whether an order has been reached in this moment.
 */
bool mem_orders_follow(struct mem_orders *o, const struct mem_guest *g, bool reports,
                       uint64_t now_ns);

/* What follows for the plan. Nothing is withdrawn from a balloon whose size is not `known`. */
void mem_orders_show(const struct mem_orders *o, bool known, uint64_t now_ns, struct mem_guest *g);

/* mem_estimate_ordered(), _tried(), _doubt(), _asked(), _promised(), _may_shrink(), _recall() of one guest */
void mem_orders_answered(struct mem_orders *o, const struct mem_guest *g, uint64_t target_kib,
                         enum mem_heard heard, uint64_t now_ns);
void mem_orders_tried(struct mem_orders *o, const struct mem_guest *g, uint64_t target_kib,
                      uint64_t now_ns);
void mem_orders_doubt(struct mem_orders *o);
bool mem_orders_asked(const struct mem_orders *o);
bool mem_orders_promised(const struct mem_orders *o, const struct mem_guest *g);
bool mem_orders_may_shrink(const struct mem_orders *o, const struct mem_guest *g);
uint64_t mem_orders_recall(const struct mem_orders *o, const struct mem_guest *g,
                           uint64_t original_kib);

#endif
