/* libvirt_guests - who runs on the host: listed when libvirt tells of news, with what was known of each carried over */
#include "collector/libvirt_guests.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"

/* libvirt tells who comes, goes and pauses, which saves two calls a tick; should it miss one, it shows after this. */
#define LIST_NS (10 * NS_PER_S)

/* When there is no list, the guests of the last one go on being read: one that came since is not seen as long. */
#define KNOWN_NS (60 * NS_PER_S)

static void forget(struct libvirt_guests *g)
{
	size_t i;

	for (i = 0; i < g->nr; i++)
		virDomainFree(g->at[i].domain);
	free(g->at);
	g->at = NULL;
	g->nr = 0;
}

void libvirt_guests_forget(struct libvirt_guests *g)
{
	forget(g);
	g->listed_ns = g->known_ns = 0;
}

static int by_uuid(const void *a, const void *b)
{
	return memcmp(((const struct known_guest *)a)->uuid, ((const struct known_guest *)b)->uuid,
	              UUID_BYTES);
}

struct known_guest *libvirt_guests_find(const struct libvirt_guests *g,
                                        const uint8_t uuid[UUID_BYTES])
{
	struct known_guest key;

	memcpy(key.uuid, uuid, UUID_BYTES);
	return g->nr ? bsearch(&key, g->at, g->nr, sizeof(key), by_uuid) : NULL;
}

/*
 * Explicit pins count when they stand in a persistent configuration; a transient guest has none. When libvirt does not
 * tell, the guest is left alone until it does.
 */
static bool has_user_pins(virDomainPtr domain)
{
	int persistent = virDomainIsPersistent(domain);
	bool pins = true;
	char *xml;

	if (persistent != 1)
		return persistent < 0;
	xml = virDomainGetXMLDesc(domain, VIR_DOMAIN_XML_INACTIVE);
	if (xml)
		libvirt_read_domain(xml, &pins, NULL);
	free(xml);
	return pins;
}

/* What was known of a guest goes on counting until it starts anew; its configuration, until it may have changed. */
static void carry_over(const struct libvirt_guests *g, uint64_t now_ns, struct known_guest *to)
{
	const struct known_guest *known = libvirt_guests_find(g, to->uuid);
	bool same = known && known->instance == to->instance;

	if (same) {
		to->start = known->start;
		to->state = known->state;
		to->busy = known->busy;
	}
	if (same && !g->configured && now_ns - known->configuration_ns < CONFIGURATION_NS) {
		to->user_pins = known->user_pins;
		to->configuration_ns = known->configuration_ns;
		to->memory = known->memory;
		to->memory_ns = known->memory_ns;
	} else {
		to->user_pins = has_user_pins(to->domain);
		to->configuration_ns = now_ns;
	}
}

/* By the reason of its state; every other one tells that it was booted, or paused since. */
static const struct {
	int state, reason;
	enum guest_start means;
} starts[] = {
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_RESTORED, START_RESTORED},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_MIGRATED, START_RESTORED},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_FROM_SNAPSHOT, START_RESTORED},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, START_RESTORED},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, START_RESTORED}, /* restore --paused */
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_FROM_SNAPSHOT, START_RESTORED},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, START_RESTORED},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, START_UNKNOWN},
};

static enum guest_start start_of(virDomainPtr domain)
{
	int state, reason;
	size_t i;

	if (virDomainGetState(domain, &state, &reason, 0) < 0)
		return START_UNKNOWN;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (starts[i].state == state && starts[i].reason == reason)
			return starts[i].means;
	return START_BOOTED;
}

/* Takes over the handles that it keeps. */
static int list_guests(struct libvirt_guests *g, struct libvirt_link *link, uint64_t now_ns,
                       struct error *e)
{
	struct known_guest *list;
	virDomainPtr *domains = NULL;
	int i, n;

	n = virConnectListAllDomains(link->connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (n < 0)
		return libvirt_link_fail(link, e, "list of guests");
	list = calloc((size_t)n + 1, sizeof(*list));
	for (i = 0; list && i < n; i++) {
		list[i].domain = domains[i];
		list[i].instance = (uint32_t)virDomainGetID(domains[i]);
		virDomainGetUUID(domains[i], list[i].uuid);
		carry_over(g, now_ns, &list[i]);
		if (list[i].start == START_UNKNOWN)
			list[i].start = start_of(domains[i]);
	}
	free(domains);
	if (!list)
		return fail(e, ENOMEM, "no memory for %d guests", n);
	forget(g);
	g->at = list;
	g->nr = (size_t)n;
	qsort(g->at, g->nr, sizeof(*g->at), by_uuid);
	return 0;
}

static const struct {
	int state;
	enum guest_state means;
} states[] = {
        {VIR_DOMAIN_RUNNING, GUEST_RUNNING},
        {VIR_DOMAIN_BLOCKED, GUEST_RUNNING},
        {VIR_DOMAIN_PAUSED, GUEST_PAUSED},
        {VIR_DOMAIN_CRASHED, GUEST_CRASHED},
};

static enum guest_state state_of(virDomainPtr domain)
{
	int state = VIR_DOMAIN_NOSTATE;
	size_t i;

	virDomainGetState(domain, &state, NULL, 0);
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].state == state)
			return states[i].means;
	return GUEST_OTHER;
}

/*
 * Who does not run: libvirt goes on saying of a paused guest's vCPUs that they run. One list that is empty on most
 * hosts, and a call for each guest in it, instead of a call for each guest.
 */
static int read_states(struct libvirt_guests *g, struct libvirt_link *link, struct error *e)
{
	struct known_guest *known;
	virDomainPtr *domains = NULL;
	uint8_t uuid[UUID_BYTES];
	size_t guest;
	int i, n;

	n = virConnectListAllDomains(link->connection, &domains,
	                             VIR_CONNECT_LIST_DOMAINS_ACTIVE |
	                                     VIR_CONNECT_LIST_DOMAINS_PAUSED |
	                                     VIR_CONNECT_LIST_DOMAINS_OTHER);
	if (n < 0)
		return libvirt_link_fail(link, e, "states of guests");
	for (guest = 0; guest < g->nr; guest++)
		g->at[guest].state = GUEST_RUNNING;
	for (i = 0; i < n; i++) {
		virDomainGetUUID(domains[i], uuid);
		known = libvirt_guests_find(g, uuid);
		if (known)
			known->state = state_of(domains[i]);
		virDomainFree(domains[i]);
	}
	free(domains);
	return 0;
}

/* What keeps the list from being read need not keep the guests from it: one that ended meanwhile says so itself. */
int libvirt_guests_know(struct libvirt_guests *g, struct libvirt_link *link, struct sample *s,
                        struct error *e)
{
	bool configured, news = libvirt_news_take(link->news, &configured);
	uint64_t now_ns = s->begin_ns;
	int r;

	g->configured |= configured;
	if (g->listed_ns && !news && now_ns - g->listed_ns < LIST_NS)
		return 0;
	g->listed_ns = 0;
	r = list_guests(g, link, now_ns, e);
	if (!r)
		r = read_states(g, link, e);
	if (!r) {
		g->listed_ns = g->known_ns = now_ns;
		g->configured = false;
	}
	s->known_guests = r < 0 && r != -ENOTCONN && r != -ENOMEM && g->known_ns &&
	                  now_ns - g->known_ns < KNOWN_NS;
	return s->known_guests ? 0 : r;
}
