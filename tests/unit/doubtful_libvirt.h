/* doubtful_libvirt - a libvirt that does not tell, time that a test lets pass, and memory that is refused; to be included once in a test */
#ifndef VMB_TESTS_UNIT_DOUBTFUL_LIBVIRT_H
#define VMB_TESTS_UNIT_DOUBTFUL_LIBVIRT_H

#include <dlfcn.h>
#include <errno.h>
#include <libvirt/libvirt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "common/clock.h"

/* The program's own functions come before those of the library, which are asked unless a test wants a failure. */
static bool vcpus_fail, xml_fails, persistence_fails, memory_fails;

int virDomainGetVcpus(virDomainPtr domain, virVcpuInfoPtr info, int maxinfo, unsigned char *maps,
                      int maplen)
{
	int (*real)(virDomainPtr, virVcpuInfoPtr, int, unsigned char *,
	            int) = (int (*)(virDomainPtr, virVcpuInfoPtr, int, unsigned char *,
	                            int))dlsym(RTLD_NEXT, "virDomainGetVcpus");

	return vcpus_fail ? -1 : real(domain, info, maxinfo, maps, maplen);
}

char *virDomainGetXMLDesc(virDomainPtr domain, unsigned flags)
{
	char *(*real)(virDomainPtr, unsigned) =
	        (char *(*)(virDomainPtr, unsigned))dlsym(RTLD_NEXT, "virDomainGetXMLDesc");

	return xml_fails ? NULL : real(domain, flags);
}

int virDomainIsPersistent(virDomainPtr domain)
{
	int (*real)(virDomainPtr) = (int (*)(virDomainPtr))dlsym(RTLD_NEXT,
	                                                         "virDomainIsPersistent");

	return persistence_fails ? -1 : real(domain);
}

static _Atomic time_t passed_s; /* time that a test lets pass; the event loop asks for it as well */
static _Atomic time_t each_takes_s;
static atomic_uint infos, infos_at_order;
static atomic_bool ends_when_asked; /* for its balloon */
static atomic_ulong rises_kib;      /* between one reading and the next */
static atomic_uint rises_until = 64;
static atomic_ulong unread; /* a bit for each reading that fails, of the first 64 */

int virDomainGetInfo(virDomainPtr domain, virDomainInfoPtr info)
{
	int (*real)(virDomainPtr, virDomainInfoPtr) =
	        (int (*)(virDomainPtr, virDomainInfoPtr))dlsym(RTLD_NEXT, "virDomainGetInfo");
	int r = memory_fails || (infos < 64 && unread >> infos & 1) ? -1 : real(domain, info);

	infos++;
	passed_s += each_takes_s;
	if (!r)
		info->memory -= (64 - (infos < rises_until ? infos : rises_until)) *
		                rises_kib; /* it has not all yet */
	return r;
}

int virDomainSetMemory(virDomainPtr domain, unsigned long kib)
{
	int (*real)(virDomainPtr, unsigned long) =
	        (int (*)(virDomainPtr, unsigned long))dlsym(RTLD_NEXT, "virDomainSetMemory");

	int r = real(domain, kib);

	if (!infos_at_order)
		infos_at_order = infos;
	if (ends_when_asked)
		virDomainDestroy(domain);
	return r;
}

int virDomainMemoryStats(virDomainPtr domain, virDomainMemoryStatPtr stats, unsigned nr,
                         unsigned flags)
{
	int (*real)(virDomainPtr, virDomainMemoryStatPtr, unsigned,
	            unsigned) = (int (*)(virDomainPtr, virDomainMemoryStatPtr, unsigned,
	                                 unsigned))dlsym(RTLD_NEXT, "virDomainMemoryStats");

	return memory_fails || unread ? -1 : real(domain, stats, nr, flags);
}

static bool list_fails;
static unsigned lists_nobody; /* so often, and each list is read anew after that */

int virConnectListAllDomains(virConnectPtr connection, virDomainPtr **domains, unsigned flags)
{
	int (*real)(virConnectPtr, virDomainPtr **,
	            unsigned) = (int (*)(virConnectPtr, virDomainPtr **,
	                                 unsigned))dlsym(RTLD_NEXT, "virConnectListAllDomains");

	if (lists_nobody) {
		lists_nobody--;
		passed_s += 60;
		*domains = calloc(1, sizeof(**domains));
		return 0;
	}
	return list_fails ? -1 : real(connection, domains, flags);
}

/* What the program itself waits is over at once, and the clock goes on by it. */
static _Atomic int64_t waited_ns;

int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *time)
{
	waited_ns += time->tv_sec * (int64_t)NS_PER_S + time->tv_nsec;
	errno = EAGAIN;
	return -1;
}

static struct timespec plus(const struct timespec *t, int64_t ns)
{
	ns += t->tv_sec * (int64_t)NS_PER_S + t->tv_nsec;
	return (struct timespec){ns / (int64_t)NS_PER_S, ns % (int64_t)NS_PER_S};
}

static int64_t ahead_ns(void)
{
	return passed_s * (int64_t)NS_PER_S + waited_ns;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*real)(clockid_t, struct timespec *);
	int r;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	r = real(clock, now);
	if (clock == CLOCK_MONOTONIC)
		*now = plus(now, ahead_ns());
	return r;
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *until)
{
	int (*real)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) =
	        (int (*)(pthread_cond_t *, pthread_mutex_t *, clockid_t,
	                 const struct timespec *))dlsym(RTLD_NEXT, "pthread_cond_clockwait");
	const struct timespec then = plus(until, -ahead_ns());

	return real(cond, mutex, clock, &then);
}

/* Of what the program itself asks for, libvirt's own apart, the request after so many more is refused; < 0: none. */
static atomic_int requests_left = -1;

static bool refuses(const void *caller)
{
	extern const char __executable_start, etext;

	return (const char *)caller >= &__executable_start && (const char *)caller < &etext &&
	       requests_left >= 0 && requests_left-- == 0;
}

/* Those that look for errors in memory have functions of their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	return refuses(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	return refuses(__builtin_return_address(0)) ? NULL : __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
	return refuses(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
#endif

/* Valgrind, too, has functions of its own. */
static bool can_refuse(void)
{
	void *got;

	requests_left = 0;
	got = malloc(1);
	requests_left = -1;
	free(got);
	return !got;
}

#endif
