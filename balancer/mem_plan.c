/* mem_plan - what each balloon shall be: take slowly from the idle, give fast to the needy what the host really has */
#include "balancer/mem_plan.h"

#include "balancer/mem_laws.h"

#define NS_IN_S 1e9

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* ---- the host ---- */

static uint64_t reserve_of(const struct mem_policy *policy, const struct mem_view *view)
{
	const struct size *size = &policy->host_reserve;
	uint64_t reserve = size->kib, largest = 0;
	size_t i;

	reserve = most(reserve, (uint64_t)(size->part * (double)view->total_kib));
	for (i = 0; policy->reboot_room && i < view->nr_guests; i++) {
		const struct mem_guest *g = &view->guests[i];

		if (g->maximum_kib > g->actual_kib && !g->boot_room_kib)
			largest = most(largest, g->maximum_kib - g->actual_kib);
	}
	return reserve + largest;
}

static uint64_t promised_to(const struct mem_policy *policy, const struct mem_guest *g)
{
	uint64_t holds = most(law_counted(policy, g), g->boot_room_kib) + MEM_QEMU_KIB;
	uint64_t rss = g->rss_kib == UNKNOWN ? 0 : g->rss_kib;

	return g->locked || holds < rss ? 0 : holds - rss;
}

static void set_short(struct mem_plan_state *state, const struct mem_choice *c,
                      const struct mem_view *view, int64_t pool_left)
{
	double part = (double)view->available_kib / (double)view->total_kib;

	if (c->host.pool_kib != UNKNOWN && (double)pool_left / (double)c->host.pool_kib < part)
		part = (double)pool_left / (double)c->host.pool_kib;
	if (part < MEM_SHORT_PART)
		state->is_short = true;
	else if (part > MEM_RELAXED_PART)
		state->is_short = false;
}

void mem_plan_host(const struct mem_policy *policy, const struct mem_view *view,
                   struct mem_plan_state *state, struct mem_choice *c)
{
	int64_t promised = 0, held = 0, pool_left = INT64_MAX;
	size_t i;

	c->host.pool_kib = size_kib(&policy->pool, view->total_kib);
	if (!c->host.pool_kib)
		c->host.pool_kib = UNKNOWN;
	if (view->total_kib == UNKNOWN || !view->total_kib || view->available_kib == UNKNOWN) {
		c->room_kib = INT64_MIN;
		c->host.reserve_kib = c->host.spare_kib = UNKNOWN;
		c->host.is_short = state->is_short;
		return;
	}
	for (i = 0; i < view->nr_guests; i++) {
		promised += (int64_t)promised_to(policy, &view->guests[i]);
		held += (int64_t)law_counted(policy, &view->guests[i]);
	}
	c->host.reserve_kib = reserve_of(policy, view);
	if (c->host.pool_kib != UNKNOWN)
		pool_left = (int64_t)c->host.pool_kib - held;
	c->room_kib = least((int64_t)view->available_kib - (int64_t)c->host.reserve_kib - promised,
	                    pool_left);
	c->by_pool = pool_left == c->room_kib;
	c->overdrawn_kib = pool_left < 0 ? (uint64_t)-pool_left : 0;
	if (view->available_kib < c->host.reserve_kib)
		c->overdrawn_kib = most(c->overdrawn_kib,
		                        c->host.reserve_kib - view->available_kib);
	c->host.spare_kib = c->room_kib > 0 ? (uint64_t)c->room_kib : 0;
	set_short(state, c, view, pool_left);
	c->host.is_short = state->is_short;
}

/* ---- a guest's band and need ---- */

/* A whole cut must always be worth it, however large the guest is. */
static uint64_t dead_band(const struct mem_guest *g)
{
	uint64_t part = (uint64_t)(MEM_DEAD_PART * (double)g->actual_kib);

	return most(MEM_DEAD_KIB, part < MEM_DEAD_MOST_KIB ? part : MEM_DEAD_MOST_KIB);
}

static double lead_kib(const struct mem_policy *policy, const struct mem_guest *g)
{
	double s = (double)(g->age_ns + policy->interval_ns + MEM_EFFECT_NS) / NS_IN_S;

	return MEM_LEAD_MARGIN * g->growth_kib_s * s;
}

/* One that did not obey a take may lack memory itself: it is given what it needs while it is left alone otherwise. */
static bool may_give(const struct mem_guest *g)
{
	bool stuck = g->stuck && (!g->stuck_taking || g->withdraw);

	return g->ours && g->running && !stuck && !g->resting && g->target_kib < g->maximum_kib;
}

/* What must be given for the guest to be at its lower end; that rises with the balloon where it is a part of it. */
static uint64_t need_of(const struct mem_policy *policy, const struct mem_guest *g, uint64_t low)
{
	double part = g->limits.reserve.part, need;

	if (!g->recent)
		return 0;
	need = (double)low + lead_kib(policy, g) - (double)(g->left_kib + g->credit_kib);
	if (need <= 0)
		return 0;
	if (low > g->limits.reserve.kib)
		need /= 1 - (part < 0.9 ? part : 0.9);
	need = need < (double)dead_band(g) ? (double)dead_band(g) : need;
	return (uint64_t)need;
}

void mem_plan_look(const struct mem_policy *policy, const struct mem_guest *g, struct mem_order *o)
{
	const struct size *reserve = &g->limits.reserve;
	uint64_t wanted;

	*o = (struct mem_order){.state = g->state, .target_kib = g->target_kib};
	o->low_kib = most(reserve->kib, (uint64_t)(reserve->part * (double)g->target_kib));
	o->high_kib = (uint64_t)(MEM_BAND * (double)o->low_kib);
	o->floor_kib = law_floor(policy, g, o->low_kib);
	if (!g->ours || !g->running)
		return;
	if (o->state == MEMORY_OK && g->left_kib < (int64_t)o->low_kib)
		o->state = MEMORY_TIGHT;
	wanted = g->target_kib + need_of(policy, g, o->low_kib);
	wanted = most(wanted, g->limits.min_kib);
	if (wanted > g->maximum_kib)
		wanted = g->maximum_kib;
	o->need_kib = wanted > g->target_kib ? wanted - g->target_kib : 0;
}

/* ---- taking ---- */

static bool may_take(const struct mem_policy *policy, const struct mem_guest *g)
{
	return g->ours && g->complete && !g->resting && !g->given &&
	       g->growth_kib_s < MEM_GROWS_KIB_S && law_fresh(policy, g) && law_calm(policy, g) &&
	       law_settled(policy, g) && law_booted(policy, g) && law_own_target(policy, g);
}

/* What a guest has left at its peak when its balloon has come to where it is going, above `keep`. */
static int64_t surplus_above(const struct mem_guest *g, double keep, bool cache_too)
{
	int64_t seen = (int64_t)g->target_kib - g->overhead_kib;
	int64_t surplus = seen - g->peak_kib - (int64_t)keep;

	return cache_too ? surplus : least(surplus, seen - g->peak_busy_kib - (int64_t)(keep / 2));
}

static uint64_t whole_pages(uint64_t kib)
{
	return kib / MEM_PAGE_KIB * MEM_PAGE_KIB;
}

/* How much a cut of `surplus` is: 0 when it is within the dead band. */
static uint64_t cut_of(const struct mem_guest *g, const struct mem_order *o, int64_t surplus)
{
	int64_t cut = least(surplus / 2, (int64_t)(MEM_CUT_PART * (double)g->actual_kib));

	cut = least(cut, MEM_CUT_KIB);
	cut = least(cut, (int64_t)g->target_kib - (int64_t)o->floor_kib);
	return cut < (int64_t)dead_band(g) ? 0 : whole_pages((uint64_t)cut);
}

static void cut(const struct mem_guest *g, struct mem_order *o, enum mem_why why, uint64_t kib)
{
	if (!kib)
		return;
	o->target_kib = g->target_kib - kib;
	o->why = why;
}

static void take(const struct mem_guest *g, struct mem_order *o, enum mem_why why, int64_t surplus)
{
	o->surplus_kib = surplus;
	cut(g, o, why, cut_of(g, o, surplus));
}

static void take_idle(const struct mem_policy *policy, const struct mem_guest *g,
                      struct mem_order *o, bool is_short)
{
	bool cache_too = is_short && policy->reclaim == RECLAIM_PRESSURE;

	if (!may_take(policy, g) || o->need_kib)
		return;
	if (g->target_kib > g->maximum_kib)
		take(g, o, MEM_WHY_MAXIMUM, 2 * (int64_t)(g->target_kib - g->maximum_kib));
	if (o->why == MEM_WHY_NONE)
		take(g, o, MEM_WHY_IDLE,
		     surplus_above(g, (double)o->high_kib + lead_kib(policy, g), cache_too));
}

static int64_t pressed_surplus(const struct mem_policy *policy, const struct mem_guest *g,
                               const struct mem_order *o)
{
	double keep = MEM_BAND_PRESSED * (double)o->low_kib + lead_kib(policy, g);

	if (!may_take(policy, g) || o->need_kib || o->why != MEM_WHY_NONE)
		return 0;
	return surplus_above(g, keep, policy->reclaim == RECLAIM_PRESSURE);
}

/*
 * Others' need is taken from all that have something, in proportion to what each could give. A part within the dead band is
 * left to the next guest: of many each could do without so little that nobody would give, and the needy would starve.
 */
static void take_pressed(const struct mem_policy *policy, const struct mem_view *view,
                         struct mem_order *orders, uint64_t wanted)
{
	double all = 0, part, due = 0;
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		all += (double)cut_of(&view->guests[i], &orders[i],
		                      pressed_surplus(policy, &view->guests[i], &orders[i]));
	wanted = most(wanted, MEM_DEAD_KIB);
	part = all > (double)wanted ? (double)wanted / all : 1;
	for (i = 0; i < view->nr_guests; i++) {
		const struct mem_guest *g = &view->guests[i];
		int64_t surplus = pressed_surplus(policy, g, &orders[i]);
		uint64_t could = cut_of(g, &orders[i], surplus), gives;

		due += part * (double)could;
		gives = whole_pages((uint64_t)due < could ? (uint64_t)due : could);
		if (!could || gives < dead_band(g))
			continue;
		due -= (double)gives;
		orders[i].surplus_kib = surplus;
		cut(g, &orders[i], MEM_WHY_PRESSED, gives);
	}
}

/* ---- giving ---- */

/* Raise guests to what `wants` says, as far as there is room; returns what is left of it. */
static uint64_t give(const struct mem_view *view, struct mem_order *orders,
                     struct fill_share *shares, uint64_t room, enum mem_why why)
{
	uint64_t used = fill_shares(shares, view->nr_guests, room);
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		uint64_t share = shares[i].gets - shares[i].has, gets = whole_pages(share);

		if (gets < MEM_DEAD_KIB && shares[i].gets < shares[i].wants)
			gets = 0;
		used -= share - gets;
		if (!gets)
			continue;
		orders[i].target_kib = shares[i].has + gets;
		orders[i].why = why;
	}
	return room - used;
}

/* The balloon that covers what a guest needs. */
static uint64_t needed(const struct mem_guest *g, const struct mem_order *o)
{
	return o->target_kib + (may_give(g) ? o->need_kib : 0);
}

static void want_needs(const struct mem_view *view, const struct mem_order *orders,
                       struct fill_share *shares)
{
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		shares[i] = (struct fill_share){.has = orders[i].target_kib,
		                                .wants = needed(&view->guests[i], &orders[i]),
		                                .share = view->guests[i].limits.share};
}

static bool shares_differ(const struct mem_view *view)
{
	size_t i;

	for (i = 1; i < view->nr_guests; i++)
		if (view->guests[i].limits.share != view->guests[0].limits.share)
			return true;
	return false;
}

/*
 * What guests want at most when some of what they need is kept for others: a guest that fills is going to want its maximum, and
 * what another uses by then cannot be taken back. Returns what is kept.
 */
static uint64_t keep_for_shares(const struct mem_view *view, const struct mem_order *orders,
                                struct fill_share *shares, uint64_t room)
{
	uint64_t kept = 0;
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		if (may_give(&view->guests[i]) && view->guests[i].growth_kib_s >= MEM_GROWS_KIB_S)
			shares[i].wants = most(shares[i].wants, view->guests[i].maximum_kib);
	fill_shares(shares, view->nr_guests, room);
	for (i = 0; i < view->nr_guests; i++) {
		uint64_t wants = needed(&view->guests[i], &orders[i]);

		kept += wants > shares[i].gets ? wants - shares[i].gets : 0;
		shares[i].wants = wants < shares[i].gets ? wants : shares[i].gets;
	}
	return kept;
}

static uint64_t give_needs(const struct mem_view *view, struct mem_order *orders,
                           struct fill_share *shares, struct mem_choice *c)
{
	want_needs(view, orders, shares);
	if (shares_differ(view))
		c->kept_kib = keep_for_shares(view, orders, shares, c->host.spare_kib);
	return give(view, orders, shares, c->host.spare_kib, MEM_WHY_NEED);
}

static void give_troubled(const struct mem_policy *policy, const struct mem_view *view,
                          struct mem_order *orders, struct fill_share *shares, uint64_t room)
{
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		const struct mem_guest *g = &view->guests[i];
		uint64_t has = orders[i].target_kib;
		bool rises = law_trouble(policy, g) && may_give(g) && has < g->maximum_kib;

		shares[i] = (struct fill_share){has, rises ? g->maximum_kib : has, 0,
		                                g->limits.share};
	}
	give(view, orders, shares, room, MEM_WHY_TROUBLE);
}

/* ---- the whole ---- */

static uint64_t all_needs(const struct mem_view *view, const struct mem_order *orders)
{
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		all += may_give(&view->guests[i]) ? orders[i].need_kib : 0;
	return all;
}

static void withdraw(const struct mem_policy *policy, const struct mem_view *view,
                     struct mem_order *orders)
{
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		if (law_stuck(policy, &view->guests[i]) && view->guests[i].ours)
			orders[i].why = MEM_WHY_WITHDRAW;
}

static void count(const struct mem_view *view, const struct mem_order *orders, struct mem_choice *c)
{
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		const struct mem_order *o = &orders[i];
		uint64_t given = o->target_kib > view->guests[i].target_kib
		                         ? o->target_kib - view->guests[i].target_kib
		                         : 0;

		c->nr_orders += o->why != MEM_WHY_NONE;
		if (o->need_kib < given + MEM_PAGE_KIB)
			continue;
		c->unmet_kib += o->need_kib - given;
		c->nr_unmet++;
	}
}

static enum mem_reason reason_of(const struct mem_view *view, const struct mem_choice *c)
{
	bool ours = false, complete = false, recent = false;
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		ours |= view->guests[i].ours;
		complete |= view->guests[i].ours && view->guests[i].complete;
		recent |= view->guests[i].ours && view->guests[i].recent;
	}
	if (c->nr_orders)
		return MEM_ORDERS;
	if (!ours)
		return MEM_NO_GUESTS;
	if (!complete)
		return MEM_NO_REPORTS;
	if (c->room_kib == INT64_MIN)
		return MEM_NO_HOST;
	/* Who is in trouble without reports counts as unmet. */
	if (!c->nr_unmet)
		return recent ? MEM_IN_BAND : MEM_NO_REPORTS;
	if (c->unmet_kib <= c->host.spare_kib)
		return c->kept_kib ? MEM_KEPT : MEM_UNREADY;
	return c->by_pool ? MEM_NO_POOL : MEM_NO_ROOM;
}

static const enum verdict verdicts[MEM_REASONS] = {
        [MEM_IN_BAND] = VERDICT_QUIET,    [MEM_NO_GUESTS] = VERDICT_WATCH,
        [MEM_NO_REPORTS] = VERDICT_WATCH, [MEM_NO_HOST] = VERDICT_HOLD,
        [MEM_NO_ROOM] = VERDICT_HOLD,     [MEM_NO_POOL] = VERDICT_HOLD,
        [MEM_UNREADY] = VERDICT_HOLD,     [MEM_KEPT] = VERDICT_HOLD,
        [MEM_ORDERS] = VERDICT_ACT,
};

void mem_plan_conclude(const struct mem_view *view, const struct mem_order *orders,
                       struct mem_choice *c)
{
	count(view, orders, c);
	c->why = reason_of(view, c);
	c->verdict = verdicts[c->why];
}

void mem_plan(const struct mem_policy *policy, const struct mem_view *view,
              struct mem_plan_state *state, struct mem_order *orders, struct fill_share *shares,
              struct mem_choice *c)
{
	uint64_t needs, wanted, room;
	size_t i;

	*c = (struct mem_choice){0};
	mem_plan_host(policy, view, state, c);
	for (i = 0; i < view->nr_guests; i++)
		mem_plan_look(policy, &view->guests[i], &orders[i]);
	for (i = 0; i < view->nr_guests && c->room_kib != INT64_MIN; i++)
		take_idle(policy, &view->guests[i], &orders[i], state->is_short);
	needs = all_needs(view, orders);
	wanted = c->overdrawn_kib + (needs > c->host.spare_kib ? needs - c->host.spare_kib : 0);
	if (wanted && c->room_kib != INT64_MIN)
		take_pressed(policy, view, orders, wanted);
	withdraw(policy, view, orders);
	if (c->room_kib > 0) {
		room = give_needs(view, orders, shares, c);
		give_troubled(policy, view, orders, shares, room);
	}
	mem_plan_conclude(view, orders, c);
}
