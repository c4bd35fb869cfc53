/* libvirt_test - the plumbing to libvirt, on its own test driver: no root, no daemon */
#include <dlfcn.h>
#include <fcntl.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balancer/apply.h"
#include "collector/host.h"
#include "collector/libvirt_error.h"
#include "collector/libvirt_reboots.h"
#include "collector/libvirt_xml.h"
#include "common/clock.h"
#include "tests/unit/check.h"

static uint64_t soon(void)
{
	return clock_mono_ns() + 5 * NS_PER_S;
}

static struct host *open_host(enum host_mode mode, struct sample *s)
{
	struct host *h = NULL;
	struct error e;

	if (host_open("test:///default", mode, &h, &e) < 0)
		fail_msg("%s", e.text);
	sample_init(s);
	if (host_sample(h, LATE_NONE, s, &e) < 0)
		fail_msg("%s", e.text);
	return h;
}

static void a_sample_has_guests_vcpus_and_pcpus(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	size_t i;

	assert_int_equal(s.nr_guests, 1);
	assert_string_equal(s.guests[0].name, "test");
	assert_int_equal(s.guests[0].state, GUEST_RUNNING);
	assert_true(s.nr_vcpus >= 1 && s.nr_pcpus >= 1);
	assert_true(s.begin_ns && s.end_ns >= s.begin_ns && s.wall_ns);
	for (i = 0; i < s.nr_vcpus; i++)
		assert_true(s.vcpus[i].delay_ns == UNKNOWN);
	/* Its vCPUs claim to run on pCPUs 15 and 16; nothing outside of the host gets through. */
	for (i = 0; i < s.nr_vcpus; i++)
		assert_true(cpuset_covers(&s.online, &s.vcpus[i].affinity));
	sample_done(&s);
	host_close(h);
}

static bool does_not_tell, starts_up; /* of a guest's state: fails, or says so */

int virDomainGetState(virDomainPtr domain, int *is, int *reason, unsigned flags)
{
	int (*real)(virDomainPtr, int *, int *, unsigned) = (int (*)(
	        virDomainPtr, int *, int *, unsigned))dlsym(RTLD_NEXT, "virDomainGetState");

	if (does_not_tell)
		return -1;
	if (!starts_up)
		return real(domain, is, reason, flags);
	*is = VIR_DOMAIN_PAUSED;
	if (reason)
		*reason = VIR_DOMAIN_PAUSED_STARTING_UP;
	return 0;
}

static enum guest_start start_now(void)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	enum guest_start start = s.guests[0].start;

	sample_done(&s);
	host_close(h);
	return start;
}

/* The news come when they come. */
static void sample_until(struct host *h, struct sample *s, enum guest_state state)
{
	struct error e;
	int tries;

	for (tries = 0; tries < 500; tries++) {
		assert_int_equal(host_sample(h, LATE_NONE, s, &e), 0);
		if (s->nr_guests && s->guests[0].state == state)
			return;
		usleep(10000);
	}
	fail_msg("the guest does not become %s", guest_state_name[state]);
}

static void boot(virDomainPtr guest)
{
	assert_int_equal(virDomainDestroy(guest), 0);
	assert_int_equal(virDomainCreate(guest), 0);
}

/* The test driver's guest is there for every connection of this program. */
static void how_a_guest_began_is_told(void **state)
{
	char saved[] = "/tmp/vmb-saved-XXXXXX";
	virConnectPtr connection = virConnectOpen("test:///default");
	virDomainPtr guest = virDomainLookupByName(connection, "test");
	int fd = mkstemp(saved);

	assert_true(guest && fd >= 0 && !close(fd));
	boot(guest);
	assert_int_equal(start_now(), START_BOOTED);
	assert_int_equal(virDomainSave(guest, saved), 0);
	assert_int_equal(virDomainRestore(connection, saved), 0);
	assert_int_equal(start_now(), START_RESTORED);
	boot(guest);
	starts_up = true;
	assert_int_equal(start_now(), START_UNKNOWN);
	starts_up = false;
	/* One that begins paused, and is let run, was booted. */
	assert_int_equal(virDomainSuspend(guest), 0);
	assert_int_equal(start_now(), START_BOOTED);
	assert_int_equal(virDomainResume(guest), 0);
	assert_int_equal(start_now(), START_BOOTED);
	boot(guest);
	unlink(saved);
	virDomainFree(guest);
	virConnectClose(connection);
}

/* What was not told is asked for again, what was told once stays so. */
static void how_a_guest_began_is_kept_in_mind(void **state)
{
	virConnectPtr connection = virConnectOpen("test:///default");
	virDomainPtr guest = virDomainLookupByName(connection, "test");
	char saved[] = "/tmp/vmb-saved-XXXXXX";
	int fd = mkstemp(saved);
	struct host *asks, *knows;
	struct sample a, k;

	assert_true(fd >= 0 && !close(fd));
	assert_int_equal(virDomainSave(guest, saved), 0);
	assert_int_equal(virDomainRestore(connection, saved), 0);
	unlink(saved);
	knows = open_host(HOST_READ_ONLY, &k);
	does_not_tell = true;
	asks = open_host(HOST_READ_ONLY, &a);
	does_not_tell = false;
	assert_int_equal(k.guests[0].start, START_RESTORED);
	assert_int_equal(a.guests[0].start, START_UNKNOWN);
	assert_int_equal(virDomainSuspend(guest), 0);
	sample_until(knows, &k, GUEST_PAUSED);
	sample_until(asks, &a, GUEST_PAUSED);
	assert_int_equal(k.guests[0].start, START_RESTORED);
	assert_int_equal(a.guests[0].start, START_BOOTED); /* as far as it is told then */
	boot(guest);
	sample_until(knows, &k, GUEST_RUNNING);
	assert_int_equal(k.guests[0].start, START_BOOTED);
	sample_done(&a);
	sample_done(&k);
	host_close(asks);
	host_close(knows);
	virDomainFree(guest);
	virConnectClose(connection);
}

static void a_pin_is_made_and_read_back(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct cpuset wanted = cpuset_one((unsigned)cpuset_first(&s.online)), seen;
	struct error e;

	assert_int_equal(host_pin(h, s.guests[0].uuid, 0, &wanted, soon(), &e), 0);
	assert_int_equal(host_affinity(h, s.guests[0].uuid, 0, &seen, &e), 0);
	assert_true(cpuset_equal(&wanted, &seen));
	sample_done(&s);
	host_close(h);
}

static void a_read_only_host_cannot_act(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	struct cpuset wanted = cpuset_one(0), seen;
	struct error e;

	assert_int_equal(host_pin(h, s.guests[0].uuid, 0, &wanted, soon(), &e), -EROFS);
	assert_int_equal(host_affinity(h, s.guests[0].uuid, 0, &seen, &e), 0);
	assert_false(cpuset_equal(&wanted, &seen));
	sample_done(&s);
	host_close(h);
}

static void what_cannot_be_pinned_is_refused(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct cpuset zero = cpuset_one(0), none = CPUSET_NONE, seen;
	uint8_t nobody[UUID_BYTES] = {1};
	struct error e;

	assert_int_equal(host_pin(h, nobody, 0, &zero, soon(), &e), -ESRCH);
	assert_int_equal(host_affinity(h, nobody, 0, &seen, &e), -ESRCH);
	assert_true(host_pin(h, s.guests[0].uuid, 999, &zero, soon(), &e) < 0);
	assert_int_equal(host_affinity(h, s.guests[0].uuid, 999, &seen, &e), -ESRCH);
	assert_int_equal(host_pin(h, s.guests[0].uuid, 0, &none, soon(), &e),
	                 -EINVAL); /* the driver would take it */
	sample_done(&s);
	host_close(h);
}

static void the_host_is_described(void **state)
{
	static struct host_facts facts;
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	struct error e;

	assert_int_equal(host_describe(h, &facts, &e), 0);
	assert_string_equal(facts.uri, "test:///default");
	assert_true(facts.nr_places > 0);
	assert_int_equal(strncmp(facts.identity, "TEST-", 5), 0);
	assert_int_equal(
	        strspn(facts.identity,
	               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"),
	        strlen(facts.identity));
	sample_done(&s);
	host_close(h);
}

static void late_statistics_come_from_each_guest_where_bulk_ones_are_missing(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	struct error e;

	assert_true(s.guests[0].memory.actual_kib == UNKNOWN); /* not asked for */
	assert_int_equal(host_sample_late(h, soon(), &s, &e), 0);
	assert_true(s.guests[0].memory.usable_kib == UNKNOWN);
	assert_int_equal(host_sample(h, LATE_DELAY | LATE_MEMORY, &s, &e), 0);
	assert_true(s.guests[0].memory.usable_kib == UNKNOWN);
	assert_int_equal(host_sample_late(h, soon(), &s, &e), 0);
	assert_true(s.guests[0].memory.actual_kib != UNKNOWN);
	assert_true(s.guests[0].memory.usable_kib <= s.guests[0].memory.actual_kib);
	assert_true(s.guests[0].memory.updated_s != UNKNOWN);
	assert_int_equal(s.guests[0].memory.maximum_kib, 8 << 20);
	assert_true(s.vcpus[0].delay_ns == UNKNOWN);
	sample_done(&s);
	host_close(h);
}

/* The program's own function comes before that of the library: it answers as soon as it may. */
static pthread_mutex_t may_answer = PTHREAD_MUTEX_INITIALIZER;

int virDomainMemoryStats(virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned nr,
                         unsigned flags)
{
	int (*real)(virDomainPtr, virDomainMemoryStatPtr, unsigned,
	            unsigned) = (int (*)(virDomainPtr, virDomainMemoryStatPtr, unsigned,
	                                 unsigned))dlsym(RTLD_NEXT, "virDomainMemoryStats");

	pthread_mutex_lock(&may_answer);
	pthread_mutex_unlock(&may_answer);
	return real(domain, stats, nr, flags);
}

static void what_is_late_stays_unknown_but_for_the_balloon_itself(void **state)
{
	struct sample s;
	struct host *h = open_host(HOST_READ_ONLY, &s);
	struct error e;

	pthread_mutex_lock(&may_answer);
	assert_int_equal(host_sample(h, LATE_MEMORY, &s, &e), 0);
	assert_int_equal(host_sample_late(h, clock_mono_ns() + 50 * NS_PER_MS, &s, &e), -ETIMEDOUT);
	pthread_mutex_unlock(&may_answer);
	assert_true(s.guests[0].memory.usable_kib == UNKNOWN);
	assert_true(s.guests[0].memory.actual_kib != UNKNOWN);
	assert_true(s.guests[0].memory.maximum_kib != UNKNOWN);
	/* What was left behind does not stand in the way of the next. */
	assert_int_equal(host_sample(h, LATE_MEMORY, &s, &e), 0);
	assert_int_equal(host_sample_late(h, soon(), &s, &e), 0);
	assert_true(s.guests[0].memory.usable_kib != UNKNOWN);
	sample_done(&s);
	host_close(h);
}

static void memory_is_set_and_seen(void **state)
{
	const uint64_t wanted_kib = 512 << 10;
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct error e;

	assert_int_equal(host_set_memory(h, s.guests[0].uuid, wanted_kib, soon(), &e), 0);
	assert_int_equal(host_sample(h, LATE_MEMORY, &s, &e), 0);
	assert_int_equal(host_sample_late(h, soon(), &s, &e), 0);
	assert_int_equal(s.guests[0].memory.actual_kib, wanted_kib);
	assert_int_equal(s.guests[0].balloon, BALLOON_READY);
	assert_false(s.guests[0].busy);
	assert_int_equal(s.guests[0].reboots, 0);
	sample_done(&s);
	host_close(h);
}

static void the_period_of_reports_is_set_and_seen_at_the_next_reading(void **state)
{
	static const uint32_t periods[] = {3, 0};
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct error e;
	size_t i;

	for (i = 0; i < 2; i++) {
		assert_int_equal(host_sample(h, LATE_MEMORY, &s, &e), 0);
		assert_int_equal(host_set_period(h, s.guests[0].uuid, periods[i], soon(), &e), 0);
		assert_int_equal(host_sample(h, LATE_MEMORY, &s, &e), 0);
		assert_int_equal(s.guests[0].memory.period_s, periods[i]);
		assert_int_equal(host_sample_late(h, soon(), &s, &e), 0);
		assert_int_equal(s.guests[0].memory.period_s, periods[i]);
	}
	sample_done(&s);
	host_close(h);
}

static void read_memory(struct host *h, struct sample *s)
{
	struct error e;

	assert_int_equal(host_sample(h, LATE_MEMORY, s, &e), 0);
	assert_int_equal(host_sample_late(h, soon(), s, &e), 0);
	assert_true(s->guests[0].memory.actual_kib != UNKNOWN);
}

static void orders_that_cannot_be_are_refused(void **state)
{
	const uint8_t nobody[UUID_BYTES] = {1};
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct error e;
	uint64_t before_kib;

	read_memory(h, &s);
	before_kib = s.guests[0].memory.actual_kib;
	assert_int_equal(host_set_memory(h, nobody, 1 << 20, soon(), &e), -ESRCH);
	assert_int_equal(host_set_period(h, nobody, 1, soon(), &e), -ESRCH);
	assert_int_equal(host_set_memory(h, s.guests[0].uuid, 9 << 20, soon(), &e), -EINVAL);
	read_memory(h, &s);
	assert_int_equal(s.guests[0].memory.actual_kib, before_kib);
	sample_done(&s);
	host_close(h);

	/* The driver's state is anew, or not: while a thread still lets go of the connection before, it is the same. */
	h = open_host(HOST_READ_ONLY, &s);
	read_memory(h, &s);
	before_kib = s.guests[0].memory.actual_kib;
	assert_int_equal(host_set_memory(h, s.guests[0].uuid, 1 << 20, soon(), &e), -EROFS);
	assert_int_equal(host_set_period(h, s.guests[0].uuid, 1, soon(), &e), -EROFS);
	read_memory(h, &s);
	assert_int_equal(s.guests[0].memory.actual_kib, before_kib);
	sample_done(&s);
	host_close(h);
}

#define DOMAIN(inside) "<domain>" inside "</domain>"
#define VIRTIO         "<devices><memballoon model='virtio'/></devices>"

static const struct {
	const char *xml;
	enum balloon balloon;
	unsigned period_s;
} balloons[] = {
        {DOMAIN(VIRTIO), BALLOON_READY, 0},
        {DOMAIN("<devices><memballoon model='virtio-non-transitional' autodeflate='on'>"
                "<stats period='10'/></memballoon></devices>"),
         BALLOON_READY, 10},
        {DOMAIN("<devices><memballoon model='none'/></devices>"), BALLOON_NONE, 0},
        {DOMAIN("<devices/>"), BALLOON_NONE, 0},
        {DOMAIN("<memoryBacking><hugepages/></memoryBacking>" VIRTIO), BALLOON_EXEMPT, 0},
        {DOMAIN("<memoryBacking><locked/></memoryBacking>" VIRTIO), BALLOON_EXEMPT, 0},
        {DOMAIN("<memoryBacking><allocation mode='immediate'/></memoryBacking>" VIRTIO),
         BALLOON_EXEMPT, 0},
        {DOMAIN("<memoryBacking><source type='memfd'/><access mode='shared'/>"
                "<allocation mode='ondemand'/></memoryBacking>" VIRTIO),
         BALLOON_READY, 0},
        {DOMAIN("<devices><hostdev mode='subsystem' type='pci'/>"
                "<memballoon model='virtio'><stats period='5'/></memballoon></devices>"),
         BALLOON_EXEMPT, 5},
        {DOMAIN("<devices><hostdev mode='subsystem' type='usb'/>"
                "<memballoon model='virtio'/></devices>"),
         BALLOON_READY, 0},
        {DOMAIN("<devices><hostdev type='mdev'/><memballoon model='virtio'/></devices>"),
         BALLOON_EXEMPT, 0},
        {DOMAIN("<devices><disk type='nvme'/><memballoon model='virtio'/></devices>"),
         BALLOON_EXEMPT},
        {DOMAIN("<devices><memory model='virtio-mem'/><memballoon model='virtio'/></devices>"),
         BALLOON_EXEMPT},
        {DOMAIN("<devices><memory model='dimm'/><memballoon model='virtio'/></devices>"),
         BALLOON_READY},
        {DOMAIN("<devices><interface type='hostdev'/><memballoon model='virtio'/></devices>"),
         BALLOON_EXEMPT, 0},
        {DOMAIN("<devices><interface type='network'/><memballoon model='virtio'/></devices>"),
         BALLOON_READY, 0},
        {DOMAIN("<launchSecurity type='sev'/>" VIRTIO), BALLOON_EXEMPT, 0},
        {DOMAIN("<memoryBacking><locked/></memoryBacking><devices><memballoon model='none'/>"
                "</devices>"),
         BALLOON_NONE, 0},
};

static void a_running_configuration_tells_whether_memory_can_move(void **state)
{
	struct xml_memory m;
	size_t i;

	for (i = 0; i < sizeof(balloons) / sizeof(balloons[0]); i++) {
		assert_int_equal(libvirt_read_memory(balloons[i].xml, &m, NULL), 0);
		if (m.balloon != balloons[i].balloon || m.period_s != balloons[i].period_s)
			fail_msg("%s: %s, %d s", balloons[i].xml, balloon_name[m.balloon],
			         (int)m.period_s);
	}
	assert_int_equal(libvirt_read_memory("<domain", &m, NULL), -EBADMSG);
	assert_int_equal(libvirt_read_memory("<network/>", &m, NULL), -EBADMSG);
}

#define METADATA(inner) "<domain type='kvm'><metadata>" inner "</metadata></domain>"
#define DIGITS          "11111111111111111111111111111111111111111111111111"
#define OURS            "<vmb:memory xmlns:vmb='urn:vmb' "

static const struct {
	const char *xml, *bounds;
} metadata[] = {
        {"<domain/>", ""},
        {METADATA(OURS "/>"), ""},
        {METADATA(OURS "min='256M' share='2000'/>"), "min=256M share=2000"},
        {METADATA(OURS "max='2 GiB'/>"), "max=2GiB"},
        {METADATA("<x:memory xmlns:x='urn:other' min='1G'/>"), ""},
        {METADATA("<x:memory xmlns:x='urn:other'/><memory xmlns='urn:vmb' min='1G'/>"), "min=1G"},
        {METADATA(OURS "min='" DIGITS DIGITS "' max='" DIGITS DIGITS "'/>"), "?"},
};

static void metadata_ask_for_bounds(void **state)
{
	struct xml_memory m;
	size_t i;

	for (i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++) {
		assert_int_equal(libvirt_read_memory(metadata[i].xml, &m, NULL), 0);
		assert_string_equal(m.bounds, metadata[i].bounds);
	}
}

static void reboots_are_counted_for_each_guest(void **state)
{
	struct libvirt_reboots r;
	uint8_t guest[UUID_BYTES] = {0};
	int i;

	libvirt_reboots_init(&r);
	for (i = 0; i < 20; i++) {
		guest[0] = (uint8_t)i;
		libvirt_reboots_count(&r, guest);
		assert_int_equal(libvirt_reboots_of(&r, guest), 1);
	}
	libvirt_reboots_count(&r, guest);
	assert_int_equal(libvirt_reboots_of(&r, guest), 2);
	libvirt_reboots_forget(&r, (uint8_t[UUID_BYTES]){3});
	assert_int_equal(libvirt_reboots_of(&r, (uint8_t[UUID_BYTES]){3}), 0);
	assert_int_equal(libvirt_reboots_of(&r, (uint8_t[UUID_BYTES]){4}), 1);
	assert_int_equal(libvirt_reboots_of(&r, guest), 2);
	libvirt_reboots_done(&r);
}

static const struct {
	const char *uri;
	int code, code_alone; /* alone: without a daemon on this machine; 0: any */
} wrong_uris[] = {
        /* libvirt asks the daemon about schemes that it does not know itself. */
        {"nonsense:///x", EINVAL, ENOTCONN},
        {"test:///nowhere.xml", 0, 0},
        {"qemu+unix:///system?socket=/nonexistent/socket", ENOTCONN, ENOTCONN},
};

static void a_wrong_uri_is_named(void **state)
{
	char longer[400];
	struct host *h = NULL;
	struct error e;
	size_t i;
	int r;

	for (i = 0; i < sizeof(wrong_uris) / sizeof(wrong_uris[0]); i++) {
		r = host_open(wrong_uris[i].uri, HOST_READ_ONLY, &h, &e);
		if (r >= 0 || !strstr(e.text, wrong_uris[i].uri) ||
		    (wrong_uris[i].code && r != -wrong_uris[i].code &&
		     r != -wrong_uris[i].code_alone))
			fail_msg("%s: %d, %s", wrong_uris[i].uri, r, e.text);
	}
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(host_open(longer, HOST_READ_ONLY, &h, &e), -EINVAL);
}

static const struct {
	int domain, code, number;
} meanings[] = {
        {VIR_FROM_RPC, VIR_ERR_INTERNAL_ERROR, ENOTCONN},
        {VIR_FROM_QEMU, VIR_ERR_INTERNAL_ERROR, EOPNOTSUPP},
        {VIR_FROM_QEMU, VIR_ERR_NO_DOMAIN, ESRCH},
        {VIR_FROM_QEMU, VIR_ERR_OPERATION_INVALID, ESRCH},
        {VIR_FROM_QEMU, VIR_ERR_OPERATION_TIMEOUT, EBUSY},
        {VIR_FROM_NONE, VIR_ERR_SYSTEM_ERROR, EIO},
        {VIR_FROM_RPC, VIR_ERR_SYSTEM_ERROR, ENOTCONN},
        {VIR_FROM_ACCESS, VIR_ERR_ACCESS_DENIED, EACCES},
        {VIR_FROM_QEMU, VIR_ERR_OPERATION_UNSUPPORTED, EOPNOTSUPP},
        {VIR_FROM_NONE, VIR_ERR_OK, EIO},
};

static void errors_mean_what_domain_and_code_say_together(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		assert_int_equal(libvirt_errno(meanings[i].domain, meanings[i].code),
		                 meanings[i].number);
}

static void an_error_without_words_is_one_all_the_same(void **state)
{
	virErrorPtr last;
	struct error e;
	char *words;

	virResetLastError();
	assert_int_equal(libvirt_fail(&e, "pin"), -EIO);
	assert_string_equal(e.text, "pin: no reason given");

	assert_null(virConnectOpen("test:///nowhere.xml"));
	last = virGetLastError();
	assert_non_null(last);
	assert_int_equal(libvirt_fail(&e, "open"), -libvirt_errno(last->domain, last->code));
	assert_non_null(strstr(e.text, "open: "));
	words = last->message;
	last->message = NULL;
	libvirt_fail(&e, "open");
	last->message = words;
	assert_string_equal(e.text, "open: no reason given");
}

static void a_configuration_tells_explicit_pins(void **state)
{
	bool pins;

	assert_int_equal(
	        libvirt_read_domain(
	                "<domain><cputune><vcpupin vcpu='0' cpuset='1'/></cputune></domain>", &pins,
	                NULL),
	        0);
	assert_true(pins);
	assert_int_equal(
	        libvirt_read_domain("<domain><vcpu cpuset='0-1'>2</vcpu><cputune><shares>9</shares>"
	                            "</cputune></domain>",
	                            &pins, NULL),
	        0);
	assert_false(pins);
	assert_int_equal(libvirt_read_domain("<domain", &pins, NULL), -EBADMSG);
}

static void capabilities_tell_the_topology(void **state)
{
	static struct host_facts facts;
	static const char xml[] =
	        "<capabilities><host><cpu><model>Broadwell</model></cpu><topology><cells>"
	        "<cell id='0'><cpus><cpu id='0' socket_id='0' core_id='0' siblings='0,4'/>"
	        "<cpu id='4' socket_id='0' core_id='0' siblings='0,4'/></cpus></cell>"
	        "<cell id='1'><cpus><cpu id='2' socket_id='1' core_id='0' "
	        "siblings='2'/></cpus></cell>"
	        "</cells></topology><cache><bank level='2' cpus='0'/><bank level='3' cpus='0,4'/>"
	        "<bank level='3' cpus='2'/></cache></host></capabilities>";
	struct error e;

	memset(&facts, 0, sizeof(facts));
	assert_int_equal(libvirt_read_capabilities(xml, &facts, &e), 0);
	assert_string_equal(facts.cpu_model, "Broadwell");
	assert_int_equal(facts.nr_places, 3);
	assert_int_equal(facts.places[1].pcpu, 4);
	assert_int_equal(facts.places[1].core, facts.places[0].core);
	assert_int_equal(facts.places[1].llc, 0);
	assert_int_equal(facts.places[2].node, 1);
	assert_int_not_equal(facts.places[2].core, facts.places[0].core);
	assert_int_equal(facts.places[2].llc, 2);
	assert_int_equal(libvirt_read_capabilities("no", &facts, &e), -EBADMSG);
}

static void actions_are_noted_made_and_put_back(void **state)
{
	char folder[] = "/tmp/vmb-apply-XXXXXX", path[64];
	struct action a[2] = {{.kind = ACTION_PIN, .name = "test"},
	                      {.kind = ACTION_PIN, .name = "nobody", .vcpu = 0}};
	struct action *back = NULL;
	struct journal *j = NULL;
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct error e;
	size_t nr;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/journal", folder);
	assert_int_equal(journal_open(path, &j, &e), 0);
	memcpy(a[0].guest, s.guests[0].uuid, UUID_BYTES);
	a[1].guest[0] = 1;
	a[0].from = a[1].from = s.vcpus[0].affinity;
	a[0].to = a[1].to = cpuset_one((unsigned)cpuset_first(&s.online));
	assert_int_equal(apply_actions(h, j, NS_PER_S, a, 2, &e), 0);
	assert_int_equal(a[0].result, RESULT_DONE);
	assert_int_equal(a[1].result, RESULT_GONE); /* one that is gone does not stop the others */
	assert_true(journal_holds(j));

	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_int_equal(journal_restores(j, &s, &back, &nr, &e), 0);
	assert_int_equal(nr, 1);
	assert_int_equal(apply_actions(h, NULL, NS_PER_S, back, nr, &e), 0);
	assert_int_equal(back[0].result, RESULT_DONE);
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_true(cpuset_equal(&s.vcpus[0].affinity, &a[0].from));

	assert_int_equal(journal_remove(j, &e), 0);
	assert_int_equal(rmdir(folder), 0);
	journal_close(j);
	free(back);
	sample_done(&s);
	host_close(h);
}

static void nothing_is_done_when_it_cannot_be_noted(void **state)
{
	struct action a = {.kind = ACTION_PIN, .name = "test"};
	struct journal *j = NULL;
	struct sample s;
	struct host *h = open_host(HOST_READ_WRITE, &s);
	struct cpuset seen;
	struct error e;

	assert_int_equal(journal_open("/proc/nonexistent/journal", &j, &e), 0);
	memcpy(a.guest, s.guests[0].uuid, UUID_BYTES);
	a.from = s.vcpus[0].affinity;
	a.to = cpuset_one((unsigned)cpuset_first(&s.online));
	assert_true(apply_actions(h, j, 0, &a, 1, &e) < 0);
	assert_int_equal(host_affinity(h, a.guest, 0, &seen, &e), 0);
	assert_true(cpuset_equal(&seen, &a.from));
	journal_close(j);
	sample_done(&s);
	host_close(h);
}

static void waiting_ends_at_the_deadline_or_by_a_signal(void **state)
{
	struct sample s;
	struct host *h;
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	h = open_host(HOST_READ_ONLY, &s);
	assert_int_equal(host_wait(h, clock_mono_ns() + NS_PER_MS, &stop), 0);
	raise(SIGTERM);
	assert_int_equal(host_wait(h, clock_mono_ns() + 60 * NS_PER_S, &stop), SIGTERM);
	raise(SIGTERM);
	assert_int_equal(host_wait(h, 0, &stop), SIGTERM); /* also when the deadline is over */
	sample_done(&s);
	host_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_sample_has_guests_vcpus_and_pcpus),
	        cmocka_unit_test(how_a_guest_began_is_told),
	        cmocka_unit_test(how_a_guest_began_is_kept_in_mind),
	        cmocka_unit_test(a_pin_is_made_and_read_back),
	        cmocka_unit_test(a_read_only_host_cannot_act),
	        cmocka_unit_test(what_cannot_be_pinned_is_refused),
	        cmocka_unit_test(the_host_is_described),
	        cmocka_unit_test(late_statistics_come_from_each_guest_where_bulk_ones_are_missing),
	        cmocka_unit_test(what_is_late_stays_unknown_but_for_the_balloon_itself),
	        cmocka_unit_test(memory_is_set_and_seen),
	        cmocka_unit_test(the_period_of_reports_is_set_and_seen_at_the_next_reading),
	        cmocka_unit_test(orders_that_cannot_be_are_refused),
	        cmocka_unit_test(a_running_configuration_tells_whether_memory_can_move),
	        cmocka_unit_test(metadata_ask_for_bounds),
	        cmocka_unit_test(reboots_are_counted_for_each_guest),
	        cmocka_unit_test(a_wrong_uri_is_named),
	        cmocka_unit_test(errors_mean_what_domain_and_code_say_together),
	        cmocka_unit_test(an_error_without_words_is_one_all_the_same),
	        cmocka_unit_test(a_configuration_tells_explicit_pins),
	        cmocka_unit_test(capabilities_tell_the_topology),
	        cmocka_unit_test(actions_are_noted_made_and_put_back),
	        cmocka_unit_test(nothing_is_done_when_it_cannot_be_noted),
	        cmocka_unit_test(waiting_ends_at_the_deadline_or_by_a_signal),
	};

	return check_all(tests);
}
