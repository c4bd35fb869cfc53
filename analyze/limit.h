/* limit - what a value must be: at most, at least or just a number or another metric, or one of some words */
#ifndef VMB_ANALYZE_LIMIT_H
#define VMB_ANALYZE_LIMIT_H

#include "analyze/formula.h"
#include "analyze/metrics.h"

enum limit_op {
	LIMIT_AT_MOST,
	LIMIT_BELOW,
	LIMIT_IS,
	LIMIT_AT_LEAST,
	LIMIT_ABOVE,
	LIMIT_ONE_OF, /* for values that are words */
	LIMIT_OPS
};

extern const char *const limit_sign[LIMIT_OPS]; /* "<=", "one of" */

struct limit {
	enum limit_op op;
	double value;
	const struct metric
	        *of;    /* value is added to this number of the run; NULL: value is the limit */
	unsigned words; /* of LIMIT_ONE_OF: bit n stands for the word n */
	struct formula formula; /* of the size of the run, instead of value; empty: none */
};

/*
 * Read what a value of metric m must be: "<= 5", "<= cpu.moves_needed + 1", "<= 3 * interval", and where its values are words
 * "flat, settles". Another metric must be one number a run, in the same unit; a formula is for such a metric only. 0, or -EINVAL with a sentence; *out is
 * written on success only.
 */
int limit_parse(const char *text, const struct metric *m, struct limit *out, struct error *e);

/*
 * The limit as it is in a run, without `of` and formula: its value is NAN when the other metric is not known there. *bound: that one is
 * only known to be this at most. Returns 0 or -ENOMEM.
 */
int limit_in_run(struct limit limit, const struct series *s, const struct settling *x,
                 struct limit *out, bool *bound);

/* Of a limit without `of`. False for NAN. */
bool limit_holds(struct limit limit, double value);

/* Small values hold: <= and <. */
bool limit_is_upper(struct limit limit);

#define LIMIT_TEXT 160

/* What follows the sign: "5", "cpu.moves_needed + 1", "flat, settles". m is whose limit it is. Returns text. */
char *limit_text(struct limit limit, const struct metric *m, char text[LIMIT_TEXT]);

#endif
