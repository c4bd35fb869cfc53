/* limit - a sign and a number that the values of a metric are held against, or the words that will do */
#ifndef VMB_ANALYZE_LIMIT_H
#define VMB_ANALYZE_LIMIT_H

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

/* How well a number is known. */
enum known {
	KNOWN_EXACTLY,
	KNOWN_AT_MOST, /* it may be less */
	KNOWN_AT_LEAST,
	KNOWN_NOT /* it is NAN */
};

/* A limit as it is in one run; what a criterion asks of every run is a rule, see rule.h. */
struct limit {
	enum limit_op op;
	double value;
	unsigned words; /* of LIMIT_ONE_OF, instead of value: bit n stands for the word n */
	enum known known;
};

/* False for NAN on either side. */
bool limit_holds(struct limit limit, double value);

/* Small values hold: <= and <. Large values hold: >= and >. */
bool limit_is_upper(struct limit limit);
bool limit_is_lower(struct limit limit);

/* What breaks it (keeps it) would do so whatever it is exactly: true for every limit that is known exactly. */
bool limit_can_break(struct limit limit);
bool limit_can_hold(struct limit limit);

#define LIMIT_TEXT 160

/* What follows the sign: "5", "flat, settles". m is whose limit it is. Returns text. */
char *limit_text(struct limit limit, const struct metric *m, char text[LIMIT_TEXT]);

#endif
