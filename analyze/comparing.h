/* comparing - the part of vmb-report that holds runs against each other */
#ifndef VMB_ANALYZE_COMPARING_H
#define VMB_ANALYZE_COMPARING_H

#include "analyze/contrast.h"

/*
 * Compare two groups of runs and print what came of it on standard output, as text or as JSON. Errors as
 * contrast_make(), and those of writing.
 */
int comparing_print(const struct operands group[2], const struct selection *selection,
                    const struct criteria *criteria, bool json, bool *wrong, struct error *e);

#endif
