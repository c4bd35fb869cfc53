/* steal - which share of its CPU demand a guest spent waiting for a pCPU */
#include "analyze/steal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/load.h"

/* What the vCPUs of a guest did in one tick, in % of a pCPU. */
struct demand {
	double run, delay;
	bool unknown; /* a delay that the host did not tell */
};

/*
 * Below BUSY_PCT a guest is left out: its CPU time counts in steps of 10 ms, and a guest that waited 1 ms for a pCPU
 * and ran less than a step would be one that was stolen everything.
 */
static int add_steal(const struct series *s, size_t tick, size_t guest, const struct demand *d,
                     struct observations *out)
{
	const struct series_tick t = series_tick(s, tick);
	double sum = d->run + d->delay;

	if (sum < BUSY_PCT)
		return 0;
	return observations_add(out, (struct observation){t.t_s, sum / 100 * (double)t.dt_s,
	                                                  d->unknown ? NAN : 100 * d->delay / sum,
	                                                  (int32_t)guest, load_at(s, tick)});
}

static void add_demand(const struct series_vcpu *v, size_t tick, struct demand *d)
{
	double run = column_at(&v->run_pct, tick), delay = column_at(&v->delay_pct, tick);

	if (isnan(run))
		return;
	d->run += run;
	if (isnan(delay))
		d->unknown = true;
	else
		d->delay += delay;
}

double steal_at(const struct series *s, size_t tick, size_t guest)
{
	struct demand d = {0};
	size_t i;

	for (i = 0; i < s->nr_vcpus; i++)
		if (s->vcpus[i].guest == guest)
			add_demand(&s->vcpus[i], tick, &d);
	return d.unknown || d.run + d.delay < BUSY_PCT ? NAN : 100 * d.delay / (d.run + d.delay);
}

static int steal_in(const struct series *s, size_t tick, struct demand *of,
                    struct observations *out)
{
	size_t i;
	int r = 0;

	memset(of, 0, s->nr_guests * sizeof(*of));
	for (i = 0; i < s->nr_vcpus; i++)
		add_demand(&s->vcpus[i], tick, &of[s->vcpus[i].guest]);
	for (i = 0; r == 0 && i < s->nr_guests; i++)
		r = add_steal(s, tick, i, &of[i], out);
	return r;
}

int steal_observe(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out)
{
	struct demand *of = calloc(s->nr_guests + 1, sizeof(*of));
	int r = of ? 0 : -ENOMEM;
	size_t tick;

	for (tick = 0; r == 0 && tick < s->nr_ticks; tick++)
		if (series_tick(s, tick).t_s >= w.from_s && series_tick(s, tick).t_s <= w.to_s)
			r = steal_in(s, tick, of, out);
	free(of);
	return r;
}
