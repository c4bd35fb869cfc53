/* metric_summary - what the observations of a metric come to */
#include "analyze/metrics.h"

#include <math.h>
#include <stdlib.h>

int observations_add(struct observations *o, struct observation what)
{
	size_t room = o->room ? 2 * o->room : 256;
	struct observation *more;

	if (o->nr == o->room) {
		more = realloc(o->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		o->at = more;
		o->room = room;
	}
	o->at[o->nr++] = what;
	return 0;
}

void observations_done(struct observations *o)
{
	free(o->at);
	*o = (struct observations){0};
}

static struct observation sum_of(const struct observations *o)
{
	struct observation sum = o->at[0];
	double most = sum.value;
	size_t i;

	for (i = 1; i < o->nr; i++) {
		sum.value += o->at[i].value;
		sum.bound |= o->at[i].bound;
		if (!(o->at[i].value > most))
			continue;
		most = o->at[i].value;
		sum.subject = o->at[i].subject;
	}
	return sum;
}

void metric_add_up(const struct metric *m, struct observations *o)
{
	if (!(m->needs & IS_SUM) || !o->nr)
		return;
	o->at[0] = sum_of(o);
	o->nr = 1;
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct observation *)a)->value,
	       y = ((const struct observation *)b)->value;

	return (x > y) - (x < y);
}

/* Of observations in order of their values. */
static double quantile(const struct observation *o, size_t nr, double weight, double share)
{
	double sum = 0;
	size_t i;

	for (i = 0; i + 1 < nr; i++) {
		sum += o[i].weight;
		/* a hair less, so that 19 of 20 equal weights are 95 % in spite of rounding */
		if (sum >= share * weight * (1 - 1e-9))
			break;
	}
	return o[i].value;
}

static void take_worst(const struct metric *m, const struct observation *o, struct summary *to)
{
	bool worse = m->better == BETTER_HIGH ? o->value < to->worst : o->value > to->worst;

	if (!isnan(to->worst) && !worse)
		return;
	to->worst = o->value;
	to->worst_s = o->t_s;
	to->worst_subject = o->subject;
}

int metric_summarise(const struct metric *m, const struct observations *o, int32_t subject,
                     struct summary *out)
{
	struct summary sum = {0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, -1};
	struct observation *known = malloc((o->nr + 1) * sizeof(*known)), added;
	struct observations all = {&added, 1, 1};
	double weight = 0, weighted = 0;
	size_t i;

	if (!known)
		return -ENOMEM;
	if (m->needs & IS_SUM && subject == ANY_SUBJECT && o->nr) {
		added = sum_of(o);
		o = &all;
	}
	for (i = 0; i < o->nr; i++) {
		const struct observation *x = &o->at[i];

		if (subject != ANY_SUBJECT && x->subject != subject)
			continue;
		if (isnan(x->value)) {
			sum.unknown++;
			continue;
		}
		known[sum.nr++] = *x;
		sum.bounds += x->bound;
		weight += x->weight;
		weighted += x->weight * x->value;
		take_worst(m, x, &sum);
	}
	if (sum.nr) {
		qsort(known, sum.nr, sizeof(*known), by_value);
		sum.mean = weighted / weight;
		sum.min = known[0].value;
		sum.max = known[sum.nr - 1].value;
		sum.p05 = quantile(known, sum.nr, weight, 0.05);
		sum.p50 = quantile(known, sum.nr, weight, 0.50);
		sum.p95 = quantile(known, sum.nr, weight, 0.95);
	}
	free(known);
	*out = sum;
	return 0;
}
