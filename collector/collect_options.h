/* collect_options - the command line of vmb-collect */
#ifndef VMB_COLLECTOR_COLLECT_OPTIONS_H
#define VMB_COLLECTOR_COLLECT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"

struct collect_options {
	uint64_t interval_ns;
	uint64_t duration_ns; /* 0: until interrupted */
	const char *uri;
	const char *trace;
	struct size trace_limit; /* 0: none */
	const char *label;
	bool json, quiet;
	char arguments[1024]; /* as typed, for the trace */
};

/* Read the command line, or answer --help, --version and mistakes and exit. */
void collect_options_or_exit(int argc, char **argv, struct collect_options *out);

#endif
