/* recording - a trace file opened, and one of its runs read */
#include "analyze/recording.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "analyze/select.h"

/* What the file as a whole tells: its size, and the ticks of all its runs. */
static void measure_file(struct recording *r, const char *path)
{
	struct stat file;
	size_t i;

	r->series.file_bytes = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
	for (i = 0; i < r->nr_runs; i++)
		r->series.file_ticks += r->runs[i].ticks;
}

int recording_open(struct recording *r, const char *path, unsigned number, bool *no_run,
                   struct error *e)
{
	const struct trace_run_row *run;
	int got;

	*r = (struct recording){0};
	*no_run = false;
	got = trace_reader_open(path, &r->reader, e);
	if (got == 0)
		got = trace_read_runs(r->reader, &r->runs, &r->nr_runs, e);
	if (got < 0)
		return got;
	run = select_run(r->runs, r->nr_runs, number, e);
	if (!run) {
		*no_run = number;
		return -e->code;
	}
	got = series_read(&r->series, r->reader, run, e);
	measure_file(r, path);
	return got;
}

void recording_close(struct recording *r)
{
	series_done(&r->series);
	free(r->runs);
	trace_reader_close(r->reader);
	*r = (struct recording){0};
}
