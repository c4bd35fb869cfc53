/* steps - a value per tick that seldom changes, stored where it does */
#include "analyze/steps.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>

static bool is_same(float a, float b)
{
	return a == b || (isnan(a) && isnan(b));
}

static struct steps_change change_at(const struct steps *s, size_t i)
{
	return *(const struct steps_change *)spool_at(s->changes, i);
}

int steps_set(struct steps *s, size_t tick, double value)
{
	struct steps_change next = {(uint32_t)tick, (float)value}, last = {0, NAN};
	int r;

	if (s->nr)
		last = change_at(s, s->nr - 1);
	assert(tick <= UINT32_MAX && tick >= last.tick);
	if (is_same(last.value, next.value))
		return 0;
	r = spool_add(&s->changes, sizeof(next), &next);
	s->nr += r == 0;
	return r;
}

/* The first change after a tick, looked for between two of them. */
static size_t find(const struct steps *s, size_t tick, size_t low, size_t high)
{
	size_t middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (change_at(s, middle).tick > tick)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/*
 * Ticks are mostly asked for in order, one way or the other: so the spool's mark remembers where the one before was found, and it
 * is there or next to it. A search through a file at every tick would read a block for each of its steps.
 */
double steps_at(const struct steps *s, size_t tick)
{
	size_t at;

	if (!s->nr)
		return NAN;
	at = s->changes->mark;
	if (at && change_at(s, at - 1).tick > tick)
		at = at == 1 || change_at(s, at - 2).tick <= tick ? at - 1
		                                                  : find(s, tick, 0, at - 2);
	else if (at < s->nr && change_at(s, at).tick <= tick)
		at = at + 1 == s->nr || change_at(s, at + 1).tick > tick
		             ? at + 1
		             : find(s, tick, at + 2, s->nr);
	s->changes->mark = at;
	return at ? (double)change_at(s, at - 1).value : NAN;
}

double steps_value(const struct steps *s, size_t i)
{
	return (double)change_at(s, i).value;
}

void steps_done(struct steps *s)
{
	spool_free(s->changes);
	*s = (struct steps){0};
}
