/* settle - since when a limit holds to the end of a run */
#include "analyze/settle.h"

#include <math.h>
#include <string.h>

#include "analyze/course.h"
#include "analyze/load.h"
#include "analyze/settings.h"

/* From the end to the start, a moment (all samples of one time) at once. */
struct settled settle_find(const struct observations *o, struct limit limit, double hold_pct)
{
	struct settled found = {0};
	size_t judged = 0, held = 0, i = o->nr, known, good;
	bool later_holds = true, holds;
	struct observation x;
	double t_s;

	while (i) {
		x = observations_at(o, i - 1);
		t_s = x.t_s;
		for (known = good = 0; x.t_s == t_s; x = observations_at(o, i - 1)) {
			known += !isnan(x.value);
			good += limit_holds(limit, x.value);
			if (!--i)
				break;
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
		if (series_tick(s, i).number - series_tick(s, tick).number >= ticks)
			return series_tick(s, i).t_s;
	return INFINITY;
}

static bool is_loaded(const struct observation *x, const void *with)
{
	return x->loaded;
}

static int settle_balance(const struct series *s, struct limit limit, struct settling *out)
{
	struct observations o = {0};
	long first = load_first(s);
	int r;

	out->loaded = first >= 0;
	if (first < 0)
		return 0;
	out->load_tick = (size_t)first;
	out->load_s = series_tick(s, first).t_s;
	out->grace_s = settle_ticks_after(s, out->load_tick, SETTLE_GRACE_TICKS);
	r = metric_observe(metric_find("cpu.sd_pp"), s, NULL,
	                   (struct window){out->load_s, INFINITY}, &o);
	if (r == 0)
		r = observations_keep(&o, is_loaded, NULL);
	out->settled = settle_find(&o, limit, 100);
	if (r == 0)
		r = course_find(&o, limit, &out->course);
	observations_done(&o);
	return r;
}

static int settle_memory(const struct series *s, struct settling *out)
{
	const struct limit all = {.op = LIMIT_AT_LEAST, .value = 1, .known = KNOWN_EXACTLY};
	struct observations o = {0};
	int r = metric_observe(metric_find("mem.at_rest"), s, NULL, WINDOW_ALL, &o);

	out->rest = settle_find(&o, all, 100);
	if (r == 0)
		r = course_find(&o, all, &out->rest_course);
	observations_done(&o);
	return r;
}

int settle_run(const struct series *s, struct limit balance, struct settling *out)
{
	int r;

	*out = (struct settling){
	        .limit = balance, .course = COURSE_UNKNOWN, .rest_course = COURSE_UNKNOWN};
	r = settle_balance(s, balance, out);
	return r < 0 ? r : settle_memory(s, out);
}

bool settle_is_of_memory(const struct series *s, const struct metric *m)
{
	if (!strncmp(m->id, "mem.", 4) || !strncmp(m->id, "cpu.", 4))
		return *m->id == 'm';
	return settings_moves_memory(&s->run);
}

struct window settle_window(const struct series *s, const struct settling *x,
                            const struct metric *m)
{
	struct window w = {NAN, INFINITY};

	if (settle_is_of_memory(s, m)) {
		if (x->rest.is)
			w.from_s = x->rest.at_s;
	} else if (x->loaded && x->settled.is) {
		w.from_s = fmax(x->settled.at_s, x->grace_s);
	}
	return w;
}
