/* report - judge and measure one run, for whatever shows it */
#include "analyze/report.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/select.h"

static int measure_guests(const struct report *r, const struct observations *o, struct numbers *to)
{
	size_t i, nr = r->in.series->nr_guests;
	int got = 0;

	for (i = 0; got == 0 && i < nr; i++)
		got = metric_summarise(to->metric, o, (int32_t)i, &to->guests[i]);
	return got;
}

/* Of the observations of the whole run those since it settled; a number of the run is found anew. */
static int narrow(const struct report *r, const struct metric *m, struct observations *o)
{
	size_t i, n = 0;

	if (m->dimension == PER_RUN) {
		o->nr = 0;
		return metric_observe(m, r->in.series, &r->settling, r->settled, o);
	}
	for (i = 0; i < o->nr; i++)
		if (o->at[i].t_s >= r->settled.from_s && o->at[i].t_s <= r->settled.to_s)
			o->at[n++] = o->at[i];
	o->nr = n;
	return 0;
}

/* What there is not since the run settled is not known: the numbers of an empty window. */
static int measure(const struct report *r, size_t i)
{
	struct numbers *to = &r->numbers[i];
	const struct metric *m = to->metric = &metrics[i];
	struct observations o = {0};
	int got;

	got = metric_observe(m, r->in.series, &r->settling, WINDOW_ALL, &o);
	select_observations(m, r->in.series, &o);
	if (got == 0)
		got = metric_summarise(m, &o, ANY_SUBJECT, &to->all);
	if (got == 0 && m->subject == SUBJECT_GUEST) {
		to->guests = &r->guests[i * r->in.series->nr_guests];
		got = measure_guests(r, &o, to);
	}
	if (isnan(r->settled.from_s) || m->needs & NEEDS_ALL)
		o.nr = 0;
	else if (got == 0)
		got = narrow(r, m, &o);
	if (got == 0)
		got = metric_summarise(m, &o, ANY_SUBJECT, &to->settled);
	observations_done(&o);
	return got;
}

static struct window settled_window(const struct settling *x)
{
	struct window w = {NAN, INFINITY};

	if (x->loaded && x->settled.is)
		w.from_s = x->settled.at_s > x->grace_s ? x->settled.at_s : x->grace_s;
	return w;
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
		got = settle_balance(in->series, limit, &r->settling);
	r->settled = settled_window(&r->settling);
	for (i = 0; got == 0 && i < c->nr; i++)
		got = judge(&c->rows[i], in->series, &r->settling, &r->judgements[i]);
	for (i = 0; got == 0 && i < nr_metrics; i++)
		got = measure(r, i);
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
