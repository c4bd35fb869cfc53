/* record - what is written at once: a tick with its sample, decision and actions, or actions alone */
#ifndef VMB_TRACES_RECORD_H
#define VMB_TRACES_RECORD_H

#include "traces/lookup.h"
#include "traces/trace_write.h"

/* Everything is borrowed. */
struct record {
	const struct trace_tick *tick; /* NULL: actions outside of a tick */
	const struct sample *sample;
	const struct decision *decision; /* NULL: none */
	uint64_t mono_ns;                /* of the actions */
	const struct action *actions;
	size_t nr_actions;
};

/* Write the rows of a record. To be called inside of a write transaction. Returns an SQLite result code. */
int record_write(const struct record *r, int64_t run, bool memory, struct rows *rows,
                 struct lookup *lookup);

#endif
