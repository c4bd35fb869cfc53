/* stop - SIGINT, SIGTERM and SIGHUP as something to wait for, and a second one that does not wait */
#ifndef VMB_COMMON_STOP_H
#define VMB_COMMON_STOP_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

/*
 * Block the signals that end a program in this thread and all that it will start, and ignore SIGPIPE (its
 * call returns an error). SIGHUP is left alone where it is ignored, as under nohup. Returns the set to wait for.
 * Call before any thread exists.
 */
const sigset_t *stop_block(void);

/*
 * Whether this one asks to read the configuration again and go on, as a service manager means it: SIGHUP to a program that
 * was started without a terminal. With one it says that the terminal is gone, and ends the program like the others.
 */
bool stop_is_reload(int number);

/* Whether the program has been told to end and does not know it yet: for who waits for something else meanwhile. */
bool stop_is_pending(void);

/*
 * From now on a thread sees to it that a stop is heard, whatever the program waits for: a daemon that stands still, a terminal
 * that nobody reads. A signal that is not taken within a second is taken for the program, which finds it in stop_wait(), and
 * another one quits as after stop_again_quits(). To be called once. A program that shall end and gives no sign of life for 5 s is ended, with
 * `message` (or that of stop_again_quits()) on stderr and exit status 1. Where no thread can be had nothing of this happens.
 */
void stop_watch(const char *message);
void stop_lives(void);

/* As sigtimedwait(), of the set of stop_block() or an empty one: the signal's number; 0 when the time is over, or a second. */
int stop_wait(const sigset_t *stop, const struct timespec *time);

/*
 * Another of these signals from now on ends the program at once, with `message` on stderr and exit status 130; SIGHUP is
 * ignored. Another call changes the message.
 */
void stop_again_quits(const char *message);

#endif
