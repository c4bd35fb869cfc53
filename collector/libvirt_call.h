/* libvirt_call - a call that may hang, made in a thread of its own: waited for until a deadline, then left behind */
#ifndef VMB_COLLECTOR_LIBVIRT_CALL_H
#define VMB_COLLECTOR_LIBVIRT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

/* So many calls of a process are under way at once, those that hang included: with the other threads, at most eight. */
#define CALLS_MOST 4

/*
 * The head of each kind's own struct. While a call is under way its struct belongs to its thread: run()
 * uses nothing but what the struct owns, so that one which comes back years later touches nothing that is gone.
 */
struct call {
	void (*run)(struct call *c);
	void (*free)(struct call *c); /* by its thread or its caller, whoever lets go last */
	bool done;                    /* the rest is libvirt_call.c's */
	unsigned owners;
};

/* A zeroed struct of that size with a call as its head; NULL when memory ran out. Its free() ends with that of the heap. */
void *call_new(size_t size, void (*run)(struct call *c), void (*free)(struct call *c));

/*
 * Start a call, unless `most` or more are under way. Returns 0; or -EBUSY for that, -EAGAIN when there is no thread: then
 * c has been freed.
 */
int call_start(struct call *c, unsigned most, struct error *e);

/*
 * Wait until one of the calls is done, until deadline_ns (CLOCK_MONOTONIC) at most. Returns its index, the lowest if there
 * are more, or -1.
 */
int calls_wait(struct call *const calls[], size_t nr, uint64_t deadline_ns);

/* The caller is through with it: done or not, it must not be touched any more. NULL is accepted. */
void call_let_go(struct call *c);

#endif
