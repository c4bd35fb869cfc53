/* libvirt_link - a connection to libvirt that cannot hang us: opened with a deadline, watched, opened again */
#include "collector/libvirt_link.h"

#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/libvirt_call.h"
#include "collector/libvirt_error.h"
#include "collector/libvirt_events.h"
#include "collector/libvirt_xml.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/stop.h"

/* virConnectOpen() waits for ever on a daemon that was stopped; a healthy one answers in 20 ms. */
#define OPEN_DEADLINE_S 10
/* Once there was a connection: at the end it is tried once more, and a stop shall not take more than 5 s. */
#define OPEN_AGAIN_S      3
#define OPEN_STEP_NS      (NS_PER_S / 10) /* so often it is seen whether the program shall end */
#define BACK_OFF_FIRST_NS (NS_PER_S / 2)
#define BACK_OFF_LAST_NS  (30 * NS_PER_S)

/* A connection that has lasted so long was not lost at the first thing that was asked. */
#define LASTED_NS (NS_PER_S / 2)

/* Our callers report errors; libvirt would print them to stderr as well. */
static void print_nothing(void *data, virErrorPtr error)
{
}

struct attempt {
	struct call call;
	struct libvirt_line line;
	struct error error;
};

static void attempt_free(struct call *call)
{
	struct attempt *a = (struct attempt *)call;

	libvirt_line_close(&a->line);
	free(a);
}

static void attempt_run(struct call *call)
{
	struct attempt *a = (struct attempt *)call;

	libvirt_line_open(&a->line, &a->error);
}

static void use(struct libvirt_link *link, struct libvirt_line *line)
{
	link->lines.shared = line->kept_alive ? NULL : line->connection;
	link->connection = take(line->connection);
}

/* Until it is done, or `seconds` are over, or the program shall end. */
static int await(struct attempt *a, const char *uri, unsigned seconds, struct error *e)
{
	uint64_t end_ns = clock_mono_ns() + seconds * NS_PER_S, step_ns;

	do {
		step_ns = clock_mono_ns() + OPEN_STEP_NS;
		if (!calls_wait((struct call *[]){&a->call}, 1, step_ns))
			return 0;
		if (stop_is_pending())
			return fail(e, EINTR, "%s: no answer until it was stopped", uri);
	} while (step_ns < end_ns);
	return fail(e, ETIMEDOUT, "%s: no answer in %u s", uri, seconds);
}

static int connect_with_deadline(struct libvirt_link *link, unsigned seconds, struct error *e)
{
	struct attempt *a = call_new(sizeof(*a), attempt_run, attempt_free);
	int r;

	if (!a)
		return fail(e, ENOMEM, "%s: no memory for a connection", link->uri);
	libvirt_link_line(link,
	                  &a->line); /* there is none to take: those of a connection go with it */
	r = call_start(&a->call, CALLS_MOST, e);
	if (r < 0)
		return r;
	r = await(a, link->uri, seconds, e);
	if (!r && !a->line.connection)
		r = fail(e, a->error.code, "%s", a->error.text);
	if (!r)
		use(link, &a->line);
	call_let_go(&a->call);
	return r;
}

static void on_close(virConnectPtr c, int reason, void *data)
{
	atomic_store((atomic_bool *)data, true);
}

static int on_guest(virConnectPtr c, virDomainPtr domain, int event, int detail, void *data)
{
	struct libvirt_link *link = data;
	uint8_t uuid[UUID_BYTES];

	if (event == VIR_DOMAIN_EVENT_STOPPED && !virDomainGetUUID(domain, uuid))
		libvirt_reboots_forget(&link->reboots, uuid);
	if (event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED)
		atomic_store(&link->guests_defined, true);
	atomic_store(&link->guests_moved, true);
	return 0;
}

static void configured_anew(struct libvirt_link *link)
{
	atomic_store(&link->guests_defined, true);
	atomic_store(&link->guests_moved, true);
}

static void on_metadata(virConnectPtr c, virDomainPtr domain, int type, const char *uri, void *data)
{
	configured_anew(data);
}

/* One that is handed through makes its guest's memory stay. */
static void on_device(virConnectPtr c, virDomainPtr domain, const char *alias, void *data)
{
	configured_anew(data);
}

static void on_reboot(virConnectPtr c, virDomainPtr domain, void *data)
{
	struct libvirt_link *link = data;
	uint8_t uuid[UUID_BYTES];

	if (!virDomainGetUUID(domain, uuid))
		libvirt_reboots_count(&link->reboots, uuid);
}

static const struct {
	int id;
	virConnectDomainEventGenericCallback hear;
} events[LIBVIRT_EVENTS] = {
        {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_guest)},
        {VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_reboot)},
        {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
};

static void drop(struct libvirt_link *link)
{
	size_t i;

	if (!link->connection)
		return;
	for (i = 0; i < LIBVIRT_EVENTS; i++)
		if (link->events[i] >= 0)
			virConnectDomainEventDeregisterAny(link->connection, link->events[i]);
	virConnectUnregisterCloseCallback(link->connection, on_close);
	libvirt_lines_close(&link->lines, atomic_load(&link->lost));
	virConnectClose(link->connection);
	link->connection = NULL;
}

static int establish(struct libvirt_link *link, unsigned seconds, struct error *e)
{
	size_t i;
	int r;

	r = connect_with_deadline(link, seconds, e);
	if (r < 0)
		return r;
	atomic_store(&link->lost, false);
	configured_anew(link);
	libvirt_reboots_forget_all(&link->reboots);
	for (i = 0; i < LIBVIRT_EVENTS; i++)
		link->events[i] = virConnectDomainEventRegisterAny(
		        link->connection, NULL, events[i].id, events[i].hear, link, NULL);
	virConnectRegisterCloseCallback(link->connection, on_close, &link->lost, NULL);
	return 0;
}

int libvirt_link_open(struct libvirt_link *link, const char *uri, bool read_only, struct error *e)
{
	int r;

	virSetErrorFunc(NULL, print_nothing);
	libvirt_xml_quiet();
	r = virInitialize() < 0 ? fail(e, EIO, "libvirt does not start") : libvirt_events_start(e);
	if (r < 0)
		return r;
	*link = (struct libvirt_link){.read_only = read_only, .seed = (unsigned)getpid()};
	libvirt_reboots_init(&link->reboots);
	if (strlen(uri) >= sizeof(link->uri))
		return fail(e, EINVAL, "connection: a URI of more than %zu characters",
		            sizeof(link->uri) - 1);
	strcpy(link->uri, uri);
	return establish(link, OPEN_DEADLINE_S, e);
}

void libvirt_link_close(struct libvirt_link *link)
{
	drop(link);
	libvirt_events_settle(); /* our callbacks write into the link */
	libvirt_reboots_done(&link->reboots);
}

bool libvirt_link_news(struct libvirt_link *link, bool *configured)
{
	*configured = atomic_exchange(&link->guests_defined, false);
	return atomic_exchange(&link->guests_moved, false) || link->events[0] < 0;
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

void libvirt_link_hurry(struct libvirt_link *link)
{
	link->back_off_ns = link->retry_ns = 0;
}

int libvirt_link_ensure(struct libvirt_link *link, bool *fresh, struct error *e)
{
	uint64_t now = clock_mono_ns();
	int r;

	*fresh = false;
	if (link->connection && !atomic_load(&link->lost)) {
		if (now >= link->lasted_ns)
			link->back_off_ns = link->retry_ns = 0;
		return 0;
	}
	drop(link);
	if (now < link->retry_ns)
		return fail(e, ENOTCONN, "%s: connection lost, next attempt in %.1f s", link->uri,
		            (double)(link->retry_ns - now) / 1e9);
	r = establish(link, OPEN_AGAIN_S, e);
	/* Also when it opens: a daemon may answer, and be lost again at the first thing it is asked. */
	back_off(link, clock_mono_ns());
	link->lasted_ns = clock_mono_ns() + LASTED_NS;
	if (r < 0) {
		if (e)
			e->code = ENOTCONN;
		return -ENOTCONN;
	}
	*fresh = true;
	return 0;
}

void libvirt_link_line(struct libvirt_link *link, struct libvirt_line *line)
{
	snprintf(line->uri, sizeof(line->uri), "%s", link->uri);
	line->read_only = link->read_only;
	libvirt_line_take(&link->lines, line);
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
