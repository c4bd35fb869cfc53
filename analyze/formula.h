/* formula - arithmetic over the numbers of a run: "run.vcpus - run.vcpus / run.pcpus" */
#ifndef VMB_ANALYZE_FORMULA_H
#define VMB_ANALYZE_FORMULA_H

#include "analyze/limit.h"

/* Room for a formula as it is written; whatever it holds costs a character of it, so it has no more items. */
#define FORMULA_TEXT  128
#define FORMULA_ITEMS FORMULA_TEXT

/* In the order of calculation: an operator takes the one or two results before it. */
struct formula {
	unsigned nr; /* 0: none */
	struct formula_item {
		char kind;                   /* '0' a number, 'm' a metric, '~' minus, or + - * / */
		double number;               /* of '0' */
		const struct metric *metric; /* of 'm' */
	} item[FORMULA_ITEMS];
	unsigned needs;          /* of all its metrics together */
	const char *unit;        /* of what it comes to, "" for a bare number; NULL: fits any */
	char text[FORMULA_TEXT]; /* as it was written, without blanks around it */
};

/*
 * Read numbers (not hexadecimal, up to 1e15) and the ids of metrics with + - * / and parentheses; * and / bind first, what binds
 * alike is taken from the left. A metric must be one number a run. Units must agree: points are not added
 * to seconds, and of two factors one has no unit; numbers that are written down take the unit that fits. Returns 0, or -EINVAL with a
 * sentence "'TEXT': what is wrong"; *out is written on success only.
 */
int formula_parse(const char *text, struct formula *out, struct error *e);

/* True when it is no more than a number that is written down. */
bool formula_is_number(const struct formula *f);

#define FORMULA_WHY 96

struct formula_value {
	double value;
	enum known known;
	char why[FORMULA_WHY]; /* it is not known exactly; empty when it is */
};

/*
 * What it comes to in a run that settled as *x says; x may be NULL where no metric has NEEDS_SETTLING. Not known when one of its metrics is
 * not known there, when it divides by 0, and when bounds of its metrics give none. Returns 0 or -ENOMEM.
 */
int formula_in_run(const struct formula *f, const struct series *s, const struct settling *x,
                   struct formula_value *out);

#endif
