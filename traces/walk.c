/* walk - the ticks of a run in order, each put together from the rows of its tables in one pass */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/reader.h"

enum {
	ROWS_MAX = 1 << 20
};

enum table {
	TICK,
	PCPU_SAMPLE,
	VCPU_SAMPLE,
	GUEST_SAMPLE,
	HOST_SAMPLE,
	DECISION,
	HOST_PLAN,
	GUEST_PLAN,
	TABLES
};

/* A statement, and the tick of the row it stands on. */
struct cursor {
	struct columns c;
	int64_t tick, key; /* its first two columns */
	bool end;
};

struct vcpu_row {
	const struct name_vcpu *vcpu;
	const struct cpuset *affinity;
	uint64_t run_ns, delay_ns;
	int32_t pcpu;
};

/* What changes seldom has a row only when it changes. */
struct known {
	enum guest_state state;
	uint32_t instance;
	bool user_pins;
};

struct guest_row {
	const struct name_guest *guest;
	struct guest_memory memory;
	enum balloon balloon;
	bool busy;
	uint32_t reboots;
};

struct walk {
	struct cursor cursors[TABLES];
	struct known *known; /* by index of names.guests */
	struct vcpu_row *vcpus;
	struct guest_row *guests;
	struct guest_plan *plans;
	size_t nr_vcpus, room_vcpus, nr_guests, room_guests, room_plans;
	uint64_t wall_offset_ns; /* wall clock minus steady clock, as at the start of the run */
	struct trace_tick_row row;
};

void walk_free(struct walk *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; i < TABLES; i++)
		sqlite3_finalize(w->cursors[i].c.row);
	free(w->known);
	free(w->vcpus);
	free(w->guests);
	free(w->plans);
	sample_done(&w->row.sample);
	free(w);
}

static int read_tick(struct trace_reader *r, struct columns *c)
{
	struct trace_tick_row *row = &r->walk->row;
	const struct cpuset *usable = names_cpus(&r->names, column_integer(c, 6));
	struct sample *s = &row->sample;

	row->tick = column_integer(c, 0);
	row->number = column_number(c, 1, INT64_MAX);
	s->begin_ns = column_number(c, 2, INT64_MAX);
	s->end_ns = s->begin_ns + column_number(c, 3, INT64_MAX);
	s->wall_ns = s->begin_ns + r->walk->wall_offset_ns;
	row->decide_ns = column_counter(c, 4);
	row->self_cpu_ns = column_counter(c, 5);
	row->has_decision = row->decide_ns != UNKNOWN;
	if (usable)
		s->usable = s->online = *usable;
	else
		c->bad = true;
	return 0;
}

static int read_pcpu(struct trace_reader *r, struct columns *c)
{
	struct sample_pcpu *p = sample_add_pcpu(&r->walk->row.sample,
	                                        (uint32_t)column_number(c, 1, PCPU_MAX - 1));

	if (!p)
		return -ENOMEM;
	p->user_ns = column_number(c, 2, INT64_MAX);
	p->kernel_ns = column_number(c, 3, INT64_MAX);
	p->iowait_ns = column_number(c, 4, INT64_MAX);
	p->idle_ns = column_number(c, 5, INT64_MAX);
	return 0;
}

/* The array with room for one more row; NULL when memory ran out, or the file shows more than any host has. */
static void *rows_grow(void *rows, size_t nr, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 64;

	if (nr < *room)
		return rows;
	rows = wanted <= ROWS_MAX ? realloc(rows, wanted * size) : NULL;
	if (rows)
		*room = wanted;
	return rows;
}

static int read_vcpu(struct trace_reader *r, struct columns *c)
{
	struct walk *w = r->walk;
	struct vcpu_row *v;

	v = rows_grow(w->vcpus, w->nr_vcpus, &w->room_vcpus, sizeof(*w->vcpus));
	if (!v)
		return -ENOMEM;
	w->vcpus = v;
	v += w->nr_vcpus;
	v->vcpu = names_vcpu(&r->names, column_integer(c, 1));
	v->run_ns = column_number(c, 2, INT64_MAX);
	v->delay_ns = column_counter(c, 3);
	v->pcpu = column_place(c, 4, PCPU_MAX - 1);
	v->affinity = names_cpus(&r->names, column_integer(c, 5));
	if (!v->vcpu || !v->affinity)
		c->bad = true;
	else
		w->nr_vcpus++;
	return 0;
}

/* 0 where it was not recorded. */
static uint64_t column_known(struct columns *c, int column, uint64_t max)
{
	return column_counter(c, column) == UNKNOWN ? 0 : column_number(c, column, max);
}

static int read_guest(struct trace_reader *r, struct columns *c)
{
	struct walk *w = r->walk;
	struct guest_row *g;
	struct guest_memory *m;
	struct known *known;

	g = rows_grow(w->guests, w->nr_guests, &w->room_guests, sizeof(*w->guests));
	if (!g)
		return -ENOMEM;
	w->guests = g;
	g += w->nr_guests;
	g->guest = names_guest(&r->names, column_integer(c, 1));
	if (!g->guest) {
		c->bad = true;
		return 0;
	}
	w->nr_guests++;
	known = &w->known[g->guest - r->names.guests];
	known->state = (enum guest_state)column_number(c, 2, GUEST_STATES - 1);
	known->instance = (uint32_t)column_number(c, 3, UINT32_MAX);
	known->user_pins = column_number(c, 4, 1);
	m = &g->memory;
	m->actual_kib = column_counter(c, 5);
	m->maximum_kib = column_counter(c, 6);
	m->unused_kib = column_counter(c, 7);
	m->available_kib = column_counter(c, 8);
	m->usable_kib = column_counter(c, 9);
	m->disk_caches_kib = column_counter(c, 10);
	m->swap_in_kib = column_counter(c, 11);
	m->swap_out_kib = column_counter(c, 12);
	m->major_faults = column_counter(c, 13);
	m->minor_faults = column_counter(c, 14);
	m->rss_kib = column_counter(c, 15);
	m->updated_s = column_counter(c, 16);
	m->period_s = column_counter(c, 17);
	g->balloon = (enum balloon)column_known(c, 18, BALLOONS - 1);
	g->busy = column_known(c, 19, 1);
	g->reboots = (uint32_t)column_known(c, 20, UINT32_MAX);
	return 0;
}

static int read_host(struct trace_reader *r, struct columns *c)
{
	struct host_memory *m = &r->walk->row.sample.memory;

	m->total_kib = column_counter(c, 1);
	m->free_kib = column_counter(c, 2);
	m->available_kib = column_counter(c, 3);
	m->cached_kib = column_counter(c, 4);
	return 0;
}

static double column_pm(struct columns *c, int column)
{
	uint64_t ppm = column_counter(c, column);

	return ppm == UNKNOWN ? -1 : (double)ppm / 1000;
}

static int read_decision(struct trace_reader *r, struct columns *c)
{
	struct decision *d = &r->walk->row.decision;

	r->walk->row.has_decision = true;
	d->verdict = (enum verdict)column_number(c, 1, VERDICTS - 1);
	d->spread_pm = column_pm(c, 2);
	d->noise_pm = column_pm(c, 3);
	d->predicted_pm = column_pm(c, 4);
	d->exact = column_number(c, 5, 1);
	column_text(c, 6, d->reason, sizeof(d->reason));
	return 0;
}

static int read_host_plan(struct trace_reader *r, struct columns *c)
{
	struct host_plan *h = &r->walk->row.decision.host;

	h->reserve_kib = column_counter(c, 1);
	h->pool_kib = column_counter(c, 2);
	h->spare_kib = column_counter(c, 3);
	h->is_short = column_number(c, 4, 1);
	return 0;
}

static int read_guest_plan(struct trace_reader *r, struct columns *c)
{
	const struct name_guest *guest = names_guest(&r->names, column_integer(c, 1));
	struct walk *w = r->walk;
	struct decision *d = &w->row.decision;
	struct guest_plan *g;

	g = rows_grow(w->plans, d->nr_guests, &w->room_plans, sizeof(*w->plans));
	if (!g)
		return -ENOMEM;
	d->guests = w->plans = g;
	g += d->nr_guests;
	if (!guest) {
		c->bad = true;
		return 0;
	}
	d->nr_guests++;
	memset(g, 0, sizeof(*g));
	memcpy(g->guest, guest->uuid, UUID_BYTES);
	g->state = (enum memory_state)column_number(c, 2, MEMORY_STATES - 1);
	g->low_kib = column_counter(c, 3);
	g->high_kib = column_counter(c, 4);
	g->floor_kib = column_counter(c, 5);
	g->target_kib = column_counter(c, 6);
	return 0;
}

/*
 * Each table is read by one statement from the first tick to the last. The loop is over the run's ticks, with a search
 * per tick in the other table, so that the ticks of other runs between them cost next to nothing.
 */
#define OF_RUN "t.run = ?1 AND t.tick BETWEEN ?2 AND ?3"
#define FROM(table) \
	" FROM tick t CROSS JOIN " table " s ON s.tick = t.tick WHERE " OF_RUN " ORDER BY t.tick"

static const struct {
	const char *name;
	const char
	        *sql; /* its first column is the tick; its second ascends in the rows of a tick */
	int (*read)(struct trace_reader *r, struct columns *c);
	bool many; /* may have many rows in a tick */
} tables[] = {
        [TICK] = {"tick",
                  "SELECT t.tick, t.number, t.begin_ns, t.sample_ns, t.decide_ns, "
                  "t.self_cpu_ns, t.usable FROM tick t WHERE " OF_RUN " ORDER BY t.tick",
                  read_tick, false},
        [PCPU_SAMPLE] = {"pcpu_sample",
                         "SELECT s.tick, s.pcpu, s.user_ns, s.kernel_ns, s.iowait_ns, "
                         "s.idle_ns" FROM("pcpu_sample") ", s.pcpu",
                         read_pcpu, true},
        [VCPU_SAMPLE] = {"vcpu_sample",
                         "SELECT s.tick, s.vcpu, s.run_ns, s.delay_ns, s.pcpu, "
                         "s.affinity" FROM("vcpu_sample") ", s.vcpu",
                         read_vcpu, true},
        [GUEST_SAMPLE] =
                {"guest_sample",
                 "SELECT s.tick, s.guest, s.state, s.instance, s.user_pins, s.actual_kib, "
                 "s.maximum_kib, s.unused_kib, s.available_kib, s.usable_kib, s.disk_caches_kib, "
                 "s.swap_in_kib, s.swap_out_kib, s.major_faults, s.minor_faults, s.rss_kib, "
                 "s.updated_s, s.period_s, s.balloon, s.busy, s.reboots" FROM(
                         "guest_sample") ", s.guest",
                 read_guest, true},
        [HOST_SAMPLE] = {"host_sample",
                         "SELECT s.tick, s.total_kib, s.free_kib, s.available_kib, "
                         "s.cached_kib" FROM("host_sample"),
                         read_host, false},
        [DECISION] = {"decision",
                      "SELECT s.tick, s.verdict, s.spread_ppm, s.noise_ppm, "
                      "s.predicted_ppm, s.exact, s.reason" FROM("decision"),
                      read_decision, false},
        [HOST_PLAN] = {"host_plan",
                       "SELECT s.tick, s.reserve_kib, s.pool_kib, s.spare_kib, "
                       "s.is_short" FROM("host_plan"),
                       read_host_plan, false},
        [GUEST_PLAN] = {"guest_plan",
                        "SELECT s.tick, s.guest, s.state, s.low_kib, s.high_kib, s.floor_kib, "
                        "s.target_kib" FROM("guest_plan") ", s.guest",
                        read_guest_plan, true},
};
_Static_assert(sizeof(tables) / sizeof(tables[0]) == TABLES, "a statement for each");

static int out_of_order(struct trace_reader *r, enum table t, struct error *e)
{
	char what[64];

	snprintf(what, sizeof(what), "table %s is out of order", tables[t].name);
	return reader_damaged(r, what, e);
}

/* To the next row of a table. Rows come in order from an honest file; from another they may even never end. */
static int advance(struct trace_reader *r, enum table t, struct error *e)
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
	if (at->tick > tick || (at->tick == tick && tables[t].many && at->key > key))
		return 0;
	return out_of_order(r, t, e);
}

/* Read the rows that a table has for a tick. */
static int read_rows(struct trace_reader *r, enum table t, int64_t tick, struct error *e)
{
	struct cursor *at = &r->walk->cursors[t];
	char what[64];
	int result = 0;

	while (!result && !at->end && at->tick == tick) {
		if (tables[t].read(r, &at->c) < 0)
			return fail(e, ENOMEM, "%s: tick with too many rows in table %s",
			            r->place.name, tables[t].name);
		if (at->c.bad) {
			snprintf(what, sizeof(what), "an impossible value in table %s",
			         tables[t].name);
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
	const struct vcpu_row *v = w->vcpus, *v_end = v + w->nr_vcpus, *first;
	const struct guest_row *g = w->guests, *g_end = g + w->nr_guests;
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

	for (t = 0; t < TABLES && !result; t++) {
		w->cursors[t].tick = INT64_MIN;
		result = reader_prepare(r, tables[t].sql, &w->cursors[t].c.row, e);
		if (result < 0)
			return result;
		sqlite3_bind_int64(w->cursors[t].c.row, 1, run);
		sqlite3_bind_int64(w->cursors[t].c.row, 2, range->first);
		sqlite3_bind_int64(w->cursors[t].c.row, 3, range->last);
		result = advance(r, (enum table)t, e);
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
	for (t = 0; t < TABLES && !result; t++)
		result = read_rows(r, (enum table)t, tick, e);
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
