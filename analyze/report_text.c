/* report_text - a report for people: the verdict first, then why, then the few numbers */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/escape.h"
#include "analyze/report.h"
#include "analyze/select.h"

#define WIDTH     80
#define NAME_ROOM 256
#define COLUMN    11 /* where what a line is about ends */
#define LIST      6  /* rows of a list that may be long */

/* A line that is wrapped at WIDTH, the lines after the first indented. */
struct line {
	FILE *out;
	int indent, column;
};

static int width_of(const char *text, size_t length)
{
	int width = 0;

	for (; length--; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

#define TIE '\x1f' /* a blank that parts no line; escaped text never holds one */

/* Words that may be parted at blanks. The text is already escaped. */
static void say(struct line *l, const char *text)
{
	size_t length, i;
	int width;

	for (; *text; text += length) {
		text += strspn(text, " ");
		length = strcspn(text, " ");
		width = width_of(text, length);
		if (!width)
			break;
		if (l->column > l->indent && l->column + 1 + width > WIDTH) {
			fprintf(l->out, "\n%*s", l->indent, "");
			l->column = l->indent;
		} else if (l->column > l->indent) {
			fputc(' ', l->out);
			l->column++;
		}
		for (i = 0; i < length; i++)
			fputc(text[i] == TIE ? ' ' : text[i], l->out);
		l->column += width;
	}
}

static void sayf(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As say(); what is put in must be escaped. */
static void sayf(struct line *l, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(l, text);
}

static void end(struct line *l)
{
	fputc('\n', l->out);
	l->column = 0;
}

/* Start a line with a word in a column of its own. */
static struct line begin(FILE *out, const char *word)
{
	fprintf(out, "%-*s", COLUMN, word);
	return (struct line){out, COLUMN, COLUMN};
}

/* A stranger's text, escaped. Texts as long as a command line are left whole, names are cut. */
static const char *plain(const char *text, char to[ESCAPE_ROOM(SUBJECT_TEXT)])
{
	return escape_terminal(text, to, ESCAPE_ROOM(SUBJECT_TEXT));
}

/* A stranger's name in at most so many columns. */
static const char *name(const char *text, int columns, char to[NAME_ROOM])
{
	size_t cut;

	escape_terminal(text, to, NAME_ROOM);
	if (width_of(to, strlen(to)) <= columns)
		return to;
	for (cut = 0; width_of(to, cut) < columns - 3 || ((unsigned char)to[cut] & 0xc0) == 0x80;)
		cut++;
	memcpy(to + cut, "...", 4);
	return to;
}

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
	fprintf(out, "%*s", COLUMN - (int)strlen(outcome_name[outcome]), "");
}

static void print_verdict(const struct report *r, FILE *out, bool colour)
{
	static const char *const also[] = {[OUTCOME_FAIL] = "failed",
	                                   [OUTCOME_UNDECIDED] = "undecided",
	                                   [OUTCOME_SKIP] = "not for this run"};
	size_t seen[OUTCOMES] = {0}, i, nr = r->in.criteria->nr;
	struct line l = {out, COLUMN, COLUMN};
	char path[ESCAPE_ROOM(SUBJECT_TEXT)];

	for (i = 0; i < nr; i++)
		seen[r->judgements[i].outcome]++;
	print_outcome(out, r->outcome, colour);
	sayf(&l, "%s: %zu of %zu criteria hold", plain(r->in.trace, path), seen[OUTCOME_PASS], nr);
	for (i = OUTCOME_FAIL; i < OUTCOMES; i++)
		if (seen[i])
			sayf(&l, "- %zu %s", seen[i], also[i]);
	end(&l);
}

/* What the recorder counted, worst first: it says how far all the rest may be trusted. */
static void print_stats(const struct report *r, FILE *out)
{
	static const char *const order[] = {"data_loss", "warning", "info"};
	const struct series *s = r->in.series;
	char text[ESCAPE_ROOM(SUBJECT_TEXT)];
	struct line l;
	size_t i, n;

	for (n = 0; n < sizeof(order) / sizeof(order[0]); n++)
		for (i = 0; i < s->nr_stats; i++) {
			if (strcmp(s->stats[i].severity, order[n]))
				continue;
			l = begin(out, order[n]);
			sayf(&l, "%s %lld", plain(s->stats[i].name, text),
			     (long long)s->stats[i].value);
			end(&l);
		}
	if (!*s->note)
		return;
	l = begin(out, "not whole");
	say(&l, plain(s->note, text));
	end(&l);
}

static void print_others(const struct report *r, FILE *out)
{
	char text[ESCAPE_ROOM(SUBJECT_TEXT)];
	struct line l;
	size_t i, told = 0;

	if (r->in.nr_runs < 2)
		return;
	l = begin(out, "others");
	for (i = 0; i < r->in.nr_runs && told < LIST; i++) {
		const struct trace_run_row *run = &r->in.runs[i];

		if (run->run == r->in.series->run.run)
			continue;
		sayf(&l, "%srun %lld: %s, %llu ticks", told++ ? "- " : "", (long long)run->run,
		     plain(run->program, text), (unsigned long long)run->ticks);
	}
	if (r->in.nr_runs - 1 > told)
		sayf(&l, "- and %zu more", r->in.nr_runs - 1 - told);
	say(&l, "(--run N)");
	end(&l);
}

static void print_run(const struct report *r, FILE *out)
{
	const struct series *s = r->in.series;
	const struct series_tick *last = s->nr_ticks ? &s->ticks[s->nr_ticks - 1] : NULL;
	char text[ESCAPE_ROOM(SUBJECT_TEXT)];
	struct line l;

	l = begin(out, "run");
	sayf(&l, "%lld: %s", (long long)s->run.run, plain(s->run.arguments, text));
	if (*s->run.label)
		sayf(&l, "(%s)", plain(s->run.label, text));
	end(&l);
	l = begin(out, "host");
	sayf(&l, "%u usable pCPU%s, %zu guest%s, %zu vCPU%s", last ? last->nr_pcpus : 0,
	     last && last->nr_pcpus == 1 ? "" : "s", s->nr_guests, s->nr_guests == 1 ? "" : "s",
	     s->nr_vcpus, s->nr_vcpus == 1 ? "" : "s");
	if (*s->run.facts.name)
		sayf(&l, "on %s", plain(s->run.facts.name, text));
	end(&l);
	l = begin(out, "recorded");
	sayf(&l, "%zu ticks in %.1f s, one every %g s", s->nr_ticks, last ? last->t_s : 0,
	     (double)s->run.interval_ns / 1e9);
	if (s->missed)
		sayf(&l, "- %llu missed", (unsigned long long)s->missed);
	if (s->gaps)
		sayf(&l, "- %llu longer than three intervals", (unsigned long long)s->gaps);
	if (s->rebased)
		sayf(&l, "- %llu rates left out (a restart, or a counter that went back)",
		     (unsigned long long)s->rebased);
	if (s->run.end_mono_ns == UNKNOWN)
		say(&l, "- not closed: killed, or still at work");
	else
		sayf(&l, "- ended: %s", plain(s->run.exit_reason, text));
	end(&l);
}

/* What a balancer made of its ticks, and what befell the recorder. */
static void print_course(const struct report *r, FILE *out)
{
	const struct series *s = r->in.series;
	char kind[ESCAPE_ROOM(SUBJECT_TEXT)], text[ESCAPE_ROOM(SUBJECT_TEXT)];
	struct line l;
	size_t i;

	if (select_is_balancer(&s->run)) {
		l = begin(out, "decided");
		for (i = 0; i < VERDICTS; i++)
			if (s->verdicts[i])
				sayf(&l, "%s %zux", verdict_name[i], s->verdicts[i]);
		end(&l);
	}
	for (i = 0; i < s->nr_events && i < LIST; i++) {
		l = begin(out, i ? "" : "events");
		sayf(&l, "%.1f s: %s: %s", series_time_s(s, s->events[i].mono_ns),
		     plain(s->events[i].kind, kind), plain(s->events[i].text, text));
		end(&l);
	}
	if (s->nr_events > LIST)
		fprintf(out, "%*sand %zu more\n", COLUMN, "", s->nr_events - LIST);
}

static void print_settling(const struct report *r, FILE *out)
{
	const struct settling *x = &r->settling;
	struct line l = begin(out, "settled");

	if (!x->loaded)
		say(&l, "cannot be told: there was no load");
	else if (!x->settled.is)
		sayf(&l, "never, in %zu samples since the first load (at %.1f s)",
		     x->settled.judged, x->load_s);
	else
		sayf(&l, "%.1f s after the first load (at %.1f s)", x->settled.at_s - x->load_s,
		     x->load_s);
	if (x->settled.left)
		sayf(&l, "- left the limit again %zu time%s", x->settled.left,
		     x->settled.left == 1 ? "" : "s");
	end(&l);
}

static void say_window(struct line *l, const struct judgement *j)
{
	const struct criterion *c = j->criterion;
	char text[MOMENT_TEXT];

	if (isnan(j->window.from_s))
		return;
	if (isfinite(j->window.from_s))
		sayf(l, "from %.1f s", j->window.from_s);
	if (isfinite(j->window.from_s) && c->from.kind != MOMENT_TIME)
		sayf(l, "(%s)", moment_text(&c->from, text));
	if (isfinite(j->window.to_s))
		sayf(l, "to %.1f s", j->window.to_s);
}

static void say_worst(struct line *l, const struct report *r, const struct judgement *j)
{
	const struct metric *m = j->criterion->metric;
	char subject[SUBJECT_TEXT], text[NAME_ROOM], *blank;

	sayf(l, "- worst %.*f at %.1f s", m->decimals, j->value, j->worst_s);
	metric_subject(m, r->in.series, j->subject, subject);
	name(subject, 32, text);
	while ((blank = strchr(text, ' ')))
		*blank = TIE;
	if (*text)
		sayf(l, "(%s)", text);
	sayf(l, "- %zu of %zu samples hold", j->held, j->judged);
}

/* "<= 5 (cpu.moves_needed + 1)", "one of flat, settles" */
static void say_limit(struct line *l, const struct judgement *j)
{
	const struct criterion *c = j->criterion;
	char text[LIMIT_TEXT];

	limit_text(c->limit, c->metric, text);
	if (!c->limit.of || isnan(j->limit.value))
		sayf(l, "%s %s %s", limit_sign[c->limit.op], text, c->metric->unit);
	else
		sayf(l, "%s %g %s (%s)", limit_sign[c->limit.op], j->limit.value, c->metric->unit,
		     text);
}

static void print_judgement(const struct report *r, const struct judgement *j, FILE *out,
                            bool colour)
{
	const struct metric *m = j->criterion->metric;
	char text[ESCAPE_ROOM(WHY_TEXT)], value[VALUE_TEXT];
	struct line l = {out, COLUMN, COLUMN};

	print_outcome(out, j->outcome, colour);
	sayf(&l, "%s: %s", j->criterion->name, m->id);
	say_limit(&l, j);
	if (j->criterion->hold_pct < 100)
		sayf(&l, "in %g %% of samples", j->criterion->hold_pct);
	say_window(&l, j);
	if (*j->why) {
		end(&l);
		l = begin(out, "");
		say(&l, escape_terminal(j->why, text, sizeof(text)));
	}
	if (m->dimension == PER_RUN && isfinite(j->value))
		sayf(&l, "- it is %s %s", metric_value(m, j->value, value), m->unit);
	else if (m->dimension != PER_RUN && !isnan(j->value))
		say_worst(&l, r, j);
	else if (j->outcome == OUTCOME_PASS)
		say(&l, "- there is none");
	end(&l);
}

static void print_value(FILE *out, const struct metric *m, double value)
{
	char text[VALUE_TEXT];

	fprintf(out, "%9s", metric_value(m, value, text));
}

static void print_summary(FILE *out, const struct metric *m, const struct summary *s)
{
	print_value(out, m, s->mean);
	print_value(out, m, m->better == BETTER_HIGH ? s->p05 : s->p95);
	print_value(out, m, s->worst);
}

static int by_mean(const void *a, const void *b, void *with)
{
	const struct summary *of = with;
	double x = of[*(const size_t *)a].mean, y = of[*(const size_t *)b].mean;

	return (x < y) - (x > y);
}

/* The guests that have most of it, where any has some. */
static void print_guests(const struct report *r, const struct numbers *n, FILE *out)
{
	size_t nr = r->in.series->nr_guests, known = 0, i, *order;
	char text[NAME_ROOM];

	order = calloc(nr + 1, sizeof(*order));
	for (i = 0; order && i < nr; i++)
		if (n->guests[i].mean >= 0.05)
			order[known++] = i;
	if (known)
		qsort_r(order, known, sizeof(*order), by_mean, n->guests);
	for (i = 0; i < known && i < LIST; i++) {
		name(r->in.series->guests[order[i]].name, 22, text);
		fprintf(out, "  %s%*s", text, 24 - width_of(text, strlen(text)), "");
		print_summary(out, n->metric, &n->guests[order[i]]);
		fputc('\n', out);
	}
	if (known > LIST)
		fprintf(out, "  and %zu more guests\n", known - LIST);
	free(order);
}

static void print_row(const struct report *r, const struct numbers *n, bool settled, FILE *out)
{
	const struct metric *m = n->metric;

	fprintf(out, "%-20s%6s", m->id, m->unit);
	if (m->dimension == PER_RUN) {
		print_value(out, m, n->all.worst);
		if (settled && n->settled.nr)
			fprintf(out, "%18s", ""), print_value(out, m, n->settled.worst);
	} else {
		print_summary(out, m, &n->all);
		if (settled)
			print_summary(out, m, &n->settled);
	}
	fputc('\n', out);
	if (n->guests)
		print_guests(r, n, out);
}

static void print_numbers(const struct report *r, FILE *out)
{
	static const char head[] = "     mean     95 %    worst";
	bool settled = !isnan(r->settled.from_s);
	size_t i;

	fprintf(out, "%40s%s\n", "whole run", settled ? "                  since it settled" : "");
	fprintf(out, "%26s%s%s\n", "", head, settled ? head : "");
	for (i = 0; i < nr_metrics; i++)
		if (r->numbers[i].all.nr)
			print_row(r, &r->numbers[i], settled, out);
}

void report_text(const struct report *r, FILE *out, bool colour)
{
	size_t i;

	print_verdict(r, out, colour);
	print_stats(r, out);
	fputc('\n', out);
	for (i = 0; i < r->in.criteria->nr; i++)
		print_judgement(r, &r->judgements[i], out, colour);
	fputc('\n', out);
	print_run(r, out);
	print_course(r, out);
	print_others(r, out);
	print_settling(r, out);
	fputc('\n', out);
	print_numbers(r, out);
}
