/* output_test - files that are whole or as they were, in places where a file may be */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/output.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static int enter_folder(void **state)
{
	char folder[] = "/tmp/vmb-output-XXXXXX";

	*state = strdup(mkdtemp(folder));
	return chdir(*state);
}

static int leave_folder(void **state)
{
	static const char *const left[] = {"file", "link", "pipe", "trace",
	                                   "same", "base", "live", "long"};
	size_t i;

	for (i = 0; i < NR(left); i++)
		unlink(left[i]);
	rmdir("folder");
	i = (size_t)(chdir("/") || rmdir(*state)); /* empty: nothing was left beside */
	free(*state);
	return (int)i;
}

static void hold(const char *path, const char *text)
{
	struct error e;

	if (output_write(path, text, strlen(text), &e) < 0)
		fail_msg("%s: %s", path, e.text);
}

static void expect(const char *path, const char *text)
{
	char seen[64] = "";
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	seen[fread(seen, 1, sizeof(seen) - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(seen, text);
}

static void a_place_is_for_a_file_or_not(void **state)
{
	static const struct {
		const char *path;
		int code;
	} table[] = {
	        {"-", 0},
	        {"file", 0},
	        {"new", 0},
	        {"folder", EINVAL},
	        {"link", EINVAL},
	        {"pipe", EINVAL},
	        {"trace", EINVAL},
	        {"same", EINVAL},
	        {"/dev/null", EINVAL},
	        {"file/new", ENOTDIR},
	        {"base", EINVAL},
	        {"base-wal", EINVAL},
	        {"base-journal", EINVAL},
	        {"file-wal", 0},
	        {"new-shm", 0},
	        {"base-svg", 0},
	        {"base.wal", 0},
	        {"-wal", 0},
	        {"link-wal", 0},
	        {"live-wal", EINVAL}, /* what it is beside cannot be told */
	        {"long", 0},
	};
	static const char database[100] = "SQLite format 3";
	FILE *out;
	struct error e;
	size_t i;
	int r;

	hold("file", "x");
	hold("trace", "x");
	hold("long", "longer than what a database begins with");
	out = fopen("base", "w");
	assert_non_null(out);
	fwrite(database, 1, sizeof(database), out);
	fclose(out);
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(symlink("nowhere", "link"), 0);
	assert_int_equal(symlink("file", "live"), 0);
	assert_int_equal(link("trace", "same"), 0);
	assert_int_equal(mkfifo("pipe", 0600), 0);
	for (i = 0; i < NR(table); i++) {
		r = output_check(table[i].path, "trace", &e);
		if (r != -table[i].code)
			fail_msg("%s: expected %d, seen %d", table[i].path, -table[i].code, r);
	}
}

/* Whether it is a database cannot be told. */
static void what_cannot_be_read_is_not_replaced(void **state)
{
	struct rlimit before, none;
	struct error e;
	int r;

	hold("file", "x");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	r = output_check("file", NULL, &e);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(r, -EMFILE);
	assert_string_equal(e.text, "file: Too many open files");
}

/* The cause is told, though it came long before the end. */
static void what_has_no_room_leaves_the_file_as_it_was(void **state)
{
	static const char much[1 << 17];
	struct rlimit before, little;
	struct output o;
	struct error e;
	int r;

	hold("file", "before");
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	r = output_begin(&o, "file", &e);
	if (!r) {
		fwrite(much, 1, sizeof(much), o.out);
		fflush(o.out);
		r = output_commit(&o, &e);
		output_abandon(&o);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(r, -EFBIG);
	expect("file", "before");
}

static void a_file_is_there_when_it_is_whole(void **state)
{
	struct output o;
	struct error e;

	hold("file", "before");
	assert_int_equal(output_begin(&o, "file", &e), 0);
	fputs("after", o.out);
	expect("file", "before");
	assert_int_equal(output_commit(&o, &e), 0);
	expect("file", "after");
	output_abandon(&o);
	expect("file", "after");
}

static void what_is_abandoned_changes_nothing(void **state)
{
	struct output o;
	struct error e;

	hold("file", "before");
	assert_int_equal(output_begin(&o, "file", &e), 0);
	fputs("after", o.out);
	output_abandon(&o);
	expect("file", "before");
}

static void a_new_file_has_the_mode_of_one(void **state)
{
	mode_t mask = umask(027);
	struct stat is;

	hold("file", "x");
	umask(mask);
	assert_int_equal(stat("file", &is), 0);
	assert_int_equal(is.st_mode & 0777, 0640);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
	struct output o;
	struct error e;

	assert_int_equal(output_begin(&o, "nowhere/file", &e), -ENOENT);
	assert_null(o.out);
	assert_string_equal(e.text, "nowhere/file: No such file or directory");
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)
	static const struct CMUnitTest tests[] = {
	        IN_FOLDER(a_place_is_for_a_file_or_not),
	        IN_FOLDER(what_cannot_be_read_is_not_replaced),
	        IN_FOLDER(what_has_no_room_leaves_the_file_as_it_was),
	        IN_FOLDER(a_file_is_there_when_it_is_whole),
	        IN_FOLDER(what_is_abandoned_changes_nothing),
	        IN_FOLDER(a_new_file_has_the_mode_of_one),
	        IN_FOLDER(a_folder_that_is_not_there_is_an_error),
	};

	return check_all(tests);
}
