/* mem_loop_restore - vmb-mem puts balloons back, in rounds; and the file that keeps it from changing anything */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balancer/mem_loop.h"
#include "balancer/mem_restore.h"
#include "common/clock.h"

/*
 * Putting back waits for the host to have room, but a stop shall not take more than 5 s. A round may take as much by itself, where
 * guests hang (0.5 s for their statistics, 1 s for an order to each of four): then there is no other.
 */
#define RESTORE_ROUNDS  3
#define RESTORE_WAIT_NS NS_PER_S
#define RESTORE_NS      (5 * NS_PER_S / 2)

/*
 * A balloon that is given to rises at once, by hundreds of MiB a second; the host tells its size every time it is asked. What one is
 * still to get was promised by whoever was killed, and nobody knows how much: so that is waited for, 1.5 s at most.
 */
#define RISE_NS    (3 * NS_PER_S / 10)
#define RISE_LOOKS 4

static void find_kill_switch(struct mem_loop *l)
{
	if (l->options->kill_switch)
		snprintf(l->kill_switch, sizeof(l->kill_switch), "%s", l->options->kill_switch);
	else if (l->base.journal)
		snprintf(l->kill_switch, sizeof(l->kill_switch), "%s/stop",
		         l->base.instance.folder);
}

bool mem_loop_killed(struct mem_loop *l, char why[REASON_TEXT])
{
	int code;

	if (!*l->kill_switch)
		find_kill_switch(l);
	if (!*l->kill_switch)
		return false;
	code = access(l->kill_switch, F_OK) ? errno : 0;
	if (code == ENOENT || code == ENOTDIR)
		return false;
	snprintf(why, REASON_TEXT, "%.120s%s%s", l->kill_switch, code ? ": " : " exists",
	         code ? strerror(code) : "");
	return true;
}

/*
 * Whether guest `i` may shrink yet: by an order of ours; or of a run before, which has left nothing but that there were some:
 * then as it was a moment before, which tells that it rises.
 */
static bool may_shrink(const struct mem_loop *l, const struct sample *before, size_t i)
{
	const struct sample_guest *g = &l->base.sample.guests[i], *was;
	struct action a = {.kind = ACTION_BALLOON};

	/* What it has now is not known, so it cannot be told to keep that; it stays in the journal. */
	if (g->memory.actual_kib == UNKNOWN)
		return false;
	if (!before)
		return mem_estimate_may_shrink(&l->estimate, i);
	memcpy(a.guest, g->uuid, UUID_BYTES);
	was = sample_find_guest(before, g->uuid);
	/* One that was not read a moment before may: it keeps what it has. */
	return journal_knows(l->base.journal, &a) &&
	       !(was && g->memory.actual_kib > was->memory.actual_kib);
}

/* What would put it back, were it to shrink too: its original; or what it has. */
static uint64_t original_kib(const struct action *wanted, size_t nr, const struct sample_guest *g)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (wanted[i].kind == ACTION_BALLOON_RESTORE &&
		    !memcmp(wanted[i].guest, g->uuid, UUID_BYTES))
			return wanted[i].to_kib;
	return g->memory.actual_kib;
}

/*
 * A take that its balloon has not obeyed yet would shrink it when nobody looks any more: such a guest is told to keep what it has
 * (mem_estimate_recall()).
 */
static void recall_takes(const struct mem_loop *l, const struct sample *before, struct action *list,
                         size_t *nr, const struct action *wanted, size_t nr_wanted)
{
	const struct sample *s = &l->base.sample;
	size_t i, k, known = *nr;

	for (i = 0; i < s->nr_guests; i++) {
		const struct sample_guest *g = &s->guests[i];
		struct action *a = &list[*nr];

		for (k = 0; k < known && (list[k].kind != ACTION_BALLOON_RESTORE ||
		                          memcmp(list[k].guest, g->uuid, UUID_BYTES) != 0);
		     k++)
			;
		if (k < known || !may_shrink(l, before, i))
			continue;
		*a = (struct action){.kind = ACTION_BALLOON_RESTORE,
		                     .result = RESULT_NONE,
		                     .from_kib = g->memory.actual_kib,
		                     .to_kib = mem_estimate_recall(
		                             &l->estimate, i, original_kib(wanted, nr_wanted, g)),
		                     .reason = "the last take is called off"};
		memcpy(a->guest, g->uuid, UUID_BYTES);
		snprintf(a->name, sizeof(a->name), "%s", g->name);
		++*nr;
	}
}

static size_t index_of(const struct sample *s, const uint8_t uuid[UUID_BYTES])
{
	return (size_t)(sample_find_guest(s, uuid) - s->guests);
}

/* What is under way upwards was promised, and is not taken back; what may not be is asked for again. */
static void begin_shares(const struct mem_loop *l, const struct action *list, size_t nr,
                         struct fill_share *shares)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		size_t guest = index_of(&l->base.sample, list[i].guest);
		uint64_t target_kib = l->estimate.view.guests[guest].target_kib;

		shares[i].has = list[i].from_kib;
		if (mem_estimate_promised(&l->estimate, guest) && target_kib > shares[i].has)
			shares[i].has = target_kib;
	}
}

/* What is accepted has its room, and is not asked again; what failed is, and has it then. */
static void promise(struct mem_loop *l, const struct action *list, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		size_t guest = index_of(&l->base.sample, list[i].guest);

		if (list[i].kind != ACTION_BALLOON_RESTORE)
			continue;
		if (list[i].result == RESULT_FAILED)
			mem_estimate_tried(&l->estimate, guest, list[i].to_kib);
		if (list[i].result == RESULT_DONE)
			mem_estimate_ordered(&l->estimate, guest, list[i].to_kib, MEM_HEARD);
	}
}

/* Someone else's size that the disk had no room for is put back all the same. */
static void use_unnoted(struct mem_loop *l, struct action *list, size_t *nr)
{
	size_t i, n = 0;

	for (i = 0; i < *nr; i++) {
		const struct sample_guest *g = sample_find_guest(&l->base.sample, list[i].guest);
		uint64_t original_kib = mem_loop_original(l, g);

		if (list[i].kind == ACTION_BALLOON_RESTORE && original_kib)
			list[i].to_kib = original_kib;
		if (list[i].kind != ACTION_BALLOON_RESTORE || list[i].to_kib != list[i].from_kib)
			list[n++] = list[i];
	}
	*nr = n;
}

/* For `nr` restores, a take called off of each guest, and a copy of the former (`*wanted`). */
static int make_room(struct action **list, struct action **wanted, struct fill_share **shares,
                     size_t nr, size_t guests, struct error *e)
{
	struct action *more = realloc(*list, (2 * nr + guests + 1) * sizeof(**list));

	*shares = malloc((nr + 1) * sizeof(**shares));
	if (more)
		*list = more;
	if (!more || !*shares)
		return fail(e, ENOMEM, "no memory to put back %zu balloons", nr);
	*wanted = more + nr + guests;
	memcpy(*wanted, more, nr * sizeof(*more));
	return 0;
}

/* One round; *left_kib is what must wait for room, of the pool or of the host. */
static int restore_round(struct mem_loop *l, const struct sample *before, uint64_t *left_kib,
                         bool *by_pool, struct error *e)
{
	struct loop *base = &l->base;
	struct mem_scope scope = {mem_options_manage, mem_options_limits, l->options};
	struct fill_share *shares = NULL;
	struct action *list = NULL, *wanted = NULL;
	size_t nr = 0, nr_wanted;
	int r = host_sample(base->host, LATE_MEMORY, &base->sample, e);

	if (r < 0)
		return r;
	mem_loop_remember(l);
	host_sample_late(base->host, host_now_ns(base->host) + NS_PER_S / 2, &base->sample, NULL);
	journal_sees(base->journal, &base->sample);
	r = mem_loop_reserve(l, base->sample.nr_guests, e);
	/* What has been ordered stands, obeyed or not: nobody withdraws it any more. */
	if (!r)
		r = mem_estimate_update(&l->estimate, &l->options->policy, &scope, &base->sample,
		                        true, e);
	if (!r)
		mem_loop_rebase(l);
	if (!r)
		r = journal_restores(base->journal, &base->sample, &list, &nr, e);
	if (!r)
		use_unnoted(l, list, &nr);
	if (!r)
		r = make_room(&list, &wanted, &shares, nr, base->sample.nr_guests, e);
	if (!r) {
		nr_wanted = nr;
		begin_shares(l, list, nr, shares);
		*left_kib = mem_restore(&l->options->policy, &l->estimate.view, list, &nr, shares,
		                        by_pool);
		recall_takes(l, before, list, &nr, wanted, nr_wanted);
		r = loop_put_back(base, list, nr, e);
		promise(l, list, nr);
	}
	free(list);
	free(shares);
	return r;
}

/* All rounds; *left_kib is what still waits for room. */
static int restore_rounds(struct mem_loop *l, const struct sample *before, uint64_t *left_kib,
                          bool *by_pool, struct error *e)
{
	struct host *host = l->base.host;
	const uint64_t until_ns = host_now_ns(host) + RESTORE_NS;
	sigset_t none;
	int round, r = restore_round(l, before, left_kib, by_pool, e);

	sigemptyset(&none);
	for (round = 1;
	     r >= 0 && *left_kib && round < RESTORE_ROUNDS && host_now_ns(host) < until_ns;
	     round++) {
		host_wait(host, host_now_ns(host) + RESTORE_WAIT_NS, &none);
		r = restore_round(l, NULL, left_kib, by_pool, e);
	}
	return r;
}

/* Also one of which nobody knows. */
static bool may_rise(const struct sample *was, const struct sample *now)
{
	const struct sample_guest *before;
	size_t i;

	for (i = 0; i < now->nr_guests; i++) {
		before = sample_find_guest(was, now->guests[i].uuid);
		if (before && (before->memory.actual_kib == UNKNOWN ||
		               now->guests[i].memory.actual_kib > before->memory.actual_kib))
			return true;
	}
	return false;
}

/* A reading, and the time that goes by until another one can tell who rises. */
static int look(struct host *host, struct sample *s, struct error *e)
{
	const uint64_t then_ns = host_now_ns(host) + RISE_NS;
	int r = host_sample(host, LATE_MEMORY, s, e);
	sigset_t none;

	if (r < 0)
		return r;
	sigemptyset(&none);
	host_sample_late(host, then_ns, s, NULL);
	host_wait(host, then_ns, &none);
	return 0;
}

/* Nothing was seen yet: what is put back is of a run before, whose orders may still be under way. */
static int restore_former(struct mem_loop *l, uint64_t *left_kib, bool *by_pool, struct error *e)
{
	struct host *host = l->base.host;
	struct sample before, now;
	unsigned looks = 0;
	int r;

	sample_init(&before);
	sample_init(&now);
	r = look(host, &now, e);
	do {
		struct sample older = before;

		before = now;
		now = older;
		r = r < 0 ? r : look(host, &now, e);
	} while (r >= 0 && may_rise(&before, &now) && ++looks < RISE_LOOKS);
	if (r >= 0)
		r = restore_rounds(l, &now, left_kib, by_pool, e);
	sample_done(&before);
	sample_done(&now);
	return r;
}

static bool is_rising(const struct action *a, const struct sample *now)
{
	const struct sample_guest *g = sample_find_guest(now, a->guest);

	if (a->kind != ACTION_BALLOON_RESTORE || !g)
		return false;
	return g->memory.actual_kib == UNKNOWN ||
	       g->memory.actual_kib + MEM_PROGRESS_KIB < a->to_kib;
}

/* Which of these restores are on their way: the notes of their guests stay until they are there. */
static size_t mark_rising(struct sample *s, const struct action *list, size_t nr,
                          const struct sample *now)
{
	size_t i, n = 0;

	for (i = 0; i < nr; i++)
		if (is_rising(&list[i], now)) {
			struct sample_guest *g = &s->guests[index_of(s, list[i].guest)];

			n += !g->ordered;
			g->ordered = true;
		}
	return n;
}

static bool any_rising(const struct action *list, size_t nr, const struct sample *now)
{
	size_t i;

	for (i = 0; i < nr && !is_rising(&list[i], now); i++)
		;
	return i < nr;
}

/*
 * The next process takes the size that it finds for the original: so what was ordered is waited for, as long as there is time. What
 * else was found in the last round stays as it was then: an order that was out may yet overtake what has put it back.
 */
static int await_rising(struct mem_loop *l, uint64_t until_ns, struct error *e)
{
	struct loop *base = &l->base;
	struct action *list = NULL;
	struct sample now;
	size_t nr = 0;
	sigset_t none;
	int r = journal_restores(base->journal, &base->sample, &list, &nr, e);

	sigemptyset(&none);
	sample_init(&now);
	if (!r)
		use_unnoted(l, list, &nr);
	while (nr) {
		r = host_sample(base->host, LATE_MEMORY, &now, e);
		if (r < 0)
			break;
		host_sample_late(base->host, host_now_ns(base->host) + RISE_NS, &now, NULL);
		if (!any_rising(list, nr, &now) || host_now_ns(base->host) >= until_ns)
			break;
		host_wait(base->host, host_now_ns(base->host) + RISE_NS, &none);
	}
	base->nr_rising = nr && !r ? mark_rising(&base->sample, list, nr, &now) : 0;
	free(list);
	sample_done(&now);
	return r;
}

int mem_loop_restore(struct loop *base, struct error *e)
{
	struct mem_loop *l = (struct mem_loop *)base;
	const uint64_t until_ns = host_now_ns(base->host) + RESTORE_NS;
	uint64_t left_kib = 0;
	bool by_pool = false;
	char why[REASON_TEXT];
	int r;

	if (mem_loop_killed(l, why))
		return fail(e, EAGAIN, "%s: nothing is put back", why);
	r = l->estimate.tracks ? restore_rounds(l, NULL, &left_kib, &by_pool, e)
	                       : restore_former(l, &left_kib, &by_pool, e);
	if (r < 0)
		return r;
	if (left_kib)
		return fail(
		        e, EAGAIN,
		        "the %s has no room to give back %llu MiB; vmb-mem --restore tries again",
		        by_pool ? "pool" : "host", (unsigned long long)(left_kib / MIB));
	r = await_rising(l, until_ns, e);
	return r < 0 ? r : loop_settle(base, "vmb-mem", "balloons", e);
}
