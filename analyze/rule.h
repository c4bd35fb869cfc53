/* rule - what a criterion asks of a metric in every run: a sign and a formula, or words */
#ifndef VMB_ANALYZE_RULE_H
#define VMB_ANALYZE_RULE_H

#include "analyze/formula.h"

struct rule {
	enum limit_op op;
	struct formula formula; /* all but LIMIT_ONE_OF */
	unsigned words;         /* of LIMIT_ONE_OF: bit n stands for the word n */
};

/*
 * Read what the values of metric m must be: "<= 5", "<= cpu.moves_needed + 1", "== run.vcpus - run.vcpus / run.pcpus", and where its
 * values are words "flat, settles". The formula must come to the unit of m; that of cpu.sd_pp must not follow from when it settled, which is
 * found by this very limit. 0, or -EINVAL with a sentence; *out is written on success only.
 */
int rule_parse(const char *text, const struct metric *m, struct rule *out, struct error *e);

/*
 * The limit that it is in a run, and in why[] the reason when that is not known exactly. x as of formula_in_run(). Returns 0 or -ENOMEM.
 */
int rule_in_run(const struct rule *rule, const struct series *s, const struct settling *x,
                struct limit *out, char why[FORMULA_WHY]);

/* True when it does not depend on the run. */
bool rule_is_plain(const struct rule *rule);

/* What follows the sign, as it was written: "5", "cpu.moves_needed + 1"; words in the order of the metric. Returns text. */
char *rule_text(const struct rule *rule, const struct metric *m, char text[LIMIT_TEXT]);

#endif
