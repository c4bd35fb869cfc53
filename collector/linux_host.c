/* linux_host - what only the host's own kernel tells, when the host is this machine */
#include "collector/linux_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void linux_read_memory(struct host_memory *memory)
{
	FILE *file = fopen("/proc/meminfo", "re");
	uint64_t kib, buffers = 0, cached = 0;
	char line[128], key[64];

	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63[^:]: %" SCNu64, key, &kib) != 2)
			continue;
		if (!strcmp(key, "MemTotal"))
			memory->total_kib = kib;
		else if (!strcmp(key, "MemFree"))
			memory->free_kib = kib;
		else if (!strcmp(key, "MemAvailable"))
			memory->available_kib = kib;
		else if (!strcmp(key, "Buffers"))
			buffers = kib;
		else if (!strcmp(key, "Cached"))
			cached = kib;
	}
	memory->cached_kib = buffers + cached;
	fclose(file);
}

/* "cpu3 user nice system idle iowait irq softirq ...", in ticks of the kernel's user interface. */
static int take_pcpu(const char *line, uint64_t tick_ns, struct sample *s)
{
	uint64_t t[7];
	struct sample_pcpu *p;
	unsigned pcpu;

	if (sscanf(line,
	           "cpu%u %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
	           " %" SCNu64,
	           &pcpu, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6]) != 8 ||
	    pcpu >= PCPU_MAX)
		return 0;
	p = sample_add_pcpu(s, pcpu);
	if (!p)
		return -ENOMEM;
	p->user_ns = (t[0] + t[1]) * tick_ns;
	p->kernel_ns = (t[2] + t[5] + t[6]) * tick_ns;
	p->idle_ns = t[3] * tick_ns;
	p->iowait_ns = t[4] * tick_ns;
	cpuset_add(&s->online, pcpu);
	return 0;
}

int linux_read_pcpus(struct sample *s, struct error *e)
{
	const uint64_t tick_ns = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
	FILE *file = fopen("/proc/stat", "re");
	char line[4096]; /* a longer one, of interrupts, comes after those of the pCPUs */
	int r = 0;

	if (!file)
		return fail(e, EIO, "/proc/stat: %s", strerror(errno));
	while (!r && fgets(line, sizeof(line), file) && !strncmp(line, "cpu", 3))
		r = take_pcpu(line, tick_ns, s);
	fclose(file);
	if (r < 0)
		return fail(e, ENOMEM, "no memory for a sample");
	return s->nr_pcpus ? 0 : fail(e, EIO, "/proc/stat names no CPU");
}

/* A file that holds one CPU list; false when it is missing, empty or not a list. */
static bool read_list(const char *path, struct cpuset *set)
{
	FILE *file = fopen(path, "re");
	char line[4096];
	bool found;

	if (!file)
		return false;
	found = fgets(line, sizeof(line), file);
	fclose(file);
	if (!found)
		return false;
	line[strcspn(line, "\n")] = '\0';
	return line[0] && !cpuset_parse(line, set);
}

static const char *const set_apart[] = {
        "/sys/devices/system/cpu/isolated",
        "/sys/devices/system/cpu/nohz_full",
};

/* Where libvirt puts guests: cgroup v2 and v1, with systemd and without. The first that exists counts. */
static const char *const guests_cpusets[] = {
        "/sys/fs/cgroup/machine.slice/cpuset.cpus.effective",
        "/sys/fs/cgroup/machine/cpuset.cpus.effective",
        "/sys/fs/cgroup/cpuset/machine.slice/cpuset.effective_cpus",
        "/sys/fs/cgroup/cpuset/machine/cpuset.effective_cpus",
};

struct cpuset linux_usable(const struct cpuset *online)
{
	struct cpuset usable = *online, list;
	size_t i;
	int pcpu;

	for (i = 0; i < sizeof(set_apart) / sizeof(set_apart[0]); i++) {
		if (!read_list(set_apart[i], &list))
			continue;
		for (pcpu = cpuset_first(&list); pcpu >= 0; pcpu = cpuset_next(&list, pcpu))
			cpuset_remove(&usable, (unsigned)pcpu);
	}
	for (i = 0; i < sizeof(guests_cpusets) / sizeof(guests_cpusets[0]); i++)
		if (read_list(guests_cpusets[i], &list))
			return cpuset_and(&usable, &list);
	return usable;
}
