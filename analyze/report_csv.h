/* report_csv - the tables of a report and of its run as CSV */
#ifndef VMB_ANALYZE_REPORT_CSV_H
#define VMB_ANALYZE_REPORT_CSV_H

#include "analyze/report.h"

/* A table that can be had: the views of a trace (traces/schema.sql), the metrics, the verdicts. */
struct csv_view {
	const char *name;
	int (*write)(const struct report *r, FILE *out, struct error *e);
};

extern const struct csv_view csv_views[];
extern const size_t nr_csv_views;

/* NULL: there is none of that name. */
const struct csv_view *csv_view_find(const char *name);

#endif
