/* linux_host - what only the host's own kernel tells, when the host is this machine */
#ifndef VMB_COLLECTOR_LINUX_HOST_H
#define VMB_COLLECTOR_LINUX_HOST_H

#include "collector/sample.h"

/* Read /proc/meminfo. What is not there stays UNKNOWN. */
void linux_read_memory(struct host_memory *memory);

/*
 * The pCPUs of `online` that guests may use: not set apart by isolcpus or nohz_full, and not taken away from
 * guests by the cpuset cgroup that libvirt puts them in (re-read at every call; it may change any time).
 */
struct cpuset linux_usable(const struct cpuset *online);

#endif
