/* vmb-collect - watch a libvirt host: a live table, JSON lines, a trace; over a read-only connection */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "collector/collect_json.h"
#include "collector/collect_options.h"
#include "collector/collect_table.h"
#include "collector/host.h"
#include "collector/pace.h"
#include "common/clock.h"
#include "common/notify.h"
#include "common/printed.h"
#include "common/stop.h"
#include "common/text.h"
#include "common/version.h"
#include "traces/trace_write.h"

struct program {
	struct collect_options options;
	struct host *host;
	struct host_facts facts;
	struct trace *trace;
	struct sample samples[2]; /* this tick's and the one before, in turn */
	struct rates rates;
	struct ticker ticker;
	bool host_away, trace_fails, unheard; /* unheard: what is shown reaches nobody any more */
	int status;
};

static int complain(const struct error *e, int status)
{
	char text[sizeof(e->text)];

	fprintf(stderr, "vmb-collect: %s\n", text_plain(e->text, text, sizeof(text)));
	return status;
}

/* Who has read enough (`| head`), or closed it (`>&-`), wants no more; all else, a full disk, is an error. */
static void check_heard(struct program *p)
{
	struct error e;
	int r = printed_all(&e);

	p->unheard = r < 0;
	if (p->unheard && r != -EPIPE && r != -EBADF)
		p->status = complain(&e, 1);
}

static void show(struct program *p, const struct sample *s, double interval_s)
{
	struct table_form form = table_form_of(p->options.uri, stdout);

	errno = 0;
	if (p->options.json)
		collect_json(s, &p->rates, interval_s, stdout, NULL);
	else if (!p->options.quiet)
		collect_table(&form, s, &p->rates, stdout);
	check_heard(p);
}

static void record(struct program *p, const struct sample *s)
{
	struct trace_tick tick = {p->ticker.number, UNKNOWN, clock_self_cpu_ns()};
	struct error e;
	int r = p->trace ? trace_tick(p->trace, &tick, s, NULL, &e) : 0;

	if (r < 0 && !p->trace_fails)
		complain(&e, 0);
	p->trace_fails = r < 0;
}

static void tick(struct program *p)
{
	uint64_t late_ns = host_now_ns(p->host) + p->options.interval_ns / 2;
	struct sample *now = &p->samples[0], *last = &p->samples[1], spare = *last;
	struct error e;
	bool away;

	*last = *now;
	*now = spare;
	away = host_sample(p->host, LATE_DELAY | LATE_MEMORY, now, &e) < 0;
	if (away && !p->host_away)
		complain(&e, 0);
	if ((p->host_away = away))
		return;
	if (host_sample_late(p->host, late_ns, now, NULL) < 0 && p->trace)
		trace_count(p->trace, "statistics_late", "info", 1);
	record(p, now);
	if (rates_between(last, now, &p->rates, &e) < 0)
		complain(&e, 0);
	else if (!p->unheard)
		show(p, now, last->begin_ns ? (double)(now->begin_ns - last->begin_ns) / 1e9 : 0);
}

static int start(struct program *p, struct error *e)
{
	struct trace_run run = {"vmb-collect",    VMB_VERSION, p->options.arguments,
	                        p->options.label, NULL,        p->options.interval_ns};
	int r = host_open(p->options.uri, HOST_READ_ONLY, &p->host, e);

	if (!r)
		r = host_describe(p->host, &p->facts, e);
	if (r < 0 || !p->options.trace)
		return r;
	run.start_mono_ns = host_now_ns(p->host);
	run.start_wall_ns = host_wall_ns(p->host);
	run.memory = true;
	run.limit_bytes = p->options.trace_limit.kib * 1024;
	return trace_open(p->options.trace, &run, &p->facts, &p->trace, e);
}

int main(int argc, char **argv)
{
	const sigset_t *stop = stop_block();
	static struct program p;
	struct error e;
	uint64_t begin;
	int number = 0;

	collect_options_or_exit(argc, argv, &p.options);
	stop_watch("vmb-collect: quit without an answer, before the trace was closed\n");
	if (start(&p, &e) < 0)
		return complain(&e, !p.host && e.code == EINVAL ? 2 : 1);
	sample_init(&p.samples[0]);
	sample_init(&p.samples[1]);
	begin = host_now_ns(p.host);
	ticker_init(&p.ticker, begin, p.options.interval_ns);
	notify_ready();
	while (!number && (!p.unheard || p.trace) &&
	       (!p.options.duration_ns || host_now_ns(p.host) - begin < p.options.duration_ns)) {
		tick(&p);
		number = pace_wait(p.host, ticker_next(&p.ticker, host_now_ns(p.host)), stop, NULL,
		                   NULL);
	}
	notify_stopping();
	if (!p.options.quiet && isatty(STDOUT_FILENO) && !p.options.json)
		putchar('\n');
	if (trace_close(p.trace, host_now_ns(p.host), host_wall_ns(p.host),
	                number ? host_end_text(number) : "duration reached", &e) < 0)
		p.status = complain(&e, 1);
	if (number == HOST_FAILED && host_sample(p.host, LATE_NONE, &p.samples[0], &e) < 0)
		complain(&e, 0);
	sample_done(&p.samples[0]);
	sample_done(&p.samples[1]);
	rates_done(&p.rates);
	host_close(p.host);
	return number == HOST_FAILED ? 1 : p.status;
}
