/* journal_file_test - the file of the journal: damaged, cut, kept, rewritten, on a disk that fails */
#include <signal.h>
#include <sys/resource.h>

#include "balancer/journal_line.h"
#include "tests/unit/journal_faults.h"

/* Cut the file after every byte: what is read is a prefix of what was noted, and more can be noted behind it. */
static void a_torn_file_is_read_as_far_as_it_is_whole(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(2, 1, "0", "3")},
	              more = pin(2, 0, "0-3", "2");
	static char text[4096];
	size_t size, cut;
	FILE *file;

	note(actions, 2);
	file = fopen(path, "r");
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	for (cut = 0; cut < size; cut++) {
		struct journal *j;

		file = fopen(path, "w");
		fwrite(text, 1, cut, file);
		fclose(file);
		j = reopen();
		assert_int_equal(journal_note(j, &more, 1, NULL), 0);
		journal_close(j);
		j = reopen();
		assert_true(journal_holds(j));
		journal_close(j);
	}
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk is full after every byte, and has room again at the next tick: the journal of the same process is whole. */
static void a_line_that_did_not_fit_does_not_spoil_the_next(void **state)
{
	struct action first = pin(1, 0, "0-3", "1"), more = pin(2, 0, "0-3", "2");
	rlim_t room;

	signal(SIGXFSZ, SIG_IGN);
	for (room = 0; room < 100; room++) {
		struct journal *j = reopen();

		limit_files(room);
		if (journal_note(j, &first, 1, NULL) == 0)
			room = 100;
		limit_files(RLIM_INFINITY);
		assert_int_equal(journal_note(j, &more, 1, NULL), 0);
		journal_close(j);
		expect_restores((const char *[4]){"3", "0-3", "2", "0-3"}, 1, "0-3");
		unlink(path);
	}
	assert_int_equal(room, 101); /* one line did fit: the limit was met at all of its bytes */
}

/* Of a balloon only the first line is written: one that may not have reached the disk is none. */
static void a_line_that_may_not_be_on_disk_is_written_again(void **state)
{
	struct action a = {.kind = ACTION_BALLOON, .name = "guest", .from_kib = 700, .to_kib = 600};
	struct journal *j = reopen();
	struct stat failed, done;

	sync_fails = true;
	assert_int_equal(journal_note(j, &a, 1, NULL), -EIO);
	sync_fails = false;
	assert_int_equal(stat(path, &failed), 0);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(stat(path, &done), 0);
	assert_true(done.st_size > failed.st_size);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(stat(path, &failed), 0);
	assert_int_equal(done.st_size, failed.st_size);
	journal_close(j);
}

/* The mark is taken back on disk before anything is done, also when the first try fails. */
static void what_is_kept_stays_so_until_a_line_is_written(void **state)
{
	struct action a = {.kind = ACTION_BALLOON, .name = "guest", .from_kib = 700, .to_kib = 600};
	struct journal *j = reopen();
	struct stat st;

	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(journal_keep(j, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	limit_files((rlim_t)st.st_size);
	assert_int_equal(journal_note(j, &a, 1, NULL), -EIO);
	limit_files(RLIM_INFINITY);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	journal_close(j);
	j = reopen();
	assert_false(journal_kept(j));
	journal_close(j);
}

static void one_that_cannot_be_read_is_not_taken_for_empty(void **state)
{
	struct journal *j = NULL;
	struct error e;

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(journal_open(path, &j, &e), -EACCES);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(rmdir(path), 0);
}

static void what_cannot_be_read_or_remembered_is_an_error(void **state)
{
	static const struct {
		enum refused what;
		int result;
	} rows[] = {{STRDUP, -ENOMEM}, {FDOPEN, -ENOMEM}, {REALLOC, -ENOMEM}, {FERROR, -EIO}};
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j = NULL;
	size_t i;
	int r;

	note(&a, 1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].what == REALLOC && getenv("UNDER"))
			continue; /* valgrind has a realloc() of its own */
		refused = rows[i].what;
		r = journal_open(path, &j, NULL);
		refused = NOTHING;
		assert_int_equal(r, rows[i].result);
		assert_null(j);
	}
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void what_cannot_be_written_is_not_done_and_not_lost(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), more = pin(2, 0, "0-3", "2");
	struct journal *j;

	note(&a, 1);
	j = reopen();
	refused = FTRUNCATE;
	assert_int_equal(journal_note(j, &more, 1, NULL), -EIO);
	refused = UNLINK;
	assert_int_equal(journal_remove(j, NULL), -EIO);
	refused = NOTHING;
	assert_true(journal_holds(j));
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "2", "0-3"}, 1, "0-3");
}

static void the_file_is_ours_alone(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct stat st;

	note(&a, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static const char *const foreign[] = {
        "hello\n",
        "vmb-journal 2\n",
        "vmb-journal 1\npin x 0 0 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 z 0 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 0 0\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000\n",
        "vmb-journal 1\n\n",
        "vmb-journal 1\nballoon 01000000-0000-0000-0000-000000000000 1\n",
        "vmb-journal 1\nballoon 01000000-0000-0000-0000-000000000000 1 x a\n",
        "vmb-journal 1\nballoon 01000000-0000-0000-0000-000000000000 -1 2 a\n",
        "vmb-journal 1\nballoon 01000000-0000-0000-0000-000000000000 1 18446744073709551615 a\n",
        "vmb-journal 1\nperiod 01000000-0000-0000-0000-000000000000 1 4294967296 a\n",
        "vmb-journal 1\npin\n",
        "vmb-journal 1\nmove 01000000-0000-0000-0000-000000000000 0 0 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 0x 0 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 4294967296 0 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 0 3-1 1 a\n",
        "vmb-journal 1\npin 01000000-0000-0000-0000-000000000000 0 0 1- a\n",
        "vmb-journal 1\nballoon 01000000-0000-0000-0000-000000000000 99999999999999999999 2 a\n",
        "vmb-journal 1\nperiod 01000000-0000-0000-0000-000000000000 x 1 a\n",
        "vmb-journal 1\nperiod 01000000-0000-0000-0000-00000000000 1 1 a\n",
};

static void a_journal_without_a_line_is_not_kept(void **state)
{
	struct journal *j = reopen();

	assert_int_equal(journal_keep(j, NULL), 0);
	assert_false(journal_kept(j));
	journal_close(j);
	j = reopen();
	assert_false(journal_holds(j) || journal_kept(j));
	journal_close(j);
}

static void what_is_kept_is_marked_once(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;
	off_t size;

	note(&a, 1);
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	size = size_of_file();
	assert_int_equal(journal_keep(j, NULL), 0);
	assert_int_equal(size_of_file(), size);
	journal_close(j);
}

/* Without the mark the next start puts back, which is safe: nobody is told that they are kept. */
static void what_cannot_be_marked_is_not_kept(void **state)
{
	char aside[sizeof(path) + 8];
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;

	snprintf(aside, sizeof(aside), "%s.aside", path);
	note(&a, 1);
	j = reopen();
	signal(SIGXFSZ, SIG_IGN);
	limit_files((rlim_t)size_of_file());
	assert_int_equal(journal_keep(j, NULL), -EIO);
	limit_files(RLIM_INFINITY);
	assert_false(journal_kept(j));
	journal_close(j);
	/* One that cannot be opened to write. */
	j = reopen();
	assert_int_equal(rename(path, aside), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_true(journal_keep(j, NULL) < 0);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rename(aside, path), 0);
	journal_close(j);
	j = reopen();
	assert_false(journal_kept(j));
	sync_fails = true;
	assert_int_equal(journal_keep(j, NULL), -EIO);
	sync_fails = false;
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void another_kind_of_file_is_refused_by_name(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		FILE *file = fopen(path, "w");
		struct journal *j = NULL;
		struct error e;

		fputs(foreign[i], file);
		fclose(file);
		if (journal_open(path, &j, &e) != -EBADMSG || !strstr(e.text, path))
			fail_msg("'%s' was taken", foreign[i]);
	}
}

#define LINE "pin 01000000-0000-0000-0000-000000000000 0 0-3 1 a"

/* Each of them ends as if its writer had died, or seems to end early. What stands behind it would be lost. */
static const struct {
	const char *text;
	size_t length;
} damaged[] = {
#define BYTES(text)                    \
	{                              \
		text, sizeof(text) - 1 \
	}
        BYTES("hello"),
        BYTES("vmb-journal 1 " LINE),
        BYTES("vmb-journal 1 " LINE "\n" LINE "\n"),
        BYTES("\0\0\0\0"),
        BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\n" LINE "\n"),
        BYTES("vmb-journal 1\0\n" LINE "\n"),
        BYTES("vmb-journal 1\n" LINE "\n" LINE "\0\n" LINE "\n"),
        BYTES("vmb-journal 1\n" LINE "\npin 0100\0\0\0\0" LINE "\n"),
        BYTES("vmb-journal 1\n" LINE "\n\0\0\0\0"),
        BYTES("vmb-journal 1\n" LINE "\nkept\0"),
#undef BYTES
};

static void write_file(const char *text, size_t length, size_t filling)
{
	FILE *file = fopen(path, "w");

	fwrite(text, 1, length, file);
	while (filling--)
		fputc('x', file);
	fclose(file);
}

static void expect_refused(off_t size)
{
	struct journal *j = NULL;
	struct error e;

	assert_int_equal(journal_open(path, &j, &e), -EBADMSG);
	assert_non_null(strstr(e.text, path));
	assert_int_equal(size_of_file(), size);
}

static void what_is_damaged_is_not_taken_for_complete(void **state)
{
	static const char start[] = "vmb-journal 1\n" LINE "\n";
	const size_t length = strlen(start);
	FILE *file;
	size_t i;

	for (i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		write_file(damaged[i].text, damaged[i].length, 0);
		expect_refused((off_t)damaged[i].length);
	}
	write_file(start, length, 2 * JOURNAL_LINE); /* too long, and the last one */
	expect_refused((off_t)length + 2 * JOURNAL_LINE);
	file = fopen(path, "a");
	fputs("\n" LINE "\n", file);
	fclose(file);
	expect_refused(size_of_file());
}

/* It came while we had none open. */
static void what_is_damaged_is_not_cut_off(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	size_t i;

	for (i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++) {
		struct journal *j = reopen();
		struct error e;

		write_file(damaged[i].text, damaged[i].length, 0);
		if (!memchr(damaged[i].text, '\n', damaged[i].length))
			assert_true(journal_note(j, &a, 1, &e) < 0);
		else
			journal_note(j, &a, 1, &e);
		assert_true(size_of_file() >= (off_t)damaged[i].length);
		journal_close(j);
		unlink(path);
	}
}

/* As with a user's run-time folder when he logs out. */
static void one_that_was_removed_is_written_anew(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(1, 1, "0-3", "2");
	struct journal *j = reopen();
	struct error e;

	assert_int_equal(journal_stay(j, &e), 0); /* there was none */
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	assert_int_equal(journal_stay(j, &e), 0);
	unlink(path);
	writes_left = 1;
	assert_int_equal(journal_stay(j, &e), -EIO);
	assert_non_null(strstr(e.text, "was removed"));
	writes_left = -1;
	assert_int_equal(access(path, F_OK), -1);
	write_file("vmb-journal 1\n", 14, 0); /* someone else's */
	assert_int_equal(journal_stay(j, &e), -EBUSY);
	unlink(path);
	assert_int_equal(journal_stay(j, &e), 0);
	assert_int_equal(journal_note(j, &b, 1, &e), 0);
	expect_restores((const char *[4]){"1", "2", "0-3", "0-3"}, 2, "0-3");
	assert_int_equal(journal_keep(j, &e), 0);
	unlink(path);
	assert_int_equal(journal_stay(j, &e), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_kept(j) && journal_holds(j));
	journal_close(j);
}

/* Whoever is killed once a note has failed leaves what was noted before, all of it, and nothing else. */
static void one_that_is_written_anew_is_whole_or_not_there(void **state)
{
	struct action noted[] = {pin(1, 0, "0-3", "1"), pin(1, 1, "0-3", "2")};
	struct action more = pin(2, 0, "0-3", "3");
	struct journal *j = reopen();
	int failing;

	assert_int_equal(journal_note(j, noted, 2, NULL), 0);
	for (failing = 0; failing < 3; failing++) {
		writes_left = 0;
		assert_int_equal(journal_note(j, &more, 1, NULL), -EIO);
		unlink(path);
		writes_left = failing; /* of the header and two lines */
		assert_int_equal(journal_note(j, &more, 1, NULL), -EIO);
		assert_int_equal(size_of_file(), -1);
	}
	/* One that was emptied is written anew in the same way. */
	assert_int_equal(journal_note(j, &more, 1, NULL), 0);
	writes_left = 0;
	assert_int_equal(journal_note(j, noted, 1, NULL), -EIO);
	assert_int_equal(truncate(path, 0), 0);
	writes_left = 2;
	assert_int_equal(journal_note(j, noted, 1, NULL), -EIO);
	assert_int_equal(size_of_file(), 0);
	assert_int_equal(journal_note(j, noted, 1, NULL), 0);
	expect_restores((const char *[4]){"1", "2", "3", "0-3"}, 3, "0-3");
	journal_close(j);
}

/* The next start would take a line for a change that was made, and set a balloon that its owner has changed since. */
static void of_a_note_that_failed_no_line_is_left(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 1, "0-3", "2")};
	struct action first = pin(2, 0, "0-3", "3");
	struct journal *j = reopen();
	struct error e;
	off_t size;

	assert_int_equal(journal_note(j, &first, 1, &e), 0);
	size = size_of_file();
	writes_left = 1; /* of two lines the second */
	assert_int_equal(journal_note(j, actions, 2, &e), -EIO);
	assert_int_equal(size_of_file(), size);
	sync_fails = true;
	assert_int_equal(journal_note(j, actions, 2, &e), -EIO);
	assert_int_equal(size_of_file(), size);
	assert_int_equal(journal_keep(j, &e), -EIO);
	assert_int_equal(size_of_file(), size);
	assert_int_equal(journal_keep(j, &e), -EIO); /* not taken for done */
	sync_fails = false;
	assert_int_equal(journal_note(j, NULL, 0, &e), 0); /* it is open now */
	refused = FTRUNCATE;
	writes_left = 1;
	assert_int_equal(journal_note(j, actions, 2, &e), -EIO);
	refused = NOTHING;
	assert_non_null(strstr(e.text, "may tell of what was not done"));
	journal_close(j);
}

static void one_that_was_emptied_is_written_anew(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(1, 1, "0-3", "2");
	struct journal *j = reopen();

	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(journal_note(j, &b, 1, NULL), 0);
	expect_restores((const char *[4]){"1", "2", "0-3", "0-3"}, 2, "0-3");
	unlink(path);
	writes_left = 0;
	assert_int_equal(journal_keep(j, NULL), -EIO);
	assert_false(journal_kept(j));
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_kept(j) && journal_holds(j));
	journal_close(j);
}

/* A file that was made, and is then refused by its checks, is nobody's. */
static void one_that_cannot_be_checked_is_not_left_behind(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j = reopen();
	char beside[sizeof(path) + 8];

	snprintf(beside, sizeof(beside), "%s.new", path);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	unlink(path);
	fstats_left = 1; /* after that which finds the file gone */
	assert_int_equal(journal_stay(j, NULL), -EACCES);
	assert_int_equal(access(beside, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(journal_stay(j, NULL), 0);
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

/* Nor does a file that was left beside it, or that someone has put there, do any harm. */
static void one_that_cannot_be_rewritten_is_appended_to(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2")};
	struct journal *j = reopen();
	char beside[sizeof(path) + 8];
	off_t size;
	size_t i;

	snprintf(beside, sizeof(beside), "%s.new", path);
	assert_int_equal(symlink("/dev/null", beside), 0);
	for (i = 0; i < 3000; i++) {
		assert_int_equal(journal_note(j, &actions[i > 0], 1, NULL), 0);
		no_fsync = true; /* it is begun */
	}
	size = size_of_file();
	assert_true(size > 3000 * 50);
	assert_int_equal(access(beside, F_OK), -1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	assert_int_equal(mkdir(beside, 0700), 0);
	no_fsync = false;
	for (i = 0; i < 3000; i++)
		assert_int_equal(journal_note(j, &actions[1], 1, NULL), 0);
	assert_true(size_of_file() > size);
	assert_int_equal(rmdir(beside), 0);
	for (i = 0; i < 6000; i++)
		assert_int_equal(journal_note(j, &actions[1], 1, NULL), 0);
	assert_true(size_of_file() < size);
	journal_close(j);
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 1, "0-3");
}

/* As below, with more that can go wrong: what was noted is never less than it was. */
static void what_fails_where_a_file_or_a_life_is_gone_does_no_harm(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(2, 0, "0-3", "2");
	struct journal *j = reopen();
	struct sample s;
	struct error e;

	sample_with(&s, (const char *const[4]){"0-3", "0-3", "2", "0-3"});
	s.guests[0].instance = s.guests[1].instance = 1;
	journal_sees(j, &s);
	if (!getenv("UNDER")) { /* valgrind has a realloc() of its own */
		for (reallocs_left = 0; reallocs_left < 2;) {
			int left = reallocs_left;

			assert_int_equal(journal_note(j, &a, 1, &e), -ENOMEM);
			reallocs_left = left + 1;
		}
		reallocs_left = -1;
	}
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	assert_int_equal(journal_note(j, &b, 1, &e), 0);
	unlink(path);
	no_fsync = true;
	assert_int_equal(journal_note(j, &a, 1, &e), -EIO);
	no_fsync = false;
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	journal_close(j);

	/* One that was read, and removed before the next note. */
	j = reopen();
	unlink(path);
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	expect_restores((const char *[4]){"0", "0-3", "2", "0-3"}, 1, "0-3");
	assert_int_equal(journal_keep(j, &e), 0);
	journal_close(j);

	/* Kept, of a guest in another life: the file stays. */
	j = reopen();
	journal_sees(j, &s);
	s.guests[0].instance = 2;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	assert_true(journal_knows(j, &b));
	journal_close(j);

	/* Nothing that could be written to, on a host that does not tell which pCPUs are online. */
	unlink(path);
	note(&a, 1);
	note(&b, 1);
	j = reopen();
	journal_sees(j, &s);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	s.guests[0].instance = 3;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	assert_int_equal(rmdir(path), 0);
	s.online = (struct cpuset){0};
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	journal_close(j);
	sample_done(&s);
}

static void note_each(struct journal *j, size_t nr)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(1, 0, "2", "1")};
	size_t i;

	for (i = 0; i < nr; i++)
		assert_int_equal(journal_note(j, &actions[i ? 2 - i % 2 : 0], 1, NULL), 0);
}

/* Whatever fails while it is rewritten, header or line, memory or folder: what was noted is noted. */
static void what_fails_while_it_is_rewritten_does_no_harm(void **state)
{
	static const struct {
		enum refused what;
		int writes_left;
	} rows[] = {{NOTHING, 1}, {NOTHING, 3}, {MALLOC, -1}, {RENAME, -1}, {FOLDER, -1}};
	size_t i, n;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal *j = reopen();
		struct action a[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"),
		                     pin(1, 0, "2", "1")};

		for (n = 0; n < 2002; n++) {
			refused = n ? rows[i].what
			            : NOTHING; /* to begin it is to replace nothing */
			writes_left = n ? rows[i].writes_left : -1;
			assert_int_equal(journal_note(j, &a[n ? 2 - n % 2 : 0], 1, NULL), 0);
			refused = NOTHING;
			writes_left = -1;
		}
		journal_close(j);
		expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
		unlink(path);
	}
}

static void one_of_the_current_folder_is_rewritten_too(void **state)
{
	char here[512], where[sizeof(path)], *name;
	struct journal *j = NULL;

	assert_non_null(getcwd(here, sizeof(here)));
	memcpy(where, path, sizeof(path));
	name = strrchr(where, '/');
	*name++ = '\0';
	assert_int_equal(chdir(where), 0);
	assert_int_equal(journal_open(name, &j, NULL), 0);
	note_each(j, 2100);
	journal_close(j);
	assert_int_equal(chdir(here), 0);
	assert_true(size_of_file() < 200 * 70);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

/* It was longer than is worth keeping when it was to be kept: nothing is noted, and it stays so. */
static void one_that_is_kept_is_not_rewritten(void **state)
{
	struct journal *j = reopen();
	off_t size;

	note_each(j, 1);
	no_fsync = true; /* so that it is long */
	note_each(j, 2500);
	no_fsync = false;
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	size = size_of_file();
	j = reopen();
	assert_int_equal(journal_note(j, NULL, 0, NULL), 0);
	assert_true(journal_kept(j));
	assert_int_equal(size_of_file(), size);
	journal_close(j);
}

/* Between reading it and writing to it. */
static void one_that_changed_meanwhile_is_left_as_it_is(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), more = pin(2, 0, "0-3", "2");
	static char strange[2 * JOURNAL_LINE];
	struct journal *j;
	off_t size;
	int fd, failing;

	note(&a, 1);
	j = reopen();
	refused = LSEEK;
	assert_int_equal(journal_note(j, &more, 1, NULL), -EBADMSG);
	refused = NOTHING;
	for (failing = 0; failing < 2; failing++) {
		preads_left = failing;
		assert_int_equal(journal_note(j, &more, 1, NULL), -EBADMSG);
	}
	memset(strange, 'x', sizeof(strange));
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, strange, sizeof(strange)), sizeof(strange));
	close(fd);
	size = size_of_file();
	assert_int_equal(journal_note(j, &more, 1, NULL), -EBADMSG);
	assert_int_equal(size_of_file(), size);
	journal_close(j);
}

static void a_symlink_is_not_followed(void **state)
{
	struct journal *j = NULL;
	struct error e;

	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(journal_open(path, &j, &e), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(a_torn_file_is_read_as_far_as_it_is_whole),
	        test(a_line_that_did_not_fit_does_not_spoil_the_next),
	        test(a_line_that_may_not_be_on_disk_is_written_again),
	        test(what_is_kept_stays_so_until_a_line_is_written),
	        test(one_that_cannot_be_read_is_not_taken_for_empty),
	        test(what_cannot_be_read_or_remembered_is_an_error),
	        test(what_cannot_be_written_is_not_done_and_not_lost),
	        test(the_file_is_ours_alone),
	        test(a_journal_without_a_line_is_not_kept),
	        test(what_is_kept_is_marked_once),
	        test(what_cannot_be_marked_is_not_kept),
	        test(another_kind_of_file_is_refused_by_name),
	        test(what_is_damaged_is_not_taken_for_complete),
	        test(what_is_damaged_is_not_cut_off),
	        test(one_that_was_removed_is_written_anew),
	        test(one_that_is_written_anew_is_whole_or_not_there),
	        test(of_a_note_that_failed_no_line_is_left),
	        test(one_that_was_emptied_is_written_anew),
	        test(one_that_cannot_be_checked_is_not_left_behind),
	        test(what_fails_where_a_file_or_a_life_is_gone_does_no_harm),
	        test(what_fails_while_it_is_rewritten_does_no_harm),
	        test(one_of_the_current_folder_is_rewritten_too),
	        test(one_that_is_kept_is_not_rewritten),
	        test(one_that_changed_meanwhile_is_left_as_it_is),
	        test(one_that_cannot_be_rewritten_is_appended_to),
	        test(a_symlink_is_not_followed),
	};

	return check_all(tests);
}
