/* trace_read - read a trace file that one may not trust: open it, and list what is not in its ticks */
#include "traces/trace_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/check.h"
#include "traces/reader.h"

/* A writer that starts or ends holds the file for some milliseconds. */
enum {
	BUSY_MS = 2000
};

static int look_beside(struct trace_reader *r, struct error *e)
{
	struct stat other;
	bool journal;
	int result = db_find_beside(&r->place, "-wal", &r->wal_exists, &r->wal, e);

	if (!result)
		result = db_find_beside(&r->place, "-shm", &r->shm_exists, &other, e);
	return result ? result : db_find_beside(&r->place, "-journal", &journal, &other, e);
}

/*
 * Open with locks, as a trace that is being written needs it, or with a private index of the -wal; and hold one view of
 * it: what is added later is not seen.
 */
static int open_live(struct trace_reader *r, bool locked, struct error *e)
{
	AUTO(wal_index_free) struct wal_index *index = NULL;
	AUTO(db_close) sqlite3 *db = NULL;
	int rc, result = db_open(&r->place, DB_READ, &db, e);

	if (!result && !locked)
		result = wal_index_give(db, &index, e);
	if (result < 0)
		return result;
	sqlite3_busy_timeout(db, BUSY_MS);
	rc = db_exec(db, "BEGIN");
	result = rc == SQLITE_OK ? check_trace(db, &r->place, e) : db_fail(db, rc, &r->place, e);
	if (result < 0)
		return result;
	db_close(r->db);
	r->db = take(db);
	r->index = take(index);
	r->locked = locked;
	return 0;
}

/*
 * Which way to read: SQLite opens a file in WAL mode only where it can have a -wal and a -shm beside it, makes them
 * where it may and leaves them behind when it could only read.
 *
 *   closed by its last writer     one file: with locks
 *   the same, a -wal beside it    SQLite would read it all the same: with a private index
 *   WAL mode, nothing beside it   two writers ended at once: the file alone, it is complete
 *   WAL mode, -wal and -shm       being written, or its writer was killed: with locks, makes nothing new
 *   WAL mode, -wal without -shm   a copy: with a private index. The file alone would be more than short of its last
 *                                 ticks: a writer that was killed in a checkpoint leaves it with some pages of them
 *
 * Where SQLite cannot read it so (a folder that one may not write, a -wal that one may not read), the file alone too.
 */
static int choose(struct trace_reader *r, bool wal, struct error *e)
{
	bool pending = r->wal.st_size > 0;
	bool shared = wal || pending ? r->wal_exists && r->shm_exists : true;
	int result = shared ? open_live(r, true, e) : -EACCES;

	if (result == -EACCES && pending)
		result = open_live(r, false, e);
	if (result == -EACCES) {
		r->wal_missing = wal && (pending || !r->wal_exists);
		result = check_trace(r->db, &r->place, e);
		if ((sqlite3_errcode(r->db) & 0xff) == SQLITE_CORRUPT)
			result = reader_damaged(r, sqlite3_errmsg(r->db), e);
	}
	if (result < 0)
		return result;
	if (r->wal_missing && pending)
		snprintf(r->note, sizeof(r->note),
		         "the last ticks are missing: they are in the file's -wal of %lld bytes, "
		         "which cannot be read here",
		         (long long)r->wal.st_size);
	else if (!r->locked && shared)
		snprintf(r->note, sizeof(r->note),
		         "read without locks, as it cannot be locked here");
	return 0;
}

int trace_reader_open(const char *path, struct trace_reader **out, struct error *e)
{
	AUTO(trace_reader_close) struct trace_reader *r = calloc(1, sizeof(*r));
	bool wal;
	int result;

	if (!r)
		return fail(e, ENOMEM, "%s: out of memory", path);
	result = db_find(path, &r->place, e);
	if (!result && !r->place.exists)
		result = fail(e, ENOENT, "%s: no such file", path);
	if (!result)
		result = look_beside(r, e);
	if (!result)
		result = db_open(&r->place, DB_FROZEN, &r->db, e);
	if (result < 0)
		return result;
	result = check_header(r->db, &r->place, &wal, e);
	if (!result)
		result = choose(r, wal, e);
	if (result < 0)
		return result;
	*out = take(r);
	return 0;
}

void trace_reader_close(struct trace_reader *r)
{
	if (!r)
		return;
	walk_free(r->walk);
	names_done(&r->names);
	free(r->ranges);
	db_close(r->db);
	wal_index_free(r->index);
	free(r);
}

const char *trace_reader_note(const struct trace_reader *r)
{
	return r->note;
}

static void read_run(struct trace_reader *r, struct columns *c, void *element)
{
	struct trace_run_row *row = element;
	struct host_facts *f = &row->facts;

	row->run = column_integer(c, 0);
	column_text(c, 1, row->program, sizeof(row->program));
	column_text(c, 2, row->version, sizeof(row->version));
	column_text(c, 3, row->arguments, sizeof(row->arguments));
	column_text(c, 4, row->label, sizeof(row->label));
	column_text(c, 5, row->settings, sizeof(row->settings));
	column_text(c, 6, f->uri, sizeof(f->uri));
	column_text(c, 7, f->name, sizeof(f->name));
	column_text(c, 8, f->identity, sizeof(f->identity));
	column_text(c, 9, f->hypervisor, sizeof(f->hypervisor));
	column_text(c, 10, f->library, sizeof(f->library));
	column_text(c, 11, f->kernel, sizeof(f->kernel));
	column_text(c, 12, f->cpu_model, sizeof(f->cpu_model));
	f->memory_kib = column_counter(c, 13);
	row->interval_ns = column_number(c, 14, INT64_MAX);
	row->start_mono_ns = column_number(c, 15, INT64_MAX);
	row->start_wall_ns = column_number(c, 16, INT64_MAX);
	row->end_mono_ns = column_counter(c, 17);
	row->end_wall_ns = column_counter(c, 18);
	column_text(c, 19, row->exit_reason, sizeof(row->exit_reason));
	column_text(c, 20, row->continues, sizeof(row->continues));
}

struct place_row {
	int64_t run;
	struct pcpu_place place;
};

static void read_place(struct trace_reader *r, struct columns *c, void *element)
{
	struct place_row *row = element;

	row->run = column_integer(c, 0);
	row->place.pcpu = (uint32_t)column_number(c, 1, PCPU_MAX - 1);
	row->place.node = column_place(c, 2, INT32_MAX);
	row->place.socket = column_place(c, 3, INT32_MAX);
	row->place.core = column_place(c, 4, INT32_MAX);
	row->place.llc = column_place(c, 5, INT32_MAX);
}

/* Both lists ascend by run. */
static void add_places(struct trace_run_row *rows, size_t nr, const struct place_row *places,
                       size_t nr_places)
{
	size_t i = 0, p;

	for (p = 0; p < nr_places; p++) {
		while (i < nr && rows[i].run < places[p].run)
			i++;
		if (i < nr && rows[i].run == places[p].run && rows[i].facts.nr_places < PCPU_MAX)
			rows[i].facts.places[rows[i].facts.nr_places++] = places[p].place;
	}
}

struct count_row {
	int64_t run;
	uint64_t nr;
};

static void read_count(struct trace_reader *r, struct columns *c, void *element)
{
	struct count_row *row = element;

	row->run = column_integer(c, 0);
	row->nr = column_number(c, 1, INT64_MAX);
}

static void add_counts(struct trace_reader *r, struct trace_run_row *rows, size_t nr,
                       const struct count_row *actions, size_t nr_actions)
{
	size_t i, t = 0, a = 0;

	for (i = 0; i < nr; i++) {
		while (t < r->nr_ranges && r->ranges[t].run < rows[i].run)
			t++;
		if (t < r->nr_ranges && r->ranges[t].run == rows[i].run)
			rows[i].ticks = r->ranges[t].ticks;
		while (a < nr_actions && actions[a].run < rows[i].run)
			a++;
		if (a < nr_actions && actions[a].run == rows[i].run)
			rows[i].actions = actions[a].nr;
	}
}

int trace_read_runs(struct trace_reader *r, struct trace_run_row **rows, size_t *nr,
                    struct error *e)
{
	static const char runs[] =
	        "SELECT run, program, version, arguments, label, settings, uri, host, "
	        "host_identity, "
	        "hypervisor, library, kernel, cpu_model, memory_kib, interval_ns, start_mono_ns, "
	        "start_wall_ns, end_mono_ns, end_wall_ns, exit_reason, continues FROM run ORDER BY "
	        "run";
	static const char pcpus[] = "SELECT run, pcpu, node, socket, core, llc FROM pcpu "
	                            "ORDER BY run, pcpu";
	static const char counts[] = "SELECT run, count(*) FROM action GROUP BY run ORDER BY run";
	void *found = NULL, *places = NULL, *actions = NULL;
	size_t nr_found = 0, nr_places, nr_actions;
	int result = reader_load(r, e);

	reader_limit(r);
	if (!result)
		result = reader_list(r, runs, 0, "run", sizeof(**rows), read_run, &found, &nr_found,
		                     e);
	if (!result)
		result = reader_list(r, pcpus, 0, "pcpu", sizeof(struct place_row), read_place,
		                     &places, &nr_places, e);
	if (!result)
		result = reader_list(r, counts, 0, "action", sizeof(struct count_row), read_count,
		                     &actions, &nr_actions, e);
	if (!result) {
		add_places(found, nr_found, places, nr_places);
		add_counts(r, found, nr_found, actions, nr_actions);
		*rows = take(found);
		*nr = nr_found;
	}
	free(found);
	free(places);
	free(actions);
	return result;
}

static void read_stat(struct trace_reader *r, struct columns *c, void *element)
{
	struct trace_stat_row *row = element;

	column_text(c, 0, row->name, sizeof(row->name));
	column_text(c, 1, row->severity, sizeof(row->severity));
	row->value = column_integer(c, 2);
}

static void read_event(struct trace_reader *r, struct columns *c, void *element)
{
	struct trace_event_row *row = element;

	row->mono_ns = column_number(c, 0, INT64_MAX);
	column_text(c, 1, row->kind, sizeof(row->kind));
	column_text(c, 2, row->text, sizeof(row->text));
}

static void read_set(struct trace_reader *r, struct columns *c, int column, struct cpuset *set)
{
	const struct cpuset *known = names_cpus(&r->names, column_integer(c, column));

	if (known)
		*set = *known;
	else
		c->bad = true;
}

static void change_pins(struct trace_reader *r, struct columns *c, struct action *a)
{
	read_set(r, c, 5, &a->from);
	read_set(r, c, 6, &a->to);
}

static void change_balloon(struct trace_reader *r, struct columns *c, struct action *a)
{
	a->from_kib = column_counter(c, 5);
	a->to_kib = column_counter(c, 6);
}

static void change_period(struct trace_reader *r, struct columns *c, struct action *a)
{
	a->from_s = (uint32_t)column_number(c, 5, UINT32_MAX);
	a->to_s = (uint32_t)column_number(c, 6, UINT32_MAX);
}

static const struct {
	bool of_vcpu;
	void (*change)(struct trace_reader *r, struct columns *c, struct action *a);
} kinds[] = {
        [ACTION_PIN] = {true, change_pins},
        [ACTION_RESTORE] = {true, change_pins},
        [ACTION_BALLOON] = {false, change_balloon},
        [ACTION_BALLOON_RESTORE] = {false, change_balloon},
        [ACTION_PERIOD] = {false, change_period},
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == ACTION_KINDS, "a change for each");

static void read_action(struct trace_reader *r, struct columns *c, void *element)
{
	struct trace_action_row *row = element;
	const struct name_guest *guest = names_guest(&r->names, column_integer(c, 3));
	const struct name_vcpu *vcpu = NULL;
	struct action *a = &row->action;
	uint64_t number = column_counter(c, 0);

	row->in_tick = number != UNKNOWN;
	row->tick_number = row->in_tick ? number : 0;
	row->mono_ns = column_number(c, 1, INT64_MAX);
	a->kind = (enum action_kind)column_number(c, 2, ACTION_KINDS - 1);
	kinds[a->kind].change(r, c, a);
	column_text(c, 7, a->reason, sizeof(a->reason));
	a->result = (enum action_result)column_number(c, 8, ACTION_RESULTS - 1);
	a->duration_ns = column_counter(c, 9);
	column_text(c, 10, a->detail, sizeof(a->detail));
	row->tick = row->in_tick ? column_integer(c, 11) : 0;
	if (kinds[a->kind].of_vcpu)
		vcpu = names_vcpu(&r->names, column_integer(c, 4));
	if (!guest || (kinds[a->kind].of_vcpu && !vcpu)) {
		c->bad = true;
		return;
	}
	memcpy(a->guest, guest->uuid, UUID_BYTES);
	memcpy(a->name, guest->name, GUEST_NAME);
	a->vcpu = vcpu ? vcpu->number : 0;
}

int trace_read_stats(struct trace_reader *r, int64_t run, struct trace_stat_row **rows, size_t *nr,
                     struct error *e)
{
	void *found = NULL;
	int result;

	reader_limit(r);
	result = reader_list(r,
	                     "SELECT name, severity, value FROM stat WHERE run = ? ORDER BY name",
	                     run, "stat", sizeof(**rows), read_stat, &found, nr, e);
	if (!result)
		*rows = found;
	return result;
}

int trace_read_events(struct trace_reader *r, int64_t run, struct trace_event_row **rows,
                      size_t *nr, struct error *e)
{
	void *found = NULL;
	int result;

	reader_limit(r);
	result = reader_list(r,
	                     "SELECT mono_ns, kind, text FROM event WHERE run = ? ORDER BY event",
	                     run, "event", sizeof(**rows), read_event, &found, nr, e);
	if (!result)
		*rows = found;
	return result;
}

/* Whose rows they are to be. */
struct taker {
	trace_action_fn each;
	void *with;
};

static int take_action(void *with, const void *element, struct error *e)
{
	const struct taker *to = with;

	return to->each(to->with, element, e);
}

int trace_read_actions(struct trace_reader *r, int64_t run, trace_action_fn each, void *with,
                       struct error *e)
{
	static const char actions[] =
	        "SELECT t.number, a.mono_ns, a.kind, a.guest, a.vcpu, a.old, a.new, a.reason, "
	        "a.result, "
	        "a.duration_ns, a.detail, t.tick FROM action a LEFT JOIN tick t ON t.tick = a.tick "
	        "WHERE a.run = ? ORDER BY a.action";
	struct taker to = {each, with};
	int result = reader_load(r, e);

	if (result < 0)
		return result;
	reader_limit(r);
	return reader_each(r, actions, run, "action", sizeof(struct trace_action_row), read_action,
	                   take_action, &to, e);
}
