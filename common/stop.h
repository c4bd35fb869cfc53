/* stop - SIGINT, SIGTERM and SIGHUP as something to wait for, and a second one that does not wait */
#ifndef VMB_COMMON_STOP_H
#define VMB_COMMON_STOP_H

#include <signal.h>
#include <stdbool.h>

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
 * Another of these signals from now on ends the program at once, with `message` on stderr and exit status 130; SIGHUP is
 * ignored. Another call changes the message.
 */
void stop_again_quits(const char *message);

#endif
