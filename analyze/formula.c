/* formula - arithmetic over the numbers of a run: "run.vcpus - run.vcpus / run.pcpus" */
#include "analyze/formula.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/parse.h"

#define NUMBER_MAX 1e15

struct parsing {
	const char *at;
	struct formula f;
	struct error *e;
};

static void skip_blanks(struct parsing *p)
{
	p->at += strspn(p->at, " \t");
}

static int wants(struct parsing *p, const char *what)
{
	if (!*p->at)
		return fail(p->e, EINVAL, "'%s': needs %s at its end", p->f.text, what);
	return fail(p->e, EINVAL, "'%s': needs %s at '%s'", p->f.text, what, p->at);
}

static void add(struct parsing *p, struct formula_item item)
{
	assert(p->f.nr < FORMULA_ITEMS);
	p->f.item[p->f.nr++] = item;
}

/* Digits with a point or an exponent. strtod() would take more than these: hexadecimal, "nan". */
static int parse_digits(struct parsing *p, const char **unit)
{
	size_t length = strspn(p->at, "0123456789."), exponent;
	char digits[FORMULA_TEXT];
	struct error why;
	double number;

	if (p->at[length] == 'e' || p->at[length] == 'E') {
		exponent = 1 + strspn(p->at + length + 1, "+-");
		length += exponent + strspn(p->at + length + exponent, "0123456789");
	}
	snprintf(digits, sizeof(digits), "%.*s", (int)length, p->at);
	if (parse_number("number", digits, 0, NUMBER_MAX, &number, &why) < 0)
		return fail(p->e, EINVAL, "'%s': %s", p->f.text, why.text);
	p->at += length;
	add(p, (struct formula_item){'0', number, NULL});
	*unit = NULL;
	return 0;
}

static int parse_metric(struct parsing *p, const char **unit)
{
	size_t length = strspn(p->at, "abcdefghijklmnopqrstuvwxyz0123456789_.");
	const struct metric *m;
	char id[FORMULA_TEXT];

	snprintf(id, sizeof(id), "%.*s", (int)length, p->at);
	m = metric_find(id);
	if (!m)
		return fail(p->e, EINVAL, "'%s': there is no metric '%s'", p->f.text, id);
	if (m->dimension != PER_RUN)
		return fail(p->e, EINVAL, "'%s': %s is a number a %s, not one a run", p->f.text, id,
		            dimension_name[m->dimension]);
	if (m->words)
		return fail(p->e, EINVAL, "'%s': %s is a word, not a number", p->f.text, id);
	p->at += length;
	p->f.needs |= m->needs;
	add(p, (struct formula_item){'m', 0, m});
	*unit = m->unit;
	return 0;
}

static int parse_sum(struct parsing *p, const char **unit);

static int parse_operand(struct parsing *p, const char **unit)
{
	int r;

	skip_blanks(p);
	if (isdigit((unsigned char)*p->at) || *p->at == '.')
		return parse_digits(p, unit);
	if (islower((unsigned char)*p->at))
		return parse_metric(p, unit);
	if (*p->at == '-') {
		p->at++;
		r = parse_operand(p, unit);
		if (r == 0)
			add(p, (struct formula_item){'~', 0, NULL});
		return r;
	}
	if (*p->at != '(')
		return wants(p, "a number, a metric or (");
	p->at++;
	r = parse_sum(p, unit);
	if (r < 0)
		return r;
	if (*p->at != ')')
		return wants(p, "+ - * / or )");
	p->at++;
	return 0;
}

static const char *unit_name(const char *unit)
{
	return !unit || !*unit ? "a bare number" : unit;
}

static bool has_unit(const char *unit)
{
	return unit && *unit;
}

/* *unit becomes that of a result: *unit before the operator, `other` after it. */
static int join_units(struct parsing *p, char sign, const char **unit, const char *other)
{
	bool same = *unit && other && !strcmp(*unit, other);

	switch (sign) {
	case '+':
	case '-':
		if (*unit && other && !same)
			return fail(p->e, EINVAL, "'%s': %s %c %s: units differ", p->f.text,
			            unit_name(*unit), sign, unit_name(other));
		break;
	case '*':
		if (has_unit(*unit) && has_unit(other))
			return fail(p->e, EINVAL, "'%s': %s * %s is no unit that is known",
			            p->f.text, *unit, other);
		if (has_unit(*unit))
			return 0;
		break;
	default:
		if (has_unit(other) && !same)
			return fail(p->e, EINVAL, "'%s': %s / %s is no unit that is known",
			            p->f.text, unit_name(*unit), other);
		if (has_unit(other))
			*unit = "";
		if (*unit)
			return 0;
	}
	if (other)
		*unit = other;
	return 0;
}

/* Operands with the operators of one rank between them; what binds first is an operand to what binds later. */
static int parse_rank(struct parsing *p, const char *operators,
                      int (*operand)(struct parsing *p, const char **unit), const char **unit)
{
	int r = operand(p, unit);
	const char *other;
	char sign;

	for (skip_blanks(p); r == 0 && *p->at && strchr(operators, *p->at); skip_blanks(p)) {
		sign = *p->at++;
		r = operand(p, &other);
		if (r == 0)
			r = join_units(p, sign, unit, other);
		if (r == 0)
			add(p, (struct formula_item){sign, 0, NULL});
	}
	return r;
}

static int parse_product(struct parsing *p, const char **unit)
{
	return parse_rank(p, "*/", parse_operand, unit);
}

static int parse_sum(struct parsing *p, const char **unit)
{
	return parse_rank(p, "+-", parse_product, unit);
}

int formula_parse(const char *text, struct formula *out, struct error *e)
{
	struct parsing p = {.e = e};
	size_t length;
	int r;

	text += strspn(text, " \t");
	for (length = strlen(text); length && strchr(" \t", text[length - 1]);)
		length--;
	if (length >= FORMULA_TEXT)
		return fail(e, EINVAL, "'%.20s...': longer than %d characters", text,
		            FORMULA_TEXT - 1);
	memcpy(p.f.text, text, length);
	p.at = p.f.text;
	r = parse_sum(&p, &p.f.unit);
	if (r == 0 && *p.at)
		r = wants(&p, "+ - * or /");
	if (r == 0)
		*out = p.f;
	return r;
}

bool formula_is_number(const struct formula *f)
{
	return f->item[0].kind == '0' && (f->nr == 1 || (f->nr == 2 && f->item[1].kind == '~'));
}

static int metric_in_run(const struct metric *m, const struct series *s, const struct settling *x,
                         struct formula_value *out)
{
	struct observations o = {0};
	struct summary sum = {.worst = NAN};
	int r = metric_observe(m, s, x, WINDOW_ALL, &o);

	if (r == 0)
		sum = metric_summarise(m, &o);
	*out = (struct formula_value){NAN, KNOWN_NOT, ""};
	if (r == 0 && !sum.unknown && isfinite(sum.worst)) {
		out->value = sum.worst;
		out->known = sum.bounds ? KNOWN_AT_MOST : KNOWN_EXACTLY;
	}
	observations_done(&o);
	if (out->known == KNOWN_NOT)
		snprintf(out->why, sizeof(out->why), "%s is not", m->id);
	else if (out->known == KNOWN_AT_MOST)
		snprintf(out->why, sizeof(out->why), "%s is only known to be at most %g", m->id,
		         out->value);
	return r;
}

static enum known turn(enum known known)
{
	return known == KNOWN_AT_MOST    ? KNOWN_AT_LEAST
	       : known == KNOWN_AT_LEAST ? KNOWN_AT_MOST
	                                 : known;
}

static enum known sum_is(enum known a, enum known b)
{
	if (a == KNOWN_EXACTLY)
		return b;
	return b == KNOWN_EXACTLY || a == b ? a : KNOWN_NOT;
}

/* A bound times what is known exactly. */
static enum known scaled(enum known known, double by)
{
	return by > 0 ? known : by < 0 ? turn(known) : KNOWN_EXACTLY;
}

static enum known product_is(const struct formula_value *a, const struct formula_value *b)
{
	if (b->known == KNOWN_EXACTLY)
		return scaled(a->known, b->value);
	return a->known == KNOWN_EXACTLY ? scaled(b->known, a->value) : KNOWN_NOT;
}

/* a becomes a SIGN b. */
static void apply(char sign, struct formula_value *a, const struct formula_value *b)
{
	if (!*a->why)
		memcpy(a->why, b->why, sizeof(a->why));
	if (a->known == KNOWN_NOT || b->known == KNOWN_NOT) {
		a->known = KNOWN_NOT;
	} else if (sign == '+') {
		a->known = sum_is(a->known, b->known);
		a->value += b->value;
	} else if (sign == '-') {
		a->known = sum_is(a->known, turn(b->known));
		a->value -= b->value;
	} else if (sign == '*') {
		a->known = product_is(a, b);
		a->value *= b->value;
	} else {
		a->known = b->known == KNOWN_EXACTLY ? scaled(a->known, b->value) : KNOWN_NOT;
		a->value /= b->value;
	}
	if (a->known == KNOWN_NOT || isfinite(a->value))
		return;
	a->known = KNOWN_NOT;
	snprintf(a->why, sizeof(a->why), "%s",
	         sign == '/' && b->value == 0 ? "it divides by 0" : "it is too large");
}

int formula_in_run(const struct formula *f, const struct series *s, const struct settling *x,
                   struct formula_value *out)
{
	struct formula_value stack[FORMULA_ITEMS] = {0};
	unsigned i, top = 0;
	int r = 0;

	assert(f->nr);
	for (i = 0; r == 0 && i < f->nr; i++) {
		const struct formula_item *item = &f->item[i];

		if (item->kind == '0') {
			stack[top++] = (struct formula_value){item->number, KNOWN_EXACTLY, ""};
		} else if (item->kind == 'm') {
			r = metric_in_run(item->metric, s, x, &stack[top++]);
		} else if (item->kind == '~') {
			stack[top - 1].value = -stack[top - 1].value;
			stack[top - 1].known = turn(stack[top - 1].known);
		} else {
			top--;
			apply(item->kind, &stack[top - 1], &stack[top]);
		}
	}
	if (r < 0)
		return r;
	*out = stack[0];
	if (out->known == KNOWN_EXACTLY)
		out->why[0] = '\0';
	if (out->known == KNOWN_NOT)
		out->value = NAN;
	return 0;
}
