/* noise - ticks in which the host's other work leaves nothing to say about its balancer */
#include "analyze/noise.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static double usual_pct(const struct series *s)
{
	float *known = calloc(s->nr_ticks + 1, sizeof(*known));
	double usual;
	size_t i, n = 0;

	for (i = 0; known && i < s->nr_ticks; i++)
		if (!isnan(s->ticks[i].others_pct))
			known[n++] = s->ticks[i].others_pct;
	if (n)
		qsort(known, n, sizeof(*known), by_value);
	usual = n ? (double)known[(n - 1) / 2] : NAN;
	free(known);
	return usual;
}

double noise_limit_pct(const struct series *s)
{
	unsigned n = s->nr_ticks ? s->ticks[s->nr_ticks - 1].nr_pcpus : 0;
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
		if (s->ticks[i].t_s >= w.from_s && s->ticks[i].t_s <= w.to_s &&
		    (double)s->ticks[i].others_pct > limit_pct &&
		    (worst < 0 || s->ticks[i].others_pct > s->ticks[worst].others_pct))
			worst = (long)i;
	return worst;
}
