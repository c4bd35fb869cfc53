/* rule - what a criterion asks of a metric in every run: a sign and a formula, or words */
#include "analyze/rule.h"

#include <stdio.h>
#include <string.h>

/* The place of a word in a metric's list, -1 when it is not there. */
static int word_of(const struct metric *m, const char *word, size_t length)
{
	int i;

	for (i = 0; m->words[i]; i++)
		if (strlen(m->words[i]) == length && !strncmp(m->words[i], word, length))
			return i;
	return -1;
}

static int parse_words(const char *text, const struct metric *m, struct rule *out, struct error *e)
{
	const char *p;
	size_t length;
	int word;

	out->op = LIMIT_ONE_OF;
	for (p = text;; p++) {
		p += strspn(p, " \t");
		length = strcspn(p, ", \t");
		word = word_of(m, p, length);
		if (word < 0)
			return fail(e, EINVAL, "limit '%s': '%.*s' is no value of %s", text,
			            (int)length, p, m->id);
		out->words |= 1U << (unsigned)word;
		p += length + strspn(p + length, " \t");
		if (*p != ',')
			break;
	}
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
			return text + strlen(limit_sign[*op]);
	}
	return NULL;
}

static int parse_comparison(const char *text, const struct metric *m, struct rule *out,
                            struct error *e)
{
	const char *rest = parse_sign(text, &out->op);
	const struct formula *f = &out->formula;
	struct error why;

	if (!rest)
		return fail(e, EINVAL,
		            "limit '%s': needs <=, <, ==, >= or > and a number or a formula", text);
	if (formula_parse(rest, &out->formula, &why) < 0)
		return fail(e, EINVAL, "limit %s", why.text);
	if (f->unit && strcmp(f->unit, m->unit))
		return fail(e, EINVAL, "limit '%s': it comes to %s, %s to %s", f->text,
		            *f->unit ? f->unit : "a bare number", m->id,
		            *m->unit ? m->unit : "a bare number");
	if (f->needs & NEEDS_SETTLING && !strcmp(m->id, "cpu.sd_pp"))
		return fail(e, EINVAL, "limit '%s': depends on how cpu.sd_pp keeps this limit",
		            f->text);
	return 0;
}

int rule_parse(const char *text, const struct metric *m, struct rule *out, struct error *e)
{
	struct rule read = {0};
	int r = m->words ? parse_words(text, m, &read, e) : parse_comparison(text, m, &read, e);

	if (r == 0)
		*out = read;
	return r;
}

int rule_in_run(const struct rule *rule, const struct series *s, const struct settling *x,
                struct limit *out, char why[FORMULA_WHY])
{
	struct formula_value value = {0};
	int r = rule->op == LIMIT_ONE_OF ? 0 : formula_in_run(&rule->formula, s, x, &value);

	if (r < 0)
		return r;
	*out = (struct limit){rule->op, value.value, rule->words, value.known};
	memcpy(why, value.why, FORMULA_WHY);
	return 0;
}

bool rule_is_plain(const struct rule *rule)
{
	return rule->op == LIMIT_ONE_OF || formula_is_number(&rule->formula);
}

char *rule_text(const struct rule *rule, const struct metric *m, char text[LIMIT_TEXT])
{
	if (rule->op == LIMIT_ONE_OF)
		return limit_text((struct limit){.op = rule->op, .words = rule->words}, m, text);
	snprintf(text, LIMIT_TEXT, "%s", rule->formula.text);
	return text;
}
