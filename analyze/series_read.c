/* series_read - a run of a trace file, or a part of it, into a series */
#include <math.h>
#include <stdio.h>

#include "analyze/series.h"

static int read_ticks(struct series *s, struct trace_reader *r, struct error *e)
{
	const struct trace_tick_row *row;
	struct error why;
	int got;

	got = trace_begin_ticks(r, s->run.run, e);
	if (got < 0)
		return got;
	while ((got = trace_next_tick(r, &row, &why)) > 0) {
		if (s->origin_ns == UNKNOWN)
			s->origin_ns = sample_middle_ns(&row->sample);
		got = series_has(s, sample_middle_ns(&row->sample)) ? series_add(s, row, e) : 0;
		if (got < 0)
			return got;
	}
	if (got < 0)
		return fail(e, -got, "%s (run %lld is readable for %zu ticks)", why.text,
		            (long long)s->run.run, s->nr_ticks);
	return 0;
}

/* When the first tick was is known only now. Without one there is no time to go by. */
static bool keeps(const struct series *s, uint64_t mono_ns)
{
	return s->origin_ns == UNKNOWN || series_has(s, mono_ns);
}

static int take_action(void *with, const struct trace_action_row *row, struct error *e)
{
	struct series *s = with;

	if (!keeps(s, row->mono_ns))
		return 0;
	if (spool_add(&s->actions, sizeof(*row), row) < 0)
		return spool_fail(e);
	s->nr_actions++;
	return 0;
}

static void keep_events(struct series *s)
{
	size_t i, n;

	for (i = 0, n = 0; i < s->nr_events; i++)
		if (keeps(s, s->events[i].mono_ns))
			s->events[n++] = s->events[i];
	s->nr_events = n;
}

int series_read_part(struct series *s, struct trace_reader *r, const struct trace_run_row *run,
                     uint64_t origin_ns, double from_s, double to_s, struct error *e)
{
	int got;

	got = series_init(s, run, e);
	s->origin_ns = origin_ns;
	s->from_s = from_s;
	s->to_s = to_s;
	snprintf(s->note, sizeof(s->note), "%s", trace_reader_note(r));
	if (got == 0)
		got = trace_read_stats(r, run->run, &s->stats, &s->nr_stats, e);
	if (got == 0)
		got = trace_read_events(r, run->run, &s->events, &s->nr_events, e);
	if (got == 0)
		got = read_ticks(s, r, e);
	if (got == 0)
		got = trace_read_actions(r, run->run, take_action, s, e);
	keep_events(s);
	return got;
}

int series_read(struct series *s, struct trace_reader *r, const struct trace_run_row *run,
                struct error *e)
{
	return series_read_part(s, r, run, UNKNOWN, -INFINITY, INFINITY, e);
}
