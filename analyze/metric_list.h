/* metric_list - the table of metrics as text */
#ifndef VMB_ANALYZE_METRIC_LIST_H
#define VMB_ANALYZE_METRIC_LIST_H

#include <stdio.h>

/* Each metric's id, unit, how many values it gives, what is better, and below it what it is; 80 columns wide. */
void metric_list(FILE *out);

#endif
