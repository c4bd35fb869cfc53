/* libvirt_shim - stands between a program and libvirt (LD_PRELOAD) and lets calls fail as a plan says */
#include <dirent.h>
#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/faults/fault_plan.h"
#include "tests/faults/shim_host.h"

/*
 * Plan: fault_plan.h. At the end the file that VMB_FAULTS_REPORT names gets "descriptors N", "call NAME MADE FAILED"
 * and what is left of the guests (shim_host.h). Guests are made at the first virConnectOpen() of test:///default.
 *
 * A thread's last error is ours when its last call was one that failed by the plan. libvirt has no public call that
 * sets its own, so the two that our programs ask are answered here.
 */
#define CALLS(X)                            \
	X(virConnectOpen)                   \
	X(virConnectOpenReadOnly)           \
	X(virConnectGetCapabilities)        \
	X(virConnectDomainEventRegisterAny) \
	X(virNodeGetCPUMap)                 \
	X(virNodeGetCPUStats)               \
	X(virNodeGetMemoryStats)            \
	X(virConnectListAllDomains)         \
	X(virConnectGetAllDomainStats)      \
	X(virDomainGetState)                \
	X(virDomainGetXMLDesc)              \
	X(virDomainIsPersistent)            \
	X(virDomainGetVcpus)                \
	X(virDomainGetInfo)                 \
	X(virDomainGetJobStats)             \
	X(virDomainMemoryStats)             \
	X(virDomainPinVcpu)                 \
	X(virDomainSetMemory)               \
	X(virDomainSetMemoryStatsPeriod)

enum call {
#define X(name) CALL_##name,
	CALLS(X)
#undef X
};

static const char *const names[] = {
#define X(name) #name,
        CALLS(X)
#undef X
                NULL};

static _Thread_local bool is_ours;  /* the thread's last error */
static _Thread_local bool is_inner; /* the call is made by this file or shim_host */
static _Thread_local virError error;

static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function) {
		fprintf(stderr, "shim: libvirt has no %s\n", name);
		_exit(FAULT_PLAN_WRONG);
	}
	return function;
}

static void pause_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

/* What becomes of this call; the thread's last error with it. */
static enum fault_kind decide(enum call call, virDomainPtr domain)
{
	struct fault fault;

	is_ours = false;
	if (is_inner)
		return FAULT_NONE;
	fault = fault_plan_next(names, call, domain ? virDomainGetName(domain) : NULL);
	pause_ms(fault.delay_ms);
	if (fault.kind == FAULT_ABORT)
		abort();
	is_ours = fault.kind == FAULT_FAIL;
	if (is_ours)
		error = (virError){.code = fault.code,
		                   .domain = fault.domain,
		                   .level = VIR_ERR_ERROR,
		                   .message = (char *)"injected fault"};
	return fault.kind == FAULT_LATE ? FAULT_NONE : fault.kind;
}

virErrorPtr virGetLastError(void)
{
	virErrorPtr (*function)(void) = real("virGetLastError");

	return is_ours ? &error : function();
}

int virGetLastErrorCode(void)
{
	int (*function)(void) = real("virGetLastErrorCode");

	return is_ours ? error.code : function();
}

/* A call that fails with `failure`, or is made. */
#define STAND_BETWEEN(type, name, domain, failure, pretended, parameters, arguments) \
	type name parameters                                                         \
	{                                                                            \
		type(*function) parameters = real(#name);                            \
                                                                                     \
		switch (decide(CALL_##name, domain)) {                               \
		case FAULT_NONE:                                                     \
			return function arguments;                                   \
		case FAULT_PRETEND:                                                  \
			return pretended;                                            \
		default:                                                             \
			return failure;                                              \
		}                                                                    \
	}

#define NO_GUEST ((virDomainPtr)NULL)
STAND_BETWEEN(virConnectPtr, virConnectOpenReadOnly, NO_GUEST, NULL, NULL, (const char *uri), (uri))
STAND_BETWEEN(char *, virConnectGetCapabilities, NO_GUEST, NULL, NULL, (virConnectPtr c), (c))
STAND_BETWEEN(int, virConnectDomainEventRegisterAny, NO_GUEST, -1, -1,
              (virConnectPtr c, virDomainPtr guest, int id, virConnectDomainEventGenericCallback f,
               void *data, virFreeCallback done),
              (c, guest, id, f, data, done))
STAND_BETWEEN(int, virNodeGetCPUMap, NO_GUEST, -1, 0,
              (virConnectPtr c, unsigned char **map, unsigned *online, unsigned flags),
              (c, map, online, flags))
STAND_BETWEEN(int, virNodeGetCPUStats, NO_GUEST, -1, 0,
              (virConnectPtr c, int pcpu, virNodeCPUStatsPtr stats, int *nr, unsigned flags),
              (c, pcpu, stats, nr, flags))
STAND_BETWEEN(int, virConnectListAllDomains, NO_GUEST, -1, 0,
              (virConnectPtr c, virDomainPtr **domains, unsigned flags), (c, domains, flags))
STAND_BETWEEN(int, virConnectGetAllDomainStats, NO_GUEST, -1, 0,
              (virConnectPtr c, unsigned groups, virDomainStatsRecordPtr **records, unsigned flags),
              (c, groups, records, flags))
STAND_BETWEEN(int, virDomainGetState, guest, -1, 0,
              (virDomainPtr guest, int *state, int *reason, unsigned flags),
              (guest, state, reason, flags))
STAND_BETWEEN(char *, virDomainGetXMLDesc, guest, NULL, NULL, (virDomainPtr guest, unsigned flags),
              (guest, flags))
STAND_BETWEEN(int, virDomainIsPersistent, guest, -1, 0, (virDomainPtr guest), (guest))
STAND_BETWEEN(int, virDomainGetInfo, guest, -1, 0, (virDomainPtr guest, virDomainInfoPtr info),
              (guest, info))
STAND_BETWEEN(int, virDomainGetJobStats, guest, -1, 0,
              (virDomainPtr guest, int *type, virTypedParameterPtr *fields, int *nr,
               unsigned flags),
              (guest, type, fields, nr, flags))
STAND_BETWEEN(int, virDomainPinVcpu, guest, -1, 0,
              (virDomainPtr guest, unsigned vcpu, unsigned char *map, int length),
              (guest, vcpu, map, length))
STAND_BETWEEN(int, virDomainSetMemory, guest, -1, 0, (virDomainPtr guest, unsigned long kib),
              (guest, kib))
STAND_BETWEEN(int, virDomainSetMemoryStatsPeriod, guest, -1, 0,
              (virDomainPtr guest, int period, unsigned flags), (guest, period, flags))

/* ---- those that the test driver's host needs more of ---- */

virConnectPtr virConnectOpen(const char *uri)
{
	virConnectPtr (*function)(const char *) = real("virConnectOpen");

	if (decide(CALL_virConnectOpen, NO_GUEST) != FAULT_NONE)
		return NULL;
	if (!is_inner && !strcmp(uri, "test:///default")) {
		is_inner = true;
		shim_host_make();
		is_inner = false;
	}
	return function(uri);
}

int virDomainGetVcpus(virDomainPtr guest, virVcpuInfoPtr infos, int most, unsigned char *maps,
                      int maplen)
{
	int (*function)(virDomainPtr, virVcpuInfoPtr, int, unsigned char *,
	                int) = real("virDomainGetVcpus");
	int n;

	if (decide(CALL_virDomainGetVcpus, guest) != FAULT_NONE)
		return -1;
	n = function(guest, infos, most, maps, maplen);
	shim_host_vcpus(guest, infos, n);
	return n;
}

int virNodeGetMemoryStats(virConnectPtr c, int cell, virNodeMemoryStatsPtr stats, int *nr,
                          unsigned flags)
{
	if (decide(CALL_virNodeGetMemoryStats, NO_GUEST) != FAULT_NONE)
		return -1;
	return shim_host_node_memory(stats, nr);
}

int virDomainMemoryStats(virDomainPtr guest, virDomainMemoryStatPtr stats, unsigned room,
                         unsigned flags)
{
	int n;

	if (decide(CALL_virDomainMemoryStats, guest) != FAULT_NONE)
		return -1;
	is_inner = true;
	n = shim_host_memory(guest, stats, room);
	is_inner = false;
	return n;
}

/* ---- the report ---- */

static unsigned descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned nr = 0;

	while (folder && readdir(folder))
		nr++;
	if (folder)
		closedir(folder);
	return nr;
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("VMB_FAULTS_REPORT");
	unsigned open_at_end = descriptors();
	FILE *out = path ? fopen(path, "we") : NULL;
	size_t i;

	if (!out)
		return;
	is_inner = true;
	fprintf(out, "descriptors %u\n", open_at_end);
	for (i = 0; names[i]; i++)
		fprintf(out, "call %s %u %u\n", names[i], fault_plan_calls(i),
		        fault_plan_injected(i));
	shim_host_tell(out);
	fclose(out);
}
