/* recording - a trace file opened, and one of its runs read, or two of the same time */
#ifndef VMB_ANALYZE_RECORDING_H
#define VMB_ANALYZE_RECORDING_H

#include "analyze/joined.h"
#include "analyze/select.h"

/* Zeroed: none. All of it is the recording's own. */
struct recording {
	struct trace_reader *reader;
	struct trace_run_row *runs; /* all of the trace */
	size_t nr_runs;
	struct series series; /* of the run that was chosen */
	struct series
	        beside; /* of the one beside it, with times since the same moment; zeroed: none */
	struct joined joined; /* both of them */
};

/*
 * Open a trace and read what is selected of it. Times are since the first tick, of two runs since that of the one that began first. Errors
 * are those of the reader; or, with *not_there set, -ENOENT where the trace has no such run, no two such runs at the same time, no tick in
 * this time, no guest of this name. recording_close() is needed in every case.
 */
int recording_open(struct recording *r, const char *path, const struct selection *selection,
                   bool *not_there, struct error *e);
void recording_close(struct recording *r);

#endif
