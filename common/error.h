/* error - one convention: a negative errno for the program, a sentence for the person */
#ifndef VMB_COMMON_ERROR_H
#define VMB_COMMON_ERROR_H

#include <errno.h>

/*
 * What went wrong. The code lets a caller decide (these are the ones that carry a meaning here):
 *
 *   ESRCH       the guest or vCPU is gone: leave it out, go on
 *   ENOTCONN    the connection to the host is lost: reconnect
 *   EBUSY       held by someone else (a lock, a job on the guest): later
 *   ETIMEDOUT   no answer within the deadline
 *   EROFS       this handle was opened read-only and cannot act
 *   EACCES      refused by the host
 *   EOPNOTSUPP  the host does not offer this
 *   EINVAL      the input is wrong; the sentence names it
 *   EBADMSG     a file is not what it should be, or damaged
 */
struct error {
	int code;
	char text[256];
};

/*
 * Fill *e (which may be NULL) with a code and a sentence; returns -code. Of a longer sentence the middle is left out.
 *
 *   return fail(e, EINVAL, "interval %s: not a number of seconds", text);
 */
int fail(struct error *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
