/* trace - the trace reader on any bytes: every list and every tick of every run */
#include "tests/fuzz/fuzz.h"
#include "traces/trace_read.h"

static int take_action(void *with, const struct trace_action_row *row, struct error *e)
{
	PROMISE(row->action.kind < ACTION_KINDS && row->action.result < ACTION_RESULTS);
	return 0;
}

static void read_run(struct trace_reader *r, int64_t run)
{
	const struct trace_tick_row *tick;
	struct trace_stat_row *stats = NULL;
	struct trace_event_row *events = NULL;
	struct error e;
	size_t nr;

	trace_read_stats(r, run, &stats, &nr, &e);
	trace_read_events(r, run, &events, &nr, &e);
	trace_read_actions(r, run, take_action, NULL, &e);
	if (trace_begin_ticks(r, run, &e) == 0)
		while (trace_next_tick(r, &tick, &e) > 0)
			PROMISE(tick->sample.nr_pcpus <= PCPU_MAX);
	free(stats);
	free(events);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trace_reader *r = NULL;
	struct trace_run_row *runs = NULL;
	struct error e;
	size_t nr = 0, i;

	if (trace_reader_open(fuzz_file(data, size), &r, &e) == 0)
		trace_read_runs(r, &runs, &nr, &e);
	for (i = 0; i < nr && i < 10; i++)
		read_run(r, runs[i].run);
	free(runs);
	trace_reader_close(r);
	return 0;
}
