/* trace_write_test - what the trace writer refuses, keeps, drops, survives and leaves behind */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "tests/unit/trace_fixture.h"

/* A new trace gets its name: what the folder has before that, and whether there can be such names. */
static unsigned linked, files_before;
static bool refuse_links;

static unsigned count_files(void)
{
	struct dirent *entry;
	DIR *dir = opendir(fixture_folder);
	unsigned nr = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		nr += entry->d_type == DT_REG;
	closedir(dir);
	return nr;
}

/* In place of the C library's. */
int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	linked++;
	files_before = count_files();
	if (refuse_links) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

static int try_open(const char *file, struct error *e)
{
	struct trace_run run = fixture_run(false);
	struct trace *t = NULL;
	int r = trace_open(file, &run, fixture_facts(), &t, e);

	if (!r)
		trace_close(t, 0, 0, "done", NULL);
	return r;
}

static void write_file(const char *file, const char *text)
{
	FILE *f = fopen(file, "w");

	fputs(text, f);
	fclose(f);
}

static void make_socket(const char *file)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", file);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	close(fd);
}

/* A database of another program in WAL mode, with a -wal that its owner has not taken in yet. */
static int leave_wal(void *file)
{
	sqlite3 *db;

	sqlite3_open(file, &db);
	sqlite3_exec(db,
	             "PRAGMA journal_mode=WAL; CREATE TABLE mine(x); INSERT INTO mine VALUES(1)",
	             NULL, NULL, NULL);
	_exit(0);
}

static void make_trace(const char *file)
{
	close_or_fail(open_or_fail(file, false));
}

static void everything_that_is_no_trace_is_refused_and_left_as_it_is(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *words;
	} rows[] = {
	        {"", EINVAL, "path is empty"},
	        {"folder", EINVAL, "folder: a directory, not a trace"},
	        {"folder/", EINVAL, "folder/: a directory, not a trace"},
	        {"link", EINVAL, "link: a symbolic link, not a trace"},
	        {"dangling", EINVAL, "dangling: a symbolic link, not a trace"},
	        {"fifo", EINVAL, "fifo: a FIFO, not a trace"},
	        {"socket", EINVAL, "socket: a socket, not a trace"},
	        {"/dev/null", EINVAL, "/dev/null: a character device, not a trace"},
	        {"empty", EBADMSG, "empty: an empty file, not a trace"},
	        {"text", EBADMSG, "text: another kind of file, not a trace"},
	        {"short", EBADMSG, "short: another kind of file, not a trace"},
	        {"foreign", EBADMSG, "foreign: an SQLite database of another program, not a trace"},
	        {"pending", EBADMSG, "pending: an SQLite database of another program, not a trace"},
	        {"newer", EBADMSG, "newer: a trace of schema version 2, from a newer vmb"},
	        {"older", EBADMSG, "older: a trace of schema version 0; this program knows 1"},
	        {"changed", EBADMSG, "changed: a trace whose tables were changed"},
	        {"nowhere/run.db", ENOENT, "nowhere/run.db: folder: No such file"},
	        {"text/run.db", ENOTDIR, "text/run.db: folder: Not a directory"},
	};
	char *before, *after;
	size_t i;

	mkdir(path("folder"), 0755);
	make_trace(path("trace"));
	assert_int_equal(symlink("trace", path("link")), 0);
	assert_int_equal(symlink("nothing", path("dangling")), 0);
	assert_int_equal(mkfifo(path("fifo"), 0644), 0);
	make_socket(path("socket"));
	write_file(path("empty"), "");
	write_file(path("short"), "x");
	write_file(path("text"),
	           "This is a long text file, longer than the header of a database is, which must "
	           "not be taken for one, whatever else it may say about itself.\n");
	sql(path("foreign"), "CREATE TABLE mine(x); INSERT INTO mine VALUES (1)");
	child_result(start_child(leave_wal, path("pending")));
	assert_true(exists(path("pending-wal")));
	make_trace(path("newer"));
	sql(path("newer"), "PRAGMA user_version=2");
	make_trace(path("older"));
	sql(path("older"), "PRAGMA user_version=0");
	make_trace(path("changed"));
	sql(path("changed"), "CREATE TRIGGER evil AFTER INSERT ON tick BEGIN DELETE FROM run; END");
	before = folder_text(fixture_folder);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = rows[i].name;
		struct error e = {0};
		int r = try_open(!*name || *name == '/' ? name : path(name), &e);

		if (r != -rows[i].code || !strstr(e.text, rows[i].words) || strchr(e.text, '\n'))
			fail_msg("'%s': expected %d '%s', seen %d '%s'", name, -rows[i].code,
			         rows[i].words, r, e.text);
	}
	after = folder_text(fixture_folder);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static int open_as_nobody(void *file)
{
	struct error e = {0};

	if (!become_nobody())
		return 99;
	if (try_open(file, &e) != -EACCES || !strstr(e.text, file))
		return 1;
	return strstr(e.text, "ermission denied") || strstr(e.text, "belongs to another") ? 0 : 2;
}

static void what_one_may_not_write_is_refused_with_the_reason(void **state)
{
	char *before, *after;

	NEEDS_ROOT();
	make_trace(path("mine.db"));
	chmod(fixture_folder, 0777);
	mkdir(path("closed"), 0755);
	make_trace(path("closed/run.db"));
	chmod(path("closed/run.db"), 0666);
	before = folder_text(fixture_folder);
	assert_int_equal(child_result(start_child(open_as_nobody, path("mine.db"))), 0);
	assert_int_equal(child_result(start_child(open_as_nobody, path("closed/new.db"))), 0);
	assert_int_equal(child_result(start_child(open_as_nobody, path("closed/run.db"))), 0);
	after = folder_text(fixture_folder);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

/* Its owner could cut the -shm under the one who has it mapped. To be read it is anyone's. */
static void what_belongs_to_another_user_is_refused_and_left_as_it_is(void **state)
{
	static const char *const names[] = {"run.db", "run.db-shm", "run.db-wal", "run.db-journal"};
	char words[64], *before, *after;
	struct error e;
	size_t i;

	NEEDS_ROOT();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make_trace(path("run.db"));
		if (i)
			write_file(path(names[i]), "");
		assert_int_equal(chown(path(names[i]), NOBODY, NOBODY), 0);
		before = folder_text(fixture_folder);
		assert_int_equal(try_open(path("run.db"), &e), -EACCES);
		snprintf(words, sizeof(words), "%s: belongs to another user (65534)", names[i]);
		assert_non_null(strstr(e.text, words));
		assert_int_equal(count_ticks(path("run.db"), 1), 0);
		after = folder_text(fixture_folder);
		assert_string_equal(before, after);
		free(before);
		free(after);
		unlink(path(names[i]));
	}
}

/* Where there is no trace yet it is the same: SQLite would take what lies there, and its owner could still cut it. */
static void what_lies_beside_a_trace_that_is_to_be_made_is_ours_or_it_is_refused(void **state)
{
	static const char *const names[] = {"run.db-shm", "run.db-wal", "run.db-journal"};
	struct error e;
	size_t i;

	NEEDS_ROOT();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		write_file(path(names[i]), "");
		assert_int_equal(chown(path(names[i]), NOBODY, NOBODY), 0);
		assert_int_equal(try_open(path("run.db"), &e), -EACCES);
		assert_non_null(strstr(e.text, "belongs to another user (65534)"));
		assert_int_equal(access(path("run.db"), F_OK), -1);
		assert_int_equal(unlink(path(names[i])), 0);
	}
}

/* As a start on it would be. */
static void a_further_file_of_another_user_is_refused(void **state)
{
	struct trace_run run = fixture_run(false);
	struct trace *t;
	struct error e;

	NEEDS_ROOT();
	run.limit_bytes = 1 << 20;
	make_trace(path("run.db"));
	make_trace(path("run-2.db"));
	assert_int_equal(chown(path("run-2.db"), NOBODY, NOBODY), 0);
	assert_int_equal(trace_open(path("run.db"), &run, fixture_facts(), &t, &e), -EACCES);
	assert_non_null(strstr(e.text, "run-2.db: belongs to another user (65534)"));
}

/* What SQLite puts beside a trace has a longer name. */
static void a_name_that_leaves_no_room_beside_it_is_refused(void **state)
{
	char name[NAME_MAX + 1];
	struct error e;
	size_t length;

	memset(name, 'x', sizeof(name));
	for (length = NAME_MAX - 9; length <= NAME_MAX; length++) {
		name[length] = '\0';
		assert_int_equal(try_open(path(name), &e),
		                 length + strlen("-journal") <= NAME_MAX ? 0 : -ENAMETOOLONG);
		name[length] = 'x';
	}
	assert_int_equal(count_files(), 2);
}

static void a_closed_trace_is_one_file_with_its_run_ended(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);

	record_ticks(t, 0, 3);
	close_or_fail(t);
	assert_true(stands_alone(file));
	assert_int_equal(sql_number(file, "PRAGMA application_id"), 0x564D4254);
	assert_int_equal(sql_number(file, "PRAGMA user_version"), 1);
	assert_int_equal(sql_number(file, "SELECT end_mono_ns FROM run"), 9000000000);
	assert_int_equal(sql_number(file, "SELECT exit_reason = 'done' FROM run"), 1);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM code"),
	                 VERDICTS + ACTION_KINDS + ACTION_RESULTS + GUEST_STATES + BALLOONS +
	                         MEMORY_STATES);
	assert_int_equal(count_ticks(file, 1), 3);
}

static void a_second_run_is_added_and_shares_the_names(void **state)
{
	char *file = path("run.db");
	struct trace *t;
	uint64_t run;

	for (run = 1; run <= 3; run++) {
		t = open_or_fail(file, run == 2);
		record_ticks(t, 0, 4);
		close_or_fail(t);
	}
	for (run = 1; run <= 3; run++)
		assert_int_equal(count_ticks(file, (int64_t)run), 4);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM guest"), 8);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM vcpu"), 8);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM cpus"), 3);
}

static void without_memory_a_guest_has_a_row_only_when_something_in_it_changed(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);

	record_ticks(t, 0, 50);
	close_or_fail(t);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM guest_sample"), 8);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM host_sample"), 0);
}

/* Children wait here until the parent lets them go together. */
static int gate[2];

static int record_when_let_go(void *file)
{
	struct trace_run run = fixture_run(false);
	struct error e = {0};
	struct trace *t;
	uint64_t n;
	char c;

	close(gate[1]);
	if (read(gate[0], &c, 1) != 0)
		return 90;
	if (trace_open(file, &run, fixture_facts(), &t, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	for (n = 0; n < 50; n++)
		record_tick(t, n, &e);
	if (trace_close(t, 0, 0, "done", &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	return 0;
}

static void record_together(const char *file, int writers)
{
	pid_t pid[8];
	int i;

	assert_int_equal(pipe(gate), 0);
	for (i = 0; i < writers; i++)
		pid[i] = start_child(record_when_let_go, (void *)file);
	close(gate[0]);
	close(gate[1]);
	for (i = 0; i < writers; i++)
		assert_int_equal(child_result(pid[i]), 0);
}

static void recorders_that_start_and_end_at_once_lose_nothing(void **state)
{
	char name[32], *file;
	int round, run;

	for (round = 0; round < 20; round++) {
		snprintf(name, sizeof(name), "run-%d.db", round);
		file = path(name);
		record_together(file, 3);
		assert_true(stands_alone(file));
		for (run = 1; run <= 3; run++) {
			assert_int_equal(count_ticks(file, run), 50);
			assert_int_equal(stat_of(file, run, "ticks_dropped", "data_loss"), -1);
		}
		/* The same on a trace that is there. */
		record_together(file, 2);
		assert_int_equal(count_ticks(file, 5), 50);
		assert_int_equal(sql_number(file, "SELECT count(*) FROM guest"), 8);
	}
	folder_teardown(NULL);
	mkdir(fixture_folder, 0755);
}

static int read_as_nobody(void *file)
{
	struct trace_reader *r;
	struct error e = {0};

	if (!become_nobody())
		return 99;
	if (trace_reader_open(file, &r, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 98;
	}
	return *trace_reader_note(r) ? 97 : (int)count_whole_ticks(r, 1, &(uint64_t){0});
}

static void what_two_recorders_leave_can_be_read_by_another_user(void **state)
{
	char *file = path("run.db");

	NEEDS_ROOT();
	record_together(file, 2);
	assert_int_equal(child_result(start_child(read_as_nobody, file)), 50);
	assert_true(stands_alone(file));
}

static void the_first_of_two_to_end_leaves_the_file_to_the_other(void **state)
{
	char *file = path("run.db");
	struct trace *a = open_or_fail(file, false), *b = open_or_fail(file, false);

	record_ticks(a, 0, 5);
	record_ticks(b, 0, 5);
	close_or_fail(a);
	assert_false(stands_alone(file));
	record_ticks(b, 5, 10);
	close_or_fail(b);
	assert_true(stands_alone(file));
	assert_int_equal(count_ticks(file, 1), 5);
	assert_int_equal(count_ticks(file, 2), 10);
}

/* Another program that holds the write lock. */
static sqlite3 *hold(const char *file)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static void ticks_that_meet_a_lock_are_kept_and_written_later(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);
	struct error e = {0};
	sqlite3 *other;
	uint64_t n;

	record_ticks(t, 0, 2);
	other = hold(file);
	for (n = 2; n < 7; n++) {
		assert_int_equal(record_tick(t, n, &e), -EBUSY);
		assert_non_null(strstr(e.text, "locked by another program"));
	}
	sqlite3_close(other);
	record_ticks(t, 7, 9);
	close_or_fail(t);
	assert_int_equal(count_ticks(file, 1), 9);
	assert_int_equal(stat_of(file, 1, "ticks_delayed", "info"), 5);
	assert_int_equal(stat_of(file, 1, "ticks_dropped", "data_loss"), -1);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM event"), 0);
}

static void what_is_kept_at_the_end_is_written_at_the_end(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);
	struct error e = {0};
	sqlite3 *other = hold(file);

	assert_int_equal(record_tick(t, 0, &e), -EBUSY);
	sqlite3_close(other);
	close_or_fail(t);
	assert_int_equal(count_ticks(file, 1), 1);
	assert_int_equal(stat_of(file, 1, "ticks_delayed", "info"), 1);
}

/*
 * The file-size limit stands for a full disk here: writes fail at once, and without another process. 64 ticks are kept,
 * so of 100 that fail the first 36 are lost.
 */
static int record_beyond_the_limit(void *file)
{
	struct rlimit unlimited, tight = {.rlim_cur = 4096};
	struct trace_run run = fixture_run(false);
	struct error e = {0};
	struct trace *t;
	uint64_t n;

	getrlimit(RLIMIT_FSIZE, &unlimited);
	tight.rlim_max = unlimited.rlim_max;
	if (trace_open(file, &run, fixture_facts(), &t, &e) < 0)
		return 1;
	for (n = 0; n < 10; n++)
		if (record_tick(t, n, &e) < 0)
			return 2;
	setrlimit(RLIMIT_FSIZE, &tight);
	for (; n < 110; n++)
		if (record_tick(t, n, &e) >= 0)
			return 3;
	setrlimit(RLIMIT_FSIZE, &unlimited);
	for (; n < 120; n++)
		if (record_tick(t, n, &e) < 0)
			return 4;
	return trace_close(t, 0, 0, "done", &e) < 0 ? 5 : 0;
}

static void beyond_the_bound_the_oldest_ticks_are_lost_counted_and_told(void **state)
{
	char *file = path("run.db");
	struct trace_event_row *events;
	struct trace_reader *r;
	struct error e = {0};
	uint64_t last;
	size_t nr;

	assert_int_equal(child_result(start_child(record_beyond_the_limit, file)), 0);
	r = read_or_fail(file);
	assert_int_equal(count_whole_ticks(r, 1, &last), 120 - 36);
	assert_int_equal(last, 119);
	assert_int_equal(trace_read_events(r, 1, &events, &nr, &e), 0);
	assert_int_equal(nr, 1);
	assert_string_equal(events[0].kind, "gap");
	assert_int_equal(events[0].mono_ns, 5000000000 + 10 * 1000000000ULL);
	assert_non_null(strstr(events[0].text, "36 ticks, 10 to 45, were not recorded: "));
	free(events);
	trace_reader_close(r);
	assert_int_equal(stat_of(file, 1, "ticks_dropped", "data_loss"), 36);
	assert_int_equal(stat_of(file, 1, "ticks_delayed", "info"), 64);
}

/* A tick with the same pCPU twice, which no file can hold. */
static int record_impossible(struct trace *t, uint64_t n, struct error *e)
{
	struct trace_tick tick = {.number = n, .decide_ns = UNKNOWN};
	struct sample s;
	int r;

	sample_init(&s);
	fixture_sample(&s, n, 8, 2);
	s.pcpus[1].pcpu = 0;
	r = trace_tick(t, &tick, &s, NULL, e);
	sample_done(&s);
	return r;
}

/* Of 75 ticks that meet a lock 11 find no place, and one of those that wait is impossible: 31, between two that are there. */
static void a_gap_tells_of_no_tick_that_is_there(void **state)
{
	static const char *const texts[] = {"11 ticks, 5 to 15, were not recorded: %locked%",
	                                    "tick 31 was not recorded: %pcpu_sample%"};
	char *file = path("run.db"), query[160];
	struct trace_run run = fixture_run(false);
	struct error e = {0};
	struct trace *t;
	sqlite3 *other;
	uint64_t n;
	size_t i;

	run.interval_ns = 20000000;
	assert_int_equal(trace_open(file, &run, fixture_facts(), &t, &e), 0);
	record_ticks(t, 0, 5);
	other = hold(file);
	for (n = 5; n < 80; n++)
		assert_true((n == 31 ? record_impossible(t, n, &e) : record_tick(t, n, &e)) < 0);
	sqlite3_close(other);
	assert_true(record_tick(t, 80, &e) < 0);
	close_or_fail(t);
	assert_int_equal(count_ticks(file, 1), 81 - 12);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM event"), 2);
	for (i = 0; i < 2; i++) {
		snprintf(query, sizeof(query),
		         "SELECT count(*) FROM event WHERE kind = 'gap' AND text LIKE '%s'",
		         texts[i]);
		assert_int_equal(sql_number(file, query), 1);
	}
}

/* 46 ticks were dropped by then, and 64 are kept; two actions wait with the last ones, which are no tick. */
static int close_beyond_the_limit(void *file)
{
	struct action actions[2] = {{.kind = ACTION_RESTORE, .name = "guest-1", .reason = "stop"},
	                            {.kind = ACTION_RESTORE, .name = "guest-2", .reason = "stop"}};
	struct rlimit tight = {4096, 4096};
	struct trace *t = open_or_fail(file, false);
	struct error e = {0};
	uint64_t n;

	record_ticks(t, 0, 10);
	setrlimit(RLIMIT_FSIZE, &tight);
	for (n = 10; n < 120; n++)
		if (record_tick(t, n, &e) >= 0)
			return 2;
	if (trace_actions(t, 1, actions, 2, &e) >= 0 || trace_close(t, 0, 0, "done", &e) >= 0)
		return 3;
	return strstr(e.text, "; not recorded: 110 ticks, 2 actions") ? 0 : 4;
}

static void the_end_tells_of_all_that_is_in_no_file(void **state)
{
	assert_int_equal(child_result(start_child(close_beyond_the_limit, path("run.db"))), 0);
	assert_int_equal(count_ticks(path("run.db"), 1), 10);
}

/* 20 ticks on a small disk, the rest of which is filled then; 0, 77 where none can be mounted, 1 on failure. */
static int begin_on_a_full_disk(const char *disk, struct trace **t, int *ballast)
{
	struct trace_run run = fixture_run(false);
	struct error e;
	uint64_t n;

	if (!mount_small(disk))
		return 77;
	if (chdir(disk) < 0 || trace_open("run.db", &run, fixture_facts(), t, &e) < 0)
		return 1;
	for (n = 0; n < 20; n++)
		if (record_tick(*t, n, &e) < 0)
			return 1;
	*ballast = open("ballast", O_WRONLY | O_CREAT, 0644);
	while (write(*ballast, &run, sizeof(run)) > 0)
		;
	return 0;
}

static int record_on_a_full_disk(void *disk)
{
	struct error e = {0};
	struct trace *t;
	uint64_t n = 20, failed = 0;
	int ballast, r = begin_on_a_full_disk(disk, &t, &ballast);

	if (r)
		return r;
	close(ballast);
	for (; n < 70; n++)
		failed += record_tick(t, n, &e) < 0;
	if (failed < 10 || e.code != ENOSPC || !strstr(e.text, "run.db: disk full"))
		return 3;
	unlink("ballast");
	for (; n < 80; n++)
		if (record_tick(t, n, &e) < 0)
			return 4;
	if (trace_close(t, 0, 0, "done", &e) < 0)
		return 5;
	return sql_number("run.db", "SELECT count(*) FROM tick") != 80 ||
	       sql_number("run.db", "SELECT count(*) FROM vcpu_sample") != 80 * 8 ||
	       sql_number("run.db", "SELECT count(*) FROM stat WHERE severity = 'data_loss'");
}

static void a_full_disk_stops_recording_only_until_there_is_room(void **state)
{
	expect_on_a_small_disk(record_on_a_full_disk, __func__);
}

/* 64 ticks wait, for which there is no room, but for a few pages there is. */
static int end_on_a_full_disk(void *disk)
{
	struct error e = {0};
	struct trace *t;
	uint64_t n = 20;
	int ballast, r = begin_on_a_full_disk(disk, &t, &ballast);

	if (r)
		return r;
	for (; n < 150; n++)
		record_tick(t, n, &e);
	if (ftruncate(ballast, lseek(ballast, 0, SEEK_CUR) - 32768) < 0)
		return 2;
	close(ballast);
	if (trace_close(t, 1, 1, "done", &e) != -ENOSPC || !strstr(e.text, "; not recorded: "))
		return 3;
	if (sql_number("run.db", "SELECT exit_reason = 'done' FROM run") != 1)
		return 4;
	return sql_number("run.db", "SELECT (SELECT count(*) FROM tick) + value FROM stat WHERE "
	                            "name = 'ticks_dropped'") != 150;
}

static void what_does_not_fit_at_the_end_costs_neither_the_end_nor_the_counts(void **state)
{
	expect_on_a_small_disk(end_on_a_full_disk, __func__);
}

static int no_trace_on_a_full_disk(void *file)
{
	struct rlimit none = {0, 0};
	struct error e = {0};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
	return try_open(file, &e) < 0 && strstr(e.text, file) ? 0 : 1;
}

static void a_trace_that_cannot_be_made_leaves_nothing(void **state)
{
	char *before = folder_text(fixture_folder), *after;

	assert_int_equal(child_result(start_child(no_trace_on_a_full_disk, path("run.db"))), 0);
	after = folder_text(fixture_folder);
	assert_string_equal(strchr(before, '\n'), strchr(after, '\n'));
	assert_false(exists(path("run.db")));
	free(before);
	free(after);
}

static int record_until_killed(void *with)
{
	struct trace *t;
	struct trace_run run = fixture_run(false);
	struct error e;
	uint64_t n;

	if (trace_open(with, &run, fixture_facts(), &t, &e) < 0)
		return 1;
	for (n = 0;; n++) {
		if (record_tick(t, n, &e) < 0)
			return 2;
		/* Acknowledged: the parent may count on it. */
		if (write(gate[1], &n, sizeof(n)) != sizeof(n))
			return 3;
	}
}

/* Nothing has a name before it is a trace: who is killed there leaves nothing. */
static void a_new_trace_is_whole_when_it_gets_its_name(void **state)
{
	linked = 0;
	make_trace(path("run.db"));
	assert_int_equal(linked, 1);
	assert_int_equal(files_before, 0);
	refuse_links = true;
	make_trace(path("other.db"));
	refuse_links = false;
	assert_int_equal(linked, 2);
	assert_int_equal(count_files(), 2);
	assert_int_equal(sql_number(path("other.db"), "SELECT count(*) FROM run"), 1);
}

static void a_killed_recorder_leaves_whole_ticks_and_all_that_it_had_acknowledged(void **state)
{
	char *file = path("run.db");
	struct trace_reader *r;
	uint64_t n, acknowledged, last;
	int cycle;
	pid_t pid;

	for (cycle = 1; cycle <= 20; cycle++) {
		assert_int_equal(pipe(gate), 0);
		pid = start_child(record_until_killed, file);
		close(gate[1]);
		for (n = 0; n < (uint64_t)cycle * 7; n++)
			assert_int_equal(read(gate[0], &acknowledged, sizeof(n)), sizeof(n));
		kill(pid, SIGKILL);
		assert_int_equal(child_result(pid), -SIGKILL);
		while (read(gate[0], &n, sizeof(n)) == sizeof(n))
			acknowledged = n;
		close(gate[0]);
		r = read_or_fail(file);
		assert_string_equal(trace_reader_note(r), "");
		assert_true(count_whole_ticks(r, cycle, &last) >= acknowledged + 1);
		assert_true(last >= acknowledged);
		trace_reader_close(r);
	}
}

static void an_impossible_tick_is_dropped_at_once_and_holds_up_no_other(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);
	struct error e = {0};

	record_ticks(t, 0, 1);
	assert_true(record_impossible(t, 1, &e) < 0);
	assert_non_null(strstr(e.text, "pcpu_sample"));
	record_ticks(t, 2, 5);
	close_or_fail(t);
	assert_int_equal(count_ticks(file, 1), 4);
	assert_int_equal(stat_of(file, 1, "ticks_dropped", "data_loss"), 1);
}

/*
 * A transaction that is rolled back takes new names with it, and another writer gets their numbers: what is remembered
 * must not survive it.
 */
static void names_stay_right_when_a_tick_is_rolled_back(void **state)
{
	struct trace_tick tick = {.number = 0, .decide_ns = UNKNOWN};
	char *file = path("run.db");
	struct trace *a = open_or_fail(file, false), *b = open_or_fail(file, false);
	const struct trace_tick_row *row;
	struct trace_reader *r;
	struct error e = {0};
	struct sample s;
	size_t i;

	sample_init(&s);
	fixture_sample(&s, 0, 8, 2);
	s.vcpus[7].affinity = cpuset_one(7);
	s.pcpus[1].pcpu = 0;
	assert_true(trace_tick(a, &tick, &s, NULL, &e) < 0);
	fixture_sample(&s, 0, 3, 1);
	memset(s.guests[0].uuid, 7, UUID_BYTES);
	sample_sort(&s);
	assert_int_equal(trace_tick(b, &tick, &s, NULL, &e), 0);
	fixture_sample(&s, 0, 8, 2);
	assert_int_equal(trace_tick(a, &tick, &s, NULL, &e), 0);
	close_or_fail(a);
	close_or_fail(b);
	r = read_or_fail(file);
	assert_int_equal(trace_begin_ticks(r, 1, &e), 0);
	assert_int_equal(trace_next_tick(r, &row, &e), 1);
	for (i = 0; i < 8; i++) {
		assert_memory_equal(row->sample.guests[i].uuid, s.guests[i].uuid, UUID_BYTES);
		assert_string_equal(row->sample.guests[i].name, s.guests[i].name);
		assert_true(cpuset_equal(&row->sample.vcpus[i].affinity, &s.vcpus[i].affinity));
	}
	trace_reader_close(r);
	sample_done(&s);
}

static void restoring_actions_meet_a_lock_and_are_not_lost(void **state)
{
	struct action actions[2] = {{.kind = ACTION_RESTORE, .name = "guest-1", .reason = "stop"},
	                            {.kind = ACTION_RESTORE, .name = "guest-2", .reason = "stop"}};
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);
	struct error e = {0};
	sqlite3 *other;

	record_ticks(t, 0, 1);
	other = hold(file);
	assert_int_equal(trace_actions(t, 8000000000, actions, 2, &e), -EBUSY);
	sqlite3_close(other);
	close_or_fail(t);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM action WHERE tick IS NULL"), 2);
	assert_int_equal(stat_of(file, 1, "ticks_delayed", "info"), -1);
}

static void what_is_counted_survives_a_recorder_that_is_not_closed(void **state)
{
	char *file = path("run.db");
	struct trace *t = open_or_fail(file, false);

	trace_count(t, "late_ticks", "warning", 2);
	trace_event(t, 6000000000, "reconnect", "libvirtd came back");
	record_ticks(t, 0, 1);
	trace_count(t, "late_ticks", "warning", 3);
	trace_count(t, "restarts", "info", 0);
	record_ticks(t, 1, 2);
	assert_int_equal(stat_of(file, 1, "late_ticks", "warning"), 5);
	assert_int_equal(stat_of(file, 1, "restarts", "info"), 0);
	assert_int_equal(sql_number(file, "SELECT count(*) FROM event"), 1);
	close_or_fail(t);
}

static void closing_nothing_is_allowed(void **state)
{
	assert_int_equal(trace_close(NULL, 0, 0, "done", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(everything_that_is_no_trace_is_refused_and_left_as_it_is),
	        TEST(what_one_may_not_write_is_refused_with_the_reason),
	        TEST(what_belongs_to_another_user_is_refused_and_left_as_it_is),
	        TEST(what_lies_beside_a_trace_that_is_to_be_made_is_ours_or_it_is_refused),
	        TEST(a_further_file_of_another_user_is_refused),
	        TEST(a_name_that_leaves_no_room_beside_it_is_refused),
	        TEST(a_closed_trace_is_one_file_with_its_run_ended),
	        TEST(a_second_run_is_added_and_shares_the_names),
	        TEST(without_memory_a_guest_has_a_row_only_when_something_in_it_changed),
	        TEST(recorders_that_start_and_end_at_once_lose_nothing),
	        TEST(what_two_recorders_leave_can_be_read_by_another_user),
	        TEST(the_first_of_two_to_end_leaves_the_file_to_the_other),
	        TEST(ticks_that_meet_a_lock_are_kept_and_written_later),
	        TEST(what_is_kept_at_the_end_is_written_at_the_end),
	        TEST(beyond_the_bound_the_oldest_ticks_are_lost_counted_and_told),
	        TEST(a_gap_tells_of_no_tick_that_is_there),
	        TEST(the_end_tells_of_all_that_is_in_no_file),
	        TEST(a_full_disk_stops_recording_only_until_there_is_room),
	        TEST(what_does_not_fit_at_the_end_costs_neither_the_end_nor_the_counts),
	        TEST(a_trace_that_cannot_be_made_leaves_nothing),
	        TEST(a_new_trace_is_whole_when_it_gets_its_name),
	        TEST(a_killed_recorder_leaves_whole_ticks_and_all_that_it_had_acknowledged),
	        TEST(an_impossible_tick_is_dropped_at_once_and_holds_up_no_other),
	        TEST(names_stay_right_when_a_tick_is_rolled_back),
	        TEST(restoring_actions_meet_a_lock_and_are_not_lost),
	        TEST(what_is_counted_survives_a_recorder_that_is_not_closed),
	        TEST(closing_nothing_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
