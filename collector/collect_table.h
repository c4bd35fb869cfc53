/* collect_table - a sample as a table for people */
#ifndef VMB_COLLECTOR_COLLECT_TABLE_H
#define VMB_COLLECTOR_COLLECT_TABLE_H

#include <stdio.h>

#include "collector/rates.h"

struct table_form {
	const char *host; /* what stands in the head: URI or name */
	unsigned width;   /* of a line; longer ones are cut */
	unsigned height;  /* lines at most; 0: all */
	bool in_place;    /* a terminal: overwrite the last table */
};

/* The form that fits the terminal `out` is; lines of 4000 where it is none. */
struct table_form table_form_of(const char *host, FILE *out);

/* The table: pCPUs with the vCPUs on them, guests with their loads and memory, the host's memory. */
void collect_table(const struct table_form *view, const struct sample *s, const struct rates *r,
                   FILE *out);

#endif
