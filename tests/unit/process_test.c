/* process_test - what a program is started with and what reaches it from outside: descriptors, signals, files to read */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/descriptors.h"
#include "common/stop.h"
#include "common/text_file.h"
#include "tests/unit/check.h"

/* The exit status of run() in a process of its own; 128 + N when signal N ended it. */
static int in_child(int (*run)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (!pid)
		_exit(run());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- descriptors ---- */

static int open_without_any(void)
{
	close(0);
	close(1);
	close(2);
	descriptors_fill();
	if (open("/dev/null", O_RDWR) <= STDERR_FILENO)
		return 1;
	return write(1, "x", 1) == -1 && errno == EBADF && write(2, "x", 1) == -1 ? 0 : 2;
}

static int open_with_all(void)
{
	int pipes[2];
	char c = 0;

	if (pipe(pipes) < 0 || dup2(pipes[1], STDOUT_FILENO) < 0)
		return 1;
	descriptors_fill();
	return write(1, "x", 1) == 1 && read(pipes[0], &c, 1) == 1 && c == 'x' ? 0 : 2;
}

static void a_file_never_takes_the_place_of_standard_output(void **state)
{
	assert_int_equal(in_child(open_without_any), 0);
	assert_int_equal(in_child(open_with_all), 0);
}

/* ---- signals ---- */

static int signal_at_the_end;

static int end_by_signal(void)
{
	stop_block();
	stop_again_quits("");
	raise(signal_at_the_end);
	return 7;
}

/* A terminal that is closed says so twice, and the second time may be while pins are put back. */
static void the_end_is_cut_short_by_impatience_not_by_a_lost_terminal(void **state)
{
	static const struct {
		int number, status;
	} table[] = {{SIGINT, 130}, {SIGTERM, 130}, {SIGHUP, 7}, {SIGPIPE, 7}};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		signal_at_the_end = table[i].number;
		assert_int_equal(in_child(end_by_signal), table[i].status);
	}
}

/* ---- files ---- */

static void a_fifo_that_nobody_writes_is_empty(void **state)
{
	char folder[] = "/tmp/vmb-process-XXXXXX", path[64];
	FILE *file;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	alarm(10); /* fopen() would wait for ever */
	assert_int_equal(text_file_open(path, &file, NULL), 0);
	alarm(0);
	assert_int_equal(fgetc(file), EOF);
	fclose(file);
	unlink(path);
	rmdir(folder);
}

static void a_pipe_is_read_to_its_end(void **state)
{
	char path[32], text[16] = "";
	int pipes[2], status;
	FILE *file;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		usleep(20000); /* the reader is there first: it must wait, not take it for empty */
		_exit(write(pipes[1], "late\n", 5) != 5);
	}
	close(pipes[1]);
	snprintf(path, sizeof(path), "/dev/fd/%d", pipes[0]);
	assert_int_equal(text_file_open(path, &file, NULL), 0);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_string_equal(text, "late\n");
	fclose(file);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
}

static void what_cannot_be_read_is_named(void **state)
{
	static const struct {
		const char *path, *says;
	} table[] = {
	        {"/tmp", "/tmp: Is a directory"},
	        {"/nonexistent", "/nonexistent: No such file or directory"},
	        {"", ": No such file or directory"},
	};
	struct error e;
	FILE *file;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_true(text_file_open(table[i].path, &file, &e) < 0);
		assert_string_equal(e.text, table[i].says);
	}
}

static void what_is_read_again_must_be_a_regular_file(void **state)
{
	char folder[] = "/tmp/vmb-process-XXXXXX", fifo[64], path[64];
	struct error e = {0};
	FILE *file;
	int held;

	assert_non_null(mkdtemp(folder));
	snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	held = open(fifo, O_RDWR | O_CLOEXEC); /* a writer that writes nothing */
	assert_int_equal(text_file_open_regular(fifo, &file, &e), -EINVAL);
	assert_non_null(strstr(e.text, "fifo: not a regular file"));
	close(held);
	unlink(fifo);
	assert_int_equal(text_file_open_regular("/dev/null", &file, &e), -EINVAL);
	assert_int_equal(text_file_open_regular(folder, &file, &e), -EINVAL);
	snprintf(path, sizeof(path), "%s/none", folder);
	assert_int_equal(text_file_open_regular(path, &file, &e), -ENOENT);
	assert_int_equal(text_file_open_regular("/proc/self/status", &file, &e), 0);
	assert_int_equal(fgetc(file), 'N');
	fclose(file);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_file_never_takes_the_place_of_standard_output),
	        cmocka_unit_test(the_end_is_cut_short_by_impatience_not_by_a_lost_terminal),
	        cmocka_unit_test(a_fifo_that_nobody_writes_is_empty),
	        cmocka_unit_test(a_pipe_is_read_to_its_end),
	        cmocka_unit_test(what_cannot_be_read_is_named),
	        cmocka_unit_test(what_is_read_again_must_be_a_regular_file),
	};

	return check_all(tests);
}
