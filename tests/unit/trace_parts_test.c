/* trace_parts_test - a trace that has reached its limit and goes on in further files: their names, what is in each */
#include "tests/unit/trace_fixture.h"

#include "tests/unit/naps.h"
#include "traces/parts.h"
#include "traces/relay.h"

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

	napped_ns = 0;
	record_ticks(t, 0, 1000);
	close_or_fail(t);
	assert_int_equal(napped_ns, 0);
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

/* As SQLite's header says: whoever opens such a file makes a -wal and a -shm beside it. */
static bool wants_wal(const char *file)
{
	FILE *f = fopen(file, "r");
	int version;

	assert_non_null(f);
	assert_int_equal(fseek(f, 18, SEEK_SET), 0);
	version = fgetc(f);
	fclose(f);
	return version == 2;
}

/* Someone reads a part when it is full: no tick sleeps, and it is left in one file once he has done. */
static void a_full_part_that_is_read_holds_up_no_tick(void **state)
{
	static const unsigned reads_for[] = {10, 100};
	sqlite3_stmt *s;
	struct trace *t;
	uint64_t n;
	size_t i;

	for (i = 0; i < 2; i++) {
		t = open_limited(256);
		record_ticks(t, 0, 3);
		s = read_on(part(1));
		napped_ns = 0;
		for (n = 3; !exists(part(2)); n++)
			record_ticks(t, n, n + 1);
		record_ticks(t, n, n + reads_for[i]);
		assert_int_equal(napped_ns, 0);
		assert_true(wants_wal(part(1)));
		read_no_more(s);
		n += reads_for[i];
		record_ticks(t, n, n + 1);
		assert_int_equal(wants_wal(part(1)), reads_for[i] > 32);
		record_ticks(t, n + 1, n + 33); /* then it is looked at from time to time */
		assert_false(wants_wal(part(1)));
		close_or_fail(t);
		assert_true(!wants_wal(part(1)) && stands_alone(part(1)));
		assert_int_equal(sql_number(part(1), "SELECT count(*) > 10 FROM tick"), 1);
		folder_teardown(state);
		assert_int_equal(folder_setup(state), 0);
	}
}

/* Of so many parts at a time each is seen to; who reads more of them than that has the first ones left as they are. */
static void full_parts_that_are_all_read_are_all_tidied(void **state)
{
	enum {
		PARTS = RELAY_BEHIND + 2
	};
	sqlite3_stmt *s[PARTS];
	struct trace *t = open_limited(64);
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < PARTS; i++) {
		record_ticks(t, n, n + 1);
		s[i] = read_on(part(i + 1));
		for (n++; !exists(part(i + 2)); n++)
			record_ticks(t, n, n + 1);
	}
	for (i = 0; i < PARTS; i++)
		read_no_more(s[i]);
	close_or_fail(t);
	for (i = 0; i < PARTS; i++)
		assert_int_equal(wants_wal(part(i + 1)), i < PARTS - RELAY_BEHIND);
}

/* Part 1 and part 9 are read, the first until that tick; returns the one in which part 10 is begun. */
static uint64_t record_ten_parts(uint64_t until)
{
	struct trace *t = open_limited(64);
	sqlite3_stmt *first, *ninth;
	uint64_t n = 1;

	record_ticks(t, 0, 1);
	first = read_on(part(1));
	for (; !exists(part(9)); n++)
		record_ticks(t, n, n + 1);
	record_ticks(t, n, n + 1);
	ninth = read_on(part(9));
	for (n++; !exists(part(10)); n++) {
		if (n == until)
			read_no_more(first);
		record_ticks(t, n, n + 1);
	}
	assert_true(wants_wal(part(9)));
	assert_int_equal(wants_wal(part(1)), until == 0);
	if (!until)
		read_no_more(first);
	read_no_more(ninth);
	close_or_fail(t);
	assert_false(wants_wal(part(9)));
	return n - 1;
}

/* Its reader has done just before it has to make way: it is looked at once more. */
static void a_full_part_that_makes_way_is_looked_at(void **state)
{
	const uint64_t tenth = record_ten_parts(0);

	folder_teardown(state);
	assert_int_equal(folder_setup(state), 0);
	assert_int_equal(record_ten_parts(tenth), tenth);
}

/* Who is not there, or cannot be opened, may be there at the next look. */
static void a_full_part_that_is_away_for_a_moment_is_not_forgotten(void **state)
{
	struct trace *t = open_limited(64);
	sqlite3_stmt *s;
	uint64_t n;

	record_ticks(t, 0, 1);
	s = read_on(part(1));
	for (n = 1; !exists(part(2)); n++)
		record_ticks(t, n, n + 1);
	assert_int_equal(rename(part(1), path("away")), 0);
	record_ticks(t, n, n + 1);
	assert_int_equal(rename(path("away"), part(1)), 0);
	read_no_more(s);
	record_ticks(t, n + 1, n + 2);
	assert_false(wants_wal(part(1)));
	close_or_fail(t);
}

/* Each tick changes a dozen pages anew, of which a reader lets none be copied over. */
static void what_a_reader_makes_a_part_grow_by_counts(void **state)
{
	struct trace *t = open_limited(1024);
	sqlite3_stmt *s;
	struct stat st;

	record_ticks(t, 0, 3);
	s = read_on(part(1));
	record_ticks(t, 3, 1000);
	read_no_more(s);
	assert_true(exists(part(2)));
	assert_int_equal(stat(part(1), &st), 0);
	assert_in_range(st.st_size, 128 * 1024, 1024 * 1024);
	close_or_fail(t);
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
	        TEST(at_the_limit_a_further_file_goes_on),
	        TEST(the_next_run_starts_in_the_newest_part),
	        TEST(where_no_further_file_can_be_the_old_one_grows),
	        TEST(a_full_part_that_is_read_holds_up_no_tick),
	        TEST(full_parts_that_are_all_read_are_all_tidied),
	        TEST(a_full_part_that_makes_way_is_looked_at),
	        TEST(a_full_part_that_is_away_for_a_moment_is_not_forgotten),
	        TEST(what_a_reader_makes_a_part_grow_by_counts),
	        TEST(what_was_counted_is_told_once_in_all_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
