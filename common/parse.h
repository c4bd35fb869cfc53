/* parse - numbers as people type them: durations, counts, quantities within bounds */
#ifndef VMB_COMMON_PARSE_H
#define VMB_COMMON_PARSE_H

#include <stdint.h>

#include "common/error.h"

/*
 * "2", "0.5", "500ms", "2s", "10min", "1h": a length of time in ns; without a unit it is seconds.
 * `what` names the thing in the error ("interval"). Returns 0, or -EINVAL with a sentence when the text is
 * not a duration, or below min_ns, or above max_ns. *ns is written on success only.
 */
int parse_duration(const char *what, const char *text, uint64_t min_ns, uint64_t max_ns,
                   uint64_t *ns, struct error *e);

/* A decimal number between min and max, both allowed. Not a number, infinities and hex are refused. */
int parse_number(const char *what, const char *text, double min, double max, double *number,
                 struct error *e);

/* "0.5 s", "250 ms", "10 min": for people. Returns text. */
char *duration_text(uint64_t ns, char text[32]);

#endif
