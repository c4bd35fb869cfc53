/* metric_summary - what the observations of a metric come to */
#include "analyze/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/quantile.h"

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

void observations_narrow(struct observations *o, struct window w)
{
	size_t i, n = 0;

	for (i = 0; i < o->nr; i++)
		if (o->at[i].t_s >= w.from_s && o->at[i].t_s <= w.to_s)
			o->at[n++] = o->at[i];
	o->nr = n;
}

void observations_done(struct observations *o)
{
	free(o->at);
	*o = (struct observations){0};
}

/* A summary in the making. */
struct gathered {
	struct summary sum;
	double weight, weighted;
};

static const struct summary nothing = {0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, -1};
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

static void take_worst(const struct metric *m, const struct observation *o, struct summary *to)
{
	bool worse = m->better == BETTER_HIGH ? o->value < to->worst : o->value > to->worst;

	if (!isnan(to->worst) && !worse)
		return;
	to->worst = o->value;
	to->worst_s = o->t_s;
	to->worst_subject = o->subject;
}

static void gather(const struct metric *m, const struct observation *o, struct gathered *to)
{
	struct summary *sum = &to->sum;

	if (isnan(o->value)) {
		sum->unknown++;
		return;
	}
	sum->min = sum->nr && sum->min < o->value ? sum->min : o->value;
	sum->max = sum->nr && sum->max > o->value ? sum->max : o->value;
	sum->nr++;
	sum->bounds += o->bound;
	to->weight += o->weight;
	to->weighted += o->weight * o->value;
	take_worst(m, o, sum);
}

static struct summary summary_of(const struct metric *m, struct picked of)
{
	struct gathered g = {nothing, 0, 0};
	struct summary *sum = &g.sum;
	size_t i;

	for (i = 0; i < of.nr; i++)
		gather(m, picked_at(&of, i), &g);
	if (!sum->nr)
		return *sum;
	sum->mean = g.weighted / g.weight;
	sum->p05 = quantile(&of, g.weight, 0.05);
	sum->p50 = quantile(&of, g.weight, 0.50);
	sum->p95 = quantile(&of, g.weight, 0.95);
	return *sum;
}

struct summary metric_summarise(const struct metric *m, const struct observations *o)
{
	struct observation added;

	if (!(m->needs & IS_SUM) || !o->nr)
		return summary_of(m, (struct picked){o->at, NULL, o->nr});
	added = sum_of(o);
	return summary_of(m, (struct picked){&added, NULL, 1});
}

/* The places of each subject's observations, in order, in one array that all share. */
static void share_out(const struct observations *o, struct picked *each, size_t nr, uint32_t *which)
{
	uint32_t *next = which;
	size_t i;

	for (i = 0; i < nr; i++)
		each[i] = (struct picked){.at = o->at};
	for (i = 0; i < o->nr; i++)
		each[o->at[i].subject].nr++;
	for (i = 0; i < nr; i++) {
		each[i].which = next;
		next += each[i].nr;
		each[i].nr = 0;
	}
	for (i = 0; i < o->nr; i++) {
		struct picked *p = &each[o->at[i].subject];

		which[(size_t)(p->which - which) + p->nr++] = (uint32_t)i;
	}
}

int metric_summarise_each(const struct metric *m, const struct observations *o, size_t nr,
                          struct summary *out)
{
	struct picked *each = calloc(nr + 1, sizeof(*each));
	uint32_t *which = malloc((o->nr + 1) * sizeof(*which));
	int r = each && which && o->nr <= UINT32_MAX ? 0 : -ENOMEM;
	size_t i;

	if (r == 0) {
		share_out(o, each, nr, which);
		for (i = 0; i < nr; i++)
			out[i] = summary_of(m, each[i]);
	}
	free(each);
	free(which);
	return r;
}
