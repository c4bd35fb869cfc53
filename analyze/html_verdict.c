/* html_verdict - the outcome on top of the page, the few numbers behind it, and each criterion */
#include <math.h>
#include <string.h>
#include <time.h>

#include "analyze/course.h"
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/select.h"
#include "analyze/settings.h"
#include "analyze/verdict_text.h"
#include "common/text.h"

/* Beside the word and the colour: who sees no colours has two signs. */
static const char *const mark[] = {[OUTCOME_PASS] = "\u2713",
                                   [OUTCOME_FAIL] = "\u2717",
                                   [OUTCOME_UNDECIDED] = "?",
                                   [OUTCOME_SKIP] = "\u2013"};

static void put_outcome(enum outcome outcome, FILE *out)
{
	html(out,
	     "<span class=\"outcome %s\"><span class=\"mark\" "
	     "aria-hidden=\"true\">%s</span>%s</span>",
	     html_class(outcome), mark[outcome], outcome_name[outcome]);
}

static void put_counts(const struct report *r, FILE *out)
{
	static const char *const also[] = {[OUTCOME_FAIL] = "failed",
	                                   [OUTCOME_UNDECIDED] = "undecided",
	                                   [OUTCOME_SKIP] = "not for this run"};
	size_t seen[OUTCOMES] = {0}, i, nr = r->in.criteria->nr;

	for (i = 0; i < nr; i++)
		seen[r->judgements[i].outcome]++;
	html(out, "<h1>%zu of %zu criteria hold", seen[OUTCOME_PASS], nr);
	for (i = OUTCOME_FAIL; i < OUTCOMES; i++)
		if (seen[i])
			html(out, ", %zu %s", seen[i], also[i]);
	html(out, "</h1>\n");
}

static void put_size(const char *before, size_t nr, const char *what, FILE *out)
{
	html(out, "%s%zu %s%s", before, nr, what, plural(nr));
}

/* What was judged, in a line: "8 guests with 8 vCPUs on 4 pCPUs of host cpu-2, 40 ticks in 39.0 s, 2025-01-01 00:00 UTC". */
static void put_subject(const struct series *s, FILE *out)
{
	time_t started = (time_t)(s->run.start_wall_ns / 1000000000);
	char when[32];
	struct tm tm;

	html(out, "<p class=\"about\">");
	if (*s->run.label)
		html(out, "<strong>%s</strong> \u00b7 ", s->run.label);
	html(out, "%s", s->run.program);
	put_size(" \u00b7 ", s->nr_guests, "guest", out);
	put_size(", ", s->nr_vcpus, "vCPU", out);
	put_size(" on ", series_nr_pcpus(s), "pCPU", out);
	if (*s->run.facts.name)
		html(out, " of %s", s->run.facts.name);
	put_size(" \u00b7 ", s->nr_ticks, "tick", out);
	html(out, " in %.1f s", series_seconds(s));
	if (gmtime_r(&started, &tm) && strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", &tm))
		html(out, " \u00b7 <span class=\"when\">%s</span>", when);
	html(out, "</p>\n");
}

static void put_file(const struct report *r, FILE *out)
{
	html(out, "<p class=\"about file\">%s", r->in.trace);
	if (r->beside.series)
		html(out, ", runs %lld and %lld of %zu, of the same time",
		     (long long)r->chosen.series->run.run, (long long)r->beside.series->run.run,
		     r->in.nr_runs);
	else if (r->in.nr_runs > 1)
		html(out, ", run %lld of %zu", (long long)r->chosen.series->run.run, r->in.nr_runs);
	html(out, "</p>\n");
}

/* What the recorder counted, worst first, and what could not be read: it says how far all the rest may be trusted. */
static void put_warnings(const struct series *s, FILE *out)
{
	static const char *const order[][2] = {
	        {"data_loss", "Data was lost"}, {"warning", "Warning"}, {"info", "Note"}};
	size_t i, n;

	if (*s->note)
		html(out, "<p class=\"callout data_loss\"><strong>Not whole:</strong> %s</p>\n",
		     s->note);
	for (n = 0; n < sizeof(order) / sizeof(order[0]); n++)
		for (i = 0; i < s->nr_stats; i++)
			if (!strcmp(s->stats[i].severity, order[n][0]))
				html(out,
				     "<p class=\"callout %s\"><strong>%s:</strong> %s %lld</p>\n",
				     order[n][0], order[n][1], s->stats[i].name,
				     (long long)s->stats[i].value);
}

/* The numbers one asks for first: of a metric, and beside it of another one. */
static const struct figure {
	const char *metric, *title;
	const char *other, *beside,
	        *after; /* another metric, and the words around it; NULL: its worst value */
	bool whole;     /* the worst of the whole run counts, settled or not */
} cpu_figures[] =
        {
                {"cpu.sd_pp", "Spread over pCPUs", NULL, NULL},
                {"cpu.settle_s", "Settled after", "cpu.class", "class", ""},
                {"cpu.pin_changes", "Pin changes", "cpu.moves_needed", "needed", ""},
                {"cpu.regret", "Regret", NULL, NULL},
                {"cpu.steal_pct", "Steal", NULL, NULL},
                {"self.cpu_ms_per_tick", "Cost a tick", NULL, NULL},
},
  memory_figures[] = {
          {"mem.guest_usable_min", "Usable of guests", NULL, NULL, NULL, true},
          {"mem.host_available_min", "Host available", NULL, NULL, NULL, true},
          {"mem.in_band_pct", "In the band", "mem.deficit_mib_s", "missing", " MiB s in all"},
          {"mem.largest_cut", "Largest cut", "mem.travel", "moved", " MiB in all"},
          {"mem.calls", "Orders", "mem.direction_changes", "changes of direction", ""},
          {"self.cpu_ms_per_tick", "Cost a tick", NULL, NULL},
};
_Static_assert(sizeof(cpu_figures) == sizeof(memory_figures), "the page has room for so many");

static const struct numbers *numbers_of(const struct report *r, const char *id)
{
	return &r->numbers[metric_find(id) - metrics];
}

/* As metric_value(), but a dash for what is not known is as long as in the tables. */
static const char *value_of(const struct metric *m, double value, char text[VALUE_TEXT])
{
	return isnan(value) ? "\u2013" : metric_value(m, value, text);
}

static void put_figure(const struct report *r, const struct figure *f, FILE *out)
{
	const struct numbers *n = numbers_of(r, f->metric);
	const struct metric *m = n->metric;
	bool settled = n->settled.nr && m->dimension != PER_RUN && !f->whole;
	const struct summary *s = settled ? &n->settled : &n->all;
	char value[VALUE_TEXT];

	html(out, "<div><dt>%s</dt><dd><b>%s</b>", f->title,
	     value_of(m, m->dimension == PER_RUN ? s->worst : s->mean, value));
	if (s->nr && *m->unit && !isinf(s->worst))
		html(out, " <span class=\"unit\">%s</span>", m->unit);
	html(out, "<small>");
	if (f->other) {
		n = numbers_of(r, f->other);
		html(out, "%s %s%s%s", f->beside, n->all.bounds ? "at most " : "",
		     value_of(n->metric, n->all.worst, value), f->after);
	} else if (s->nr) {
		html(out, "worst %s, %s", value_of(m, s->worst, value),
		     settled ? "since it settled" : "whole run");
	} else {
		html(out, "not known");
	}
	html(out, "</small></dd></div>\n");
}

/* Those of one run; what its recorder cost is known of the judged one. */
static void put_figures(const struct report *r, const struct series *s, FILE *out)
{
	const struct figure *figures = settings_moves_memory(&s->run) ? memory_figures
	                                                              : cpu_figures;
	size_t i;

	html(out, "<dl class=\"figures\">\n");
	for (i = 0; i < sizeof(cpu_figures) / sizeof(cpu_figures[0]); i++)
		if (report_series(r, metric_find(figures[i].metric)) == s)
			put_figure(r, &figures[i], out);
	html(out, "</dl>\n");
}

void html_verdict(const struct report *r, FILE *out)
{
	html(out, "<header class=\"%s\">\n<p class=\"verdict\">", html_class(r->outcome));
	put_outcome(r->outcome, out);
	html(out, "</p>\n");
	put_counts(r, out);
	put_subject(r->chosen.series, out);
	if (r->beside.series)
		put_subject(r->beside.series, out);
	put_file(r, out);
	html(out, "</header>\n");
	put_warnings(r->chosen.series, out);
	if (r->beside.series)
		put_warnings(r->beside.series, out);
	put_figures(r, r->chosen.series, out);
	if (r->beside.series)
		put_figures(r, r->beside.series, out);
}

/* What was found, in a cell: the value, then where it was worst and how many samples hold, then why. */
static void put_found(const struct report *r, const struct judgement *j, FILE *out)
{
	const struct metric *m = j->criterion->metric;
	char value[VERDICT_TEXT], subject[SUBJECT_TEXT];

	html(out, "<td>");
	if (*verdict_value(j, value))
		html(out, "<b>%s</b>", value);
	else
		html(out, "<b>\u2013</b>");
	if (m->dimension != PER_RUN && !isnan(j->value)) {
		html(out, " at %.1f s", j->worst_s);
		if (*metric_subject(m, report_series(r, m), j->subject, subject))
			html(out, " (%s)", subject);
		html(out, "<br>%zu of %zu samples hold", j->held, j->judged);
		if (j->lost)
			html(out, ", %zu not known", j->lost);
	}
	if (*j->why)
		html(out, "<br><span class=\"why\">%s</span>", j->why);
	html(out, "</td>");
}

void html_criteria(const struct report *r, FILE *out)
{
	char text[VERDICT_TEXT];
	size_t i;

	html(out, "<section>\n<h2>Criteria</h2>\n<div class=\"scroll\"><table class=\"criteria\">\n"
	          "<thead><tr><th>Verdict</th><th>Criterion</th><th>What must hold</th>"
	          "<th>What was found</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < r->in.criteria->nr; i++) {
		const struct judgement *j = &r->judgements[i];

		html(out, "<tr><td>");
		put_outcome(j->outcome, out);
		html(out, "</td><th scope=\"row\">%s</th><td><code>%s</code> %s",
		     j->criterion->name, j->criterion->metric->id, verdict_limit(j, text));
		if (*verdict_window(j, text))
			html(out, "<br>%s", text);
		html(out, "</td>");
		put_found(r, j, out);
		html(out, "</tr>\n");
	}
	html(out, "</tbody>\n</table></div>\n<p class=\"note\">Judged by %s.</p>\n</section>\n",
	     strcmp(r->in.criteria_name, "built in") ? r->in.criteria_name : "the set built in");
}
