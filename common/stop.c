/* stop - SIGINT, SIGTERM and SIGHUP as something to wait for, and a second one that does not wait */
#include "common/stop.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/clock.h"

/* A program that lives hears a signal between two ticks, of which each takes milliseconds. */
#define UNHEARD_MS 1000
/* So long a stop may take (and a service manager waits for twice as long). */
#define SILENT_NS (5 * NS_PER_S)

static sigset_t stop_signals;
static const char *_Atomic last_words;
static bool on_terminal;
static atomic_int taken; /* for the program; 0: none */
static atomic_bool ending;
static _Atomic uint64_t lives_ns;

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
	const int number = taken;
	sigset_t pending;

	if (number && !stop_is_reload(number))
		return true;
	if (sigpending(&pending) < 0)
		return false;
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) ||
	       (sigismember(&pending, SIGHUP) && !stop_is_reload(SIGHUP));
}

/* A pipe that nobody reads keeps nobody from leaving. */
static void say_last_words(void)
{
	struct pollfd room = {STDERR_FILENO, POLLOUT, 0};
	const char *words = last_words;

	if (poll(&room, 1, 0) > 0 && write(STDERR_FILENO, words, strlen(words)) < 0)
		return;
}

static void quit(int number)
{
	say_last_words();
	_exit(130);
}

/* In the thread that calls. */
static void let_quit(void)
{
	struct sigaction action = {.sa_handler = quit};

	stop_lives();
	ending = true;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	/* A terminal that goes away says it twice, by the shell and by the kernel: that is no impatience. */
	signal(SIGHUP, SIG_IGN);
	pthread_sigmask(SIG_UNBLOCK, &stop_signals, NULL);
}

void stop_again_quits(const char *message)
{
	last_words = message;
	let_quit();
	taken = 0; /* it is being obeyed */
}

void stop_lives(void)
{
	lives_ns = clock_mono_ns();
}

int stop_wait(const sigset_t *stop, const struct timespec *time)
{
	const struct timespec slice = {time->tv_sec < 1 ? time->tv_sec : 1,
	                               time->tv_sec < 1 ? time->tv_nsec : 0};
	int number = taken;

	stop_lives();
	if (number && sigismember(stop, number) == 1 &&
	    atomic_compare_exchange_strong(&taken, &number, 0))
		return number;
	number = sigtimedwait(stop, NULL, &slice);
	return number > 0 ? number : 0;
}

/* ---- whoever does not listen ---- */

static void take(int signals)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		return;
	taken = (int)info.ssi_signo;
	if (!stop_is_reload(taken))
		let_quit();
}

static void end_the_silent(void)
{
	const uint64_t lived_ns = lives_ns; /* before the clock is read: it only grows */

	if (clock_mono_ns() <= lived_ns + SILENT_NS)
		return;
	say_last_words();
	_exit(1);
}

static void *watch(void *signals)
{
	struct pollfd pending = {(int)(intptr_t)signals, POLLIN, 0};

	for (;;) {
		if (ending) {
			end_the_silent();
			poll(NULL, 0, UNHEARD_MS / 10);
		} else if (poll(&pending, 1, UNHEARD_MS) > 0) {
			poll(NULL, 0, UNHEARD_MS);
			if (poll(&pending, 1, 0) > 0)
				take(pending.fd);
		}
	}
	return NULL;
}

void stop_watch(const char *message)
{
	int signals = signalfd(-1, &stop_signals, SFD_CLOEXEC | SFD_NONBLOCK);
	pthread_t thread;

	last_words = message;
	if (signals < 0)
		return;
	if (pthread_create(&thread, NULL, watch, (void *)(intptr_t)signals) != 0)
		close(signals);
	else
		pthread_detach(thread);
}
