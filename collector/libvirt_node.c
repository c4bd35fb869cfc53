/* libvirt_node - the host itself: its pCPUs and its memory, by its kernel where that is ours to ask, else by libvirt */
#include "collector/libvirt_node.h"

#include <stdlib.h>
#include <string.h>

#include "collector/linux_host.h"

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

static int read_pcpu(struct libvirt_node *node, struct libvirt_link *link, int pcpu,
                     struct sample *s, struct error *e)
{
	virNodeCPUStats stats[MOST_FIELDS];
	struct sample_pcpu *p;
	int n = node->nr_cpu_fields;

	/* The number of fields is asked once; it is the same for every pCPU. */
	if ((!n && virNodeGetCPUStats(link->connection, pcpu, NULL, &n, 0) < 0) ||
	    n > MOST_FIELDS || virNodeGetCPUStats(link->connection, pcpu, stats, &n, 0) < 0)
		return libvirt_link_fail(link, e, "CPU statistics of the host");
	node->nr_cpu_fields = n;
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
static int read_maplen(struct libvirt_node *node, struct libvirt_link *link, struct error *e)
{
	int n = node->maplen ? 0 : virNodeGetCPUMap(link->connection, NULL, NULL, 0);

	if (n < 0)
		return libvirt_link_fail(link, e, "CPUs of the host");
	if (n)
		node->maplen = VIR_CPU_MAPLEN(n < PCPU_MAX ? n : PCPU_MAX);
	return 0;
}

static int read_far_pcpus(struct libvirt_node *node, struct libvirt_link *link, struct sample *s,
                          struct error *e)
{
	unsigned char *map = NULL;
	unsigned online;
	int n, pcpu, r;

	n = virNodeGetCPUMap(link->connection, &map, &online, 0);
	if (n < 0)
		return libvirt_link_fail(link, e, "CPUs of the host");
	libvirt_cpuset(map, VIR_CPU_MAPLEN(n), &s->online);
	free(map);
	s->usable = s->online;
	for (pcpu = cpuset_first(&s->online); pcpu >= 0; pcpu = cpuset_next(&s->online, pcpu)) {
		r = read_pcpu(node, link, pcpu, s, e);
		if (r == -ENOTCONN || r == -ENOMEM)
			return r; /* else it went offline meanwhile */
		if (r < 0)
			cpuset_remove(&s->usable, (unsigned)pcpu);
	}
	return 0;
}

int libvirt_node_pcpus(struct libvirt_node *node, struct libvirt_link *link, struct sample *s,
                       struct error *e)
{
	int r = read_maplen(node, link, e);

	if (!r)
		r = node->local ? linux_read_pcpus(s, e) : read_far_pcpus(node, link, s, e);
	if (!r && node->local)
		s->usable = linux_usable(&s->online);
	node->online = s->online;
	return r;
}

#define MOST_MEMORY_FIELDS 16

/* The memory of a host that is not this machine. */
static void read_far_memory(struct libvirt_node *node, struct libvirt_link *link,
                            struct host_memory *memory)
{
	virNodeMemoryStats stats[MOST_MEMORY_FIELDS];
	uint64_t buffers = 0, cached = UNKNOWN;
	virConnectPtr c = link->connection;
	struct error e;
	int i, n = 0;

	if (node->no_memory)
		return;
	if (virNodeGetMemoryStats(c, VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &n, 0) < 0) {
		node->no_memory = libvirt_link_fail(link, &e, "memory of the host") == -EOPNOTSUPP;
		return;
	}
	node->no_memory = n > MOST_MEMORY_FIELDS;
	if (node->no_memory ||
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

void libvirt_node_memory(struct libvirt_node *node, struct libvirt_link *link,
                         struct host_memory *memory)
{
	if (node->local)
		linux_read_memory(memory);
	else
		read_far_memory(node, link, memory);
}
