/* stop - SIGINT, SIGTERM and SIGHUP as something to wait for, and a second one that does not wait */
#include "common/stop.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

static sigset_t stop_signals;
static const char *volatile last_words;
static bool on_terminal;

const sigset_t *stop_block(void)
{
	struct sigaction hangup;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&stop_signals);
	sigaddset(&stop_signals, SIGINT);
	sigaddset(&stop_signals, SIGTERM);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(&stop_signals, SIGHUP);
	on_terminal = isatty(STDIN_FILENO) || isatty(STDOUT_FILENO);
	pthread_sigmask(SIG_BLOCK, &stop_signals, NULL);
	return &stop_signals;
}

bool stop_is_reload(int number)
{
	return number == SIGHUP && !on_terminal;
}

bool stop_is_pending(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return false;
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       (sigismember(&pending, SIGHUP) && !stop_is_reload(SIGHUP));
}

static void quit(int number)
{
	ssize_t n = write(STDERR_FILENO, last_words, strlen(last_words));

	_exit(n < 0 ? 131 : 130);
}

void stop_again_quits(const char *message)
{
	struct sigaction action = {.sa_handler = quit};

	last_words = message;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A terminal that goes away says it twice, by the shell and by the kernel: that is no impatience. */
	signal(SIGHUP, SIG_IGN);
	pthread_sigmask(SIG_UNBLOCK, &stop_signals, NULL);
}
