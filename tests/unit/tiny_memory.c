/* tiny_memory - a host with ideal guests that use memory, and vmb-mem's estimate and plan in the loop, in the test's own time */
#include "tests/unit/tiny_memory.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/check.h"

#define STEP_NS 50000000ULL

void tiny_memory_init(struct tiny_memory *t, size_t nr)
{
	size_t i;

	*t = (struct tiny_memory){.policy = mem_policy_default,
	                          .nr = nr,
	                          .total_kib = 16384 * MIB,
	                          .host_used_kib = 1024 * MIB,
	                          .now_ns = 1000000000000ULL,
	                          .least_available_kib = INT64_MAX};
	sample_init(&t->sample);
	for (i = 0; i < nr; i++)
		t->guests[i] = (struct tiny_guest){.maximum_kib = 2048 * MIB,
		                                   .actual_kib = 512 * MIB,
		                                   .target_kib = 512 * MIB,
		                                   .used_kib = 60 * MIB,
		                                   .until_kib = INT64_MAX,
		                                   .follows_kib_s = 400 * MIB,
		                                   .balloon = BALLOON_READY,
		                                   .period_s = 1,
		                                   .least_left_kib = INT64_MAX,
		                                   .least_actual_kib = UINT64_MAX,
		                                   .limits = mem_limits_default};
}

void tiny_memory_done(struct tiny_memory *t)
{
	mem_estimate_done(&t->estimate);
	sample_done(&t->sample);
}

int64_t tiny_memory_left(const struct tiny_memory *t, size_t i)
{
	const struct tiny_guest *g = &t->guests[i];
	int64_t left = (int64_t)(g->actual_kib - TINY_KERNEL) - g->used_kib;

	return left > 0 ? left : 0;
}

static uint64_t rss_kib(const struct tiny_guest *g)
{
	return g->touched_kib + 20 * MIB;
}

int64_t tiny_memory_available(const struct tiny_memory *t)
{
	int64_t available = (int64_t)(t->total_kib - t->host_used_kib);
	size_t i;

	for (i = 0; i < t->nr; i++)
		available -= (int64_t)rss_kib(&t->guests[i]);
	return available;
}

/* ---- the world ---- */

static void report(struct tiny_memory *t, size_t i)
{
	struct tiny_guest *g = &t->guests[i];
	int64_t left = tiny_memory_left(t, i);

	if (g->mute || g->no_driver || g->paused || !g->period_s)
		return;
	g->report.available_kib = g->actual_kib - TINY_KERNEL;
	g->report.usable_kib = (uint64_t)left;
	g->report.unused_kib = (uint64_t)(left > g->cache_kib ? left - g->cache_kib : 0);
	g->report.swap_in_kib = g->swap_in_kib;
	g->report.updated_s = t->now_ns / 1000000000;
}

static void move_balloon(struct tiny_guest *g, double s)
{
	uint64_t step = (uint64_t)(g->follows_kib_s * s), to = g->target_kib;

	if (g->no_driver || g->paused)
		return;
	if (g->actual_kib < to)
		g->actual_kib += to - g->actual_kib < step ? to - g->actual_kib : step;
	else
		g->actual_kib -= g->actual_kib - to < step ? g->actual_kib - to : step;
}

static void step(struct tiny_memory *t)
{
	size_t i;

	t->now_ns += STEP_NS;
	for (i = 0; i < t->nr; i++) {
		struct tiny_guest *g = &t->guests[i];
		uint64_t touched;

		if (g->arrives_ns && g->arrives_ns <= t->now_ns) {
			g->target_kib = g->order_kib;
			g->arrives_ns = 0;
		}
		move_balloon(g, STEP_NS / 1e9);
		if (!g->paused && g->used_kib < g->until_kib && tiny_memory_left(t, i) > 0)
			g->used_kib += (int64_t)(g->eats_kib_s * (STEP_NS / 1e9));
		touched = TINY_KERNEL + (uint64_t)(g->used_kib + g->cache_kib);
		if (touched > g->touched_kib)
			g->touched_kib = touched;
		if (g->touched_kib > g->actual_kib)
			g->touched_kib = g->actual_kib;
		if (g->actual_kib < g->maximum_kib && tiny_memory_left(t, i) < g->least_left_kib)
			g->least_left_kib = tiny_memory_left(t, i);
		if (g->actual_kib < g->least_actual_kib)
			g->least_actual_kib = g->actual_kib;
		/* Each reports at another moment of the second. */
		if (g->period_s && t->now_ns % (g->period_s * 1000000000) == (7 * i % 20) * STEP_NS)
			report(t, i);
	}
	if (tiny_memory_available(t) < t->least_available_kib)
		t->least_available_kib = tiny_memory_available(t);
}

/* ---- sense, plan, order ---- */

static void sample_guest(struct tiny_memory *t, size_t i)
{
	const struct tiny_guest *g = &t->guests[i];
	uint8_t uuid[UUID_BYTES] = {(uint8_t)(i + 1)};
	struct sample_guest *s;
	char name[16];

	if (g->leaves)
		return;
	snprintf(name, sizeof(name), "guest-%zu", i + 1);
	s = sample_add_guest(&t->sample, uuid, name);
	s->state = g->paused ? GUEST_PAUSED : GUEST_RUNNING;
	s->busy = g->busy;
	s->balloon = g->balloon;
	s->instance = g->instance;
	s->reboots = g->reboots;
	memset(&s->memory, 0xff, sizeof(s->memory));
	s->memory.actual_kib = g->actual_kib;
	s->memory.maximum_kib = g->maximum_kib;
	if (g->late)
		return;
	s->memory.period_s = g->period_s;
	s->memory.rss_kib = rss_kib(g);
	s->memory.available_kib = g->report.available_kib;
	s->memory.usable_kib = g->report.usable_kib;
	s->memory.unused_kib = g->report.unused_kib;
	s->memory.swap_in_kib = g->report.swap_in_kib;
	s->memory.updated_s = g->report.updated_s;
}

static bool manages(const void *data, const struct sample_guest *s)
{
	const struct tiny_memory *t = data;

	return !t->guests[s->uuid[0] - 1].theirs;
}

static void limits(const void *data, const struct sample_guest *s, struct mem_limits *out)
{
	const struct tiny_memory *t = data;

	*out = t->guests[s->uuid[0] - 1].limits;
}

void tiny_memory_sense(struct tiny_memory *t, bool rebase)
{
	struct mem_scope scope = {manages, limits, t};
	size_t i;

	sample_clear(&t->sample);
	t->sample.begin_ns = t->sample.end_ns = t->now_ns;
	t->sample.wall_ns = t->now_ns;
	for (i = 0; i < t->nr; i++)
		sample_guest(t, i);
	t->sample.memory = (struct host_memory){t->total_kib, UNKNOWN,
	                                        (uint64_t)tiny_memory_available(t), UNKNOWN};
	if (t->host_unknown)
		t->sample.memory.available_kib = UNKNOWN;
	assert_int_equal(
	        mem_estimate_update(&t->estimate, &t->policy, &scope, &t->sample, rebase, NULL), 0);
}

static void order(struct tiny_memory *t, size_t seen)
{
	struct tiny_guest *g = &t->guests[t->sample.guests[seen].uuid[0] - 1];
	uint64_t was = t->estimate.view.guests[seen].target_kib, to = t->orders[seen].target_kib;
	int way = to > was ? 1 : -1;

	/* as QEMU does: a page that is begun is the guest's */
	if (!t->obeys_nobody && !g->heard_ns)
		g->target_kib = (to + 3) / 4 * 4;
	else if (!t->obeys_nobody && g->heard_ns != UINT64_MAX) {
		g->order_kib = (to + 3) / 4 * 4;
		g->arrives_ns = t->now_ns + g->heard_ns;
	}
	mem_estimate_ordered(&t->estimate, seen, to, t->obeys_nobody ? MEM_REFUSED : MEM_HEARD);
	if (to == was)
		return;
	g->gives += way > 0;
	g->takes += way < 0;
	g->turns += g->last && g->last != way;
	g->last = way;
	if (way < 0 && was - to > g->largest_cut_kib)
		g->largest_cut_kib = was - to;
}

void tiny_memory_tick(struct tiny_memory *t)
{
	uint64_t end;
	size_t i;

	tiny_memory_sense(t, false);
	mem_plan(&t->policy, &t->estimate.view, &t->state, t->orders, t->shares, &t->choice);
	for (i = 0; i < t->estimate.view.nr_guests; i++)
		if (t->orders[i].why != MEM_WHY_NONE)
			order(t, i);
	for (end = t->now_ns + t->policy.interval_ns; t->now_ns < end;)
		step(t);
}

void tiny_memory_run(struct tiny_memory *t, unsigned ticks)
{
	while (ticks--)
		tiny_memory_tick(t);
}
