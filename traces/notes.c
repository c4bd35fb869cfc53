/* notes - what a writer counts and tells between two transactions: stats, events, gaps */
#include "traces/notes.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void notes_done(struct notes *n)
{
	free(n->events);
	*n = (struct notes){0};
}

void notes_event(struct notes *n, uint64_t mono_ns, const char *kind, const char *text)
{
	size_t room = n->room_events ? 2 * n->room_events : 4;
	struct note_event *event;

	if (n->nr_events == n->room_events && room <= NOTES_EVENTS) {
		event = realloc(n->events, room * sizeof(*event));
		if (event) {
			n->events = event;
			n->room_events = room;
		}
	}
	if (n->nr_events == n->room_events) {
		notes_count(n, "events_dropped", "warning", 1);
		return;
	}
	event = &n->events[n->nr_events++];
	event->mono_ns = mono_ns;
	snprintf(event->kind, sizeof(event->kind), "%s", kind);
	snprintf(event->text, sizeof(event->text), "%s", text);
}

static struct note_stat *find(struct notes *n, const char *name, const char *severity)
{
	static const char *const severities[] = {"info", "warning", "data_loss"};
	struct note_stat *s = n->stats, *end = n->stats + n->nr_stats;
	size_t i;

	while (s < end && strcmp(s->name, name) != 0)
		s++;
	if (s == end) {
		assert(n->nr_stats < NOTES_STATS);
		n->nr_stats++;
		snprintf(s->name, sizeof(s->name), "%s", name);
		for (i = 0; i < 3 && strcmp(severities[i], severity) != 0;)
			i++;
		assert(i < 3);
		s->severity = severities[i];
	}
	return s;
}

void notes_count(struct notes *n, const char *name, const char *severity, uint64_t add)
{
	struct note_stat *s = find(n, name, severity);

	s->value += add;
	s->changed = true;
}

void notes_expect(struct notes *n, const char *name, const char *severity, uint64_t add)
{
	find(n, name, severity)->expected = add;
}

void notes_undone(struct notes *n)
{
	size_t i;

	for (i = 0; i < n->nr_stats; i++)
		n->stats[i].expected = 0;
}

uint64_t notes_untold(const struct notes *n, const char *name)
{
	const struct note_stat *s;

	for (s = n->stats; s < n->stats + n->nr_stats; s++)
		if (!strcmp(s->name, name))
			return s->value - s->written;
	return 0;
}

static void gap_text(const struct note_gap *g, char *text, size_t size)
{
	if (g->ticks == 1)
		snprintf(text, size, "tick %" PRIu64 " was not recorded: %s", g->first, g->why);
	else
		snprintf(text, size,
		         "%" PRIu64 " ticks, %" PRIu64 " to %" PRIu64 ", were not recorded: %s",
		         g->ticks, g->first, g->last, g->why);
}

/* What it tells of is over. */
static void end_gap(struct notes *n)
{
	char text[sizeof(n->events->text)];

	gap_text(&n->gap, text, sizeof(text));
	notes_event(n, n->gap.mono_ns, "gap", text);
	n->gap = (struct note_gap){0};
}

void notes_lost(struct notes *n, uint64_t number, uint64_t mono_ns, const char *why)
{
	struct note_gap *g = &n->gap;

	if (g->ticks && (number != g->last + 1 || strncmp(why, g->why, sizeof(g->why) - 1) != 0))
		end_gap(n);
	if (!g->ticks++) {
		g->first = number;
		g->mono_ns = mono_ns;
		snprintf(g->why, sizeof(g->why), "%s", why);
	}
	g->last = number;
	notes_count(n, "ticks_dropped", "data_loss", 1);
}

static int write_event(const struct note_event *event, int64_t run, struct rows *rows)
{
	return ROWS_RUN(rows, SQL_EVENT, value_integer(run), value_counter(event->mono_ns),
	                value_words(event->kind), value_words(event->text));
}

static int write_gap(const struct note_gap *g, int64_t run, struct rows *rows)
{
	struct note_event event = {.mono_ns = g->mono_ns, .kind = "gap"};

	gap_text(g, event.text, sizeof(event.text));
	return write_event(&event, run, rows);
}

int notes_write(const struct notes *n, int64_t run, struct rows *rows)
{
	int rc = n->gap.ticks ? write_gap(&n->gap, run, rows) : SQLITE_OK;
	size_t i;

	for (i = 0; i < n->nr_events && rc == SQLITE_OK; i++)
		rc = write_event(&n->events[i], run, rows);
	for (i = 0; i < n->nr_stats && rc == SQLITE_OK; i++)
		if (n->stats[i].changed || n->stats[i].expected)
			rc = ROWS_RUN(rows, SQL_STAT, value_integer(run),
			              value_words(n->stats[i].name),
			              value_words(n->stats[i].severity),
			              value_counter(n->stats[i].value + n->stats[i].expected));
	return rc;
}

void notes_written(struct notes *n)
{
	size_t i;

	n->nr_events = 0;
	n->gap = (struct note_gap){0};
	for (i = 0; i < n->nr_stats; i++) {
		n->stats[i].changed = false;
		n->stats[i].value += n->stats[i].expected;
		n->stats[i].expected = 0;
		n->stats[i].written = n->stats[i].value;
	}
}

void notes_restart(struct notes *n)
{
	size_t i;

	for (i = 0; i < n->nr_stats; i++) {
		n->stats[i].value -= n->stats[i].written;
		n->stats[i].written = 0;
	}
}
