/* trace_follow_test - a trace that is renamed, deleted, replaced, cut or overwritten while it is written, and goes on in a new one */
#include <sys/resource.h>

#include "tests/unit/trace_fixture.h"

#include "tests/unit/naps.h"
#include "traces/writing.h"

/* In the folder of the test. */
static void shell(const char *command)
{
	char line[256];

	snprintf(line, sizeof(line), "cd '%s' && { %s; }", fixture_folder, command);
	assert_int_equal(system(line), 0);
}

/* As one that nobody has written to for a while. */
static void age_an_empty_one(void)
{
	shell("if [ -e run.db ] && [ ! -s run.db ]; then touch -d '2 seconds ago' run.db; fi");
}

static bool is_clean(const char *name)
{
	return !exists(path(name)) || stands_alone(path(name));
}

/* Ticks of 20 ms wait for others 5 ms. */
static struct trace *open_hasty(const char *file)
{
	struct trace_run run = fixture_run(false);
	struct trace *t = NULL;
	struct error e = {0};

	run.interval_ns = 20000000;
	if (trace_open(file, &run, fixture_facts(), &t, &e) < 0)
		fail_msg("open: %s", e.text);
	return t;
}

static void a_renamed_trace_is_completed_and_a_new_one_begun_at_its_place(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);

	record_ticks(t, 0, 5);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	record_ticks(t, 5, 9);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("old.db"), 1), 5);
	assert_int_equal(count_ticks(path("run.db"), 1), 4);
	assert_int_equal(
	        sql_number(path("old.db"), "SELECT exit_reason = 'the file was moved' FROM run"),
	        1);
	assert_int_equal(sql_number(path("run.db"), "SELECT continues = 'run.db, run 1' FROM run"),
	                 1);
	assert_int_equal(sql_number(path("run.db"), "SELECT min(number) FROM tick"), 5);
	assert_int_equal(
	        sql_number(path("run.db"),
	                   "SELECT start_mono_ns = (SELECT min(begin_ns) FROM tick) FROM run"),
	        1);
	assert_true(is_clean("run.db"));
	assert_int_equal(sql_number(path("run.db"),
	                            "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
	                 1);
}

/* What a file has been told of a counter is not told by the next one again. */
static void what_was_counted_is_told_once_in_all_files(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	uint64_t n;

	for (n = 0; n < 10; n++) {
		trace_count(t, "late_ticks", "warning", 1);
		record_ticks(t, n, n + 1);
		if (n == 6)
			assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	}
	close_or_fail(t);
	assert_int_equal(stat_of(path("old.db"), 1, "late_ticks", "warning"), 7);
	assert_int_equal(stat_of(path("run.db"), 1, "late_ticks", "warning"), 3);
}

static void a_deleted_trace_is_begun_anew(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	int round;

	for (round = 0; round < 5; round++) {
		record_ticks(t, (uint64_t)round * 10, (uint64_t)round * 10 + 10);
		assert_int_equal(unlink(path("run.db")), 0);
		if (round % 2) {
			unlink(path("run.db-wal"));
			unlink(path("run.db-shm"));
		}
	}
	record_ticks(t, 50, 53);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 3);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM guest"), 8);
	assert_true(is_clean("run.db"));
}

static void another_trace_at_its_place_gets_a_run(void **state)
{
	struct trace *t = open_or_fail(path("other.db"), false);

	record_ticks(t, 0, 7);
	close_or_fail(t);
	t = open_or_fail(path("run.db"), false);
	record_ticks(t, 0, 3);
	assert_int_equal(rename(path("other.db"), path("run.db")), 0);
	record_ticks(t, 3, 6);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 7);
	assert_int_equal(count_ticks(path("run.db"), 2), 3);
	assert_true(is_clean("run.db"));
}

/* What is no trace is left as it is; ticks wait, and are written when there is room for a trace again. */
/* Every tick tries to begin its run there, and fails; none sleeps for that. */
static void a_locked_trace_at_its_place_holds_up_no_tick(void **state)
{
	struct trace *t = open_or_fail(path("other.db"), false);
	struct error e = {0};
	sqlite3 *locker;
	uint64_t n;

	close_or_fail(t);
	t = open_hasty(path("run.db"));
	record_ticks(t, 0, 3);
	shell("mv run.db old.db && echo my notes >run.db");
	assert_int_equal(record_tick(t, 3, &e), -EBADMSG);
	shell("cat other.db >run.db");
	assert_int_equal(sqlite3_open(path("run.db"), &locker), SQLITE_OK);
	assert_int_equal(
	        sqlite3_exec(locker, "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", NULL, NULL, NULL),
	        SQLITE_OK);
	napped_ns = 0;
	for (n = 4; n < 7; n++)
		assert_int_equal(record_tick(t, n, &e), -EBUSY);
	assert_int_equal(napped_ns, 0);
	assert_int_equal(sqlite3_exec(locker, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(locker), SQLITE_OK);
	record_ticks(t, 7, 8);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 2), 5);
}

static void another_kind_of_file_at_its_place_is_left_alone(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	struct error e = {0};
	char text[16] = "";
	uint64_t n;
	FILE *f;

	record_ticks(t, 0, 3);
	unlink(path("run.db"));
	f = fopen(path("run.db"), "w");
	fputs("my notes", f);
	fclose(f);
	for (n = 3; n < 8; n++)
		assert_int_equal(record_tick(t, n, &e), -EBADMSG);
	f = fopen(path("run.db"), "r");
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_string_equal(text, "my notes");
	assert_int_equal(symlink("elsewhere", path("link")), 0);
	assert_int_equal(rename(path("link"), path("run.db")), 0);
	assert_int_equal(record_tick(t, 8, &e), -EINVAL);
	unlink(path("run.db"));
	record_ticks(t, 9, 10);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 7);
	assert_int_equal(stat_of(path("run.db"), 1, "ticks_delayed", "info"), 6);
	assert_false(exists(path("elsewhere")));
}

static void another_users_trace_at_its_place_is_left_alone(void **state)
{
	struct error e = {0};
	struct trace *t;

	NEEDS_ROOT();
	close_or_fail(open_or_fail(path("other.db"), false));
	t = open_or_fail(path("run.db"), false);
	record_ticks(t, 0, 3);
	shell("chown 65534 other.db; mv run.db old.db; cp -p other.db run.db");
	assert_int_equal(record_tick(t, 3, &e), -EACCES);
	assert_non_null(strstr(e.text, "run.db: belongs to another user (65534)"));
	shell("cmp other.db run.db && rm run.db");
	record_ticks(t, 4, 6);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 3);
}

/* What logrotate's "create" does; the second time it is found while no file is written to. */
static void an_empty_file_at_its_place_is_as_none(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	struct error e = {0};

	record_ticks(t, 0, 3);
	shell("mv run.db old.db; : >run.db");
	assert_int_equal(record_tick(t, 3, &e), -EBADMSG);
	assert_true(exists(path("run.db"))); /* it might be someone's who is about to write to it */
	shell("touch -d '2 seconds ago' run.db");
	record_ticks(t, 4, 6);
	assert_int_equal(count_ticks(path("old.db"), 1), 3);
	shell("mv run.db older.db; echo my notes >run.db");
	assert_int_equal(record_tick(t, 6, &e), -EBADMSG);
	shell(": >run.db; touch -d '2 seconds ago' run.db");
	record_ticks(t, 7, 9);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("older.db"), 1), 3);
	assert_int_equal(count_ticks(path("run.db"), 1), 3);
	assert_true(is_clean("run.db"));
}

static void the_folder_goes_and_comes_again(void **state)
{
	struct trace *t;
	struct error e = {0};
	uint64_t n;

	mkdir(path("sub"), 0755);
	t = open_or_fail(path("sub/run.db"), false);
	record_ticks(t, 0, 3);
	assert_int_equal(rename(path("sub"), path("gone")), 0);
	for (n = 3; n < 80; n++)
		assert_true(record_tick(t, n, &e) < 0);
	mkdir(path("sub"), 0755);
	record_ticks(t, 80, 82);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("gone/run.db"), 1), 3);
	assert_int_equal(count_ticks(path("sub/run.db"), 1), 66);
	assert_int_equal(stat_of(path("sub/run.db"), 1, "ticks_dropped", "data_loss"), 13);
	assert_int_equal(
	        sql_number(path("sub/run.db"), "SELECT count(*) FROM event WHERE kind = 'gap'"), 1);
}

/* Both find it moved; the second joins the first in the new file, and no page of one goes to another's. */
static void two_recorders_of_a_moved_trace_meet_in_the_new_one(void **state)
{
	struct trace *a = open_or_fail(path("run.db"), false),
	             *b = open_or_fail(path("run.db"), false);
	uint64_t round;

	for (round = 0; round < 4; round++) {
		char old[32];

		record_ticks(a, round * 10, round * 10 + 5);
		record_ticks(b, round * 10, round * 10 + 5);
		snprintf(old, sizeof(old), "old-%d.db", (int)round);
		assert_int_equal(rename(path("run.db"), path(old)), 0);
		record_ticks(b, round * 10 + 5, round * 10 + 10);
		record_ticks(a, round * 10 + 5, round * 10 + 10);
		assert_int_equal(sql_number(path(old), "SELECT count(*) FROM tick"),
		                 round ? 20 : 10);
	}
	close_or_fail(a);
	close_or_fail(b);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM tick"), 10);
	assert_int_equal(count_ticks(path("run.db"), 1), 5);
	assert_int_equal(count_ticks(path("run.db"), 2), 5);
	assert_true(is_clean("run.db"));
}

static void a_reader_of_the_moved_file_costs_no_tick(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	struct error e = {0};
	sqlite3_stmt *s;
	uint64_t n;

	record_ticks(t, 0, 3);
	s = read_on(path("run.db"));
	record_ticks(t, 3, 6);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	for (n = 6; n < 12; n++)
		assert_int_equal(record_tick(t, n, &e), -EBUSY);
	read_no_more(s);
	record_ticks(t, 12, 13);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("old.db"), 1), 6);
	assert_int_equal(count_ticks(path("run.db"), 1), 7);
}

/* By our reader, by anyone else who opens it, and once he has closed it in the one file alone. */
static void assert_whole(const char *file, int ticks)
{
	assert_int_equal(count_ticks(file, 1), ticks);
	sql(file, "SELECT * FROM tick");
	assert_true(stands_alone(file));
	assert_int_equal(count_ticks(file, 1), ticks);
	assert_int_equal(
	        sql_number(file, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void a_moved_trace_that_is_read_for_long_takes_its_wal_along(void **state)
{
	struct trace *t = open_hasty(path("run.db"));
	struct error e = {0};
	sqlite3_stmt *s;
	uint64_t n;

	mkdir(path("sub"), 0755);
	record_ticks(t, 0, 3);
	s = read_on(path("run.db"));
	record_ticks(t, 3, 6);
	assert_int_equal(rename(path("run.db"), path("sub/old.db")), 0);
	shell("sqlite3 sub/old.db .tables >/dev/null && test -e sub/old.db-wal");
	for (n = 6; n < 40; n++)
		if (record_tick(t, n, &e) == 0)
			break;
	assert_int_equal(e.code, EBUSY);
	assert_in_range(n, 30, 39);
	assert_non_null(strstr(e.text, "it was moved, and its last ticks are in its -wal"));
	record_ticks(t, n + 1, 50);
	assert_true(exists(path("sub/old.db-wal")));
	close_or_fail(t);
	assert_int_equal(count_ticks(path("sub/old.db"), 1), 6);
	read_no_more(s);
	assert_whole(path("sub/old.db"), 6);
	assert_int_equal(count_ticks(path("run.db"), 1), 44);
	assert_true(is_clean("run.db"));
	assert_int_equal(
	        sql_number(path("run.db"),
	                   "SELECT text LIKE '%sub/old.db-wal%' FROM event WHERE kind = 'moved'"),
	        1);
}

/* The limit of size stands for a full disk: a checkpoint can change the pages below it, and none beyond. */
static int move_a_trace_that_cannot_grow(void *failing)
{
	struct rlimit unlimited, tight = {.rlim_cur = 16384};
	struct trace *t = open_or_fail(path("run.db"), false);
	uint64_t n, until = 200 + *(uint64_t *)failing;
	struct error e;

	record_ticks(t, 0, 200);
	getrlimit(RLIMIT_FSIZE, &unlimited);
	tight.rlim_max = unlimited.rlim_max;
	setrlimit(RLIMIT_FSIZE, &tight);
	rename(path("run.db"), path("old.db"));
	for (n = 200; n < until; n++)
		if (!record_tick(t, n, &e))
			return 2;
	setrlimit(RLIMIT_FSIZE, &unlimited);
	for (; n < 300; n++)
		if (record_tick(t, n, &e) < 0)
			return 3;
	return trace_close(t, 1, 1, "done", &e) < 0 ? 4 : 0;
}

static void a_moved_trace_whose_checkpoint_fails_keeps_its_wal(void **state)
{
	static const uint64_t failing[] = {5, 50};
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(child_result(start_child(move_a_trace_that_cannot_grow,
		                                          (void *)&failing[i])),
		                 0);
		assert_whole(path("old.db"), 200);
		assert_int_equal(count_ticks(path("run.db"), 1), 100);
		assert_true(is_clean("run.db"));
		shell("rm -f run.db* old.db*");
	}
}

static void a_moved_trace_that_is_read_at_the_end_takes_its_wal_along(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	sqlite3_stmt *s;

	record_ticks(t, 0, 3);
	s = read_on(path("run.db"));
	record_ticks(t, 3, 6);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	close_or_fail(t);
	assert_false(exists(path("run.db-wal")));
	read_no_more(s);
	assert_whole(path("old.db"), 6);
	assert_int_equal(sql_number(path("old.db"), "SELECT exit_reason = 'done' FROM run"), 1);
}

/* Where another -wal is beside it, or where it is cannot be known: a name by a hard link. */
static void a_wal_that_cannot_go_along_is_kept_and_told(void **state)
{
	static const char *const how[] = {
	        "mv run.db old.db; echo mine >old.db-wal",
	        "ln run.db old.db; rm run.db",
	};
	struct error e;
	struct trace *t;
	sqlite3_stmt *s;
	uint64_t n;
	size_t i;

	for (i = 0; i < 4; i++) {
		t = open_hasty(path("run.db"));
		record_ticks(t, 0, 3);
		s = read_on(path("run.db"));
		record_ticks(t, 3, 6);
		shell(how[i % 2]);
		for (n = 6; i < 2 && n < 38; n++)
			assert_true(record_tick(t, n, &e) < 0);
		if (i < 2)
			record_ticks(t, 38, 40);
		if (i < 2)
			close_or_fail(t);
		else
			assert_true(trace_close(t, 1, 1, "done", &e) < 0);
		assert_non_null(strstr(e.text, "run.db-wal.left: move that beside it"));
		read_no_more(s);
		shell("mv run.db-wal.left old.db-wal");
		assert_whole(path("old.db"), 6);
		if (i < 2)
			assert_int_equal(count_ticks(path("run.db"), 1), 34);
		shell("rm -f run.db* old.db*");
	}
}

/* Another program holds the write lock, so that ticks n to n + 4 wait. */
static void make_five_wait(struct trace *t, uint64_t n)
{
	struct error e;
	sqlite3 *other;
	uint64_t end = n + 5;

	assert_int_equal(sqlite3_open(path("run.db"), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (; n < end; n++)
		assert_int_equal(record_tick(t, n, &e), -EBUSY);
	sqlite3_close(other);
}

static void what_waits_at_the_end_goes_into_a_moved_trace_that_is_read(void **state)
{
	struct trace *t = open_hasty(path("run.db"));
	sqlite3_stmt *s;

	record_ticks(t, 0, 3);
	s = read_on(path("run.db"));
	make_five_wait(t, 3);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	close_or_fail(t);
	read_no_more(s);
	assert_whole(path("old.db"), 8);
	assert_int_equal(sql_number(path("old.db"), "SELECT exit_reason = 'done' FROM run"), 1);
	assert_false(exists(path("run.db")));
}

static void what_waits_at_the_end_goes_into_a_new_trace_where_the_old_one_was_cut(void **state)
{
	struct trace *t = open_hasty(path("run.db"));
	struct error e = {0};

	record_ticks(t, 0, 3);
	make_five_wait(t, 3);
	assert_int_equal(truncate(path("run.db"), 0), 0);
	assert_int_equal(trace_close(t, 1, 1, "done", &e), -EBADMSG);
	assert_non_null(strstr(e.text, "run.db: cut or overwritten"));
	assert_null(strstr(e.text, "not recorded"));
	assert_whole(path("run.db"), 5);
	assert_int_equal(sql_number(path("run.db"), "SELECT exit_reason = 'done' FROM run"), 1);
}

/* It may be someone's who is about to write to it; after a second it is nobody's. That is no failure then. */
static void an_empty_file_is_waited_for_at_the_end(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	struct error e = {0};

	record_ticks(t, 0, 3);
	shell("mv run.db old.db; : >run.db");
	assert_int_equal(record_tick(t, 3, &e), -EBADMSG);
	napped_ns = 0;
	close_or_fail(t);
	assert_true(napped_ns >= 1000000000);
	assert_whole(path("old.db"), 3);
	assert_whole(path("run.db"), 1);
}

/* Nobody can open it any more: there is nothing to wait for. */
static void a_reader_of_a_deleted_trace_holds_up_nothing(void **state)
{
	struct trace *t = open_hasty(path("run.db"));
	sqlite3_stmt *s;

	record_ticks(t, 0, 3);
	s = read_on(path("run.db"));
	record_ticks(t, 3, 6);
	assert_int_equal(unlink(path("run.db")), 0);
	record_ticks(t, 6, 9);
	close_or_fail(t);
	read_no_more(s);
	assert_whole(path("run.db"), 3);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM event"), 0);
}

static void a_trace_moved_before_the_end_is_whole(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);

	record_ticks(t, 0, 5);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("old.db"), 1), 5);
	assert_int_equal(sql_number(path("old.db"), "SELECT exit_reason = 'done' FROM run"), 1);
	assert_false(exists(path("run.db")));
	assert_false(exists(path("run.db-wal")));
}

static void what_is_left_beside_a_trace_that_is_gone_keeps_a_new_one_away(void **state)
{
	struct trace_run run = fixture_run(false);
	struct error e = {0};
	struct trace *t;
	FILE *f = fopen(path("run.db-wal"), "w");

	fputs("frames of another trace", f);
	fclose(f);
	assert_int_equal(trace_open(path("run.db"), &run, fixture_facts(), &t, &e), -EINVAL);
	assert_non_null(strstr(e.text, "run.db-wal: left by a trace that was moved away"));
	assert_false(exists(path("run.db")));
}

/* What is run.db after this happened to it, while it was written: a trace with 7 ticks more, in one more run. */
static void a_trace_cut_or_overwritten_in_place_is_told_and_begun_anew(void **state)
{
	static const struct {
		const char *how;
		int runs, ticks;
	} rows[] = {
	        {": >run.db", 1, 7},
	        {": >run.db; : >run.db-wal", 1, 7},
	        {": >run.db; rm run.db-wal", 1, 7},
	        {": >run.db; mv run.db old.db", 1, 7},
	        {"cat other.db >run.db", 2, 9},
	        {"cat other.db >run.db; : >run.db-wal", 2, 9},
	        {": >run.db-wal", 1, 7},
	        {"truncate -s 5000 run.db-wal", 2, 7},
	        {"cat other.db >run.db-wal", 1, 7},
	};
	struct trace *t = open_or_fail(path("other.db"), false);
	struct error e;
	size_t i;

	record_ticks(t, 0, 2);
	close_or_fail(t);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = open_or_fail(path("run.db"), false);
		record_ticks(t, 0, 5);
		shell(rows[i].how);
		e = (struct error){0};
		if (record_tick(t, 5, &e) != -EBADMSG || !strstr(e.text, "cut or overwritten"))
			fail_msg("%s: not told: %s", rows[i].how, e.text);
		age_an_empty_one();
		record_ticks(t, 6, 12);
		close_or_fail(t);
		if (sql_number(path("run.db"), "SELECT count(*) FROM run") != rows[i].runs ||
		    sql_number(path("run.db"), "SELECT count(*) FROM tick") != rows[i].ticks)
			fail_msg("%s: not begun anew", rows[i].how);
		if (sql_number(path("run.db"), "SELECT count(*) FROM event WHERE kind = 'cut'") !=
		            1 ||
		    sql_number(path("run.db"), "SELECT sum(value) FROM stat WHERE severity = "
		                               "'data_loss' AND name = 'traces_cut'") != 1)
			fail_msg("%s: not told in the trace", rows[i].how);
		assert_int_equal(
		        sql_number(path("run.db"),
		                   "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
		        1);
		assert_true(is_clean("run.db"));
		shell("rm -f run.db* old.db*");
	}
}

/* Who copies over a trace empties it first: his file must not lose its name. */
static void a_trace_that_is_just_being_copied_over_stays(void **state)
{
	struct trace *t = open_or_fail(path("other.db"), false);
	struct error e = {0};
	struct stat before, after;

	record_ticks(t, 0, 2);
	close_or_fail(t);
	t = open_or_fail(path("run.db"), false);
	record_ticks(t, 0, 5);
	shell(": >run.db");
	assert_int_equal(stat(path("run.db"), &before), 0);
	assert_int_equal(record_tick(t, 5, &e), -EBADMSG);
	assert_int_equal(record_tick(t, 6, &e), -EBADMSG);
	shell("cat other.db >run.db");
	record_ticks(t, 7, 9);
	assert_int_equal(stat(path("run.db"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("run.db"), 1), 2);
	assert_int_equal(count_ticks(path("run.db"), 2), 4);
}

static void what_overwrote_a_trace_is_left_alone(void **state)
{
	static const char *const how[] = {
	        "echo my notes >mine",
	        "sqlite3 mine 'CREATE TABLE t(x); PRAGMA user_version=3'",
	        "head -c 3000 run.db >mine",
	};
	struct error e = {0};
	struct trace *t;
	uint64_t n;
	size_t i;

	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		t = open_or_fail(path("run.db"), false);
		record_ticks(t, 0, 3);
		shell(how[i]);
		shell("cat mine >run.db");
		for (n = 3; n < 6; n++)
			assert_int_equal(record_tick(t, n, &e), -EBADMSG);
		assert_int_equal(trace_close(t, 1, 1, "done", &e), -EBADMSG);
		assert_non_null(strstr(e.text, "not recorded: 3 ticks"));
		shell("cmp mine run.db && rm run.db* mine");
	}
}

static void a_trace_lost_at_the_end_is_an_error(void **state)
{
	static const char *const how[] = {": >run.db", ": >run.db-wal", "echo hello >run.db"};
	struct error e = {0};
	struct trace *t;
	size_t i;

	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		t = open_or_fail(path("run.db"), false);
		record_ticks(t, 0, 3);
		shell(how[i]);
		assert_int_equal(trace_close(t, 1, 1, "done", &e), -EBADMSG);
		assert_non_null(strstr(e.text, "run.db: cut or overwritten"));
		assert_null(strstr(e.text, "not recorded"));
		shell("rm -f run.db*");
	}
}

/* Both forget the torn -wal; the one who opens the file alone finds what a -wal so cut still holds: nothing. */
static void two_recorders_of_a_trace_that_was_cut_meet_in_the_new_one(void **state)
{
	static const char *const how[] = {": >run.db", ": >run.db-wal", "cat other.db >run.db"};
	struct trace *a = open_or_fail(path("other.db"), false), *b;
	struct error e = {0};
	size_t i;

	close_or_fail(a);
	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		a = open_or_fail(path("run.db"), false);
		b = open_or_fail(path("run.db"), false);
		record_ticks(a, 0, 5);
		record_ticks(b, 0, 5);
		shell(how[i]);
		record_tick(a, 5, &e);
		record_tick(b, 5, &e);
		age_an_empty_one();
		record_tick(a, 6, &e);
		record_tick(b, 6, &e);
		record_ticks(a, 7, 9);
		record_ticks(b, 7, 9);
		close_or_fail(a);
		close_or_fail(b);
		assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM tick"), 8);
		assert_true(is_clean("run.db"));
		shell("rm -f run.db*");
	}
}

/* Checkpoints, a -wal that is begun anew or cut by SQLite itself, a file that SQLite makes shorter. */
static void what_others_do_through_sqlite_is_no_loss(void **state)
{
	static const char *const what[] = {
	        "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA wal_checkpoint(RESTART)",
	        "PRAGMA wal_checkpoint(PASSIVE)",
	        "CREATE TABLE big AS SELECT randomblob(300000) AS x; DROP TABLE big", "VACUUM"};
	struct trace *a = open_or_fail(path("run.db"), false),
	             *b = open_or_fail(path("run.db"), false);
	uint64_t n;

	for (n = 0; n < 600; n += 2) {
		record_ticks(a, n, n + 2);
		if (n % 3 == 0)
			record_ticks(b, n, n + 2);
		sql(path("run.db"), what[n / 2 % 5]);
	}
	close_or_fail(b);
	close_or_fail(a);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM run"), 2);
	assert_int_equal(sql_number(path("run.db"), "SELECT count(*) FROM tick"), 800);
}

/* Closing, it is looked at again where someone else has it open; then it may be another file. */
static void a_trace_that_is_replaced_while_it_is_closed_is_left_alone(void **state)
{
	struct db_place place, others;
	sqlite3 *db = NULL, *busy = NULL;
	struct intact seen = {0};
	struct error e;
	FILE *f;

	assert_int_equal(writing_open(path("run.db"), 100, &place, &db, &e), 0);
	assert_int_equal(writing_open(path("run.db"), 100, &others, &busy, &e), 0);
	assert_int_equal(sqlite3_exec(busy, "BEGIN; SELECT * FROM run", NULL, NULL, NULL),
	                 SQLITE_OK);
	assert_int_equal(rename(path("run.db"), path("moved.db")), 0);
	f = fopen(path("run.db"), "w");
	assert_non_null(f);
	fputs("something else\n", f);
	fclose(f);
	writing_end(db, &place, &seen);
	assert_int_equal(sqlite3_close(busy), SQLITE_OK);
	f = fopen(path("run.db"), "r");
	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	assert_int_equal(ftell(f), strlen("something else\n"));
	fclose(f);
}

/* A part that is behind, and what else happens to its name, until it is looked at again. */
static void a_part_behind_that_is_replaced_is_left_alone(void **state)
{
	static const char *const how[] = {
	        "mv run.db archive.db; cp other.db run.db",
	        "mv run.db archive.db; echo my notes >run.db",
	        "cat other.db >run.db", /* the same number */
	        "mv run.db archive.db; cp other.db run.db; printf '\\2\\2' | dd of=run.db bs=1 "
	        "seek=18 conv=notrunc status=none",
	};
	struct db_place place;
	struct error e;
	sqlite3_stmt *s;
	struct intact seen;
	struct trace *t = open_or_fail(path("other.db"), false);
	char *before, *after;
	sqlite3 *db;
	size_t i;

	record_ticks(t, 0, 2);
	close_or_fail(t);
	for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		t = open_or_fail(path("run.db"), false);
		record_ticks(t, 0, 3);
		s = read_on(path("run.db"));
		record_ticks(t, 3, 20);
		db = NULL;
		assert_int_equal(writing_open(path("run.db"), 100, &place, &db, &e), 0);
		seen = (struct intact){0};
		assert_int_equal(intact_look(db, &seen), INTACT);
		assert_false(writing_close(db));
		shell(how[i]);
		shell("touch -d '1 hour ago' run.db run.db-wal run.db-shm");
		before = folder_text(fixture_folder);
		assert_true(writing_tidy(&place, &seen));
		after = folder_text(fixture_folder);
		assert_string_equal(before, after);
		free(before);
		free(after);
		read_no_more(s);
		trace_close(t, 1, 1, "done", &e);
		shell("rm -f run.db* archive.db*");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_renamed_trace_is_completed_and_a_new_one_begun_at_its_place),
	        TEST(what_was_counted_is_told_once_in_all_files),
	        TEST(a_deleted_trace_is_begun_anew),
	        TEST(another_trace_at_its_place_gets_a_run),
	        TEST(a_locked_trace_at_its_place_holds_up_no_tick),
	        TEST(another_kind_of_file_at_its_place_is_left_alone),
	        TEST(another_users_trace_at_its_place_is_left_alone),
	        TEST(an_empty_file_at_its_place_is_as_none),
	        TEST(the_folder_goes_and_comes_again),
	        TEST(two_recorders_of_a_moved_trace_meet_in_the_new_one),
	        TEST(a_reader_of_the_moved_file_costs_no_tick),
	        TEST(a_moved_trace_that_is_read_for_long_takes_its_wal_along),
	        TEST(a_moved_trace_whose_checkpoint_fails_keeps_its_wal),
	        TEST(a_moved_trace_that_is_read_at_the_end_takes_its_wal_along),
	        TEST(a_wal_that_cannot_go_along_is_kept_and_told),
	        TEST(what_waits_at_the_end_goes_into_a_moved_trace_that_is_read),
	        TEST(what_waits_at_the_end_goes_into_a_new_trace_where_the_old_one_was_cut),
	        TEST(an_empty_file_is_waited_for_at_the_end),
	        TEST(a_reader_of_a_deleted_trace_holds_up_nothing),
	        TEST(a_trace_moved_before_the_end_is_whole),
	        TEST(what_is_left_beside_a_trace_that_is_gone_keeps_a_new_one_away),
	        TEST(a_trace_cut_or_overwritten_in_place_is_told_and_begun_anew),
	        TEST(a_trace_that_is_just_being_copied_over_stays),
	        TEST(what_overwrote_a_trace_is_left_alone),
	        TEST(a_trace_lost_at_the_end_is_an_error),
	        TEST(two_recorders_of_a_trace_that_was_cut_meet_in_the_new_one),
	        TEST(what_others_do_through_sqlite_is_no_loss),
	        TEST(a_trace_that_is_replaced_while_it_is_closed_is_left_alone),
	        TEST(a_part_behind_that_is_replaced_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
