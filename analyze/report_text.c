/* report_text - a report for people: the verdict first, then why, then the few numbers */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/course.h"
#include "analyze/escape.h"
#include "analyze/line.h"
#include "analyze/report.h"
#include "analyze/select.h"
#include "analyze/settings.h"
#include "analyze/verdict_text.h"
#include "common/text.h"

#define LIST 6 /* rows of a list that may be long */

static void print_outcome(FILE *out, enum outcome outcome, bool colour)
{
	static const char *const look[] = {[OUTCOME_PASS] = "32",
	                                   [OUTCOME_FAIL] = "1;31",
	                                   [OUTCOME_UNDECIDED] = "33",
	                                   [OUTCOME_SKIP] = "2"};

	if (colour)
		fprintf(out, "\033[%sm%s\033[0m", look[outcome], outcome_name[outcome]);
	else
		fputs(outcome_name[outcome], out);
	fprintf(out, "%*s", LINE_COLUMN - (int)strlen(outcome_name[outcome]), "");
}

static void print_verdict(const struct report *r, FILE *out, bool colour)
{
	static const char *const also[] = {[OUTCOME_FAIL] = "failed",
	                                   [OUTCOME_UNDECIDED] = "undecided",
	                                   [OUTCOME_SKIP] = "not for this run"};
	size_t seen[OUTCOMES] = {0}, i, nr = r->in.criteria->nr;
	struct line l = {out, LINE_COLUMN, LINE_COLUMN};
	char path[LINE_PLAIN];

	for (i = 0; i < nr; i++)
		seen[r->judgements[i].outcome]++;
	print_outcome(out, r->outcome, colour);
	line_sayf(&l, "%s: %zu of %zu criteria hold", line_plain(r->in.trace, path),
	          seen[OUTCOME_PASS], nr);
	for (i = OUTCOME_FAIL; i < OUTCOMES; i++)
		if (seen[i])
			line_sayf(&l, "- %zu %s", seen[i], also[i]);
	line_end(&l);
}

/* What the recorder counted, worst first: it says how far all the rest may be trusted. */
static void print_stats(const struct report *r, const struct series *s, FILE *out)
{
	static const char *const order[] = {"data_loss", "warning", "info"};
	char text[LINE_PLAIN];
	struct line l;
	size_t i, n;

	for (n = 0; n < sizeof(order) / sizeof(order[0]); n++)
		for (i = 0; i < s->nr_stats; i++) {
			if (strcmp(s->stats[i].severity, order[n]))
				continue;
			l = line_begin(out, order[n]);
			line_sayf(&l, "%s %lld", line_plain(s->stats[i].name, text),
			          (long long)s->stats[i].value);
			if (r->beside.series)
				line_sayf(&l, "(run %lld)", (long long)s->run.run);
			line_end(&l);
		}
	if (!*s->note)
		return;
	l = line_begin(out, "not whole");
	line_say(&l, line_plain(s->note, text));
	line_end(&l);
}

static void print_others(const struct report *r, FILE *out)
{
	char text[LINE_PLAIN];
	struct line l;
	size_t i, told = 0, shown = r->beside.series ? 2 : 1;

	if (r->in.nr_runs <= shown)
		return;
	l = line_begin(out, "others");
	for (i = 0; i < r->in.nr_runs && told < LIST; i++) {
		const struct trace_run_row *run = &r->in.runs[i];

		if (run->run == r->chosen.series->run.run ||
		    (r->beside.series && run->run == r->beside.series->run.run))
			continue;
		line_sayf(&l, "%srun %lld: %s, %llu ticks", told++ ? "- " : "", (long long)run->run,
		          line_plain(run->program, text), (unsigned long long)run->ticks);
	}
	if (r->in.nr_runs - shown > told)
		line_sayf(&l, "- and %zu more", r->in.nr_runs - shown - told);
	line_say(&l, "(--run N)");
	line_end(&l);
}

static void print_host(const struct series *s, FILE *out)
{
	struct line l = line_begin(out, "host");
	size_t left_out = 0, i;
	char text[LINE_PLAIN];

	line_sayf(&l, "%u usable pCPU%s, %zu guest%s, %zu vCPU%s", series_nr_pcpus(s),
	          plural(series_nr_pcpus(s)), s->nr_guests, plural(s->nr_guests), s->nr_vcpus,
	          plural(s->nr_vcpus));
	if (*s->run.facts.name)
		line_sayf(&l, "on %s", line_plain(s->run.facts.name, text));
	for (i = 0; i < s->nr_guests; i++)
		left_out += s->guests[i].left_out;
	if (left_out)
		line_sayf(&l, "- %zu guests left out of numbers per guest", left_out);
	line_end(&l);
}

static void print_run(const struct report *r, const struct series *s, FILE *out)
{
	char text[LINE_PLAIN];
	struct line l;

	l = line_begin(out, "run");
	line_sayf(&l, "%lld: %s", (long long)s->run.run, line_plain(s->run.arguments, text));
	if (*s->run.label)
		line_sayf(&l, "(%s)", line_plain(s->run.label, text));
	line_end(&l);
	if (s == r->chosen.series)
		print_host(s, out);
	l = line_begin(out, "recorded");
	line_sayf(&l, "%zu ticks in %.1f s, one every %g s", s->nr_ticks, series_seconds(s),
	          (double)s->run.interval_ns / 1e9);
	if (r->beside.series && s->nr_ticks)
		line_sayf(&l, "- the first at %.1f s", series_tick(s, 0).t_s);
	if (isfinite(s->from_s) || isfinite(s->to_s))
		line_say(&l, "- looked at");
	if (isfinite(s->from_s))
		line_sayf(&l, "from %g s", s->from_s);
	if (isfinite(s->to_s))
		line_sayf(&l, "to %g s", s->to_s);
	if (s->missed)
		line_sayf(&l, "- %llu missed", (unsigned long long)s->missed);
	if (s->gaps)
		line_sayf(&l, "- %llu longer than three intervals", (unsigned long long)s->gaps);
	if (s->rebased)
		line_sayf(&l, "- %llu rates left out (a restart, or a counter that went back)",
		          (unsigned long long)s->rebased);
	if (s->run.continues[0])
		line_sayf(&l, "- continues %s", line_plain(s->run.continues, text));
	if (s->run.end_mono_ns == UNKNOWN)
		line_say(&l, "- not closed: killed, still at work, or its disk was full");
	else
		line_sayf(&l, "- ended: %s", line_plain(s->run.exit_reason, text));
	line_end(&l);
}

/* What a balancer made of its ticks, and what befell the recorder. */
static void print_course(const struct series *s, FILE *out)
{
	char kind[LINE_PLAIN], text[LINE_PLAIN];
	struct line l;
	size_t i, told = 0;

	if (select_is_balancer(&s->run)) {
		l = line_begin(out, "decided");
		for (i = 0; i < VERDICTS; i++)
			if (s->verdicts[i])
				line_sayf(&l, "%s %zux", verdict_name[i], s->verdicts[i]);
		line_end(&l);
	}
	for (i = 0; i < s->nr_events; i++) {
		if (settings_is_share(&s->events[i]) || told++ >= LIST)
			continue;
		l = line_begin(out, told > 1 ? "" : "events");
		line_sayf(&l, "%.1f s: %s: %s", series_time_s(s, s->events[i].mono_ns),
		          line_plain(s->events[i].kind, kind), line_plain(s->events[i].text, text));
		line_end(&l);
	}
	if (told > LIST)
		fprintf(out, "%*sand %zu more\n", LINE_COLUMN, "", told - LIST);
}

static void print_settling(const struct report *r, FILE *out)
{
	const struct settling *x = &report_cpu(r)->settling;
	struct line l = line_begin(out, "settled");

	if (!x->loaded)
		line_say(&l, "cannot be told: there was no load");
	else if (!x->settled.is)
		line_sayf(&l, "never, in %zu samples since the first load (at %.1f s)",
		          x->settled.judged, x->load_s);
	else
		line_sayf(&l, "%.1f s after the first load (at %.1f s)",
		          x->settled.at_s - x->load_s, x->load_s);
	if (x->settled.left)
		line_sayf(&l, "- left the limit again %zu time%s", x->settled.left,
		          plural(x->settled.left));
	if (x->course != COURSE_UNKNOWN)
		line_sayf(&l, "- class: %s", course_name[x->course]);
	line_end(&l);
}

static const struct numbers *numbers_of(const struct report *r, const char *id)
{
	return &r->numbers[metric_find(id) - metrics];
}

static double last_change_s(const struct series *s)
{
	double last_s = NAN;
	size_t i;

	for (i = 0; i < s->nr_actions; i++)
		if (metric_is_change(series_action(s, i)))
			last_s = series_time_s(s, series_action(s, i)->mono_ns);
	return last_s;
}

/* "4, needed 4": what was done, beside what would have done. */
static void print_changes(const struct report *r, FILE *out)
{
	const struct series *s = report_cpu(r)->series;
	const struct summary *needed = &numbers_of(r, "cpu.moves_needed")->all;
	double taken_back = numbers_of(r, "cpu.reversals")->all.worst;
	struct line l;

	if (!s->nr_guests)
		return;
	l = line_begin(out, "changes");
	if (select_is_balancer(&s->run))
		line_sayf(&l, "%.0f,", numbers_of(r, "cpu.pin_changes")->all.worst);
	if (!needed->nr)
		line_say(&l, "what was needed cannot be told");
	else
		line_sayf(&l, "needed %s%.0f", needed->bounds ? "at most " : "", needed->worst);
	if (!isnan(last_change_s(s)))
		line_sayf(&l, "- the last at %.1f s", last_change_s(s));
	if (taken_back > 0)
		line_sayf(&l, "- %.0f taken back", taken_back);
	line_end(&l);
}

static void print_regret(const struct report *r, FILE *out)
{
	const struct numbers *n = numbers_of(r, "cpu.regret");
	const struct summary *sum = n->settled.nr ? &n->settled : &n->all;
	struct line l;

	if (!report_cpu(r)->settling.loaded)
		return;
	l = line_begin(out, "regret");
	if (!sum->nr)
		line_say(&l, "cannot be told");
	else
		line_sayf(&l, "%.2f on average, %.2f at worst%s", sum->mean, sum->worst,
		          sum == &n->settled ? " since it settled" : "");
	if (sum->bounds)
		line_sayf(&l, "- a bound in %zu of %zu samples", sum->bounds, sum->nr);
	else if (sum->nr)
		line_say(&l, "- exact");
	if (n->all.unknown)
		line_sayf(&l, "- not known in %zu sample%s (lost, or a pCPU was full)",
		          n->all.unknown, plural(n->all.unknown));
	line_end(&l);
}

/* "(guest-1)"; of a sum the guest that has most of it. */
static void say_subject(struct line *l, const struct report *r, const struct judgement *j)
{
	const struct metric *m = j->criterion->metric;
	char subject[SUBJECT_TEXT], text[LINE_NAME], *blank;

	metric_subject(m, report_series(r, m), j->subject, subject);
	line_name(subject, 32, text);
	while ((blank = strchr(text, ' ')))
		*blank = LINE_TIE;
	if (*text && !(m->needs & IS_SUM && !j->value))
		line_sayf(l, "(%s%s)", m->needs & IS_SUM ? "most:\x1f" : "", text);
}

static void say_worst(struct line *l, const struct report *r, const struct judgement *j)
{
	const struct metric *m = j->criterion->metric;

	line_sayf(l, "- worst %.*f at %.1f s", m->decimals, j->value, j->worst_s);
	say_subject(l, r, j);
	line_sayf(l, "- %zu of %zu samples hold", j->held, j->judged);
}

static void print_judgement(const struct report *r, const struct judgement *j, FILE *out,
                            bool colour)
{
	const struct metric *m = j->criterion->metric;
	char text[ESCAPE_ROOM(WHY_TEXT)], words[VERDICT_TEXT], value[VALUE_TEXT];
	struct line l = {out, LINE_COLUMN, LINE_COLUMN};

	print_outcome(out, j->outcome, colour);
	line_sayf(&l, "%s: %s", j->criterion->name, m->id);
	line_say(&l, verdict_limit(j, words));
	line_say(&l, verdict_window(j, words));
	if (*j->why) {
		line_end(&l);
		l = line_begin(out, "");
		line_say(&l, escape_terminal(j->why, text, sizeof(text)));
	}
	if (m->dimension == PER_RUN && isfinite(j->value)) {
		line_sayf(&l, "- it is %s %s", metric_value(m, j->value, value), m->unit);
		say_subject(&l, r, j);
	} else if (m->dimension != PER_RUN && !isnan(j->value))
		say_worst(&l, r, j);
	else if (j->outcome == OUTCOME_PASS)
		line_say(&l, "- there is none");
	line_end(&l);
}

void report_text(const struct report *r, FILE *out, bool colour)
{
	size_t i;

	print_verdict(r, out, colour);
	print_stats(r, r->chosen.series, out);
	if (r->beside.series)
		print_stats(r, r->beside.series, out);
	fputc('\n', out);
	for (i = 0; i < r->in.criteria->nr; i++)
		print_judgement(r, &r->judgements[i], out, colour);
	fputc('\n', out);
	print_run(r, r->chosen.series, out);
	print_course(r->chosen.series, out);
	if (r->beside.series) {
		print_run(r, r->beside.series, out);
		print_course(r->beside.series, out);
	}
	print_others(r, out);
	if (!settings_moves_memory(&report_cpu(r)->series->run)) {
		print_settling(r, out);
		print_changes(r, out);
		print_regret(r, out);
	}
	report_memory(r, out);
	fputc('\n', out);
	report_table(r, out);
}
