/* relay - a run and the file that it is recorded to: one anew where that was moved */
#include "traces/relay.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	/* A file that is begun in the middle of a run shall not hold up a tick for long. */
	FOLLOW_MS = 50,
	/* So often a reader of a moved file is waited for; then the file stays without its last ticks. */
	LEAVE_TRIES = 32
};

static int open_file(struct relay *r, int patience_ms, struct error *e)
{
	return trace_file_open(r->name, &r->run, r->facts, *r->continues ? r->continues : NULL,
	                       patience_ms, &r->file, e);
}

int relay_open(struct relay *r, const char *path, const struct trace_run *run,
               const struct host_facts *facts, int patience_ms, struct error *e)
{
	if (strlen(path) >= sizeof(r->name))
		return fail(e, EINVAL, "%.64s...: path too long", path);
	strcpy(r->name, path);
	r->run = *run;
	r->facts = facts;
	return open_file(r, patience_ms, e);
}

void relay_close(struct relay *r)
{
	trace_file_close(r->file);
	*r = (struct relay){0};
}

/* The old file's run ends; that it cannot be written any more shall not keep anyone. */
static void end_run(struct trace_file *f, const struct relay_moment *now, const char *reason)
{
	ROWS_RUN(&f->rows, SQL_RUN_END, value_integer(f->run), value_counter(now->mono_ns),
	         value_counter(now->wall_ns), value_words(reason));
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

	if (!r->left)
		end_run(f, now, "the file was moved");
	if (trace_file_leave(f) < 0 && ++r->left < LEAVE_TRIES)
		return fail(e, EBUSY, "%s: moved, and locked by another program", f->place.name);
	beside_remove(&f->place, &f->beside);
	note_predecessor(r, f);
	trace_file_close(take(r->file));
	r->left = 0;
	return 0;
}

int relay_follow(struct relay *r, const struct relay_moment *now, struct error *e)
{
	struct db_place place;
	int lock, result = 0;

	if (r->file && !trace_file_moved(r->file))
		return 0;
	if (r->file)
		place = r->file->place;
	else if ((result = db_find(r->name, &place, e)) < 0)
		return result;
	lock = beside_lock(&place);
	if (lock < 0)
		return fail(e, -lock, "%s: moved, and its folder %s", r->name,
		            lock == -EBUSY ? "is at another recorder's work" : "cannot be read");
	if (r->file)
		result = leave(r, now, e);
	r->run.start_mono_ns = now->mono_ns;
	r->run.start_wall_ns = now->wall_ns;
	if (!result)
		result = open_file(r, FOLLOW_MS, e);
	close(lock);
	return result < 0 ? result : 1;
}
