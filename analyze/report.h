/* report - what is to be said about a run: verdicts and numbers, and each format that says it */
#ifndef VMB_ANALYZE_REPORT_H
#define VMB_ANALYZE_REPORT_H

#include <stdio.h>

#include "analyze/joined.h"
#include "analyze/judge.h"

/* A metric over the whole run, and since the run settled; of one about guests, for each guest too. */
struct numbers {
	const struct metric *metric;
	struct summary all, settled;
	struct summary
	        *guests; /* as guests of report_series(); NULL where it is not about guests */
};

/* What report_make() takes; all borrowed, for as long as the report lives. */
struct report_input {
	struct trace_reader
	        *reader;   /* for the formats that tell of every tick; else it may be NULL */
	const char *trace; /* its path, for the person */
	const struct joined *joined;      /* the run, and the one beside it where there is one */
	const struct trace_run_row *runs; /* all of the trace */
	size_t nr_runs;
	const struct criteria *criteria;
	const char *criteria_name; /* "built in" or a path */
};

/* A run of a report, and when it settled. */
struct report_run {
	const struct series *series; /* NULL: there is none beside the chosen one */
	struct settling settling;
};

struct report {
	struct report_input in;
	struct report_run chosen, beside;
	struct judgement *judgements; /* as criteria.rows */
	struct numbers *numbers;      /* as metrics[] */
	struct summary *guests;       /* what numbers[].guests point into */
	enum outcome outcome;
};

/* Judge and measure. Returns 0, -ENOMEM, or an error of spool_check(); report_done() is needed in both cases. */
int report_make(struct report *r, const struct report_input *in, struct error *e);
void report_done(struct report *r);

/* The run that a metric was measured in, and judged. */
const struct series *report_series(const struct report *r, const struct metric *m);

/* The runs that tell of the pCPUs and of memory: two, or twice the same one. */
const struct report_run *report_cpu(const struct report *r);
const struct report_run *report_mem(const struct report *r);

/* For people, at most 80 columns wide: the verdict first. With colour only where `colour` is true. */
void report_text(const struct report *r, FILE *out, bool colour);

/* A part of it: what became of the memory, where the run tells of it. */
void report_memory(const struct report *r, FILE *out);

/* The last part of it: the numbers in columns. Metrics that are neither better high nor low are left out. */
void report_table(const struct report *r, FILE *out);

/*
 * For programs and for browsers; README.md describes each. They return 0, -ENOMEM, or an error of the reader; whether
 * all could be written is for the stream's owner to see.
 */
int report_json(const struct report *r, FILE *out, struct error *e);
int report_tap(const struct report *r, FILE *out, struct error *e);
int report_junit(const struct report *r, FILE *out, struct error *e);
int report_html(const struct report *r, FILE *out, struct error *e);

/* The exit status that goes with an outcome: 0 pass, 1 fail, 4 undecided. */
int report_exit(enum outcome outcome);

#endif
