/* malform_sql - bad traces by SQL: absurd values, wrong types, another schema, another program's file */
#include "tests/unit/malform_kinds.h"
#include "tests/unit/trace_fixture.h"
#include "traces/schema.h"

/* What happens to any column happens to those that the schema has. */
static struct column {
	char table[32], name[32];
	char key[32]; /* which tells the table's rows apart */
	bool text;
} columns[256];
static size_t nr_columns;

/* As a stranger would, and without waiting for a disk. Returns whether SQLite took it. */
static bool change(const char *file, const char *text)
{
	sqlite3 *db;
	bool taken;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY", NULL, NULL, NULL);
	taken = !sqlite3_exec(db, text, NULL, NULL, NULL);
	sqlite3_close(db);
	return taken;
}

static void change_or_fail(const char *file, const char *text)
{
	if (!change(file, text))
		fail_msg("SQLite refuses: %s", text);
}

static int add_column(void *unused, int nr, char **value, char **names)
{
	struct column *c = &columns[nr_columns++];

	assert_true(nr_columns <= NR_OF(columns));
	snprintf(c->table, sizeof(c->table), "%s", value[0]);
	snprintf(c->name, sizeof(c->name), "%s", value[1]);
	snprintf(c->key, sizeof(c->key), "%s", value[2]);
	c->text = !strcmp(value[3], "TEXT");
	return 0;
}

void malform_sql_begin(const char *file)
{
	static const char all[] =
	        "SELECT t.name, c.name, (SELECT k.name FROM pragma_table_info(t.name) k ORDER BY "
	        "k.pk "
	        "DESC LIMIT 1), c.type FROM sqlite_schema t, pragma_table_info(t.name) c "
	        "WHERE t.type = 'table' ORDER BY t.name, c.cid";
	sqlite3 *db;

	nr_columns = 0;
	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, all, add_column, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_true(nr_columns > 60);
}

static const struct column *any_column(void)
{
	return &columns[chance(nr_columns)];
}

static const struct column *column_of_kind(bool text)
{
	const struct column *c;

	do
		c = any_column();
	while (c->text != text);
	return c;
}

/* In all rows of the table, or in some. What SQLite itself refuses, such as a second row of a key, is left. */
static void set_column(const char *file, const struct column *c, const char *value)
{
	char text[512];

	snprintf(text, sizeof(text), "UPDATE OR IGNORE %s SET %s = %s WHERE %s %% %d = 0", c->table,
	         c->name, value, c->key, chance(2) ? 1 : 3);
	change(file, text);
}

static void absurd_numbers(const char *file)
{
	static const int64_t numbers[] = {0,         1,         -1,        1LL << 31, UINT32_MAX,
	                                  1LL << 32, 1LL << 53, INT64_MAX, INT64_MIN};
	uint64_t n = 1 + chance(3);
	char value[64];

	while (n--) {
		snprintf(value, sizeof(value), "%lld",
		         chance(3) ? (long long)ANY(numbers) : (long long)chance(1ULL << 40));
		set_column(file, column_of_kind(false),
		           !strcmp(value, "-9223372036854775808") ? "(-1 << 63)" : value);
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

	while (n--)
		set_column(file, column_of_kind(true), ANY(texts));
}

/* Values of types that the tables do not allow: their words are changed meanwhile. */
static void wrong_types(const char *file)
{
	static const char *const values[] = {"'text'", "X'00ff00'", "1.5",
	                                     "NULL",   "9e999",     "zeroblob(100000)"};
	char text[512];

	change_or_fail(file,
	               "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(replace("
	               "replace(replace(sql, 'STRICT, ', ''), ') STRICT', ')'), 'NOT NULL', ''), "
	               "'CHECK (severity IN', 'DEFAULT (1 IN') WHERE type = 'table'");
	set_column(file, any_column(), ANY(values));
	snprintf(text, sizeof(text),
	         "ATTACH '%s' AS good; PRAGMA writable_schema=ON; UPDATE main.sqlite_schema AS s "
	         "SET sql = (SELECT sql FROM good.sqlite_schema AS g WHERE g.name = s.name) "
	         "WHERE sql IS NOT NULL",
	         malform_base.good_path);
	change_or_fail(file, text);
}

static void missing_rows(const char *file)
{
	const struct column *c = any_column();
	char text[128];

	snprintf(text, sizeof(text), "DELETE FROM %s WHERE %s IS NOT NULL AND length(%s) %% %d = 0",
	         c->table, c->name, c->name, chance(2) ? 1 : 2);
	change_or_fail(file, text);
}

#define PCPU_SAMPLE "INSERT INTO pcpu_sample (tick, pcpu, user_ns, kernel_ns, iowait_ns, idle_ns) "
#define VCPU        "INSERT INTO vcpu (vcpu, guest, number) "
#define VCPU_SAMPLE "INSERT INTO vcpu_sample (tick, vcpu, run_ns, delay_ns, pcpu, affinity) "
#define TICK        "INSERT INTO tick (tick, run, number, begin_ns, sample_ns, self_cpu_ns, usable) "
#define RUN                                                                          \
	"INSERT INTO run (run, program, version, arguments, pid, uri, interval_ns, " \
	"start_mono_ns, start_wall_ns) "

/* More than a reader has room for, or may spend time on. x counts from 100. */
static void many_rows(const char *file)
{
	static const struct {
		unsigned last;
		const char *insert;
	} rows[] = {
	        {3000, "INSERT INTO guest (guest, uuid, name) SELECT x, "
	               "printf('%08x-0000-0000-0000-000000000000', x), 'g' || x FROM n"},
	        {1000, RUN "SELECT x, 'p', 'v', 'a', 1, 'u', 1000, x, x FROM n"},
	        {5000, "INSERT INTO event (event, run, mono_ns, kind, text) "
	               "SELECT x, 1, x, 'k', 'text' FROM n"},
	        {5000, "INSERT INTO action (action, run, mono_ns, kind, guest, vcpu, old, new, "
	               "reason, result, duration_ns, detail) "
	               "SELECT x, 1, x, 0, 1, 1, 1, 1, 'r', 1, 1, 'd' FROM n"},
	        {3000, "INSERT INTO stat (run, name, severity, value) "
	               "SELECT 1, 's' || x, 'warning', x FROM n"},
	        {2047, "INSERT INTO pcpu (run, pcpu, node, socket, core, llc) "
	               "SELECT 1, x, 0, 0, 0, 0 FROM n"},
	        {5000, TICK "SELECT x, 1, x, x, 0, 0, 1 FROM n"},
	        {2047, PCPU_SAMPLE "SELECT 5, x, 1, 1, 1, 1 FROM n"},
	        {3000, VCPU "SELECT x, 1, x FROM n"},
	        {2100, "INSERT INTO cpus (cpus, list) SELECT x, '0-' || x FROM n"},
	        {2500, VCPU "SELECT x, 1, x FROM n; " VCPU_SAMPLE "SELECT 5, x, 1, 1, 1, 1 FROM n"},
	};
	unsigned which = (unsigned)chance(NR_OF(rows));
	char text[1024];

	snprintf(text, sizeof(text),
	         "CREATE TEMP TABLE n AS WITH RECURSIVE n(x) AS "
	         "(SELECT 100 UNION ALL SELECT x + 1 FROM n WHERE x < %u) SELECT x FROM n; %s",
	         rows[which].last, rows[which].insert);
	change_or_fail(file, text);
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

	change_or_fail(file, ANY(changes));
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

	change_or_fail(file, ANY(changes));
}

static void other_encoding(const char *file)
{
	static const char inserts[] = RUN
	        "VALUES (1, 'p', 'v', char(55296), 1, 'u', 1000, 1, 1); "
	        "INSERT INTO cpus (cpus, list) VALUES (1, '0-1'); "
	        "INSERT INTO guest (guest, uuid, name) "
	        "VALUES (1, '01000000-0000-0000-0000-000000000000', 'g' || char(128169)); " VCPU
	        "VALUES (1, 1, 0); " TICK
	        "VALUES (1, 1, 0, 1, 1, 1, 1), (2, 1, 1, 1001, 1, 1, 1); " PCPU_SAMPLE
	        "VALUES (1, 0, 1, 1, 1, 1), (2, 0, 2, 2, 2, 2); " VCPU_SAMPLE
	        "VALUES (1, 1, 1, 1, 0, 1), (2, 1, 2, 2, 0, 1)";
	char *text = NULL;

	unlink(file);
	assert_true(asprintf(&text,
	                     "PRAGMA encoding='UTF-16%s'; PRAGMA application_id=%d; "
	                     "PRAGMA user_version=%d; %s; %s",
	                     chance(2) ? "le" : "be", TRACE_APPLICATION_ID, TRACE_SCHEMA_VERSION,
	                     trace_schema, inserts) > 0);
	change_or_fail(file, text);
	free(text);
}

static const struct malform_kind rows[] = {
        {"absurd numbers", NULL, absurd_numbers},
        {"absurd texts", NULL, absurd_texts},
        {"wrong types", NULL, wrong_types},
        {"missing rows", NULL, missing_rows},
        {"many rows", NULL, many_rows},
        {"another schema", NULL, other_schema},
        {"another program's", NULL, other_program},
        {"another encoding", NULL, other_encoding},
};

const struct malform_kinds malform_sql_kinds = {rows, NR_OF(rows)};
