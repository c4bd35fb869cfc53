/* cpu_plan_tidy - of equal vCPUs, which goes where: those of a guest apart, and in one NUMA node */
#include "balancer/cpu_plan_tidy.h"

#include <math.h>

/* Loads that differ by a point are about the same: finer than that CPU times are not known at 1 s. */
#define ALIKE_PM 10.0

/* So many neighbours by load are looked at on either side: all of a host of 64 vCPUs. */
#define REACH 64

/* Rounds through all items; one mends nearly everything, and the steps bound large hosts and guests. */
#define ROUNDS     4
#define TIDY_STEPS 400000

/* To part two vCPUs that share a pCPU counts more than to bring the whole guest together. */
#define SHARED_WEIGHT 100000L

/* The items of item i's guest: [*first, *end). */
static void guest_of(const struct placing *c, size_t i, size_t *first, size_t *end)
{
	const struct place_item *items = c->s->items;

	*first = i;
	*end = i + 1;
	while (*first > 0 && items[*first - 1].guest == items[i].guest)
		--*first;
	while (*end < c->problem->nr_items && items[*end].guest == items[i].guest)
		++*end;
}

/* How well item i is placed on pCPU p, by where the others of its guest are; *most: how well it could be. */
static long fit(struct placing *c, size_t i, int32_t p, long *most)
{
	const struct place_spot *spots = c->problem->spots;
	const struct place_scratch *s = c->s;
	long shared = 0, together = 0;
	size_t first, end, j;

	*most = 0;
	guest_of(c, i, &first, &end);
	c->steps += end - first;
	for (j = first; j < end; j++) {
		if (j == i || s->to[j] < 0)
			continue;
		shared += s->to[j] == p && j >= s->first_mate[i] && j <= s->last_mate[i];
		if (!spots || spots[p].node < 0)
			continue;
		++*most;
		together += spots[s->to[j]].node == spots[p].node;
	}
	return together - SHARED_WEIGHT * shared;
}

static bool is_untidy(struct placing *c, size_t i)
{
	long most;

	return c->s->to[i] >= 0 && fit(c, i, c->s->to[i], &most) < most;
}

/* What is gained when items i and j exchange their places. */
static long gain_of(struct placing *c, size_t i, size_t j)
{
	int32_t a = c->s->to[i], b = c->s->to[j];
	long most;

	return fit(c, i, b, &most) + fit(c, j, a, &most) - fit(c, i, a, &most) -
	       fit(c, j, b, &most);
}

static void exchange(struct placing *c, size_t i, size_t j)
{
	int32_t a = c->s->to[i], b = c->s->to[j];

	placing_put(c, j, -1);
	placing_put(c, i, b);
	placing_put(c, j, a);
}

static bool may_exchange(struct placing *c, size_t i, size_t j)
{
	struct place_scratch *s = c->s;
	int32_t a = s->to[i], b = s->to[j];
	unsigned now = placing_changed(c, i) + placing_changed(c, j);
	bool forbidden;

	if (a == b || b < 0 || s->items[i].guest == s->items[j].guest ||
	    fabs(s->items[i].load_pm - s->items[j].load_pm) > ALIKE_PM ||
	    (b != s->items[i].from) + (a != s->items[j].from) > (int)now)
		return false;
	/* Each leaves before the other comes. */
	s->to[i] = s->to[j] = -1;
	forbidden = placing_forbids(c, s->to, i, b) || placing_forbids(c, s->to, j, a);
	s->to[i] = a;
	s->to[j] = b;
	return !forbidden;
}

/* Exchange items i and j where that gains something and costs no evenness that counts. */
static bool try_exchange(struct placing *c, size_t i, size_t j)
{
	double uneven = c->squares + c->core_squares;
	bool within = placing_within(c);

	if (!may_exchange(c, i, j) || gain_of(c, i, j) <= 0)
		return false;
	exchange(c, i, j);
	if (within ? placing_within(c) : c->squares + c->core_squares <= uneven + PLACING_ROUNDING)
		return true;
	exchange(c, i, j);
	return false;
}

/* Exchange item s->order[k] with the first neighbour that helps, the nearest by load first. */
static bool tidy_one(struct placing *c, size_t k)
{
	const uint32_t *order = c->s->order;
	size_t d;

	for (d = 1; d <= REACH; d++)
		if ((k >= d && try_exchange(c, order[k], order[k - d])) ||
		    (k + d < c->nr_order && try_exchange(c, order[k], order[k + d])))
			return true;
	return false;
}

void place_tidy(struct placing *c)
{
	unsigned long last = c->steps + TIDY_STEPS;
	bool any = true;
	unsigned round;
	size_t k;

	for (round = 0; any && round < ROUNDS; round++)
		for (any = false, k = 0; k < c->nr_order && c->steps < last; k++)
			any |= is_untidy(c, c->s->order[k]) && tidy_one(c, k);
}
