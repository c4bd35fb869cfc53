/* moves - metrics of what a run made of the balloons: orders, cuts, turns */
#include "analyze/moves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/memory.h"
#include "analyze/settings.h"

#define SEEN_MIB 1.0 /* balloons breathe less than that by themselves */

bool moves_is_order(const struct trace_action_row *row)
{
	const struct action *a = &row->action;

	return a->kind == ACTION_BALLOON && a->result == RESULT_DONE && a->from_kib != a->to_kib;
}

/* What is found out about each guest while its moves pass by. */
struct tally {
	const struct series *s;
	struct window w;
	double *of;   /* a number for each guest */
	double *last; /* by how much its last move went, MiB; 0: none yet */
	size_t tick;  /* where the one before was looked for */
};

/* A move of a guest by so many MiB. */
typedef void (*move_fn)(struct tally *t, size_t guest, double t_s, double by_mib);

static bool within(const struct tally *t, double t_s)
{
	return t_s >= t->w.from_s && t_s <= t->w.to_s;
}

static void pass_orders(struct tally *t, move_fn move)
{
	const struct series *s = t->s;
	size_t i;
	long at;

	for (i = 0; i < s->nr_actions; i++) {
		const struct action *a = &series_action(s, i)->action;

		at = moves_is_order(series_action(s, i)) ? series_guest_of(s, a) : -1;
		if (at >= 0)
			move(t, (size_t)at, series_time_s(s, series_action(s, i)->mono_ns),
			     ((double)a->to_kib - (double)a->from_kib) / 1024);
	}
}

static void pass_seen(struct tally *t, move_fn move)
{
	const struct series *s = t->s;
	size_t tick, i;
	double by;

	for (i = 0; i < s->nr_guests; i++) {
		const struct memory_series *m = &s->guests[i].memory;

		for (tick = 1; tick < s->nr_ticks; tick++) {
			by = column_at(&m->actual, tick) - column_at(&m->actual, tick - 1);
			if (fabs(by) >= SEEN_MIB &&
			    steps_at(&m->restarts, tick) == steps_at(&m->restarts, tick - 1))
				move(t, i, series_tick(s, tick).t_s, by);
		}
	}
}

/* A number for each guest whose memory is told. */
static int put_numbers(const struct tally *t, struct observations *out)
{
	struct observation o = {.t_s = t->w.to_s, .weight = 1, .loaded = true};
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < t->s->nr_guests; i++) {
		if (!memory_series_known(&t->s->guests[i].memory))
			continue;
		o.subject = (int32_t)i;
		o.value = t->of[i];
		r = observations_add(out, o);
	}
	return r;
}

/* Let a function work on a tally and hand over what it found. */
static int count(const struct series *s, struct window w, void (*pass)(struct tally *, move_fn),
                 move_fn move, struct observations *out)
{
	struct tally t = {s, w, calloc(s->nr_guests + 1, sizeof(*t.of)),
	                  calloc(s->nr_guests + 1, sizeof(*t.last))};
	int r = t.of && t.last ? 0 : -ENOMEM;

	if (r == 0) {
		pass(&t, move);
		r = put_numbers(&t, out);
	}
	free(t.of);
	free(t.last);
	return r;
}

static void pass_moves(struct tally *t, move_fn move)
{
	if (settings_moves_memory(&t->s->run))
		pass_orders(t, move);
	else
		pass_seen(t, move);
}

static void keep_cut(struct tally *t, size_t guest, double t_s, double by_mib)
{
	if (within(t, t_s) && -by_mib > t->of[guest])
		t->of[guest] = -by_mib;
}

static void count_turn(struct tally *t, size_t guest, double t_s, double by_mib)
{
	t->of[guest] += within(t, t_s) && t->last[guest] * by_mib < 0;
	t->last[guest] = by_mib;
}

int moves_largest_cut(const struct series *s, const struct settling *x, struct window w,
                      struct observations *out)
{
	return count(s, w, pass_moves, keep_cut, out);
}

int moves_turns(const struct series *s, const struct settling *x, struct window w,
                struct observations *out)
{
	return count(s, w, pass_moves, count_turn, out);
}

/* ---- orders ---- */

/* One that was made, whatever came of it. */
static bool is_call(const struct trace_action_row *row)
{
	return row->action.kind == ACTION_BALLOON && row->action.result != RESULT_DRY_RUN &&
	       row->action.result != RESULT_NONE;
}

/* For each call: whether it is to be counted. */
static void pass_calls(struct tally *t, bool (*counts)(struct tally *t, size_t i, long guest))
{
	const struct series *s = t->s;
	size_t i;
	long at;

	for (i = 0; i < s->nr_actions; i++) {
		at = is_call(series_action(s, i)) ? series_guest_of(s, &series_action(s, i)->action)
		                                  : -1;
		if (at >= 0 && within(t, series_time_s(s, series_action(s, i)->mono_ns)))
			t->of[at] += !counts || counts(t, i, at);
	}
}

/* The moment of the next call to the same guest, INFINITY when there is none. */
static double next_call_s(const struct series *s, size_t i)
{
	const struct trace_action_row *row = series_action(s, i);
	uint8_t guest[UUID_BYTES];

	memcpy(guest, row->action.guest, UUID_BYTES);
	while (++i < s->nr_actions) {
		row = series_action(s, i);
		if (is_call(row) && !memcmp(row->action.guest, guest, UUID_BYTES))
			return series_time_s(s, row->mono_ns);
	}
	return INFINITY;
}

/* The first tick at or after a moment, which is mostly a little after the tick `near`; nr_ticks when there is none. */
static size_t tick_from(const struct series *s, double t_s, size_t near)
{
	if (near && !(series_tick(s, near - 1).t_s < t_s))
		near = 0;
	while (near < s->nr_ticks && series_tick(s, near).t_s < t_s)
		near++;
	return near;
}

/*
 * Refused, failed; or accepted, and not there when it should be. One that another overtook in between tells nothing, and nor does
 * one that the run ended after.
 */
static bool is_missed(struct tally *t, size_t i, long guest)
{
	const struct series *s = t->s;
	const struct action *a = &series_action(s, i)->action;
	double asked_mib = (double)a->to_kib / 1024;
	double due_s = series_time_s(s, series_action(s, i)->mono_ns) + MOVES_REACHED_S;
	size_t tick = t->tick = tick_from(s, due_s, t->tick);
	double off;

	if (a->result == RESULT_REFUSED)
		return true;
	if (a->result == RESULT_GONE || tick == s->nr_ticks ||
	    next_call_s(s, i) < series_tick(s, tick).t_s)
		return false;
	off = fabs(column_at(&s->guests[guest].memory.actual, tick) - asked_mib);
	return off > fmax(MEMORY_AT_MIB, MEMORY_AT_PART * asked_mib);
}

static int count_calls(const struct series *s, struct window w,
                       bool (*counts)(struct tally *t, size_t i, long guest),
                       struct observations *out)
{
	struct tally t = {s, w, calloc(s->nr_guests + 1, sizeof(*t.of)), NULL};
	int r = t.of ? 0 : -ENOMEM;

	if (r == 0) {
		pass_calls(&t, counts);
		r = put_numbers(&t, out);
	}
	free(t.of);
	return r;
}

int moves_calls(const struct series *s, const struct settling *x, struct window w,
                struct observations *out)
{
	return count_calls(s, w, NULL, out);
}

int moves_missed(const struct series *s, const struct settling *x, struct window w,
                 struct observations *out)
{
	return count_calls(s, w, is_missed, out);
}
