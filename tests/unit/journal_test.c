/* journal_test - what is noted can be put back, whatever happened in between */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "balancer/journal.h"
#include "balancer/journal_line.h"
#include "tests/unit/check.h"

static char folder[] = "/tmp/vmb-journal-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/journal", folder);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static struct action pin(uint8_t guest, uint32_t vcpu, const char *from, const char *to)
{
	struct action a = {.kind = ACTION_PIN, .vcpu = vcpu, .name = "guest"};

	a.guest[0] = guest;
	assert_int_equal(cpuset_parse(from, &a.from), 0);
	assert_int_equal(cpuset_parse(to, &a.to), 0);
	return a;
}

/* A host with two guests of two vCPUs each, with these affinities. */
static void sample_with(struct sample *s, const char *const affinities[4])
{
	uint8_t uuid[UUID_BYTES] = {0};
	size_t i;

	sample_init(s);
	cpuset_parse("0-3", &s->online);
	s->usable = s->online;
	for (i = 0; i < 4; i++) {
		uuid[0] = (uint8_t)(i / 2 + 1);
		if (i % 2 == 0)
			sample_add_guest(s, uuid, "guest");
		cpuset_parse(affinities[i], &sample_add_vcpu(s, i % 2)->affinity);
	}
	assert_int_equal(sample_sort(s), 0);
}

static struct journal *reopen(void)
{
	struct journal *j = NULL;
	struct error e;

	if (journal_open(path, &j, &e) < 0)
		fail_msg("%s", e.text);
	return j;
}

static void expect_restores(const char *const affinities[4], size_t nr, const char *first)
{
	struct journal *j = reopen();
	struct action *actions = NULL;
	char text[CPUSET_TEXT];
	struct sample s;
	size_t n = 99;

	sample_with(&s, affinities);
	assert_int_equal(journal_restores(j, &s, &actions, &n, NULL), 0);
	assert_int_equal(n, nr);
	if (n)
		assert_string_equal(cpuset_text(&actions[0].to, text, sizeof(text)), first);
	free(actions);
	sample_done(&s);
	journal_close(j);
}

static void note(const struct action *actions, size_t nr)
{
	struct journal *j = reopen();

	assert_int_equal(journal_note(j, actions, nr, NULL), 0);
	journal_close(j);
}

static void the_first_affinity_is_put_back(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(2, 1, "0", "3")};

	note(actions, 3);
	expect_restores((const char *[4]){"2", "0-3", "0-3", "3"}, 2, "0-3");
}

static void a_change_that_was_noted_but_not_made_needs_nothing(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");

	note(&a, 1);
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 0, NULL);
}

static void a_crash_between_two_changes_still_restores(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2")};

	note(actions, 2);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1,
	                "0-3"); /* the second was not made */
}

static void what_someone_else_changed_since_is_theirs(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");

	note(&a, 1);
	expect_restores((const char *[4]){"2-3", "0-3", "0-3", "0-3"}, 0, NULL);
}

/* Also to where we had it once: a line that found it elsewhere by our hand has ruled that out. */
static void where_it_once_was_by_us_is_theirs_too(void **state)
{
	struct action moves[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(1, 0, "2", "3")};
	struct action again = pin(1, 0, "1", "2");

	note(moves, 3);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 0, NULL);
	expect_restores((const char *[4]){"3", "0-3", "0-3", "0-3"}, 1, "0-3");
	note(&again, 1); /* its owner has put it on 1, and we have moved it */
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 1, "1");
}

/* While orders fail nobody knows which of them will be heard: any may be, and whoever was rules out those before. */
static void what_may_still_be_heard_is_ours(void **state)
{
	struct action tries[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "0-3", "2"),
	                         pin(1, 0, "0-3", "3")};
	struct action next = pin(1, 0, "2", "0");
	static const char *const heard[] = {"1", "2", "3"};
	size_t i;

	note(tries, 3);
	for (i = 0; i < 3; i++)
		expect_restores((const char *[4]){heard[i], "0-3", "0-3", "0-3"}, 1, "0-3");
	note(&next, 1); /* the second was heard */
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 0, NULL);
	for (i = 1; i < 3; i++)
		expect_restores((const char *[4]){heard[i], "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_restores((const char *[4]){"0", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void what_the_kernel_gave_for_our_pcpu_is_put_back(void **state)
{
	struct action a = pin(1, 0, "2", "7"); /* the host has 0-3 now */
	struct action *back;
	struct journal *j;
	struct sample s;
	size_t nr;

	note(&a, 1);
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 1, "2");
	expect_restores((const char *[4]){"0-1", "0-3", "0-3", "0-3"}, 0, NULL);
	/* Not where nobody tells which are online. */
	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.online = (struct cpuset){0};
	j = reopen();
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 0);
	free(back);
	journal_close(j);
	sample_done(&s);
}

/* Its owner narrows it while we balance, and we move it within that. */
static void what_its_owner_gave_it_meanwhile_is_put_back(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"),
	                           pin(1, 0, "2-3", "3"), pin(1, 0, "3", "2")};

	note(actions, 4);
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 1, "2-3");
}

static void note_online(const char *list, const struct action *actions, size_t nr)
{
	struct journal *j = reopen();
	struct sample now;

	sample_init(&now);
	assert_int_equal(cpuset_parse(list, &now.online), 0);
	journal_sees(j, &now);
	assert_int_equal(journal_note(j, actions, nr, NULL), 0);
	journal_close(j);
}

static void one_that_floated_floats_also_on_pcpus_that_came_since(void **state)
{
	struct action a = pin(1, 0, "0-2", "1");

	note_online("0-2", &a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void pcpus_that_the_kernel_gave_for_lost_ones_are_no_original(void **state)
{
	struct action before = pin(1, 0, "1-3", "3"), after = pin(1, 0, "0-2", "1");

	note_online("0-3", &before, 1);
	note_online("0-2", &after, 1); /* pCPU 3 is gone */
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "1-3");
}

static void a_guest_that_is_gone_is_left_out(void **state)
{
	struct action a = pin(7, 0, "0-3", "1");

	note(&a, 1);
	expect_restores((const char *[4]){"1", "1", "1", "1"}, 0, NULL);
}

static void pcpus_that_went_offline_are_left_out_of_the_mask(void **state)
{
	struct action actions[] = {pin(1, 0, "2-9", "1")};

	note(actions, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "2-3");
}

static void an_original_that_is_offline_altogether_becomes_all(void **state)
{
	struct action actions[] = {pin(1, 0, "8", "1")};

	note(actions, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void restoring_twice_changes_nothing(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;

	note(&a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 0, NULL);
	j = reopen();
	assert_int_equal(journal_remove(j, NULL), 0);
	assert_false(journal_holds(j));
	journal_close(j);
	assert_int_equal(access(path, F_OK), -1);
}

static void pins_to_keep_are_marked_until_the_next_change(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(1, 1, "0-3", "2");
	struct journal *j;

	note(&a, 1);
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_holds(j) && journal_kept(j));
	journal_close(j);
	note(&b, 1);
	j = reopen();
	assert_false(journal_kept(j));
	journal_close(j);
	expect_restores((const char *[4]){"1", "2", "0-3", "0-3"}, 2, "0-3");
}

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
		expect_restores((const char *[4]){"0-3", "0-3", "2", "0-3"}, 1, "0-3");
		unlink(path);
	}
	assert_int_equal(room, 101); /* one line did fit: the limit was met at all of its bytes */
}

static bool sync_fails;

int fdatasync(int fd)
{
	errno = EIO;
	return sync_fails ? -1 : 0;
}

/* Of three pCPUs in a row two: no other list is as long. */
static void the_longest_lists_of_pcpus_are_read_as_written(void **state)
{
	struct action a = {.kind = ACTION_PIN, .name = "guest"}, read;
	struct journal *j = reopen();
	static char line[JOURNAL_LINE];
	struct error e;
	unsigned i;

	for (i = 0; i < PCPU_MAX; i++)
		cpuset_add(i % 3 < 2 ? &a.from : &a.to, i);
	for (i = 0; i < PCPU_MAX; i += 3)
		cpuset_add(&a.to, i);
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_holds(j));
	journal_close(j);
	journal_line_write(&a, line);
	line[strlen(line) - 1] = '\0';
	assert_int_equal(journal_line_read(line, &read), 0);
	assert_true(cpuset_equal(&read.from, &a.from) && cpuset_equal(&read.to, &a.to));
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

/* What the library and the disk refuse once a test says so. */
enum refused {
	NOTHING,
	REALLOC,
	STRDUP,
	FDOPEN,
	FTRUNCATE,
	UNLINK,
	FERROR,
	LSEEK,
	RENAME,
	MALLOC,
	FOLDER
};
static enum refused refused;

/* After so many more calls one fails; < 0: none. */
static int writes_left = -1, preads_left = -1, reallocs_left = -1, fstats_left = -1;
static bool no_fsync;

static bool is_last(int *left)
{
	return *left >= 0 && (*left)-- == 0;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

void *realloc(void *old, size_t size)
{
	static __typeof__(&realloc) real;

	if (!real)
		real = REAL(realloc);
	errno = ENOMEM;
	return refused == REALLOC || is_last(&reallocs_left) ? NULL : real(old, size);
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = refused == STRDUP ? NULL : malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

FILE *fdopen(int fd, const char *mode)
{
	return refused == FDOPEN ? NULL : REAL(fdopen)(fd, mode);
}

int ftruncate(int fd, off_t size)
{
	errno = EIO;
	return refused == FTRUNCATE ? -1 : REAL(ftruncate)(fd, size);
}

int unlink(const char *name)
{
	errno = EROFS;
	return refused == UNLINK ? -1 : REAL(unlink)(name);
}

off_t lseek(int fd, off_t offset, int whence)
{
	errno = EIO;
	return refused == LSEEK ? -1 : REAL(lseek)(fd, offset, whence);
}

int rename(const char *from, const char *to)
{
	errno = EROFS;
	return refused == RENAME ? -1 : REAL(rename)(from, to);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	if (!is_last(&writes_left))
		return REAL(write)(fd, bytes, size);
	errno = ENOSPC;
	return -1;
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
	if (!is_last(&preads_left))
		return REAL(pread)(fd, bytes, size, offset);
	errno = EIO;
	return -1;
}

int fstat(int fd, struct stat *st)
{
	errno = EIO;
	return is_last(&fstats_left) ? -1 : REAL(fstat)(fd, st);
}

int fsync(int fd)
{
	errno = ENOSPC;
	return no_fsync ? -1 : 0;
}

int open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	errno = EACCES;
	return refused == FOLDER && flags & O_DIRECTORY ? -1 : REAL(open)(name, flags, mode);
}

/* Those that look for errors in memory have a malloc() of their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
	return refused == MALLOC ? NULL : __libc_malloc(size);
}
#endif

int ferror(FILE *file)
{
	errno = EIO;
	return refused == FERROR ? 1 : REAL(ferror)(file);
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

/* Lines as such, on a host that does not have what they are about. */
static void of_what_is_not_there_nothing_is_put_back(void **state)
{
	struct action a = pin(1, 7, "0-3", "1"), restore;
	struct action period = {.kind = ACTION_PERIOD, .name = "guest", .from_s = 5, .to_s = 1};
	struct sample s;

	sample_with(&s, (const char *[4]){"1", "0-3", "0-3", "0-3"});
	assert_false(journal_line_restore(&a, &s, &restore));
	period.guest[0] = 9;
	assert_false(journal_line_restore(&period, &s, &restore));
	period.guest[0] = 1; /* its period is not told */
	assert_false(journal_line_restore(&period, &s, &restore));
	sample_done(&s);
}

static void what_puts_back_has_no_line(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	static char line[JOURNAL_LINE];
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		a.kind = ACTION_RESTORE;
		journal_line_write(&a, line);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void the_file_is_ours_alone(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct stat st;

	note(&a, 1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_name_cannot_forge_a_line(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;

	strcpy(a.name, "x\npin 00000000-0000-0000-0000-000000000000 0 0 1 y");
	note(&a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	j = reopen();
	journal_close(j);
}

/* ---- balloons and periods ---- */

static struct action balloon(uint8_t guest, uint64_t from_kib, uint64_t to_kib)
{
	struct action a = {
	        .kind = ACTION_BALLOON, .name = "a guest", .from_kib = from_kib, .to_kib = to_kib};

	a.guest[0] = guest;
	return a;
}

static struct action period(uint8_t guest, uint32_t from_s, uint32_t to_s)
{
	struct action a = {
	        .kind = ACTION_PERIOD, .name = "a guest", .from_s = from_s, .to_s = to_s};

	a.guest[0] = guest;
	return a;
}

/* What would be put back on a host where guest 1 has this balloon and period: "512>700 1>0", "" for nothing. */
static void expect_memory_back(uint64_t actual_kib, uint64_t period_s, const char *expected)
{
	struct journal *j = reopen();
	struct action *actions = NULL;
	uint8_t uuid[UUID_BYTES] = {1};
	struct sample_guest *g;
	struct sample s;
	char text[128] = "";
	size_t n, i, used = 0;

	sample_init(&s);
	g = sample_add_guest(&s, uuid, "a guest");
	g->memory.actual_kib = actual_kib;
	g->memory.maximum_kib = 2048;
	g->memory.period_s = period_s;
	assert_int_equal(journal_restores(j, &s, &actions, &n, NULL), 0);
	for (i = 0; i < n; i++) {
		const struct action *a = &actions[i];
		bool is_balloon = a->kind == ACTION_BALLOON_RESTORE;

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d>%d", i ? " " : "",
		                         is_balloon ? (int)a->from_kib : (int)a->from_s,
		                         is_balloon ? (int)a->to_kib : (int)a->to_s);
	}
	if (strcmp(text, expected) != 0)
		fail_msg("'%s', expected '%s'", text, expected);
	free(actions);
	sample_done(&s);
	journal_close(j);
}

static void the_first_size_of_a_balloon_is_put_back(void **state)
{
	struct action actions[] = {balloon(1, 700, 600), balloon(1, 600, 500), balloon(2, 9, 8)};

	note(actions, 3);
	expect_memory_back(500, 1, "500>700");
	expect_memory_back(550, 1, "550>700"); /* an order was under way */
	expect_memory_back(700, 1, "");
	expect_memory_back(900, 1,
	                   "900>700"); /* whether to shrink it is not the journal's matter */
	expect_memory_back(UNKNOWN, 1, "");
}

static void an_original_above_what_the_guest_boots_with_now_is_cut(void **state)
{
	struct action a = balloon(1, 5000, 600);

	note(&a, 1);
	expect_memory_back(600, 1, "600>2048");
}

static void what_someone_else_sets_is_the_original_from_then_on(void **state)
{
	struct action before = balloon(1, 700, 600), theirs = balloon(1, 650, 650),
	              after = balloon(1, 650, 500);

	note(&before, 1);
	note(&theirs, 1);
	note(&after, 1);
	expect_memory_back(500, 1, "500>650");
}

static void a_balloon_that_moves_all_day_has_one_line(void **state)
{
	struct action actions[] = {balloon(1, 700, 600), balloon(1, 600, 500)};
	struct stat first, later;
	struct journal *j;
	int i;

	note(actions, 1);
	assert_int_equal(stat(path, &first), 0);
	j = reopen();
	for (i = 0; i < 100; i++)
		assert_int_equal(journal_note(j, &actions[i % 2], 1, NULL), 0);
	journal_close(j);
	assert_int_equal(stat(path, &later), 0);
	assert_int_equal(later.st_size, first.st_size);
}

static void balloons_to_keep_are_marked_until_the_next_order(void **state)
{
	struct action a = balloon(1, 700, 600);
	struct journal *j;

	note(&a, 1);
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	note(&a, 1);
	j = reopen();
	assert_false(journal_kept(j));
	journal_close(j);
	expect_memory_back(600, 1, "600>700");
}

static void a_period_is_put_back_while_it_is_ours(void **state)
{
	struct action actions[] = {period(1, 0, 1), period(1, 5, 1)};

	note(actions, 1);
	expect_memory_back(600, 1, "1>0");
	expect_memory_back(600, 5, "");
	expect_memory_back(600, UNKNOWN, "");
	note(actions,
	     2); /* someone set it to 5, and it was set again: the first one is the original */
	expect_memory_back(600, 1, "1>0");
}

static void of_a_guest_that_is_gone_no_period_is_put_back(void **state)
{
	struct action actions[] = {period(2, 0, 1), period(1, 0, 1)};

	note(actions, 2);
	expect_memory_back(600, 1, "1>0");
}

static void all_kinds_stand_in_one_journal(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), balloon(1, 700, 600), period(1, 0, 2)};
	struct journal *j;

	note_online("0-3", actions, 3); /* which concerns the pins alone */
	j = reopen();
	assert_true(journal_holds(j));
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_memory_back(600, 2, "600>700 2>0");
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

static off_t size_of_file(void)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : st.st_size;
}

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

/* ---- what repeats is thrown away ---- */

#define RANDOM_LINES 2600 /* more than are worth no rewriting */

static unsigned seed;

static unsigned pick(unsigned nr)
{
	seed = seed * 1103515245 + 12345;
	return seed / 65536 % nr;
}

static struct cpuset random_cpus(void)
{
	struct cpuset cpus = {0};

	if (!pick(12))
		memset(&cpus, 0xff, sizeof(cpus));
	else
		cpus.word[0] = 1 + pick(15);
	return cpus;
}

static struct action random_line(void)
{
	struct action a = pin((uint8_t)(1 + pick(4)), pick(3), "0", "0");

	snprintf(a.name, sizeof(a.name), "guest%u", pick(100));
	a.from = random_cpus();
	a.to = pick(2) ? a.from : random_cpus();
	if (!pick(8)) {
		a = balloon(a.guest[0], 1 + pick(9), 1 + pick(9));
	} else if (!pick(8)) {
		a = period(a.guest[0], pick(3), pick(3));
	}
	return a;
}

static void random_sample(struct sample *s)
{
	uint8_t uuid[UUID_BYTES] = {0};
	struct sample_guest *g;
	size_t i;

	sample_init(s);
	cpuset_parse("0-3", &s->online);
	s->usable = s->online;
	for (uuid[0] = 1; uuid[0] < 4; uuid[0]++) { /* the fourth is gone */
		g = sample_add_guest(s, uuid, "guest");
		g->memory.actual_kib = 1 + pick(9);
		g->memory.maximum_kib = 8;
		g->memory.period_s = pick(3);
		for (i = 0; i < 3; i++)
			sample_add_vcpu(s, (uint32_t)i)->affinity = random_cpus();
	}
	assert_int_equal(sample_sort(s), 0);
}

static bool pin_alike(const struct action *a, const struct action *b, bool from)
{
	return a->kind != ACTION_PIN || cpuset_equal(from ? &a->from : &a->to, &b->from);
}

/* As a period or pins are found by the second as the first has left (from: found) them; balloons always are. */
static bool alike(const struct action *a, const struct action *b, bool from)
{
	return a->kind == ACTION_PERIOD ? (from ? a->from_s : a->to_s) == b->from_s
	                                : pin_alike(a, b, from);
}

/* As journal_index.h promises it, and as slow: what would be put back of the thing whose first line is `first`. */
static bool expected_back(const struct action *lines, size_t nr, size_t first,
                          const struct sample *now, struct action *back)
{
	size_t live[RANDOM_LINES + 60], n = 0, i, k, original = first;
	bool ours = false;

	for (i = 0; i < nr; i++) {
		if (!journal_line_same(&lines[i], &lines[first]))
			continue;
		if (i < first)
			return false;
		for (k = n; k && !alike(&lines[live[k - 1]], &lines[i], false); k--)
			;
		if (i > first && alike(&lines[original], &lines[i], true))
			k = 1; /* as before: all that may be heard may be heard */
		if (i > first && journal_line_anew(&lines[i], k > 0)) {
			original = i;
			n = 0;
		} else if (k) {
			n -= k - 1;
			memmove(live, live + k - 1, n * sizeof(*live));
		}
		live[n++] = i;
	}
	for (i = 0; i < n; i++)
		ours |= journal_line_ours(&lines[live[i]], now);
	return ours && journal_line_restore(&lines[original], now, back);
}

static void expect_same_answers(const struct action *lines, size_t nr)
{
	struct journal *j = reopen();
	struct action *seen, back;
	struct sample now;
	size_t i, k, n, nr_seen;

	random_sample(&now);
	assert_int_equal(journal_restores(j, &now, &seen, &nr_seen, NULL), 0);
	for (i = n = 0; i < nr; i++)
		if (expected_back(lines, nr, i, &now, &back)) {
			for (k = 0; k < nr_seen && memcmp(&back, &seen[k], sizeof(back)); k++)
				;
			assert_true(k < nr_seen);
			n++;
		}
	assert_int_equal(n, nr_seen);
	free(seen);
	sample_done(&now);
	journal_close(j);
}

/* Without the balloons that need no line: those are left out in the file, not in what is expected. */
static void one_that_was_rewritten_answers_as_before(void **state)
{
	static struct action lines[RANDOM_LINES + 60];
	size_t i, journal, more;

	for (journal = 0; journal < 200; journal++) {
		struct journal *j = reopen();

		seed = (unsigned)journal;
		for (i = 0; i < RANDOM_LINES + 60; i++)
			lines[i] = random_line();
		assert_int_equal(journal_note(j, lines, RANDOM_LINES, NULL), 0);
		assert_true(size_of_file() < RANDOM_LINES * 20); /* of 55 bytes each */
		expect_same_answers(lines, RANDOM_LINES);
		for (i = RANDOM_LINES, more = 0; more < 3; more++, i += 20) {
			assert_int_equal(journal_note(j, &lines[i], 20, NULL), 0);
			expect_same_answers(lines, i + 20);
		}
		journal_close(j);
		unlink(path);
	}
}

static void one_that_is_noted_all_day_stays_small(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(1, 0, "2", "1")};
	struct journal *j = reopen();
	struct stat st;
	size_t i;

	assert_int_equal(journal_note(j, actions, 1, NULL), 0);
	for (i = 0; i < 50000; i++)
		assert_int_equal(journal_note(j, &actions[1 + i % 2], 1, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 2100 * 70);
	assert_int_equal(st.st_mode & 0777, 0600);
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

/* Of 5,000 guests each is gone when the next one comes; how large the file is then. */
static off_t guests_that_come_and_go(bool list_fails, size_t nr_unread)
{
	struct journal *j = reopen();
	struct action a;
	off_t size;
	size_t i;

	for (i = 0; i < 5000; i++) {
		struct sample now;

		a = pin((uint8_t)(i % 256), 0, "0-3", "1");
		a.guest[1] = (uint8_t)(i / 256);
		sample_init(&now);
		cpuset_parse("0-3", &now.online);
		sample_add_guest(&now, a.guest, "guest");
		now.known_guests = list_fails;
		now.nr_unread = nr_unread;
		journal_sees(j, &now);
		assert_int_equal(journal_note(j, &a, 1, NULL), 0);
		journal_sees(j, NULL);
		sample_done(&now);
	}
	size = size_of_file();
	journal_close(j);
	unlink(path);
	return size;
}

static void guests_that_are_gone_are_forgotten(void **state)
{
	assert_true(guests_that_come_and_go(false, 0) < 2100 * 60);
	assert_true(guests_that_come_and_go(true, 0) > 5000 * 50);
	assert_true(guests_that_come_and_go(false, 1) > 5000 * 50);
}

/* What it was given in its life before is not its own; a guest that was away for a while and is the same has it still. */
static void a_guest_that_was_started_anew_has_originals_of_its_own(void **state)
{
	static const struct {
		uint32_t again; /* instance, 1 before */
		bool away;
		const char *original;
	} table[] = {{2, false, "0-3"}, {2, true, "0-3"}, {1, true, "0"}, {1, false, "0"}};
	struct action before = pin(1, 0, "0", "1"), after = pin(1, 0, "0-3", "2"),
	              other = pin(2, 0, "3", "2");
	struct sample s, none;
	struct journal *j;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const bool anew = table[i].again != 1;

		sample_with(&s, (const char *const[4]){"0", "0", "3", "3"});
		s.guests[0].instance = s.guests[1].instance = 1;
		sample_with(&none, (const char *const[4]){"0", "0", "3", "3"});
		none.guests[0] = none.guests[1];
		none.nr_guests = 1;
		none.guests[0].instance = 1;
		j = reopen();
		journal_sees(j, &s);
		assert_int_equal(journal_note(j, &before, 1, NULL), 0);
		assert_int_equal(journal_note(j, &other, 1, NULL), 0);
		if (table[i].away)
			journal_sees(j, &none);
		s.guests[0].instance = table[i].again;
		journal_sees(j, &s);
		assert_true(journal_knows(j, &before) == !anew);
		if (!anew) /* it comes with the pin that it had */
			cpuset_parse("1", &after.from);
		assert_int_equal(journal_note(j, &after, 1, NULL), 0);
		journal_close(j);
		expect_restores((const char *[4]){"2", "0-3", "3", "3"}, 1, table[i].original);
		/* Read again, of guests that are what they were when first seen. */
		j = reopen();
		journal_sees(j, &s);
		assert_true(journal_knows(j, &after));
		s.guests[0].instance = 7;
		s.guests[1].instance = 7;
		journal_sees(j, &s);
		assert_false(journal_holds(j));
		assert_int_equal(access(path, F_OK), -1);
		journal_close(j);
		sample_done(&s);
		sample_done(&none);
	}
}

/* libvirt keeps live pins with a guest that is saved: it has ours when it is restored, under another number. */
static void a_guest_that_brings_our_pin_along_gets_its_own_back(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j = reopen();
	struct sample s;

	sample_with(&s, (const char *const[4]){"1", "0-3", "3", "3"});
	s.guests[0].instance = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	s.guests[0].instance = 2;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &a));
	/* And when it is started anew after that, without it. */
	cpuset_parse("0-3", &s.vcpus[0].affinity);
	s.guests[0].instance = 3;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	journal_close(j);
	sample_done(&s);
}

/*
 * One that cannot be put back yet keeps what is owed to it, and not what others had in a life before: a vCPU that floats now
 * would be pinned at the end. Who is not there may come back.
 */
static void what_is_not_owed_any_more_is_forgotten(void **state)
{
	struct action noted[] = {pin(1, 0, "0", "1"), pin(1, 1, "0", "2"), pin(2, 0, "3", "2"),
	                         pin(2, 1, "3", "1"), pin(9, 0, "0", "1"), balloon(2, 700, 600)};
	struct action pins_again = pin(1, 1, "0-3", "2");
	struct journal *j = reopen();
	struct action *back;
	struct sample s;
	size_t nr;

	assert_int_equal(journal_note(j, noted, 6, NULL), 0);
	sample_with(&s, (const char *const[4]){"1", "0-3", "2", "1"});
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 3);
	back[0].result = RESULT_DONE;
	back[1].result = RESULT_FAILED;
	back[2].result = RESULT_GONE;
	s.nr_unread = 1;
	journal_settle(j, &s, back, nr);
	s.nr_unread = 0;
	s.known_guests = true;
	journal_settle(j, &s, back, nr);
	s.known_guests = false;
	assert_true(journal_knows(j, &noted[0]) && journal_knows(j, &noted[5]));
	journal_settle(j, &s, back, nr);
	free(back);
	assert_false(journal_knows(j, &noted[0]));
	assert_false(journal_knows(j, &noted[1]));
	assert_true(journal_knows(j, &noted[2]));
	assert_false(journal_knows(j, &noted[3]));
	assert_true(journal_knows(j, &noted[4]));
	assert_false(journal_knows(j, &noted[5]));
	assert_int_equal(journal_note(j, &pins_again, 1, NULL), 0);
	journal_close(j);
	expect_restores((const char *[4]){"0-3", "2", "2", "1"}, 2, "3");
	expect_restores((const char *[4]){"0-3", "2", "3", "1"}, 1, "0-3");
	/* Nothing to forget, and nothing to write it to. */
	j = reopen();
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	journal_settle(j, &s, back, nr);
	journal_close(j);
	j = reopen();
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	journal_settle(j, &s, NULL, 0);
	assert_false(journal_knows(j, &noted[2]));
	assert_int_equal(rmdir(path), 0);
	free(back);
	journal_close(j);
	sample_done(&s);
}

/* Nor is what is its own forgotten while it is away because of what others do. */
static void one_that_was_saved_is_known_when_it_comes_back(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(2, 0, "0-3", "2");
	struct journal *j = reopen();
	struct sample s, away;

	sample_with(&s, (const char *const[4]){"1", "0-3", "2", "0-3"});
	sample_with(&away, (const char *const[4]){"1", "0-3", "0-3", "0-3"});
	s.guests[0].instance = s.guests[1].instance = 1;
	away.guests[0] = away.guests[1];
	away.guests[0].instance = 2; /* the other one is started anew meanwhile */
	away.nr_guests = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(journal_note(j, &b, 1, NULL), 0);
	journal_sees(j, &away);
	assert_true(journal_knows(j, &a) && !journal_knows(j, &b));
	s.guests[0].instance = 3;
	s.guests[1].instance = 2;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &a));
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	sample_done(&s);
	sample_done(&away);
}

/* What could not be found out for want of memory is found out at the next tick. */
static void a_life_that_ended_without_memory_is_forgotten_later(void **state)
{
	struct action a = pin(1, 0, "0", "1");
	struct journal *j = reopen();
	struct sample s;

	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.guests[0].instance = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	s.guests[0].instance = 2;
	refused = MALLOC;
	journal_sees(j, &s);
	refused = NOTHING;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	journal_close(j);
	sample_done(&s);
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

/* Guests that came and went, and one vCPU that was never left the same way twice: 31 s and 392 s once. */
static void a_long_one_is_put_back_at_once(void **state)
{
	const size_t nr = 40000;
	struct action *a = calloc(nr, sizeof(*a));
	struct journal *j = reopen();
	clock_t start;
	size_t i;

	for (i = 0; i < nr; i++) {
		a[i] = pin(1, 0, "0-3", "1");
		if (i % 2)
			memcpy(a[i].guest + 1, &i, sizeof(i));
		else if (i)
			a[i].to.word[0] = i;
	}
	assert_int_equal(journal_note(j, a, nr, NULL), 0);
	journal_close(j);
	free(a);
	start = clock();
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	/* 0.4 s of CPU; under valgrind twenty times as much. */
	assert_true(clock() - start < (getenv("UNDER") ? 100 : 2) * CLOCKS_PER_SEC);
}

static void a_symlink_is_not_followed(void **state)
{
	struct journal *j = NULL;
	struct error e;

	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(journal_open(path, &j, &e), -EACCES);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(the_first_affinity_is_put_back),
	        test(a_change_that_was_noted_but_not_made_needs_nothing),
	        test(a_crash_between_two_changes_still_restores),
	        test(what_someone_else_changed_since_is_theirs),
	        test(where_it_once_was_by_us_is_theirs_too),
	        test(what_may_still_be_heard_is_ours),
	        test(what_the_kernel_gave_for_our_pcpu_is_put_back),
	        test(what_its_owner_gave_it_meanwhile_is_put_back),
	        test(one_that_floated_floats_also_on_pcpus_that_came_since),
	        test(pcpus_that_the_kernel_gave_for_lost_ones_are_no_original),
	        test(a_guest_that_is_gone_is_left_out),
	        test(pcpus_that_went_offline_are_left_out_of_the_mask),
	        test(an_original_that_is_offline_altogether_becomes_all),
	        test(restoring_twice_changes_nothing),
	        test(pins_to_keep_are_marked_until_the_next_change),
	        test(a_torn_file_is_read_as_far_as_it_is_whole),
	        test(a_line_that_did_not_fit_does_not_spoil_the_next),
	        test(the_longest_lists_of_pcpus_are_read_as_written),
	        test(a_line_that_may_not_be_on_disk_is_written_again),
	        test(what_is_kept_stays_so_until_a_line_is_written),
	        test(one_that_cannot_be_read_is_not_taken_for_empty),
	        test(what_cannot_be_read_or_remembered_is_an_error),
	        test(what_cannot_be_written_is_not_done_and_not_lost),
	        test(of_what_is_not_there_nothing_is_put_back),
	        test(what_puts_back_has_no_line),
	        test(the_file_is_ours_alone),
	        test(a_name_cannot_forge_a_line),
	        test(the_first_size_of_a_balloon_is_put_back),
	        test(an_original_above_what_the_guest_boots_with_now_is_cut),
	        test(what_someone_else_sets_is_the_original_from_then_on),
	        test(a_balloon_that_moves_all_day_has_one_line),
	        test(balloons_to_keep_are_marked_until_the_next_order),
	        test(a_period_is_put_back_while_it_is_ours),
	        test(of_a_guest_that_is_gone_no_period_is_put_back),
	        test(all_kinds_stand_in_one_journal),
	        test(a_journal_without_a_line_is_not_kept),
	        test(what_is_kept_is_marked_once),
	        test(what_cannot_be_marked_is_not_kept),
	        test(another_kind_of_file_is_refused_by_name),
	        test(what_is_damaged_is_not_taken_for_complete),
	        test(what_is_damaged_is_not_cut_off),
	        test(one_that_was_rewritten_answers_as_before),
	        test(one_that_is_noted_all_day_stays_small),
	        test(guests_that_are_gone_are_forgotten),
	        test(one_that_was_removed_is_written_anew),
	        test(one_that_is_written_anew_is_whole_or_not_there),
	        test(of_a_note_that_failed_no_line_is_left),
	        test(one_that_was_emptied_is_written_anew),
	        test(one_that_cannot_be_checked_is_not_left_behind),
	        test(what_fails_where_a_file_or_a_life_is_gone_does_no_harm),
	        test(a_guest_that_brings_our_pin_along_gets_its_own_back),
	        test(what_is_not_owed_any_more_is_forgotten),
	        test(one_that_was_saved_is_known_when_it_comes_back),
	        test(a_life_that_ended_without_memory_is_forgotten_later),
	        test(a_guest_that_was_started_anew_has_originals_of_its_own),
	        test(what_fails_while_it_is_rewritten_does_no_harm),
	        test(one_of_the_current_folder_is_rewritten_too),
	        test(one_that_is_kept_is_not_rewritten),
	        test(one_that_changed_meanwhile_is_left_as_it_is),
	        test(one_that_cannot_be_rewritten_is_appended_to),
	        test(a_long_one_is_put_back_at_once),
	        test(a_symlink_is_not_followed),
	};

	return check_all(tests);
}
