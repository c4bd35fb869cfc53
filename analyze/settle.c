/* settle - since when a limit holds to the end of a run */
#include "analyze/settle.h"

#include <math.h>

#include "analyze/course.h"
#include "analyze/load.h"

/* From the end to the start, a moment (all samples of one time) at once. */
struct settled settle_find(const struct observations *o, struct limit limit, double hold_pct)
{
	struct settled found = {0};
	size_t judged = 0, held = 0, i = o->nr, known, good;
	bool later_holds = true, holds;
	double t_s;

	while (i) {
		t_s = o->at[i - 1].t_s;
		for (known = good = 0; i && o->at[i - 1].t_s == t_s; i--) {
			known += !isnan(o->at[i - 1].value);
			good += limit_holds(limit, o->at[i - 1].value);
		}
		if (!known)
			continue;
		holds = good == known;
		found.left += holds && !later_holds;
		later_holds = holds;
		judged += known;
		held += good;
		if (!holds || 100 * (double)held < hold_pct * (double)judged)
			continue;
		found.at_s = t_s;
		found.held = held;
	}
	found.judged = judged;
	found.is = found.held && (found.held >= SETTLED_SAMPLES || 2 * found.held >= judged);
	return found;
}

double settle_ticks_after(const struct series *s, size_t tick, uint64_t ticks)
{
	size_t i;

	for (i = tick; i < s->nr_ticks; i++)
		if (s->ticks[i].number - s->ticks[tick].number >= ticks)
			return s->ticks[i].t_s;
	return INFINITY;
}

int settle_balance(const struct series *s, struct limit limit, struct settling *out)
{
	struct observations o = {0};
	long first = load_first(s);
	size_t i, n = 0;
	int r;

	*out = (struct settling){.limit = limit, .loaded = first >= 0, .course = COURSE_UNKNOWN};
	if (first < 0)
		return 0;
	out->load_tick = (size_t)first;
	out->load_s = s->ticks[first].t_s;
	out->grace_s = settle_ticks_after(s, out->load_tick, SETTLE_GRACE_TICKS);
	r = metric_observe(metric_find("cpu.sd_pp"), s, NULL,
	                   (struct window){out->load_s, INFINITY}, &o);
	for (i = 0; i < o.nr; i++)
		if (o.at[i].loaded)
			o.at[n++] = o.at[i];
	o.nr = n;
	out->settled = settle_find(&o, limit, 100);
	if (r == 0)
		r = course_find(&o, limit, &out->course);
	observations_done(&o);
	return r;
}
