/* format - the formats of a report: which were asked for, and writing each to its place */
#include "analyze/format.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/output.h"
#include "analyze/report_csv.h"

typedef int (*report_writer)(const struct report *r, FILE *out, struct error *e);

static int write_text(const struct report *r, FILE *out, struct error *e)
{
	report_text(r, out, isatty(fileno(out)) && !getenv("NO_COLOR"));
	return 0;
}

/* A format on its way: who writes it and where to. path NULL: it was not asked for. */
struct job {
	const char *option;
	report_writer write;
	const char *path;
};

enum {
	TEXT,
	JSON,
	CSV,
	TAP,
	JUNIT,
	HTML,
	JOBS
};

/* What there is to do; the view of CSV has been checked, or is reported by formats_check(). */
static void list_jobs(const struct formats *f, struct job jobs[JOBS])
{
	const struct csv_view *view = f->csv ? csv_view_find(f->csv) : NULL;
	const struct job all[JOBS] = {
	        [TEXT] = {"text", write_text, NULL},
	        [JSON] = {"--json", report_json, f->json ? "-" : NULL},
	        [CSV] = {"--csv", view ? view->write : NULL, f->csv ? "-" : NULL},
	        [TAP] = {"--tap", report_tap, f->tap ? "-" : NULL},
	        [JUNIT] = {"--junit", report_junit, f->junit},
	        [HTML] = {"--html", report_html, f->html},
	};
	bool spoken = false;
	size_t i;

	memcpy(jobs, all, sizeof(all));
	for (i = 0; i < JOBS; i++)
		spoken |= jobs[i].path && output_is_stream(jobs[i].path);
	if (!spoken)
		jobs[TEXT].path = "-";
}

static int no_view(const char *name, struct error *e)
{
	char names[160] = "";
	size_t i, used = 0;

	for (i = 0; i < nr_csv_views && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
		                         csv_views[i].name);
	return fail(e, EINVAL, "--csv %.40s: there are %s", name, names);
}

int formats_check(const struct formats *f, const char *trace, const char *criteria, struct error *e)
{
	struct job jobs[JOBS];
	size_t i, n;
	int r = 0;

	list_jobs(f, jobs);
	if (f->csv && !jobs[CSV].write)
		return no_view(f->csv, e);
	for (i = 0; i < JOBS && r == 0; i++) {
		if (!jobs[i].path)
			continue;
		for (n = 0; n < i; n++)
			if (jobs[n].path && !strcmp(jobs[n].path, jobs[i].path))
				return fail(e, EINVAL, "%s and %s: both to %s", jobs[n].option,
				            jobs[i].option,
				            output_is_stream(jobs[i].path) ? "standard output"
				                                           : jobs[i].path);
		r = output_check(jobs[i].path, trace, e);
		if (r == 0)
			r = output_check(jobs[i].path, criteria, e);
	}
	return r;
}

static int write_job(const struct job *job, const struct report *r, struct error *e)
{
	struct output o;
	int got = output_begin(&o, job->path, e);

	if (got == 0)
		got = job->write(r, o.out, e);
	if (got == 0)
		got = spool_check(e);
	if (got == 0)
		got = output_commit(&o, e);
	else
		output_abandon(&o);
	return got;
}

int formats_write(const struct formats *f, const struct report *r, struct error *e)
{
	struct job jobs[JOBS];
	size_t i;
	int got = 0;

	list_jobs(f, jobs);
	for (i = 0; i < JOBS && got == 0; i++)
		if (jobs[i].path)
			got = write_job(&jobs[i], r, e);
	return got;
}
