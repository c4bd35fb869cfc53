/* originals_test - vmb-mem's whole loop on random hosts that hear badly: whoever ends with all put back has put all back */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balancer/mem_loop.h"
#include "collector/host_ops.h"
#include "common/clock.h"
#include "tests/unit/check.h"

enum {
	GUESTS = 4,
	STEP_NS = 20000000
};

#define MS NS_PER_MS

/* An order whose call has not come back. */
struct late {
	bool is_on, is_heard;
	uint64_t kib, hear_ns, back_ns;
};

/* A guest and its QEMU, which goes by `ordered_kib`. */
struct guest {
	uint64_t original_kib, ordered_kib;
	double actual_kib, speed_kib_s, used_kib;
	uint64_t rests_until_ns, deaf_until_ns, unknown_until_ns, paused_until_ns, busy_until_ns;
	uint64_t empties_ns;            /* of a reboot: when its driver comes; 0: it is there */
	uint64_t away_until_ns;         /* it is saved, or shut off */
	enum guest_start start, starts; /* as libvirt tells it; and how it does when it is back */
	uint32_t instance;
	uint64_t reported_s;
	struct guest_memory report;
	uint32_t reboots;
	struct late late;
};

struct random_host {
	struct host host;
	uint64_t now_ns, away_until_ns;
	struct guest guests[GUESTS];
};

static uint64_t state;

static uint64_t below(uint64_t nr)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % nr;
}

static bool one_of(unsigned nr)
{
	return below(nr) == 0;
}

static struct random_host *of(struct host *h)
{
	return (struct random_host *)h;
}

static struct guest *guest_of(struct host *h, const uint8_t uuid[UUID_BYTES])
{
	return &of(h)->guests[uuid[0] - 1];
}

/* ---- time goes by ---- */

/* What libvirt has had all the time comes to QEMU, or never does. */
static void end_late(struct guest *g)
{
	if (g->late.is_heard)
		g->ordered_kib = g->late.kib;
	g->late.is_on = g->late.is_heard = false;
}

/* Its QEMU ends, and what it was asked for is not heard any more. */
static void go_away(struct guest *g, bool saved, uint64_t until_ns)
{
	g->away_until_ns = until_ns;
	g->late = (struct late){0};
	g->starts = saved ? START_RESTORED : START_BOOTED;
	g->start = START_UNKNOWN;
}

/* With all that it had; or without a balloon until its driver has come, which has what its configuration says. */
static void come_back(struct guest *g, uint64_t now_ns)
{
	g->away_until_ns = 0;
	g->instance++;
	g->reboots = 0; /* counted anew, as libvirt tells them one by one */
	if (g->starts == START_BOOTED) {
		g->ordered_kib = g->original_kib;
		g->actual_kib = 2048 * (double)MIB;
		g->empties_ns = 0;
		g->rests_until_ns = now_ns + NS_PER_S;
	}
}

static void move_guest(struct guest *g, uint64_t now_ns)
{
	double way = (double)g->ordered_kib - g->actual_kib, step = g->speed_kib_s * STEP_NS / 1e9;

	if (g->late.is_heard && now_ns >= g->late.hear_ns) {
		g->ordered_kib = g->late.kib;
		g->late.is_heard = false;
	}
	if (g->late.is_on && now_ns >= g->late.back_ns)
		g->late.is_on = false;
	if (now_ns < g->away_until_ns || now_ns < g->paused_until_ns)
		return;
	if (g->away_until_ns)
		come_back(g, now_ns);
	if (g->empties_ns) {
		if (now_ns < g->empties_ns)
			return;
		g->actual_kib = 2048 * (double)MIB;
		g->empties_ns = 0;
	} else if (now_ns >= g->rests_until_ns) {
		g->actual_kib += way > step ? step : way < -step ? -step : way;
	}
	if (now_ns / NS_PER_S != g->reported_s) {
		g->reported_s = now_ns / NS_PER_S;
		g->report.available_kib = (uint64_t)g->actual_kib - 40 * MIB;
		g->report.usable_kib = g->report.unused_kib =
		        g->actual_kib > g->used_kib + 60 * (double)MIB
		                ? (uint64_t)(g->actual_kib - g->used_kib) - 40 * MIB
		                : 0;
	}
}

static void pass(struct random_host *h, uint64_t until_ns)
{
	size_t i;

	while (h->now_ns < until_ns) {
		h->now_ns += STEP_NS;
		for (i = 0; i < GUESTS; i++)
			move_guest(&h->guests[i], h->now_ns);
	}
}

static void befall(uint64_t *until_ns, unsigned seldom, uint64_t now_ns, unsigned most_s)
{
	if (one_of(seldom))
		*until_ns = now_ns + below(most_s * NS_PER_S);
}

static void befall_guests(struct random_host *h, bool reboots)
{
	size_t i;

	for (i = 0; i < GUESTS; i++) {
		struct guest *g = &h->guests[i];

		if (one_of(12))
			g->used_kib = (double)((60 + below(1500)) * MIB);
		if (one_of(8))
			g->used_kib = 60 * (double)MIB;
		if (one_of(30))
			g->speed_kib_s = (double)((2 + below(300)) * MIB);
		befall(&g->rests_until_ns, 15, h->now_ns, one_of(3) ? 60 : 9);
		befall(&g->deaf_until_ns, 15, h->now_ns, 15);
		befall(&g->unknown_until_ns, 50, h->now_ns, 20);
		befall(&g->paused_until_ns, 50, h->now_ns, 20);
		befall(&g->busy_until_ns, 50, h->now_ns, 15);
		if (reboots && !g->empties_ns && !g->away_until_ns && one_of(100)) {
			g->empties_ns = h->now_ns + NS_PER_S +
			                below((one_of(3) ? 90 : 20) * NS_PER_S);
			g->reboots++;
		}
		/* Some are there again before anyone looks. None is saved while it boots, which nobody could tell when it is back. */
		if (reboots && !g->away_until_ns && one_of(60))
			go_away(g, !one_of(3) && !g->empties_ns,
			        h->now_ns + below(one_of(2) ? 2 : 20 * NS_PER_S));
		else if (!one_of(4))
			g->start = g->starts;
	}
	befall(&h->away_until_ns, 100, h->now_ns, 8);
}

/* ---- the host ---- */

static bool hides_saves; /* a negative control: whoever was saved is said to have booted */

static int host_sees(struct host *host, unsigned late, struct sample *s, struct error *e)
{
	struct random_host *h = of(host);
	size_t i;

	sample_clear(s);
	if (h->now_ns < h->away_until_ns)
		return fail(e, ENOTCONN, "away");
	s->begin_ns = s->end_ns = s->wall_ns = h->now_ns;
	for (i = 0; i < GUESTS; i++) {
		const struct guest *g = &h->guests[i];
		uint8_t uuid[UUID_BYTES] = {(uint8_t)(i + 1)};
		struct sample_guest *seen;

		if (g->away_until_ns)
			continue;
		seen = sample_add_guest(s, uuid, "guest");
		seen->state = h->now_ns < g->paused_until_ns ? GUEST_PAUSED : GUEST_RUNNING;
		seen->busy = h->now_ns < g->busy_until_ns;
		seen->balloon = BALLOON_READY;
		seen->instance = g->instance;
		seen->start = hides_saves ? START_BOOTED : g->start;
		seen->reboots = g->reboots;
		seen->ordered = g->late.is_on;
		memset(&seen->memory, 0xff, sizeof(seen->memory));
		seen->memory.period_s = 1;
	}
	return 0;
}

static int host_sees_rest(struct host *host, uint64_t deadline_ns, struct sample *s,
                          struct error *e)
{
	struct random_host *h = of(host);
	size_t i;

	pass(h, h->now_ns + below(60) * MS);
	s->memory = (struct host_memory){32768 * MIB, UNKNOWN, 20480 * MIB, UNKNOWN};
	for (i = 0; i < s->nr_guests; i++) {
		const struct guest *g = guest_of(host, s->guests[i].uuid);
		struct guest_memory *m = &s->guests[i].memory;

		if (h->now_ns < g->unknown_until_ns) {
			s->nr_unread++;
			continue;
		}
		m->available_kib = g->report.available_kib;
		m->usable_kib = g->report.usable_kib;
		m->unused_kib = g->report.unused_kib;
		m->swap_in_kib = 0;
		m->updated_s = g->reported_s;
		m->actual_kib = (uint64_t)g->actual_kib / 4 * 4;
		m->maximum_kib = 2048 * MIB;
		m->rss_kib = m->actual_kib;
	}
	return 0;
}

enum fate {
	NOT_HEARD,
	HEARD_AND_FAILED,
	REFUSED,
	LATE,
	DROPPED,
	FATES
};

static int host_orders(struct host *host, const uint8_t uuid[UUID_BYTES], uint64_t kib,
                       uint64_t deadline_ns, struct error *e)
{
	struct random_host *h = of(host);
	struct guest *g = guest_of(host, uuid);
	enum fate fate = (enum fate)below(FATES);
	uint64_t back_ns;

	if (h->now_ns < h->away_until_ns)
		return fail(e, ENOTCONN, "away");
	if (g->away_until_ns)
		return fail(e, ESRCH, "gone");
	if (g->late.is_on || h->now_ns < g->busy_until_ns)
		return fail(e, EBUSY, "an earlier order, or a job");
	pass(h, h->now_ns + below(40) * MS);
	if (h->now_ns >= g->deaf_until_ns || one_of(4) || fate == HEARD_AND_FAILED)
		g->ordered_kib = (kib + 3) / 4 * 4;
	if (g->ordered_kib == (kib + 3) / 4 * 4)
		return fate == HEARD_AND_FAILED ? fail(e, EIO, "heard") : 0;
	if (fate == REFUSED)
		return fail(e, EACCES, "refused");
	if (fate == NOT_HEARD)
		return fail(e, EIO, "not heard");
	pass(h, deadline_ns);
	back_ns = h->now_ns + below(one_of(2) ? NS_PER_S / 2 : 8 * NS_PER_S);
	g->late = (struct late){true, fate == LATE, kib, back_ns, back_ns + below(300) * MS};
	return fail(e, ETIMEDOUT, "late");
}

static void host_awaits(struct host *host, uint64_t deadline_ns)
{
	pass(of(host), deadline_ns);
}

static uint64_t host_time(struct host *host)
{
	return of(host)->now_ns;
}

static int host_waits(struct host *host, uint64_t deadline_ns, const sigset_t *stop)
{
	pass(of(host), deadline_ns);
	return 0;
}

static const struct host_ops random_ops = {
        .sample = host_sees,
        .sample_late = host_sees_rest,
        .set_memory = host_orders,
        .await_orders = host_awaits,
        .now_ns = host_time,
        .wall_ns = host_time,
        .wait = host_waits,
};

/* ---- the program, without its frame ---- */

static char folder[] = "/tmp/vmb-originals-XXXXXX", path[64];
static struct mem_options options;
static bool forgets; /* a negative control: what was ordered is over at the next tick */

static void open_loop(struct mem_loop *l, struct random_host *h)
{
	struct error e;

	*l = (struct mem_loop){.options = &options};
	l->base = (struct loop){.options = &options.common,
	                        .host = &h->host,
	                        .instance = {.lock_fd = -1, .kind = "mem", .passing = true},
	                        .patience_ns = NS_PER_S / 4};
	snprintf(l->base.instance.folder, sizeof(l->base.instance.folder), "%s", folder);
	sample_init(&l->base.sample);
	if (journal_open(path, &l->base.journal, &e) < 0)
		fail_msg("%s", e.text);
}

static void close_loop(struct mem_loop *l)
{
	l->base.host = NULL; /* which outlives it */
	mem_loop_done(l);
}

/* 0: it says that all is back. */
static int put_back(struct mem_loop *l)
{
	struct host *h = l->base.host;
	uint64_t until_ns = host_now_ns(h) + 2 * NS_PER_S;
	struct error e;
	int r;

	l->base.decision.nr_actions = 0;
	host_await_orders(h, host_now_ns(h) + NS_PER_S / 2);
	do {
		r = mem_loop_restore(&l->base, &e);
		pass(of(h), host_now_ns(h) + NS_PER_S / 4);
	} while (r < 0 && r != -EAGAIN && !l->base.decision.nr_actions &&
	         host_now_ns(h) < until_ns);
	return r;
}

static void tick(struct mem_loop *l, uint64_t *seen_ns)
{
	struct loop *base = &l->base;
	struct error e;
	size_t i;

	if (host_sample(base->host, LATE_MEMORY, &base->sample, &e) < 0)
		return;
	host_sample_late(base->host, host_now_ns(base->host) + NS_PER_S / 2, &base->sample, NULL);
	base->nr_news = 0;
	for (i = 0; forgets && i < l->estimate.nr_tracks; i++)
		l->estimate.tracks[i].orders.stands = false;
	if (mem_loop_decide(base, base->sample.end_ns - *seen_ns > 3 * NS_PER_S, &e) < 0)
		fail_msg("%s", e.text);
	*seen_ns = base->sample.end_ns;
	loop_act(base, &e);
	mem_loop_acted(base);
}

/* For so many ticks; put back at its end, or killed. 0: all is back. */
static int run(struct random_host *h, unsigned ticks, bool killed)
{
	uint64_t seen_ns = h->now_ns;
	struct mem_loop l;
	int r = -EINTR;
	size_t i;

	open_loop(&l, h);
	if (loop_owes(&l.base))
		put_back(&l);
	for (; ticks; ticks--) {
		tick(&l, &seen_ns);
		befall_guests(h, true);
		pass(h, (h->now_ns / NS_PER_S + 1) * NS_PER_S);
	}
	/* Of one that is away when a run ends nothing is kept. */
	for (i = 0; i < GUESTS; i++)
		if (h->guests[i].away_until_ns)
			come_back(&h->guests[i], h->now_ns);
	if (!killed)
		r = loop_owes(&l.base) ? put_back(&l) : 0;
	close_loop(&l);
	return r;
}

static int restore(struct random_host *h)
{
	struct mem_loop l;
	int r;

	open_loop(&l, h);
	r = put_back(&l);
	close_loop(&l);
	return r;
}

static void begin(struct random_host *h, unsigned seed)
{
	size_t i;

	state = seed * 0x9e3779b97f4a7c15;
	*h = (struct random_host){.host = {&random_ops, HOST_READ_WRITE},
	                          .now_ns = 1000 * NS_PER_S};
	for (i = 0; i < GUESTS; i++) {
		struct guest *g = &h->guests[i];

		g->original_kib = g->ordered_kib = (512 + below(1537)) * MIB;
		g->actual_kib = (double)g->original_kib;
		g->speed_kib_s = 400 * (double)MIB;
		g->used_kib = 60 * (double)MIB;
		g->instance = 1;
		g->start = g->starts = START_BOOTED;
	}
	pass(h, h->now_ns + NS_PER_S);
}

/* Originals that are lost, by what their QEMUs go by. */
static unsigned lost(struct random_host *h)
{
	unsigned nr = 0;
	size_t i;

	for (i = 0; i < GUESTS; i++) {
		end_late(&h->guests[i]);
		nr += h->guests[i].ordered_kib < h->guests[i].original_kib;
	}
	return nr;
}

/* Guests that have less than they had. */
static unsigned missing(const struct random_host *h)
{
	unsigned nr = 0;
	size_t i;

	for (i = 0; i < GUESTS; i++)
		nr += h->guests[i].actual_kib < (double)h->guests[i].original_kib;
	return nr;
}

/* A run, every third killed, and every fifth begun anew at once, as balloons still rise; then --restore until it says that all is back. */
static unsigned lost_on(unsigned seed)
{
	struct random_host h;
	unsigned tries, nr = 0;
	size_t i;
	int r;

	begin(&h, seed);
	r = run(&h, 5 + (unsigned)below(one_of(3) ? 200 : 60), seed % 3 == 0);
	if (seed % 5 == 0) {
		for (i = 0; i < GUESTS; i++) {
			end_late(&h.guests[i]);
			h.guests[i].empties_ns = 0; /* as below */
			h.guests[i].speed_kib_s = 50 * (double)MIB;
			h.guests[i].used_kib = 700 * (double)MIB;
		}
		r = run(&h, 60, false);
		for (i = 0; i < GUESTS; i++)
			h.guests[i].speed_kib_s = 400 * (double)MIB;
	}
	/* The journal stays as long as a balloon is on its way. */
	for (tries = 0; (r < 0 || access(path, F_OK) == 0) && tries < 30; tries++) {
		for (i = 0; i < GUESTS; i++) {
			end_late(&h.guests[i]);
			/* One that loses its balloon while --restore looks is taken to rise by a give of before (mem_loop_restore). */
			h.guests[i].empties_ns = 0;
		}
		for (i = 0; tries == 20 && i < GUESTS; i++)
			h.guests[i].speed_kib_s = 400 *
			                          (double)MIB; /* the slowest takes 12 minutes */
		if (tries < 4)
			befall_guests(&h, false);
		pass(&h, h.now_ns + (1 + below(tries < 4 ? 3 : 20)) * NS_PER_S);
		r = restore(&h);
	}
	if (r < 0)
		fail_msg("seed %u: not put back in 30 attempts", seed);
	nr = lost(&h);
	/* A slow balloon may take longer than that. */
	if (access(path, F_OK) == 0 && !missing(&h))
		fail_msg("seed %u: all is back, and the journal is there", seed);
	unlink(path);
	return nr;
}

static unsigned nr_hosts = 300;

static void whoever_says_that_all_is_back_has_lost_nothing(void **unused)
{
	unsigned seed, nr, whole = 0, all = 0, first = 0;

	for (seed = 1; seed <= nr_hosts; seed++) {
		nr = lost_on(seed);
		all += nr;
		whole += !nr;
		first = nr && !first ? seed : first;
	}
	print_message("# fault: host that hears orders late, in part or never; injected %u; "
	              "survived %u; lost %u originals\n",
	              nr_hosts, whole, all);
	if (all)
		fail_msg("the first: seed %u", first);
}

/* With this evil switched on. */
static void expect_losses(bool *evil)
{
	unsigned seed, all = 0;

	*evil = true;
	for (seed = 1; seed <= 300 && !all; seed++)
		all = lost_on(seed);
	*evil = false;
	assert_true(all > 0);
}

static void who_forgets_what_stands_loses_some(void **unused)
{
	expect_losses(&forgets);
}

static void who_forgets_those_that_were_saved_loses_some(void **unused)
{
	expect_losses(&hides_saves);
}

int main(int argc, char **argv)
{
	static char *arguments[] = {"vmb-mem", "1", NULL};
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(whoever_says_that_all_is_back_has_lost_nothing),
	        cmocka_unit_test(who_forgets_what_stands_loses_some),
	        cmocka_unit_test(who_forgets_those_that_were_saved_loses_some),
	};
	int failed;

	if (argc > 1)
		nr_hosts = (unsigned)atoi(argv[1]);
	mem_options_or_exit(2, arguments, &options);
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/journal", folder);
	failed = check_all(tests);
	unlink(path);
	rmdir(folder);
	return failed;
}
