/* walk_rows - the rows that a tick is made of: the statement that reads each table, and what its columns mean */
#include "traces/walk_rows.h"

#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 1 << 20
};

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

const struct walk_table walk_tables[WALK_TABLES] = {
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
