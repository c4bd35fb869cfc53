/* vmb-cpu - keep the pCPUs of a libvirt host evenly loaded by pinning vCPUs */
#include <unistd.h>

#include "balancer/cpu_loop.h"
#include "balancer/cpu_show.h"
#include "common/clock.h"
#include "common/stop.h"
#include "common/version.h"
#include "traces/trace_write.h"

struct program {
	struct cpu_options options;
	struct cpu_show show;
	struct cpu_loop loop;
	struct trace *trace;
	struct ticker ticker;
	bool host_away, trace_fails;
	int status;
};

/* All that can refuse to start comes before anything is touched. */
static int start(struct program *p, struct error *e)
{
	const struct cpu_options *o = &p->options;
	struct trace_run run = {"vmb-cpu", VMB_VERSION, o->arguments,
	                        o->label,  o->settings, o->interval_ns};
	int r = cpu_loop_open(&p->loop, o, e);

	if (r < 0 || !o->trace || o->restore)
		return r;
	run.start_mono_ns = host_now_ns(p->loop.host);
	run.start_wall_ns = host_wall_ns(p->loop.host);
	return trace_open(o->trace, &run, &p->loop.facts, &p->trace, e);
}

static void put_back(struct program *p)
{
	const struct decision *d = &p->loop.decision;
	struct error e;

	if (cpu_loop_restore(&p->loop, &e) < 0) {
		cpu_show_error(&p->show, &e);
		p->status = 1;
	}
	cpu_show_actions(&p->show, d);
	if (p->trace && d->nr_actions)
		trace_actions(p->trace, host_now_ns(p->loop.host), d->actions, d->nr_actions, NULL);
}

/* Say once that the host went away, and once that it is back. */
static void note_host(struct program *p, bool away, const struct error *e)
{
	if (away == p->host_away)
		return;
	p->host_away = away;
	cpu_show_line(&p->show, "%s", away ? e->text : "connected again");
	if (p->trace)
		trace_event(p->trace, host_now_ns(p->loop.host), away ? "host_lost" : "host_back",
		            away ? e->text : "");
}

static void record(struct program *p, uint64_t late_ns)
{
	struct trace_tick tick = {p->ticker.number, p->loop.decide_ns, clock_self_cpu_ns(),
	                          p->loop.act_ns};
	struct error e;
	int r;

	if (!p->trace)
		return;
	host_sample_late(p->loop.host, late_ns, &p->loop.sample, NULL);
	r = trace_tick(p->trace, &tick, &p->loop.sample, &p->loop.decision, &e);
	if (r < 0 && !p->trace_fails)
		cpu_show_error(&p->show, &e);
	p->trace_fails = r < 0;
}

/* sense, plan, apply, record */
static void tick(struct program *p, bool rebase)
{
	uint64_t late_ns = host_now_ns(p->loop.host) + p->options.interval_ns / 2;
	struct error e;
	int r = cpu_loop_sense(&p->loop, &e);

	note_host(p, r < 0, &e);
	if (r < 0)
		return;
	if (cpu_loop_decide(&p->loop, rebase, &e) < 0 || cpu_loop_act(&p->loop, &e) < 0)
		cpu_show_error(&p->show, &e);
	cpu_show_tick(&p->show, &p->loop.sample, &p->loop.decision);
	record(p, late_ns);
}

static const char *run(struct program *p, const sigset_t *stop)
{
	struct host *h = p->loop.host;
	uint64_t begin = host_now_ns(h), last = begin, now;
	int end;

	ticker_init(&p->ticker, begin, p->options.interval_ns);
	do {
		now = host_now_ns(h);
		if (p->options.duration_ns && now - begin >= p->options.duration_ns)
			return "duration reached";
		tick(p, ticker_gap(&p->ticker, last, now));
		last = now;
		end = host_wait(h, ticker_next(&p->ticker, host_now_ns(h)), stop);
	} while (!end);
	if (end == HOST_FAILED)
		tick(p, true); /* which says why */
	p->status = end == HOST_FAILED;
	return host_end_text(end);
}

static void finish(struct program *p, const char *why)
{
	struct error e;

	stop_again_quits("vmb-cpu: quit before all pins were put back; run vmb-cpu --restore\n");
	cpu_show_line(&p->show, "%s; %u changes", why, p->show.changes);
	if (p->options.keep && journal_keep(p->loop.journal, &e) < 0)
		cpu_show_error(&p->show, &e);
	if (!p->options.keep && p->loop.journal && journal_holds(p->loop.journal))
		put_back(p);
	if (trace_close(p->trace, host_now_ns(p->loop.host), host_wall_ns(p->loop.host), why, &e) <
	    0)
		cpu_show_error(&p->show, &e);
}

int main(int argc, char **argv)
{
	static struct program p;
	const sigset_t *stop = stop_block();
	struct error e;

	cpu_options_or_exit(argc, argv, &p.options);
	p.show = (struct cpu_show){stdout, isatty(STDOUT_FILENO), p.options.verbose};
	if (start(&p, &e) < 0) {
		cpu_show_error(&p.show, &e);
		cpu_loop_close(&p.loop);
		return 1;
	}
	cpu_show_start(&p.show, &p.options, &p.loop.facts, host_wall_ns(p.loop.host));
	if (p.options.restore || cpu_loop_owes(&p.loop))
		put_back(&p);
	if (!p.options.restore)
		finish(&p, run(&p, stop));
	cpu_loop_close(&p.loop);
	return p.status;
}
