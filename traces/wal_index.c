/* wal_index - the index of a -wal in this process's own memory, where there is no -shm to share */
#include "traces/wal_index.h"

#include <stdlib.h>

/*
 * SQLite reaches the -shm through four methods of the open file alone (sqlite.org/c3ref/io_methods.html); all others
 * stay those of its own file. It asks for regions of 32 KiB, one for each 4,096 frames that it found sound.
 */
struct wal_index {
	sqlite3_io_methods methods; /* first: the file's pMethods points to it */
	void **regions;
	int nr;
};

static struct wal_index *index_of(sqlite3_file *file)
{
	return (struct wal_index *)file->pMethods;
}

static int map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
	struct wal_index *w = index_of(file);
	void **more, *one;

	if (region >= w->nr) {
		more = realloc(w->regions, ((size_t)region + 1) * sizeof(*more));
		if (!more)
			return SQLITE_NOMEM;
		w->regions = more;
		while (w->nr <= region)
			w->regions[w->nr++] = NULL;
	}
	one = w->regions[region] ? w->regions[region] : calloc(1, (size_t)size);
	w->regions[region] = one;
	*out = one;
	return one ? SQLITE_OK : SQLITE_NOMEM;
}

static int lock(sqlite3_file *file, int offset, int n, int flags)
{
	return SQLITE_OK;
}

static void barrier(sqlite3_file *file)
{
}

static int unmap(sqlite3_file *file, int delete)
{
	return SQLITE_OK;
}

int wal_index_give(sqlite3 *db, struct wal_index **out, struct error *e)
{
	struct wal_index *w;
	sqlite3_file *file = NULL;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!file || !file->pMethods || file->pMethods->iVersion < 2)
		return fail(e, EIO, "this SQLite cannot read a -wal");
	w = calloc(1, sizeof(*w));
	if (!w)
		return fail(e, ENOMEM, "out of memory");
	w->methods = *file->pMethods;
	w->methods.xShmMap = map;
	w->methods.xShmLock = lock;
	w->methods.xShmBarrier = barrier;
	w->methods.xShmUnmap = unmap;
	file->pMethods = &w->methods;
	*out = w;
	return 0;
}

void wal_index_free(struct wal_index *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; i < w->nr; i++)
		free(w->regions[i]);
	free(w->regions);
	free(w);
}
