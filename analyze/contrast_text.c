/* contrast_text - two groups of runs held against each other, for people */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/contrast.h"
#include "analyze/line.h"
#include "analyze/setup.h"
#include "analyze/welch.h"
#include "common/text.h"

#define NAME     18 /* columns of what differs, and of each value where both have room */
#define VALUE    40
#define VALUE_IN 80 /* of a value that has a line for itself */
#define TRACES   4  /* that are named of a group */
#define METRIC   26 /* columns of a metric's id with its unit */
#define NUMBER   8  /* columns of a metric's A and B */
#define WORD     11 /* where they are words: "oscillates" */
#define BY       9  /* columns of B - A */

static void print_group(const struct contrast_group *g, const char *name, FILE *out)
{
	char path[LINE_NAME], program[LINE_NAME];
	struct line l = line_begin(out, name);
	size_t i;

	line_sayf(&l, "%zu run%s:", g->nr, plural(g->nr));
	for (i = 0; i < g->nr && i < TRACES; i++)
		line_sayf(&l, "%s run %lld (%s)%s", line_name(g->runs[i].path, 60, path),
		          (long long)g->runs[i].run.run,
		          line_name(g->runs[i].run.program, 20, program), i + 1 < g->nr ? "," : "");
	if (g->nr > TRACES)
		line_sayf(&l, "and %zu more", g->nr - TRACES);
	line_end(&l);
}

/* What of a run makes its numbers less than they seem. */
static void print_trouble(const struct contrast_group *g, FILE *out)
{
	char path[LINE_NAME];
	struct line l;
	size_t i;

	for (i = 0; i < g->nr; i++) {
		const struct measured *m = &g->runs[i];

		if (m->run.end_mono_ns != UNKNOWN && !m->not_whole)
			continue;
		l = line_begin(out, "not whole");
		line_sayf(&l, "%s: %zu ticks -", line_name(m->path, 60, path), m->ticks);
		line_say(&l, m->not_whole
		                     ? "some of the trace could not be read"
		                     : "not closed: killed, still at work, or its disk was full");
		line_end(&l);
	}
}

static void print_padded(FILE *out, const char *text, int columns)
{
	fprintf(out, "%s%*s", text, columns - line_width(text, strlen(text)), "");
}

static void print_setup_row(const struct setup_row *r, FILE *out)
{
	char name[LINE_NAME], a[LINE_NAME], b[LINE_NAME];

	line_name(r->name, NAME, name);
	line_name(r->text[0], VALUE_IN, a);
	line_name(r->text[1], VALUE_IN, b);
	print_padded(out, name, NAME + 1);
	if (line_width(a, strlen(a)) <= VALUE && line_width(b, strlen(b)) <= VALUE) {
		print_padded(out, a, VALUE + 1);
		fprintf(out, "%s\n", b);
	} else {
		fprintf(out, "%s\n%*s%s\n", a, NAME + 1, "", b);
	}
}

static void print_setup(const struct contrast *c, FILE *out)
{
	struct setup_row *rows = NULL;
	size_t nr, i;

	if (setup_differences(c, &rows, &nr) < 0) {
		fputs("out of memory: what differs cannot be told\n", out);
		return;
	}
	if (!nr)
		fputs("The runs were set up alike.\n", out);
	else
		fprintf(out, "%-*s%-*sB\n", NAME + 1, "set up apart", VALUE + 1, "A");
	for (i = 0; i < nr; i++)
		print_setup_row(&rows[i], out);
	free(rows);
}

/* A mean of counts is no whole number. */
static int decimals(const struct contrast_row *r)
{
	return r->metric->decimals +
	       (r->metric->dimension == PER_RUN && (r->runs_a > 1 || r->runs_b > 1));
}

static void print_value(FILE *out, const struct contrast_row *r, double value, int columns)
{
	struct metric shown = *r->metric;
	char text[VALUE_TEXT];

	shown.decimals = decimals(r);
	if (shown.words && isnan(value))
		fprintf(out, "%*s", columns, "mixed");
	else
		fprintf(out, "%*s", columns, metric_value(&shown, value, text));
}

static void print_interval(FILE *out, const struct contrast_row *r)
{
	char text[64] = "";

	if (!isnan(r->low))
		snprintf(text, sizeof(text), "%.*f .. %.*f", decimals(r), r->low, decimals(r),
		         r->high);
	fprintf(out, "%17s", text);
}

static void print_conclusion(FILE *out, const struct contrast_row *r)
{
	bool lower = r->conclusion == CONCLUDE_LOWER;
	enum better better = r->metric->better;

	switch (r->conclusion) {
	case CONCLUDE_LOWER:
	case CONCLUDE_HIGHER:
		fprintf(out, "B %s", lower ? "lower" : "higher");
		if (better != BETTER_NONE)
			fputs(lower == (better == BETTER_LOW) ? ": better" : ": worse", out);
		break;
	case CONCLUDE_FINE:
		fputs("below resolution", out);
		break;
	case CONCLUDE_NONE:
		fputs("no difference shown", out);
		break;
	case CONCLUDE_FEW_RUNS:
		fprintf(out, "too few runs: %zu more each", r->fewest_more);
		break;
	case CONCLUDE_FEW_SAMPLES:
		fputs("too few effective samples", out);
		break;
	case CONCLUDE_BOUNDS:
		fputs("some are upper bounds", out);
		break;
	case CONCLUDE_WORDS:
		fputs("words: not tested", out);
		break;
	case CONCLUSIONS:
		break;
	}
}

/* Words are longer than numbers: they take the room of the unit and of a part of B - A, which they have not. */
static void print_values(const struct contrast_row *r, FILE *out)
{
	const struct metric *m = r->metric;
	int left = METRIC - (int)strlen(m->id);

	fputs(m->id, out);
	if (m->words) {
		print_value(out, r, r->a, left + NUMBER);
		print_value(out, r, r->b, WORD);
		fprintf(out, "%*s", NUMBER + BY - WORD, "");
		return;
	}
	fprintf(out, "%*s", left, m->unit);
	print_value(out, r, r->a, NUMBER);
	print_value(out, r, r->b, NUMBER);
	if (isnan(r->by))
		fprintf(out, "%*s", BY, "");
	else
		fprintf(out, "%+*.*f", BY, decimals(r), r->by);
}

static void print_row(const struct contrast_row *r, FILE *out)
{
	char more[24] = "";

	if (r->conclusion == CONCLUDE_NONE && r->more != SIZE_MAX && r->more)
		snprintf(more, sizeof(more), r->more < 1000 ? "+%zu" : ">999", r->more);
	print_values(r, out);
	print_interval(out, r);
	fprintf(out, "%5s  ", more);
	print_conclusion(out, r);
	fputc('\n', out);
}

static void print_method(const struct contrast *c, FILE *out)
{
	struct line l = line_begin(out, "claims");

	if (!c->nr_tested) {
		line_sayf(&l, "None of %zu metrics could be tested.", c->nr_rows);
		line_end(&l);
		return;
	}
	line_sayf(&l,
	          "%zu of %zu metrics were tested, and of all claims together one is wrong with a "
	          "chance of 5 %% at most where nothing differs",
	          c->nr_tested, c->nr_rows);
	if (c->within)
		line_sayf(&l, "(samples count as n / tau, at least %d; Holm).", WELCH_EFFECTIVE);
	else
		line_sayf(&l, "(whole runs permuted, %zu arrangements, %s; max T).",
		          c->arrangements, c->all_arrangements ? "all" : "drawn at random");
	line_say(&l, "An interval is of its metric alone.");
	line_end(&l);
}

static void print_limits(const struct contrast *c, FILE *out)
{
	struct line l = line_begin(out, c->within ? "one each" : "more");

	if (c->within)
		line_say(&l, "What is shown is true of these two runs. Whether it is so whenever "
		             "one runs the two, only runs can tell: 4 each or more.");
	else
		line_say(&l, "So many more runs on each side, and a difference as large as the one "
		             "seen, if it is true, is shown with a chance of 80 % (of its metric "
		             "alone).");
	line_end(&l);
}

static void print_ranked(const struct contrast *c, FILE *out)
{
	struct line l;
	size_t i;

	for (i = 0; i < c->nr_rows; i++) {
		if (!c->rows[i].by_ranks)
			continue;
		l = line_begin(out, "by rank");
		line_sayf(&l, "%s: some runs never got there; A and B are medians",
		          c->rows[i].metric->id);
		line_end(&l);
	}
}

void contrast_text(const struct contrast *c, FILE *out)
{
	size_t i;

	print_group(&c->group[0], "A", out);
	print_group(&c->group[1], "B", out);
	if (c->same_run)
		fputs("A and B have a run in common.\n", out);
	print_trouble(&c->group[0], out);
	print_trouble(&c->group[1], out);
	fputc('\n', out);
	print_setup(c, out);
	fputc('\n', out);
	if (!c->nr_rows) {
		fputs("There is no metric that both know.\n", out);
		return;
	}
	fprintf(out, "%*s%*s%*s%17s%5s\n", METRIC + NUMBER, "A", NUMBER, "B", BY, "B - A",
	        "95 % interval", "more");
	for (i = 0; i < c->nr_rows; i++)
		print_row(&c->rows[i], out);
	fputc('\n', out);
	print_ranked(c, out);
	print_method(c, out);
	print_limits(c, out);
}
