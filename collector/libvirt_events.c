/* libvirt_events - the event loop that libvirt's connections need, in a thread of its own */
#include "collector/libvirt_events.h"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"

/* A descriptor (fd >= 0) or a timer that libvirt wants to be called for. */
struct watch {
	int id;
	int fd;
	int events; /* virEventHandleType; 0: rests, and is not in the epoll set */
	union {
		virEventHandleCallback on_event;
		virEventTimeoutCallback on_time;
	};
	int64_t period_ms; /* of a timer; < 0: rests */
	uint64_t due_ns;
	void *data;
	virFreeCallback free_data;
	bool removed; /* to be freed by the loop, outside of its callbacks */
	struct watch *next;
};

/* All but the descriptors belongs to the lock, which is not held during callbacks. */
static struct {
	pthread_mutex_t lock;
	int epoll_fd, wake_fd;
	int next_id;
	uint64_t sleeps_until_ns;
	uint64_t
	        calls; /* counted at the begin and at the end of each: odd while libvirt is called */
	pthread_cond_t call_ended;
	struct watch *watches;
} loop = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .call_ended = PTHREAD_COND_INITIALIZER,
          .epoll_fd = -1,
          .wake_fd = -1,
          .next_id = 1};

static void wake(void)
{
	const uint64_t one = 1;
	ssize_t written = write(loop.wake_fd, &one, sizeof(one));

	(void)written; /* fails only when the loop has been woken 2^64 times and not looked */
}

static struct watch *find(int id, bool is_timer)
{
	struct watch *w = loop.watches;

	while (w && (w->id != id || w->removed || (w->fd < 0) != is_timer))
		w = w->next;
	return w;
}

static int add(const struct watch *from)
{
	struct watch *w = malloc(sizeof(*w));

	if (!w)
		return -1;
	*w = *from;
	w->id = loop.next_id++;
	w->next = loop.watches;
	loop.watches = w;
	return w->id;
}

static int remove_watch(struct watch *w)
{
	if (!w)
		return -1;
	w->removed = true;
	wake();
	return 0;
}

/* ---- descriptors ---- */

static const struct {
	int ours;
	uint32_t epolls;
} kinds[] = {
        {VIR_EVENT_HANDLE_READABLE, EPOLLIN},
        {VIR_EVENT_HANDLE_WRITABLE, EPOLLOUT},
        {VIR_EVENT_HANDLE_ERROR, EPOLLERR},
        {VIR_EVENT_HANDLE_HANGUP, EPOLLHUP},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* epoll tells errors and hang-ups of all that is in its set: what rests must not be there. */
static int set_events(struct watch *w, int events)
{
	struct epoll_event event = {.data.u64 = (uint64_t)w->id};
	int operation = !events ? EPOLL_CTL_DEL : w->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	size_t i;

	for (i = 0; i < KINDS; i++)
		event.events |= events & kinds[i].ours ? kinds[i].epolls : 0;
	if (!events && !w->events)
		return 0;
	if (epoll_ctl(loop.epoll_fd, operation, w->fd, &event) < 0 && events)
		return -1;
	w->events = events;
	return 0;
}

static int add_handle(int fd, int events, virEventHandleCallback callback, void *data,
                      virFreeCallback free_data)
{
	int id;

	pthread_mutex_lock(&loop.lock);
	id = add(&(struct watch){
	        .fd = fd, .on_event = callback, .data = data, .free_data = free_data});
	if (id > 0 && set_events(loop.watches, events) < 0) {
		struct watch *w = loop.watches;

		loop.watches = w->next;
		free(w);
		id = -1;
	}
	pthread_mutex_unlock(&loop.lock);
	return id;
}

static void update_handle(int id, int events)
{
	struct watch *w;

	pthread_mutex_lock(&loop.lock);
	w = find(id, false);
	if (w)
		set_events(w, events);
	pthread_mutex_unlock(&loop.lock);
}

static int remove_handle(int id)
{
	struct watch *w;
	int r;

	pthread_mutex_lock(&loop.lock);
	w = find(id, false);
	if (w)
		set_events(w, 0); /* now: the descriptor may be closed and given out anew at once */
	r = remove_watch(w);
	pthread_mutex_unlock(&loop.lock);
	return r;
}

/* ---- timers ---- */

static void set_period(struct watch *w, int period_ms)
{
	w->period_ms = period_ms;
	w->due_ns = period_ms < 0 ? UINT64_MAX : clock_mono_ns() + (uint64_t)period_ms * NS_PER_MS;
	if (w->due_ns < loop.sleeps_until_ns)
		wake();
}

static int add_timeout(int period_ms, virEventTimeoutCallback callback, void *data,
                       virFreeCallback free_data)
{
	int id;

	pthread_mutex_lock(&loop.lock);
	id = add(&(struct watch){
	        .fd = -1, .on_time = callback, .data = data, .free_data = free_data});
	if (id > 0)
		set_period(loop.watches, period_ms);
	pthread_mutex_unlock(&loop.lock);
	return id;
}

static void update_timeout(int id, int period_ms)
{
	struct watch *w;

	pthread_mutex_lock(&loop.lock);
	w = find(id, true);
	if (w)
		set_period(w, period_ms);
	pthread_mutex_unlock(&loop.lock);
}

static int remove_timeout(int id)
{
	int r;

	pthread_mutex_lock(&loop.lock);
	r = remove_watch(find(id, true));
	pthread_mutex_unlock(&loop.lock);
	return r;
}

/* ---- the loop ---- */

/* The steps below are called with the lock held and give it back while they call out. */

static void free_removed(void)
{
	struct watch **at = &loop.watches, *w;

	while ((w = *at)) {
		if (!w->removed) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		pthread_mutex_unlock(&loop.lock);
		if (w->free_data)
			w->free_data(w->data);
		free(w);
		pthread_mutex_lock(&loop.lock);
		at = &loop.watches; /* others may have come and gone */
	}
}

static void begin_call(void)
{
	loop.calls++;
	pthread_mutex_unlock(&loop.lock);
}

static void end_call(void)
{
	pthread_mutex_lock(&loop.lock);
	loop.calls++;
	pthread_cond_broadcast(&loop.call_ended);
}

/* A callback may remove its own watch or others; none is freed before free_removed(). */
static void call_timers(void)
{
	uint64_t now = clock_mono_ns();
	struct watch *w, copy;

	for (w = loop.watches; w; w = w->next) {
		if (w->fd >= 0 || w->removed || w->period_ms < 0 || w->due_ns > now)
			continue;
		w->due_ns = now + (uint64_t)w->period_ms * NS_PER_MS;
		copy = *w;
		begin_call();
		copy.on_time(copy.id, copy.data);
		end_call();
	}
}

static void call_handle(const struct epoll_event *event)
{
	struct watch *w = find((int)event->data.u64, false), copy;
	int events = 0;
	size_t i;

	for (i = 0; w && i < KINDS; i++)
		events |= event->events & kinds[i].epolls ? kinds[i].ours : 0;
	if (!w || !w->events)
		return; /* removed or put to rest since the kernel reported it */
	copy = *w;
	begin_call();
	copy.on_event(copy.id, copy.fd, events, copy.data);
	end_call();
}

/* In ms from now, rounded up; -1: for ever. */
static int next_pause(void)
{
	uint64_t now = clock_mono_ns(), pause;
	struct watch *w;

	loop.sleeps_until_ns = UINT64_MAX;
	for (w = loop.watches; w; w = w->next)
		if (w->fd < 0 && !w->removed && w->due_ns < loop.sleeps_until_ns)
			loop.sleeps_until_ns = w->due_ns;
	if (loop.sleeps_until_ns == UINT64_MAX)
		return -1;
	if (loop.sleeps_until_ns <= now)
		return 0;
	pause = (loop.sleeps_until_ns - now + NS_PER_MS - 1) / NS_PER_MS;
	return pause < INT32_MAX ? (int)pause : INT32_MAX;
}

static void *run(void *data)
{
	struct epoll_event events[16];
	uint64_t woken;
	int i, n, pause;

	pthread_mutex_lock(&loop.lock);
	for (;;) {
		free_removed();
		pause = next_pause();
		pthread_mutex_unlock(&loop.lock);
		n = epoll_wait(loop.epoll_fd, events, 16, pause);
		pthread_mutex_lock(&loop.lock);
		loop.sleeps_until_ns = 0; /* awake: new deadlines are seen without a call */
		for (i = 0; i < n; i++) {
			if (events[i].data.u64)
				call_handle(&events[i]);
			else if (read(loop.wake_fd, &woken, sizeof(woken)) < 0)
				continue; /* someone else's wake was read with ours */
		}
		call_timers();
	}
	return NULL;
}

static int start(struct error *e)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};
	pthread_t thread;

	loop.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop.epoll_fd < 0 || loop.wake_fd < 0 ||
	    epoll_ctl(loop.epoll_fd, EPOLL_CTL_ADD, loop.wake_fd, &event) < 0)
		return fail(e, errno, "no descriptors for libvirt's event loop");
	virEventRegisterImpl(add_handle, update_handle, remove_handle, add_timeout, update_timeout,
	                     remove_timeout);
	if (pthread_create(&thread, NULL, run, NULL))
		return fail(e, EAGAIN, "no thread for libvirt's event loop");
	pthread_detach(thread);
	return 0;
}

void libvirt_events_settle(void)
{
	uint64_t call;

	pthread_mutex_lock(&loop.lock);
	call = loop.calls;
	while (call % 2 && loop.calls == call)
		pthread_cond_wait(&loop.call_ended, &loop.lock);
	pthread_mutex_unlock(&loop.lock);
}

int libvirt_events_start(struct error *e)
{
	static bool started;
	int r = 0;

	if (!started)
		r = start(e);
	started = !r;
	return r;
}
