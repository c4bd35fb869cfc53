/* shim_host - the guests of libvirt's test driver that the fault tests balance, their load, and what is left of them */
#include "tests/faults/shim_host.h"

#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

/* The victim stands between two others in every list: they are sorted by UUID. */
#define GUEST(name, number, kib)                                                               \
	"<domain type='test'><name>" name "</name>"                                            \
	"<uuid>00000000-0000-4000-8000-00000000000" number "</uuid>"                           \
	"<memory>2097152</memory><currentMemory>" kib "</currentMemory><vcpu>" VCPUS "</vcpu>" \
	"<os><type>hvm</type></os><devices><memballoon model='virtio'><stats period='1'/>"     \
	"</memballoon></devices></domain>"
#define VCPUS    "2"
#define NR_VCPUS 2

/* Each vCPU runs 15 % of a pCPU: together they are too much for one of many. */
#define LOAD_PM 150

static const struct {
	const char *name, *xml;
	uint64_t used_kib;
} guests[] = {
        {"before", GUEST("before", "1", "1048576"), 200 << 10},
        {"victim", GUEST("victim", "2", "524288"), 490 << 10}, /* short: some is given */
        {"behind", GUEST("behind", "3", "1048576"), 200 << 10},
};
#define NR_GUESTS (sizeof(guests) / sizeof(guests[0]))

static virConnectPtr connection;

static void make_guest(const char *xml)
{
	unsigned char first[32] = {1};
	virDomainPtr domain = virDomainCreateXML(connection, xml, 0);
	unsigned vcpu;

	if (!domain) {
		fprintf(stderr, "shim: a guest: %s\n", virGetLastErrorMessage());
		_exit(70);
	}
	for (vcpu = 0; vcpu < NR_VCPUS; vcpu++)
		virDomainPinVcpu(domain, vcpu, first, sizeof(first));
	virDomainFree(domain);
}

void shim_host_make(void)
{
	virDomainPtr own;
	size_t i;

	if (connection)
		return;
	connection = virConnectOpen("test:///default");
	own = connection ? virDomainLookupByName(connection, "test") : NULL;
	if (!own) {
		fprintf(stderr, "shim: libvirt's test driver is not as expected\n");
		_exit(70);
	}
	virDomainDestroy(own);
	virDomainFree(own);
	for (i = 0; i < NR_GUESTS; i++)
		make_guest(guests[i].xml);
}

void shim_host_vcpus(virDomainPtr domain, virVcpuInfoPtr infos, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		infos[i].cpuTime = clock_mono_ns() / 1000 * LOAD_PM;
}

/* As virNodeGetMemoryStats(): without stats it says how many there are. */
int shim_host_node_memory(virNodeMemoryStatsPtr stats, int *nr)
{
	static const virNodeMemoryStats memory[] = {
	        {VIR_NODE_MEMORY_STATS_TOTAL, 16 << 20},
	        {VIR_NODE_MEMORY_STATS_FREE, 8 << 20},
	        {VIR_NODE_MEMORY_STATS_BUFFERS, 0},
	        {VIR_NODE_MEMORY_STATS_CACHED, 1 << 20},
	};

	if (stats)
		memcpy(stats, memory, sizeof(memory));
	*nr = sizeof(memory) / sizeof(memory[0]);
	return 0;
}

static uint64_t used_kib(virDomainPtr domain)
{
	const char *name = virDomainGetName(domain);
	size_t i;

	for (i = 0; i < NR_GUESTS; i++)
		if (!strcmp(guests[i].name, name))
			return guests[i].used_kib;
	return 0;
}

int shim_host_memory(virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned room)
{
	uint64_t used = used_kib(domain), left;
	virDomainInfo info;

	if (room < VIR_DOMAIN_MEMORY_STAT_NR || virDomainGetInfo(domain, &info) < 0)
		return -1;
	left = info.memory > used ? info.memory - used : 0;
	stats[0] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, info.memory};
	stats[1] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_AVAILABLE, info.memory};
	stats[2] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_UNUSED, left};
	stats[3] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_USABLE, left};
	stats[4] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_DISK_CACHES, 0};
	stats[5] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_SWAP_IN, 0};
	stats[6] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_SWAP_OUT, 0};
	stats[7] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_RSS, info.memory};
	stats[8] = (virDomainMemoryStatStruct){VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE,
	                                       (unsigned long long)time(NULL)};
	return 9;
}

static void tell_pins(FILE *out, virDomainPtr domain)
{
	virVcpuInfo infos[NR_VCPUS];
	unsigned char maps[NR_VCPUS * 32];
	int vcpu, pcpu, n = virDomainGetVcpus(domain, infos, NR_VCPUS, maps, 32);

	for (vcpu = 0; vcpu < n; vcpu++) {
		fprintf(out, "pin %s %d ", virDomainGetName(domain), vcpu);
		for (pcpu = 0; pcpu < 8 * 32; pcpu++)
			if (VIR_CPU_USED(VIR_GET_CPUMAP(maps, 32, vcpu), pcpu))
				fprintf(out, ",%d", pcpu);
		fprintf(out, "\n");
	}
}

void shim_host_tell(FILE *out)
{
	virDomainPtr domain;
	virDomainInfo info;
	size_t i;

	for (i = 0; connection && i < NR_GUESTS; i++) {
		domain = virDomainLookupByName(connection, guests[i].name);
		if (!domain)
			continue;
		tell_pins(out, domain);
		if (!virDomainGetInfo(domain, &info))
			fprintf(out, "balloon %s %lu\n", guests[i].name, info.memory);
		virDomainFree(domain);
	}
}
