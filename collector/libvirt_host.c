/* libvirt_host - a host seen and moved through libvirt */
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "collector/host_ops.h"
#include "collector/libvirt_sample.h"
#include "collector/libvirt_xml.h"
#include "collector/linux_host.h"
#include "common/clock.h"
#include "common/stop.h"

static struct libvirt_host *of(struct host *h)
{
	return (struct libvirt_host *)h;
}

static void free_host(struct libvirt_host *h)
{
	libvirt_forget(h);
	libvirt_stats_done(&h->stats);
	libvirt_orders_done(&h->orders, &h->link);
	libvirt_link_close(&h->link);
	free(h->infos);
	free(h->maps);
	free(h);
}
DEFINE_AUTO(struct libvirt_host *, free_host);

static void close_host(struct host *host)
{
	free_host(of(host));
}

/* "qemu:///system" is served by this machine's kernel; "qemu+ssh://far/system" and "test:///x" are not. */
static bool is_local(virConnectPtr connection, const char *uri)
{
	const char *type = virConnectGetType(connection);
	const char *authority = strstr(uri, "://");

	return authority && authority[3] == '/' && type && strcmp(type, "TEST") != 0;
}

/* ---- describe ---- */

static void version_text(char *text, size_t size, const char *name, unsigned long version)
{
	snprintf(text, size, "%s %lu.%lu.%lu", name, version / 1000000, version / 1000 % 1000,
	         version % 1000);
}

#define SAFE        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define NAME_LENGTH 24 /* of a host's name, and of a path's */

static uint32_t mix(uint32_t hash, const char *text, size_t length)
{
	for (; length; length--)
		hash = (hash ^ (unsigned char)*text++) * 16777619; /* FNV-1a */
	return hash;
}

/*
 * A name for lock and journal: letters, digits, '-' only, and a number where these do not tell all. libvirt's host UUID may change
 * at each start, and the name that it has for this machine when DNS comes or goes; of another machine its first part is all there is.
 */
static void set_identity(struct host_facts *facts, const char *type, bool local)
{
	const char *path = strstr(facts->uri, "://");
	size_t name = local ? 0 : strcspn(facts->name, "."), length;
	uint32_t hash = 2166136261;
	size_t used;
	bool whole;
	char *p;

	path = path ? strchr(path + 3, '/') : NULL;
	path = path ? path + 1 : "";
	length = strcspn(path, "?");
	whole = name <= NAME_LENGTH && length <= NAME_LENGTH && strspn(path, SAFE) == length &&
	        strspn(facts->name, SAFE "-") >= name;
	snprintf(facts->identity, sizeof(facts->identity), "%.15s%s%.*s%s%.*s", type,
	         local ? "" : "-", name < NAME_LENGTH ? (int)name : NAME_LENGTH, facts->name,
	         length ? "-" : "", length < NAME_LENGTH ? (int)length : NAME_LENGTH, path);
	for (p = facts->identity; *p; p++)
		if (!strchr(SAFE, *p))
			*p = '-';
	hash = mix(mix(hash, facts->name, name), path, length);
	used = strlen(facts->identity);
	if (!whole)
		snprintf(facts->identity + used, sizeof(facts->identity) - used, "-%08x", hash);
}

static void set_local_facts(struct host_facts *out)
{
	struct host_memory memory = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
	struct utsname kernel;

	linux_read_memory(&memory);
	if (memory.total_kib != UNKNOWN)
		out->memory_kib = memory.total_kib;
	if (!uname(&kernel))
		snprintf(out->kernel, sizeof(out->kernel), "%s %s", kernel.sysname, kernel.release);
}

static int describe(struct host *host, struct host_facts *out, struct error *e)
{
	struct libvirt_host *h = of(host);
	virConnectPtr c = h->link.connection;
	const char *type = virConnectGetType(c);
	unsigned long version = 0;
	char *text;
	int r = 0;

	memset(out, 0, sizeof(*out));
	snprintf(out->uri, sizeof(out->uri), "%s", h->link.uri);
	text = virConnectGetHostname(c);
	snprintf(out->name, sizeof(out->name), "%s", text ? text : "");
	free(text);
	set_identity(out, type ? type : "host", h->node.local);
	if (!virConnectGetVersion(c, &version))
		version_text(out->hypervisor, sizeof(out->hypervisor), type ? type : "", version);
	if (!virConnectGetLibVersion(c, &version))
		version_text(out->library, sizeof(out->library), "libvirt", version);
	if (h->node.local)
		set_local_facts(out);
	text = virConnectGetCapabilities(c);
	if (!text)
		return libvirt_link_fail(&h->link, e, "capabilities of the host");
	r = libvirt_read_capabilities(text, out, e);
	free(text);
	return r;
}

/* ---- sample ---- */

static int sample(struct host *host, unsigned late, struct sample *out, struct error *e)
{
	struct libvirt_host *h = of(host);
	bool fresh;
	int r;

	sample_clear(out);
	if (!libvirt_link_is_up(&h->link)) {
		h->link.lost = true;
		libvirt_forget(h); /* its handles hold the connection */
	}
	r = libvirt_link_ensure(&h->link, &fresh, e);
	if (r < 0)
		return r;
	if (fresh)
		libvirt_forget(h);
	out->wall_ns = clock_wall_ns();
	out->begin_ns = clock_mono_ns();
	r = libvirt_read(h, late, out, e);
	out->end_ns = clock_mono_ns();
	if (r < 0) {
		sample_clear(out);
		return r;
	}
	/* After the fast calls, so that these do not wait for a guest that the slow ones hold. */
	libvirt_stats_request(&h->stats, &h->link, late);
	return 0;
}

static int sample_late(struct host *host, uint64_t deadline_ns, struct sample *s, struct error *e)
{
	struct libvirt_host *h = of(host);
	bool memory = h->stats.late & LATE_MEMORY;
	int r = libvirt_stats_collect(&h->stats, deadline_ns, s, e);

	if (memory)
		libvirt_read_rest(h, s);
	return r;
}

/* ---- act ---- */

static int find_guest(struct libvirt_host *h, const uint8_t guest[UUID_BYTES],
                      struct known_guest **known, struct error *e)
{
	if (!libvirt_link_is_up(&h->link))
		return fail(e, ENOTCONN, "%s: connection lost", h->link.uri);
	*known = libvirt_guests_find(&h->guests, guest);
	return *known ? 0 : fail(e, ESRCH, "the guest is gone");
}

static int affinity(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                    struct cpuset *mask, struct error *e)
{
	struct libvirt_host *h = of(host);
	struct known_guest *known;
	int i, n, r;

	r = find_guest(h, guest, &known, e);
	if (r < 0)
		return r;
	n = virDomainGetVcpus(known->domain, h->infos, h->room_vcpus, h->maps, h->node.maplen);
	if (n < 0)
		return libvirt_link_fail(&h->link, e, "read back");
	for (i = 0; i < n; i++)
		if (h->infos[i].number == vcpu) {
			libvirt_cpuset(VIR_GET_CPUMAP(h->maps, h->node.maplen, i), h->node.maplen,
			               mask);
			*mask = cpuset_and(mask, &h->node.online);
			return 0;
		}
	return fail(e, ESRCH, "the vCPU is gone");
}

static int order(struct libvirt_host *h, const uint8_t guest[UUID_BYTES],
                 const struct order_wish *wish, uint64_t deadline_ns, struct error *e)
{
	struct known_guest *known;
	int r;

	r = find_guest(h, guest, &known, e);
	if (r < 0)
		return r;
	/* libvirt says of one without a balloon what it says of one that does not run. */
	if (wish->kind != ORDER_PIN && known->memory.balloon == BALLOON_NONE)
		return fail(e, EOPNOTSUPP, "the guest has no balloon");
	r = libvirt_order(&h->orders, &h->link, guest, wish, deadline_ns, e);
	if (wish->kind == ORDER_PERIOD)
		known->memory_ns = 0;
	if (r == -ENOTCONN)
		h->link.lost = true;
	return r;
}

static int set_memory(struct host *host, const uint8_t guest[UUID_BYTES], uint64_t kib,
                      uint64_t deadline_ns, struct error *e)
{
	return order(of(host), guest, &(struct order_wish){ORDER_MEMORY, .value = kib}, deadline_ns,
	             e);
}

static int set_period(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                      uint64_t deadline_ns, struct error *e)
{
	return order(of(host), guest, &(struct order_wish){ORDER_PERIOD, .value = period_s},
	             deadline_ns, e);
}

static int pin(struct host *host, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
               const struct cpuset *mask, uint64_t deadline_ns, struct error *e)
{
	struct libvirt_host *h = of(host);
	struct order_wish wish = {ORDER_PIN, .vcpu = vcpu, .maplen = h->node.maplen};
	int pcpu;

	if (cpuset_first(mask) < 0)
		return fail(e, EINVAL, "an empty set of pCPUs"); /* some drivers would accept it */
	for (pcpu = cpuset_first(mask); pcpu >= 0; pcpu = cpuset_next(mask, pcpu))
		if (pcpu < 8 * wish.maplen)
			VIR_USE_CPU(wish.map, pcpu);
	return order(h, guest, &wish, deadline_ns, e);
}

static void await_orders(struct host *host, uint64_t deadline_ns)
{
	struct libvirt_host *h = of(host);

	libvirt_orders_await(&h->orders, &h->link, deadline_ns);
}

/* ---- time ---- */

static uint64_t now_ns(struct host *host)
{
	return clock_mono_ns();
}

static uint64_t wall_ns(struct host *host)
{
	return clock_wall_ns();
}

static void hurry(struct host *host)
{
	libvirt_link_hurry(&((struct libvirt_host *)host)->link);
}

static int wait_until(struct host *host, uint64_t deadline_ns, const sigset_t *stop)
{
	uint64_t now = clock_mono_ns();
	struct timespec rest;
	int number;

	while (now < deadline_ns) {
		rest.tv_sec = (time_t)((deadline_ns - now) / NS_PER_S);
		rest.tv_nsec = (long)((deadline_ns - now) % NS_PER_S);
		number = stop_wait(stop, &rest);
		if (number > 0)
			return number;
		now = clock_mono_ns();
	}
	rest = (struct timespec){0};
	return stop_wait(stop, &rest);
}

static const struct host_ops ops = {
        .describe = describe,
        .sample = sample,
        .sample_late = sample_late,
        .pin = pin,
        .affinity = affinity,
        .set_memory = set_memory,
        .set_period = set_period,
        .await_orders = await_orders,
        .now_ns = now_ns,
        .wall_ns = wall_ns,
        .hurry = hurry,
        .wait = wait_until,
        .close = close_host,
};

int libvirt_host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e)
{
	AUTO(free_host) struct libvirt_host *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return fail(e, ENOMEM, "no memory for a connection");
	h->host = (struct host){&ops, mode};
	r = libvirt_link_open(&h->link, uri, mode == HOST_READ_ONLY, e);
	if (r < 0)
		return r;
	h->node.local = is_local(h->link.connection, uri);
	*out = (struct host *)take(h); /* its first member */
	return 0;
}
