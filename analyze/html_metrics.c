/* html_metrics - the numbers of a run in a table, and those of each guest */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_page.h"

static void put_value(const struct metric *m, double value, bool bound, FILE *out)
{
	char text[VALUE_TEXT];

	html(out, "<td class=\"n\">%s%s</td>", bound && isfinite(value) ? "\u2264 " : "",
	     isnan(value) ? "\u2013" : metric_value(m, value, text));
}

/* Three cells; one number a run stands in the last of them. */
static void put_summary(const struct metric *m, const struct summary *s, FILE *out)
{
	bool bound = s->bounds;

	if (m->dimension == PER_RUN) {
		html(out, "<td></td><td></td>");
	} else {
		put_value(m, s->mean, bound, out);
		put_value(m, m->better == BETTER_HIGH ? s->p05 : s->p95, bound, out);
	}
	put_value(m, s->worst, bound, out);
}

static void put_metric(const struct numbers *n, FILE *out)
{
	const struct metric *m = n->metric;

	html(out, "<tr><th scope=\"row\"><code>%s</code><small>%s</small></th><td>%s</td>", m->id,
	     m->help, *m->unit ? m->unit : "\u2013");
	put_summary(m, &n->all, out);
	put_summary(m, &n->settled, out);
	html(out, "</tr>\n");
}

static int by_mean(const void *a, const void *b, void *with)
{
	const struct summary *of = with;
	double x = of[*(const size_t *)a].mean, y = of[*(const size_t *)b].mean;

	return (x < y) - (x > y);
}

static void put_guest(const struct report *r, const struct numbers *n, size_t guest, FILE *out)
{
	const struct summary *s = &n->guests[guest];

	html(out, "<tr><th scope=\"row\">%s</th>", report_series(r, n->metric)->guests[guest].name);
	put_summary(n->metric, s, out);
	html(out, "<td class=\"n\">%.1f s</td></tr>\n", s->worst_s);
}

/* Those with the most of it first; guests of which nothing is known are left out. */
static void put_guests(const struct report *r, const struct numbers *n, FILE *out)
{
	size_t nr = report_series(r, n->metric)->nr_guests, known = 0, i;
	size_t *order = calloc(nr + 1, sizeof(*order));

	if (!order) {
		html(out,
		     "<p class=\"callout warning\">No numbers of guests: out of memory.</p>\n");
		return;
	}
	for (i = 0; i < nr; i++)
		if (n->guests[i].nr)
			order[known++] = i;
	if (known) {
		qsort_r(order, known, sizeof(*order), by_mean, n->guests);
		html(out, "<h3><code>%s</code> of each guest%s%s</h3>\n", n->metric->id,
		     *n->metric->unit ? ", in " : "", n->metric->unit);
		html_fold(out, known, "guest", "guests");
		html(out,
		     "<div class=\"scroll\"><table class=\"guests\"><thead><tr><th>Guest</th>"
		     "<th class=\"n\">mean</th><th class=\"n\">95 %%</th><th class=\"n\">worst</th>"
		     "<th class=\"n\">at</th></tr></thead>\n<tbody>\n");
		for (i = 0; i < known; i++)
			put_guest(r, n, order[i], out);
		html(out, "</tbody></table></div>\n");
		html_unfold(out, known);
	}
	free(order);
}

/* Of two runs: which one tells of the numbers that follow. */
static void put_source(const struct report *r, const struct series *s, FILE *out)
{
	if (r->beside.series)
		html(out, "<tr><th scope=\"rowgroup\" colspan=\"8\">Run %lld: %s</th></tr>\n",
		     (long long)s->run.run, s->run.program);
}

void html_metrics(const struct report *r, FILE *out)
{
	static const char three[] =
	        "<th class=\"n\">mean</th><th class=\"n\">95 %</th><th class=\"n\">worst</th>";
	const struct series *s, *before = NULL;
	size_t i;

	html(out, "<section>\n<h2>Metrics</h2>\n<div class=\"scroll\"><table class=\"metrics\">\n"
	          "<colgroup><col class=\"what\"><col></colgroup><colgroup span=\"3\"></colgroup>"
	          "<colgroup span=\"3\"></colgroup>\n<thead><tr><th rowspan=\"2\">Metric</th>"
	          "<th rowspan=\"2\">Unit</th><th colspan=\"3\" class=\"n\">whole run</th>"
	          "<th colspan=\"3\" class=\"n\">since it settled</th></tr>\n<tr>");
	fputs(three, out);
	fputs(three, out);
	html(out, "</tr></thead>\n<tbody>\n");
	for (i = 0; i < nr_metrics; i++) {
		s = report_series(r, &metrics[i]);
		if (s != before)
			put_source(r, s, out);
		put_metric(&r->numbers[i], out);
		before = s;
	}
	html(out, "</tbody></table></div>\n<p class=\"note\">95 %%: what 95 %% of the time is not "
	          "above, or not below where high is better. \u2264: known to be so much at most. "
	          "\u2013: not known, or it does not apply.</p>\n");
	for (i = 0; i < nr_metrics; i++)
		if (r->numbers[i].guests)
			put_guests(r, &r->numbers[i], out);
	html(out, "</section>\n");
}
