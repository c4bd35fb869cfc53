/* limit - what a value must be: at most, at least or just a number or another metric, or one of some words */
#include "analyze/limit.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

const char *const limit_sign[] = {
        [LIMIT_AT_MOST] = "<=",  [LIMIT_BELOW] = "<", [LIMIT_IS] = "==",
        [LIMIT_AT_LEAST] = ">=", [LIMIT_ABOVE] = ">", [LIMIT_ONE_OF] = "one of",
};
static_assert(sizeof(limit_sign) / sizeof(limit_sign[0]) == LIMIT_OPS, "a sign for each");

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " \t");
}

/* The place of a word in a metric's list, -1 when it is not there. */
static int word_of(const struct metric *m, const char *word, size_t length)
{
	int i;

	for (i = 0; m->words[i]; i++)
		if (strlen(m->words[i]) == length && !strncmp(m->words[i], word, length))
			return i;
	return -1;
}

static int parse_words(const char *text, const struct metric *m, struct limit *out, struct error *e)
{
	const char *p = text - 1;
	size_t length;
	int word;

	out->op = LIMIT_ONE_OF;
	do {
		p = skip_blanks(p + 1);
		length = strcspn(p, ", \t");
		word = word_of(m, p, length);
		if (word < 0)
			return fail(e, EINVAL, "limit '%s': '%.*s' is no value of %s", text,
			            (int)length, p, m->id);
		out->words |= 1U << (unsigned)word;
		p = skip_blanks(p + length);
	} while (*p == ',');
	return *p ? fail(e, EINVAL, "limit '%s': needs commas between words", text) : 0;
}

/* The sign at the start of a limit, and what follows it; NULL when there is none. */
static const char *parse_sign(const char *text, enum limit_op *op)
{
	/* the longer signs first: "<=" begins as "<" does */
	static const enum limit_op order[] = {LIMIT_AT_MOST, LIMIT_AT_LEAST, LIMIT_IS, LIMIT_BELOW,
	                                      LIMIT_ABOVE};
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		*op = order[i];
		if (!strncmp(text, limit_sign[*op], strlen(limit_sign[*op])))
			return skip_blanks(text + strlen(limit_sign[*op]));
	}
	return NULL;
}

/* "cpu.moves_needed", "cpu.moves_needed + 1", "cpu.moves_needed-1" */
static int parse_reference(const char *text, const struct metric *m, struct limit *out,
                           struct error *e)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_.");
	const char *p = skip_blanks(text + length);
	char id[64];
	int r;

	snprintf(id, sizeof(id), "%.*s", (int)length, text);
	out->of = metric_find(id);
	if (!out->of)
		return fail(e, EINVAL, "limit '%s': there is no metric '%s'", text, id);
	if (out->of->dimension != PER_RUN || out->of->words)
		return fail(e, EINVAL, "limit '%s': %s is not one number a run", text, id);
	if (strcmp(out->of->unit, m->unit))
		return fail(e, EINVAL, "limit '%s': %s and %s differ in their units", text, id,
		            m->id);
	if (!*p)
		return 0;
	if (*p != '+' && *p != '-')
		return fail(e, EINVAL, "limit '%s': needs + or - after %s", text, id);
	r = parse_number("limit", skip_blanks(p + 1), 0, 1e15, &out->value, e);
	if (*p == '-')
		out->value = -out->value;
	return r;
}

static int parse_formula(const char *text, const struct metric *m, struct limit *out,
                         struct error *e)
{
	struct error why;

	if (m->dimension != PER_RUN)
		return fail(e, EINVAL, "limit '%s': %s has many numbers a run: needs one number",
		            text, m->id);
	if (formula_parse(text, &out->formula, &why) < 0)
		return fail(e, EINVAL, "limit %s", why.text);
	return 0;
}

int limit_parse(const char *text, const struct metric *m, struct limit *out, struct error *e)
{
	struct limit read = {0};
	const char *rest;
	int r;

	if (m->words) {
		r = parse_words(text, m, &read, e);
	} else {
		rest = parse_sign(text, &read.op);
		if (!rest)
			return fail(e, EINVAL,
			            "limit '%s': needs <=, <, ==, >= or > and a number or a metric",
			            text);
		if (islower((unsigned char)*rest) && strchr(rest, '.'))
			r = parse_reference(rest, m, &read, e);
		else if (formula_is(rest))
			r = parse_formula(rest, m, &read, e);
		else
			r = parse_number("limit", rest, -1e15, 1e15, &read.value, e);
	}
	if (r == 0)
		*out = read;
	return r;
}

/* NAN also where it divides by 0. */
static double formula_in_run(const struct formula *f, const struct series *s)
{
	const double names[FORMULA_NAMES] = {
	        [FORMULA_VCPUS] = (double)s->nr_vcpus,
	        [FORMULA_PCPUS] = s->nr_ticks ? s->ticks[s->nr_ticks - 1].nr_pcpus : 0,
	        [FORMULA_INTERVAL] = (double)s->run.interval_ns / 1e9,
	};
	double value = formula_value(f, names);

	return isfinite(value) ? value : (double)NAN;
}

int limit_in_run(struct limit limit, const struct series *s, const struct settling *x,
                 struct limit *out, bool *bound)
{
	struct observations o = {0};
	int r;

	*out = limit;
	out->of = NULL;
	*bound = false;
	if (limit.formula.nr) {
		out->value = formula_in_run(&limit.formula, s);
		out->formula = (struct formula){0};
	}
	if (!limit.of)
		return 0;
	r = metric_observe(limit.of, s, x, WINDOW_ALL, &o);
	if (r == 0) {
		*bound = o.at[0].bound;
		out->value += isfinite(o.at[0].value) ? o.at[0].value : (double)NAN;
	}
	observations_done(&o);
	return r;
}

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

static char *words_text(struct limit limit, const struct metric *m, char text[LIMIT_TEXT])
{
	size_t i, length = 0;

	text[0] = '\0';
	for (i = 0; m->words[i] && length < LIMIT_TEXT; i++)
		if (limit.words >> i & 1)
			length += (size_t)snprintf(text + length, LIMIT_TEXT - length, "%s%s",
			                           length ? ", " : "", m->words[i]);
	return text;
}

char *limit_text(struct limit limit, const struct metric *m, char text[LIMIT_TEXT])
{
	if (limit.op == LIMIT_ONE_OF)
		return words_text(limit, m, text);
	if (limit.formula.nr)
		snprintf(text, LIMIT_TEXT, "%s", limit.formula.text);
	else if (!limit.of)
		snprintf(text, LIMIT_TEXT, "%g", limit.value);
	else if (limit.value == 0)
		snprintf(text, LIMIT_TEXT, "%s", limit.of->id);
	else
		snprintf(text, LIMIT_TEXT, "%s %c %g", limit.of->id, limit.value < 0 ? '-' : '+',
		         fabs(limit.value));
	return text;
}
