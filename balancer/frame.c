/* frame - what the programs of both balancers do around their decisions: start, tick, record, put back, end */
#include "balancer/frame.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "collector/pace.h"
#include "common/clock.h"
#include "common/notify.h"
#include "common/parse.h"
#include "common/stop.h"
#include "common/text.h"
#include "common/version.h"
#include "traces/trace_write.h"

struct frame {
	const struct balancer *balancer;
	const struct loop_options *options;
	struct loop *loop;
	struct show show;
	struct trace *trace;
	struct ticker ticker;
	uint64_t seen_ns; /* when the last sample was complete that was decided by */
	bool host_away, list_fails, none_chosen, trace_fails, statistics_fail;
	unsigned late_ticks; /* in turn without statistics of the guests */
	int status;
	char error[sizeof(((struct error *)0)->text)]; /* the last tick's; empty: none */
};

#define LATE_TICKS 10 /* a QEMU that hangs costs two or three */

/* A trace that its disk or a lock keeps away is told of, and holds up nobody: neither guests nor what a killed run owes. */
static int open_trace(struct frame *f, struct error *e)
{
	const struct loop_options *o = f->options;
	struct loop *l = f->loop;
	struct trace_run run = {.program = f->balancer->program,
	                        .version = VMB_VERSION,
	                        .arguments = o->arguments,
	                        .label = o->label,
	                        .settings = o->settings,
	                        .interval_ns = o->interval_ns,
	                        .start_mono_ns = host_now_ns(l->host),
	                        .start_wall_ns = host_wall_ns(l->host),
	                        .memory = f->balancer->memory,
	                        .limit_bytes = o->trace_limit.kib * 1024,
	                        .may_wait = true};
	struct error told;
	int r = trace_open(o->trace, &run, &l->facts, &f->trace, e);

	if (r < 0)
		return r;
	l->trace_files = trace_files(f->trace);
	f->trace_fails = r == 1;
	if (f->trace_fails) {
		fail(&told, e->code, "%.200s; recording is tried again at each tick", e->text);
		show_error(&f->show, &told);
	}
	return 0;
}

/* All that can refuse to start comes before anything is touched. */
static int start(struct frame *f, struct error *e)
{
	const struct loop_options *o = f->options;
	const struct balancer *b = f->balancer;
	struct loop *l = f->loop;
	int r = loop_open(l, b->kind, o, e);

	f->status = r == -EINVAL ? 2 : 1;
	if (r < 0 || o->restore)
		return r;
	if (b->check && (r = b->check(l, e)) < 0) {
		f->status = r == -EINVAL ? 2 : 1;
		return r;
	}
	return o->trace ? open_trace(f, e) : 0;
}

static void show_start(struct frame *f)
{
	const struct loop_options *o = f->options;
	const struct host_facts *facts = &f->loop->facts;
	const char *part = f->trace ? trace_goes_on(f->trace) : NULL;
	char interval[32], limits[160];

	f->show.wall_ns = host_wall_ns(f->loop->host);
	show_line(&f->show, "%s " VMB_VERSION " on %s: %s, %zu pCPUs", f->balancer->program,
	          facts->uri, facts->hypervisor, facts->nr_places);
	if (o->restore)
		return;
	f->balancer->limits(f->loop, limits, sizeof(limits));
	show_line(&f->show, "every %s, %s; %s%s", duration_text(o->interval_ns, interval), limits,
	          o->dry_run ? "dry run: nothing is changed" : f->balancer->subject,
	          o->dry_run ? ""
	          : o->keep  ? " stay at the end"
	                     : " are put back at the end");
	if (part)
		show_line(&f->show, "the trace goes on in %s", part);
}

/* A host that does not answer when the run ends is waited for so long, asked again in such steps. */
#define PUT_BACK_NS      (2 * NS_PER_S)
#define PUT_BACK_STEP_NS (NS_PER_S / 4)

/* A monitor that is busy is free again in tenths of a second, most often; one that hangs is not worth more. */
#define AWAIT_NS (NS_PER_S / 2)

/* While nothing could be tried: what was tried and failed may be asked for again by --restore. */
static int restore(struct frame *f, struct error *e)
{
	struct loop *l = f->loop;
	uint64_t until = host_now_ns(l->host) + PUT_BACK_NS;
	sigset_t none;
	int r;

	sigemptyset(&none);
	l->decision.nr_actions = 0;
	host_hurry(l->host);
	host_await_orders(l->host, host_now_ns(l->host) + AWAIT_NS);
	do
		r = f->balancer->restore(l, e);
	while (r < 0 && r != -EAGAIN && !l->decision.nr_actions && host_now_ns(l->host) < until &&
	       !host_wait(l->host, host_now_ns(l->host) + PUT_BACK_STEP_NS, &none));
	return r;
}

static void put_back(struct frame *f)
{
	struct decision *d = &f->loop->decision;
	struct error e, left;
	int r = loop_stay(f->loop, &e);

	if (r == -EBUSY) { /* another one's, who has what we did for its originals */
		show_error(&f->show, &e);
		f->status = 1;
		return;
	}
	r = restore(f, &e);
	if (r < 0) {
		fail(&left, -r, "%.180s: %s%s --restore puts back what is left", e.text,
		     r == -ENOTCONN ? "when it answers, " : "", f->balancer->program);
		show_error(&f->show, r == -EAGAIN ? &e : &left);
		f->status = 1;
	}
	if (r == 0 && f->options->restore && !d->nr_actions)
		show_line(&f->show, "nothing is left to put back");
	show_actions(&f->show, d);
	if (r == 0 && f->loop->nr_rising)
		show_line(&f->show,
		          "%zu balloon%s still on the way; what it had stays noted for the next "
		          "start, or %s --restore",
		          f->loop->nr_rising, plural(f->loop->nr_rising), f->balancer->program);
	if (f->trace && d->nr_actions)
		trace_actions(f->trace, host_now_ns(f->loop->host), d->actions, d->nr_actions,
		              NULL);
}

/* Say once that the host went away, and once that it is back. */
static void note_host(struct frame *f, bool away, const struct error *e)
{
	if (away == f->host_away)
		return;
	f->host_away = away;
	f->show.wall_ns = host_wall_ns(f->loop->host); /* now, no tick has begun since */
	show_line(&f->show, "%s", away ? e->text : "connected again");
	if (f->trace)
		trace_event(f->trace, host_now_ns(f->loop->host), away ? "host_lost" : "host_back",
		            away ? e->text : "");
}

/* The same of the list of guests, without which those known before are gone on with. */
static void note_list(struct frame *f, bool fails)
{
	static const char *const text[] = {
	        "the list of guests can be read again",
	        "the list of guests cannot be read: going on with those known"};

	if (fails == f->list_fails)
		return;
	f->list_fails = fails;
	show_line(&f->show, "%s", text[fails]);
	if (f->trace)
		trace_event(f->trace, host_now_ns(f->loop->host), "note", text[fails]);
}

/* The same of their statistics, of which a few that are late are no matter. */
static void note_statistics(struct frame *f, bool late)
{
	static const char *const text[] = {
	        "statistics of the guests come in time again",
	        "statistics of the guests do not come in time, which is half of an interval: "
	        "where no QEMU hangs, a longer one helps"};
	bool fail;

	f->late_ticks = !late ? 0 : f->late_ticks + (f->late_ticks < LATE_TICKS);
	fail = f->late_ticks == LATE_TICKS;
	if (fail == f->statistics_fail)
		return;
	f->statistics_fail = fail;
	show_line(&f->show, "%s", text[fail]);
	if (f->trace)
		trace_event(f->trace, host_now_ns(f->loop->host), "note", text[fail]);
}

/* A pattern that fits nobody may be what is wanted, until such a guest comes, or a slip of the keys. */
static void note_choice(struct frame *f)
{
	const struct sample *s = &f->loop->sample;
	size_t i, chosen = 0;
	bool none;

	for (i = 0; i < s->nr_guests; i++)
		chosen += loop_options_choose(f->options, &s->guests[i]);
	none = s->nr_guests && !chosen;
	if (none && !f->none_chosen)
		show_line(&f->show, "--only and --exclude leave none of the %zu guest%s here",
		          s->nr_guests, plural(s->nr_guests));
	f->none_chosen = none;
}

static void tell_news(struct frame *f)
{
	const struct loop_news *news = f->loop->news;
	char text[sizeof(news->text)];
	size_t i;

	for (i = 0; i < f->loop->nr_news; i++) {
		if (!news[i].kind)
			show_line(&f->show, "%s", text_plain(news[i].text, text, sizeof(text)));
		if (f->trace)
			trace_event(f->trace, host_now_ns(f->loop->host),
			            news[i].kind ? news[i].kind : "note", news[i].text);
	}
}

static void show_all(struct frame *f)
{
	char state[128];

	f->show.wall_ns = f->loop->sample.wall_ns;
	tell_news(f);
	show_tick(&f->show, &f->loop->decision);
	f->balancer->status(f->loop, state, sizeof(state));
	show_status(&f->show, state, &f->loop->decision);
	notify_status(state);
}

static void record(struct frame *f, uint64_t late_ns)
{
	struct loop *l = f->loop;
	struct trace_tick tick = {f->ticker.number, l->decide_ns, clock_self_cpu_ns(), l->act_ns};
	struct error e;
	int r;

	if (!f->trace)
		return;
	if (f->balancer->record_late && host_sample_late(l->host, late_ns, &l->sample, NULL) < 0)
		trace_count(f->trace, "statistics_late", "info", 1);
	r = trace_tick(f->trace, &tick, &l->sample, &l->decision, &e);
	l->trace_files = trace_files(f->trace);
	if (r < 0 && !f->trace_fails)
		show_error(&f->show, &e);
	f->trace_fails = r < 0;
}

/* What a plan of memory goes by must be here before it; what only the trace wants may come while the plan is made. */
static int sense(struct frame *f, uint64_t late_ns, struct error *e)
{
	struct loop *l = f->loop;
	unsigned late = (f->balancer->memory ? LATE_MEMORY : LATE_NONE) |
	                (f->trace ? f->balancer->record_late : LATE_NONE);
	int r = host_sample(l->host, late, &l->sample, e);

	if (!r && f->balancer->memory)
		note_statistics(f, host_sample_late(l->host, late_ns, &l->sample, NULL) < 0);
	return r;
}

/* One that stays, as of a full disk, is told once: until something is done again. */
static void note_error(struct frame *f, int r, const struct error *e)
{
	if (r < 0 && strcmp(e->text, f->error) != 0)
		show_error(&f->show, e);
	if (r < 0 || f->loop->decision.nr_actions)
		snprintf(f->error, sizeof(f->error), "%s", r < 0 ? e->text : "");
}

/* sense, plan, apply, record */
static void tick(struct frame *f)
{
	uint64_t late_ns = host_now_ns(f->loop->host) + f->options->interval_ns / 2, start;
	struct error e, away;
	int r = sense(f, late_ns, &e), stay;
	bool rebase;

	note_host(f, r < 0, &e);
	if (r < 0)
		return;
	note_list(f, f->loop->sample.known_guests);
	note_choice(f);
	start = clock_mono_ns();
	f->loop->nr_news = 0;
	rebase = ticker_gap(&f->ticker, f->seen_ns, f->loop->sample.end_ns);
	stay = loop_stay(f->loop, &away);
	r = stay == -EBUSY ? fail(&e, EBUSY, "%s", away.text)
	                   : f->balancer->decide(f->loop, rebase, &e);
	f->loop->decide_ns = clock_mono_ns() - start;
	if (r < 0) {
		loop_decide_nothing(f->loop, VERDICT_HOLD, e.text);
	} else {
		f->seen_ns = f->loop->sample.end_ns;
		r = loop_act(f->loop, &e);
	}
	note_error(f, r < 0 ? r : stay, r < 0 ? &e : &away);
	f->balancer->acted(f->loop);
	show_all(f);
	record(f, late_ns);
}

/* SIGHUP */
static void reload(void *frame)
{
	struct frame *f = frame;
	struct host *h = f->loop->host;
	struct error e;
	int r;

	f->show.wall_ns = host_wall_ns(h);
	if (!f->balancer->reload) {
		show_line(&f->show, "SIGHUP: there is no configuration to read again");
		return;
	}
	r = f->balancer->reload(f->loop, &e);
	show_line(&f->show, "SIGHUP: %s",
	          r < 0 ? "the configuration stays as it was" : "the configuration was read again");
	if (r < 0)
		show_error(&f->show, &e);
	if (f->trace)
		trace_event(f->trace, host_now_ns(h), "reload",
		            r < 0 ? e.text : "the configuration was read again");
}

static const char *run(struct frame *f, const sigset_t *stop)
{
	struct host *h = f->loop->host;
	uint64_t begin = host_now_ns(h), now;
	int end;

	f->status = 0; /* what could not be put back at the start is tried again at the end */
	ticker_init(&f->ticker, begin, f->options->interval_ns);
	f->seen_ns = begin;
	do {
		now = host_now_ns(h);
		if (f->options->duration_ns && now - begin >= f->options->duration_ns)
			return "duration reached";
		tick(f);
		end = pace_wait(h, ticker_next(&f->ticker, host_now_ns(h)), stop, reload, f);
	} while (!end);
	if (end == HOST_FAILED)
		tick(f); /* which says why */
	f->status = end == HOST_FAILED;
	return host_end_text(end);
}

static void finish(struct frame *f, const char *why)
{
	/* Not one buffer: the signal may come between. */
	static char not_put_back[512], not_closed[160];
	const struct balancer *b = f->balancer;
	const char *uri = f->options->uri;
	struct loop *l = f->loop;
	struct error e, left;

	notify_stopping();
	f->show.wall_ns = host_wall_ns(l->host);
	snprintf(not_put_back, sizeof(not_put_back),
	         "%s: quit before all %s were put back; run %s --restore%s%.300s\n", b->program,
	         b->subject, b->program, uri ? " --connect " : "", uri ? uri : "");
	snprintf(not_closed, sizeof(not_closed), "%s: quit before the trace was closed\n",
	         b->program);
	stop_again_quits(!f->options->keep && loop_owes(l) ? not_put_back : not_closed);
	show_line(&f->show, "%s; %u change%s%s", why, f->show.changes, plural(f->show.changes),
	          f->options->dry_run ? " asked for, none made" : "");
	if (f->options->keep && journal_keep(l->journal, &e) < 0) {
		fail(&left, e.code, "%.180s: %s stay, but the next start puts them back", e.text,
		     b->subject);
		show_error(&f->show, &left);
		f->status = 1;
	}
	if (!f->options->keep && loop_owes(l))
		put_back(f);
	stop_again_quits(not_closed);
	if (trace_close(f->trace, host_now_ns(l->host), host_wall_ns(l->host), why, &e) < 0)
		show_error(&f->show, &e);
}

int frame_main(const struct balancer *b, const struct loop_options *o, struct loop *l,
               const sigset_t *stop)
{
	struct frame f = {.balancer = b, .options = o, .loop = l};
	struct error e;

	f.show = (struct show){b->program, stdout, isatty(STDOUT_FILENO), o->verbose};
	if (start(&f, &e) < 0) {
		show_error(&f.show, &e);
		return f.status;
	}
	f.status = 0;
	f.show.waits = l->facts.passing;
	show_start(&f);
	/* With --keep only what a run has left that was killed. */
	if ((o->restore && !o->keep) || loop_owes(l))
		put_back(&f);
	if (!o->restore) {
		notify_ready();
		finish(&f, run(&f, stop));
	}
	return f.show.fails ? 1 : f.status;
}
