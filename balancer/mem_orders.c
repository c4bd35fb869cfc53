/* mem_orders - what a guest's balloon was ordered, what of that may still be obeyed, and whose size it has */
#include "balancer/mem_orders.h"

/* What was ordered is no matter any more; but it stands. */
static void let_go(struct mem_orders *o)
{
	o->pending = o->recall = o->returning = false;
	o->arrives_until_ns = 0;
}

/*
 * A balloon is empty when its driver comes, however long the guest boots, and is blown up again to what stands, or what it was at: from
 * there to its maximum it may be anywhere.
 */
static void begin_return(struct mem_orders *o)
{
	let_go(o);
	o->way_low_kib = o->stands ? o->stand_low_kib : o->base_kib;
	o->way_high_kib = o->way_low_kib;
	o->returning = o->way_low_kib != UNKNOWN;
	o->returned_ns = 0;
}

void mem_orders_begin(struct mem_orders *o)
{
	*o = (struct mem_orders){.base_kib = UNKNOWN, .rest_ns = MEM_REST_NS};
}

void mem_orders_restart(struct mem_orders *o, bool same_qemu)
{
	if (same_qemu) {
		begin_return(o);
	} else {
		let_go(o);
		o->stands = o->asked = false;
	}
	o->base_kib = UNKNOWN;
}

static void back_off(uint64_t *retry_ns)
{
	*retry_ns = *retry_ns ? 2 * *retry_ns : MEM_BACK_OFF_NS;
	if (*retry_ns > MEM_BACK_OFF_MOST_NS)
		*retry_ns = MEM_BACK_OFF_MOST_NS;
}

/*
 * Someone else's order stands now, where it has shrunk. One that grows may do so by itself, and come back to what stands: as its driver is
 * loaded anew, which empties it, or gives in to a guest that has nothing left.
 */
static void note_foreign(struct mem_orders *o, const struct mem_guest *g, uint64_t now_ns)
{
	const bool rises = g->actual_kib > o->base_kib, known = o->stands && o->stand_low_kib;

	if (rises && known && mem_same(g->actual_kib, g->maximum_kib)) {
		/* Its driver is there, unlike after a reboot; or all is what its owner gives. */
		begin_return(o);
		o->returned_ns = now_ns + MEM_BOOT_NS;
	} else {
		let_go(o);
	}
	o->stands &= rises || !known;
	o->base_kib = o->target_kib = g->actual_kib;
	o->foreign_until_ns = now_ns + MEM_FOREIGN_NS;
	o->told_foreign = !o->returning && !g->booting; /* which drops it, and blows it up again */
	o->at_least = o->told_foreign && rises;
}

/* Whether one that does not stand any more may move it: it has not arrived, or is to be withdrawn; or the guest has rebooted. */
static bool is_under_way(const struct mem_orders *o, uint64_t now_ns)
{
	return o->pending || o->recall || o->returning || now_ns < o->arrives_until_ns;
}

static bool lies_between(uint64_t kib, uint64_t low_kib, uint64_t high_kib)
{
	return kib + MEM_PROGRESS_KIB >= low_kib && kib <= high_kib + MEM_PROGRESS_KIB;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Between where it was and what stands, however late it is obeyed; or where it may be by one that does not stand any more. */
static bool is_on_its_way(const struct mem_orders *o, uint64_t actual_kib, uint64_t now_ns)
{
	uint64_t low_kib = o->base_kib, high_kib = o->base_kib;

	if (is_under_way(o, now_ns)) {
		low_kib = lower(low_kib, o->way_low_kib);
		high_kib = higher(high_kib, o->way_high_kib);
	}
	if (o->stands) {
		low_kib = lower(low_kib, o->stand_low_kib);
		high_kib = higher(high_kib, o->stand_high_kib);
	}
	return lies_between(actual_kib, low_kib, high_kib);
}

static void widen_way(struct mem_orders *o, uint64_t kib)
{
	o->way_low_kib = lower(o->way_low_kib, kib);
	o->way_high_kib = higher(o->way_high_kib, kib);
}

/* It has come back a while after its driver works: the first report may be of before. */
static void follow_return(struct mem_orders *o, uint64_t maximum_kib, bool reports, uint64_t now_ns)
{
	widen_way(o, maximum_kib);
	if (reports && !o->returned_ns)
		o->returned_ns = now_ns + MEM_BOOT_NS;
	o->returning = !o->returned_ns || now_ns < o->returned_ns;
}

/* One under way that makes no progress is given up, to be withdrawn. */
static void give_up(struct mem_orders *o, uint64_t actual_kib, uint64_t now_ns)
{
	o->recall = true;
	o->recalled_kib = o->target_kib;
	o->stuck_taking = o->target_kib < actual_kib;
	o->pending = false;
	o->base_kib = o->target_kib = actual_kib;
	back_off(&o->retry_ns);
	o->stuck_until_ns = now_ns + o->retry_ns;
}

static void follow_none(struct mem_orders *o, const struct mem_guest *g, uint64_t now_ns)
{
	bool moved = !mem_same(g->actual_kib, o->base_kib);

	if (!moved && !is_under_way(o, now_ns))
		return;
	if (o->returning && moved) /* or by someone's order */
		o->foreign_until_ns = now_ns + MEM_FOREIGN_NS;
	if (is_on_its_way(o, g->actual_kib, now_ns))
		o->base_kib = o->target_kib = g->actual_kib;
	else
		note_foreign(o, g, now_ns);
}

static bool follow_pending(struct mem_orders *o, const struct mem_guest *g, uint64_t now_ns)
{
	uint64_t actual_kib = g->actual_kib;

	if (mem_same(actual_kib, o->target_kib)) {
		o->pending = false;
		o->arrives_until_ns = 0;
		o->retry_ns = 0;
		o->base_kib = o->target_kib;
		return true;
	}
	if (!is_on_its_way(o, actual_kib, now_ns)) {
		note_foreign(o, g, now_ns);
	} else if (mem_apart(actual_kib, o->target_kib) + MEM_PROGRESS_KIB <=
	           mem_apart(o->progress_kib, o->target_kib)) {
		o->progress_kib = actual_kib;
		o->progress_ns = now_ns;
	} else if (now_ns - o->progress_ns >= MEM_PROGRESS_NS) {
		give_up(o, actual_kib, now_ns);
	}
	return false;
}

/* A balloon that is back and has more than stands has been set meanwhile; or it lacks the memory to get there, or its driver. */
static void end_return(struct mem_orders *o, const struct mem_guest *g)
{
	o->at_least = o->stands && o->stand_low_kib && mem_same(g->actual_kib, o->base_kib) &&
	              g->actual_kib > o->stand_high_kib + MEM_PROGRESS_KIB;
}

bool mem_orders_follow(struct mem_orders *o, const struct mem_guest *g, bool reports,
                       uint64_t now_ns)
{
	const bool returns = o->returning;

	if (returns)
		follow_return(o, g->maximum_kib, reports, now_ns);
	if (!g->running)
		return false;
	if (o->base_kib == UNKNOWN)
		o->base_kib = o->target_kib = g->actual_kib;
	if (o->pending)
		return follow_pending(o, g, now_ns);
	if (returns && !o->returning)
		end_return(o, g);
	follow_none(o, g, now_ns);
	return false;
}

void mem_orders_skip(struct mem_orders *o, uint64_t before_ns, uint64_t now_ns)
{
	o->progress_ns = now_ns;
	o->returned_ns = 0;
	if (before_ns < o->arrives_until_ns)
		o->arrives_until_ns = now_ns + MEM_PROGRESS_NS;
}

void mem_orders_resume(struct mem_orders *o, const struct mem_orders *before, bool same_qemu,
                       uint64_t before_ns, uint64_t now_ns)
{
	*o = *before;
	o->told_foreign = o->at_least = false;
	mem_orders_skip(o, before_ns, now_ns);
	if (same_qemu)
		return;
	if (!o->stands)
		o->stand_high_kib = 0;
	if (o->base_kib != UNKNOWN)
		o->stand_high_kib = higher(o->stand_high_kib, o->base_kib);
	o->stand_low_kib = 0;
	o->stands = true;
}

void mem_orders_show(const struct mem_orders *o, bool known, uint64_t now_ns, struct mem_guest *g)
{
	g->target_kib = o->pending ? o->target_kib : g->actual_kib;
	g->stuck = now_ns < o->stuck_until_ns;
	g->stuck_taking = g->stuck && o->stuck_taking;
	g->resting = now_ns < o->resting_until_ns;
	g->withdraw = o->recall && known && g->running && !g->resting;
	g->withdrawn_kib = o->recalled_kib;
	/* What a balloon that comes back rests at may be its owner's: that is known when it is back. */
	g->foreign = o->returning || now_ns < o->foreign_until_ns;
	g->given = o->given_ns && now_ns - o->given_ns < o->rest_ns;
}

/* A give that follows a take says that it was taken too eagerly: the next take waits for longer. */
static void rest_after_give(struct mem_orders *o, uint64_t now_ns)
{
	if (o->taken_ns && now_ns - o->taken_ns < 6 * o->rest_ns && o->taken_ns > o->given_ns)
		o->rest_ns *= 2;
	else if (now_ns - o->given_ns > 20 * o->rest_ns)
		o->rest_ns = MEM_REST_NS;
	if (o->rest_ns > MEM_BACK_OFF_MOST_NS)
		o->rest_ns = MEM_BACK_OFF_MOST_NS;
	o->given_ns = now_ns;
}

static void begin_way(struct mem_orders *o, uint64_t from_kib, uint64_t to_kib, uint64_t now_ns)
{
	if (!is_under_way(o, now_ns))
		o->way_low_kib = o->way_high_kib = from_kib;
	widen_way(o, from_kib);
	widen_way(o, to_kib);
}

/* What is heard stands instead of what stood before, which may still be obeyed until it has arrived. */
static void stand(struct mem_orders *o, uint64_t actual_kib, uint64_t target_kib, bool surely,
                  uint64_t now_ns)
{
	if (!o->stands)
		o->stand_low_kib = o->stand_high_kib = actual_kib;
	o->stands = o->asked = true;
	begin_way(o, actual_kib, target_kib, now_ns);
	widen_way(o, o->stand_low_kib);
	widen_way(o, o->stand_high_kib);
	o->arrives_until_ns = now_ns + MEM_PROGRESS_NS;
	o->stand_low_kib = surely ? target_kib : lower(o->stand_low_kib, target_kib);
	o->stand_high_kib = surely ? target_kib : higher(o->stand_high_kib, target_kib);
}

void mem_orders_answered(struct mem_orders *o, const struct mem_guest *g, uint64_t target_kib,
                         enum mem_heard heard, uint64_t now_ns)
{
	bool turns = (target_kib > g->actual_kib) != (o->target_kib > g->actual_kib);

	if (heard != MEM_REFUSED)
		stand(o, g->actual_kib, target_kib, heard == MEM_HEARD, now_ns);
	/* What is perhaps heard counts, but as a withdrawal. */
	if (heard == MEM_REFUSED || (heard == MEM_PERHAPS && target_kib == g->target_kib)) {
		back_off(&o->refused_ns);
		o->resting_until_ns = now_ns + o->refused_ns;
		return;
	}
	o->refused_ns = 0;
	o->recall = false;
	if (target_kib == g->target_kib)
		return; /* withdrawn */
	if (target_kib > g->target_kib)
		rest_after_give(o, now_ns);
	else
		o->taken_ns = now_ns;
	if (!o->pending || turns)
		o->progress_ns = now_ns;
	o->target_kib = target_kib;
	o->progress_kib = g->actual_kib;
	o->pending = !mem_same(g->actual_kib, target_kib);
	if (!o->pending)
		o->base_kib = target_kib;
}

void mem_orders_tried(struct mem_orders *o, const struct mem_guest *g, uint64_t target_kib,
                      uint64_t now_ns)
{
	stand(o, g->actual_kib, target_kib, false, now_ns);
}

void mem_orders_doubt(struct mem_orders *o)
{
	o->stands = true;
	o->stand_low_kib = 0;
	o->stand_high_kib = UINT64_MAX / 2;
}

bool mem_orders_asked(const struct mem_orders *o)
{
	return o->asked;
}

bool mem_orders_promised(const struct mem_orders *o, const struct mem_guest *g)
{
	return !o->stands || o->stand_low_kib >= g->target_kib;
}

bool mem_orders_may_shrink(const struct mem_orders *o, const struct mem_guest *g)
{
	return o->stands && !o->told_foreign && o->stand_low_kib + MEM_PAGE_KIB <= g->actual_kib;
}

uint64_t mem_orders_recall(const struct mem_orders *o, const struct mem_guest *g,
                           uint64_t original_kib)
{
	/* Its maximum may be less than what it booted with, by its owner's bounds. */
	bool is_empty = o->returning && !o->returned_ns &&
	                g->actual_kib + MEM_PROGRESS_KIB > g->maximum_kib;

	return is_empty ? lower(g->actual_kib, higher(original_kib, o->stand_high_kib))
	                : g->actual_kib;
}
