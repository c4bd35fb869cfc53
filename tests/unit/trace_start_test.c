/* trace_start_test - a run whose trace cannot be written to at its start: which begin all the same, and what is recorded */
#include <fcntl.h>
#include <sys/resource.h>

#include "tests/unit/naps.h"
#include "tests/unit/trace_fixture.h"

/* Of a balancer, by ticks of 20 ms, which wait for others 5 ms. */
static int begin(const char *file, struct trace **t, struct error *e)
{
	struct trace_run run = fixture_run(false);

	run.interval_ns = 20000000;
	run.may_wait = true;
	return trace_open(file, &run, fixture_facts(), t, e);
}

/* The limit of size stands for a full disk: writes fail at once, those of SQLite and our own. */
static void allow_growth(bool on)
{
	struct rlimit r;

	getrlimit(RLIMIT_FSIZE, &r);
	r.rlim_cur = on ? r.rlim_max : 0;
	setrlimit(RLIMIT_FSIZE, &r);
}

/* 64 ticks are kept, so of 100 that fail the first 36 are lost. */
static int begin_without_room(void *file)
{
	struct error e = {0};
	struct trace *t;
	uint64_t n;

	allow_growth(false);
	if (begin(file, &t, &e) != 1 || !strstr(e.text, "run.db: cannot be made: File too large"))
		return 1;
	trace_event(t, 5000000000, "note", "said before there was a file");
	for (n = 0; n < 100; n++)
		if (record_tick(t, n, &e) >= 0 || trace_files(t) || exists(file))
			return 2;
	allow_growth(true);
	for (; n < 110; n++)
		if (record_tick(t, n, &e) < 0 || trace_files(t) != 1)
			return 3;
	return trace_close(t, 200000000000, 0, "done", &e) < 0 ? 4 : 0;
}

static void without_room_a_run_begins_and_is_recorded_once_there_is_some(void **state)
{
	char *file = path("run.db");

	assert_int_equal(child_result(start_child(begin_without_room, file)), 0);
	assert_int_equal(count_ticks(file, 1), 74);
	assert_int_equal(stat_of(file, 1, "ticks_dropped", "data_loss"), 36);
	assert_int_equal(stat_of(file, 1, "ticks_delayed", "info"), 64);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM event WHERE kind = 'gap' AND text "
	                                  "LIKE '36 ticks, 0 to 35, were not recorded: %'"),
	                 1);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM event WHERE kind = 'note'"), 1);
	assert_int_equal(sql_number(file,
	                            "SELECT start_mono_ns = (SELECT min(begin_ns) FROM tick) AND "
	                            "continues IS NULL AND exit_reason = 'done' FROM run"),
	                 1);
	assert_true(stands_alone(file));
}

/* The same with a trace of another run, to which a run is to be added. */
static int begin_in_one_that_cannot_grow(void *file)
{
	struct error e = {0};
	struct trace *t;
	uint64_t n;

	allow_growth(false);
	if (begin(file, &t, &e) != 1 || !strstr(e.text, "run.db: "))
		return 1;
	for (n = 0; n < 5; n++)
		if (record_tick(t, n, &e) >= 0)
			return 2;
	allow_growth(true);
	record_ticks(t, n, n + 5);
	return trace_close(t, 200000000000, 0, "done", &e) < 0 ? 3 : 0;
}

static void a_run_is_added_to_a_trace_once_that_can_grow(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);

	record_ticks(t, 0, 7);
	close_or_fail(t);
	assert_int_equal(child_result(start_child(begin_in_one_that_cannot_grow, file)), 0);
	assert_int_equal(count_ticks(file, 1), 7);
	assert_int_equal(count_ticks(file, 2), 10);
	assert_true(stands_alone(file));
}

static void a_run_whose_trace_is_locked_begins_and_is_recorded_once_it_is_free(void **state)
{
	static const char *const locks[] = {"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"};
	char *file = path("run.db");
	struct error e = {0};
	struct trace *t;
	sqlite3 *other;
	uint64_t n;
	size_t i;

	close_or_fail(open_or_fail(file, false));
	for (i = 0; i < 2; i++) {
		assert_int_equal(sqlite3_open(file, &other), SQLITE_OK);
		assert_int_equal(sqlite3_exec(other, locks[i], NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(begin(file, &t, &e), 1);
		assert_int_equal(e.code, EBUSY);
		assert_non_null(strstr(e.text, "run.db: locked by another program"));
		napped_ns = 0;
		for (n = 0; n < 5; n++)
			assert_int_equal(record_tick(t, n, &e), -EBUSY);
		assert_int_equal(napped_ns, 0);
		assert_int_equal(sqlite3_close(other), SQLITE_OK);
		record_ticks(t, 5, 8);
		close_or_fail(t);
		assert_int_equal(count_ticks(file, (int64_t)i + 2), 8);
		assert_true(stands_alone(file));
	}
}

static void write_file(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	fputs(text, f);
	fclose(f);
}

/* Nothing of these passes by itself. */
static int begin_where_none_may(void *unused)
{
	static const struct {
		const char *name;
		int code;
	} rows[] = {
	        {"folder", EINVAL},        {"link", EINVAL},     {"fifo", EINVAL},
	        {"empty", EBADMSG},        {"text", EBADMSG},    {"foreign", EBADMSG},
	        {"newer", EBADMSG},        {"changed", EBADMSG}, {"nowhere/run.db", ENOENT},
	        {"closed/run.db", EACCES},
	};
	struct error e;
	struct trace *t;
	size_t i;

	if (geteuid() == 0 && !become_nobody())
		return 99;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (begin(path(rows[i].name), &t, &e) != -rows[i].code) {
			fprintf(stderr, "%s: %s\n", rows[i].name, e.text);
			return (int)i + 1;
		}
	return 0;
}

static void make_strangers(void)
{
	mkdir(path("folder"), 0755);
	mkdir(path("closed"), 0755);
	assert_int_equal(symlink("folder", path("link")), 0);
	assert_int_equal(mkfifo(path("fifo"), 0644), 0);
	write_file(path("empty"), "");
	write_file(path("text"), "my notes");
	sql(path("foreign"), "CREATE TABLE mine(x)");
	close_or_fail(open_or_fail(path("newer"), false));
	sql(path("newer"), "PRAGMA user_version=2");
	close_or_fail(open_or_fail(path("changed"), false));
	sql(path("changed"), "DROP VIEW v_runs");
}

static void what_is_no_trace_is_refused_though_the_run_may_wait(void **state)
{
	char command[128], *before, *after;

	make_strangers();
	snprintf(command, sizeof(command), "cd '%s' && chmod 500 closed && chown -hR %d .",
	         fixture_folder, NOBODY);
	if (geteuid() == 0)
		assert_int_equal(system(command), 0);
	before = folder_text(fixture_folder);
	assert_int_equal(child_result(start_child(begin_where_none_may, NULL)), 0);
	after = folder_text(fixture_folder);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* It was no trace of this run: logrotate has no part in it. */
static int meet_an_empty_file(void *file)
{
	struct error e = {0};
	struct trace *t;
	uint64_t n;

	allow_growth(false);
	if (begin(file, &t, &e) != 1)
		return 1;
	allow_growth(true);
	write_file(file, "");
	assert_int_equal(utimensat(AT_FDCWD, file, (struct timespec[2]){{1, 0}, {1, 0}}, 0), 0);
	for (n = 0; n < 5; n++)
		if (record_tick(t, n, &e) != -EBADMSG || !exists(file))
			return 2;
	if (trace_close(t, 1, 1, "done", &e) != -EBADMSG || !exists(file))
		return 3;
	return strstr(e.text, "run.db: an empty file, not a trace; not recorded: 5 ticks") ? 0 : 4;
}

static void an_empty_file_that_comes_meanwhile_is_left_alone(void **state)
{
	assert_int_equal(child_result(start_child(meet_an_empty_file, path("run.db"))), 0);
}

static int never_record(void *file)
{
	struct action action = {.kind = ACTION_RESTORE, .name = "guest-1", .reason = "stop"};
	struct error e = {0};
	struct trace *t;
	uint64_t n;

	allow_growth(false);
	if (begin(file, &t, &e) != 1)
		return 1;
	for (n = 0; n < 100; n++)
		record_tick(t, n, &e);
	trace_actions(t, 1, &action, 1, &e);
	if (trace_close(t, 1, 1, "done", &e) != -EFBIG)
		return 2;
	return strstr(e.text, "; not recorded: 100 ticks, 1 action") ? 0 : 3;
}

static void a_run_that_never_got_its_file_tells_so_at_its_end(void **state)
{
	assert_int_equal(child_result(start_child(never_record, path("run.db"))), 0);
	assert_false(exists(path("run.db")));
}

/* Mounted again so that it can be written, it is: as that run of the trace. */
static bool is_recorded_after(struct trace *t, const char *disk, const char *mounted, int64_t run)
{
	struct error e;

	if (mount("none", disk, "none", MS_REMOUNT, mounted) < 0)
		return false;
	record_ticks(t, 1, 5);
	return trace_close(t, 1, 1, "done", &e) == 0 && count_ticks(path("run.db"), run) == 5;
}

/* As a disk is mounted again after errors of it. */
static int begin_on_a_read_only_disk(void *disk)
{
	struct error e = {0};
	struct trace *t;

	if (!mount_small(disk))
		return 77;
	if (mount("none", disk, "none", MS_REMOUNT | MS_RDONLY, NULL) < 0 ||
	    begin(path("run.db"), &t, &e) != 1 || e.code != EROFS)
		return 1;
	if (record_tick(t, 0, &e) != -EROFS || !strstr(e.text, "Read-only file system"))
		return 2;
	return is_recorded_after(t, disk, NULL, 1) ? 0 : 3;
}

static void a_disk_that_can_only_be_read_is_waited_for(void **state)
{
	expect_on_a_small_disk(begin_on_a_read_only_disk, __func__);
}

/* Room there is, but for no other file: SQLite cannot open what it needs beside the trace. */
static int begin_without_an_inode(void *disk)
{
	struct error e = {0};
	struct trace *t;

	if (!mount_small(disk))
		return 77;
	close_or_fail(open_or_fail(path("run.db"), false));
	if (mount("none", disk, "none", MS_REMOUNT, "nr_inodes=2") < 0)
		return 77;
	if (begin(path("run.db"), &t, &e) != 1 || e.code != ENOSPC ||
	    !strstr(e.text, "run.db: nothing can be made beside it: No space left on device")) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	if (record_tick(t, 0, &e) != -ENOSPC)
		return 2;
	return is_recorded_after(t, disk, "nr_inodes=100", 2) ? 0 : 3;
}

static void a_disk_without_room_for_a_name_is_waited_for(void **state)
{
	expect_on_a_small_disk(begin_without_an_inode, __func__);
}

/* A page of room more for each start: the empty trace fits in 13 of them, what is beside it and its run only later. */
static int begin_with_little_room(void *disk)
{
	struct trace_run run = fixture_run(false);
	int ballast, failed = 0;
	struct error e = {0};
	struct trace *t;
	off_t all;

	if (!mount_small(disk))
		return 77;
	ballast = open(path("ballast"), O_WRONLY | O_CREAT, 0644);
	while (write(ballast, &run, sizeof(run)) > 0)
		;
	for (all = lseek(ballast, 0, SEEK_CUR);; all -= 4096) {
		if (ftruncate(ballast, all) < 0)
			return 1;
		t = NULL;
		if (!trace_open(path("run.db"), &run, fixture_facts(), &t, &e))
			break;
		failed++;
		if (exists(path("run.db")) || !stands_alone(path("run.db"))) {
			fprintf(stderr, "left behind at %d pages: %s\n", failed, e.text);
			return 2;
		}
	}
	close(ballast);
	trace_close(t, 1, 1, "done", &e);
	return failed > 14 ? 0 : 3;
}

static void a_start_without_room_for_its_run_leaves_nothing(void **state)
{
	expect_on_a_small_disk(begin_with_little_room, __func__);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(without_room_a_run_begins_and_is_recorded_once_there_is_some),
	        TEST(a_run_is_added_to_a_trace_once_that_can_grow),
	        TEST(a_run_whose_trace_is_locked_begins_and_is_recorded_once_it_is_free),
	        TEST(what_is_no_trace_is_refused_though_the_run_may_wait),
	        TEST(an_empty_file_that_comes_meanwhile_is_left_alone),
	        TEST(a_run_that_never_got_its_file_tells_so_at_its_end),
	        TEST(a_disk_that_can_only_be_read_is_waited_for),
	        TEST(a_disk_without_room_for_a_name_is_waited_for),
	        TEST(a_start_without_room_for_its_run_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
