/* report - judge and measure one run, for whatever shows it */
#include "analyze/report.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/select.h"

/* Of the observations of the whole run those since it settled; a number of the run is found anew. */
static int narrow(const struct report *r, const struct metric *m, struct window w,
                  struct observations *o)
{
	if (m->dimension != PER_RUN) {
		observations_narrow(o, w);
		return 0;
	}
	o->nr = 0;
	return metric_observe(m, r->in.series, &r->settling, w, o);
}

/* What there is not since the run settled is not known: the numbers of an empty window. */
static int measure(const struct report *r, struct observations *o, struct numbers *to)
{
	const struct metric *m = to->metric;
	struct window w = settle_window(r->in.series, &r->settling, m);
	int got = 0;

	select_observations(m, r->in.series, o);
	to->all = metric_summarise(m, o);
	if (to->guests)
		got = metric_summarise_each(m, o, r->in.series->nr_guests, to->guests);
	if (isnan(w.from_s) || m->needs & NEEDS_ALL)
		o->nr = 0;
	else if (got == 0)
		got = narrow(r, m, w, o);
	to->settled = metric_summarise(m, o);
	return got;
}

/* A metric is observed once, for its criteria and its numbers: some cost a search in every tick. */
static int look_at(const struct report *r, size_t metric)
{
	const struct criteria *c = r->in.criteria;
	struct numbers *to = &r->numbers[metric];
	struct observations o = {0};
	size_t i;
	int got;

	to->metric = &metrics[metric];
	if (to->metric->subject == SUBJECT_GUEST)
		to->guests = &r->guests[metric * r->in.series->nr_guests];
	got = metric_observe(to->metric, r->in.series, &r->settling, WINDOW_ALL, &o);
	for (i = 0; got == 0 && i < c->nr; i++)
		if (c->rows[i].metric == to->metric)
			got = judge(&c->rows[i], r->in.series, &r->settling, &o, &r->judgements[i]);
	if (got == 0)
		got = measure(r, &o, to);
	observations_done(&o);
	return got;
}

int report_make(struct report *r, const struct report_input *in, struct error *e)
{
	const struct criteria *c = in->criteria;
	struct limit limit;
	size_t i;
	int got;

	*r = (struct report){.in = *in};
	r->judgements = calloc(c->nr + 1, sizeof(*r->judgements));
	r->numbers = calloc(nr_metrics, sizeof(*r->numbers));
	r->guests = calloc(nr_metrics * in->series->nr_guests + 1, sizeof(*r->guests));
	if (!r->judgements || !r->numbers || !r->guests)
		return fail(e, ENOMEM, "out of memory");
	got = criteria_balance_limit(c, in->series, &limit);
	if (got == 0)
		got = settle_run(in->series, limit, &r->settling);
	for (i = 0; got == 0 && i < nr_metrics; i++)
		got = look_at(r, i);
	r->outcome = judge_all(r->judgements, c->nr);
	return got < 0 ? fail(e, -got, "out of memory") : 0;
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
