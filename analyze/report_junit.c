/* report_junit - a report as JUnit XML, as CI servers read it; README.md describes it */
#include <libxml/xmlwriter.h>
#include <math.h>
#include <time.h>

#include "analyze/escape.h"
#include "analyze/report.h"
#include "analyze/verdict_text.h"

/* The document being written; a failure (out of memory is the only one) stays until the end. */
struct xml {
	xmlTextWriterPtr writer;
	bool bad;
};

static void begin(struct xml *x, const char *element)
{
	x->bad |= xmlTextWriterStartElement(x->writer, BAD_CAST element) < 0;
}

static void end(struct xml *x)
{
	x->bad |= xmlTextWriterEndElement(x->writer) < 0;
}

/*
 * Control characters are not allowed in XML, not even as references, and what is not UTF-8 would end the document: so
 * all text is first made harmless as for a terminal. The writer escapes what is markup.
 */
static void attribute(struct xml *x, const char *name, const char *text)
{
	char plain[ESCAPE_ROOM(1024)];

	escape_terminal(text, plain, sizeof(plain));
	x->bad |= xmlTextWriterWriteAttribute(x->writer, BAD_CAST name, BAD_CAST plain) < 0;
}

static void count(struct xml *x, const char *name, size_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", value);
	attribute(x, name, text);
}

static void words(struct xml *x, const char *text)
{
	char plain[ESCAPE_ROOM(1024)];

	escape_terminal(text, plain, sizeof(plain));
	x->bad |= xmlTextWriterWriteString(x->writer, BAD_CAST plain) < 0;
}

static void property(struct xml *x, const char *name, const char *value)
{
	if (!*value)
		return;
	begin(x, "property");
	attribute(x, "name", name);
	attribute(x, "value", value);
	end(x);
}

/* What a run was; of the one beside the judged one each name says so. */
static void put_run(struct xml *x, const struct series *s, const char *before)
{
	const struct trace_run_row *run = &s->run;
	const struct {
		const char *name, *value;
	} facts[] = {{"version", run->version},
	             {"arguments", run->arguments},
	             {"settings", run->settings},
	             {"label", run->label},
	             {"not whole", s->note}};
	char name[sizeof(s->stats->severity) + sizeof(s->stats->name) + 16], value[24];
	size_t i;

	for (i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", before, facts[i].name);
		property(x, name, facts[i].value);
	}
	for (i = 0; i < s->nr_stats; i++) {
		snprintf(name, sizeof(name), "%s%s: %s", before, s->stats[i].severity,
		         s->stats[i].name);
		snprintf(value, sizeof(value), "%lld", (long long)s->stats[i].value);
		property(x, name, value);
	}
}

static void put_properties(struct xml *x, const struct report *r)
{
	begin(x, "properties");
	property(x, "trace", r->in.trace);
	property(x, "criteria", r->in.criteria_name);
	put_run(x, r->chosen.series, "");
	if (r->beside.series) {
		property(x, "beside: program", r->beside.series->run.program);
		put_run(x, r->beside.series, "beside: ");
	}
	end(x);
}

/* The numbers behind a verdict that is not PASS, for the body of its element. */
static void put_details(struct xml *x, const struct report *r, const struct judgement *j)
{
	const struct metric *m = j->criterion->metric;
	char text[VERDICT_TEXT], subject[SUBJECT_TEXT], line[VERDICT_TEXT + SUBJECT_TEXT];

	snprintf(line, sizeof(line), "%s %s", m->id, verdict_limit(j, text));
	words(x, line);
	if (*verdict_window(j, text)) {
		words(x, ", ");
		words(x, text);
	}
	if (*verdict_value(j, text)) {
		words(x, "; ");
		words(x, m->dimension == PER_RUN ? "it is " : "worst ");
		words(x, text);
	}
	if (isfinite(j->worst_s)) {
		snprintf(line, sizeof(line), " at %.1f s", j->worst_s);
		words(x, line);
	}
	if (*metric_subject(m, report_series(r, m), j->subject, subject)) {
		words(x, ", ");
		words(x, subject);
	}
	snprintf(line, sizeof(line), "; %zu of %zu samples hold, %zu lost", j->held, j->judged,
	         j->lost);
	words(x, line);
}

static void put_test(struct xml *x, const struct report *r, const struct judgement *j)
{
	/* An undecided criterion must not look green, as a skipped test does: the test could not be carried out. */
	static const char *const element[] = {[OUTCOME_PASS] = NULL,
	                                      [OUTCOME_FAIL] = "failure",
	                                      [OUTCOME_UNDECIDED] = "error",
	                                      [OUTCOME_SKIP] = "skipped"};

	begin(x, "testcase");
	attribute(x, "name", j->criterion->name);
	attribute(x, "classname", report_series(r, j->criterion->metric)->run.program);
	attribute(x, "time", "0");
	if (element[j->outcome]) {
		begin(x, element[j->outcome]);
		attribute(x, "message", j->why);
		if (j->outcome != OUTCOME_SKIP) {
			attribute(x, "type", j->criterion->metric->id);
			put_details(x, r, j);
		}
		end(x);
	}
	end(x);
}

/* When the run began, in UTC, in the form that the schema asks for: without a zone. */
static void put_timestamp(struct xml *x, const struct trace_run_row *run)
{
	time_t s = (time_t)(run->start_wall_ns / 1000000000);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&s, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		attribute(x, "timestamp", text);
}

static void put_suite(struct xml *x, const struct report *r)
{
	const struct series *s = r->chosen.series;
	const struct trace_run_row *run = &s->run;
	size_t seen[OUTCOMES] = {0}, i;
	char text[128];

	for (i = 0; i < r->in.criteria->nr; i++)
		seen[r->judgements[i].outcome]++;
	begin(x, "testsuite");
	snprintf(text, sizeof(text), "%s, run %lld", run->program, (long long)run->run);
	attribute(x, "name", text);
	count(x, "tests", r->in.criteria->nr);
	count(x, "failures", seen[OUTCOME_FAIL]);
	count(x, "errors", seen[OUTCOME_UNDECIDED]);
	count(x, "skipped", seen[OUTCOME_SKIP]);
	snprintf(text, sizeof(text), "%.3f", series_seconds(s));
	attribute(x, "time", text);
	put_timestamp(x, run);
	if (*run->facts.name)
		attribute(x, "hostname", run->facts.name);
	put_properties(x, r);
	for (i = 0; i < r->in.criteria->nr; i++)
		put_test(x, r, &r->judgements[i]);
	end(x);
}

int report_junit(const struct report *r, FILE *out, struct error *e)
{
	xmlBufferPtr text = xmlBufferCreate();
	struct xml x = {.writer = text ? xmlNewTextWriterMemory(text, 0) : NULL};

	x.bad = !x.writer;
	if (!x.bad) {
		xmlTextWriterSetIndent(x.writer, 1);
		x.bad = xmlTextWriterStartDocument(x.writer, NULL, "UTF-8", NULL) < 0;
		begin(&x, "testsuites");
		put_suite(&x, r);
		end(&x);
		x.bad |= xmlTextWriterEndDocument(x.writer) < 0;
		xmlFreeTextWriter(x.writer);
	}
	if (!x.bad)
		fwrite(xmlBufferContent(text), 1, (size_t)xmlBufferLength(text), out);
	xmlBufferFree(text);
	return x.bad ? fail(e, ENOMEM, "out of memory") : 0;
}
