/* memory - metrics of what guests and host have left, and of the sizes of the balloons */
#include "analyze/memory.h"

#include <math.h>

bool memory_is_watched(const struct series_guest *g, size_t tick)
{
	return g->memory.has_balloon && steps_at(&g->memory.presence, tick) == GUEST_RUNS;
}

bool memory_is_full(const struct series_guest *g, size_t tick)
{
	double maximum = steps_at(&g->memory.maximum, tick);

	return column_at(&g->memory.actual, tick) >=
	       maximum - fmax(MEMORY_AT_MIB, MEMORY_AT_PART * maximum);
}

double memory_available_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)series_tick(s, tick).available_mib;
}

static bool is_there(const struct series_guest *g, size_t tick)
{
	return steps_at(&g->memory.presence, tick) > GUEST_IS_GONE;
}

double memory_balloons_mib(const struct series *s, size_t tick)
{
	double sum = 0;
	size_t i, nr = 0;

	for (i = 0; i < s->nr_guests; i++)
		if (is_there(&s->guests[i], tick)) {
			sum += column_at(&s->guests[i].memory.actual, tick);
			nr++;
		}
	return nr ? sum : NAN;
}

double memory_balloons_at(const struct series *s, size_t tick, int32_t *subject)
{
	return memory_balloons_mib(s, tick);
}

double memory_excess_at(const struct series *s, size_t tick, int32_t *subject)
{
	double balloons = memory_balloons_mib(s, tick);
	double pool = (double)series_tick(s, tick).pool_mib;

	if (isnan(balloons))
		return NAN;
	return isnan(pool) ? 0 : fmax(0, balloons - pool);
}

/* How far the smallest balloon lies below the largest, each held against what its guest weighs. */
static double spread(const struct series *s, size_t tick, bool by_share)
{
	double least = NAN, most = NAN, actual;
	size_t i;

	for (i = 0; i < s->nr_guests; i++) {
		if (!memory_is_watched(&s->guests[i], tick))
			continue;
		actual = column_at(&s->guests[i].memory.actual, tick) /
		         (by_share ? s->guests[i].share : 1);
		if (isnan(actual))
			return NAN;
		most = fmax(most, actual);
		least = fmin(least, actual);
	}
	return most > 0 ? 100 * (most - least) / most : (double)NAN;
}

double memory_spread_at(const struct series *s, size_t tick, int32_t *subject)
{
	return spread(s, tick, false);
}

double memory_share_spread_at(const struct series *s, size_t tick, int32_t *subject)
{
	return spread(s, tick, true);
}

/* ---- of a tick and guest ---- */

/* Whether the host had less to give than all guests lacked, so that no balancer could have kept them in their bands. */
static bool is_exhausted(const struct series *s, size_t tick)
{
	double spare = (double)series_tick(s, tick).spare_mib, lacked = 0, lack;
	size_t i;

	if (tick)
		spare = fmin(spare, (double)series_tick(s, tick - 1).spare_mib);
	if (isnan(spare))
		return false;
	for (i = 0; i < s->nr_guests; i++) {
		const struct memory_series *m = &s->guests[i].memory;

		lack = steps_at(&m->low, tick) - column_at(&m->usable, tick);
		if (lack > 0 && !memory_is_full(&s->guests[i], tick))
			lacked += lack;
	}
	return lacked > spare;
}

/* True in the first seconds of a guest that had not reported yet. */
static bool is_before_first_report(const struct series *s, const struct memory_series *m,
                                   size_t tick)
{
	const struct column *c = &m->usable;

	return c->nr && tick < c->first &&
	       series_tick(s, c->first).t_s - m->seen_s <= MEMORY_FIRST_REPORT_S;
}

/* The value of a guest in a tick; false: there is nothing to tell. */
typedef bool (*guest_value)(const struct series *s, size_t tick, const struct series_guest *g,
                            bool exhausted, double *value);

static int observe_guests(const struct series *s, struct window w, guest_value of,
                          struct observations *out)
{
	size_t tick, i;
	bool exhausted;
	int r = 0;

	for (tick = 0; tick < s->nr_ticks; tick++) {
		const struct series_tick t = series_tick(s, tick);
		struct observation o = {.t_s = t.t_s, .loaded = true};

		if (t.t_s < w.from_s || t.t_s > w.to_s)
			continue;
		o.weight = isnan(t.dt_s) ? 0 : (double)t.dt_s;
		exhausted = is_exhausted(s, tick);
		for (i = 0; r == 0 && i < s->nr_guests; i++) {
			const struct series_guest *g = &s->guests[i];

			o.subject = (int32_t)i;
			if (memory_series_known(&g->memory) && memory_is_watched(g, tick) &&
			    of(s, tick, g, exhausted, &o.value))
				r = observations_add(out, o);
		}
	}
	return r;
}

static bool is_left_alone(const struct series *s, size_t tick, const struct series_guest *g,
                          bool exhausted)
{
	return exhausted || memory_is_full(g, tick) || is_before_first_report(s, &g->memory, tick);
}

static bool unused_of(const struct series *s, size_t tick, const struct series_guest *g,
                      bool exhausted, double *value)
{
	*value = column_at(&g->memory.unused, tick);
	return !is_left_alone(s, tick, g, exhausted);
}

static bool usable_of(const struct series *s, size_t tick, const struct series_guest *g,
                      bool exhausted, double *value)
{
	*value = column_at(&g->memory.usable, tick);
	return !is_left_alone(s, tick, g, exhausted);
}

static bool actual_of(const struct series *s, size_t tick, const struct series_guest *g,
                      bool exhausted, double *value)
{
	*value = column_at(&g->memory.actual, tick);
	return true;
}

static bool age_of(const struct series *s, size_t tick, const struct series_guest *g,
                   bool exhausted, double *value)
{
	*value = steps_at(&g->memory.age_s, tick);
	return !is_before_first_report(s, &g->memory, tick);
}

int memory_unused_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out)
{
	return observe_guests(s, w, unused_of, out);
}

int memory_usable_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out)
{
	return observe_guests(s, w, usable_of, out);
}

int memory_actual_observe(const struct series *s, const struct settling *x, struct window w,
                          struct observations *out)
{
	return observe_guests(s, w, actual_of, out);
}

int memory_stale_observe(const struct series *s, const struct settling *x, struct window w,
                         struct observations *out)
{
	return observe_guests(s, w, age_of, out);
}

/* ---- of the run ---- */

double memory_reserve(const struct series *s, const struct settling *x, struct window w)
{
	double most = NAN;
	size_t i;

	for (i = 0; i < s->nr_ticks; i++)
		most = fmax(most, (double)series_tick(s, i).reserve_mib);
	return most;
}

double memory_pool(const struct series *s, const struct settling *x, struct window w)
{
	double least = NAN;
	size_t i;

	for (i = 0; i < s->nr_ticks; i++)
		least = fmin(least, (double)series_tick(s, i).pool_mib);
	return least;
}

double memory_low(const struct series *s, const struct settling *x, struct window w)
{
	double least = NAN;
	size_t i, n;

	for (i = 0; i < s->nr_guests; i++)
		for (n = 0; n < s->guests[i].memory.low.nr; n++)
			least = fmin(least, steps_value(&s->guests[i].memory.low, n));
	return least;
}
