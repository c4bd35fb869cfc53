/* empty - a trace without runs, made from schema.sql: in memory, or as a new file */
#include "traces/empty.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "traces/schema.h"

enum {
	PAGE_BYTES = 2048
};

int empty_open(sqlite3 **out, struct error *e)
{
	AUTO(db_close) sqlite3 *db = NULL;
	char pragmas[128];

	snprintf(pragmas, sizeof(pragmas),
	         "PRAGMA page_size=%d; PRAGMA application_id=%d; PRAGMA user_version=%d",
	         PAGE_BYTES, TRACE_APPLICATION_ID, TRACE_SCHEMA_VERSION);
	if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
	    db_exec(db, pragmas) || db_exec(db, trace_schema))
		return fail(e, ENOMEM, "empty trace: %s", sqlite3_errmsg(db));
	*out = take(db);
	return 0;
}

static int write_all(int fd, const unsigned char *data, size_t size)
{
	ssize_t n;

	for (; size; data += n, size -= (size_t)n) {
		n = write(fd, data, size);
		if (n < 0)
			return -errno;
	}
	return 0;
}

/* Give a finished file its name, unless something has it: then it is someone's who was faster. */
static int publish(const char *from, const char *to)
{
	if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE))
		return 0;
	if (errno != EEXIST && (errno == EINVAL || errno == ENOSYS) && !link(from, to)) {
		unlink(from);
		return 0;
	}
	return -errno;
}

static int write_whole(int fd, const unsigned char *data, size_t size)
{
	int r = write_all(fd, data, size);

	return !r && fsync(fd) < 0 ? -errno : r;
}

/* It has no name until it is whole: who is killed before leaves nothing behind. */
static int put_nameless(const char *path, const unsigned char *data, size_t size)
{
	char folder[PATH_MAX], link[64];
	int fd, r;

	snprintf(folder, sizeof(folder), "%.*s/", (int)(strrchr(path, '/') - path), path);
	fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	r = write_whole(fd, data, size);
	if (!r && linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* Where no file is without a name, as on NFS. */
static int put_named(const char *path, const unsigned char *data, size_t size)
{
	char temporary[PATH_MAX + 64];
	int fd, r;

	snprintf(temporary, sizeof(temporary), "%s.%d-%llx.new", path, (int)getpid(),
	         (unsigned long long)clock_mono_ns());
	fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	r = write_whole(fd, data, size);
	if (close(fd) < 0 && !r)
		r = -errno;
	if (!r)
		r = publish(temporary, path);
	if (r < 0)
		unlink(temporary);
	return r;
}

static int put(const char *path, const unsigned char *data, size_t size)
{
	int r = put_nameless(path, data, size);

	if (r < 0 && r != -EEXIST)
		r = put_named(path, data, size);
	return r == -EEXIST ? 1 : r;
}

/* By chance, so that a trace is told from another that is copied over it (traces/intact.h). */
static int set_cookie(sqlite3 *db)
{
	uint32_t cookie;
	char pragma[64];

	if (getrandom(&cookie, sizeof(cookie), GRND_NONBLOCK) != sizeof(cookie))
		cookie = (uint32_t)clock_mono_ns();
	snprintf(pragma, sizeof(pragma), "PRAGMA schema_version=%u", cookie >> 1);
	return db_exec(db, pragma);
}

int empty_put(const struct db_place *place, struct error *e)
{
	AUTO(db_close) sqlite3 *db = NULL;
	unsigned char *image;
	sqlite3_int64 size;
	int r = empty_open(&db, e);

	if (r < 0)
		return r;
	image = set_cookie(db) == SQLITE_OK ? sqlite3_serialize(db, "main", &size, 0) : NULL;
	if (!image)
		return fail(e, ENOMEM, "%s: out of memory", place->name);
	r = put(place->path, image, (size_t)size);
	sqlite3_free(image);
	if (r < 0)
		return fail(e, -r, "%s: cannot be made: %s", place->name, strerror(-r));
	return r;
}
