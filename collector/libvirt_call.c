/* libvirt_call - a call that may hang, made in a thread of its own: waited for until a deadline, then left behind */
#include "collector/libvirt_call.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"
#include "common/stop.h"

#define LOOK_NS (NS_PER_S / 10) /* so often it is seen whether the program shall end */

/* Of the process, as its threads are: a call may outlive whoever started it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t some_done = PTHREAD_COND_INITIALIZER;
static unsigned under_way;

void *call_new(size_t size, void (*run)(struct call *c), void (*free)(struct call *c))
{
	struct call *c = calloc(1, size);

	if (c)
		*c = (struct call){.run = run, .free = free};
	return c;
}

static void *run_call(void *data)
{
	struct call *c = data;

	c->run(c);
	pthread_mutex_lock(&lock);
	c->done = true;
	under_way--;
	pthread_cond_broadcast(&some_done);
	pthread_mutex_unlock(&lock);
	call_let_go(c);
	return NULL;
}

/* A thread that the system refuses may be there a moment later: asked for so often, in these steps. A tick can spare 15 ms. */
#define THREAD_TRIES   4
#define THREAD_STEP_NS (5 * NS_PER_MS)

static int start_thread(struct call *c)
{
	const struct timespec step = {0, THREAD_STEP_NS};
	pthread_t thread;
	int r = EAGAIN, tries;

	for (tries = 0; r == EAGAIN && tries < THREAD_TRIES; tries++) {
		if (tries)
			nanosleep(&step, NULL);
		r = pthread_create(&thread, NULL, run_call, c);
	}
	if (!r)
		pthread_detach(thread);
	return r;
}

/* A thread for each call: 30 us, where one that waits for work would need a queue, an end and an heir when it hangs. */
int call_start(struct call *c, unsigned most, struct error *e)
{
	bool room;

	pthread_mutex_lock(&lock);
	room = under_way < most;
	under_way += room;
	pthread_mutex_unlock(&lock);
	if (!room) {
		c->free(c);
		return fail(e, EBUSY, "%u earlier calls have not come back", most);
	}
	c->done = false;
	c->owners = 2;
	if (!start_thread(c))
		return 0;
	pthread_mutex_lock(&lock);
	under_way--;
	pthread_mutex_unlock(&lock);
	c->free(c);
	return fail(e, EAGAIN, "no thread for a call to libvirt");
}

static int first_done(struct call *const calls[], size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (calls[i]->done)
			return (int)i;
	return -1;
}

int calls_wait(struct call *const calls[], size_t nr, uint64_t deadline_ns)
{
	int found;

	pthread_mutex_lock(&lock);
	while ((found = first_done(calls, nr)) < 0 && clock_mono_ns() < deadline_ns) {
		uint64_t until = clock_mono_ns() + LOOK_NS;
		struct timespec slice;

		until = until < deadline_ns ? until : deadline_ns;
		slice = (struct timespec){(time_t)(until / NS_PER_S), (long)(until % NS_PER_S)};
		/* Who waits is not silent; and does not, once the program shall end. */
		stop_lives();
		if (pthread_cond_clockwait(&some_done, &lock, CLOCK_MONOTONIC, &slice) &&
		    stop_is_pending())
			break;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

void call_let_go(struct call *c)
{
	bool last;

	if (!c)
		return;
	pthread_mutex_lock(&lock);
	last = --c->owners == 0;
	pthread_mutex_unlock(&lock);
	if (last)
		c->free(c);
}
