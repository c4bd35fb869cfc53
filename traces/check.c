/* check - is a file a trace that we know: its header, and its schema to the letter */
#include "traces/check.h"

#include <string.h>

#include "common/clock.h"
#include "traces/empty.h"
#include "traces/limit.h"
#include "traces/schema.h"

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Offsets: the SQLite file format's section "The Database Header". */
int check_header(sqlite3 *db, const struct db_place *place, bool *wal, struct error *e)
{
	enum {
		VERSION_TO_READ = 19,
		USER_VERSION = 60,
		APPLICATION_ID = 68,
		SIZE = 100
	};
	static const char magic[16] = "SQLite format 3";
	unsigned char header[SIZE];
	sqlite3_file *file = NULL;
	uint32_t version;
	int rc;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
	if (!file || !file->pMethods)
		return fail(e, EIO, "%s: not open", place->name);
	rc = file->pMethods->xRead(file, header, SIZE, 0);
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		return fail(e, EIO, "%s: input/output error", place->name);
	if (rc != SQLITE_OK || memcmp(header, magic, sizeof(magic)) != 0)
		return fail(e, EBADMSG, "%s: another kind of file, not a trace", place->name);
	if (big_endian(header + APPLICATION_ID) != TRACE_APPLICATION_ID)
		return fail(e, EBADMSG, "%s: an SQLite database of another program, not a trace",
		            place->name);
	version = big_endian(header + USER_VERSION);
	if (version != TRACE_SCHEMA_VERSION)
		return fail(e, EBADMSG, "%s: a trace of schema version %u%s; this program knows %d",
		            place->name, version,
		            version > TRACE_SCHEMA_VERSION ? ", from a newer vmb" : "",
		            TRACE_SCHEMA_VERSION);
	if (wal)
		*wal = header[VERSION_TO_READ] == 2;
	return 0;
}

static bool same_text(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
	const char *x = (const char *)sqlite3_column_text(a, column);
	const char *y = (const char *)sqlite3_column_text(b, column);

	return !x == !y && (!x || !strcmp(x, y));
}

/* Both lists of objects, walked side by side. */
static int check_schema(sqlite3 *db, const struct db_place *place, sqlite3_stmt *theirs,
                        sqlite3_stmt *ours, struct error *e)
{
	int rc, column;
	bool same;

	do {
		rc = sqlite3_step(theirs);
		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return db_fail(db, rc, place, e);
		same = rc == sqlite3_step(ours);
		for (column = 0; same && rc == SQLITE_ROW && column < 4; column++)
			same = same_text(theirs, ours, column);
	} while (same && rc == SQLITE_ROW);
	return same ? 0 : fail(e, EBADMSG, "%s: a trace whose tables were changed", place->name);
}

static int compare(sqlite3 *db, const struct db_place *place, struct error *e)
{
	static const char objects[] =
	        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid";
	AUTO(db_close) sqlite3 *empty = NULL;
	sqlite3_stmt *theirs = NULL, *ours = NULL;
	int rc, r = empty_open(&empty, e);

	if (r < 0)
		return r;
	rc = sqlite3_prepare_v2(db, objects, -1, &theirs, NULL);
	if (rc != SQLITE_OK)
		r = db_fail(db, rc, place, e);
	else if (sqlite3_prepare_v2(empty, objects, -1, &ours, NULL) != SQLITE_OK)
		r = fail(e, ENOMEM, "%s: out of memory", place->name);
	else
		r = check_schema(db, place, theirs, ours, e);
	sqlite3_finalize(theirs);
	sqlite3_finalize(ours);
	return r;
}

/* SQLite parses the whole of a schema before it shows any of it: 2 ms for ours. */
int check_trace(sqlite3 *db, const struct db_place *place, struct error *e)
{
	struct limit limit;
	int r = check_header(db, place, NULL, e);

	if (r < 0)
		return r;
	limit_begin(&limit, db, NS_PER_S);
	r = compare(db, place, e);
	limit_end(db);
	return r;
}
