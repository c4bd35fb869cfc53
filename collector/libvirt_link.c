/* libvirt_link - a connection to libvirt that cannot hang us: opened with a deadline, watched, opened again */
#include "collector/libvirt_link.h"

#include <libvirt/virterror.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "collector/libvirt_error.h"
#include "collector/libvirt_events.h"
#include "common/clock.h"

/* virConnectOpen() waits for ever on a daemon that was stopped; a healthy one answers in 20 ms. */
#define OPEN_DEADLINE_S   10
#define KEEPALIVE_S       5
#define KEEPALIVE_COUNT   3
#define BACK_OFF_FIRST_NS (NS_PER_S / 2)
#define BACK_OFF_LAST_NS  (30 * NS_PER_S)

/* Our callers report errors; libvirt would print them to stderr as well. */
static void print_nothing(void *data, virErrorPtr error)
{
}

/* One attempt to connect, shared by its thread and the one that waits for it; the last of the two frees it. */
struct attempt {
	pthread_mutex_t lock;
	pthread_cond_t done_signal;
	bool done;
	bool abandoned;
	char uri[256];
	bool read_only;
	virConnectPtr connection;
	struct error error;
};

static void attempt_free(struct attempt *a)
{
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->done_signal);
	free(a);
}

static void *run_attempt(void *data)
{
	struct attempt *a = data;
	struct error e = {0};
	virConnectPtr c;
	bool abandoned;

	c = a->read_only ? virConnectOpenReadOnly(a->uri) : virConnectOpen(a->uri);
	if (!c)
		libvirt_fail(&e, a->uri);
	pthread_mutex_lock(&a->lock);
	a->connection = c;
	a->error = e;
	a->done = true;
	abandoned = a->abandoned;
	pthread_cond_signal(&a->done_signal);
	pthread_mutex_unlock(&a->lock);
	if (abandoned) {
		if (c)
			virConnectClose(c);
		attempt_free(a);
	}
	return NULL;
}

static struct attempt *attempt_start(const struct libvirt_link *link)
{
	struct attempt *a = calloc(1, sizeof(*a));
	pthread_condattr_t monotonic;
	pthread_t thread;

	if (!a)
		return NULL;
	pthread_mutex_init(&a->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&a->done_signal, &monotonic);
	pthread_condattr_destroy(&monotonic);
	snprintf(a->uri, sizeof(a->uri), "%s", link->uri);
	a->read_only = link->read_only;
	if (pthread_create(&thread, NULL, run_attempt, a)) {
		attempt_free(a);
		return NULL;
	}
	pthread_detach(thread);
	return a;
}

static int connect_with_deadline(const struct libvirt_link *link, virConnectPtr *out,
                                 struct error *e)
{
	struct attempt *a = attempt_start(link);
	struct timespec deadline;
	bool done;
	int r;

	if (!a)
		return fail(e, EAGAIN, "%s: no memory or thread for a connection", link->uri);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += OPEN_DEADLINE_S;
	pthread_mutex_lock(&a->lock);
	while (!a->done && !pthread_cond_timedwait(&a->done_signal, &a->lock, &deadline))
		;
	done = a->done;
	a->abandoned = !done;
	pthread_mutex_unlock(&a->lock);
	if (!done)
		return fail(e, ETIMEDOUT, "%s: no answer in %d s", link->uri, OPEN_DEADLINE_S);
	*out = a->connection;
	if (e)
		*e = a->error;
	r = a->connection ? 0 : -a->error.code;
	attempt_free(a);
	return r;
}

static void on_close(virConnectPtr c, int reason, void *data)
{
	atomic_store((atomic_bool *)data, true);
}

static int on_guest(virConnectPtr c, virDomainPtr domain, int event, int detail, void *data)
{
	struct libvirt_link *link = data;

	if (event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED)
		atomic_store(&link->guests_defined, true);
	atomic_store(&link->guests_moved, true);
	return 0;
}

static void drop(struct libvirt_link *link)
{
	if (!link->connection)
		return;
	if (link->guest_events >= 0)
		virConnectDomainEventDeregisterAny(link->connection, link->guest_events);
	virConnectUnregisterCloseCallback(link->connection, on_close);
	virConnectClose(link->connection);
	link->connection = NULL;
}

static int establish(struct libvirt_link *link, struct error *e)
{
	int r;

	r = connect_with_deadline(link, &link->connection, e);
	if (r < 0)
		return r;
	atomic_store(&link->lost, false);
	atomic_store(&link->guests_moved, true);
	atomic_store(&link->guests_defined, true);
	link->guest_events = virConnectDomainEventRegisterAny(
	        link->connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
	        VIR_DOMAIN_EVENT_CALLBACK(on_guest), link, NULL);
	/* Neither exists for drivers without a daemon; then there is nothing to lose either. */
	virConnectRegisterCloseCallback(link->connection, on_close, &link->lost, NULL);
	virConnectSetKeepAlive(link->connection, KEEPALIVE_S, KEEPALIVE_COUNT);
	link->back_off_ns = 0;
	return 0;
}

int libvirt_link_open(struct libvirt_link *link, const char *uri, bool read_only, struct error *e)
{
	int r;

	virSetErrorFunc(NULL, print_nothing);
	r = virInitialize() < 0 ? fail(e, EIO, "libvirt does not start") : libvirt_events_start(e);
	if (r < 0)
		return r;
	*link = (struct libvirt_link){.read_only = read_only, .seed = (unsigned)getpid()};
	if (strlen(uri) >= sizeof(link->uri))
		return fail(e, EINVAL, "connection: a URI of more than %zu characters",
		            sizeof(link->uri) - 1);
	strcpy(link->uri, uri);
	return establish(link, e);
}

void libvirt_link_close(struct libvirt_link *link)
{
	drop(link);
	libvirt_events_settle(); /* our callbacks write into the link */
}

bool libvirt_link_news(struct libvirt_link *link, bool *configured)
{
	*configured = atomic_exchange(&link->guests_defined, false);
	return atomic_exchange(&link->guests_moved, false) || link->guest_events < 0;
}

static void back_off(struct libvirt_link *link, uint64_t now_ns)
{
	uint64_t pause;

	link->back_off_ns = link->back_off_ns ? 2 * link->back_off_ns : BACK_OFF_FIRST_NS;
	if (link->back_off_ns > BACK_OFF_LAST_NS)
		link->back_off_ns = BACK_OFF_LAST_NS;
	pause = link->back_off_ns -
	        link->back_off_ns / 4 * (uint64_t)(rand_r(&link->seed) % 1000) / 1000;
	link->retry_ns = now_ns + pause;
}

int libvirt_link_ensure(struct libvirt_link *link, bool *fresh, struct error *e)
{
	uint64_t now = clock_mono_ns();
	int r;

	*fresh = false;
	if (link->connection && !atomic_load(&link->lost))
		return 0;
	drop(link);
	if (now < link->retry_ns)
		return fail(e, ENOTCONN, "%s: connection lost, next attempt in %.1f s", link->uri,
		            (double)(link->retry_ns - now) / 1e9);
	r = establish(link, e);
	if (r < 0) {
		back_off(link, clock_mono_ns());
		if (e)
			e->code = ENOTCONN;
		return -ENOTCONN;
	}
	*fresh = true;
	return 0;
}

int libvirt_link_fail(struct libvirt_link *link, struct error *e, const char *what)
{
	struct error own;
	int r = libvirt_fail(&own, what);

	if (r == -ENOTCONN)
		atomic_store(&link->lost, true);
	if (e)
		*e = own;
	return r;
}
