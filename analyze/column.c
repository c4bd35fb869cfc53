/* column - one value per tick, stored only between the first and the last tick that has one */
#include "analyze/column.h"

#include <assert.h>

static int append(struct column *c, float value)
{
	int r = spool_add(&c->values, sizeof(value), &value);

	c->nr += r == 0;
	return r;
}

int column_set(struct column *c, size_t tick, double value)
{
	int r = 0;

	if (!c->nr)
		c->first = tick;
	assert(tick >= c->first + c->nr);
	while (r == 0 && c->first + c->nr < tick)
		r = append(c, NAN);
	return r < 0 ? r : append(c, (float)value);
}

void column_done(struct column *c)
{
	spool_free(c->values);
	*c = (struct column){0};
}
