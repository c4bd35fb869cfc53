/* linux_host - what only the host's own kernel tells, when the host is this machine */
#ifndef VMB_COLLECTOR_LINUX_HOST_H
#define VMB_COLLECTOR_LINUX_HOST_H

#include "collector/sample.h"
#include "common/error.h"

/* Read /proc/meminfo. What is not there stays UNKNOWN, of what is cached it counts as none. */
void linux_read_memory(struct host_memory *memory);

/*
 * Read the times of all online pCPUs into a cleared sample, and which are online, from /proc/stat: one file, where libvirt
 * wants a call for each pCPU (and reads the same file for each). Returns 0, -EIO, -ENOMEM.
 */
int linux_read_pcpus(struct sample *s, struct error *e);

/*
 * The pCPUs of `online` that guests may use: not set apart by isolcpus or nohz_full, and not taken away from
 * guests by the cpuset cgroup that libvirt puts them in (re-read at every call; it may change any time).
 */
struct cpuset linux_usable(const struct cpuset *online);

#endif
