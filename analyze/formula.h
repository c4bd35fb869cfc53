/* formula - a number that depends on the size of a run: "vcpus - vcpus / pcpus" */
#ifndef VMB_ANALYZE_FORMULA_H
#define VMB_ANALYZE_FORMULA_H

#include <stdbool.h>

#include "common/error.h"

/* What a formula may name. */
enum formula_name {
	FORMULA_VCPUS,    /* of all guests, that were ever there */
	FORMULA_PCPUS,    /* that guests may use, at the end */
	FORMULA_INTERVAL, /* in seconds */
	FORMULA_NAMES
};

#define FORMULA_ITEMS 24
#define FORMULA_TEXT  64

/* In the order of calculation: each operator takes the two results before it. */
struct formula {
	unsigned nr;
	struct formula_item {
		char kind; /* '0' a number, 'n' a name, or one of + - * / */
		double number;
		enum formula_name name;
	} item[FORMULA_ITEMS];
	char text[FORMULA_TEXT]; /* as it was written */
};

/* True when a text names one of these: without, it is a number, or meant to be one. */
bool formula_is(const char *text);

/*
 * Read numbers and names with + - * / between them, * and / first. Returns 0, or -EINVAL with a sentence that names
 * what is wrong; *out is written on success only.
 */
int formula_parse(const char *text, struct formula *out, struct error *e);

/* Its value with these numbers for the names; not finite where it divides by 0. */
double formula_value(const struct formula *f, const double names[FORMULA_NAMES]);

#endif
