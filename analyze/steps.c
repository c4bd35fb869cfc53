/* steps - a value per tick that seldom changes, stored where it does */
#include "analyze/steps.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static bool is_same(float a, float b)
{
	return a == b || (isnan(a) && isnan(b));
}

int steps_set(struct steps *s, size_t tick, double value)
{
	size_t room = s->room ? 2 * s->room : 4;
	struct steps_change *more;

	assert(tick <= UINT32_MAX && (!s->nr || tick >= s->at[s->nr - 1].tick));
	if (s->nr ? is_same(s->at[s->nr - 1].value, (float)value) : isnan(value))
		return 0;
	if (s->nr == s->room) {
		more = realloc(s->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		s->at = more;
		s->room = room;
	}
	s->at[s->nr++] = (struct steps_change){(uint32_t)tick, (float)value};
	return 0;
}

double steps_at(const struct steps *s, size_t tick)
{
	size_t low = 0, high = s->nr, middle;

	/* low: the first that begins after the tick */
	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->at[middle].tick > tick)
			high = middle;
		else
			low = middle + 1;
	}
	return low ? (double)s->at[low - 1].value : NAN;
}

void steps_done(struct steps *s)
{
	free(s->at);
	*s = (struct steps){0};
}
