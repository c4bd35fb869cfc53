/* gnuplot - run gnuplot on scripts: without a shell, without the user's settings, within limits */
#ifndef VMB_ANALYZE_GNUPLOT_H
#define VMB_ANALYZE_GNUPLOT_H

#include <stddef.h>

#include "common/error.h"

/*
 * What a run may take, for all that it draws, before it is ended. The largest picture wanted so far (an hour of 16 vCPUs as
 * png) takes 0.4 s and 90 MiB, a page of eight 0.03 s.
 */
struct gnuplot_limits {
	unsigned seconds; /* by the clock and of CPU time */
	size_t memory_bytes;
	size_t output_bytes;
};

extern const struct gnuplot_limits GNUPLOT_LIMITS;

#define GNUPLOT_SAID 200

/* A script that draws one picture, and what came of it. Both texts are the caller's to free, NULL while there is none. */
struct drawing {
	char *script;
	size_t script_length;
	char *picture;
	size_t length;
	char said
	        [GNUPLOT_SAID]; /* the first line that gnuplot had to complain about it; empty: none */
};

/*
 * Run gnuplot once, on one script after the other, each in a session as new, and collect what they write to the standard
 * output, which is where a script without `set output` draws. A script must hold no text of strangers but through
 * escape_gnuplot(). Of several no picture may hold RS and a line feed, which stand between them: SVG cannot.
 *
 * On failure the first *drawn have their pictures, the next one is that which failed, and those behind it have none.
 * Returns 0, -ENOENT (no gnuplot), -ETIMEDOUT, -EFBIG, -EIO (it failed; the sentence has its words), -ENOMEM.
 */
int gnuplot_run(struct drawing *drawings, size_t nr, const struct gnuplot_limits *limits,
                size_t *drawn, struct error *e);

#endif
