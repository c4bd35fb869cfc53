/* shim_host - the guests of libvirt's test driver that the fault tests balance, their load, and what is left of them */
#ifndef VMB_TESTS_SHIM_HOST_H
#define VMB_TESTS_SHIM_HOST_H

#include <libvirt/libvirt.h>
#include <stdio.h>

/*
 * Make three guests on test:///default, over a connection of our own that lasts: so they outlive the program's. All of
 * their vCPUs are pinned to pCPU 0. Once a process; what cannot be done ends the program.
 */
void shim_host_make(void);

/* What the driver does not tell: CPU time that runs, reports of memory that come, the host's memory. */
void shim_host_vcpus(virDomainPtr domain, virVcpuInfoPtr infos, int nr);
int shim_host_node_memory(virNodeMemoryStatsPtr stats, int *nr);
int shim_host_memory(virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned room);

/* A line for every vCPU ("pin victim 0 1") and balloon ("balloon victim 1048576"), as they are now. */
void shim_host_tell(FILE *out);

#endif
