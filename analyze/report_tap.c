/* report_tap - a report in the Test Anything Protocol, version 14; README.md describes it */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/escape.h"
#include "analyze/line.h"
#include "analyze/report.h"
#include "analyze/verdict_text.h"

/* In a description # begins a directive and \ escapes both; it is one line already. */
static void put_words(const char *text, FILE *out)
{
	char plain[ESCAPE_ROOM(WHY_TEXT)];
	const char *at;

	escape_terminal(text, plain, sizeof(plain));
	for (at = plain; *at; at++) {
		if (*at == '#' || *at == '\\')
			fputc('\\', out);
		fputc(*at, out);
	}
}

/* YAML takes a JSON string for what it is; in ASCII no character of it can do harm. */
static bool yaml_text(const char *key, const char *text, FILE *out)
{
	char plain[ESCAPE_ROOM(1024)];
	json_t *string = json_string(escape_utf8(text, plain, sizeof(plain)));
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
	bool good = quoted;

	fprintf(out, "  %s: %s\n", key, good ? quoted : "null");
	free(quoted);
	json_decref(string);
	return good;
}

static void yaml_number(const char *key, double value, FILE *out)
{
	if (isfinite(value))
		fprintf(out, "  %s: %.7g\n", key, value);
	else
		fprintf(out, "  %s: null\n", key);
}

static bool put_details(const struct report *r, const struct judgement *j, FILE *out)
{
	const struct metric *m = j->criterion->metric;
	char text[VERDICT_TEXT], subject[SUBJECT_TEXT], value[VALUE_TEXT];
	bool good;

	fputs("  ---\n", out);
	good = yaml_text("outcome", outcome_name[j->outcome], out);
	good = yaml_text("metric", m->id, out) && good;
	good = yaml_text("unit", m->unit, out) && good;
	if (m->words && !isnan(j->value))
		good = yaml_text("value", metric_value(m, j->value, value), out) && good;
	else
		yaml_number("value", j->value, out);
	good = yaml_text("limit", verdict_limit(j, text), out) && good;
	good = yaml_text("window", verdict_window(j, text), out) && good;
	yaml_number("worst_s", j->worst_s, out);
	metric_subject(m, report_series(r, m), j->subject, subject);
	good = yaml_text("worst_subject", subject, out) && good;
	fprintf(out, "  samples: %zu\n  held: %zu\n  lost: %zu\n", j->judged, j->held, j->lost);
	good = yaml_text("why", j->why, out) && good;
	fputs("  ...\n", out);
	return good;
}

static bool put_test(const struct report *r, size_t i, FILE *out)
{
	static const struct {
		const char *status, *directive;
	} as[] = {
	        [OUTCOME_PASS] = {"ok", NULL},
	        [OUTCOME_FAIL] = {"not ok", NULL},
	        [OUTCOME_UNDECIDED] = {"not ok", "TODO undecided: "},
	        [OUTCOME_SKIP] = {"ok", "SKIP "},
	};
	const struct judgement *j = &r->judgements[i];
	char text[VERDICT_TEXT];

	fprintf(out, "%s %zu - ", as[j->outcome].status, i + 1);
	put_words(j->criterion->name, out);
	fprintf(out, ": %s ", j->criterion->metric->id);
	put_words(verdict_limit(j, text), out);
	if (as[j->outcome].directive) {
		fprintf(out, " # %s", as[j->outcome].directive);
		put_words(j->why, out);
	}
	fputc('\n', out);
	return put_details(r, j, out);
}

/* What was recorded, and what the recorder counted. */
static void put_run(const struct series *s, FILE *out)
{
	char text[LINE_PLAIN];
	size_t i;

	fprintf(out, "run %lld: %s\n", (long long)s->run.run, line_plain(s->run.arguments, text));
	for (i = 0; i < s->nr_stats; i++) {
		fprintf(out, "# %s: ", line_plain(s->stats[i].severity, text));
		fprintf(out, "%s %lld\n", line_plain(s->stats[i].name, text),
		        (long long)s->stats[i].value);
	}
	if (*s->note)
		fprintf(out, "# not whole: %s\n", line_plain(s->note, text));
}

int report_tap(const struct report *r, FILE *out, struct error *e)
{
	char text[LINE_PLAIN];
	size_t i;

	fprintf(out, "TAP version 14\n1..%zu\n", r->in.criteria->nr);
	fprintf(out, "# %s: %s, ", outcome_name[r->outcome], line_plain(r->in.trace, text));
	put_run(r->chosen.series, out);
	if (r->beside.series) {
		fputs("# beside it ", out);
		put_run(r->beside.series, out);
	}
	for (i = 0; i < r->in.criteria->nr; i++)
		if (!put_test(r, i, out))
			return fail(e, ENOMEM, "out of memory");
	return 0;
}
