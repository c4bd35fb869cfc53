/* moment - where the window of a criterion begins or ends */
#ifndef VMB_ANALYZE_MOMENT_H
#define VMB_ANALYZE_MOMENT_H

#include "analyze/settle.h"

enum moment_kind {
	MOMENT_START,
	MOMENT_TIME,   /* .ticks deadlines after .seconds since the first tick */
	MOMENT_LOAD,   /* .ticks deadlines after the first tick with load */
	MOMENT_SETTLE, /* .seconds or .ticks since the first load is the latest */
	MOMENT_END,    /* .ticks before it */
};

struct moment {
	enum moment_kind kind;
	double seconds; /* NAN: .ticks alone counts */
	unsigned ticks;
};

/*
 * Read the value of a key. from: start, settle (which leaves how late that may be), load, "load + 3 ticks", a time, "30 s + 3 ticks",
 * "end - 20 ticks". to: end, or as from without start and settle. within: how late `settle` may be, a time or "3 ticks", whatever the kind. Return 0, or -EINVAL with
 * a sentence that names key and value.
 */
int moment_parse_from(const char *text, struct moment *m, struct error *e);
int moment_parse_to(const char *text, struct moment *m, struct error *e);
int moment_parse_within(const char *text, struct moment *m, struct error *e);

/*
 * In seconds since the first tick; INFINITY for the end and where the run ended before the moment, -INFINITY for the
 * start. Not for MOMENT_SETTLE, which depends on what is judged.
 */
double moment_in_run(const struct moment *m, const struct series *s, const struct settling *x);

/* When MOMENT_SETTLE is too late, in seconds since the first tick; counted from the tick `begin`. */
double moment_latest(const struct moment *m, const struct series *s, size_t begin);

#define MOMENT_TEXT 48

/* "load + 3 ticks", "12.5 s", "start". Returns text. */
char *moment_text(const struct moment *m, char text[MOMENT_TEXT]);

#endif
