/* gnuplot - run gnuplot on a script: without a shell, without the user's settings, within limits */
#ifndef VMB_ANALYZE_GNUPLOT_H
#define VMB_ANALYZE_GNUPLOT_H

#include <stddef.h>

#include "common/error.h"

/*
 * What a run may take before it is ended. The largest picture wanted so far (an hour of 16 vCPUs as png) takes
 * 0.4 s and 90 MiB.
 */
struct gnuplot_limits {
	unsigned seconds; /* by the clock and of CPU time */
	size_t memory_bytes;
	size_t output_bytes;
};

extern const struct gnuplot_limits GNUPLOT_LIMITS;

#define GNUPLOT_SAID 200

/*
 * Run `gnuplot -d` on a script and collect what it writes to its standard output, which is where a script without
 * `set output` draws. The script must hold no text of strangers but through escape_gnuplot(). On success *output
 * is the picture, to be freed by the caller, and said[] the first line that gnuplot had to complain about (empty: none).
 * Returns 0, -ENOENT (no gnuplot), -ETIMEDOUT, -EFBIG, -EIO (it failed; the sentence has its words), -ENOMEM.
 */
int gnuplot_run(const char *script, size_t length, const struct gnuplot_limits *limits,
                char **output, size_t *output_length, char said[GNUPLOT_SAID], struct error *e);

#endif
