/* trace_follow_test - a trace that is renamed, deleted, replaced or full while it is written, and goes on elsewhere */
#include "tests/unit/trace_fixture.h"

#include "traces/parts.h"

static void the_names_of_parts_keep_the_ending(void **state)
{
	static const struct {
		const char *name;
		unsigned number;
		const char *expected;
	} rows[] = {
	        {"run.db", 1, "run.db"},     {"run.db", 2, "run-2.db"},
	        {"a.b/run", 3, "a.b/run-3"}, {"/x/run.2.db", 10, "/x/run.2-10.db"},
	        {".hidden", 2, ".hidden-2"}, {"x/.h.db", 2, "x/.h-2.db"},
	};
	char out[64];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parts_name(rows[i].name, rows[i].number, out, sizeof(out)), 0);
		assert_string_equal(out, rows[i].expected);
	}
	assert_int_equal(parts_name("run.db", 2, out, 8), -ENAMETOOLONG);
}

static void touch(const char *name)
{
	FILE *f = fopen(path(name), "w");

	assert_non_null(f);
	fclose(f);
}

static void the_newest_part_is_found_by_its_name_alone(void **state)
{
	static const char *const others[] = {"run-x.db",     "run-.db",   "run-7.dbx", "run-08.db",
	                                     "run-7.db-wal", "xrun-9.db", "run-3x.db"};
	size_t i;

	assert_int_equal(parts_newest(path("run.db")), 1);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		touch(others[i]);
	assert_int_equal(parts_newest(path("run.db")), 1);
	touch("run-2.db");
	touch("run-12.db");
	assert_int_equal(parts_newest(path("run.db")), 12);
	assert_int_equal(parts_newest(path("nowhere/run.db")), 1);
}

static bool is_clean(const char *name)
{
	return !exists(path(name)) || stands_alone(path(name));
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

/* A statement that is not done keeps the snapshot that it began with. */
static void a_reader_of_the_moved_file_costs_no_tick(void **state)
{
	struct trace *t = open_or_fail(path("run.db"), false);
	struct error e = {0};
	sqlite3_stmt *s;
	sqlite3 *reader;
	uint64_t n;

	record_ticks(t, 0, 3);
	assert_int_equal(sqlite3_open(path("run.db"), &reader), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(reader, "SELECT * FROM tick", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	record_ticks(t, 3, 6);
	assert_int_equal(rename(path("run.db"), path("old.db")), 0);
	for (n = 6; n < 12; n++)
		assert_int_equal(record_tick(t, n, &e), -EBUSY);
	sqlite3_finalize(s);
	sqlite3_close(reader);
	record_ticks(t, 12, 13);
	close_or_fail(t);
	assert_int_equal(count_ticks(path("old.db"), 1), 6);
	assert_int_equal(count_ticks(path("run.db"), 1), 7);
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

/* ---- the limit ---- */

static struct trace *open_limited(uint64_t kib)
{
	struct trace_run run = fixture_run(false);
	struct error e = {0};
	struct trace *t = NULL;

	run.limit_bytes = kib * 1024;
	if (trace_open(path("run.db"), &run, fixture_facts(), &t, &e) < 0)
		fail_msg("open: %s", e.text);
	return t;
}

static const char *part(unsigned number)
{
	static char names[4][PATH_MAX];
	static unsigned next;
	char *name = names[next++ % 4];

	parts_name(path("run.db"), number, name, PATH_MAX);
	return name;
}

static void at_the_limit_a_further_file_goes_on(void **state)
{
	struct trace *t = open_limited(128);
	uint64_t ticks = 0, last = 0, before;
	unsigned n, newest;
	struct stat st;
	char sql[128];

	record_ticks(t, 0, 1000);
	close_or_fail(t);
	newest = parts_newest(path("run.db"));
	assert_true(newest > 3);
	for (n = 1; n <= newest; n++) {
		struct trace_reader *r = read_or_fail(part(n));

		before = last;
		ticks += count_whole_ticks(r, 1, &last);
		trace_reader_close(r);
		assert_true(stands_alone(part(n)));
		assert_int_equal(stat(part(n), &st), 0);
		assert_in_range(st.st_size, n < newest ? 128 * 1024 : 1, 136 * 1024);
		snprintf(sql, sizeof(sql), "SELECT min(number) FROM tick");
		assert_int_equal(sql_number(part(n), sql), n == 1 ? 0 : before + 1);
		if (n == 1)
			snprintf(sql, sizeof(sql), "SELECT continues IS NULL FROM run");
		else if (n == 2)
			snprintf(sql, sizeof(sql), "SELECT continues = 'run.db, run 1' FROM run");
		else
			snprintf(sql, sizeof(sql), "SELECT continues = 'run-%u.db, run 1' FROM run",
			         n - 1);
		assert_int_equal(sql_number(part(n), sql), 1);
		assert_int_equal(sql_number(part(n), "SELECT count(*) FROM guest_sample"), 8);
	}
	assert_int_equal(ticks, 1000);
	assert_int_equal(
	        sql_number(part(1), "SELECT exit_reason LIKE 'goes on in %run-2.db' FROM run"), 1);
}

static void the_next_run_starts_in_the_newest_part(void **state)
{
	struct trace *t = open_limited(64);
	unsigned newest;

	record_ticks(t, 0, 300);
	close_or_fail(t);
	newest = parts_newest(path("run.db"));
	assert_true(newest > 1);
	unlink(part(1));
	t = open_limited(64);
	record_ticks(t, 0, 2);
	close_or_fail(t);
	assert_int_equal(parts_newest(path("run.db")), newest);
	assert_int_equal(count_ticks(part(newest), 2), 2);
	assert_false(exists(part(1)));
	/* Without a limit the name means what it says. */
	t = open_or_fail(path("run.db"), false);
	record_ticks(t, 0, 1);
	close_or_fail(t);
	assert_int_equal(count_ticks(part(1), 1), 1);
}

static void where_no_further_file_can_be_the_old_one_grows(void **state)
{
	struct trace *t = open_limited(64);
	struct error e = {0};
	uint64_t n, failed = 0;

	touch("run-2.db"); /* empty: no trace */
	for (n = 0; n < 300; n++)
		failed += record_tick(t, n, &e) < 0;
	close_or_fail(t);
	assert_in_range(failed, 1, 40);
	assert_int_equal(count_ticks(path("run.db"), 1), 300);
}

static void what_was_counted_is_told_once_in_all_parts(void **state)
{
	struct trace *t = open_limited(128);
	uint64_t n, told = 0;
	unsigned i;

	for (n = 0; n < 400; n++) {
		trace_count(t, "late_ticks", "warning", 1);
		record_ticks(t, n, n + 1);
	}
	close_or_fail(t);
	for (i = 1; i <= parts_newest(path("run.db")); i++)
		told += (uint64_t)stat_of(part(i), 1, "late_ticks", "warning");
	assert_int_equal(told, 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_names_of_parts_keep_the_ending),
	        TEST(the_newest_part_is_found_by_its_name_alone),
	        TEST(a_renamed_trace_is_completed_and_a_new_one_begun_at_its_place),
	        TEST(a_deleted_trace_is_begun_anew),
	        TEST(another_trace_at_its_place_gets_a_run),
	        TEST(another_kind_of_file_at_its_place_is_left_alone),
	        TEST(the_folder_goes_and_comes_again),
	        TEST(two_recorders_of_a_moved_trace_meet_in_the_new_one),
	        TEST(a_reader_of_the_moved_file_costs_no_tick),
	        TEST(a_trace_moved_before_the_end_is_whole),
	        TEST(what_is_left_beside_a_trace_that_is_gone_keeps_a_new_one_away),
	        TEST(at_the_limit_a_further_file_goes_on),
	        TEST(the_next_run_starts_in_the_newest_part),
	        TEST(where_no_further_file_can_be_the_old_one_grows),
	        TEST(what_was_counted_is_told_once_in_all_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
