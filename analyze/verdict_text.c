/* verdict_text - the parts of a verdict in words, the same in every format for people */
#include "analyze/verdict_text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Append, parted by a blank from what is there. */
__attribute__((format(printf, 2, 3))) static void say(char text[VERDICT_TEXT], const char *format,
                                                      ...)
{
	size_t used = strlen(text);
	va_list args;

	if (used && used + 1 < VERDICT_TEXT)
		text[used++] = ' ';
	va_start(args, format);
	vsnprintf(text + used, VERDICT_TEXT - used, format, args);
	va_end(args);
}

char *verdict_limit(const struct judgement *j, char text[VERDICT_TEXT])
{
	const struct criterion *c = j->criterion;
	bool plain = rule_is_plain(&c->rule);
	char limit[LIMIT_TEXT];

	rule_text(&c->rule, c->metric, limit);
	text[0] = '\0';
	if (plain || isnan(j->limit.value))
		say(text, "%s %s", limit_sign[c->rule.op], limit);
	else
		say(text, "%s %g", limit_sign[c->rule.op], j->limit.value);
	if (*c->metric->unit)
		say(text, "%s", c->metric->unit);
	if (!plain && !isnan(j->limit.value))
		say(text, "(%s)", limit);
	if (*c->guest)
		say(text, "of %s", c->guest);
	if (c->hold_pct < 100)
		say(text, "in %g %% of samples", c->hold_pct);
	return text;
}

char *verdict_window(const struct judgement *j, char text[VERDICT_TEXT])
{
	const struct criterion *c = j->criterion;
	char moment[MOMENT_TEXT];

	text[0] = '\0';
	if (isnan(j->window.from_s))
		return text;
	if (isfinite(j->window.from_s))
		say(text, "from %.1f s", j->window.from_s);
	if (isfinite(j->window.from_s) && c->from.kind != MOMENT_TIME)
		say(text, "(%s)", moment_text(&c->from, moment));
	if (isfinite(j->window.to_s))
		say(text, "to %.1f s", j->window.to_s);
	return text;
}

char *verdict_value(const struct judgement *j, char text[VERDICT_TEXT])
{
	const struct metric *m = j->criterion->metric;
	char value[VALUE_TEXT];

	text[0] = '\0';
	if (isnan(j->value))
		return text;
	say(text, "%s", metric_value(m, j->value, value));
	if (*m->unit && isfinite(j->value))
		say(text, "%s", m->unit);
	return text;
}
