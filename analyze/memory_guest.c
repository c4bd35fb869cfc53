/* memory_guest - metrics of a guest's memory over a run, a number for each guest */
#include "analyze/memory_guest.h"

#include <math.h>

#include "analyze/memory.h"
#include "analyze/settle.h"

/* The ticks of a window: first <= tick < end. */
struct span {
	size_t first, end;
};

static struct span span_of(const struct series *s, struct window w)
{
	struct span x = {0, s->nr_ticks};

	while (x.first < x.end && series_tick(s, x.first).t_s < w.from_s)
		x.first++;
	while (x.end > x.first && series_tick(s, x.end - 1).t_s > w.to_s)
		x.end--;
	return x;
}

/* The number of a guest. -INFINITY: there is nothing to tell of it. */
typedef double (*guest_number)(const struct series *s, const struct series_guest *g, struct span x);

static int each_guest(const struct series *s, struct window w, guest_number of,
                      struct observations *out)
{
	struct observation o = {.t_s = w.to_s, .weight = 1, .loaded = true};
	struct span x = span_of(s, w);
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < s->nr_guests; i++) {
		if (!memory_series_known(&s->guests[i].memory) || !s->guests[i].memory.has_balloon)
			continue;
		o.subject = (int32_t)i;
		o.value = of(s, &s->guests[i], x);
		if (o.value != -INFINITY)
			r = observations_add(out, o);
	}
	return r;
}

#define OF_EACH_GUEST(name, of)                                                     \
	int name(const struct series *s, const struct settling *x, struct window w, \
	         struct observations *out)                                          \
	{                                                                           \
		return each_guest(s, w, of, out);                                   \
	}

/* ---- in its band ---- */

/* How far out of its band; negative: below it. NAN: not known. */
static double beyond(const struct memory_series *m, size_t tick)
{
	double usable = column_at(&m->usable, tick);
	double low = steps_at(&m->low, tick), high = steps_at(&m->high, tick);

	if (isnan(usable) || isnan(low) || isnan(high))
		return NAN;
	return usable < low ? usable - low : usable > high ? usable - high : 0;
}

static double in_band_of(const struct series *s, const struct series_guest *g, struct span x)
{
	double in_s = 0, all_s = 0, by, dt_s;

	for (; x.first < x.end; x.first++) {
		by = beyond(&g->memory, x.first);
		dt_s = (double)series_tick(s, x.first).dt_s;
		if (isnan(by) || isnan(dt_s) || !memory_is_watched(g, x.first))
			continue;
		all_s += dt_s;
		in_s += fabs(by) <= MEMORY_BEYOND_MIB ? dt_s : 0;
	}
	return all_s > 0 ? 100 * in_s / all_s : (double)NAN;
}

static double deficit_of(const struct series *s, const struct series_guest *g, struct span x)
{
	double sum = 0, by;
	bool known = false;

	for (; x.first < x.end; x.first++) {
		by = beyond(&g->memory, x.first);
		if (isnan(by) || isnan(series_tick(s, x.first).dt_s))
			continue;
		known = true;
		if (by < 0 && !memory_is_full(g, x.first))
			sum -= by * (double)series_tick(s, x.first).dt_s;
	}
	return known ? sum : (double)NAN;
}

/* In its band, or as near to it as its maximum and the plan's floor let it come. NAN: not known. */
static double is_at_rest(const struct series_guest *g, size_t tick)
{
	const struct memory_series *m = &g->memory;
	double by = beyond(m, tick), actual = column_at(&m->actual, tick);

	if (isnan(by) || fabs(by) <= MEMORY_BEYOND_MIB)
		return isnan(by) ? NAN : 1;
	if (by < 0)
		return memory_is_full(g, tick);
	return actual <= steps_at(&m->floor, tick) + fmax(MEMORY_AT_MIB, MEMORY_AT_PART * actual);
}

double memory_at_rest(const struct series *s, size_t tick, int32_t *subject)
{
	double all = NAN, rest; /* fmin() leaves out what is not known */
	size_t i;

	for (i = 0; i < s->nr_guests; i++) {
		const struct series_guest *g = &s->guests[i];

		if (!memory_series_known(&g->memory) || !memory_is_watched(g, tick))
			continue;
		rest = is_at_rest(g, tick);
		if (!isnan(rest))
			all = fmin(all, rest);
	}
	return all;
}

/* From the end back to the last tick that was not at rest. */
static double settle_of(const struct series *s, const struct series_guest *g, struct span x)
{
	size_t tick, known = 0, held = 0;
	double since_s = INFINITY, first_s = NAN, rest;
	bool later = true;

	for (tick = x.end; tick-- > x.first;) {
		rest = memory_is_watched(g, tick) ? is_at_rest(g, tick) : (double)NAN;
		if (isnan(rest))
			continue;
		known++;
		first_s = series_tick(s, tick).t_s;
		later = later && rest;
		held += later;
		if (later)
			since_s = series_tick(s, tick).t_s;
	}
	if (!known)
		return NAN;
	return held >= SETTLED_SAMPLES || 2 * held >= known ? since_s - first_s : INFINITY;
}

OF_EACH_GUEST(memory_in_band, in_band_of)
OF_EACH_GUEST(memory_deficit, deficit_of)
OF_EACH_GUEST(memory_settle, settle_of)

/* ---- how much it had ---- */

/* The tick with the largest known value; x.end when there is none. */
static size_t largest(const struct column *c, struct span x)
{
	double most = NAN, value;
	size_t at = x.end, tick;

	for (tick = x.first; tick < x.end; tick++) {
		value = column_at(c, tick);
		if (isnan(value) || value <= most)
			continue;
		most = value;
		at = tick;
	}
	return at;
}

static double peak_of(const struct column *c, struct span x)
{
	size_t at = largest(c, x);

	return at < x.end ? column_at(c, at) : (double)NAN;
}

static double peak_used_of(const struct series *s, const struct series_guest *g, struct span x)
{
	return peak_of(&g->memory.used, x);
}

static double peak_actual_of(const struct series *s, const struct series_guest *g, struct span x)
{
	return peak_of(&g->memory.actual, x);
}

static double room_of(const struct series *s, const struct series_guest *g, struct span x)
{
	const struct memory_series *m = &g->memory;
	double least = NAN, room;

	for (; x.first < x.end; x.first++) {
		room = steps_at(&m->maximum, x.first) - column_at(&m->actual, x.first);
		if (!isnan(room))
			least = fmin(least, fmin(room, (double)series_tick(s, x.first).spare_mib));
	}
	return isnan(least) ? NAN : fmax(least, 0);
}

OF_EACH_GUEST(memory_peak_used, peak_used_of)
OF_EACH_GUEST(memory_peak_actual, peak_actual_of)
OF_EACH_GUEST(memory_room, room_of)

/* ---- how far it went ---- */

static size_t first_known(const struct column *c, struct span x)
{
	while (x.first < x.end && isnan(column_at(c, x.first)))
		x.first++;
	return x.first;
}

/* A guest that starts anew comes with another balloon: nobody moved it there. */
static double travel_of(const struct series *s, const struct series_guest *g, struct span x)
{
	const struct memory_series *m = &g->memory;
	double sum = 0, before = NAN, now;
	bool known = false;

	for (; x.first < x.end; x.first++) {
		now = column_at(&m->actual, x.first);
		if (isnan(now))
			continue;
		if (!isnan(before) &&
		    steps_at(&m->restarts, x.first) == steps_at(&m->restarts, x.first - 1))
			sum += fabs(now - before);
		before = now;
		known = true;
	}
	return known ? sum : (double)NAN;
}

static double net_of(const struct series *s, const struct series_guest *g, struct span x)
{
	const struct column *c = &g->memory.actual;
	size_t first = first_known(c, x), last = x.end;

	while (last > first && isnan(column_at(c, last - 1)))
		last--;
	return last > first ? fabs(column_at(c, last - 1) - column_at(c, first)) : (double)NAN;
}

/* When it has freed half of what its use had grown by; x.end when it never did. */
static size_t release_tick(const struct memory_series *m, struct span x)
{
	size_t first = first_known(&m->used, x), peak = largest(&m->used, x), tick;
	double half;

	if (peak == x.end)
		return x.end;
	half = (column_at(&m->used, first) + column_at(&m->used, peak)) / 2;
	for (tick = peak + 1; tick < x.end; tick++)
		if (column_at(&m->used, tick) <= half)
			break;
	return tick;
}

/* From there until its balloon is, to the end, no larger than it began. */
static double return_of(const struct series *s, const struct series_guest *g, struct span x)
{
	const struct column *c = &g->memory.actual;
	size_t freed = release_tick(&g->memory, x), back = x.end;
	double began = column_at(c, first_known(c, x));

	if (!(peak_of(c, x) > began + MEMORY_AT_MIB))
		return -INFINITY;
	if (freed >= x.end)
		return NAN;
	while (back > freed && !(column_at(c, back - 1) > began + MEMORY_AT_MIB))
		back--;
	return back < x.end ? series_tick(s, back).t_s - series_tick(s, freed).t_s : INFINITY;
}

OF_EACH_GUEST(memory_travel, travel_of)
OF_EACH_GUEST(memory_net, net_of)
OF_EACH_GUEST(memory_return, return_of)
