/* mem_loop - what vmb-mem does in a tick of the loop: estimate, plan, and say so */
#include "balancer/mem_loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/mem_explain.h"
#include "common/clock.h"
#include "common/text.h"

#define PERIOD_PAUSE_NS (10 * NS_PER_S) /* between two tries to have a guest report */

void mem_loop_done(struct mem_loop *l)
{
	mem_estimate_done(&l->estimate);
	free(l->orders);
	free(l->shares);
	free(l->subject);
	free(l->notes);
	loop_close(&l->base);
}

static int grow(void *array, size_t nr, size_t size, struct error *e)
{
	void *more = realloc(*(void **)array, nr * size);

	if (!more)
		return fail(e, ENOMEM, "no memory to plan %zu guests", nr);
	*(void **)array = more;
	return 0;
}

/* A guest has two actions a tick at most: its balloon and its period. */
int mem_loop_reserve(struct mem_loop *l, size_t guests, struct error *e)
{
	int r = decision_reserve(&l->base.decision, 2 * guests, e);

	if (!r)
		r = decision_reserve_guests(&l->base.decision, guests, e);
	if (!r && guests + l->nr_notes > l->room_notes) {
		r = grow(&l->notes, guests + l->nr_notes, sizeof(*l->notes), e);
		l->room_notes = r < 0 ? l->room_notes : guests + l->nr_notes;
	}
	if (r < 0 || guests <= l->room)
		return r;
	r = grow(&l->orders, guests, sizeof(*l->orders), e);
	if (!r)
		r = grow(&l->shares, guests, sizeof(*l->shares), e);
	if (!r)
		r = grow(&l->subject, 2 * guests, sizeof(*l->subject), e);
	if (!r)
		l->room = guests;
	return r;
}

/* ---- at the start ---- */

int mem_loop_check(struct loop *base, struct error *e)
{
	struct mem_loop *l = (struct mem_loop *)base;
	int r;

	r = host_sample(base->host, LATE_MEMORY, &base->sample, e);
	if (r < 0)
		return r;
	host_sample_late(base->host, host_now_ns(base->host) + NS_PER_S, &base->sample, NULL);
	return mem_options_check(l->options, &base->sample, e);
}

int mem_loop_reload(struct loop *base, struct error *e)
{
	struct mem_loop *l = (struct mem_loop *)base;
	struct mem_options again;
	int r = mem_options_reload(l->options, &again, e);

	if (!r)
		r = mem_options_check(&again, &base->sample, e);
	if (r < 0)
		return r;
	l->started = l->started ? l->started : l->options;
	l->reloaded = again;
	l->options = &l->reloaded;
	l->absent = 0;
	return 0;
}

/* ---- what is said once ---- */

static struct mem_guest_note *find_note(struct mem_loop *l, const uint8_t uuid[UUID_BYTES])
{
	size_t i;

	for (i = 0; i < l->nr_notes; i++)
		if (!memcmp(l->notes[i].guest, uuid, UUID_BYTES))
			return &l->notes[i];
	return NULL;
}

static struct mem_guest_note *note_of(struct mem_loop *l, const struct sample_guest *g)
{
	struct mem_guest_note *n = find_note(l, g->uuid);
	unsigned usual;

	if (n)
		return n;
	n = &l->notes[l->nr_notes++];
	usual = mem_options_share(l->started ? l->started : l->options, g);
	*n = (struct mem_guest_note){.told = MEMORY_OK, .share = usual, .usual = usual};
	memcpy(n->guest, g->uuid, UUID_BYTES);
	return n;
}

static bool journal_has(const struct mem_loop *l, const uint8_t uuid[UUID_BYTES])
{
	return l->base.journal && journal_balloon_kib(l->base.journal, uuid) != UNKNOWN;
}

/*
 * Notes of guests that are gone make room, but for those that may be back with what we did, and for what a trace says of them; which a
 * file that was begun does not.
 */
static void drop_notes(struct mem_loop *l)
{
	bool told = l->base.options->trace, other_file = l->told_files != l->base.trace_files;
	size_t i, kept = 0;

	for (i = 0; i < l->nr_notes; i++) {
		struct mem_guest_note *n = &l->notes[i];

		n->share = other_file ? n->usual : n->share;
		if (sample_find_guest(&l->base.sample, n->guest) ||
		    (told && n->share != n->usual) || journal_has(l, n->guest))
			l->notes[kept++] = *n;
	}
	l->nr_notes = kept;
	l->told_files = l->base.trace_files;
}

static const char *standing(const struct mem_loop *l, const struct sample_guest *g,
                            const struct mem_guest *m, char text[REASON_TEXT])
{
	struct error e;

	if (m->state == MEMORY_NODRIVER)
		return "no driver works its balloon: left alone";
	if (m->state == MEMORY_STUCK)
		return "does not follow its balloon's target: left alone for a while";
	if (m->state != MEMORY_EXEMPT)
		return NULL;
	if (g->balloon == BALLOON_NONE)
		return "has no balloon: left alone";
	if (g->balloon == BALLOON_EXEMPT)
		return "its memory must stay (devices, locked or huge pages): left alone";
	if (!mem_options_asked(l->options, g, &e))
		return NULL;
	snprintf(text, REASON_TEXT, "%s what cannot be: %.150s: left alone",
	         *g->bounds ? "its metadata ask" : "its bounds are", e.text);
	return text;
}

/* What someone else has set its balloon to, and it is to be put back to; 0: nothing is known of such. */
static uint64_t owners_kib(const struct mem_loop *l, size_t i, const struct mem_guest_note *n)
{
	const struct mem_orders *o = &l->estimate.tracks[i].orders;
	const uint64_t actual_kib = l->base.sample.guests[i].memory.actual_kib;
	uint64_t before_kib = n->original_kib;

	if (actual_kib == UNKNOWN || !(o->told_foreign || o->at_least))
		return 0;
	if (o->at_least && !before_kib && l->base.journal)
		before_kib = journal_balloon_kib(l->base.journal, n->guest);
	return o->at_least && actual_kib <= before_kib ? 0 : actual_kib;
}

static void tell_guest(struct mem_loop *l, size_t i)
{
	const struct sample_guest *g = &l->base.sample.guests[i];
	const struct mem_guest *m = &l->estimate.view.guests[i];
	const struct mem_orders *o = &l->estimate.tracks[i].orders;
	struct mem_guest_note *n = note_of(l, g);
	char room[REASON_TEXT];
	const char *text = standing(l, g, m, room);

	if (text && n->told != m->state && !loop_tell(&l->base, "%s: %s", g->name, text))
		return;
	if (text || m->state == MEMORY_OK)
		n->told = m->state;
	if (owners_kib(l, i, n) || (o->told_foreign && !journal_has(l, g->uuid)))
		loop_tell(&l->base,
		          "%s: someone else has set its balloon to %llu MiB: taken as it is",
		          g->name, (unsigned long long)(m->actual_kib / MIB));
	else if (o->told_foreign)
		loop_tell(&l->base,
		          "%s: its balloon has grown to %llu MiB, by someone else's order or by "
		          "itself",
		          g->name, (unsigned long long)(m->actual_kib / MIB));
}

/* After what is for people: one that does not fit is told at another tick. */
static void tell_shares(struct mem_loop *l)
{
	const struct mem_view *view = &l->estimate.view;
	size_t i;

	for (i = 0; i < view->nr_guests; i++) {
		const struct sample_guest *g = &l->base.sample.guests[i];
		struct mem_guest_note *n = note_of(l, g);
		unsigned share = view->guests[i].limits.share;

		if (n->share != share && loop_record(&l->base, "share", "%u %s", share, g->name))
			n->share = share;
	}
}

static void tell_absent(struct mem_loop *l)
{
	const struct mem_rule *rule;

	while ((rule = mem_options_absent(l->options, &l->base.sample, &l->absent)))
		if (rule->line)
			loop_tell(&l->base, "%s:%u: [guest %s]: there is no such guest (yet)",
			          l->options->raw.config, rule->line, rule->glob);
		else
			loop_tell(&l->base, "--share %s: there is no such guest (yet)", rule->glob);
}

/* What cannot be noted, as the disk is full, is noted later, and keeps nobody from being given to. */
static void rebase_original(struct mem_loop *l, size_t i)
{
	const struct sample_guest *g = &l->base.sample.guests[i];
	struct mem_guest_note *n = note_of(l, g);
	struct action a = {.kind = ACTION_BALLOON};
	struct error e;
	uint64_t owners;

	if (l->estimate.tracks[i].came && !journal_has(l, g->uuid))
		n->original_kib = n->told_unnoted = 0; /* of a life before */
	owners = owners_kib(l, i, n);
	if (owners)
		n->original_kib = owners;
	/* What is kept stays kept until an order of ours. */
	if (!n->original_kib || journal_kept(l->base.journal))
		return;
	memcpy(a.guest, g->uuid, UUID_BYTES);
	snprintf(a.name, sizeof(a.name), "%s", g->name);
	a.from_kib = a.to_kib = n->original_kib;
	if (!journal_knows(l->base.journal, &a) || !journal_note_found(l->base.journal, &a, &e))
		n->original_kib = n->told_unnoted = 0;
	else if (!n->told_unnoted)
		n->told_unnoted = loop_tell(&l->base, "%s: what it has now, to be put back: %s",
		                            g->name, e.text);
}

void mem_loop_remember(struct mem_loop *l)
{
	const struct mem_estimate *est = &l->estimate;
	size_t i;

	for (i = 0; i < est->nr_tracks; i++) {
		const struct mem_track *t = &est->tracks[i];
		struct mem_guest_note *n = find_note(l, t->guest);

		/* As long as it is not known how it began, what it had before may count. */
		if (!n || (n->last_ns && t->start == START_UNKNOWN && !t->orders.asked &&
		           t->instance != n->last.instance))
			continue;
		n->last = *t;
		n->last_ns = est->now_ns;
	}
}

/* What was ordered by a run before nobody knows any more, but that there was something. */
static void resume(struct mem_loop *l, size_t i)
{
	const struct mem_guest_note *n = note_of(l, &l->base.sample.guests[i]);
	const struct mem_track *t = &l->estimate.tracks[i];

	if (!t->came || mem_estimate_asked(&l->estimate, i) || !journal_has(l, n->guest))
		return;
	if (n->last_ns && (t->instance == n->last.instance || t->start == START_RESTORED))
		mem_estimate_resume(&l->estimate, i, &n->last, n->last_ns);
	else
		mem_estimate_doubt(&l->estimate, i);
}

/* How often it reported before it was asked to, which the disk had no room for. */
static void note_period(struct mem_loop *l, size_t i)
{
	const struct sample_guest *g = &l->base.sample.guests[i];
	struct mem_guest_note *n = note_of(l, g);
	struct action a = {
	        .kind = ACTION_PERIOD, .from_s = n->unnoted_s[0], .to_s = n->unnoted_s[1]};

	if (!a.to_s)
		return;
	memcpy(a.guest, g->uuid, UUID_BYTES);
	snprintf(a.name, sizeof(a.name), "%s", g->name);
	if (g->instance != n->instance || g->memory.period_s != a.to_s ||
	    !journal_note(l->base.journal, &a, 1, NULL))
		n->unnoted_s[1] = 0;
}

void mem_loop_rebase(struct mem_loop *l)
{
	size_t i;

	for (i = 0; l->base.journal && i < l->base.sample.nr_guests; i++) {
		rebase_original(l, i);
		note_period(l, i);
		resume(l, i);
	}
}

uint64_t mem_loop_original(struct mem_loop *l, const struct sample_guest *g)
{
	return note_of(l, g)->original_kib;
}

/* ---- how often guests report ---- */

/* Half of the interval, from 1 to 10 s: then every tick has a report of its own, and not an old one. */
static uint32_t wanted_period_s(const struct mem_loop *l)
{
	uint64_t s = l->options->common.interval_ns / 2 / NS_PER_S;

	return s < 1 ? 1 : s > 10 ? 10 : (uint32_t)s;
}

static void ask_for_reports(struct mem_loop *l, size_t i)
{
	const struct sample_guest *g = &l->base.sample.guests[i];
	uint64_t period_s = g->memory.period_s, now_ns = l->base.sample.end_ns;
	struct decision *d = &l->base.decision;
	struct mem_guest_note *n = note_of(l, g);
	struct action *a;

	if (!l->estimate.view.guests[i].ours || period_s == UNKNOWN ||
	    (period_s && period_s <= wanted_period_s(l)) ||
	    (n->period_ns && (!l->base.journal || now_ns - n->period_ns < PERIOD_PAUSE_NS)))
		return;
	n->period_ns = now_ns;
	l->subject[d->nr_actions] = SIZE_MAX;
	a = &d->actions[d->nr_actions++];
	*a = (struct action){.kind = ACTION_PERIOD,
	                     .result = RESULT_NONE,
	                     .from_s = (uint32_t)period_s,
	                     .to_s = wanted_period_s(l)};
	memcpy(a->guest, g->uuid, UUID_BYTES);
	snprintf(a->name, sizeof(a->name), "%s", g->name);
	snprintf(a->reason, sizeof(a->reason), "%s",
	         period_s ? "its reports come too seldom" : "it was never asked to report");
}

/* ---- the tick ---- */

static void hold_for_kill_switch(struct mem_loop *l)
{
	struct decision *d = &l->base.decision;
	char why[REASON_TEXT];

	l->killed = mem_loop_killed(l, why);
	if (!l->killed)
		return;
	d->nr_actions = 0;
	d->verdict = VERDICT_HOLD;
	d->why = MEM_REASONS;
	snprintf(d->reason, sizeof(d->reason), "%.170s: nothing is changed", why);
}

static void plan(struct mem_loop *l)
{
	struct loop *base = &l->base;
	const struct mem_view *view = &l->estimate.view;
	struct mem_choice choice;
	size_t i;

	l->options->planner->plan(&l->options->policy, view, &l->state, l->orders, l->shares,
	                          &choice);
	mem_explain(view, &base->sample, l->orders, &choice, &base->decision, l->subject);
	for (i = 0; i < view->nr_guests; i++)
		ask_for_reports(l, i);
	if (base->decision.nr_actions && base->decision.verdict != VERDICT_ACT) {
		base->decision.verdict = VERDICT_ACT;
		snprintf(base->decision.reason, REASON_TEXT, "reports are asked for");
	}
}

int mem_loop_decide(struct loop *base, bool rebase, struct error *e)
{
	struct mem_loop *l = (struct mem_loop *)base;
	const struct mem_options *o = l->options;
	struct mem_scope scope = {mem_options_manage, mem_options_limits, o};
	size_t i;
	int r;

	drop_notes(l);
	if (base->journal)
		journal_sees(base->journal, &base->sample);
	base->decision.nr_actions = 0;
	mem_loop_remember(l);
	/* First the room: what an update tells of a guest it tells once. */
	r = mem_loop_reserve(l, base->sample.nr_guests, e);
	if (!r)
		r = mem_estimate_update(&l->estimate, &o->policy, &scope, &base->sample, rebase, e);
	if (r < 0)
		return r;
	tell_absent(l);
	for (i = 0; i < base->sample.nr_guests; i++)
		tell_guest(l, i);
	if (rebase)
		loop_rebase(base);
	else
		plan(l);
	mem_loop_rebase(l);
	tell_shares(l);
	hold_for_kill_switch(l);
	return 0;
}

/* One that was asked for though it could not be noted: that is made up for as soon as there is room. */
static void remember_period(struct mem_loop *l, const struct action *a)
{
	const struct sample_guest *g = sample_find_guest(&l->base.sample, a->guest);
	struct mem_guest_note *n = note_of(l, g);

	if (a->result == RESULT_DRY_RUN && !l->told_dry)
		l->told_dry = loop_tell(&l->base, "a dry run asks for no reports: what a guest "
		                                  "without any would be given is not known");
	if (a->result != RESULT_DONE || !l->base.journal || journal_knows(l->base.journal, a))
		return;
	n->unnoted_s[0] = a->from_s;
	n->unnoted_s[1] = a->to_s;
	n->instance = g->instance;
	loop_tell(&l->base,
	          "%s: could not be noted; without room until the end it goes on to report every "
	          "%u s",
	          g->name, a->to_s);
}

void mem_loop_acted(struct loop *base)
{
	struct mem_loop *l = (struct mem_loop *)base;
	const struct decision *d = &base->decision;
	size_t i;

	for (i = 0; i < d->nr_actions; i++) {
		size_t guest = l->subject[i];
		enum action_result result = d->actions[i].result;

		/* One that was not made, as the connection was lost before it, was not refused. */
		if (result == RESULT_NONE)
			continue;
		if (guest == SIZE_MAX) {
			remember_period(l, &d->actions[i]);
			continue;
		}
		mem_estimate_ordered(&l->estimate, guest, d->actions[i].to_kib,
		                     result == RESULT_DONE     ? MEM_HEARD
		                     : result == RESULT_FAILED ? MEM_PERHAPS
		                                               : MEM_REFUSED);
	}
}

/* ---- what is shown ---- */

void mem_loop_limits(const struct loop *base, char *text, size_t size)
{
	const struct mem_loop *l = (const struct mem_loop *)base;
	const struct mem_policy *p = &l->options->policy;
	uint64_t known_kib = base->sample.memory.total_kib;
	char kib[32];
	int n = 0;

	if (l->options->planner != mem_planners)
		n = snprintf(text, size, "EXPERIMENTAL policy %s, guests are not safe; ",
		             l->options->planner->name);
	if (p->pool.kib || p->pool.part > 0)
		n += snprintf(
		        text + n, size - (size_t)n, "pool %s, ",
		        size_text(size_kib(&p->pool, known_kib == UNKNOWN ? 0 : known_kib), kib));
	if (known_kib == UNKNOWN)
		snprintf(text + n, size - (size_t)n, "the host's memory is not known");
	else
		snprintf(text + n, size - (size_t)n, "host reserve %s",
		         size_text(size_kib(&p->host_reserve, known_kib), kib));
}

void mem_loop_status(const struct loop *base, char *text, size_t size)
{
	const struct mem_loop *l = (const struct mem_loop *)base;
	const struct decision *d = &base->decision;
	char spare[32];
	size_t i, nr = base->sample.nr_guests;
	unsigned tight = 0;

	for (i = 0; i < d->nr_guests; i++)
		tight += d->guests[i].state == MEMORY_TIGHT;
	if (l->killed)
		snprintf(text, size, "%zu guest%s, stopped by %.80s", nr, plural(nr),
		         l->kill_switch);
	else if (d->host.spare_kib == UNKNOWN)
		snprintf(text, size, "%zu guest%s, %u tight", nr, plural(nr), tight);
	else
		snprintf(text, size, "%zu guest%s, %u tight, room for %s%s", nr, plural(nr), tight,
		         size_text(d->host.spare_kib, spare),
		         d->host.is_short ? ", host short" : "");
}
