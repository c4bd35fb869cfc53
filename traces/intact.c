/* intact - is what a recorder writes to still the trace that it opened, or was it cut or overwritten in place? */
#include "traces/intact.h"

#include <assert.h>
#include <string.h>

#include "traces/schema.h"

/* Offsets: the SQLite file format's sections "The Database Header" and "WAL File Format". */
enum {
	VERSION_TO_READ = 19,
	CHANGES = 24,
	PAGES = 28,
	COOKIE = 40,
	USER_VERSION = 60,
	APPLICATION_ID = 68,
	HEADER = 100,
	PAGE_BYTES = 16,
	WAL_SALT = 16,
	WAL_HEADER = 32,
	FRAME_HEADER = 24,
	/* A stranger's VACUUM adds 1; two traces are as near to each other once in a hundred million. */
	COOKIE_STEPS = 16
};

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* False when nothing can be said, *lost when there are not as many bytes. */
static bool read_start(sqlite3_file *file, unsigned char *out, int size, bool *lost)
{
	int rc = file->pMethods->xRead(file, out, size, 0);

	*lost = rc == SQLITE_IOERR_SHORT_READ;
	return rc == SQLITE_OK || *lost;
}

/* The file lags behind its -wal, and a checkpoint that failed leaves it shorter than it says; but it never shrinks so. */
static bool is_cut(const unsigned char *header, uint64_t bytes, const struct intact *last)
{
	uint64_t page = (uint64_t)header[PAGE_BYTES] << 8 | header[PAGE_BYTES + 1];

	return last->seen && bytes < last->bytes && bytes < big_endian(header + PAGES) * page;
}

static bool is_same(const unsigned char *header, const struct intact *last)
{
	static const char magic[16] = "SQLite format 3";
	uint32_t cookie = big_endian(header + COOKIE), changes = big_endian(header + CHANGES);

	if (memcmp(header, magic, sizeof(magic)) != 0 ||
	    big_endian(header + APPLICATION_ID) != TRACE_APPLICATION_ID ||
	    big_endian(header + USER_VERSION) != TRACE_SCHEMA_VERSION)
		return false;
	if (!last->seen)
		return true;
	/* Without a -wal a transaction that was cut off is taken back, and its count with it. */
	return cookie - last->cookie <= COOKIE_STEPS &&
	       (header[VERSION_TO_READ] != 2 || (int32_t)(changes - last->changes) >= 0);
}

static bool file_lost(sqlite3_file *file, struct intact *last, bool *wal)
{
	unsigned char header[HEADER];
	sqlite3_int64 bytes;
	bool lost;

	if (!read_start(file, header, sizeof(header), &lost) ||
	    file->pMethods->xFileSize(file, &bytes) != SQLITE_OK)
		return false;
	if (lost || !is_same(header, last) || is_cut(header, (uint64_t)bytes, last))
		return true;
	*wal = header[VERSION_TO_READ] == 2;
	*last = (struct intact){true, big_endian(header + COOKIE), big_endian(header + CHANGES),
	                        (uint64_t)bytes};
	return false;
}

/* The start of the -shm, in the machine's byte order: the file format's section "The WAL-Index File Format". */
struct wal_info {
	uint32_t version, unused, change;
	uint8_t is_init, big_end_checksum;
	uint16_t page_bytes;
	uint32_t frames, pages;
	uint32_t frame_checksum[2];
	uint8_t salt[8];
	uint32_t checksum[2];
};
static_assert(sizeof(struct wal_info) == 48, "as SQLite has it");

/* It is there twice: a writer that is at it shows by the difference. */
static bool wal_info(sqlite3_file *file, struct wal_info *out)
{
	enum {
		REGION = 32768
	};
	void volatile *shm = NULL;
	struct wal_info twice[2];
	size_t i;

	if (file->pMethods->iVersion < 2 ||
	    file->pMethods->xShmMap(file, 0, REGION, 0, &shm) != SQLITE_OK || !shm)
		return false;
	for (i = 0; i < sizeof(twice); i++)
		((uint8_t *)twice)[i] = ((uint8_t volatile *)shm)[i];
	*out = twice[0];
	return !memcmp(&twice[0], &twice[1], sizeof(twice[0])) && out->is_init;
}

/* A -wal is begun anew, and may be cut then, but only after the index says that it holds nothing. */
static bool wal_lost(sqlite3_file *file, sqlite3_file *wal)
{
	struct wal_info before, after;
	unsigned char header[WAL_HEADER];
	sqlite3_int64 bytes, wanted;
	bool lost;

	if (!wal || !wal->pMethods || !wal_info(file, &before) || !before.frames)
		return false;
	if (!read_start(wal, header, sizeof(header), &lost) ||
	    wal->pMethods->xFileSize(wal, &bytes) != SQLITE_OK)
		return false;
	wanted = WAL_HEADER + (sqlite3_int64)before.frames * (FRAME_HEADER + before.page_bytes);
	lost = lost || bytes < wanted ||
	       memcmp(header + WAL_SALT, before.salt, sizeof(before.salt));
	return lost && wal_info(file, &after) && !memcmp(&before, &after, sizeof(before));
}

enum intact_state intact_look(sqlite3 *db, struct intact *last)
{
	sqlite3_file *file = NULL, *journal = NULL;
	bool wal = false;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!file || !file->pMethods)
		return INTACT;
	if (file_lost(file, last, &wal))
		return INTACT_FILE_LOST;
	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &journal);
	return wal && wal_lost(file, journal) ? INTACT_WAL_LOST : INTACT;
}
