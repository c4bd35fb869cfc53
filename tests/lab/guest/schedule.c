/* schedule - which load a guest shall have at which moment, as one short word: "18", "9,25@30" */
#include "schedule.h"

#include <stdlib.h>

/* A number from 0 to most; *end is where it stops, NULL when there is none. */
static double number(const char *text, double most, const char **end)
{
	char *stop;
	double value;

	*end = NULL;
	if (*text < '0' || *text > '9')
		return 0;
	value = strtod(text, &stop);
	if (value <= most)
		*end = stop;
	return value;
}

int schedule_parse(const char *text, struct schedule *s)
{
	struct schedule got = {0};

	for (;;) {
		struct schedule_step step = {0};

		if (got.nr == SCHEDULE_STEPS)
			return -1;
		step.level_ppm = (uint32_t)(number(text, 100, &text) * 1e4 + 0.5);
		if (!text)
			return -1;
		if (*text == '@')
			step.at_ns = (uint64_t)(number(text + 1, 1e6, &text) * 1e9);
		if (!text)
			return -1;
		if (got.nr ? step.at_ns <= got.step[got.nr - 1].at_ns : step.at_ns != 0)
			return -1;
		got.step[got.nr++] = step;
		if (!*text)
			break;
		if (*text++ != ',')
			return -1;
	}
	*s = got;
	return 0;
}

uint32_t schedule_level_ppm(const struct schedule *s, uint64_t at_ns)
{
	uint32_t level_ppm = 0;
	unsigned i;

	for (i = 0; i < s->nr && s->step[i].at_ns <= at_ns; i++)
		level_ppm = s->step[i].level_ppm;
	return level_ppm;
}
