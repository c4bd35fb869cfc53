/* journal_faults - a disk and a memory that refuse what a test says; to be included once in a test */
#ifndef VMB_TESTS_UNIT_JOURNAL_FAULTS_H
#define VMB_TESTS_UNIT_JOURNAL_FAULTS_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>

#include "tests/unit/journal_fixture.h"

static bool sync_fails;

int fdatasync(int fd)
{
	errno = EIO;
	return sync_fails ? -1 : 0;
}

/* What the library and the disk refuse once a test says so. */
enum refused {
	NOTHING,
	REALLOC,
	STRDUP,
	FDOPEN,
	FTRUNCATE,
	UNLINK,
	FERROR,
	LSEEK,
	RENAME,
	MALLOC,
	FOLDER
};
static enum refused refused;

/* After so many more calls one fails; < 0: none. */
static int writes_left = -1, preads_left = -1, reallocs_left = -1, fstats_left = -1;
static bool no_fsync;

static bool is_last(int *left)
{
	return *left >= 0 && (*left)-- == 0;
}

#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

void *realloc(void *old, size_t size)
{
	static __typeof__(&realloc) real;

	if (!real)
		real = REAL(realloc);
	errno = ENOMEM;
	return refused == REALLOC || is_last(&reallocs_left) ? NULL : real(old, size);
}

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = refused == STRDUP ? NULL : malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

FILE *fdopen(int fd, const char *mode)
{
	return refused == FDOPEN ? NULL : REAL(fdopen)(fd, mode);
}

int ftruncate(int fd, off_t size)
{
	errno = EIO;
	return refused == FTRUNCATE ? -1 : REAL(ftruncate)(fd, size);
}

int unlink(const char *name)
{
	errno = EROFS;
	return refused == UNLINK ? -1 : REAL(unlink)(name);
}

off_t lseek(int fd, off_t offset, int whence)
{
	errno = EIO;
	return refused == LSEEK ? -1 : REAL(lseek)(fd, offset, whence);
}

int rename(const char *from, const char *to)
{
	errno = EROFS;
	return refused == RENAME ? -1 : REAL(rename)(from, to);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	if (!is_last(&writes_left))
		return REAL(write)(fd, bytes, size);
	errno = ENOSPC;
	return -1;
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
	if (!is_last(&preads_left))
		return REAL(pread)(fd, bytes, size, offset);
	errno = EIO;
	return -1;
}

int fstat(int fd, struct stat *st)
{
	errno = EIO;
	return is_last(&fstats_left) ? -1 : REAL(fstat)(fd, st);
}

int fsync(int fd)
{
	errno = ENOSPC;
	return no_fsync ? -1 : 0;
}

int open(const char *name, int flags, ...)
{
	mode_t mode = 0;
	va_list args;

	va_start(args, flags);
	if (flags & O_CREAT)
		mode = va_arg(args, mode_t);
	va_end(args);
	errno = EACCES;
	return refused == FOLDER && flags & O_DIRECTORY ? -1 : REAL(open)(name, flags, mode);
}

/* Those that look for errors in memory have a malloc() of their own. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void *__libc_malloc(size_t size);

void *malloc(size_t size)
{
	return refused == MALLOC ? NULL : __libc_malloc(size);
}
#endif

int ferror(FILE *file)
{
	errno = EIO;
	return refused == FERROR ? 1 : REAL(ferror)(file);
}

#endif
