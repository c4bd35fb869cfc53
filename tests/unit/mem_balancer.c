/* mem_balancer - vmb-mem's estimate and plan as a policy under test, with its laws as switches */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/mem_estimate.h"
#include "balancer/mem_explain.h"
#include "balancer/mem_restore.h"
#include "common/clock.h"
#include "tests/unit/mem_drive.h"

struct original {
	uint8_t guest[UUID_BYTES];
	uint64_t kib;
};

struct balancer {
	struct mem_policy policy;
	struct mem_limits limits;
	struct mem_estimate estimate;
	struct mem_plan_state state;
	struct mem_order *orders;
	struct fill_share *shares;
	size_t *subject;
	struct decision decision;
	struct original *originals; /* balloons of guests before they were first changed */
	size_t nr_originals;
	size_t room;
	uint64_t last_ns;
};

static void *open_balancer(const struct mem_rules *rules, unsigned laws)
{
	struct balancer *b = calloc(1, sizeof(*b));

	assert(b);
	b->policy = mem_policy_default;
	b->policy.laws = LAWS_ALL & laws;
	b->policy.interval_ns = rules->interval_ns;
	b->limits = mem_limits_default;
	b->limits.max_kib = rules->guest_max_kib;
	return b;
}

static void close_balancer(void *policy)
{
	struct balancer *b = policy;

	mem_estimate_done(&b->estimate);
	decision_done(&b->decision);
	free(b->orders);
	free(b->shares);
	free(b->subject);
	free(b->originals);
	free(b);
}

static bool manages(const void *data, const struct sample_guest *guest)
{
	return true;
}

static void limits(const void *data, const struct sample_guest *guest, struct mem_limits *out)
{
	*out = ((const struct balancer *)data)->limits;
}

static void reserve(struct balancer *b, size_t guests)
{
	struct error e;
	int r = decision_reserve(&b->decision, 2 * guests + 1, &e);

	if (!r)
		r = decision_reserve_guests(&b->decision, guests + 1, &e);
	if (guests >= b->room) {
		b->room = 2 * guests + 1;
		b->orders = realloc(b->orders, b->room * sizeof(*b->orders));
		b->shares = realloc(b->shares, b->room * sizeof(*b->shares));
		b->subject = realloc(b->subject, 2 * b->room * sizeof(*b->subject));
		b->originals = realloc(b->originals,
		                       (b->nr_originals + b->room) * sizeof(*b->originals));
	}
	assert(!r && b->orders && b->shares && b->subject && b->originals);
}

static void note_original(struct balancer *b, const struct sample_guest *g)
{
	size_t i;

	for (i = 0; i < b->nr_originals; i++)
		if (!memcmp(b->originals[i].guest, g->uuid, UUID_BYTES))
			return;
	memcpy(b->originals[i].guest, g->uuid, UUID_BYTES);
	b->originals[i].kib = g->memory.actual_kib;
	b->nr_originals++;
}

static void estimate(struct balancer *b, const struct sample *s, bool rebase)
{
	struct mem_scope scope = {manages, limits, b};
	struct error e;
	int r = mem_estimate_update(&b->estimate, &b->policy, &scope, s, rebase, &e);

	assert(!r);
	b->last_ns = s->end_ns;
	reserve(b, s->nr_guests);
}

static size_t decide(void *policy, const struct sample *s, struct mem_asked *asked)
{
	struct balancer *b = policy;
	struct mem_choice choice;
	size_t i;

	estimate(b, s, b->last_ns && s->end_ns - b->last_ns > 3 * b->policy.interval_ns);
	mem_plan(&b->policy, &b->estimate.view, &b->state, b->orders, b->shares, &choice);
	mem_explain(&b->estimate.view, s, b->orders, &choice, &b->decision, b->subject);
	for (i = 0; i < b->decision.nr_actions; i++) {
		asked[i] = (struct mem_asked){b->subject[i], b->decision.actions[i].to_kib};
		note_original(b, &s->guests[asked[i].guest]);
	}
	return b->decision.nr_actions;
}

static void answered(void *policy, size_t guest, uint64_t kib, int result)
{
	struct balancer *b = policy;

	/* As mem_loop takes it: a call that failed may have been heard all the same. */
	mem_estimate_ordered(&b->estimate, guest, kib,
	                     result == 0            ? MEM_HEARD
	                     : result == -ETIMEDOUT ? MEM_PERHAPS
	                                            : MEM_REFUSED);
}

static size_t put_back(void *policy, const struct sample *s, struct mem_asked *asked)
{
	struct balancer *b = policy;
	struct action *actions = calloc(b->nr_originals + 1, sizeof(*actions));
	size_t nr = 0, nr_asked = 0, i, at;
	const struct sample_guest *g;

	assert(actions);
	estimate(b, s, true);
	for (i = 0; i < b->nr_originals; i++) {
		g = sample_find_guest(s, b->originals[i].guest);
		if (!g)
			continue;
		at = (size_t)(g - s->guests);
		b->shares[nr].has = b->estimate.view.guests[at].target_kib;
		if (b->shares[nr].has < g->memory.actual_kib)
			b->shares[nr].has = g->memory.actual_kib;
		actions[nr] = (struct action){.kind = ACTION_BALLOON_RESTORE,
		                              .from_kib = g->memory.actual_kib,
		                              .to_kib = b->originals[i].kib};
		memcpy(actions[nr++].guest, g->uuid, UUID_BYTES);
	}
	mem_restore(&b->policy, &b->estimate.view, actions, &nr, b->shares, NULL);
	for (i = 0; i < nr; i++) {
		g = sample_find_guest(s, actions[i].guest);
		asked[nr_asked++] = (struct mem_asked){(size_t)(g - s->guests), actions[i].to_kib};
	}
	free(actions);
	return nr_asked;
}

const struct mem_policy_ops mem_balancer = {
        .name = "vmb-mem",
        .open = open_balancer,
        .decide = decide,
        .answered = answered,
        .put_back = put_back,
        .close = close_balancer,
};
