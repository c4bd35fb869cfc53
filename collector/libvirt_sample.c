/* libvirt_sample - read pCPUs, guests and vCPUs through libvirt, none of it through a guest's monitor */
#include "collector/libvirt_sample.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>

#include "collector/linux_host.h"
#include "common/clock.h"

/* An owner may give a guest explicit pins at any time; each guest's configuration is read this often. */
#define CONFIGURATION_NS (60 * NS_PER_S)

/* libvirt tells who comes, goes and pauses, which saves two calls a tick; should it miss one, it shows after this. */
#define LIST_NS (10 * NS_PER_S)

/* When there is no list, the guests of the last one go on being read: one that came since is not seen as long. */
#define KNOWN_NS (60 * NS_PER_S)

static void forget_guests(struct libvirt_host *h)
{
	size_t i;

	for (i = 0; i < h->nr_guests; i++)
		virDomainFree(h->guests[i].domain);
	free(h->guests);
	h->guests = NULL;
	h->nr_guests = 0;
}

void libvirt_forget(struct libvirt_host *h)
{
	forget_guests(h);
	h->listed_ns = h->known_ns = 0;
	h->no_memory = false;
}

void libvirt_cpuset(const unsigned char *map, int maplen, struct cpuset *set)
{
	int pcpu;

	*set = CPUSET_NONE;
	for (pcpu = 0; pcpu < 8 * maplen && pcpu < PCPU_MAX; pcpu++)
		if (VIR_CPU_USED(map, pcpu))
			cpuset_add(set, (unsigned)pcpu);
}

static uint64_t counter(const virNodeCPUStats *stats, int n, const char *field)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(stats[i].field, field))
			return stats[i].value;
	return 0;
}

#define MOST_FIELDS 16

static int read_pcpu(struct libvirt_host *h, int pcpu, struct sample *s, struct error *e)
{
	virNodeCPUStats stats[MOST_FIELDS];
	struct sample_pcpu *p;
	int n = h->nr_cpu_fields;

	/* The number of fields is asked once; it is the same for every pCPU. */
	if ((!n && virNodeGetCPUStats(h->link.connection, pcpu, NULL, &n, 0) < 0) ||
	    n > MOST_FIELDS || virNodeGetCPUStats(h->link.connection, pcpu, stats, &n, 0) < 0)
		return libvirt_link_fail(&h->link, e, "CPU statistics of the host");
	h->nr_cpu_fields = n;
	p = sample_add_pcpu(s, (uint32_t)pcpu);
	if (!p)
		return fail(e, ENOMEM, "no memory for a sample");
	p->user_ns = counter(stats, n, VIR_NODE_CPU_STATS_USER);
	p->kernel_ns = counter(stats, n, VIR_NODE_CPU_STATS_KERNEL);
	p->iowait_ns = counter(stats, n, VIR_NODE_CPU_STATS_IOWAIT);
	p->idle_ns = counter(stats, n, VIR_NODE_CPU_STATS_IDLE);
	return 0;
}

/* How many pCPUs the host can have decides the size of libvirt's maps; asked once. */
static int read_maplen(struct libvirt_host *h, struct error *e)
{
	int n = h->maplen ? 0 : virNodeGetCPUMap(h->link.connection, NULL, NULL, 0);

	if (n < 0)
		return libvirt_link_fail(&h->link, e, "CPUs of the host");
	if (n)
		h->maplen = VIR_CPU_MAPLEN(n < PCPU_MAX ? n : PCPU_MAX);
	return 0;
}

static int read_far_pcpus(struct libvirt_host *h, struct sample *s, struct error *e)
{
	unsigned char *map = NULL;
	unsigned online;
	int n, pcpu, r;

	n = virNodeGetCPUMap(h->link.connection, &map, &online, 0);
	if (n < 0)
		return libvirt_link_fail(&h->link, e, "CPUs of the host");
	libvirt_cpuset(map, VIR_CPU_MAPLEN(n), &s->online);
	free(map);
	s->usable = s->online;
	for (pcpu = cpuset_first(&s->online); pcpu >= 0; pcpu = cpuset_next(&s->online, pcpu)) {
		r = read_pcpu(h, pcpu, s, e);
		if (r == -ENOTCONN || r == -ENOMEM)
			return r; /* else it went offline meanwhile */
		if (r < 0)
			cpuset_remove(&s->usable, (unsigned)pcpu);
	}
	return 0;
}

static int read_pcpus(struct libvirt_host *h, struct sample *s, struct error *e)
{
	int r = read_maplen(h, e);

	if (!r)
		r = h->local ? linux_read_pcpus(s, e) : read_far_pcpus(h, s, e);
	if (!r && h->local)
		s->usable = linux_usable(&s->online);
	h->online = s->online;
	return r;
}

static int by_uuid(const void *a, const void *b)
{
	return memcmp(((const struct known_guest *)a)->uuid, ((const struct known_guest *)b)->uuid,
	              UUID_BYTES);
}

struct known_guest *libvirt_known_guest(struct libvirt_host *h, const uint8_t uuid[UUID_BYTES])
{
	struct known_guest key;

	memcpy(key.uuid, uuid, UUID_BYTES);
	return h->nr_guests ? bsearch(&key, h->guests, h->nr_guests, sizeof(key), by_uuid) : NULL;
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

/* The running guests, sorted, what was known of them carried over. Takes over the handles that it keeps. */
static int list_guests(struct libvirt_host *h, uint64_t now_ns, struct error *e)
{
	struct known_guest *list, *known;
	virDomainPtr *domains = NULL;
	int i, n;

	n = virConnectListAllDomains(h->link.connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (n < 0)
		return libvirt_link_fail(&h->link, e, "list of guests");
	list = calloc((size_t)n + 1, sizeof(*list));
	for (i = 0; list && i < n; i++) {
		struct known_guest *g = &list[i];

		g->domain = domains[i];
		g->instance = (uint32_t)virDomainGetID(domains[i]);
		virDomainGetUUID(domains[i], g->uuid);
		known = libvirt_known_guest(h, g->uuid);
		if (known && known->instance == g->instance) {
			g->state = known->state;
			g->busy = known->busy;
		}
		if (known && known->instance == g->instance && !h->configured &&
		    now_ns - known->configuration_ns < CONFIGURATION_NS) {
			g->user_pins = known->user_pins;
			g->configuration_ns = known->configuration_ns;
			g->memory = known->memory;
			g->memory_ns = known->memory_ns;
		} else {
			g->user_pins = has_user_pins(g->domain);
			g->configuration_ns = now_ns;
		}
	}
	free(domains);
	if (!list)
		return fail(e, ENOMEM, "no memory for %d guests", n);
	forget_guests(h);
	h->guests = list;
	h->nr_guests = (size_t)n;
	qsort(h->guests, h->nr_guests, sizeof(*h->guests), by_uuid);
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
static int read_states(struct libvirt_host *h, struct error *e)
{
	struct known_guest *known;
	virDomainPtr *domains = NULL;
	uint8_t uuid[UUID_BYTES];
	size_t guest;
	int i, n;

	n = virConnectListAllDomains(h->link.connection, &domains,
	                             VIR_CONNECT_LIST_DOMAINS_ACTIVE |
	                                     VIR_CONNECT_LIST_DOMAINS_PAUSED |
	                                     VIR_CONNECT_LIST_DOMAINS_OTHER);
	if (n < 0)
		return libvirt_link_fail(&h->link, e, "states of guests");
	for (guest = 0; guest < h->nr_guests; guest++)
		h->guests[guest].state = GUEST_RUNNING;
	for (i = 0; i < n; i++) {
		virDomainGetUUID(domains[i], uuid);
		known = libvirt_known_guest(h, uuid);
		if (known)
			known->state = state_of(domains[i]);
		virDomainFree(domains[i]);
	}
	free(domains);
	return 0;
}

/*
 * Make sure that the guests we know are those that run. What keeps the list from being read need not keep the guests from
 * it: one that ended meanwhile says so itself.
 */
static int know_guests(struct libvirt_host *h, struct sample *s, struct error *e)
{
	bool configured, news = libvirt_link_news(&h->link, &configured);
	uint64_t now_ns = s->begin_ns;
	int r;

	h->configured |= configured;
	if (h->listed_ns && !news && now_ns - h->listed_ns < LIST_NS)
		return 0;
	h->listed_ns = 0;
	r = list_guests(h, now_ns, e);
	if (!r)
		r = read_states(h, e);
	if (!r) {
		h->listed_ns = h->known_ns = now_ns;
		h->configured = false;
	}
	s->known_guests = r < 0 && r != -ENOTCONN && r != -ENOMEM && h->known_ns &&
	                  now_ns - h->known_ns < KNOWN_NS;
	return s->known_guests ? 0 : r;
}

/* libvirt does not say how many vCPUs there are when it hands out fewer: room that was filled is room too little. */
#define FIRST_ROOM 32

static int make_room(struct libvirt_host *h, int vcpus, struct error *e)
{
	if (vcpus <= h->room_vcpus && h->infos && h->maps)
		return 0;
	free(h->infos);
	free(h->maps);
	h->room_vcpus = vcpus;
	h->infos = calloc((size_t)vcpus, sizeof(*h->infos));
	h->maps = calloc((size_t)vcpus, PCPU_MAX / 8);
	return h->infos && h->maps ? 0 : fail(e, ENOMEM, "no memory for %d vCPUs", vcpus);
}

static int add_vcpus(struct libvirt_host *h, virDomainPtr domain, struct sample *s, struct error *e)
{
	struct sample_vcpu *v;
	int room = h->room_vcpus ? h->room_vcpus : FIRST_ROOM, i, n, r;

	for (;; room *= 2) {
		r = make_room(h, room, e);
		if (r < 0)
			return r;
		n = virDomainGetVcpus(domain, h->infos, room, h->maps, h->maplen);
		if (n < room)
			break;
	}
	if (n < 0)
		return libvirt_link_fail(&h->link, e, "vCPUs of a guest");
	for (i = 0; i < n; i++) {
		if (h->infos[i].state == VIR_VCPU_OFFLINE)
			continue;
		v = sample_add_vcpu(s, h->infos[i].number);
		if (!v)
			return fail(e, ENOMEM, "no memory for a sample");
		v->run_ns = h->infos[i].cpuTime;
		v->pcpu = h->infos[i].cpu >= 0 && h->infos[i].cpu < PCPU_MAX ? h->infos[i].cpu : -1;
		libvirt_cpuset(VIR_GET_CPUMAP(h->maps, h->maplen, i), h->maplen, &v->affinity);
		v->affinity = cpuset_and(&v->affinity, &s->online);
	}
	return 0;
}

/* From the live XML, which libvirt makes without entering the monitor: at its start, and as often as its configuration. */
static void read_memory_xml(struct known_guest *known, uint64_t now_ns)
{
	char *xml;

	if (known->memory_ns && now_ns - known->memory_ns < CONFIGURATION_NS)
		return;
	known->memory = (struct xml_memory){BALLOON_UNKNOWN, UNKNOWN, ""};
	xml = virDomainGetXMLDesc(known->domain, 0);
	if (xml && !libvirt_read_memory(xml, &known->memory, NULL))
		known->memory_ns = now_ns;
	free(xml);
}

static void read_guest_memory(struct libvirt_host *h, struct known_guest *known, uint64_t now_ns,
                              struct sample_guest *g)
{
	read_memory_xml(known, now_ns);
	g->balloon = known->memory.balloon;
	strcpy(g->bounds, known->memory.bounds);
	g->memory.period_s = known->memory.period_s;
	g->busy = known->busy;
	g->reboots = libvirt_reboots_of(&h->link.reboots, known->uuid);
}

static int read_guest(struct libvirt_host *h, struct known_guest *known, unsigned late,
                      struct sample *s, struct error *e)
{
	struct sample_guest *g = sample_add_guest(s, known->uuid, virDomainGetName(known->domain));
	int r;

	if (!g)
		return fail(e, ENOMEM, "no memory for a sample");
	g->instance = known->instance;
	g->state = known->state;
	g->user_pins = known->user_pins;
	if (late & LATE_MEMORY)
		read_guest_memory(h, known, s->begin_ns, g);
	r = add_vcpus(h, known->domain, s, e);
	if (r < 0) {
		/* It vanished meanwhile: leave it out as a whole. */
		s->nr_vcpus = g->first_vcpu;
		s->nr_guests--;
	}
	return r;
}

/* Of the guest whose reading came to this. */
static bool is_unread(const struct sample *s, unsigned late, int result)
{
	if (result < 0)
		return result != -ESRCH;
	return late & LATE_MEMORY && s->guests[s->nr_guests - 1].balloon == BALLOON_UNKNOWN;
}

#define MOST_MEMORY_FIELDS 16

/* The memory of a host that is not this machine. */
static void read_far_memory(struct libvirt_host *h, struct host_memory *memory)
{
	virNodeMemoryStats stats[MOST_MEMORY_FIELDS];
	uint64_t buffers = 0, cached = UNKNOWN;
	virConnectPtr c = h->link.connection;
	struct error e;
	int i, n = 0;

	if (h->no_memory)
		return;
	if (virNodeGetMemoryStats(c, VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &n, 0) < 0) {
		h->no_memory = libvirt_link_fail(&h->link, &e, "memory of the host") == -EOPNOTSUPP;
		return;
	}
	h->no_memory = n > MOST_MEMORY_FIELDS;
	if (h->no_memory ||
	    virNodeGetMemoryStats(c, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &n, 0) < 0)
		return;
	for (i = 0; i < n; i++) {
		if (!strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL))
			memory->total_kib = stats[i].value;
		else if (!strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_FREE))
			memory->free_kib = stats[i].value;
		else if (!strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_BUFFERS))
			buffers = stats[i].value;
		else if (!strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_CACHED))
			cached = stats[i].value;
	}
	if (cached != UNKNOWN)
		memory->cached_kib = buffers + cached;
}

int libvirt_read(struct libvirt_host *h, unsigned late, struct sample *out, struct error *e)
{
	size_t i;
	int r;

	r = read_pcpus(h, out, e);
	if (r < 0)
		return r;
	if (late & LATE_MEMORY && h->local)
		linux_read_memory(&out->memory);
	else if (late & LATE_MEMORY)
		read_far_memory(h, &out->memory);
	r = know_guests(h, out, e);
	for (i = 0; !r && i < h->nr_guests; i++) {
		r = read_guest(h, &h->guests[i], late, out, e);
		out->nr_unread += is_unread(out, late, r);
		if (r < 0 && r != -ENOTCONN && r != -ENOMEM)
			r = 0;
	}
	if (r < 0)
		return r;
	return sample_sort(out) < 0 ? fail(e, ENOMEM, "no memory for a sample") : 0;
}

/* A call that does not enter the monitor; the statistics bring the same, where they come, without one for each guest. */
static bool read_balloon(const struct known_guest *known, struct sample_guest *g)
{
	virDomainInfo info;

	if (!known || virDomainGetInfo(known->domain, &info) < 0)
		return false;
	g->memory.actual_kib = info.memory;
	g->memory.maximum_kib = info.maxMem;
	return true;
}

void libvirt_read_rest(struct libvirt_host *h, struct sample *s)
{
	struct known_guest *known;
	struct sample_guest *g;
	size_t i;

	for (i = 0; i < s->nr_guests; i++) {
		g = &s->guests[i];
		known = libvirt_known_guest(h, g->uuid);
		if (known)
			known->busy = g->busy;
		if ((g->memory.actual_kib == UNKNOWN || g->memory.maximum_kib == UNKNOWN) &&
		    !read_balloon(known, g) && g->balloon != BALLOON_UNKNOWN)
			s->nr_unread++;
	}
}
