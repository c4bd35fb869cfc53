/* libvirt_news - what libvirt tells by itself: that guests come, go, pause, reboot or are configured anew, and its own end */
#include "collector/libvirt_news.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "collector/libvirt_events.h"
#include "collector/libvirt_reboots.h"

/* The kinds of events that are heard; the first tells who comes, goes and pauses. */
#define EVENTS 5

struct libvirt_news {
	virConnectPtr connection;
	int events[EVENTS]; /* libvirt's numbers of our callbacks; < 0: it tells none */
	struct libvirt_reboots reboots;
	atomic_bool lost;
	atomic_bool guests_moved;   /* some came, went, paused or went on since it was cleared */
	atomic_bool guests_defined; /* some were configured anew since it was cleared */
};

/* ---- called by libvirt's event thread ---- */

static void on_close(virConnectPtr c, int reason, void *data)
{
	atomic_store(&((struct libvirt_news *)data)->lost, true);
}

static int on_guest(virConnectPtr c, virDomainPtr domain, int event, int detail, void *data)
{
	struct libvirt_news *n = data;
	uint8_t uuid[UUID_BYTES];

	if (event == VIR_DOMAIN_EVENT_STOPPED && !virDomainGetUUID(domain, uuid))
		libvirt_reboots_forget(&n->reboots, uuid);
	if (event == VIR_DOMAIN_EVENT_DEFINED || event == VIR_DOMAIN_EVENT_UNDEFINED)
		atomic_store(&n->guests_defined, true);
	atomic_store(&n->guests_moved, true);
	return 0;
}

static void configured_anew(struct libvirt_news *n)
{
	atomic_store(&n->guests_defined, true);
	atomic_store(&n->guests_moved, true);
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
	struct libvirt_news *n = data;
	uint8_t uuid[UUID_BYTES];

	if (!virDomainGetUUID(domain, uuid))
		libvirt_reboots_count(&n->reboots, uuid);
}

static const struct {
	int id;
	virConnectDomainEventGenericCallback hear;
} kinds[EVENTS] = {
        {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(on_guest)},
        {VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(on_reboot)},
        {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(on_metadata)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(on_device)},
};

/* ---- called by its owner ---- */

struct libvirt_news *libvirt_news_hear(virConnectPtr connection)
{
	struct libvirt_news *n = calloc(1, sizeof(*n));
	size_t i;

	if (!n) {
		virConnectClose(connection);
		return NULL;
	}
	n->connection = connection;
	libvirt_reboots_init(&n->reboots);
	configured_anew(n);
	virConnectRegisterCloseCallback(connection, on_close, n, NULL);
	for (i = 0; i < EVENTS; i++)
		n->events[i] = virConnectDomainEventRegisterAny(connection, NULL, kinds[i].id,
		                                                kinds[i].hear, n, NULL);
	return n;
}

void libvirt_news_end(struct libvirt_news *n)
{
	size_t i;

	if (!n)
		return;
	for (i = 0; i < EVENTS; i++)
		if (n->events[i] >= 0)
			virConnectDomainEventDeregisterAny(n->connection, n->events[i]);
	virConnectUnregisterCloseCallback(n->connection, on_close);
	virConnectClose(n->connection);
	libvirt_events_settle(); /* a callback may be under way */
	libvirt_reboots_done(&n->reboots);
	free(n);
}

bool libvirt_news_take(struct libvirt_news *n, bool *configured)
{
	*configured = atomic_exchange(&n->guests_defined, false);
	return atomic_exchange(&n->guests_moved, false) || n->events[0] < 0;
}

bool libvirt_news_lost(const struct libvirt_news *n)
{
	return atomic_load(&n->lost) || virConnectIsAlive(n->connection) == 0;
}

uint32_t libvirt_news_reboots(struct libvirt_news *n, const uint8_t guest[UUID_BYTES])
{
	return libvirt_reboots_of(&n->reboots, guest);
}
