/* notes - what a writer counts and tells between two transactions: stats, events, gaps */
#ifndef VMB_TRACES_NOTES_H
#define VMB_TRACES_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "traces/rows.h"

enum {
	NOTES_EVENTS = 256, /* that wait at most; more are counted as dropped */
	NOTES_STATS = 64    /* names; programs use a handful */
};

struct note_event {
	uint64_t mono_ns;
	char kind[64];
	char text[256];
};

struct note_stat {
	char name[64];
	const char *severity;
	uint64_t value, written;
	uint64_t expected; /* what the transaction at hand adds, once it is committed */
	bool changed;      /* since it was written */
};

/* Ticks that follow one another, are lost for one reason, and not yet told in an event. */
struct note_gap {
	uint64_t ticks;
	uint64_t first, last; /* their numbers */
	uint64_t mono_ns;     /* of the first */
	char why[160];
};

/* Zeroed is empty. */
struct notes {
	struct note_event *events;
	size_t nr_events, room_events;
	struct note_stat stats[NOTES_STATS];
	size_t nr_stats;
	struct note_gap gap;
};

void notes_done(struct notes *n);
void notes_event(struct notes *n, uint64_t mono_ns, const char *kind, const char *text);

/* severity: info, warning, data_loss. Adding 0 makes the name appear. */
void notes_count(struct notes *n, const char *name, const char *severity, uint64_t add);

/* The same for what is only so once the transaction at hand is committed: notes_undone() takes it back. */
void notes_expect(struct notes *n, const char *name, const char *severity, uint64_t add);
void notes_undone(struct notes *n);

/* What was counted under the name and is in no file yet. */
uint64_t notes_untold(const struct notes *n, const char *name);

/* A tick is lost: counted as ticks_dropped, and told in one event for all that follow one another and have one reason. */
void notes_lost(struct notes *n, uint64_t number, uint64_t mono_ns, const char *why);

/* Write what is new; notes_written() once that is committed. Returns an SQLite result code. */
int notes_write(const struct notes *n, int64_t run, struct rows *rows);
void notes_written(struct notes *n);

/* Another file follows: it tells what the one before it has not been told. */
void notes_restart(struct notes *n);

#endif
