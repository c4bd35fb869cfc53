/* report - judge and measure a run, or two of the same time, for whatever shows it */
#include "analyze/report.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/select.h"

const struct series *report_series(const struct report *r, const struct metric *m)
{
	return joined_metric(r->in.joined, m);
}

static const struct report_run *run_of(const struct report *r, const struct metric *m)
{
	return report_series(r, m) == r->beside.series ? &r->beside : &r->chosen;
}

const struct report_run *report_cpu(const struct report *r)
{
	return run_of(r, metric_find("cpu.sd_pp"));
}

const struct report_run *report_mem(const struct report *r)
{
	return run_of(r, metric_find("mem.balloons"));
}

/* Of the observations of the whole run those since it settled; a number of the run is found anew. */
static int narrow(const struct report_run *run, const struct metric *m, struct window w,
                  struct observations *o)
{
	if (m->dimension != PER_RUN)
		return observations_narrow(o, w);
	observations_done(o);
	return metric_observe(m, run->series, &run->settling, w, o);
}

/* What there is not since the run settled is not known: the numbers of an empty window. */
static int measure(const struct report_run *run, struct observations *o, struct numbers *to)
{
	const struct metric *m = to->metric;
	struct window w = settle_window(run->series, &run->settling, m);
	int got = select_observations(m, run->series, o);

	to->all = metric_summarise(m, o);
	if (got == 0 && to->guests)
		got = metric_summarise_each(m, o, run->series->nr_guests, to->guests);
	if (isnan(w.from_s) || m->needs & NEEDS_ALL)
		observations_done(o);
	else if (got == 0)
		got = narrow(run, m, w, o);
	to->settled = metric_summarise(m, o);
	return got;
}

static size_t most_guests(const struct joined *j)
{
	size_t nr = j->chosen->nr_guests;

	return j->beside && j->beside->nr_guests > nr ? j->beside->nr_guests : nr;
}

/* A metric is observed once, for its criteria and its numbers: some cost a search in every tick. */
static int look_at(const struct report *r, size_t metric)
{
	const struct report_run *run = run_of(r, &metrics[metric]);
	const struct criteria *c = r->in.criteria;
	struct numbers *to = &r->numbers[metric];
	struct observations o = {0};
	size_t i;
	int got;

	to->metric = &metrics[metric];
	if (to->metric->subject == SUBJECT_GUEST)
		to->guests = &r->guests[metric * most_guests(r->in.joined)];
	got = metric_observe(to->metric, run->series, &run->settling, WINDOW_ALL, &o);
	for (i = 0; got == 0 && i < c->nr; i++)
		if (c->rows[i].metric == to->metric)
			got = judge(&c->rows[i], run->series, &run->settling, &o,
			            &r->judgements[i]);
	if (got == 0)
		got = measure(run, &o, to);
	observations_done(&o);
	return got;
}

static int settle(struct report_run *run, const struct series *s, const struct criteria *c)
{
	struct limit limit;
	int got = criteria_balance_limit(c, s, &limit);

	run->series = s;
	return got < 0 ? got : settle_run(s, limit, &run->settling);
}

int report_make(struct report *r, const struct report_input *in, struct error *e)
{
	const struct criteria *c = in->criteria;
	size_t i;
	int got;

	*r = (struct report){.in = *in};
	r->judgements = calloc(c->nr + 1, sizeof(*r->judgements));
	r->numbers = calloc(nr_metrics, sizeof(*r->numbers));
	r->guests = calloc(nr_metrics * most_guests(in->joined) + 1, sizeof(*r->guests));
	if (!r->judgements || !r->numbers || !r->guests)
		return spool_fail(e);
	got = settle(&r->chosen, in->joined->chosen, c);
	if (got == 0 && in->joined->beside)
		got = settle(&r->beside, in->joined->beside, c);
	for (i = 0; got == 0 && i < nr_metrics; i++)
		got = look_at(r, i);
	r->outcome = judge_all(r->judgements, c->nr);
	return got < 0 ? spool_fail(e) : spool_check(e);
}

void report_done(struct report *r)
{
	free(r->numbers);
	free(r->guests);
	free(r->judgements);
	*r = (struct report){0};
}

int report_exit(enum outcome outcome)
{
	static const int status[] = {[OUTCOME_PASS] = 0,
	                             [OUTCOME_FAIL] = 1,
	                             [OUTCOME_UNDECIDED] = 4,
	                             [OUTCOME_SKIP] = 4};

	return status[outcome];
}
