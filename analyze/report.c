/* report - judge and measure one run, for whatever shows it */
#include "analyze/report.h"

#include <math.h>
#include <stdlib.h>

static int measure_guests(const struct report *r, const struct observations *o, struct numbers *to)
{
	size_t i, nr = r->in.series->nr_guests;
	int got = 0;

	for (i = 0; got == 0 && i < nr; i++)
		got = metric_summarise(to->metric, o, (int32_t)i, &to->guests[i]);
	return got;
}

static int measure_window(const struct report *r, struct numbers *to, struct window w,
                          struct summary *sum, bool guests)
{
	struct observations o = {0};
	int got;

	got = metric_observe(to->metric, r->in.series, &r->settling, w, &o);
	if (got == 0)
		got = metric_summarise(to->metric, &o, ANY_SUBJECT, sum);
	if (got == 0 && guests)
		got = measure_guests(r, &o, to);
	observations_done(&o);
	return got;
}

/* What there is not since the run settled is not known: the numbers of an empty window. */
static int measure(const struct report *r, size_t i)
{
	struct numbers *to = &r->numbers[i];
	const struct observations none = {0};
	int got;

	to->metric = &metrics[i];
	if (metrics[i].dimension == PER_GUEST)
		to->guests = &r->guests[i * r->in.series->nr_guests];
	got = measure_window(r, to, WINDOW_ALL, &to->all, to->guests);
	if (got < 0)
		return got;
	if (isnan(r->settled.from_s) || metrics[i].needs & NEEDS_ALL)
		return metric_summarise(to->metric, &none, ANY_SUBJECT, &to->settled);
	return measure_window(r, to, r->settled, &to->settled, false);
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
	size_t i;
	int got;

	*r = (struct report){.in = *in};
	r->judgements = calloc(c->nr + 1, sizeof(*r->judgements));
	r->numbers = calloc(nr_metrics, sizeof(*r->numbers));
	r->guests = calloc(nr_metrics * in->series->nr_guests + 1, sizeof(*r->guests));
	if (!r->judgements || !r->numbers || !r->guests)
		return fail(e, ENOMEM, "out of memory");
	got = settle_balance(in->series, criteria_balance_limit(c), &r->settling);
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
