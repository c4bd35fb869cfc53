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

/* Of an observation what its quantiles need: half the size to sort. */
struct known {
	double value, weight;
};

/* A summary in the making. */
struct gathered {
	struct summary sum;
	double weight, weighted;
	struct known *known; /* room for all; borrowed */
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

static int by_value(const void *a, const void *b)
{
	double x = ((const struct known *)a)->value, y = ((const struct known *)b)->value;

	return (x > y) - (x < y);
}

/* Of observations in order of their values. */
static double quantile(const struct known *o, size_t nr, double weight, double share)
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

static void gather(const struct metric *m, const struct observation *o, struct gathered *to)
{
	if (isnan(o->value)) {
		to->sum.unknown++;
		return;
	}
	to->known[to->sum.nr++] = (struct known){o->value, o->weight};
	to->sum.bounds += o->bound;
	to->weight += o->weight;
	to->weighted += o->weight * o->value;
	take_worst(m, o, &to->sum);
}

static struct summary summary_of(struct gathered *g)
{
	struct summary *sum = &g->sum;

	if (!sum->nr)
		return *sum;
	qsort(g->known, sum->nr, sizeof(*g->known), by_value);
	sum->mean = g->weighted / g->weight;
	sum->min = g->known[0].value;
	sum->max = g->known[sum->nr - 1].value;
	sum->p05 = quantile(g->known, sum->nr, g->weight, 0.05);
	sum->p50 = quantile(g->known, sum->nr, g->weight, 0.50);
	sum->p95 = quantile(g->known, sum->nr, g->weight, 0.95);
	return *sum;
}

int metric_summarise(const struct metric *m, const struct observations *o, struct summary *out)
{
	struct gathered g = {nothing, 0, 0, malloc((o->nr + 1) * sizeof(*g.known))};
	struct observation added;
	struct observations all = {&added, 1, 1};
	size_t i;

	if (!g.known)
		return -ENOMEM;
	if (m->needs & IS_SUM && o->nr) {
		added = sum_of(o);
		o = &all;
	}
	for (i = 0; i < o->nr; i++)
		gather(m, &o->at[i], &g);
	*out = summary_of(&g);
	free(g.known);
	return 0;
}

/* Each subject's summary begins, with room for its observations in one array that all share. */
static void share_room(const struct observations *o, struct gathered *each, size_t nr,
                       struct known *room)
{
	size_t i;

	for (i = 0; i < nr; i++)
		each[i].sum = nothing;
	for (i = 0; i < o->nr; i++)
		each[o->at[i].subject].sum.nr++;
	for (i = 0; i < nr; i++) {
		each[i].known = room;
		room += each[i].sum.nr;
		each[i].sum.nr = 0;
	}
}

int metric_summarise_each(const struct metric *m, const struct observations *o, size_t nr,
                          struct summary *out)
{
	struct gathered *each = calloc(nr + 1, sizeof(*each));
	struct known *room = malloc((o->nr + 1) * sizeof(*room));
	int r = each && room ? 0 : -ENOMEM;
	size_t i;

	if (r == 0) {
		share_room(o, each, nr, room);
		for (i = 0; i < o->nr; i++)
			gather(m, &o->at[i], &each[o->at[i].subject]);
		for (i = 0; i < nr; i++)
			out[i] = summary_of(&each[i]);
	}
	free(each);
	free(room);
	return r;
}
