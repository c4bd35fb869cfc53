/* kept - records that could not be written yet: deep copies in the order they came */
#ifndef VMB_TRACES_KEPT_H
#define VMB_TRACES_KEPT_H

#include "traces/record.h"

/* A record with copies of all that it shows. */
struct kept {
	struct record record;
	struct trace_tick tick;
	struct sample sample;
	struct decision decision;
	struct action *actions;
	size_t bytes;
	struct kept *next;
};

/* Zeroed is empty. */
struct kept_list {
	struct kept *first;
	size_t nr, bytes;
};

/* Append a copy. False when memory ran out; the list is as before then. */
bool kept_add(struct kept_list *l, const struct record *r);

/* How many of them are ticks: actions outside of one may wait as well. */
size_t kept_ticks(const struct kept_list *l);

/* Remove and free the copy whose record this is. */
void kept_remove(struct kept_list *l, const struct record *r);
void kept_clear(struct kept_list *l);

#endif
