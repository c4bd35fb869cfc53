/* regret - how much less the fullest pCPU would have carried under the best placement, tick by tick */
#include "analyze/regret.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/best_max.h"
#include "analyze/freedom.h"
#include "analyze/load.h"

/* One tick as a placement problem. The arrays have room for all of the series. */
struct picture {
	const struct series *s;
	struct freedom freedom;
	size_t nr_pcpus, nr_items, busiest; /* busiest: in series.pcpus */
	int32_t *index;                     /* of a place in series.pcpus: the one here, -1 */
	uint32_t *number;
	double *base_pct; /* all that runs there but the items pinned there */
	double *load_pct; /* all that runs there */
	double *work;
	struct best_item *items;
	double floating_pct;  /* the items without a pCPU */
	size_t full, filling; /* pCPUs that are full, vCPUs that fill one */
};

static int picture_init(struct picture *p, const struct series *s)
{
	*p = (struct picture){.s = s};
	p->index = calloc(s->nr_pcpus + 1, sizeof(*p->index));
	p->number = calloc(s->nr_pcpus + 1, sizeof(*p->number));
	p->base_pct = calloc(s->nr_pcpus + 1, sizeof(*p->base_pct));
	p->load_pct = calloc(s->nr_pcpus + 1, sizeof(*p->load_pct));
	p->work = calloc(s->nr_pcpus + 1, sizeof(*p->work));
	p->items = calloc(s->nr_vcpus + 1, sizeof(*p->items));
	if (!p->index || !p->number || !p->base_pct || !p->load_pct || !p->work || !p->items)
		return -ENOMEM;
	return freedom_init(&p->freedom, s);
}

static void picture_done(struct picture *p)
{
	free(p->index);
	free(p->number);
	free(p->base_pct);
	free(p->load_pct);
	free(p->work);
	free(p->items);
	freedom_done(&p->freedom);
}

static void take_pcpus(struct picture *p, size_t tick)
{
	double busy, most = -1;
	size_t i;

	p->nr_pcpus = p->full = 0;
	for (i = 0; i < p->s->nr_pcpus; i++) {
		busy = column_at(&p->s->pcpus[i].busy_pct, tick);
		p->index[i] = -1;
		if (isnan(busy))
			continue;
		p->index[i] = (int32_t)p->nr_pcpus;
		p->number[p->nr_pcpus] = p->s->pcpus[i].pcpu;
		p->base_pct[p->nr_pcpus] = busy;
		p->load_pct[p->nr_pcpus++] = 0;
		p->full += busy >= FULL_PCT;
		if (busy > most)
			p->busiest = i;
		most = fmax(most, busy);
	}
}

static void take_vcpus(struct picture *p, size_t tick)
{
	long slot;
	size_t i;

	p->nr_items = p->filling = 0;
	p->floating_pct = 0;
	for (i = 0; i < p->s->nr_vcpus; i++) {
		const struct series_vcpu *v = &p->s->vcpus[i];
		double run = column_at(&v->run_pct, tick), pinned = column_at(&v->pinned, tick);
		struct best_item item = {run, freedom_of(&p->freedom, i), -1, -1};

		p->filling += run >= FULL_PCT;
		if (!(run >= BUSY_PCT) || freedom_is_fixed(&p->freedom, i))
			continue;
		slot = series_pcpu_of(p->s, pinned);
		item.on = slot >= 0 ? p->index[slot] : -1;
		if (pinned >= 0 && item.on < 0)
			continue; /* on a pCPU that does not count */
		if (item.on >= 0) {
			p->base_pct[item.on] -= run;
			p->load_pct[item.on] += run;
		} else {
			p->floating_pct += run;
		}
		p->items[p->nr_items++] = item;
	}
}

/* Of what runs where, as the steps of two clocks allow: a pCPU carries no less than its vCPUs ran. */
static double straighten(struct picture *p, double *rest)
{
	double most = 0;
	size_t i;

	for (*rest = 0, i = 0; i < p->nr_pcpus; i++) {
		p->base_pct[i] = fmax(0, p->base_pct[i]);
		p->load_pct[i] += p->base_pct[i];
		most = fmax(most, p->load_pct[i]);
		*rest += p->base_pct[i];
	}
	return most;
}

static struct best best_of(struct picture *p, double reached, double rest)
{
	struct best_problem problem = {p->nr_pcpus, p->nr_items, p->number,   p->base_pct,
	                               p->items,    reached,     REGRET_STEPS};

	if (p->floating_pct == 0)
		return best_max(&problem, p->work);
	return (struct best){.max_pct = best_max_bound(p->nr_pcpus, fmax(0, rest - p->floating_pct),
	                                               p->items, p->nr_items)};
}

static struct observation regret_of(struct picture *p, size_t tick)
{
	const struct series_tick t = series_tick(p->s, tick);
	struct observation o = {t.t_s, (double)t.dt_s, NAN, -1, load_at(p->s, tick), false};
	double reached, rest;
	struct best best;

	if (!t.pcpus_known)
		return o;
	take_pcpus(p, tick);
	take_vcpus(p, tick);
	if (p->full > p->filling)
		return o;
	reached = straighten(p, &rest);
	best = best_of(p, reached, rest);
	o.value = best.max_pct > 0 ? fmax(1, reached / best.max_pct) : 1;
	o.bound = !best.exact && o.value > 1;
	o.subject = (int32_t)p->busiest;
	return o;
}

int regret_observe(const struct series *s, const struct settling *x, struct window w,
                   struct observations *out)
{
	struct picture p;
	size_t i;
	int r;

	r = picture_init(&p, s);
	for (i = 1; r == 0 && i < s->nr_ticks; i++)
		if (series_tick(s, i).t_s >= w.from_s && series_tick(s, i).t_s <= w.to_s)
			r = observations_add(out, regret_of(&p, i));
	picture_done(&p);
	return r;
}
