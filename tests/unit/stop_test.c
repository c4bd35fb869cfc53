/* stop_test - signals: the first is waited for, the second quits and says what is left, SIGHUP by whether there is a terminal */
#include "tests/unit/trace_fixture.h"

#include <pty.h>

#include "common/stop.h"

static int out[2];

/* Says "a" when it waits, then what it got; after that it is busy until a second signal. */
static int wait_then_work(void *unused)
{
	const sigset_t *stop;
	char c;
	int number = 0;

	dup2(out[1], STDERR_FILENO);
	stop = stop_block();
	if (write(out[1], "a", 1) != 1 || sigwait(stop, &number) != 0)
		return 1;
	stop_again_quits("pins are left\n");
	c = (char)('A' + number);
	if (write(out[1], &c, 1) != 1)
		return 2;
	for (;;)
		pause();
}

static char next_char(void)
{
	char c = 0;

	assert_int_equal(read(out[0], &c, 1), 1);
	return c;
}

static void the_second_quits_at_once_and_says_what_is_left(void **state)
{
	static const int pairs[][2] = {{SIGTERM, SIGTERM}, {SIGINT, SIGTERM}, {SIGTERM, SIGINT}};
	char text[64] = "";
	size_t i;
	pid_t pid;

	for (i = 0; i < 3; i++) {
		assert_int_equal(pipe(out), 0);
		pid = start_child(wait_then_work, NULL);
		close(out[1]);
		assert_int_equal(next_char(), 'a');
		kill(pid, pairs[i][0]);
		assert_int_equal(next_char(), 'A' + pairs[i][0]);
		kill(pid, SIGHUP); /* a terminal that goes meanwhile ends nothing */
		kill(pid, pairs[i][1]);
		assert_int_equal(child_result(pid), 130);
		memset(text, 0, sizeof(text));
		assert_true(read(out[0], text, sizeof(text) - 1) > 0);
		assert_string_equal(text, "pins are left\n");
		close(out[0]);
	}
}

static int without_terminal(void *unused)
{
	const sigset_t *stop;

	dup2(out[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	stop = stop_block();
	return !sigismember(stop, SIGHUP) || !stop_is_reload(SIGHUP) || stop_is_reload(SIGTERM);
}

static void without_a_terminal_a_hangup_asks_to_reload(void **state)
{
	assert_int_equal(pipe(out), 0);
	assert_int_equal(child_result(start_child(without_terminal, NULL)), 0);
	close(out[0]);
	close(out[1]);
}

static void on_a_terminal_a_hangup_ends(void **state)
{
	int terminal;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	assert_true(pid >= 0);
	if (!pid)
		_exit(!sigismember(stop_block(), SIGHUP) || stop_is_reload(SIGHUP));
	assert_int_equal(child_result(pid), 0);
	close(terminal);
}

static int under_nohup(void *unused)
{
	signal(SIGHUP, SIG_IGN);
	return sigismember(stop_block(), SIGHUP);
}

static void a_hangup_that_is_ignored_stays_so(void **state)
{
	assert_int_equal(child_result(start_child(under_nohup, NULL)), 0);
}

/* Blocked in what it does, it takes no signal. */
static int does_not_listen(void *unused)
{
	dup2(out[1], STDERR_FILENO);
	stop_block();
	stop_watch("pins are left\n");
	if (write(out[1], "a", 1) != 1)
		return 2;
	for (;;)
		pause();
}

static void who_does_not_listen_is_ended_by_a_second_or_after_a_while(void **state)
{
	char text[64];
	int twice;
	pid_t pid;

	for (twice = 0; twice < 2; twice++) {
		assert_int_equal(pipe(out), 0);
		pid = start_child(does_not_listen, NULL);
		close(out[1]);
		assert_int_equal(next_char(), 'a');
		kill(pid, SIGTERM);
		if (twice) {
			sleep(3);
			kill(pid, SIGTERM);
		}
		assert_int_equal(child_result(pid), twice ? 130 : 1);
		memset(text, 0, sizeof(text));
		assert_true(read(out[0], text, sizeof(text) - 1) > 0);
		assert_string_equal(text, "pins are left\n");
		close(out[0]);
	}
}

/* Ends as soon as it looks, having lived for longer than a silent one may. */
static int listens_late(void *unused)
{
	const struct timespec none = {0};
	const sigset_t *stop = stop_block();
	int i;

	stop_watch("too late\n");
	if (write(out[1], "a", 1) != 1)
		return 2;
	for (i = 0; i < 14; i++) {
		usleep(500000);
		stop_lives();
	}
	return !stop_is_pending() || stop_wait(stop, &none) != SIGTERM || stop_is_pending();
}

static void what_was_taken_for_one_that_lives_is_found_later(void **state)
{
	pid_t pid;

	assert_int_equal(pipe(out), 0);
	pid = start_child(listens_late, NULL);
	close(out[1]);
	assert_int_equal(next_char(), 'a');
	kill(pid, SIGTERM);
	assert_int_equal(child_result(pid), 0);
	close(out[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_second_quits_at_once_and_says_what_is_left),
	        TEST(without_a_terminal_a_hangup_asks_to_reload),
	        TEST(on_a_terminal_a_hangup_ends),
	        TEST(a_hangup_that_is_ignored_stays_so),
	        TEST(who_does_not_listen_is_ended_by_a_second_or_after_a_while),
	        TEST(what_was_taken_for_one_that_lives_is_found_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
