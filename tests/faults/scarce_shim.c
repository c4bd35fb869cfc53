/* scarce_shim - stands between a program and libc (LD_PRELOAD): some memory or a thread that it asks for is not there */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * VMB_SCARCE: "memory 17" fails the 17th call of malloc(), calloc() or realloc() that the program itself makes, not a
 * library for it; "thread 2" the second pthread_create(); "memory 17 on" that one and all after it. At the end the file
 * that VMB_SCARCE_REPORT names gets "asked N, failed N" of that kind. What cannot be understood ends the program with
 * status 70 and a line.
 */
enum thing {
	MEMORY,
	THREAD,
	THINGS
};
static const char *const names[THINGS] = {"memory", "thread"};

static uintptr_t code_begin, code_end; /* of the program */
static enum thing scarce;
static unsigned nth; /* 0: nothing fails */
static bool from_then_on;
static atomic_uint asked, failed;

/* glibc's own names of what is stood in front of: dlsym() asks for memory itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *old, size_t size);

/* The first one told of is the program. */
static int note_code(struct dl_phdr_info *info, size_t size, void *data)
{
	int i;

	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_LOAD && info->dlpi_phdr[i].p_flags & PF_X) {
			code_begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
			code_end = code_begin + info->dlpi_phdr[i].p_memsz;
		}
	return 1;
}

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("VMB_SCARCE");
	char name[16] = "", rest[16] = "";
	int n = sscanf(text ? text : "", "%15s %u %15s", name, &nth, rest);

	while (scarce < THINGS && strcmp(name, names[scarce]) != 0)
		scarce++;
	from_then_on = !strcmp(rest, "on");
	if (n < 2 || scarce == THINGS || !nth || (n == 3 && !from_then_on)) {
		fprintf(stderr, "VMB_SCARCE: not understood: %s\n", text ? text : "");
		_exit(70);
	}
	dl_iterate_phdr(note_code, NULL);
}

static bool is_refused(enum thing thing, const void *caller)
{
	unsigned number;

	if (thing != scarce || (uintptr_t)caller < code_begin || (uintptr_t)caller >= code_end)
		return false;
	number = atomic_fetch_add(&asked, 1) + 1;
	if (number < nth || (number > nth && !from_then_on))
		return false;
	atomic_fetch_add(&failed, 1);
	return true;
}

static bool no_memory(const void *caller)
{
	bool refused = is_refused(MEMORY, caller);

	if (refused)
		errno = ENOMEM;
	return refused;
}

void *malloc(size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t nr, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_calloc(nr, size);
}

void *realloc(void *old, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *data)
{
	int (*function)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
	                void *) = dlsym(RTLD_NEXT, "pthread_create");

	return is_refused(THREAD, __builtin_return_address(0)) ? EAGAIN
	                                                       : function(thread, how, run, data);
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("VMB_SCARCE_REPORT");
	FILE *out = path ? fopen(path, "we") : NULL;

	if (!out)
		return;
	fprintf(out, "asked %u failed %u\n", atomic_load(&asked), atomic_load(&failed));
	fclose(out);
}
