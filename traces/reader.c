/* reader - what the parts of the trace reader share: the handle, its failures, its limits */
#include "traces/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

enum {
	LIST_BYTES = 256 << 20,
	FIRST_ROOM = 16
};

/* 50 MB/s is a tenth of what a scan reaches. */
void reader_limit(struct trace_reader *r)
{
	uint64_t size = (uint64_t)r->place.stat.st_size + (uint64_t)r->wal.st_size;

	limit_begin(&r->limit, r->db, 2 * NS_PER_S + size * (NS_PER_S / 50000000));
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int reader_unchanged(struct trace_reader *r, struct error *e)
{
	struct stat now, wal;
	bool exists;

	if (r->locked)
		return 0;
	if (!lstat(r->place.path, &now) && same_file(&now, &r->place.stat) &&
	    db_find_beside(&r->place, "-wal", &exists, &wal, NULL) == 0 && same_file(&wal, &r->wal))
		return 0;
	return fail(e, EBADMSG, "%s: was written to while it was read; read it again",
	            r->place.name);
}

int reader_damaged(struct trace_reader *r, const char *what, struct error *e)
{
	int result = reader_unchanged(r, e);

	return result < 0 ? result
	                  : fail(e, EBADMSG, "%s: damaged: %s%s", r->place.name, what,
	                         r->wal_missing ? " (copied without its -wal?)" : "");
}

int reader_prepare(struct trace_reader *r, const char *sql, sqlite3_stmt **out, struct error *e)
{
	int rc = sqlite3_prepare_v3(r->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	return rc == SQLITE_OK ? 0 : db_fail(r->db, rc, &r->place, e);
}

int reader_step(struct trace_reader *r, sqlite3_stmt *s, struct error *e)
{
	int result, rc = sqlite3_step(s);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE)
		return 0;
	if ((rc & 0xff) == SQLITE_CORRUPT)
		return reader_damaged(r, sqlite3_errmsg(r->db), e);
	result = reader_unchanged(r, e);
	return result < 0 ? result : db_fail(r->db, rc, &r->place, e);
}

int reader_each(struct trace_reader *r, const char *sql, int64_t run, const char *table,
                size_t size, void (*one)(struct trace_reader *r, struct columns *c, void *element),
                int (*each)(void *with, const void *element, struct error *e), void *with,
                struct error *e)
{
	struct columns c = {0};
	char what[64];
	void *element;
	int more, result;

	result = reader_prepare(r, sql, &c.row, e);
	if (result < 0)
		return result;
	element = malloc(size);
	if (!element) {
		sqlite3_finalize(c.row);
		return fail(e, ENOMEM, "out of memory");
	}
	if (sqlite3_bind_parameter_count(c.row))
		sqlite3_bind_int64(c.row, 1, run);
	while ((more = reader_step(r, c.row, e)) > 0) {
		memset(element, 0, size);
		one(r, &c, element);
		if (c.bad) {
			snprintf(what, sizeof(what), "an impossible value in table %s", table);
			more = reader_damaged(r, what, e);
		} else {
			more = each(with, element, e);
		}
		if (more < 0)
			break;
	}
	sqlite3_finalize(c.row);
	free(element);
	return more;
}

struct list {
	char *data;
	size_t nr, room, size;
	struct trace_reader *reader; /* of the table: for the sentence */
	const char *table;
};

static void *list_add(struct list *l)
{
	size_t room = l->room ? 2 * l->room : FIRST_ROOM;
	char *more;

	if (l->nr == l->room) {
		more = room * l->size <= LIST_BYTES ? realloc(l->data, room * l->size) : NULL;
		if (!more)
			return NULL;
		l->data = more;
		l->room = room;
	}
	return memset(l->data + l->nr++ * l->size, 0, l->size);
}

static int list_take(void *with, const void *element, struct error *e)
{
	struct list *l = with;
	void *to = list_add(l);

	if (!to)
		return fail(e, ENOMEM, "%s: too many rows in table %s", l->reader->place.name,
		            l->table);
	memcpy(to, element, l->size);
	return 0;
}

int reader_list(struct trace_reader *r, const char *sql, int64_t run, const char *table,
                size_t size, void (*one)(struct trace_reader *r, struct columns *c, void *element),
                void **out, size_t *nr, struct error *e)
{
	struct list list = {.size = size, .reader = r, .table = table};
	int result = reader_each(r, sql, run, table, size, one, list_take, &list, e);

	if (result < 0) {
		free(list.data);
		return result;
	}
	*out = list.data;
	*nr = list.nr;
	return 0;
}

/* The run's range, made when it is new. They stay in ascending order. */
static struct run_range *range_of(struct list *l, int64_t run)
{
	struct run_range *ranges = (struct run_range *)l->data;
	size_t low = 0, high = l->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ranges[middle].run < run)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < l->nr && ranges[low].run == run)
		return &ranges[low];
	if (!list_add(l))
		return NULL;
	ranges = (struct run_range *)l->data;
	memmove(&ranges[low + 1], &ranges[low], (l->nr - 1 - low) * sizeof(*ranges));
	ranges[low] = (struct run_range){.run = run};
	return &ranges[low];
}

static int add_tick(struct trace_reader *r, struct list *l, struct columns *c, int64_t last,
                    struct error *e)
{
	int64_t tick = column_integer(c, 0), run = column_integer(c, 1);
	struct run_range *range;

	if (c->bad || tick <= last)
		return reader_damaged(r, "table tick is out of order", e);
	range = range_of(l, run);
	if (!range)
		return fail(e, ENOMEM, "%s: too many runs", r->place.name);
	if (!range->ticks++)
		range->first = tick;
	range->last = tick;
	return 0;
}

/* That the ticks ascend is what later lets SQLite skip those of other runs without a look from here. */
static int load_ranges(struct trace_reader *r, struct error *e)
{
	struct list list = {.size = sizeof(struct run_range)};
	struct columns c = {0};
	int64_t last = INT64_MIN;
	int more, result;

	result = reader_prepare(r, "SELECT tick, run FROM tick ORDER BY tick", &c.row, e);
	if (result < 0)
		return result;
	while ((more = reader_step(r, c.row, e)) > 0) {
		more = add_tick(r, &list, &c, last, e);
		if (more < 0)
			break;
		last = sqlite3_column_int64(c.row, 0);
	}
	sqlite3_finalize(c.row);
	r->ranges = (struct run_range *)list.data;
	r->nr_ranges = list.nr;
	return more;
}

int reader_load(struct trace_reader *r, struct error *e)
{
	int result;

	if (r->loaded)
		return 0;
	reader_limit(r);
	names_done(&r->names);
	free(take(r->ranges));
	result = load_ranges(r, e);
	if (!result)
		result = names_load(r, e);
	r->loaded = !result;
	return result;
}
