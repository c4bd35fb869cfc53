/* setup - in what the runs of a comparison were set up differently */
#ifndef VMB_ANALYZE_SETUP_H
#define VMB_ANALYZE_SETUP_H

#include "analyze/contrast.h"

#define SETUP_NAME   64
#define SETUP_TEXT   1536
#define SETUP_VALUES 4 /* that are told of one group */

/* What not all runs agree in. */
struct setup_row {
	char name[SETUP_NAME];    /* "interval", "settings: dwell" */
	char text[2][SETUP_TEXT]; /* A's and B's different values, parted by ", "; not escaped */
};

/*
 * Find what the runs differ in: program, version, arguments (but where the trace was written), label, each word of the settings,
 * interval, length, host. *rows is to be freed. 0 or -ENOMEM.
 */
int setup_differences(const struct contrast *c, struct setup_row **rows, size_t *nr);

#endif
