/* noise - ticks in which the host's other work leaves nothing to say about its balancer */
#include "analyze/noise.h"

#include <math.h>

#include "analyze/quantile.h"

/* The median, of two in the middle the lower one. */
static double usual_pct(const struct series *s)
{
	struct observations known = {0};
	struct observation o = {.weight = 1};
	struct quantile median = {.value = NAN};
	int r = 0;
	size_t i;

	for (i = 0; r == 0 && i < s->nr_ticks; i++) {
		o.value = (double)series_tick(s, i).others_pct;
		if (!isnan(o.value))
			r = observations_add(&known, o);
	}
	if (r == 0 && known.nr) {
		median.weight = (double)known.nr;
		median.share = (double)((known.nr + 1) / 2) / median.weight;
		quantiles(&known, 0, &median, 1);
	}
	observations_done(&known);
	return median.value;
}

double noise_limit_pct(const struct series *s)
{
	unsigned n = series_nr_pcpus(s);
	double limit_pct;

	if (n < 2)
		return NAN;
	/* A load of x % of all n pCPUs on one of them: a deviation of x × sqrt(n - 1) points. */
	limit_pct = usual_pct(s) + NOISE_SD_PP / sqrt(n - 1);
	return limit_pct > NOISE_MOST_PCT ? NOISE_MOST_PCT : limit_pct;
}

bool noise_is_full(const struct series *s, size_t tick)
{
	bool known = false;
	double busy_pct;
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++) {
		busy_pct = column_at(&s->pcpus[i].busy_pct, tick);
		if (busy_pct < NOISE_FULL_PCT)
			return false;
		known |= busy_pct >= NOISE_FULL_PCT;
	}
	return known;
}

long noise_worst(const struct series *s, struct window w, double limit_pct)
{
	long worst = -1;
	size_t i;

	for (i = 0; i < s->nr_ticks; i++)
		if (series_tick(s, i).t_s >= w.from_s && series_tick(s, i).t_s <= w.to_s &&
		    (double)series_tick(s, i).others_pct > limit_pct &&
		    (worst < 0 || series_tick(s, i).others_pct > series_tick(s, worst).others_pct))
			worst = (long)i;
	return worst;
}
