/* libvirt_sample - read a sample through libvirt, none of it through a guest's monitor */
#include "collector/libvirt_sample.h"

#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/stop.h"

void libvirt_forget(struct libvirt_host *h)
{
	libvirt_guests_forget(&h->guests);
	h->node.no_memory = false;
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
		n = virDomainGetVcpus(domain, h->infos, room, h->maps, h->node.maplen);
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
		libvirt_cpuset(VIR_GET_CPUMAP(h->maps, h->node.maplen, i), h->node.maplen,
		               &v->affinity);
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
	if (g->ordered) /* it may be changed at any moment */
		known->memory_ns = 0;
	g->busy = known->busy;
	g->reboots = libvirt_news_reboots(h->link.news, known->uuid);
}

static int read_guest(struct libvirt_host *h, struct known_guest *known, unsigned late,
                      struct sample *s, struct error *e)
{
	struct sample_guest *g = sample_add_guest(s, known->uuid, virDomainGetName(known->domain));
	int r;

	if (!g)
		return fail(e, ENOMEM, "no memory for a sample");
	g->instance = known->instance;
	g->start = known->start;
	g->state = known->state;
	g->user_pins = known->user_pins;
	g->ordered = libvirt_orders_late(&h->orders, known->uuid);
	if (late & LATE_MEMORY)
		read_guest_memory(h, known, s->begin_ns, g);
	r = add_vcpus(h, known->domain, s, e);
	/* Of one that vanished meanwhile nothing is told. One that runs is there, whatever cannot be read of it. */
	if (r < 0)
		s->nr_vcpus = g->first_vcpu;
	if (r == -ESRCH)
		s->nr_guests--;
	return r;
}

/* Of the guest whose reading came to this. */
static bool is_unread(const struct sample *s, unsigned late, int result)
{
	if (result < 0)
		return result != -ESRCH;
	return late & LATE_MEMORY && s->guests[s->nr_guests - 1].balloon == BALLOON_UNKNOWN;
}

int libvirt_read(struct libvirt_host *h, unsigned late, struct sample *out, struct error *e)
{
	size_t i;
	int r;

	r = libvirt_node_pcpus(&h->node, &h->link, out, e);
	if (r < 0)
		return r;
	if (late & LATE_MEMORY)
		libvirt_node_memory(&h->node, &h->link, &out->memory);
	r = libvirt_guests_know(&h->guests, &h->link, out, e);
	for (i = 0; !r && i < h->guests.nr; i++) {
		stop_lives();
		r = read_guest(h, &h->guests.at[i], late, out, e);
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
		known = libvirt_guests_find(&h->guests, g->uuid);
		if (known)
			known->busy = g->busy;
		if ((g->memory.actual_kib == UNKNOWN || g->memory.maximum_kib == UNKNOWN) &&
		    !read_balloon(known, g) && g->balloon != BALLOON_UNKNOWN)
			s->nr_unread++;
	}
}
