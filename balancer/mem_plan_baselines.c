/* mem_plan_baselines - experimental: simple policies of memory, as others have published them, to compare the plan with */
#include "balancer/mem_plan_baselines.h"

#include <math.h>

#define MB (1e6 / 1024) /* KiB */

/* What a policy works on. */
struct tick {
	const struct mem_policy *policy;
	const struct mem_view *view;
	struct mem_order *orders;
	struct fill_share *work;
	struct mem_choice *choice;
};

static bool is_movable(const struct mem_guest *g)
{
	return g->ours && g->running && g->complete;
}

static double within(double kib, double least, double most)
{
	return kib < least ? least : kib > most ? most : kib;
}

/* Everything as it is. False where the host tells nothing. */
static bool begin(struct tick *t, struct mem_plan_state *state)
{
	size_t i;

	*t->choice = (struct mem_choice){0};
	mem_plan_host(t->policy, t->view, state, t->choice);
	for (i = 0; i < t->view->nr_guests; i++)
		mem_plan_look(t->policy, &t->view->guests[i], &t->orders[i]);
	return t->choice->room_kib != INT64_MIN;
}

/* Let guest i have so much, within its bounds; nothing when that differs from what it has by no more than `least`. */
static void order(struct tick *t, size_t i, double kib, double least)
{
	const struct mem_guest *g = &t->view->guests[i];
	struct mem_order *o = &t->orders[i];
	uint64_t to;

	kib = within(kib, (double)g->limits.min_kib, (double)g->maximum_kib);
	to = (uint64_t)kib / MEM_PAGE_KIB * MEM_PAGE_KIB;
	if (fabs(kib - (double)g->actual_kib) <= least || to == g->target_kib)
		return;
	o->target_kib = to;
	o->why = MEM_WHY_RULE;
}

static void end(struct tick *t)
{
	mem_plan_conclude(t->view, t->orders, t->choice);
}

void mem_baseline_none(const struct mem_policy *policy, const struct mem_view *view,
                       struct mem_plan_state *state, struct mem_order *orders,
                       struct fill_share *shares, struct mem_choice *choice)
{
	struct tick t = {policy, view, orders, shares, choice};

	begin(&t, state);
	end(&t);
}

void mem_baseline_step(const struct mem_policy *policy, const struct mem_view *view,
                       struct mem_plan_state *state, struct mem_order *orders,
                       struct fill_share *shares, struct mem_choice *choice)
{
	struct tick t = {policy, view, orders, shares, choice};
	double available = (double)view->available_kib;
	bool known = begin(&t, state);
	size_t i;

	for (i = 0; known && i < view->nr_guests; i++) {
		const struct mem_guest *g = &view->guests[i];
		double unused = (double)g->unused_kib;

		if (!is_movable(g))
			continue;
		if (unused < 100 * MB && available > 300 * MB) {
			order(&t, i, (double)g->actual_kib + 100 * MB, 0);
			available -= 100 * MB;
		} else if (unused > 300 * MB) {
			order(&t, i, (double)g->actual_kib - 100 * MB, 0);
		}
	}
	end(&t);
}

/* What MOM leaves a guest free when the host has this part free: of its balloon. */
static double mom_guest_free(double host_free)
{
	return host_free <= 0.05 ? host_free - 0.05 : 0.20 * (host_free / 0.20);
}

void mem_baseline_mom(const struct mem_policy *policy, const struct mem_view *view,
                      struct mem_plan_state *state, struct mem_order *orders,
                      struct fill_share *shares, struct mem_choice *choice)
{
	struct tick t = {policy, view, orders, shares, choice};
	bool known = begin(&t, state);
	double host_free = (double)view->available_kib / (double)view->total_kib;
	size_t i;

	for (i = 0; known && i < view->nr_guests; i++) {
		const struct mem_guest *g = &view->guests[i];
		double is = (double)g->actual_kib, most = (double)g->maximum_kib;
		double used = is - (double)g->unused_kib, least = 0.0025 * is, to;

		if (!is_movable(g))
			continue;
		if (host_free < 0.20) {
			to = fmax(0.95 * is, used + mom_guest_free(host_free) * is);
			if (to <= is)
				order(&t, i, to, least);
		} else if (is < most) {
			order(&t, i, fmax(fmin(1.05 * is, most), used + 0.20 * most), least);
		}
	}
	end(&t);
}

/* ---- Proxmox VE ---- */

#define PROXMOX_STEP_KIB (100 * (double)MIB)
#define PROXMOX_ROUNDS   100 /* it ends by itself: this is against rounding */

/* The lists of guests. */
enum proxmox_list {
	HAVE_ENOUGH,
	LACK,
	ALL
};

static bool is_listed(const struct mem_guest *g, enum proxmox_list list)
{
	bool enough = (double)g->unused_kib > 0.25 * (double)g->limits.min_kib &&
	              g->actual_kib >= g->limits.min_kib;

	return is_movable(g) && (list == ALL || enough == (list == HAVE_ENOUGH));
}

/* Where a guest goes on its way to `wanted`; `gives`: this round hands out. */
static double step_to(const struct mem_guest *g, double wanted, bool gives)
{
	double is = (double)g->actual_kib;

	if (wanted > is && !gives)
		return is;
	return within(wanted, is - PROXMOX_STEP_KIB, is + PROXMOX_STEP_KIB);
}

/* One round over a list, `rest` to be given (or taken, below 0); work[i].gets is what guest i is to have. Returns what was moved. */
static double proxmox_round(struct tick *t, enum proxmox_list list, double rest, bool gives)
{
	double above = rest, weights = 0, moved = 0;
	size_t i;

	for (i = 0; i < t->view->nr_guests; i++)
		if (is_listed(&t->view->guests[i], list)) {
			above += (double)t->work[i].gets -
			         (double)t->view->guests[i].limits.min_kib;
			weights += t->view->guests[i].limits.share;
		}
	for (i = 0; i < t->view->nr_guests; i++) {
		const struct mem_guest *g = &t->view->guests[i];
		double least = (double)g->limits.min_kib, to;

		if (!is_listed(g, list))
			continue;
		to = within(least + above * g->limits.share / weights, least,
		            (double)g->maximum_kib);
		to = floor(step_to(g, to, gives));
		moved += to - (double)t->work[i].gets;
		t->work[i].gets = (uint64_t)to;
	}
	return moved;
}

/* Returns what is left to be given (or taken). */
static double share_out(struct tick *t, enum proxmox_list list, double rest)
{
	bool gives = rest > 0;
	double moved = 1;
	int round;

	for (round = 0; round < PROXMOX_ROUNDS && fabs(moved) >= 1 && fabs(rest) >= 1; round++) {
		moved = proxmox_round(t, list, rest, gives);
		rest -= moved;
	}
	return rest;
}

void mem_baseline_proxmox(const struct mem_policy *policy, const struct mem_view *view,
                          struct mem_plan_state *state, struct mem_order *orders,
                          struct fill_share *shares, struct mem_choice *choice)
{
	struct tick t = {policy, view, orders, shares, choice};
	bool known = begin(&t, state);
	double goal = (double)view->available_kib - 0.20 * (double)view->total_kib, rest;
	size_t i;

	for (i = 0; i < view->nr_guests; i++)
		shares[i].gets = view->guests[i].actual_kib;
	if (known && fabs(goal) > 10 * (double)MIB) {
		rest = share_out(&t, goal > 0 ? LACK : HAVE_ENOUGH, goal);
		if (fabs(rest) >= fabs(goal))
			share_out(&t, ALL, rest);
	}
	for (i = 0; known && i < view->nr_guests; i++)
		if (is_movable(&view->guests[i]))
			order(&t, i, (double)shares[i].gets, 0);
	end(&t);
}

void mem_baseline_squeezed(const struct mem_policy *policy, const struct mem_view *view,
                           struct mem_plan_state *state, struct mem_order *orders,
                           struct fill_share *shares, struct mem_choice *choice)
{
	struct tick t = {policy, view, orders, shares, choice};
	bool known = begin(&t, state);
	double above = (double)choice->room_kib, range = 0, g;
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		const struct mem_guest *guest = &view->guests[i];

		if (!is_movable(guest))
			continue;
		above += (double)guest->target_kib - (double)guest->limits.min_kib;
		range += (double)guest->maximum_kib - (double)guest->limits.min_kib;
	}
	g = range > 0 ? within(above / range, 0, 1) : 0;
	for (i = 0; known && i < view->nr_guests; i++) {
		const struct mem_guest *guest = &view->guests[i];
		double least = (double)guest->limits.min_kib;

		if (is_movable(guest))
			order(&t, i, least + g * ((double)guest->maximum_kib - least),
			      4 * (double)MIB);
	}
	end(&t);
}
