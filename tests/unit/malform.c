/* malform - traces that no recorder wrote: each number is another one, and always the same */
#include "tests/unit/malform.h"

#include "tests/unit/trace_fixture.h"
#include "traces/schema.h"

#define PAGE 2048

struct bytes {
	unsigned char *data;
	size_t size;
};

/* What the others are made from: two closed traces, and what a killed recorder left, before and after its checkpoint. */
static struct {
	char full_path[128];
	struct bytes full, other, before, after, wal, shm;
} base;

/* ---- chance ---- */

static uint64_t seed;

static uint64_t chance(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % below;
}

#define ANY(array) ((array)[chance(sizeof(array) / sizeof((array)[0]))])

/* ---- files ---- */

static struct bytes read_file(const char *file)
{
	FILE *f = fopen(file, "r");
	struct bytes b = {malloc(4 << 20), 0};

	assert_non_null(f);
	b.size = fread(b.data, 1, 4 << 20, f);
	fclose(f);
	return b;
}

static void write_file(const char *file, const char *suffix, const void *data, size_t size)
{
	char name[PATH_MAX];
	FILE *f;

	snprintf(name, sizeof(name), "%s%s", file, suffix);
	f = fopen(name, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	fclose(f);
}

static struct bytes copy_of(const struct bytes *b)
{
	struct bytes copy = {malloc(b->size + PAGE), b->size};

	memcpy(copy.data, b->data, b->size);
	return copy;
}

static void make_noise(unsigned char *at, size_t size)
{
	while (size--)
		*at++ = (unsigned char)chance(256);
}

static unsigned char *any_page(const struct bytes *b)
{
	return b->data + chance(b->size / PAGE) * PAGE;
}

/* ---- bytes ---- */

static void flip_anywhere(struct bytes *b)
{
	uint64_t n = 1 + chance(8);

	while (n--)
		b->data[chance(b->size)] ^= (unsigned char)(1U << chance(8));
}

static void flip_page_heads(struct bytes *b)
{
	uint64_t n = 1 + chance(4);

	while (n--)
		any_page(b)[chance(16)] ^= (unsigned char)(1U << chance(8));
}

static void flip_header(struct bytes *b)
{
	uint64_t n = 1 + chance(3);

	while (n--)
		b->data[16 + chance(84)] ^= (unsigned char)(1U << chance(8));
}

static void cut(struct bytes *b)
{
	b->size = chance(4) ? chance(b->size) : chance(b->size / PAGE) * PAGE;
}

static void splice(struct bytes *b)
{
	uint64_t n = 1 + chance(4);

	while (n--)
		memmove(any_page(b), any_page(b), PAGE);
}

static void splice_other(struct bytes *b)
{
	uint64_t n = 1 + chance(4);
	size_t page;

	while (n--) {
		page = chance(base.other.size / PAGE) * PAGE;
		if (page < b->size)
			memcpy(b->data + page, base.other.data + page, PAGE);
	}
}

static void blot(struct bytes *b)
{
	unsigned char *page = any_page(b);

	if (chance(2))
		memset(page, chance(2) ? 0 : 0xff, PAGE);
	else
		make_noise(page, PAGE);
}

/* Fields of the file's header: where, how many bytes, and a value that no honest file has there. */
static void set_header(struct bytes *b)
{
	static const struct {
		unsigned at, size;
		uint32_t value;
	} fields[] = {
	        {16, 2, 0},          {16, 2, 1},          {16, 2, 3},          {16, 2, 256},
	        {16, 2, 512},        {16, 2, 4096},       {16, 2, 32768},      {16, 2, 65535},
	        {18, 2, 0x0202},     {18, 2, 0x0302},     {18, 2, 0},          {19, 1, 255},
	        {20, 1, 1},          {20, 1, 255},        {21, 1, 0},          {28, 4, 0},
	        {28, 4, 1},          {28, 4, 0x7fffffff}, {28, 4, UINT32_MAX}, {32, 4, 1},
	        {32, 4, 2},          {32, 4, UINT32_MAX}, {36, 4, UINT32_MAX}, {44, 4, 0},
	        {44, 4, 5},          {44, 4, UINT32_MAX}, {48, 4, UINT32_MAX}, {52, 4, 3},
	        {52, 4, UINT32_MAX}, {56, 4, 0},          {56, 4, 2},          {56, 4, 3},
	        {56, 4, 99},         {60, 4, 0},          {60, 4, UINT32_MAX}, {64, 4, 1},
	        {68, 4, 0},          {68, 4, 0x564d4255}, {92, 4, 0},
	};
	unsigned which = (unsigned)chance(sizeof(fields) / sizeof(fields[0])), i;

	for (i = 0; i < fields[which].size; i++)
		b->data[fields[which].at + i] = (unsigned char)(fields[which].value >>
		                                                8 * (fields[which].size - 1 - i));
}

/* A leaf of a table or index with cells, and the start of one of them; NULL when chance finds none. */
static unsigned char *any_cell(struct bytes *b, unsigned char **page)
{
	unsigned tries, head, cells, at;

	for (tries = 0; tries < 100; tries++) {
		*page = any_page(b);
		head = *page == b->data ? 100 : 0;
		cells = (*page)[head + 3] * 256U + (*page)[head + 4];
		if (((*page)[head] != 13 && (*page)[head] != 10) || !cells || cells > PAGE / 4)
			continue;
		at = head + 8 + 2 * (unsigned)chance(cells);
		at = (*page)[at] * 256U + (*page)[at + 1];
		if (at && at < PAGE - 16)
			return *page + at;
	}
	return NULL;
}

/* Sizes of 2 GiB and far beyond, as the file format writes them. */
static const unsigned char huge_sizes[][9] = {
        {0x87, 0xff, 0xff, 0xff, 0x7f}, {0x88, 0x80, 0x80, 0x80, 0x0c},
        {0x8f, 0xff, 0xff, 0xff, 0x7f}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0x84, 0x80, 0x80, 0x00},
};

static void declare_huge_cell(struct bytes *b)
{
	unsigned char *page, *cell = any_cell(b, &page);

	if (cell)
		memcpy(cell, ANY(huge_sizes), chance(2) ? 5 : 9);
}

/* A value's type behind the cell's own head: a blob of 2 GiB, a text longer than the row, reserved types. */
static void declare_huge_value(struct bytes *b)
{
	unsigned char *page, *cell = any_cell(b, &page);

	if (!cell)
		return;
	if (chance(2))
		memcpy(cell + 2 + chance(6), ANY(huge_sizes), 5);
	else
		cell[2 + chance(10)] = (unsigned char)(8 + chance(120));
}

static void point_cells_anywhere(struct bytes *b)
{
	unsigned char *page;

	if (!any_cell(b, &page))
		return;
	page += page == b->data ? 100 : 0;
	if (chance(2))
		make_noise(page + 8 + 2 * chance(8), 2 + chance(8));
	else
		make_noise(page + 3, 2);
}

/* Inner pages of trees that point to themselves, to the root, to nowhere. */
static void tie_knots(struct bytes *b)
{
	unsigned tries;
	unsigned char *page;

	for (tries = 0; tries < 1000; tries++) {
		page = any_page(b);
		if (page == b->data || (*page != 5 && *page != 2))
			continue;
		memset(page + 8, 0, 3);
		page[11] = (unsigned char)(chance(2) ? (size_t)(page - b->data) / PAGE + 1
		                                     : chance(b->size / PAGE + 4));
		return;
	}
}

/* ---- SQL ---- */

/* Tables and their columns, for what happens to any of them. */
static const struct column {
	const char *table, *column;
	bool text;
} columns[] = {
        {"run", "program", true},
        {"run", "arguments", true},
        {"run", "label", true},
        {"run", "settings", true},
        {"run", "host", true},
        {"run", "uri", true},
        {"run", "exit_reason", true},
        {"run", "memory_kib", false},
        {"run", "interval_ns", false},
        {"run", "start_mono_ns", false},
        {"run", "start_wall_ns", false},
        {"run", "end_mono_ns", false},
        {"run", "end_wall_ns", false},
        {"run", "run", false},
        {"pcpu", "pcpu", false},
        {"pcpu", "node", false},
        {"guest", "name", true},
        {"guest", "uuid", true},
        {"guest", "guest", false},
        {"vcpu", "number", false},
        {"vcpu", "guest", false},
        {"cpus", "list", true},
        {"cpus", "cpus", false},
        {"code", "name", true},
        {"tick", "number", false},
        {"tick", "begin_ns", false},
        {"tick", "sample_ns", false},
        {"tick", "decide_ns", false},
        {"tick", "self_cpu_ns", false},
        {"tick", "usable", false},
        {"tick", "run", false},
        {"tick", "tick", false},
        {"pcpu_sample", "pcpu", false},
        {"pcpu_sample", "user_ns", false},
        {"pcpu_sample", "idle_ns", false},
        {"vcpu_sample", "run_ns", false},
        {"vcpu_sample", "delay_ns", false},
        {"vcpu_sample", "pcpu", false},
        {"vcpu_sample", "affinity", false},
        {"guest_sample", "state", false},
        {"guest_sample", "instance", false},
        {"guest_sample", "actual_kib", false},
        {"guest_sample", "updated_s", false},
        {"host_sample", "free_kib", false},
        {"decision", "verdict", false},
        {"decision", "spread_ppm", false},
        {"decision", "reason", true},
        {"action", "kind", false},
        {"action", "mono_ns", false},
        {"action", "tick", false},
        {"action", "guest", false},
        {"action", "new", false},
        {"action", "result", false},
        {"action", "duration_ns", false},
        {"action", "reason", true},
        {"action", "detail", true},
        {"event", "mono_ns", false},
        {"event", "kind", true},
        {"event", "text", true},
        {"stat", "name", true},
        {"stat", "value", false},
};

/* As sql(), of something that SQLite itself may refuse: a number of a row that is none. */
static void attempt(const char *file, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	sqlite3_exec(db, text, NULL, NULL, NULL);
	sqlite3_close(db);
}

/* In all rows of the table, or in some; those without a rowid are counted by their key. */
static void set_column(const char *file, const struct column *c, const char *value)
{
	const char *key = !strcmp(c->table, "code")     ? "code"
	                  : !strcmp(c->table, "stat")   ? "run"
	                  : !strcmp(c->table, "pcpu")   ? "pcpu"
	                  : strstr(c->table, "_sample") ? "tick"
	                                                : "rowid";
	char text[512];

	snprintf(text, sizeof(text), "UPDATE OR IGNORE %s SET %s = %s WHERE %s %% %d = 0", c->table,
	         c->column, value, key, chance(2) ? 1 : 3);
	attempt(file, text);
}

static void absurd_numbers(const char *file)
{
	static const int64_t numbers[] = {0,         1,         -1,        1LL << 31, UINT32_MAX,
	                                  1LL << 32, 1LL << 53, INT64_MAX, INT64_MIN};
	uint64_t n = 1 + chance(3);
	const struct column *c;
	char value[64];

	while (n--) {
		do
			c = &ANY(columns);
		while (c->text);
		snprintf(value, sizeof(value), "%lld",
		         chance(3) ? (long long)ANY(numbers) : (long long)chance(1ULL << 40));
		set_column(file, c, !strcmp(value, "-9223372036854775808") ? "(-1 << 63)" : value);
	}
}

static void absurd_texts(const char *file)
{
	static const char *const texts[] = {
	        "''",
	        "CAST(zeroblob(100) AS TEXT)",
	        "CAST(X'FFFEC0AF80' AS TEXT)",
	        "CAST(X'61620063' AS TEXT)",
	        "replace(hex(zeroblob(300000)), '0', 'x')",
	        "replace(hex(zeroblob(1000000)), '0', char(27))",
	        "replace(hex(zeroblob(200)), '0', char(10))",
	        "'%s%n%s%n%99999d'",
	        "'balance=1e999 cpus=0-99999 only=****************************a*b only=['",
	        "'balance=%'",
	        "replace(hex(zeroblob(60)), '0', '*a') || '*b'",
	        "'0-2047,^1,^2-3'",
	        "char(65533, 8238, 1114111)",
	};
	uint64_t n = 1 + chance(3);
	const struct column *c;

	while (n--) {
		do
			c = &ANY(columns);
		while (!c->text);
		set_column(file, c, ANY(texts));
	}
}

/* Values of types that the tables do not allow: their words are changed meanwhile. */
static void wrong_types(const char *file)
{
	static const char *const values[] = {"'text'", "X'00ff00'", "1.5",
	                                     "NULL",   "9e999",     "zeroblob(100000)"};
	char text[512];

	sql(file, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(replace("
	          "replace(replace(sql, 'STRICT, ', ''), ') STRICT', ')'), 'NOT NULL', ''), "
	          "'CHECK (severity IN', 'DEFAULT (1 IN') WHERE type = 'table'");
	set_column(file, &ANY(columns), ANY(values));
	snprintf(text, sizeof(text),
	         "ATTACH '%s' AS good; PRAGMA writable_schema=ON; UPDATE main.sqlite_schema AS s "
	         "SET sql = (SELECT sql FROM good.sqlite_schema AS g WHERE g.name = s.name) "
	         "WHERE sql IS NOT NULL",
	         base.full_path);
	sql(file, text);
}

static void missing_rows(const char *file)
{
	const struct column *c = &ANY(columns);
	char text[128];

	snprintf(text, sizeof(text), "DELETE FROM %s WHERE %s IS NOT NULL AND length(%s) %% %d = 0",
	         c->table, c->column, c->column, chance(2) ? 1 : 2);
	sql(file, text);
}

static void many_rows(const char *file)
{
#define MANY(n) "WITH RECURSIVE n(x) AS (SELECT 100 UNION ALL SELECT x + 1 FROM n WHERE x < " n ") "
	static const char *const rows[] = {
	        MANY("4000") "INSERT INTO guest SELECT x, "
	                     "printf('%08x-0000-0000-0000-000000000000', "
	                     "x), 'g' || x FROM n",
	        MANY("3000") "INSERT INTO run SELECT x, 'p', 'v', 'a', 'l', '', 1, 'u', '', '', "
	                     "'', "
	                     "'', '', '', 1, 1000, x, x, NULL, NULL, NULL FROM n",
	        MANY("20000") "INSERT INTO event SELECT x, 1, x, 'k', 'text' FROM n",
	        MANY("20000") "INSERT INTO action SELECT x, NULL, 1, x, 0, 1, 1, 1, 1, 'r', 1, 1, "
	                      "'d' "
	                      "FROM n",
	        MANY("9000") "INSERT INTO stat SELECT 1, 's' || x, 'warning', x FROM n",
	        MANY("2047") "INSERT INTO pcpu SELECT 1, x, 0, 0, 0, 0 FROM n",
	        MANY("20000") "INSERT INTO tick SELECT x, 1, x, x, 0, 0, 0, 1 FROM n",
	        MANY("2047") "INSERT INTO pcpu_sample SELECT 5, x, 1, 1, 1, 1 FROM n",
	        MANY("9000") "INSERT INTO vcpu SELECT x, 1, x FROM n",
	        MANY("2100") "INSERT INTO cpus SELECT x, '0-' || x FROM n",
	        MANY("2500") "INSERT INTO vcpu SELECT x, 1, x FROM n; " MANY(
	                "2500") "INSERT INTO vcpu_sample SELECT 5, x, 1, 1, 1, 1 FROM n",
	};

	sql(file, ANY(rows));
}

static void other_schema(const char *file)
{
#define FOREVER     "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
#define SCHEMA(set) "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET " set
	static const char *const changes[] = {
	        "DROP VIEW v_runs; CREATE VIEW v_runs AS " FOREVER "SELECT x FROM n",
	        "DROP TABLE tick; CREATE VIEW tick AS " FOREVER "SELECT x AS tick, 1 AS run FROM n",
	        "DROP TABLE run; CREATE VIEW run AS " FOREVER "SELECT x AS run FROM n",
	        "CREATE TRIGGER more AFTER UPDATE ON tick BEGIN DELETE FROM run; END",
	        "ALTER TABLE tick ADD COLUMN more TEXT AS (hex(zeroblob(begin_ns)))",
	        "CREATE INDEX more ON tick (abs(number))",
	        "CREATE TABLE more (x CHECK (length(hex(zeroblob(1000000000))) > 0))",
	        "CREATE VIRTUAL TABLE more USING fts5(x)",
	        "CREATE VIRTUAL TABLE more USING rtree(a, b, c)",
	        "DROP TABLE event; CREATE TABLE event AS SELECT 1 AS event, 1 AS run",
	        "DROP VIEW v_actions",
	        "ALTER TABLE stat RENAME COLUMN value TO amount",
	        "ALTER TABLE run RENAME TO walk",
	        SCHEMA("sql = 'CREATE TABLE tick(' || replace(hex(zeroblob(60000)), '0', '(') "
	               "WHERE name = 'tick'"),
	        SCHEMA("sql = 'CREATE TABLE tick(a DEFAULT (' || replace(hex(zeroblob(60000)), "
	               "'0', '1+') || '1))' WHERE name = 'tick'"),
	        SCHEMA("sql = 'CREATE VIEW v_runs AS SELECT ' || replace(hex(zeroblob(50000)), "
	               "'0', 'abs(') WHERE name = 'v_runs'"),
	        SCHEMA("sql = sql || ';DROP TABLE run' WHERE name = 'tick'"),
	        SCHEMA("sql = NULL WHERE name = 'tick'"),
	        SCHEMA("sql = X'00' WHERE name = 'tick'"),
	        SCHEMA("sql = replace(sql, 'NOT NULL', '')"),
	        SCHEMA("sql = replace(sql, 'INTEGER', 'BLOB')"),
	        SCHEMA("rootpage = 0 WHERE name = 'tick'"),
	        SCHEMA("rootpage = 1 WHERE name = 'tick'"),
	        SCHEMA("rootpage = 999999 WHERE name = 'run'"),
	        SCHEMA("rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'run') "
	               "WHERE name = 'guest'"),
	        SCHEMA("rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'tick') "
	               "WHERE name = 'pcpu_sample'"),
	        SCHEMA("type = 'view' WHERE name = 'tick'"),
	        SCHEMA("name = 'run' WHERE name = 'tick'"),
	        "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema",
	        "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'run'",
	        "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema SELECT * FROM sqlite_schema",
	};

	sql(file, ANY(changes));
}

static void other_program(const char *file)
{
	static const char *const changes[] = {
	        "PRAGMA application_id=0",        "PRAGMA application_id=252006673",
	        "PRAGMA user_version=0",          "PRAGMA user_version=2",
	        "PRAGMA user_version=-1",         "PRAGMA page_size=512; VACUUM",
	        "PRAGMA page_size=65536; VACUUM", "PRAGMA auto_vacuum=FULL; VACUUM",
	        "PRAGMA journal_mode=WAL",
	};

	sql(file, ANY(changes));
}

static void other_encoding(const char *file)
{
	char *text = NULL;

	unlink(file);
	assert_true(asprintf(&text,
	                     "PRAGMA encoding='UTF-16%s'; PRAGMA application_id=%d; "
	                     "PRAGMA user_version=%d; %s",
	                     chance(2) ? "le" : "be", TRACE_APPLICATION_ID, TRACE_SCHEMA_VERSION,
	                     trace_schema) > 0);
	sql(file, text);
	free(text);
	sql(file,
	    "INSERT INTO run VALUES (1, 'p', 'v', 'a', char(55296), '', 1, 'u', 'h', '', '', '', "
	    "'', "
	    "'', 1, 1000, 1, 1, NULL, NULL, NULL); INSERT INTO cpus VALUES (1, '0-1'); "
	    "INSERT INTO guest VALUES (1, '01000000-0000-0000-0000-000000000000', 'g' || "
	    "char(128169)); INSERT INTO vcpu VALUES (1, 1, 0); "
	    "INSERT INTO tick VALUES (1, 1, 0, 1, 1, NULL, 1, 1), (2, 1, 1, 1001, 1, NULL, 1, 1); "
	    "INSERT INTO pcpu_sample VALUES (1, 0, 1, 1, 1, 1), (2, 0, 2, 2, 2, 2); "
	    "INSERT INTO vcpu_sample VALUES (1, 1, 1, 1, 0, 1), (2, 1, 2, 2, 0, 1)");
}

/* ---- what stands beside the file ---- */

static void write_base(const char *file)
{
	write_file(file, "", base.full.data, base.full.size);
}

/* A checkpoint that was cut: each page is from before or from after it. */
static void cut_checkpoint(const char *file)
{
	struct bytes b = copy_of(&base.after);
	size_t at;

	for (at = 0; at < base.before.size; at += PAGE)
		if (chance(2))
			memcpy(b.data + at, base.before.data + at, PAGE);
	write_file(file, "", b.data, chance(2) ? b.size : base.before.size);
	free(b.data);
}

static void write_shm(const char *file)
{
	unsigned char noise[32768];
	uint64_t which = chance(5);

	if (which == 0)
		write_file(file, "-shm", base.shm.data, base.shm.size);
	make_noise(noise, sizeof(noise));
	if (which == 1)
		write_file(file, "-shm", noise, sizeof(noise));
	if (which == 2)
		write_file(file, "-shm", noise, chance(200));
}

static void sound_wal(const char *file)
{
	cut_checkpoint(file);
	write_file(file, "-wal", base.wal.data, base.wal.size);
	write_shm(file);
}

static void bad_wal(const char *file)
{
	struct bytes wal = copy_of(&base.wal);

	cut_checkpoint(file);
	switch (chance(5)) {
	case 0:
		flip_anywhere(&wal);
		break;
	case 1:
		wal.size = chance(wal.size);
		break;
	case 2:
		make_noise(wal.data + chance(64), 1 + chance(wal.size - 64));
		break;
	case 3:
		wal.data[chance(32)] ^= (unsigned char)(1U << chance(8));
		break;
	default: /* the first frame only: its page without those it belongs to */
		wal.size = 32 + (24 + PAGE) * (1 + chance(3));
	}
	write_file(file, "-wal", wal.data, wal.size);
	write_shm(file);
	free(wal.data);
}

static void bad_journal(const char *file)
{
	unsigned char noise[4096] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

	write_base(file);
	make_noise(noise + 8, sizeof(noise) - 8);
	write_file(file, "-journal", noise, chance(sizeof(noise)));
}

static void no_files_beside(const char *file)
{
	static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
	char name[PATH_MAX];

	cut_checkpoint(file);
	snprintf(name, sizeof(name), "%s%s", file, ANY(suffixes));
	switch (chance(3)) {
	case 0:
		assert_int_equal(mkfifo(name, 0644), 0);
		break;
	case 1:
		assert_int_equal(symlink("/etc/passwd", name), 0);
		break;
	default:
		assert_int_equal(mkdir(name, 0755), 0);
	}
}

/* ---- all kinds ---- */

static const struct kind {
	const char *name;
	void (*bytes)(struct bytes *b);  /* change the bytes of a good trace */
	void (*sql)(const char *file);   /* change a good trace by SQL */
	void (*files)(const char *file); /* write it, and what stands beside it */
} kinds[] = {
        {"flipped bits", flip_anywhere},
        {"flipped bits in the heads of pages", flip_page_heads},
        {"flipped bits in the header", flip_header},
        {"cut", cut},
        {"pages in each other's place", splice},
        {"pages of another trace", splice_other},
        {"a page of noise", blot},
        {"an absurd header", set_header},
        {"a cell of declared GiB", declare_huge_cell},
        {"a value of declared GiB", declare_huge_value},
        {"cells that overlap", point_cells_anywhere},
        {"trees with knots", tie_knots},
        {"absurd numbers", NULL, absurd_numbers},
        {"absurd texts", NULL, absurd_texts},
        {"wrong types", NULL, wrong_types},
        {"missing rows", NULL, missing_rows},
        {"many rows", NULL, many_rows},
        {"another schema", NULL, other_schema},
        {"another program's", NULL, other_program},
        {"another encoding", NULL, other_encoding},
        {"a cut checkpoint", NULL, NULL, sound_wal},
        {"a cut checkpoint without its -wal", NULL, NULL, cut_checkpoint},
        {"a damaged -wal", NULL, NULL, bad_wal},
        {"a -journal of noise", NULL, NULL, bad_journal},
        {"no files beside it", NULL, NULL, no_files_beside},
};

const char *malform(unsigned number, const char *file)
{
	const struct kind *k = &kinds[number % (sizeof(kinds) / sizeof(kinds[0]))];
	struct bytes b;

	seed = (number + 1) * 0x9e3779b97f4a7c15ULL;
	chance(2);
	if (k->bytes) {
		b = copy_of(&base.full);
		k->bytes(&b);
		write_file(file, "", b.data, b.size);
		free(b.data);
	} else if (k->sql) {
		write_base(file);
		k->sql(file);
	} else {
		k->files(file);
	}
	return k->name;
}

/* ---- the good ones ---- */

static int record_and_die(void *file)
{
	struct trace *t = open_or_fail(file, true);

	record_ticks(t, 0, 30);
	_exit(0);
}

void malform_begin(const char *folder)
{
	char file[128], beside[160];

	snprintf(base.full_path, sizeof(base.full_path), "%s/full.db", folder);
	make_full_trace(base.full_path, 40);
	base.full = read_file(base.full_path);
	snprintf(file, sizeof(file), "%s/other.db", folder);
	close_or_fail(open_or_fail(file, false));
	make_full_trace(file, 25);
	base.other = read_file(file);
	snprintf(file, sizeof(file), "%s/killed.db", folder);
	make_full_trace(file, 10);
	assert_int_equal(child_result(start_child(record_and_die, file)), 0);
	base.before = read_file(file);
	snprintf(beside, sizeof(beside), "%s-wal", file);
	base.wal = read_file(beside);
	snprintf(beside, sizeof(beside), "%s-shm", file);
	base.shm = read_file(beside);
	sql(file, "SELECT count(*) FROM tick"); /* the last to close brings the -wal in */
	base.after = read_file(file);
}

void malform_end(void)
{
	free(base.full.data);
	free(base.other.data);
	free(base.before.data);
	free(base.after.data);
	free(base.wal.data);
	free(base.shm.data);
}
