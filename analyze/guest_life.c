/* guest_life - metrics of guests that end, start anew, or run out of memory */
#include "analyze/guest_life.h"

#include <math.h>

static bool is_alive(const struct series_guest *g, size_t tick)
{
	double presence = steps_at(&g->memory.presence, tick);

	return presence == GUEST_RUNS || presence == GUEST_STANDS_STILL;
}

/* How often it ended in a tick: it was alive in the one before. */
static double lost_in(const struct series *s, const struct series_guest *g, size_t tick)
{
	return is_alive(g, tick - 1) && !is_alive(g, tick);
}

static double restarts_in(const struct series *s, const struct series_guest *g, size_t tick)
{
	const struct steps *restarts = &g->memory.restarts;
	double before = steps_at(restarts, tick - 1), now = steps_at(restarts, tick);

	return now > before ? now - before : 0;
}

/* The last that it told before a tick was that nothing is left. */
static bool had_nothing_left(const struct series *s, const struct series_guest *g, size_t tick)
{
	double usable, end_s = series_tick(s, tick).t_s;

	while (tick-- && end_s - series_tick(s, tick).t_s <= LIFE_LAST_SEEN_S) {
		usable = column_at(&g->memory.usable, tick);
		if (!isnan(usable))
			return usable <= LIFE_NOTHING_LEFT_MIB;
	}
	return false;
}

static bool has_freed_at_once(const struct series_guest *g, size_t tick)
{
	const struct memory_series *m = &g->memory;
	double freed = column_at(&m->used, tick - 1) - column_at(&m->used, tick);

	return freed >= LIFE_FREED_PART * column_at(&m->actual, tick - 1);
}

static double oom_in(const struct series *s, const struct series_guest *g, size_t tick)
{
	bool ended = lost_in(s, g, tick) > 0 || restarts_in(s, g, tick) > 0;

	return (ended || has_freed_at_once(g, tick)) && had_nothing_left(s, g, tick);
}

/* Sum over the ticks of a window; a guest that has told nothing is not known where its memory is asked for. */
static int add_up(const struct series *s, struct window w,
                  double (*in)(const struct series *s, const struct series_guest *g, size_t tick),
                  bool needs_memory, struct observations *out)
{
	struct observation o = {.t_s = w.to_s, .weight = 1, .loaded = true};
	size_t i, tick;
	int r = 0;

	for (i = 0; r == 0 && i < s->nr_guests; i++) {
		const struct series_guest *g = &s->guests[i];

		if (needs_memory && !memory_series_known(&g->memory))
			continue;
		o.subject = (int32_t)i;
		o.value = needs_memory && !g->memory.usable.nr ? (double)NAN : 0;
		for (tick = 1; tick < s->nr_ticks; tick++)
			if (series_tick(s, tick).t_s >= w.from_s &&
			    series_tick(s, tick).t_s <= w.to_s)
				o.value += in(s, g, tick);
		r = observations_add(out, o);
	}
	return r;
}

int life_lost(const struct series *s, const struct settling *x, struct window w,
              struct observations *out)
{
	return add_up(s, w, lost_in, false, out);
}

int life_oom(const struct series *s, const struct settling *x, struct window w,
             struct observations *out)
{
	return add_up(s, w, oom_in, true, out);
}

int life_reboots(const struct series *s, const struct settling *x, struct window w,
                 struct observations *out)
{
	return add_up(s, w, restarts_in, false, out);
}
