/* mem_audit - judge what a policy of memory does in a simulated host: the safety laws, as far as the world can tell */
#include "tests/unit/mem_audit.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sim_host_memory.h"
#include "common/clock.h"

#define MIB 1024.0

/* Differences that nobody could see or need care about. */
#define SLACK_KIB (4 * MIB)

/* What a tick sees late. */
#define LATE_NS(a) (2 * (a)->rules.interval_ns)

#define BOOT_NS    (60 * NS_PER_S)
#define TROUBLE_NS (600 * NS_PER_S)
#define FOREIGN_NS (30 * NS_PER_S)
#define UNSEEN_NS  (5 * NS_PER_S)
#define WITHDRAW_NS \
	(15 * NS_PER_S) /* 5 s, and time for what a policy calls progress and for its ticks */

#define TROUBLE_PART  0.05
#define TROUBLE_KIB_S 1024.0
#define STALE_PERIODS 3

/* Less than this to give is nothing to give. */
#define SPARE_KIB (64 * MIB)

/* A report and two ticks old, and a balloon's way: a load that fills `low` in less is too fast for any. */
#define LEAK_S(a) (2.0 + 2.0 * (double)(a)->rules.interval_ns / NS_PER_S)

const struct mem_rules mem_rules_default = {
        .guest_min_kib = 200 * 1024,
        .guest_max_kib = UNKNOWN,
        .low_kib = 100 * 1024,
        .low_part = 0.1,
        .reserve_kib = 200 * 1024,
        .reserve_part = 0.05,
        .qemu_kib = 128 * 1024,
        .interval_ns = NS_PER_S,
};

struct audit_guest {
	bool seen;
	uint32_t instance, reboots;
	uint64_t started_ns, rebooted_ns; /* when that was seen; 0: never */
	double ordered;                   /* by the policy; what its balloon was until then */
	double allowed; /* what it had at the beginning and was given since, but for what it let go of */
	bool has_order, has_taken; /* since it started */
	bool takes;                /* it takes */
	bool left_enough;          /* and kept to S1, by what was seen then */
	uint64_t order_ns;
	double progress;
	uint64_t progress_ns; /* when the balloon last came nearer to the order */
	uint64_t trouble_ns;
	uint64_t updated_s;
	uint64_t swap_in_kib;
	uint64_t foreign_ns;
	bool foreign_judged;
	double foreign_from;
	unsigned kills, panics;
	uint64_t held_ns; /* it was last paused or busy */
};

static const struct sim_world *world(const struct mem_audit *a)
{
	return sim_host_world(a->host);
}

static struct sim_guest *truth(const struct mem_audit *a, const struct sample_guest *g)
{
	return sim_world_guest(sim_host_world(a->host), g->uuid);
}

static void breach(struct mem_audit *a, enum mem_law_number law, const struct sample_guest *g,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

static void breach(struct mem_audit *a, enum mem_law_number law, const struct sample_guest *g,
                   const char *format, ...)
{
	char what[120];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	if (!a->breaches[law]++)
		snprintf(a->first[law], sizeof(a->first[law]), "%.1f s, %.60s: %s",
		         (double)sim_world_case_ns(world(a)) / 1e9, g ? g->name : "host", what);
}

int mem_audit_init(struct mem_audit *a, struct host *host, const struct mem_rules *rules)
{
	*a = (struct mem_audit){.host = host, .rules = *rules};
	a->guests = calloc(world(a)->nr_guests, sizeof(*a->guests));
	return a->guests ? 0 : -ENOMEM;
}

void mem_audit_done(struct mem_audit *a)
{
	free(a->guests);
	a->guests = NULL;
}

/* ---- what there is ---- */

static bool within(const struct mem_audit *a, uint64_t since_ns, uint64_t time_ns)
{
	return since_ns && a->s->end_ns - since_ns < time_ns;
}

static double low(const struct mem_audit *a, double balloon)
{
	return fmax((double)a->rules.low_kib, a->rules.low_part * balloon);
}

static double reserve(const struct mem_audit *a)
{
	return fmax((double)a->rules.reserve_kib,
	            a->rules.reserve_part * (double)sim_host_memory_total(world(a)));
}

/*
 * What guests have or have been promised, and do not hold yet: they may touch it at any moment. Their processes may hold
 * something beside it.
 */
static double promised(const struct mem_audit *a)
{
	const struct sim_world *w = world(a);
	double all = 0;
	unsigned i;

	for (i = 0; i < w->nr_guests; i++) {
		const struct sim_memory *m = &w->guests[i].memory;
		double has = m->balloon.driver ? fmax(m->balloon.ordered, m->balloon.told)
		                               : m->balloon.told;

		if (w->guests[i].life.alive)
			all += fmax(0, has + (double)a->rules.qemu_kib - sim_memory_rss(m));
	}
	return all;
}

/*
 * What guests that boot may touch beyond that, being without their balloon: it may be kept for them. One that is paused tells of its
 * balloon what it was before.
 */
static double boot_room(const struct mem_audit *a)
{
	const struct sim_world *w = world(a);
	double all = 0;
	unsigned i;

	for (i = 0; i < w->nr_guests; i++) {
		const struct audit_guest *of = &a->guests[i];

		if (w->guests[i].life.alive && (within(a, of->started_ns, BOOT_NS + LATE_NS(a)) ||
		                                within(a, of->rebooted_ns, BOOT_NS + LATE_NS(a))))
			all += fmax(0, (double)w->guests[i].of.group->memory_kib -
			                       w->guests[i].memory.balloon.told);
	}
	return all;
}

/*
 * The same as far as it was to be seen in the sample: who fills his memory meanwhile makes it less. Nothing is kept here for
 * the processes themselves: who keeps nothing for them breaks no law, and may fail the host.
 */
static double spare_seen(const struct mem_audit *a)
{
	double left = (double)a->s->memory.available_kib - reserve(a);
	size_t i;

	for (i = 0; i < a->s->nr_guests; i++) {
		const struct sample_guest *g = &a->s->guests[i];
		const struct sim_guest *t = truth(a, g);
		double has = (double)g->memory.actual_kib, rss;
		const struct audit_guest *of;

		if (!t)
			continue;
		of = &a->guests[t - world(a)->guests];
		if (t->memory.balloon.driver && of->has_order && !t->life.foreign)
			has = fmax(has, of->ordered);
		rss = g->memory.rss_kib == UNKNOWN ? sim_memory_rss(&t->memory)
		                                   : (double)g->memory.rss_kib;
		left -= fmax(0, has - rss);
	}
	return left;
}

static double spare(const struct mem_audit *a)
{
	return sim_host_memory_left(world(a)) - reserve(a) - promised(a);
}

/* A guest whose balloon does as it is told, and whose reports tell the truth. */
static bool is_ideal(const struct sim_guest *t)
{
	return t->of.group->kind == KIND_IDEAL && !t->of.group->life.foreign_ns;
}

static double balloon_is(const struct sim_guest *t)
{
	return t->memory.balloon.told;
}

/* ---- what the policy is shown ---- */

static bool is_sane(const struct guest_memory *m)
{
	return m->available_kib != UNKNOWN && m->usable_kib != UNKNOWN &&
	       m->unused_kib != UNKNOWN && m->available_kib && m->usable_kib <= m->available_kib &&
	       m->unused_kib <= m->available_kib && m->available_kib <= m->maximum_kib;
}

static bool is_fresh(const struct mem_audit *a, const struct guest_memory *m)
{
	uint64_t now_s = a->s->wall_ns / NS_PER_S;

	return m->updated_s != UNKNOWN && m->updated_s && m->period_s != UNKNOWN && m->period_s &&
	       now_s <= m->updated_s + STALE_PERIODS * m->period_s + 1;
}

static bool is_held(const struct sample_guest *g)
{
	return g->state != GUEST_RUNNING || g->busy;
}

static void see_start(struct mem_audit *a, struct audit_guest *of, const struct sample_guest *g,
                      const struct sim_guest *t)
{
	uint64_t now_ns = a->s->end_ns;

	if (!of->seen || of->instance != g->instance) {
		*of = (struct audit_guest){.seen = true, .instance = g->instance};
		of->kills = t->memory.kills;
		of->panics = t->memory.panics;
		of->reboots = g->reboots;
		/* Those that were there when the world began have booted long ago; nobody asked the policy about others. */
		of->started_ns = t->memory.up_ns <= SIM_WARM_NS ? 0 : now_ns;
		of->allowed = of->started_ns ? 0 : (double)g->memory.actual_kib;
	}
	if (g->reboots != of->reboots) {
		of->rebooted_ns = now_ns;
		of->has_order = of->has_taken = false;
	}
	of->reboots = g->reboots;
}

/* What a liar says between its lies need not be believed. */
static void see_trouble(struct mem_audit *a, struct audit_guest *of, const struct sample_guest *g,
                        const struct sim_guest *t)
{
	const struct guest_memory *m = &g->memory;
	double swapped = 0;

	if (!is_sane(m) || t->of.group->kind == KIND_LIAR)
		return;
	if (of->updated_s && m->updated_s > of->updated_s && m->swap_in_kib > of->swap_in_kib)
		swapped = (double)(m->swap_in_kib - of->swap_in_kib) /
		          (double)(m->updated_s - of->updated_s);
	if (m->updated_s != of->updated_s) {
		of->updated_s = m->updated_s;
		of->swap_in_kib = m->swap_in_kib;
	}
	if (!is_fresh(a, m) || is_held(g) || m->actual_kib >= m->maximum_kib)
		return;
	if ((double)m->usable_kib < TROUBLE_PART * (double)m->actual_kib - SLACK_KIB ||
	    swapped > 2 * TROUBLE_KIB_S)
		of->trouble_ns = a->s->end_ns;
}

/*
 * Someone else's order is seen when a balloon that was at rest first moves from where it was; unless that is where the policy
 * wanted it. Only of guests whose balloon moves by orders alone.
 */
static void see_foreign(struct mem_audit *a, struct audit_guest *of, const struct sample_guest *g,
                        const struct sim_guest *t)
{
	double is = (double)g->memory.actual_kib;

	if (!t->life.foreign)
		of->foreign_from = is;
	if (!t->life.foreign || of->foreign_judged || fabs(is - of->foreign_from) <= 2 * SLACK_KIB)
		return;
	of->foreign_judged = true;
	if (t->of.group->kind == KIND_IDEAL &&
	    (!of->has_order || fabs(of->foreign_from - of->ordered) <= SLACK_KIB))
		of->foreign_ns = a->s->end_ns;
}

static void see_progress(struct mem_audit *a, struct audit_guest *of, const struct sample_guest *g)
{
	double is = (double)g->memory.actual_kib;

	/* What it has let go of, unless more is on its way. */
	if (!of->has_order || of->ordered <= is + SLACK_KIB)
		of->allowed = fmin(of->allowed, is);
	/* What has been taken is: what becomes of it then is not for want of obedience. */
	of->takes &= is > of->ordered + 2 * SLACK_KIB;
	if (fabs(is - of->progress) > MIB || is_held(g) || !of->has_order) {
		of->progress = is;
		of->progress_ns = a->s->end_ns;
	}
}

/* A load that is faster than any balloon can be. */
static bool is_leak(const struct mem_audit *a, const struct sim_memory *m, double balloon)
{
	double rate = m->fill.load ? (double)m->fill.load->rate_kib_s : 0;

	return rate * LEAK_S(a) > low(a, balloon);
}

static void count_ideal(struct mem_audit *a, const struct sim_guest *t)
{
	const struct sim_memory *m = &t->memory;
	double is = balloon_is(t), left = sim_pages_available(&m->pages);

	if (!is_ideal(t) || !m->balloon.driver || t->life.paused || t->life.busy ||
	    is > (double)t->of.group->memory_kib - SLACK_KIB ||
	    spare(a) - boot_room(a) < SPARE_KIB || sim_world_case_ns(world(a)) < 10 * NS_PER_S ||
	    is_leak(a, m, is))
		return;
	a->ideal_ticks++;
	a->ideal_low_ticks += left < low(a, is) - SLACK_KIB;
}

/* ---- guests that ran out of memory ---- */

/*
 * It has a balloon that obeys, nobody but the policy, and something in it; it was not held or booting, and there was something to
 * give.
 */
static bool could_be_saved(const struct mem_audit *a, const struct audit_guest *of,
                           const struct sim_guest *t)
{
	enum case_kind kind = t->of.group->kind;

	return (is_ideal(t) || kind == KIND_LOWER || kind == KIND_DEFLATE) &&
	       !t->of.group->life.foreign_ns && t->memory.trouble_balloon >= SLACK_KIB &&
	       !within(a, of->held_ns, BOOT_NS) && !within(a, of->started_ns, BOOT_NS) &&
	       !within(a, of->rebooted_ns, BOOT_NS) && spare(a) - boot_room(a) >= SPARE_KIB;
}

static void count_lost(struct mem_audit *a, struct audit_guest *of, const struct sim_guest *t)
{
	const struct sim_memory *m = &t->memory;
	unsigned lost = m->kills - of->kills + m->panics - of->panics;
	bool leaks = is_leak(a, m, (double)t->of.group->memory_kib - m->trouble_balloon);
	/* One that boots shrinks by its own. */
	bool ordered_so = m->trouble_short && of->has_taken && !t->of.group->life.foreign_ns &&
	                  !(of->left_enough && leaks);

	of->kills = m->kills;
	of->panics = m->panics;
	if (!lost)
		return;
	if (!ordered_so && leaks) {
		a->lost_to_leaks += lost;
	} else if (!ordered_so && !could_be_saved(a, of, t)) {
		a->lost_otherwise += lost;
	} else {
		if (!a->lost)
			snprintf(a->first_lost, sizeof(a->first_lost),
			         "%.1f s, %.100s (%s): balloon %.0f MiB, %s, host has %.0f MiB to "
			         "spare",
			         (double)sim_world_case_ns(world(a)) / 1e9, t->name,
			         case_kinds[t->of.group->kind], m->trouble_balloon / MIB,
			         ordered_so ? "by an order" : "not given in time", spare(a) / MIB);
		a->lost += lost;
	}
}

void mem_audit_sample(struct mem_audit *a, const struct sample *s)
{
	size_t i;

	a->s = s;
	a->given_kib = 0;
	for (i = 0; i < s->nr_guests; i++) {
		const struct sample_guest *g = &s->guests[i];
		const struct sim_guest *t = truth(a, g);
		struct audit_guest *of;

		if (!t || t->instance != g->instance)
			continue;
		of = &a->guests[t - world(a)->guests];
		see_start(a, of, g, t);
		if (is_held(g))
			of->held_ns = s->end_ns;
		see_trouble(a, of, g, t);
		see_foreign(a, of, g, t);
		see_progress(a, of, g);
		count_lost(a, of, t);
		count_ideal(a, t);
		a->guest_ticks++;
	}
}

/* ---- orders ---- */

/* What the guest used by its report; what its kernel keeps is known, which a policy has to find out. */
static double floor_of(const struct mem_audit *a, const struct sample_guest *g,
                       const struct sim_guest *t, double kib)
{
	const struct guest_memory *m = &g->memory;
	double kept = t->memory.pages.kept;

	if (t->of.group->kind == KIND_DEFLATE)
		kept -= t->memory.pages.balloon; /* counted as used */
	return fmax((double)a->rules.guest_min_kib,
	            (double)(m->available_kib - m->usable_kib) + kept + low(a, kib));
}

static void judge_take(struct mem_audit *a, const struct audit_guest *of,
                       const struct sample_guest *g, const struct sim_guest *t, double kib)
{
	const struct guest_memory *m = &g->memory;
	double least;

	if (!is_sane(m) || !is_fresh(a, m))
		breach(a, S2, g, "taken from with a report %s",
		       is_sane(m) ? "too old" : "of nonsense");
	else if (least = floor_of(a, g, t, kib), kib < least - SLACK_KIB)
		breach(a, S1, g, "%.0f MiB ordered, below the floor of %.0f", kib / MIB,
		       least / MIB);
	if (kib < (double)a->rules.guest_min_kib - SLACK_KIB)
		breach(a, S1, g, "%.0f MiB ordered, below the minimum", kib / MIB);
	if (is_held(g))
		breach(a, S2, g, "taken from while it is held");
	if (within(a, of->started_ns, BOOT_NS))
		breach(a, S2, g, "taken from while it boots");
	if (within(a, of->trouble_ns, TROUBLE_NS))
		breach(a, S3, g, "taken from %.0f s after trouble",
		       (double)(a->s->end_ns - of->trouble_ns) / 1e9);
	if (of->has_order && (double)m->actual_kib > of->ordered + SLACK_KIB &&
	    within(a, of->order_ns, UNSEEN_NS))
		breach(a, S4, g, "taken from again before %.0f MiB are seen", of->ordered / MIB);
	if (within(a, of->rebooted_ns, BOOT_NS))
		breach(a, S6, g, "taken from after a reboot");
	if (within(a, of->foreign_ns, FOREIGN_NS))
		breach(a, S7, g, "taken from after someone else's order");
}

void mem_audit_order(struct mem_audit *a, size_t guest, uint64_t kib, int result)
{
	const struct sample_guest *g = &a->s->guests[guest];
	const struct sim_guest *t = truth(a, g);
	struct audit_guest *of;
	double is, last, to = (double)kib;

	a->orders++;
	/* One whose answer is late arrives. */
	if (!t || t->instance != g->instance || (result < 0 && result != -ETIMEDOUT))
		return;
	of = &a->guests[t - world(a)->guests];
	is = (double)g->memory.actual_kib;
	last = of->has_order ? of->ordered : is;
	if (a->putting_back && to < is - SLACK_KIB)
		breach(a, S8, g, "%.0f MiB put back, has %.0f", to / MIB, is / MIB);
	else if (to < fmin(is, last) - SLACK_KIB) {
		unsigned before = a->breaches[S1];

		a->takes++;
		judge_take(a, of, g, t, to);
		of->left_enough = a->breaches[S1] == before;
	}
	a->given_kib += fmax(0, to - fmax(is, last));
	if (!of->has_order || fabs(to - of->ordered) > MIB)
		of->progress_ns = a->s->end_ns;
	of->has_order = true;
	of->takes = to < is - SLACK_KIB;
	of->has_taken |= of->takes;
	of->ordered = to;
	of->allowed += fmax(0, to - fmax(is, last));
	of->order_ns = a->s->end_ns;
}

/* One in trouble has got nothing, though it obeys, has room, and there is something. */
static void judge_trouble(struct mem_audit *a, const struct audit_guest *of,
                          const struct sample_guest *g, const struct sim_guest *t)
{
	const struct sim_memory *m = &t->memory;

	if (of->trouble_ns != a->s->end_ns || !is_ideal(t) || within(a, of->rebooted_ns, BOOT_NS) ||
	    within(a, of->started_ns, BOOT_NS) || within(a, of->held_ns, BOOT_NS))
		return;
	if (m->balloon.ordered > balloon_is(t) + MIB || m->pages.balloon < 2 * SLACK_KIB ||
	    spare(a) - boot_room(a) < SPARE_KIB)
		return;
	/* Its report is of before the balloon came to where it is now. */
	if (fabs((double)g->memory.available_kib + m->pages.kept - (double)g->memory.actual_kib) >
	    2 * SLACK_KIB)
		return;
	breach(a, S3, g, "in trouble with %d MiB left, and given nothing of %.0f to spare",
	       (int)(g->memory.usable_kib / 1024), spare(a) / MIB);
}

static void judge_progress(struct mem_audit *a, struct audit_guest *of,
                           const struct sample_guest *g, const struct sim_guest *t)
{
	if (!of->has_order || !of->takes || is_held(g) ||
	    of->ordered > balloon_is(t) - 2 * SLACK_KIB || t->life.foreign ||
	    !t->memory.balloon.driver)
		return;
	if (a->s->end_ns - of->progress_ns <= WITHDRAW_NS + 3 * a->rules.interval_ns)
		return;
	breach(a, S4, g, "%.0f MiB wanted, has %.0f, no progress, not withdrawn", of->ordered / MIB,
	       balloon_is(t) / MIB);
	of->progress_ns = a->s->end_ns;
}

void mem_audit_acted(struct mem_audit *a)
{
	size_t i;

	for (i = 0; i < a->s->nr_guests && !a->putting_back; i++) {
		const struct sample_guest *g = &a->s->guests[i];
		const struct sim_guest *t = truth(a, g);
		struct audit_guest *of;

		if (!t || t->instance != g->instance)
			continue;
		of = &a->guests[t - world(a)->guests];
		judge_trouble(a, of, g, t);
		judge_progress(a, of, g, t);
	}
	if (a->given_kib > SLACK_KIB && spare_seen(a) < -2 * SLACK_KIB)
		breach(a, a->putting_back ? S8 : S5, NULL, "%.0f MiB given, %.0f too much",
		       a->given_kib / MIB, -spare_seen(a) / MIB);
}

/* Does the host fail by what guests have that nobody gave them: by others' orders, a start, a reboot, a balloon that gives way? */
static bool is_by_others(const struct mem_audit *a)
{
	const struct sim_world *w = world(a);
	double left = sim_host_memory_left(w);
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive)
			left += fmax(0, sim_memory_rss(&w->guests[i].memory) -
			                        a->guests[i].allowed - (double)a->rules.qemu_kib);
	return left >= 0;
}

void mem_audit_end(struct mem_audit *a)
{
	if (!world(a)->failed)
		return;
	if (is_by_others(a))
		a->hosts_failed_otherwise++;
	else
		a->hosts_failed++;
}

void mem_audit_put_back(struct mem_audit *a)
{
	a->putting_back = true;
}

unsigned mem_audit_breaches(const struct mem_audit *a)
{
	unsigned all = 0, i;

	for (i = 0; i < MEM_LAWS; i++)
		all += a->breaches[i];
	return all;
}
