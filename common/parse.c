/* parse - numbers as people type them: durations, counts, quantities within bounds */
#include "common/parse.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	double ns;
} units[] = {
        {"", 1e9},   {"s", 1e9},    {"sec", 1e9}, {"ms", 1e6},
        {"us", 1e3}, {"min", 6e10}, {"m", 6e10},  {"h", 3.6e12},
};

/*
 * strtod() takes more than people mean by a number: leading white space, hex, "inf", "nan". Returns where the
 * number ended, or NULL.
 */
static const char *plain_number(const char *text, double *number)
{
	const char *p = text + (*text == '-' || *text == '+');
	char *end;

	if (!isdigit((unsigned char)*p) && *p != '.')
		return NULL;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		return NULL;
	*number = strtod(text, &end);
	return end == text || !isfinite(*number) ? NULL : end;
}

int parse_duration(const char *what, const char *text, uint64_t min_ns, uint64_t max_ns,
                   uint64_t *ns, struct error *e)
{
	char least[32], most[32];
	const char *unit;
	double number;
	size_t i;

	unit = plain_number(text, &number);
	if (!unit)
		return fail(e, EINVAL, "%s '%s': not a number of seconds (as 1, 0.5, 500ms)", what,
		            text);
	while (*unit == ' ')
		unit++;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(unit, units[i].name))
			break;
	if (i == sizeof(units) / sizeof(units[0]))
		return fail(e, EINVAL, "%s '%s': '%s' is not a unit of time (ms, s, min, h)", what,
		            text, unit);
	number *= units[i].ns;
	if (number < (double)min_ns || number > (double)max_ns)
		return fail(e, EINVAL, "%s '%s': must be from %s to %s", what, text,
		            duration_text(min_ns, least), duration_text(max_ns, most));
	*ns = (uint64_t)(number + 0.5);
	return 0;
}

int parse_number(const char *what, const char *text, double min, double max, double *number,
                 struct error *e)
{
	const char *end;
	double value;

	end = plain_number(text, &value);
	if (!end || *end)
		return fail(e, EINVAL, "%s '%s': not a number", what, text);
	if (value < min && isinf(max))
		return fail(e, EINVAL, "%s '%s': must be %g or more", what, text, min);
	if (value < min || value > max)
		return fail(e, EINVAL, "%s '%s': must be from %g to %g", what, text, min, max);
	*number = value;
	return 0;
}

static const struct {
	const char *name;
	double kib;
} size_units[] = {
        {"%", 0},
        {"K", 1},
        {"KiB", 1},
        {"M", 1024},
        {"MiB", 1024},
        {"G", 1048576},
        {"GiB", 1048576},
        {"T", 1073741824},
        {"TiB", 1073741824},
        {"KB", 1e3 / 1024},
        {"MB", 1e6 / 1024},
        {"GB", 1e9 / 1024},
        {"TB", 1e12 / 1024},
};
#define SIZE_UNITS (sizeof(size_units) / sizeof(size_units[0]))

int parse_size(const char *what, const char *text, uint64_t min_kib, uint64_t max_kib,
               struct size *size, struct error *e)
{
	char least[32], most[32];
	const char *unit;
	double number;
	size_t i;

	unit = plain_number(text, &number);
	if (!unit)
		return fail(e, EINVAL, "%s '%s': not a size (as 512M, 2GiB, 10%%)", what, text);
	while (*unit == ' ')
		unit++;
	for (i = 0; i < SIZE_UNITS && strcasecmp(unit, size_units[i].name) != 0; i++)
		;
	if (!*unit && number == 0)
		i = 1;
	if (i == SIZE_UNITS && !*unit)
		return fail(e, EINVAL, "%s '%s': a size needs a unit (M, MiB, G, %%)", what, text);
	if (i == SIZE_UNITS)
		return fail(e, EINVAL, "%s '%s': '%s' is not a unit of size (M, MiB, G, %%)", what,
		            text, unit);
	if (i == 0 && (number < 0 || number > 100))
		return fail(e, EINVAL, "%s '%s': must be from 0 %% to 100 %%", what, text);
	number *= i ? size_units[i].kib : 0.01;
	if (i && (number < (double)min_kib || number > (double)max_kib))
		return fail(e, EINVAL, "%s '%s': must be from %s to %s", what, text,
		            size_text(min_kib, least), size_text(max_kib, most));
	*size = i ? (struct size){.kib = (uint64_t)(number + 0.5)} : (struct size){.part = number};
	return 0;
}

uint64_t size_kib(const struct size *size, uint64_t whole_kib)
{
	return size->part > 0 ? (uint64_t)(size->part * (double)whole_kib) : size->kib;
}

char *size_text(uint64_t kib, char text[32])
{
	double number = (double)kib;

	if (number >= 1073741824)
		snprintf(text, 32, "%.4g TiB", number / 1073741824);
	else if (number >= 1048576)
		snprintf(text, 32, "%.4g GiB", number / 1048576);
	else if (number >= 1024)
		snprintf(text, 32, "%.4g MiB", number / 1024);
	else
		snprintf(text, 32, "%g KiB", number);
	return text;
}

char *duration_text(uint64_t ns, char text[32])
{
	double s = (double)ns / 1e9;

	if (s >= 3600 && ns % 3600000000000 == 0)
		snprintf(text, 32, "%g h", s / 3600);
	else if (s >= 120 && ns % 60000000000 == 0)
		snprintf(text, 32, "%g min", s / 60);
	else if (s >= 1 || ns == 0)
		snprintf(text, 32, "%g s", s);
	else
		snprintf(text, 32, "%g ms", s * 1e3);
	return text;
}
