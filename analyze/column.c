/* column - one value per tick, stored only between the first and the last tick that has one */
#include "analyze/column.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

int column_set(struct column *c, size_t tick, double value)
{
	size_t wanted, room;
	float *more;

	if (!c->nr)
		c->first = tick;
	assert(tick >= c->first && tick - c->first + 1 >= c->nr);
	wanted = tick - c->first + 1;
	if (wanted > c->room) {
		room = wanted < 16 ? 16 : wanted + wanted / 2;
		more = realloc(c->value, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		c->value = more;
		c->room = room;
	}
	while (c->nr < wanted)
		c->value[c->nr++] = NAN;
	c->value[wanted - 1] = (float)value;
	return 0;
}

double column_at(const struct column *c, size_t tick)
{
	if (tick < c->first || tick - c->first >= c->nr)
		return NAN;
	return (double)c->value[tick - c->first];
}

void column_done(struct column *c)
{
	free(c->value);
	*c = (struct column){0};
}
