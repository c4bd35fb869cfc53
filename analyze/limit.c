/* limit - a sign and a number that the values of a metric are held against, or the words that will do */
#include "analyze/limit.h"

#include <assert.h>
#include <stdio.h>

const char *const limit_sign[] = {
        [LIMIT_AT_MOST] = "<=",  [LIMIT_BELOW] = "<", [LIMIT_IS] = "==",
        [LIMIT_AT_LEAST] = ">=", [LIMIT_ABOVE] = ">", [LIMIT_ONE_OF] = "one of",
};
static_assert(sizeof(limit_sign) / sizeof(limit_sign[0]) == LIMIT_OPS, "a sign for each");

bool limit_holds(struct limit limit, double value)
{
	switch (limit.op) {
	case LIMIT_AT_MOST:
		return value <= limit.value;
	case LIMIT_BELOW:
		return value < limit.value;
	case LIMIT_IS:
		return value == limit.value;
	case LIMIT_AT_LEAST:
		return value >= limit.value;
	case LIMIT_ABOVE:
		return value > limit.value;
	case LIMIT_ONE_OF:
		return value >= 0 && limit.words >> (unsigned)value & 1;
	case LIMIT_OPS:
		break;
	}
	return false;
}

bool limit_is_upper(struct limit limit)
{
	return limit.op == LIMIT_AT_MOST || limit.op == LIMIT_BELOW;
}

bool limit_is_lower(struct limit limit)
{
	return limit.op == LIMIT_AT_LEAST || limit.op == LIMIT_ABOVE;
}

bool limit_can_break(struct limit limit)
{
	return limit.known == KNOWN_EXACTLY ||
	       (limit.known == KNOWN_AT_MOST && limit_is_upper(limit)) ||
	       (limit.known == KNOWN_AT_LEAST && limit_is_lower(limit));
}

bool limit_can_hold(struct limit limit)
{
	return limit.known == KNOWN_EXACTLY ||
	       (limit.known == KNOWN_AT_MOST && limit_is_lower(limit)) ||
	       (limit.known == KNOWN_AT_LEAST && limit_is_upper(limit));
}

char *limit_text(struct limit limit, const struct metric *m, char text[LIMIT_TEXT])
{
	size_t i, length = 0;

	if (limit.op != LIMIT_ONE_OF) {
		snprintf(text, LIMIT_TEXT, "%g", limit.value);
		return text;
	}
	text[0] = '\0';
	for (i = 0; m->words[i] && length < LIMIT_TEXT; i++)
		if (limit.words >> i & 1)
			length += (size_t)snprintf(text + length, LIMIT_TEXT - length, "%s%s",
			                           length ? ", " : "", m->words[i]);
	return text;
}
