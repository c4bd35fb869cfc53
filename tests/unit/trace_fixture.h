/* trace_fixture - what the tests of the trace share: a folder, samples, traces of a few ticks, SQL from outside */
#ifndef VMB_TESTS_UNIT_TRACE_FIXTURE_H
#define VMB_TESTS_UNIT_TRACE_FIXTURE_H

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/sample.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"

/* Last: it makes a macro of fail. */
#include <cmocka.h>

#define UNUSED __attribute__((unused))

/* Folder of the running test; every path() is in it. */
static char fixture_folder[64];

static UNUSED char *path(const char *name)
{
	static char paths[8][PATH_MAX];
	static unsigned next;
	char *p = paths[next++ % 8];

	snprintf(p, PATH_MAX, "%s/%s", fixture_folder, name);
	return p;
}

static UNUSED int folder_setup(void **state)
{
	umask(022); /* who else may read a new file follows from that */
	strcpy(fixture_folder, "/tmp/vmb-trace-test.XXXXXX");
	if (!mkdtemp(fixture_folder))
		return -1;
	return chmod(fixture_folder, 0755);
}

static UNUSED int folder_teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", fixture_folder);
	return system(command);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)

/* Names, sizes and a hash of the contents of all files in a folder, as one text: equal texts, nothing changed. */
static UNUSED char *folder_text(const char *folder)
{
	char command[PATH_MAX + 128], *text = calloc(1, 65536);
	FILE *pipe;

	snprintf(
	        command, sizeof(command),
	        "cd '%s' && ls -lR --time-style=full-iso && find . -type f | sort | xargs -r cksum",
	        folder);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	assert_true(fread(text, 1, 65535, pipe) > 0);
	assert_int_equal(pclose(pipe), 0);
	return text;
}

static UNUSED bool exists(const char *file)
{
	struct stat s;

	return !lstat(file, &s);
}

static UNUSED bool stands_alone(const char *file)
{
	char beside[PATH_MAX + 16];
	bool alone = true;

	snprintf(beside, sizeof(beside), "%s-wal", file);
	alone = alone && !exists(beside);
	snprintf(beside, sizeof(beside), "%s-shm", file);
	alone = alone && !exists(beside);
	snprintf(beside, sizeof(beside), "%s-journal", file);
	return alone && !exists(beside);
}

/* Run SQL as a stranger would, with nothing checked. */
static UNUSED void sql(const char *file, const char *text)
{
	sqlite3 *db;
	char *words = NULL;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_busy_timeout(db, 2000);
	if (sqlite3_exec(db, text, NULL, NULL, &words))
		fail_msg("%s: %s", text, words);
	sqlite3_close(db);
}

/* The first value of a query. */
static UNUSED int64_t sql_number(const char *file, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_busy_timeout(db, 2000);
	if (sqlite3_prepare_v2(db, text, -1, &s, NULL) || sqlite3_step(s) != SQLITE_ROW)
		fail_msg("%s: %s", text, sqlite3_errmsg(db));
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* A statement that is not done keeps the snapshot that it began with: what is written from now on stays in the -wal. */
static UNUSED sqlite3_stmt *read_on(const char *file)
{
	sqlite3_stmt *s;
	sqlite3 *reader;

	assert_int_equal(sqlite3_open(file, &reader), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(reader, "SELECT * FROM tick", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	return s;
}

static UNUSED void read_no_more(sqlite3_stmt *s)
{
	sqlite3 *reader = sqlite3_db_handle(s);

	sqlite3_finalize(s);
	assert_int_equal(sqlite3_close(reader), SQLITE_OK);
}

static UNUSED struct trace_run fixture_run(bool memory)
{
	return (struct trace_run){.program = "vmb-test",
	                          .version = "1",
	                          .arguments = "vmb-test 1",
	                          .interval_ns = 1000000000,
	                          .start_mono_ns = 5000000000,
	                          .start_wall_ns = 1700000000000000000,
	                          .memory = memory};
}

static UNUSED const struct host_facts *fixture_facts(void)
{
	static struct host_facts facts = {.uri = "test:///", .memory_kib = 1 << 20};

	return &facts;
}

static UNUSED struct trace *open_or_fail(const char *file, bool memory)
{
	struct trace_run run = fixture_run(memory);
	struct trace *t = NULL;
	struct error e = {0};

	if (trace_open(file, &run, fixture_facts(), &t, &e) < 0)
		fail_msg("open: %s", e.text);
	return t;
}

static UNUSED void close_or_fail(struct trace *t)
{
	struct error e = {0};

	if (trace_close(t, 9000000000, 1700000004000000000, "done", &e) < 0)
		fail_msg("close: %s", e.text);
}

/* A sample with counters that follow from n, so that a reader can tell whether a tick is whole. */
static UNUSED void fixture_sample(struct sample *s, uint64_t n, unsigned guests, unsigned pcpus)
{
	uint8_t uuid[UUID_BYTES] = {1, 2, 3};
	char name[GUEST_NAME];
	unsigned i;

	sample_clear(s);
	s->begin_ns = 5000000000 + n * 1000000000;
	s->end_ns = s->begin_ns + 250000;
	for (i = 0; i < pcpus; i++) {
		struct sample_pcpu *p = sample_add_pcpu(s, i);

		cpuset_add(&s->usable, i);
		*p = (struct sample_pcpu){i, n * 1000 + i, n, 0, n * 2};
	}
	s->online = s->usable;
	for (i = 0; i < guests; i++) {
		struct sample_vcpu *v;

		uuid[15] = (uint8_t)i;
		uuid[14] = (uint8_t)(i >> 8);
		snprintf(name, sizeof(name), "guest-%u", i);
		sample_add_guest(s, uuid, name);
		v = sample_add_vcpu(s, 0);
		v->run_ns = n * 10000000 + i;
		v->delay_ns = n + i;
		v->pcpu = (int32_t)(i % pcpus);
		v->affinity = cpuset_one(i % pcpus);
	}
}

/* Record tick n with 8 guests on 2 pCPUs; the result of trace_tick(). */
static UNUSED int record_tick(struct trace *t, uint64_t n, struct error *e)
{
	struct trace_tick tick = {.number = n, .decide_ns = UNKNOWN, .self_cpu_ns = n};
	struct sample s;
	int r;

	sample_init(&s);
	fixture_sample(&s, n, 8, 2);
	r = trace_tick(t, &tick, &s, NULL, e);
	sample_done(&s);
	return r;
}

static UNUSED void record_ticks(struct trace *t, uint64_t from, uint64_t to)
{
	struct error e = {0};

	for (; from < to; from++)
		if (record_tick(t, from, &e) < 0)
			fail_msg("tick %llu: %s", (unsigned long long)from, e.text);
}

static UNUSED struct trace_reader *read_or_fail(const char *file)
{
	struct trace_reader *r = NULL;
	struct error e = {0};

	if (trace_reader_open(file, &r, &e) < 0)
		fail_msg("read: %s", e.text);
	return r;
}

/* Walk a run of record_tick()'s ticks: each must be whole. Returns how many, and the last one's number. */
static UNUSED uint64_t count_whole_ticks(struct trace_reader *r, int64_t run, uint64_t *last)
{
	const struct trace_tick_row *row;
	struct error e = {0};
	uint64_t nr = 0;
	size_t i;
	int more;

	if (trace_begin_ticks(r, run, &e) < 0)
		fail_msg("begin: %s", e.text);
	while ((more = trace_next_tick(r, &row, &e)) > 0) {
		assert_true(!nr || row->number > *last);
		*last = row->number;
		nr++;
		assert_int_equal(row->sample.nr_pcpus, 2);
		assert_int_equal(row->sample.nr_guests, 8);
		assert_int_equal(row->sample.nr_vcpus, 8);
		for (i = 0; i < 8; i++)
			assert_int_equal(row->sample.vcpus[i].run_ns, row->number * 10000000 + i);
	}
	if (more < 0)
		fail_msg("walk: %s", e.text);
	return nr;
}

static UNUSED uint64_t count_ticks(const char *file, int64_t run)
{
	struct trace_reader *r = read_or_fail(file);
	uint64_t last, nr = count_whole_ticks(r, run, &last);

	trace_reader_close(r);
	return nr;
}

/* The value of a stat, -1 when the run has none of this name. */
static UNUSED int64_t stat_of(const char *file, int64_t run, const char *name, const char *severity)
{
	struct trace_reader *r = read_or_fail(file);
	struct trace_stat_row *rows;
	struct error e = {0};
	int64_t value = -1;
	size_t nr, i;

	assert_int_equal(trace_read_stats(r, run, &rows, &nr, &e), 0);
	for (i = 0; i < nr; i++)
		if (!strcmp(rows[i].name, name) && !strcmp(rows[i].severity, severity))
			value = rows[i].value;
	free(rows);
	trace_reader_close(r);
	return value;
}

/* What a child process returned from `work`; it shares the folder, not the handles. */
static UNUSED pid_t start_child(int (*work)(void *), void *with)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(work(with));
	return pid;
}

static UNUSED int child_result(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* To be called in a child: in a mount namespace of its own, so that the small disk is gone with it, whatever happens. */
static UNUSED bool mount_small(const char *disk)
{
	return !unshare(CLONE_NEWNS) && !mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) &&
	       !mount("none", disk, "tmpfs", 0, "size=1m");
}

/* The child returns 0, 77 where no disk can be mounted, or what has failed. */
static UNUSED void expect_on_a_small_disk(int (*child)(void *disk), const char *name)
{
	int result = child_result(start_child(child, fixture_folder));

	if (result == 77) {
		print_message("SKIPPED %s: cannot mount a small disk\n", name);
		skip();
	}
	assert_int_equal(result, 0);
}

enum {
	NOBODY = 65534
};

/* To be called in a child: go on as a user without rights. */
static UNUSED bool become_nobody(void)
{
	return !setgid(NOBODY) && !setuid(NOBODY);
}

#define NEEDS_ROOT()                                                                     \
	do {                                                                             \
		if (geteuid() != 0) {                                                    \
			print_message("SKIPPED %s: needs root to become another user\n", \
			              __func__);                                         \
			skip();                                                          \
		}                                                                        \
	} while (0)

#endif
