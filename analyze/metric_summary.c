/* metric_summary - what the observations of a metric come to */
#include "analyze/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "analyze/quantile.h"

int observations_add(struct observations *o, struct observation what)
{
	int r = spool_add(&o->all, sizeof(what), &what);

	o->unordered |= o->nr && what.t_s < o->last_s;
	o->last_s = what.t_s;
	o->nr += r == 0;
	return r;
}

static bool is_in(const struct observation *x, const void *with)
{
	const struct window *w = with;

	return x->t_s >= w->from_s && x->t_s <= w->to_s;
}

int observations_narrow(struct observations *o, struct window w)
{
	if (o->unordered)
		return observations_keep(o, is_in, &w);
	while (o->nr && observations_at(o, 0).t_s < w.from_s) {
		o->skip++;
		o->nr--;
	}
	while (o->nr && observations_at(o, o->nr - 1).t_s > w.to_s)
		o->nr--;
	return 0;
}

int observations_keep(struct observations *o,
                      bool (*is_kept)(const struct observation *x, const void *with),
                      const void *with)
{
	struct observations kept = {0};
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < o->nr; i++) {
		const struct observation x = observations_at(o, i);

		if (is_kept(&x, with))
			r = observations_add(&kept, x);
	}
	observations_done(o);
	*o = kept;
	return r;
}

void observations_done(struct observations *o)
{
	spool_free(o->all);
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
	struct observation sum = observations_at(o, 0);
	double most = sum.value;
	size_t i;

	for (i = 1; i < o->nr; i++) {
		const struct observation x = observations_at(o, i);

		sum.value += x.value;
		sum.bound |= x.bound;
		if (!(x.value > most))
			continue;
		most = x.value;
		sum.subject = x.subject;
	}
	return sum;
}

int metric_add_up(const struct metric *m, struct observations *o)
{
	struct observation sum;

	if (!(m->needs & IS_SUM) || !o->nr)
		return 0;
	sum = sum_of(o);
	observations_done(o);
	return observations_add(o, sum);
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

/* What was gathered, but for the quantiles. */
static struct summary closed(const struct gathered *g)
{
	struct summary sum = g->sum;

	if (sum.nr)
		sum.mean = g->weighted / g->weight;
	return sum;
}

static const double shares[] = {0.05, 0.50, 0.95};

enum {
	SHARES = sizeof(shares) / sizeof(shares[0]),
};

static void ask(struct quantile *q, const struct gathered *g)
{
	size_t i;

	for (i = 0; i < SHARES; i++) {
		q[i].share = shares[i];
		q[i].weight = g->weight;
	}
}

static void answer(const struct quantile *q, struct summary *to)
{
	if (!to->nr)
		return;
	to->p05 = q[0].value;
	to->p50 = q[1].value;
	to->p95 = q[2].value;
}

static struct gathered gather_all(const struct metric *m, const struct observations *o)
{
	struct gathered g = {nothing, 0, 0};
	struct observation x;
	size_t i;

	if (m->needs & IS_SUM && o->nr) {
		x = sum_of(o);
		gather(m, &x, &g);
		return g;
	}
	for (i = 0; i < o->nr; i++) {
		x = observations_at(o, i);
		gather(m, &x, &g);
	}
	return g;
}

struct summary metric_extremes(const struct metric *m, const struct observations *o)
{
	struct gathered g = gather_all(m, o);

	return closed(&g);
}

struct summary metric_summarise(const struct metric *m, const struct observations *o)
{
	struct gathered g = gather_all(m, o);
	struct summary sum = closed(&g);
	struct quantile q[SHARES];

	if (m->needs & IS_SUM && sum.nr) {
		sum.p05 = sum.p50 = sum.p95 = sum.max;
		return sum;
	}
	ask(q, &g);
	quantiles(o, 0, q, SHARES);
	answer(q, &sum);
	return sum;
}

int metric_summarise_each(const struct metric *m, const struct observations *o, size_t nr,
                          struct summary *out)
{
	struct gathered *of = calloc(nr + 1, sizeof(*of));
	struct quantile *q = calloc(nr + 1, SHARES * sizeof(*q));
	int r = of && q ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; r == 0 && i < nr; i++)
		of[i] = (struct gathered){nothing, 0, 0};
	for (i = 0; r == 0 && i < o->nr; i++) {
		const struct observation x = observations_at(o, i);

		gather(m, &x, &of[x.subject]);
	}
	for (i = 0; r == 0 && i < nr; i++)
		ask(&q[i * SHARES], &of[i]);
	if (r == 0)
		quantiles(o, nr, q, SHARES);
	for (i = 0; r == 0 && i < nr; i++) {
		out[i] = closed(&of[i]);
		answer(&q[i * SHARES], &out[i]);
	}
	free(of);
	free(q);
	return r;
}
