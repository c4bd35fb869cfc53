/* recording - a trace file opened, and one of its runs read */
#ifndef VMB_ANALYZE_RECORDING_H
#define VMB_ANALYZE_RECORDING_H

#include "analyze/series.h"

/* Zeroed: none. All of it is the recording's own. */
struct recording {
	struct trace_reader *reader;
	struct trace_run_row *runs; /* all of the trace */
	size_t nr_runs;
	struct series series; /* of the run that was chosen */
};

/*
 * Open a trace and read the run with this number; 0: the one that select_run() takes. Errors are those of the
 * reader, and -ENOENT where there is no such run though one was asked for by number (*no_run is true then).
 * recording_close() is needed in every case.
 */
int recording_open(struct recording *r, const char *path, unsigned number, bool *no_run,
                   struct error *e);
void recording_close(struct recording *r);

#endif
