/* csv_ticks - the views of a trace that have rows for every tick, as CSV: utilisation of pCPUs and vCPUs, memory */
#ifndef VMB_ANALYZE_CSV_TICKS_H
#define VMB_ANALYZE_CSV_TICKS_H

#include "analyze/report.h"

/*
 * The columns and the values of the views of the same name in traces/schema.sql, for the run of the report, in the order
 * of time and then of guests (by UUID) or pCPUs. 0, or an error of the reader.
 */
int csv_pcpu_util(const struct report *r, FILE *out, struct error *e);
int csv_vcpu_util(const struct report *r, FILE *out, struct error *e);
int csv_memory(const struct report *r, FILE *out, struct error *e);

#endif
