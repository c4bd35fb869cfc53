/* recording - a trace file opened, and one of its runs read, or two of the same time */
#include "analyze/recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What the file as a whole tells: its size, and the ticks of all its runs. */
static void measure_file(struct recording *r, const char *path)
{
	struct stat file;
	size_t i;

	r->series.file_bytes = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
	for (i = 0; i < r->nr_runs; i++)
		r->series.file_ticks += r->runs[i].ticks;
	r->beside.file_bytes = r->series.file_bytes;
	r->beside.file_ticks = r->series.file_ticks;
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

/* The two that were asked for are different ones of the same time. */
static int check_beside(const struct trace_run_row *run, const struct trace_run_row *beside,
                        const char *path, struct error *e)
{
	if (!strcmp(run->program, beside->program))
		return fail(e, ENOENT, "%s: run %lld and run %lld are both of %s", path,
		            (long long)run->run, (long long)beside->run, run->program);
	if (!(select_overlap(run, beside) > 0))
		return fail(e, ENOENT,
		            "%s: run %lld and run %lld were not on the same host at the same time",
		            path, (long long)run->run, (long long)beside->run);
	return 0;
}

/* The runs that are meant; *beside is NULL where there is to be one only. */
static int choose(const struct recording *r, const char *path, const struct selection *selection,
                  const struct trace_run_row **run, const struct trace_run_row **beside,
                  struct error *e)
{
	struct error why;

	*beside = NULL;
	*run = select_run(r->runs, r->nr_runs, selection->run[0], &why);
	if (*run && selection->run[1] && !selection->alone) {
		*beside = select_run(r->runs, r->nr_runs, selection->run[1], &why);
		if (*beside)
			return check_beside(*run, *beside, path, e);
	} else if (*run) {
		if (!selection->run[0] && !selection->alone)
			*beside = select_beside(r->runs, r->nr_runs, *run);
		return 0;
	}
	return fail(e, selection->run[0] ? ENOENT : why.code, "%s: %s", path, why.text);
}

static int read_part(struct series *s, struct trace_reader *r, const struct trace_run_row *run,
                     uint64_t origin_ns, const struct selection *selection, struct error *e)
{
	return series_read_part(s, r, run, origin_ns,
	                        selection->from_s > 0 ? selection->from_s : -INFINITY,
	                        selection->to_s, e);
}

/* The one that began first says since when times are counted. */
static int read_runs(struct recording *r, const struct trace_run_row *run,
                     const struct trace_run_row *beside, const struct selection *selection,
                     struct error *e)
{
	bool later = beside && beside->start_mono_ns < run->start_mono_ns;
	int got = 0;

	r->series.origin_ns = r->beside.origin_ns = UNKNOWN;
	if (later)
		got = read_part(&r->beside, r->reader, beside, UNKNOWN, selection, e);
	if (got == 0)
		got = read_part(&r->series, r->reader, run, r->beside.origin_ns, selection, e);
	if (got == 0 && beside && !later)
		got = read_part(&r->beside, r->reader, beside, r->series.origin_ns, selection, e);
	if (got < 0)
		return got;
	/* one that was only found beside it, and not in this time, is not missed */
	if (!r->beside.nr_ticks && !selection->run[1])
		beside = NULL;
	got = joined_init(&r->joined, &r->series, beside ? &r->beside : NULL);
	return got < 0 ? spool_fail(e) : 0;
}

int recording_open(struct recording *r, const char *path, const struct selection *selection,
                   bool *not_there, struct error *e)
{
	const struct trace_run_row *run, *beside;
	int got;

	*r = (struct recording){0};
	*not_there = false;
	got = trace_reader_open(path, &r->reader, e);
	if (got == 0)
		got = trace_read_runs(r->reader, &r->runs, &r->nr_runs, e);
	if (got < 0)
		return got;
	got = choose(r, path, selection, &run, &beside, e);
	if (got < 0) {
		*not_there = selection->run[0];
		return got;
	}
	got = read_runs(r, run, beside, selection, e);
	if (got < 0)
		return got;
	measure_file(r, path);
	got = check_part(&r->series, path, selection, e);
	if (got == 0 && selection->run[1] && r->joined.beside)
		got = check_part(&r->beside, path, selection, e);
	else if (got == 0 && selection->guests)
		select_guests(&r->beside, selection->guests);
	*not_there = got < 0;
	return got;
}

void recording_close(struct recording *r)
{
	series_done(&r->series);
	series_done(&r->beside);
	joined_done(&r->joined);
	free(r->runs);
	trace_reader_close(r->reader);
	*r = (struct recording){0};
}
