/* walk - the ticks of a run in order, each put together from the rows of its tables in one pass */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/walk_rows.h"

void walk_free(struct walk *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; i < WALK_TABLES; i++)
		sqlite3_finalize(w->cursors[i].c.row);
	free(w->known);
	free(w->vcpus);
	free(w->guests);
	free(w->plans);
	sample_done(&w->row.sample);
	free(w);
}

static int out_of_order(struct trace_reader *r, enum walk_table_id t, struct error *e)
{
	char what[64];

	snprintf(what, sizeof(what), "table %s is out of order", walk_tables[t].name);
	return reader_damaged(r, what, e);
}

/* To the next row of a table. Rows come in order from an honest file; from another they may even never end. */
static int advance(struct trace_reader *r, enum walk_table_id t, struct error *e)
{
	struct cursor *at = &r->walk->cursors[t];
	int64_t tick = at->tick, key = at->key;
	int more = reader_step(r, at->c.row, e);

	if (more <= 0) {
		at->end = true;
		return more;
	}
	at->tick = sqlite3_column_int64(at->c.row, 0);
	at->key = sqlite3_column_int64(at->c.row, 1);
	if (at->tick > tick || (at->tick == tick && walk_tables[t].many && at->key > key))
		return 0;
	return out_of_order(r, t, e);
}

/* Read the rows that a table has for a tick. */
static int read_rows(struct trace_reader *r, enum walk_table_id t, int64_t tick, struct error *e)
{
	struct cursor *at = &r->walk->cursors[t];
	char what[64];
	int result = 0;

	while (!result && !at->end && at->tick == tick) {
		if (walk_tables[t].read(r, &at->c) < 0)
			return fail(e, ENOMEM, "%s: tick with too many rows in table %s",
			            r->place.name, walk_tables[t].name);
		if (at->c.bad) {
			snprintf(what, sizeof(what), "an impossible value in table %s",
			         walk_tables[t].name);
			return reader_damaged(r, what, e);
		}
		result = advance(r, t, e);
	}
	if (!result && !at->end && at->tick < tick)
		return out_of_order(r, t, e);
	return result;
}

static int by_vcpu_rank(const void *a, const void *b)
{
	uint32_t x = ((const struct vcpu_row *)a)->vcpu->rank;
	uint32_t y = ((const struct vcpu_row *)b)->vcpu->rank;

	return (x > y) - (x < y);
}

static int by_plan_uuid(const void *a, const void *b)
{
	return memcmp(((const struct guest_plan *)a)->guest, ((const struct guest_plan *)b)->guest,
	              UUID_BYTES);
}

static int by_guest_rank(const void *a, const void *b)
{
	uint32_t x = ((const struct guest_row *)a)->guest->rank;
	uint32_t y = ((const struct guest_row *)b)->guest->rank;

	return (x > y) - (x < y);
}

/* Ids are given in the order of samples, so that only a guest that came later than another is out of it. */
static void sort_rows(struct walk *w)
{
	size_t i;

	for (i = 1; i < w->nr_vcpus && w->vcpus[i - 1].vcpu->rank < w->vcpus[i].vcpu->rank;)
		i++;
	if (i < w->nr_vcpus)
		qsort(w->vcpus, w->nr_vcpus, sizeof(*w->vcpus), by_vcpu_rank);
	for (i = 1; i < w->nr_guests && w->guests[i - 1].guest->rank < w->guests[i].guest->rank;)
		i++;
	if (i < w->nr_guests)
		qsort(w->guests, w->nr_guests, sizeof(*w->guests), by_guest_rank);
	if (w->row.decision.nr_guests)
		qsort(w->plans, w->row.decision.nr_guests, sizeof(*w->plans), by_plan_uuid);
}

static struct sample_guest *add_guest(struct trace_reader *r, const struct name_guest *guest)
{
	struct sample *s = &r->walk->row.sample;
	const struct known *known = &r->walk->known[guest - r->names.guests];
	struct sample_guest *g = sample_add_guest(s, guest->uuid, guest->name);

	if (!g)
		return NULL;
	g->state = known->state;
	g->instance = known->instance;
	g->user_pins = known->user_pins;
	return g;
}

static bool add_vcpu(struct sample *s, const struct vcpu_row *row)
{
	struct sample_vcpu *v = sample_add_vcpu(s, row->vcpu->number);

	if (!v)
		return false;
	v->pcpu = row->pcpu;
	v->run_ns = row->run_ns;
	v->delay_ns = row->delay_ns;
	v->affinity = *row->affinity;
	return true;
}

/* The guests of a tick are those that have a row of their own or a vCPU with one: two lists, merged in order. */
static int build_guests(struct trace_reader *r, struct error *e)
{
	struct walk *w = r->walk;
	const struct name_guest *guest, *last = NULL;
	/* Where there was never one there is no array. */
	const struct vcpu_row *v = w->vcpus, *v_end = v ? v + w->nr_vcpus : v, *first;
	const struct guest_row *g = w->guests, *g_end = g ? g + w->nr_guests : g;
	struct sample_guest *to;

	for (; v < v_end || g < g_end; last = guest) {
		guest = v < v_end ? &r->names.guests[v->vcpu->guest] : g->guest;
		if (g < g_end && g->guest->rank < guest->rank)
			guest = g->guest;
		if (last && memcmp(last->uuid, guest->uuid, UUID_BYTES) >= 0)
			return reader_damaged(r, "a guest twice in a tick", e);
		to = add_guest(r, guest);
		if (!to)
			return fail(e, ENOMEM, "%s: out of memory", r->place.name);
		if (g < g_end && g->guest == guest) {
			to->memory = g->memory;
			to->balloon = g->balloon;
			to->busy = g->busy;
			to->reboots = g->reboots;
			g++;
		}
		for (first = v; v < v_end && &r->names.guests[v->vcpu->guest] == guest; v++) {
			if (v > first && v[-1].vcpu->number >= v->vcpu->number)
				return reader_damaged(r, "a vCPU twice in a tick", e);
			if (!add_vcpu(&w->row.sample, v))
				return fail(e, ENOMEM, "%s: out of memory", r->place.name);
		}
	}
	return 0;
}

static int prepare(struct trace_reader *r, int64_t run, const struct run_range *range,
                   struct error *e)
{
	struct walk *w = r->walk;
	int t, result = 0;

	for (t = 0; t < WALK_TABLES && !result; t++) {
		assert(walk_tables[t].sql && walk_tables[t].read);
		w->cursors[t].tick = INT64_MIN;
		result = reader_prepare(r, walk_tables[t].sql, &w->cursors[t].c.row, e);
		if (result < 0)
			return result;
		sqlite3_bind_int64(w->cursors[t].c.row, 1, run);
		sqlite3_bind_int64(w->cursors[t].c.row, 2, range->first);
		sqlite3_bind_int64(w->cursors[t].c.row, 3, range->last);
		result = advance(r, (enum walk_table_id)t, e);
	}
	return result;
}

/* The run must be there; *offset_ns is its wall clock minus its steady clock. */
static int find_run(struct trace_reader *r, int64_t run, uint64_t *offset_ns, struct error *e)
{
	struct columns c = {0};
	int more, result;

	result = reader_prepare(r, "SELECT start_wall_ns, start_mono_ns FROM run WHERE run = ?",
	                        &c.row, e);
	if (result < 0)
		return result;
	sqlite3_bind_int64(c.row, 1, run);
	more = reader_step(r, c.row, e);
	if (more > 0)
		*offset_ns = column_number(&c, 0, INT64_MAX) - column_number(&c, 1, INT64_MAX);
	sqlite3_finalize(c.row);
	if (!more)
		return fail(e, EINVAL, "%s: no run %lld", r->place.name, (long long)run);
	if (more > 0 && c.bad)
		return reader_damaged(r, "an impossible value in table run", e);
	return more < 0 ? more : 0;
}

int trace_begin_ticks(struct trace_reader *r, int64_t run, struct error *e)
{
	struct run_range range = {.first = 1, .last = 0};
	uint64_t offset_ns = 0;
	size_t i;
	int result = reader_load(r, e);

	if (!result)
		result = find_run(r, run, &offset_ns, e);
	if (result < 0)
		return result;
	walk_free(r->walk);
	r->walk = calloc(1, sizeof(*r->walk));
	if (r->walk)
		r->walk->known = calloc(r->names.nr_guests + 1, sizeof(*r->walk->known));
	if (!r->walk || !r->walk->known)
		return fail(e, ENOMEM, "%s: out of memory", r->place.name);
	sample_init(&r->walk->row.sample);
	r->walk->wall_offset_ns = offset_ns;
	for (i = 0; i < r->nr_ranges; i++)
		if (r->ranges[i].run == run)
			range = r->ranges[i];
	limit_end(r->db);
	return prepare(r, run, &range, e);
}

/* As the order of rows is checked, no loop can be endless here, and a limit of time would only stop honest long runs. */
static int read_tick_rows(struct trace_reader *r, struct error *e)
{
	struct walk *w = r->walk;
	int64_t tick = w->cursors[TICK].tick;
	int t, result = 0;

	sample_clear(&w->row.sample);
	w->nr_vcpus = w->nr_guests = 0;
	w->row.decision = (struct decision){
	        .verdict = VERDICT_QUIET, .spread_pm = -1, .noise_pm = -1, .predicted_pm = -1};
	for (t = 0; t < WALK_TABLES && !result; t++)
		result = read_rows(r, (enum walk_table_id)t, tick, e);
	if (result < 0)
		return result;
	sort_rows(w);
	return build_guests(r, e);
}

int trace_next_tick(struct trace_reader *r, const struct trace_tick_row **row, struct error *e)
{
	int result;

	assert(r->walk);
	limit_end(r->db);
	if (r->walk->cursors[TICK].end)
		return reader_unchanged(r, e);
	result = read_tick_rows(r, e);
	if (result < 0) {
		r->walk->cursors[TICK].end = true;
		return result;
	}
	*row = &r->walk->row;
	return 1;
}
