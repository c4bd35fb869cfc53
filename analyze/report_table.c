/* report_table - the numbers of a report in columns, for people */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/line.h"
#include "analyze/report.h"
#include "common/text.h"

#define GUESTS 3 /* those that have most of something */

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

/* Those with the most first; where more is better, those that once had least. */
static int by_need(const void *a, const void *b, void *with)
{
	const struct numbers *n = with;
	const struct summary *x = &n->guests[*(const size_t *)a],
	                     *y = &n->guests[*(const size_t *)b];

	if (n->metric->better == BETTER_HIGH)
		return (x->min > y->min) - (x->min < y->min);
	return (x->mean < y->mean) - (x->mean > y->mean);
}

/* The guests that are worst off, where any has some of it. */
static void print_guests(const struct report *r, const struct numbers *n, FILE *out)
{
	const struct series *s = report_series(r, n->metric);
	size_t nr = s->nr_guests, known = 0, i, *order;
	char text[LINE_NAME];

	order = calloc(nr + 1, sizeof(*order));
	if (!order)
		return;
	for (i = 0; i < nr; i++)
		if (n->guests[i].mean >= 0.05 && !s->guests[i].left_out)
			order[known++] = i;
	qsort_r(order, known, sizeof(*order), by_need, (void *)n);
	for (i = 0; i < known && i < GUESTS; i++) {
		line_name(s->guests[order[i]].name, 22, text);
		fprintf(out, "  %s%*s", text, 24 - line_width(text, strlen(text)), "");
		print_summary(out, n->metric, &n->guests[order[i]]);
		fputc('\n', out);
	}
	if (known > GUESTS)
		fprintf(out, "  and %zu more guest%s\n", known - GUESTS, plural(known - GUESTS));
	free(order);
}

/* Of one number for each guest that of the worst is told, and whose it is. */
static void print_whose(const struct report *r, const struct numbers *n, FILE *out)
{
	char text[LINE_NAME];

	if (n->metric->subject != SUBJECT_GUEST || n->all.worst_subject < 0 || !n->all.worst)
		return;
	line_name(report_series(r, n->metric)->guests[n->all.worst_subject].name, 22, text);
	fprintf(out, "  %s%s", n->metric->needs & IS_SUM ? "most: " : "", text);
}

static void print_row(const struct report *r, const struct numbers *n, bool settled, FILE *out)
{
	const struct metric *m = n->metric;

	fprintf(out, "%s%*s", m->id, 26 - (int)strlen(m->id), m->unit);
	if (m->dimension == PER_RUN) {
		print_value(out, m, n->all.worst);
		if (settled && n->settled.nr)
			fprintf(out, "%18s", ""), print_value(out, m, n->settled.worst);
		print_whose(r, n, out);
	} else {
		print_summary(out, m, &n->all);
		if (settled)
			print_summary(out, m, &n->settled);
	}
	fputc('\n', out);
	if (n->guests && m->dimension != PER_RUN)
		print_guests(r, n, out);
}

/* Of two runs: which one tells of the numbers that follow. */
static void print_source(const struct report *r, const struct series *s, FILE *out)
{
	char text[LINE_NAME];

	if (r->beside.series)
		fprintf(out, "run %lld: %s\n", (long long)s->run.run,
		        line_name(s->run.program, 40, text));
}

void report_table(const struct report *r, FILE *out)
{
	static const char head[] = "     mean     95 %    worst";
	const struct series *s, *before = NULL;
	bool settled = false;
	size_t i;

	for (i = 0; i < nr_metrics; i++)
		settled |= r->numbers[i].settled.nr > 0;
	fprintf(out, "%40s%s\n", "whole run", settled ? "                  since it settled" : "");
	fprintf(out, "%26s%s%s\n", "", head, settled ? head : "");
	/* What is neither better high nor low is told in sentences. */
	for (i = 0; i < nr_metrics; i++) {
		if (!r->numbers[i].all.nr || metrics[i].better == BETTER_NONE)
			continue;
		s = report_series(r, &metrics[i]);
		if (s != before)
			print_source(r, s, out);
		print_row(r, &r->numbers[i], settled, out);
		before = s;
	}
}
