/* stop - SIGINT and SIGTERM as something to wait for, and a second one that does not wait */
#ifndef VMB_COMMON_STOP_H
#define VMB_COMMON_STOP_H

#include <signal.h>

/*
 * Block the signals that end a program in this thread and all that it will start, and ignore SIGPIPE and SIGXFSZ
 * (their calls return errors). Returns the set to wait for. Call before any thread exists.
 */
const sigset_t *stop_block(void);

/* Another of these signals from now on ends the program at once, with `message` on stderr and exit status 130. */
void stop_again_quits(const char *message);

#endif
