/* trace_write - record samples, decisions and actions to a trace file, one transaction a tick */
#include "traces/trace_write.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "traces/kept.h"
#include "traces/notes.h"
#include "traces/relay.h"

/*
 * How long a tick may wait for another writer: its own transactions take 0.1 ms, its checkpoints up to 280 ms on a
 * slow disk, and a tick that is late is only kept for the next. Never a large part of the interval: the next tick has
 * to balance in time. At the start and the end nothing else waits.
 */
enum {
	TICK_BUSY_MS = 200,
	TICK_PART = 4, /* of the interval at most */
	START_BUSY_MS = 2000,
	END_BUSY_MS = 2000
};

/* What may wait in memory: a minute at an interval of 1 s, on a big host less. */
enum {
	KEPT_MAX = 64,
	KEPT_BYTES = 8 << 20
};

enum {
	UNRECORDED_TEXT = 96
};

struct trace {
	struct relay to;
	unsigned files; /* so far */
	int busy_ms;
	struct kept_list kept;
	struct notes notes;
};

struct run_end {
	uint64_t mono_ns, wall_ns;
	const char *reason;
};

static void trace_free(struct trace *t)
{
	kept_clear(&t->kept);
	notes_done(&t->notes);
	relay_close(&t->to, NULL);
	free(t);
}
DEFINE_AUTO(struct trace *, trace_free);

/* A file that reaches the size limit is an error of a write then, not the end of a balancer. */
static void ignore_size_signal(void)
{
	struct sigaction now;

	if (!sigaction(SIGXFSZ, NULL, &now) && now.sa_handler == SIG_DFL)
		signal(SIGXFSZ, SIG_IGN);
}

/* A file has been begun: it waits as a tick may, and is told what no other was. */
static void start_file(struct trace *t)
{
	sqlite3_busy_timeout(t->to.file->db, t->busy_ms);
	notes_restart(&t->notes);
	if (*t->to.news)
		notes_event(&t->notes, t->to.run.start_mono_ns, t->to.cut ? "cut" : "moved",
		            t->to.news);
	if (t->to.cut)
		notes_count(&t->notes, "traces_cut", "data_loss", t->to.cut);
	*t->to.news = '\0';
	t->to.cut = 0;
	t->files++;
}

unsigned trace_files(const struct trace *t)
{
	return t->files;
}

const char *trace_goes_on(const struct trace *t)
{
	return t->to.part > 1 && t->to.file ? t->to.file->place.name : NULL;
}

/* By itself, or by whoever looks after the disk. All else is a slip of the keys, or someone's file. */
static bool may_pass(int code)
{
	static const int codes[] = {EBUSY, ENOSPC, EDQUOT, EFBIG, EIO, EROFS};
	size_t i = 0;

	while (i < sizeof(codes) / sizeof(codes[0]) && codes[i] != code)
		i++;
	return i < sizeof(codes) / sizeof(codes[0]);
}

int trace_open(const char *path, const struct trace_run *run, const struct host_facts *facts,
               struct trace **out, struct error *e)
{
	AUTO(trace_free) struct trace *t = calloc(1, sizeof(*t));
	uint64_t part_ms = run->interval_ns / TICK_PART / 1000000;
	int r;

	if (!t)
		return fail(e, ENOMEM, "%s: out of memory", path);
	ignore_size_signal();
	t->busy_ms = part_ms && part_ms < TICK_BUSY_MS ? (int)part_ms : TICK_BUSY_MS;
	r = relay_open(&t->to, path, run, facts, START_BUSY_MS, t->busy_ms / 4, e);
	if (r < 0 && !(run->may_wait && may_pass(-r)))
		return r;
	if (!r)
		start_file(t);
	*out = take(t);
	return r < 0;
}

/* The records that wait, then the new one. *at is the one that failed. */
static int write_records(struct trace *t, const struct record *fresh, const struct record **at)
{
	struct trace_file *f = t->to.file;
	bool memory = t->to.run.memory;
	const struct kept *k;
	int rc = SQLITE_OK;

	for (k = t->kept.first; k && rc == SQLITE_OK; k = k->next) {
		*at = &k->record;
		rc = record_write(*at, f->run, memory, &f->rows, &f->lookup);
	}
	if (fresh && rc == SQLITE_OK) {
		*at = fresh;
		rc = record_write(fresh, f->run, memory, &f->rows, &f->lookup);
	}
	return rc;
}

/* All that waits, and what is new, in one transaction. *at is the record that failed, NULL when it was none. */
static int transaction(struct trace *t, const struct record *fresh, const struct run_end *end,
                       const struct record **at)
{
	struct trace_file *f = t->to.file;
	int rc;

	*at = NULL;
	rc = rows_run(&f->rows, SQL_BEGIN, NULL, 0);
	if (rc == SQLITE_OK)
		rc = write_records(t, fresh, at);
	if (rc != SQLITE_OK)
		return rc;
	*at = NULL;
	if (kept_ticks(&t->kept))
		notes_expect(&t->notes, "ticks_delayed", "info", kept_ticks(&t->kept));
	rc = notes_write(&t->notes, f->run, &f->rows);
	if (rc == SQLITE_OK && end)
		rc = ROWS_RUN(&f->rows, SQL_RUN_END, value_integer(f->run),
		              value_counter(end->mono_ns), value_counter(end->wall_ns),
		              value_words(end->reason));
	return rc == SQLITE_OK ? rows_run(&f->rows, SQL_COMMIT, NULL, 0) : rc;
}

static void rollback(struct trace *t)
{
	struct trace_file *f = t->to.file;

	notes_undone(&t->notes);
	if (!sqlite3_get_autocommit(f->db))
		rows_run(&f->rows, SQL_ROLLBACK, NULL, 0);
	lookup_forget(&f->lookup);
}

static void lose(struct trace *t, const struct record *r, const char *why)
{
	if (r->tick)
		notes_lost(&t->notes, r->tick->number, r->sample->begin_ns, why);
	if (r->nr_actions)
		notes_count(&t->notes, "actions_dropped", "data_loss", r->nr_actions);
}

static void keep(struct trace *t, const struct record *r, const char *why)
{
	struct kept_list *kept = &t->kept;

	if (!kept_add(kept, r))
		lose(t, r, "out of memory");
	while (kept->nr > KEPT_MAX || (kept->bytes > KEPT_BYTES && kept->nr > 1)) {
		lose(t, &kept->first->record, why);
		kept_remove(kept, &kept->first->record);
	}
}

static void settle_written(struct trace *t)
{
	notes_written(&t->notes);
	kept_clear(&t->kept);
	if (lookup_is_large(&t->to.file->lookup))
		lookup_forget(&t->to.file->lookup);
}

/* No waiting makes these go away: a record that is impossible must not hold up those behind it. */
static bool is_final(int rc)
{
	return (rc & 0xff) == SQLITE_CONSTRAINT || (rc & 0xff) == SQLITE_MISMATCH ||
	       (rc & 0xff) == SQLITE_TOOBIG;
}

/* When a file that is begun now begins: with the first record that it will hold. */
static struct relay_moment moment_of(const struct trace *t, const struct record *r)
{
	uint64_t mono_ns = r->sample ? r->sample->begin_ns : r->mono_ns;
	const struct trace_run *run = &t->to.run;

	if (r->sample)
		return (struct relay_moment){mono_ns, r->sample->wall_ns};
	return (struct relay_moment){mono_ns, run->start_wall_ns + mono_ns - run->start_mono_ns};
}

/* A file at its place to write to, for what there is to write. */
static int follow(struct trace *t, const struct record *fresh, struct error *e)
{
	const struct record *first = t->kept.first ? &t->kept.first->record : fresh;
	struct relay_moment now;
	int r;

	if (!first && !t->to.file)
		return fail(e, EIO, "%s: there is no file", t->to.name);
	if (!first)
		return trace_file_lost(t->to.file)
		               ? fail(e, EBADMSG, "%s: cut or overwritten", t->to.file->place.name)
		               : 0;
	now = moment_of(t, first);
	r = relay_follow(&t->to, &now, e);
	if (r == 1)
		start_file(t);
	return r < 0 ? r : 0;
}

static int write_all(struct trace *t, const struct record **fresh, const struct run_end *end,
                     struct error *why)
{
	const struct record *at;
	int rc, r = 0;

	for (;;) {
		rc = transaction(t, *fresh, end, &at);
		if (rc == SQLITE_OK) {
			settle_written(t);
			*fresh = NULL;
			return r;
		}
		r = db_fail(t->to.file->db, rc, &t->to.file->place, why);
		rollback(t);
		if (!at || !is_final(rc))
			return r;
		lose(t, at, why->text);
		if (at == *fresh)
			*fresh = NULL;
		else
			kept_remove(&t->kept, at);
	}
}

static int flush(struct trace *t, const struct record *fresh, const struct run_end *end,
                 struct error *e)
{
	struct error why = {0};
	int r = follow(t, fresh, &why);

	/* The next try would come too late: all goes into the file that was moved and is still open. */
	if (r < 0 && end && t->to.file && !trace_file_lost(t->to.file) &&
	    !trace_file_gone(t->to.file))
		r = 0;
	if (!r && end)
		sqlite3_busy_timeout(t->to.file->db, END_BUSY_MS);
	if (!r)
		r = write_all(t, &fresh, end, &why);
	if (fresh)
		keep(t, fresh, why.text);
	if (r < 0 && e)
		*e = why;
	return r;
}

/* A file that has reached its limit ends with a whole tick. */
static int advance(struct trace *t, const struct sample *s, struct error *e)
{
	struct relay_moment now = {s->end_ns, s->wall_ns + s->end_ns - s->begin_ns};
	int r = relay_advance(&t->to, &now, e);

	if (r == 1)
		start_file(t);
	return r < 0 ? r : 0;
}

int trace_tick(struct trace *t, const struct trace_tick *tick, const struct sample *s,
               const struct decision *decision, struct error *e)
{
	struct record r = {.tick = tick, .sample = s, .decision = decision, .mono_ns = s->end_ns};
	int result;

	if (decision) {
		r.actions = decision->actions;
		r.nr_actions = decision->nr_actions;
		r.mono_ns += tick->decide_ns == UNKNOWN ? 0 : tick->decide_ns;
		r.mono_ns = tick->act_ns ? tick->act_ns : r.mono_ns;
	}
	result = flush(t, &r, NULL, e);
	return result < 0 ? result : advance(t, s, e);
}

int trace_actions(struct trace *t, uint64_t mono_ns, const struct action *actions, size_t nr,
                  struct error *e)
{
	struct record r = {.mono_ns = mono_ns, .actions = actions, .nr_actions = nr};

	return nr ? flush(t, &r, NULL, e) : 0;
}

void trace_event(struct trace *t, uint64_t mono_ns, const char *kind, const char *text)
{
	notes_event(&t->notes, mono_ns, kind, text);
}

void trace_count(struct trace *t, const char *name, const char *severity, uint64_t add)
{
	notes_count(&t->notes, name, severity, add);
}

/* What is in no file, and told in none: "; not recorded: 3 ticks, 1 action", or nothing. */
static void unrecorded_text(const struct trace *t, char text[UNRECORDED_TEXT])
{
	uint64_t ticks = notes_untold(&t->notes, "ticks_dropped") + kept_ticks(&t->kept);
	uint64_t actions = notes_untold(&t->notes, "actions_dropped");
	const struct kept *k;
	int n;

	for (k = t->kept.first; k; k = k->next)
		actions += k->record.nr_actions;
	*text = '\0';
	if (!ticks && !actions)
		return;
	n = snprintf(text, UNRECORDED_TEXT, "; not recorded: %" PRIu64 " tick%s", ticks,
	             ticks == 1 ? "" : "s");
	if (actions)
		snprintf(text + n, UNRECORDED_TEXT - (size_t)n, ", %" PRIu64 " action%s", actions,
		         actions == 1 ? "" : "s");
}

static void wait_for_empty(void)
{
	struct timespec left = {1, 0};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/*
 * The last words. A file that was lost, or left with its -wal elsewhere, is told of, and what waits goes to the next one.
 * What does not fit is dropped, so that the run's end and the counts are there at least: they take a page or two. Whom a
 * lock has held off for so long it would again. *unrecorded is what is in no file then. Returns the first error.
 */
static int finish(struct trace *t, const struct run_end *end, char unrecorded[UNRECORDED_TEXT],
                  struct error *why)
{
	bool open = t->to.file;
	int r = flush(t, NULL, end, why), last = r;
	bool told = t->to.cut || *t->to.news; /* by this error alone: of the file before */

	if (r < 0 && open && !t->to.file && t->kept.nr)
		last = flush(t, NULL, end, NULL);
	if (last < 0 && t->kept.nr && relay_waits(&t->to)) {
		wait_for_empty();
		last = flush(t, NULL, end, NULL);
	}
	if (last == 0 && !told)
		r = 0;
	unrecorded_text(t, unrecorded);
	if (last == 0 || last == -EBUSY || !t->to.file || !t->kept.nr)
		return r;
	while (t->kept.nr) {
		lose(t, &t->kept.first->record, why->text);
		kept_remove(&t->kept, &t->kept.first->record);
	}
	flush(t, NULL, end, NULL);
	return r;
}

int trace_close(struct trace *t, uint64_t mono_ns, uint64_t wall_ns, const char *exit_reason,
                struct error *e)
{
	struct run_end end = {mono_ns, wall_ns, exit_reason};
	struct error why = {0};
	char unrecorded[UNRECORDED_TEXT];
	int r, left;

	if (!t)
		return 0;
	r = finish(t, &end, unrecorded, &why);
	if (r < 0)
		fail(e, -r, "%s%s", why.text, unrecorded);
	left = relay_close(&t->to, r < 0 ? NULL : e);
	trace_free(t);
	return r < 0 ? r : left;
}
