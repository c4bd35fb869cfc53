/* relay - a run and the files that it goes through: the first, one anew where that was moved, a further one at the limit */
#include "traces/relay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "traces/parts.h"
#include "traces/writing.h"

enum {
	/* So often a reader of a moved file, or room on its disk, is waited for; half of the ticks that may wait. */
	LEAVE_TRIES = 32,
	/* Full parts that are read are looked at in each of so many ticks, then once in as many. */
	LOOK_TICKS = 32
};

static int open_part(struct relay *r, unsigned part, int patience_ms, struct error *e)
{
	char path[PATH_MAX];

	if (parts_name(r->name, part, path, sizeof(path)) < 0)
		return fail(e, EINVAL, "%.64s...: path too long", r->name);
	return trace_file_open(path, &r->run, r->facts, *r->continues ? r->continues : NULL,
	                       patience_ms, &r->file, e);
}

static bool is_full(const struct relay *r, unsigned part)
{
	char path[PATH_MAX];
	struct stat st;

	return r->run.limit_bytes && !parts_name(r->name, part, path, sizeof(path)) &&
	       !lstat(path, &st) && (uint64_t)st.st_size >= r->run.limit_bytes;
}

int relay_open(struct relay *r, const char *path, const struct trace_run *run,
               const struct host_facts *facts, int patience_ms, int follow_ms, struct error *e)
{
	if (strlen(path) >= sizeof(r->name))
		return fail(e, EINVAL, "%.64s...: path too long", path);
	strcpy(r->name, path);
	r->run = *run;
	r->facts = facts;
	r->follow_ms = follow_ms;
	r->part = run->limit_bytes ? parts_newest(path) : 1;
	r->part += is_full(r, r->part);
	r->try_bytes = run->limit_bytes;
	return open_part(r, r->part, patience_ms, e);
}

/* An empty file is logrotate's only where a file of ours was. */
static bool may_clear(const struct relay *r)
{
	return *r->continues;
}

bool relay_waits(const struct relay *r)
{
	char path[PATH_MAX];
	struct stat st;

	return !r->file && may_clear(r) && !parts_name(r->name, r->part, path, sizeof(path)) &&
	       !lstat(path, &st) && S_ISREG(st.st_mode) && !st.st_size;
}

static void look_behind(struct relay_behind *b)
{
	if (b->untidy)
		b->untidy = !writing_tidy(&b->place, &b->seen);
}

int relay_close(struct relay *r, struct error *e)
{
	int result = trace_file_end(r->file, true, e);
	size_t i;

	for (i = 0; i < RELAY_BEHIND; i++)
		look_behind(&r->behind[i]);
	*r = (struct relay){0};
	return result;
}

/* The old file's run ends; that it cannot be written any more shall not keep anyone. */
static bool end_run(struct trace_file *f, const struct relay_moment *now, const char *reason)
{
	return ROWS_RUN(&f->rows, SQL_RUN_END, value_integer(f->run), value_counter(now->mono_ns),
	                value_counter(now->wall_ns), value_words(reason)) == SQLITE_OK;
}

static void note_predecessor(struct relay *r, const struct trace_file *f)
{
	const char *slash = strrchr(f->place.path, '/');

	snprintf(r->continues, sizeof(r->continues), "%.200s, run %lld", slash + 1,
	         (long long)f->run);
}

static int leave(struct relay *r, const struct relay_moment *now, struct error *e)
{
	struct trace_file *f = r->file;
	int result;

	r->ended = r->ended || end_run(f, now, "the file was moved");
	result = trace_file_leave(f, e);
	if (result < 0 && !trace_file_gone(f) && ++r->left < LEAVE_TRIES)
		return result;
	r->file = NULL;
	r->left = 0;
	r->ended = false;
	note_predecessor(r, f);
	if (result < 0)
		return trace_file_part(f, r->news, e);
	trace_file_close(f);
	return 0;
}

/* The next call begins anew with what is there then. This one tells: nothing else would. */
static int lose(struct relay *r, struct error *e)
{
	struct trace_file *f = take(r->file);
	struct error said;

	note_predecessor(r, f);
	r->cut++;
	fail(&said, EBADMSG, "%s: cut or overwritten while it was recorded to: its ticks are lost",
	     f->place.name);
	snprintf(r->news, sizeof(r->news), "%s", said.text);
	fail(e, EBADMSG, "%s", said.text);
	trace_file_drop(f);
	r->left = 0;
	r->ended = false;
	return -EBADMSG;
}

int relay_follow(struct relay *r, const struct relay_moment *now, struct error *e)
{
	struct db_place place;
	char path[PATH_MAX];
	bool lost = r->file && trace_file_lost(r->file);
	int lock, result = 0;

	if (r->file && !lost && !trace_file_moved(r->file))
		return 0;
	if (parts_name(r->name, r->part, path, sizeof(path)) < 0)
		return fail(e, EINVAL, "%.64s...: path too long", r->name);
	if (r->file)
		place = r->file->place;
	else if ((result = db_find(path, &place, e)) < 0 && result != -EBADMSG)
		return result;
	result = 0;
	lock = beside_lock(&place);
	if (lock < 0)
		return fail(e, -lock, "%s: %sits folder %s", path,
		            *r->continues || r->file ? "moved, and " : "",
		            lock == -EBUSY ? "is at another recorder's work" : "cannot be read");
	if (r->file)
		result = lost ? lose(r, e) : leave(r, now, e);
	r->run.start_mono_ns = now->mono_ns;
	r->run.start_wall_ns = now->wall_ns;
	if (!result) {
		if (may_clear(r))
			db_remove_empty(&place);
		result = open_part(r, r->part, r->follow_ms, e);
	}
	close(lock);
	return result < 0 ? result : 1;
}

/* A part that is full is closed. That another has it open too does not hold up this tick: the next ones look again. */
static void close_full(struct relay *r, struct trace_file *f)
{
	struct relay_behind *behind = &r->behind[r->part % RELAY_BEHIND];
	struct relay_behind now = {f->place, f->intact, true, 0};
	struct error why;
	int result = trace_file_end(f, false, &why);

	if (result < 0)
		snprintf(r->news, sizeof(r->news), "%s", why.text);
	if (result > 0) {
		look_behind(behind);
		*behind = now;
	}
}

static void tidy(struct relay *r)
{
	struct relay_behind *b;

	for (b = r->behind; b < r->behind + RELAY_BEHIND; b++)
		if (++b->ticks < LOOK_TICKS || b->ticks % LOOK_TICKS == 0)
			look_behind(b);
}

int relay_advance(struct relay *r, const struct relay_moment *now, struct error *e)
{
	uint64_t limit = r->run.limit_bytes, bytes = limit ? trace_file_bytes(r->file) : 0;
	char reason[PATH_MAX + 16];
	struct trace_file *old = r->file;
	unsigned part = r->part + 1;
	int result;

	tidy(r);
	if (!limit || bytes < r->try_bytes)
		return 0;
	while (is_full(r, part))
		part++;
	note_predecessor(r, old);
	r->run.start_mono_ns = now->mono_ns;
	r->run.start_wall_ns = now->wall_ns;
	result = open_part(r, part, r->follow_ms, e);
	if (result < 0) {
		r->try_bytes = bytes + limit / 16;
		return result;
	}
	snprintf(reason, sizeof(reason), "goes on in %s", r->file->place.name);
	end_run(old, now, reason);
	close_full(r, old);
	r->part = part;
	r->try_bytes = limit;
	return 1;
}
