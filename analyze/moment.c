/* moment - where the window of a criterion begins or ends */
#include "analyze/moment.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define TIME_MAX  (365 * 86400 * 1000000000ULL)
#define TICKS_MAX 1000000

/* "N ticks" or "N tick", nothing after it. */
static bool read_ticks(const char *text, unsigned *ticks)
{
	double number;
	char digits[16];
	size_t length = strspn(text, "0123456789");
	const char *unit = text + length + strspn(text + length, " \t");

	if (!length || length >= sizeof(digits))
		return false;
	if (strcmp(unit, "ticks") && strcmp(unit, "tick"))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)length, text);
	if (parse_number("ticks", digits, 0, TICKS_MAX, &number, NULL) < 0)
		return false;
	*ticks = (unsigned)number;
	return true;
}

static int read_time(const char *key, const char *text, struct moment *m, struct error *e)
{
	uint64_t ns;
	int r = parse_duration(key, text, 0, TIME_MAX, &ns, e);

	if (r == 0)
		m->seconds = (double)ns / 1e9;
	return r;
}

/* "30 s", "30 s + 3 ticks" */
static int read_time_after(const char *key, const char *text, struct moment *m, struct error *e)
{
	const char *plus = strchr(text, '+');
	size_t length = plus ? (size_t)(plus - text) : 0;
	char time[32];

	*m = (struct moment){.kind = MOMENT_TIME};
	if (!plus || length >= sizeof(time))
		return read_time(key, text, m, e);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	snprintf(time, sizeof(time), "%.*s", (int)length, text);
	if (!read_ticks(plus + 1 + strspn(plus + 1, " \t"), &m->ticks))
		return fail(e, EINVAL, "%s '%s': needs a time, or a time + N ticks", key, text);
	return read_time(key, time, m, e);
}

/* "load", "load+3 ticks", "load + 3 ticks" */
static int read_after_load(const char *key, const char *text, struct moment *m, struct error *e)
{
	const char *p = text + strlen("load");

	*m = (struct moment){.kind = MOMENT_LOAD, .seconds = NAN};
	p += strspn(p, " \t");
	if (!*p)
		return 0;
	if (*p++ == '+' && read_ticks(p + strspn(p, " \t"), &m->ticks))
		return 0;
	return fail(e, EINVAL, "%s '%s': needs load+N ticks", key, text);
}

/* "end - 20 ticks" */
static int read_before_end(const char *key, const char *text, struct moment *m, struct error *e)
{
	const char *p = text + strlen("end");

	*m = (struct moment){.kind = MOMENT_END, .seconds = NAN};
	p += strspn(p, " \t");
	if (*p++ == '-' && read_ticks(p + strspn(p, " \t"), &m->ticks) && m->ticks)
		return 0;
	return fail(e, EINVAL, "%s '%s': needs end-N ticks", key, text);
}

static int read_moment(const char *key, const char *text, struct moment *m, struct error *e)
{
	if (!strncmp(text, "load", strlen("load")))
		return read_after_load(key, text, m, e);
	if (!strncmp(text, "end", strlen("end")))
		return read_before_end(key, text, m, e);
	return read_time_after(key, text, m, e);
}

int moment_parse_from(const char *text, struct moment *m, struct error *e)
{
	if (!strcmp(text, "start"))
		m->kind = MOMENT_START;
	else if (!strcmp(text, "settle"))
		m->kind = MOMENT_SETTLE;
	else
		return read_moment("from", text, m, e);
	return 0;
}

int moment_parse_to(const char *text, struct moment *m, struct error *e)
{
	if (strcmp(text, "end"))
		return read_moment("to", text, m, e);
	m->kind = MOMENT_END;
	return 0;
}

int moment_parse_within(const char *text, struct moment *m, struct error *e)
{
	m->seconds = NAN;
	return read_ticks(text, &m->ticks) ? 0 : read_time("within", text, m, e);
}

/* So many deadlines after the first tick at or after a time. */
static double after(const struct series *s, const struct moment *m)
{
	size_t i = 0;

	while (i < s->nr_ticks && series_tick(s, i).t_s < m->seconds)
		i++;
	return i < s->nr_ticks ? settle_ticks_after(s, i, m->ticks) : INFINITY;
}

/* The first of so many deadlines at the end. */
static double before_end(const struct series *s, unsigned ticks)
{
	size_t i = s->nr_ticks;

	while (i && series_tick(s, s->nr_ticks - 1).number - series_tick(s, i - 1).number < ticks)
		i--;
	return i < s->nr_ticks ? series_tick(s, i).t_s : INFINITY;
}

double moment_in_run(const struct moment *m, const struct series *s, const struct settling *x)
{
	switch (m->kind) {
	case MOMENT_START:
		return -INFINITY;
	case MOMENT_TIME:
		return m->ticks ? after(s, m) : m->seconds;
	case MOMENT_LOAD:
		return settle_ticks_after(s, x->load_tick, m->ticks);
	case MOMENT_END:
		return m->ticks ? before_end(s, m->ticks) : INFINITY;
	case MOMENT_SETTLE:
		break;
	}
	return INFINITY;
}

double moment_latest(const struct moment *m, const struct series *s, size_t begin)
{
	return isnan(m->seconds) ? settle_ticks_after(s, begin, m->ticks)
	                         : series_tick(s, begin).t_s + m->seconds;
}

char *moment_text(const struct moment *m, char text[MOMENT_TEXT])
{
	switch (m->kind) {
	case MOMENT_START:
		snprintf(text, MOMENT_TEXT, "start");
		break;
	case MOMENT_TIME:
		snprintf(text, MOMENT_TEXT, m->ticks ? "%g s + %u ticks" : "%g s", m->seconds,
		         m->ticks);
		break;
	case MOMENT_LOAD:
		snprintf(text, MOMENT_TEXT, m->ticks ? "load + %u ticks" : "load", m->ticks);
		break;
	case MOMENT_SETTLE:
		snprintf(text, MOMENT_TEXT, "settle");
		break;
	case MOMENT_END:
		snprintf(text, MOMENT_TEXT, m->ticks ? "end - %u ticks" : "end", m->ticks);
		break;
	}
	return text;
}
