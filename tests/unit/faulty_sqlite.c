/* faulty_sqlite - SQLite on a disk and on memory that fail at the Nth use: once, or from then on */
#include "tests/unit/faulty_sqlite.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

const char *const fault_name[FAULTS] = {"io", "full", "torn", "memory"};

static struct {
	enum fault fault;
	unsigned long n, uses, failed;
	bool for_ever;
} armed;

void faulty_arm(enum fault fault, unsigned long n, bool for_ever)
{
	armed.fault = fault;
	armed.n = n;
	armed.for_ever = for_ever;
	armed.uses = armed.failed = 0;
}

unsigned long faulty_disarm(void)
{
	armed.n = 0;
	return armed.failed;
}

/* Whether this use fails. */
static bool fails(bool of_this_kind)
{
	if (!armed.n || !of_this_kind)
		return false;
	armed.uses++;
	if (armed.uses != armed.n && (armed.uses < armed.n || !armed.for_ever))
		return false;
	armed.failed++;
	return true;
}

#define IO_FAILS() fails(armed.fault == FAULT_IO)
#define WRITE_FAILS() \
	fails(armed.fault == FAULT_IO || armed.fault == FAULT_FULL || armed.fault == FAULT_TORN)

/* ---- the disk: each file is the real one behind a head of ours ---- */

struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

#define REAL(f) real_of(f)->pMethods

static int close_file(sqlite3_file *f)
{
	int rc = REAL(f)->xClose(real_of(f));

	sqlite3_free(real_of(f));
	return rc;
}

static int read_file(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return IO_FAILS() ? SQLITE_IOERR_READ : REAL(f)->xRead(real_of(f), to, n, at);
}

static int write_file(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	if (!WRITE_FAILS())
		return REAL(f)->xWrite(real_of(f), from, n, at);
	if (armed.fault == FAULT_TORN)
		REAL(f)->xWrite(real_of(f), from, n / 2, at);
	return armed.fault == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int truncate_file(sqlite3_file *f, sqlite3_int64 size)
{
	return IO_FAILS() ? SQLITE_IOERR_TRUNCATE : REAL(f)->xTruncate(real_of(f), size);
}

/* What the kernel holds survives the process, which is all that is looked at here: so no waiting for the disk. */
static int sync_file(sqlite3_file *f, int flags)
{
	return IO_FAILS() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int size_file(sqlite3_file *f, sqlite3_int64 *size)
{
	return IO_FAILS() ? SQLITE_IOERR_FSTAT : REAL(f)->xFileSize(real_of(f), size);
}

static int lock_file(sqlite3_file *f, int level)
{
	return IO_FAILS() ? SQLITE_IOERR_LOCK : REAL(f)->xLock(real_of(f), level);
}

static int unlock_file(sqlite3_file *f, int level)
{
	return REAL(f)->xUnlock(real_of(f), level);
}

static int check_lock(sqlite3_file *f, int *held)
{
	return REAL(f)->xCheckReservedLock(real_of(f), held);
}

static int control_file(sqlite3_file *f, int what, void *with)
{
	return REAL(f)->xFileControl(real_of(f), what, with);
}

static int sector_size(sqlite3_file *f)
{
	return REAL(f)->xSectorSize(real_of(f));
}

static int traits(sqlite3_file *f)
{
	return REAL(f)->xDeviceCharacteristics(real_of(f));
}

static int shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **to)
{
	return IO_FAILS() ? SQLITE_IOERR_SHMMAP
	                  : REAL(f)->xShmMap(real_of(f), page, size, extend, to);
}

static int shm_lock(sqlite3_file *f, int from, int n, int flags)
{
	return flags & SQLITE_SHM_LOCK && IO_FAILS()
	               ? SQLITE_IOERR_SHMLOCK
	               : REAL(f)->xShmLock(real_of(f), from, n, flags);
}

static void shm_barrier(sqlite3_file *f)
{
	REAL(f)->xShmBarrier(real_of(f));
}

static int shm_unmap(sqlite3_file *f, int remove)
{
	return REAL(f)->xShmUnmap(real_of(f), remove);
}

static const sqlite3_io_methods methods = {
        2,         close_file, read_file,   write_file,  truncate_file, sync_file,
        size_file, lock_file,  unlock_file, check_lock,  control_file,  sector_size,
        traits,    shm_map,    shm_lock,    shm_barrier, shm_unmap,
};

static sqlite3_vfs *disk, faulty;

static int open_file(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct file *mine = (struct file *)f;
	int rc;

	mine->base.pMethods = NULL;
	if (IO_FAILS()) {
		errno = EIO;
		return SQLITE_CANTOPEN;
	}
	mine->real = sqlite3_malloc(disk->szOsFile);
	if (!mine->real)
		return SQLITE_NOMEM;
	memset(mine->real, 0, (size_t)disk->szOsFile);
	rc = disk->xOpen(disk, name, mine->real, flags, out);
	if (rc == SQLITE_OK)
		mine->base.pMethods = &methods;
	else
		sqlite3_free(mine->real);
	return rc;
}

static int delete_file(sqlite3_vfs *v, const char *name, int sync)
{
	return IO_FAILS() ? SQLITE_IOERR_DELETE : disk->xDelete(disk, name, 0);
}

static int access_file(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	return IO_FAILS() ? SQLITE_IOERR_ACCESS : disk->xAccess(disk, name, flags, out);
}

/* ---- memory ---- */

static sqlite3_mem_methods memory;

static void *get_memory(int n)
{
	return fails(armed.fault == FAULT_MEMORY) ? NULL : memory.xMalloc(n);
}

static void *more_memory(void *old, int n)
{
	return fails(armed.fault == FAULT_MEMORY) ? NULL : memory.xRealloc(old, n);
}

void faulty_install(void)
{
	sqlite3_mem_methods mine;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
	mine = memory;
	mine.xMalloc = get_memory;
	mine.xRealloc = more_memory;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &mine);
	/* Small allocations from a pool would never be asked for. */
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	disk = sqlite3_vfs_find(NULL);
	faulty = *disk;
	faulty.szOsFile = sizeof(struct file);
	faulty.zName = "faulty";
	faulty.xOpen = open_file;
	faulty.xDelete = delete_file;
	faulty.xAccess = access_file;
	if (sqlite3_vfs_register(&faulty, 1) != SQLITE_OK)
		abort();
}
