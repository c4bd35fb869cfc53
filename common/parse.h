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

/* A size: so many KiB, or so much of a whole that is known where it is used. */
struct size {
	uint64_t kib;
	double part; /* from 0 to 1 of the whole; 0 when kib counts */
};

/*
 * "512M", "2 GiB", "1.5G", "300000 KiB", "10%". M and MiB are 1024 x 1024 bytes, MB is a million, as for virsh. A bare
 * number is refused, because programs differ in what it means, but for 0.
 * Returns 0, or -EINVAL with a sentence when the text is no size, is below min_kib or above max_kib, or not a
 * percentage from 0 to 100. *size is written on success only.
 */
int parse_size(const char *what, const char *text, uint64_t min_kib, uint64_t max_kib,
               struct size *size, struct error *e);

/* What a size is of this whole. */
uint64_t size_kib(const struct size *size, uint64_t whole_kib);

/* "200 MiB", "1.5 GiB": for people. Returns text. */
char *size_text(uint64_t kib, char text[32]);

/* "0.5 s", "250 ms", "10 min": for people. Returns text. */
char *duration_text(uint64_t ns, char text[32]);

#endif
