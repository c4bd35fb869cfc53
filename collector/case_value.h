/* case_value - the values that a case file may hold, from text */
#ifndef VMB_COLLECTOR_CASE_VALUE_H
#define VMB_COLLECTOR_CASE_VALUE_H

#include "collector/case.h"

/* What a value may be; which of the fields count depends on the reader. */
struct case_range {
	unsigned max;
	const char *const *words; /* ends with NULL */
};

/* "10-20 s": from one moment to another. */
struct case_span {
	uint64_t from_ns, to_ns;
};

/* "2 at 20 s": a number from a moment on. */
struct case_number_at {
	unsigned number;
	uint64_t at_ns;
};

/* "900 MiB at 20 s". */
struct case_memory_at {
	uint64_t kib;
	uint64_t at_ns;
};

/*
 * All readers: text to *into, of the type named. Return 0, or -EINVAL with what is wrong with the value, to be
 * put behind the name of its key; *into is written on success only.
 */
typedef int case_value(const char *text, const struct case_range *range, void *into,
                       struct error *e);

case_value case_value_name;   /* char[CASE_NAME]: letters, digits, '.', '_', '-' */
case_value case_value_text;   /* char[CASE_TITLE]: any text without control characters */
case_value case_value_count;  /* unsigned: from 1 to range->max */
case_value case_value_word;   /* an enum: the index in range->words */
case_value case_value_time;   /* uint64_t, ns: from 1 ms to range->max seconds */
case_value case_value_level;  /* uint32_t, per mille: "18 %", in steps of 0.1 % */
case_value case_value_flag;   /* bool: "yes" or "no" */
case_value case_value_seed;   /* uint64_t: a whole number */
case_value case_value_factor; /* unsigned, per mille: "1.3", from 1 to range->max */
case_value case_value_list;   /* struct cpuset: "0-3,8" */
case_value case_value_span;   /* struct case_span: "10-20 s" */
case_value case_value_at;     /* struct case_number_at: "2 at 20 s", the number up to range->max */
case_value case_value_memory; /* uint64_t, KiB: "128 MiB", "2 GiB" */
case_value case_value_memory_at; /* struct case_memory_at: "900 MiB at 20 s" */
case_value case_value_rate;      /* uint64_t, KiB a second: "18 MB/s", "6 GiB/s" */
case_value case_value_until;     /* uint64_t, KiB: a memory, or "limit": CASE_LIMIT */
case_value case_value_hold;      /* uint64_t, ns: a time from 0 on, or "forever": CASE_FOREVER */
case_value case_value_pins;      /* struct case_pins: one of range->words, or "0-3,8" */

#endif
