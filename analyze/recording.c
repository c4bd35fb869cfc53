/* recording - a trace file opened, and one of its runs read */
#include "analyze/recording.h"

#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>

/* What the file as a whole tells: its size, and the ticks of all its runs. */
static void measure_file(struct recording *r, const char *path)
{
	struct stat file;
	size_t i;

	r->series.file_bytes = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
	for (i = 0; i < r->nr_runs; i++)
		r->series.file_ticks += r->runs[i].ticks;
}

/* What was asked for by time and name is there. */
static int check_part(struct series *s, const char *path, const struct selection *selection,
                      struct error *e)
{
	bool part = selection->from_s > 0 || isfinite(selection->to_s);

	if (part && !s->nr_ticks && !isfinite(selection->to_s))
		return fail(e, ENOENT, "%s: run %lld has no tick from %g s on", path,
		            (long long)s->run.run, selection->from_s);
	if (part && !s->nr_ticks)
		return fail(e, ENOENT, "%s: run %lld has no tick from %g s to %g s", path,
		            (long long)s->run.run, selection->from_s, selection->to_s);
	if (selection->guests && !select_guests(s, selection->guests))
		return fail(e, ENOENT, "%s: run %lld has no guest %s", path, (long long)s->run.run,
		            selection->guests);
	return 0;
}

int recording_open(struct recording *r, const char *path, const struct selection *selection,
                   bool *not_there, struct error *e)
{
	const struct trace_run_row *run;
	struct error why;
	int got;

	*r = (struct recording){0};
	*not_there = false;
	got = trace_reader_open(path, &r->reader, e);
	if (got == 0)
		got = trace_read_runs(r->reader, &r->runs, &r->nr_runs, e);
	if (got < 0)
		return got;
	run = select_run(r->runs, r->nr_runs, selection->run, &why);
	if (!run) {
		*not_there = selection->run;
		return fail(e, *not_there ? ENOENT : why.code, "%s: %s", path, why.text);
	}
	got = series_read_part(&r->series, r->reader, run,
	                       selection->from_s > 0 ? selection->from_s : -INFINITY,
	                       selection->to_s, e);
	if (got < 0)
		return got;
	measure_file(r, path);
	got = check_part(&r->series, path, selection, e);
	*not_there = got < 0;
	return got;
}

void recording_close(struct recording *r)
{
	series_done(&r->series);
	free(r->runs);
	trace_reader_close(r->reader);
	*r = (struct recording){0};
}
