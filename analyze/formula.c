/* formula - a number that depends on the size of a run: "vcpus - vcpus / pcpus" */
#include "analyze/formula.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const name_of[] = {
        [FORMULA_VCPUS] = "vcpus",
        [FORMULA_PCPUS] = "pcpus",
        [FORMULA_INTERVAL] = "interval",
};
static_assert(sizeof(name_of) / sizeof(name_of[0]) == FORMULA_NAMES, "a word for each");

bool formula_is(const char *text)
{
	size_t i;

	for (i = 0; i < FORMULA_NAMES; i++)
		if (strstr(text, name_of[i]))
			return true;
	return false;
}

struct parsing {
	const char *at;
	struct formula f;
	struct error *e;
};

static void skip_blanks(struct parsing *p)
{
	p->at += strspn(p->at, " \t");
}

static int add(struct parsing *p, struct formula_item item)
{
	if (p->f.nr == FORMULA_ITEMS)
		return fail(p->e, EINVAL, "'%s': too long", p->f.text);
	p->f.item[p->f.nr++] = item;
	return 0;
}

static int parse_operand(struct parsing *p)
{
	size_t length, i;
	char *end;

	skip_blanks(p);
	if (isdigit((unsigned char)*p->at)) {
		double number = strtod(p->at, &end);

		p->at = end;
		return add(p, (struct formula_item){'0', number, 0});
	}
	length = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_.");
	for (i = 0; i < FORMULA_NAMES; i++)
		if (strlen(name_of[i]) == length && !strncmp(p->at, name_of[i], length)) {
			p->at += length;
			return add(p, (struct formula_item){'n', 0, (enum formula_name)i});
		}
	return fail(p->e, EINVAL, "'%s': needs a number, vcpus, pcpus or interval at '%s'",
	            p->f.text, p->at);
}

/* Operands with the operators of one rank between them; those of the higher rank are operands to the lower one. */
static int parse_rank(struct parsing *p, bool high)
{
	const char *operators = high ? "*/" : "+-";
	int r = high ? parse_operand(p) : parse_rank(p, true);
	char sign;

	for (skip_blanks(p); !r && *p->at && strchr(operators, *p->at); skip_blanks(p)) {
		sign = *p->at++;
		r = high ? parse_operand(p) : parse_rank(p, true);
		if (!r)
			r = add(p, (struct formula_item){sign, 0, 0});
	}
	return r;
}

int formula_parse(const char *text, struct formula *out, struct error *e)
{
	struct parsing p = {.at = text, .e = e};
	int r;

	if (strlen(text) >= FORMULA_TEXT)
		return fail(e, EINVAL, "'%.20s...': too long", text);
	strcpy(p.f.text, text);
	r = parse_rank(&p, false);
	if (!r && *p.at)
		r = fail(e, EINVAL, "'%s': needs + - * or / at '%s'", text, p.at);
	if (!r)
		*out = p.f;
	return r;
}

static double apply(char sign, double a, double b)
{
	switch (sign) {
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	default:
		return a / b;
	}
}

double formula_value(const struct formula *f, const double names[FORMULA_NAMES])
{
	double stack[FORMULA_ITEMS] = {0};
	unsigned i, top = 0;

	for (i = 0; i < f->nr; i++) {
		const struct formula_item *item = &f->item[i];

		if (item->kind == '0') {
			stack[top++] = item->number;
		} else if (item->kind == 'n') {
			stack[top++] = names[item->name];
		} else {
			top--;
			stack[top - 1] = apply(item->kind, stack[top - 1], stack[top]);
		}
	}
	return top ? stack[top - 1] : (double)NAN;
}
