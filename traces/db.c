/* db - a trace file as an SQLite database: which files are let in, and how they are opened */
#include "traces/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

static const char *kind_of(mode_t mode)
{
	static const struct {
		mode_t type;
		const char *name;
	} kinds[] = {
	        {S_IFDIR, "a directory"},    {S_IFLNK, "a symbolic link"},
	        {S_IFIFO, "a FIFO"},         {S_IFCHR, "a character device"},
	        {S_IFBLK, "a block device"}, {S_IFSOCK, "a socket"},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if ((mode & S_IFMT) == kinds[i].type)
			return kinds[i].name;
	return "no regular file";
}

/* name's folder, resolved, and its last part: SQLite's own check for links would refuse linked folders too. */
static int resolve(struct db_place *place, struct error *e)
{
	const char *slash = strrchr(place->name, '/');
	const char *base = slash ? slash + 1 : place->name;
	char folder[PATH_MAX], real[PATH_MAX];

	if (!*base || !strcmp(base, ".") || !strcmp(base, ".."))
		return fail(e, EINVAL, "%s: a directory, not a trace", place->name);
	snprintf(folder, sizeof(folder), "%.*s", (int)(base - place->name), place->name);
	if (!realpath(*folder ? folder : ".", real))
		return fail(e, errno, "%s: folder: %s", place->name, strerror(errno));
	if (strlen(real) + 1 + strlen(base) >= sizeof(place->path))
		return fail(e, EINVAL, "%s: path too long", place->name);
	strcpy(place->path, real);
	if (strcmp(real, "/"))
		strcat(place->path, "/");
	strcat(place->path, base);
	return 0;
}

int db_find(const char *name, struct db_place *place, struct error *e)
{
	int r;

	if (!*name)
		return fail(e, EINVAL, "the trace's path is empty");
	if (strlen(name) >= sizeof(place->name))
		return fail(e, EINVAL, "%.64s...: path too long", name);
	strcpy(place->name, name);
	r = resolve(place, e);
	if (r < 0)
		return r;
	place->made = false;
	place->exists = !lstat(place->path, &place->stat);
	if (!place->exists)
		return errno == ENOENT ? 0 : fail(e, errno, "%s: %s", name, strerror(errno));
	if (!S_ISREG(place->stat.st_mode))
		return fail(e, EINVAL, "%s: %s, not a trace", name, kind_of(place->stat.st_mode));
	if (!place->stat.st_size)
		return fail(e, EBADMSG, "%s: an empty file, not a trace", name);
	return 0;
}

/* From being made to its first byte a file that is copied takes microseconds. */
#define EMPTY_NS ((int64_t)NS_PER_S)

static int64_t age_ns_of(const struct stat *st)
{
	uint64_t changed_ns = (uint64_t)st->st_mtim.tv_sec * NS_PER_S +
	                      (uint64_t)st->st_mtim.tv_nsec;

	return (int64_t)(clock_wall_ns() - changed_ns);
}

void db_remove_empty(const struct db_place *place)
{
	struct stat st;

	if (!lstat(place->path, &st) && S_ISREG(st.st_mode) && !st.st_size &&
	    llabs(age_ns_of(&st)) >= EMPTY_NS) /* one of the future: a clock was set back */
		unlink(place->path);
}

int db_find_beside(const struct db_place *place, const char *suffix, bool *exists, struct stat *s,
                   struct error *e)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s%s", place->path, suffix);
	*s = (struct stat){0};
	*exists = !lstat(path, s);
	if (*exists && !S_ISREG(s->st_mode))
		return fail(e, EINVAL, "%s%s: %s, not a file", place->name, suffix,
		            kind_of(s->st_mode));
	return 0;
}

/* The path as a URI, in which SQLite takes options. */
static char *uri_of(const char *path, const char *options)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                            "0123456789/._-";
	char *uri = malloc(sizeof("file:") + 3 * strlen(path) + strlen(options)), *to = uri;

	if (!uri)
		return NULL;
	to += sprintf(to, "file:");
	for (; *path; path++)
		to += sprintf(to, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	strcpy(to, options);
	return uri;
}

/* Far above what our statements need, far below what hurts. */
static void harden(sqlite3 *db)
{
	static const struct {
		int what, value;
	} limits[] = {
	        {SQLITE_LIMIT_LENGTH, 1 << 20},
	        {SQLITE_LIMIT_SQL_LENGTH, 4096},
	        {SQLITE_LIMIT_COLUMN, 64},
	        {SQLITE_LIMIT_EXPR_DEPTH, 50},
	        {SQLITE_LIMIT_COMPOUND_SELECT, 4},
	        {SQLITE_LIMIT_VDBE_OP, 25000},
	        {SQLITE_LIMIT_FUNCTION_ARG, 8},
	        {SQLITE_LIMIT_ATTACHED, 0},
	        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
	        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
	        {SQLITE_LIMIT_WORKER_THREADS, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(db, limits[i].what, limits[i].value);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	db_exec(db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0");
}

int db_open(const struct db_place *place, enum db_mode mode, sqlite3 **out, struct error *e)
{
	const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX |
	                  SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
	char *uri = uri_of(place->path, mode == DB_FROZEN ? "?immutable=1" : "");
	AUTO(db_close) sqlite3 *db = NULL;
	int rc;

	if (!uri)
		return fail(e, ENOMEM, "%s: out of memory", place->name);
	rc = sqlite3_open_v2(
	        uri, &db, flags | (mode == DB_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY),
	        NULL);
	free(uri);
	if (rc != SQLITE_OK)
		return db_fail(db, rc, place, e);
	if (mode == DB_WRITE && sqlite3_db_readonly(db, "main"))
		return fail(e, EACCES, "%s: not writable", place->name);
	harden(db);
	*out = take(db);
	return 0;
}

void db_close(sqlite3 *db)
{
	sqlite3_close_v2(db);
}

int db_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static const struct {
	int rc, code;
	const char *text; /* NULL: SQLite's own words */
} failures[] = {
        {SQLITE_BUSY, EBUSY, "locked by another program"},
        {SQLITE_LOCKED, EBUSY, "locked by another program"},
        {SQLITE_PROTOCOL, EBUSY, "locked by another program"},
        {SQLITE_FULL, ENOSPC, "disk full"},
        {SQLITE_CORRUPT, EBADMSG, "damaged"},
        {SQLITE_NOTADB, EBADMSG, "damaged, or another kind of file"},
        {SQLITE_TOOBIG, EBADMSG, "damaged: a value of absurd size"},
        {SQLITE_INTERRUPT, EBADMSG, "damaged: reading it does not end"},
        {SQLITE_CANTOPEN, EACCES, "cannot be opened"},
        {SQLITE_READONLY, EACCES, "not writable"},
        {SQLITE_PERM, EACCES, "not permitted"},
        {SQLITE_AUTH, EACCES, "not permitted"},
        {SQLITE_NOMEM, ENOMEM, "out of memory"},
        {SQLITE_IOERR, EIO, "input/output error"},
};

/* A file that cannot be opened as its disk fails is no matter of rights. */
static bool is_of_the_disk(int cause)
{
	return cause == ENOSPC || cause == EDQUOT || cause == EIO || cause == EROFS;
}

int db_fail(sqlite3 *db, int rc, const struct db_place *place, struct error *e)
{
	int cause = sqlite3_system_errno(db);
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if ((rc & 0xff) == failures[i].rc)
			break;
	if (i == sizeof(failures) / sizeof(failures[0]))
		return fail(e, EIO, "%s: %s", place->name, sqlite3_errmsg(db));
	if (failures[i].code != EACCES && failures[i].code != EIO)
		cause = 0;
	return fail(e, is_of_the_disk(cause) ? cause : failures[i].code, "%s: %s%s%s", place->name,
	            failures[i].text, cause ? ": " : "", cause ? strerror(cause) : "");
}
