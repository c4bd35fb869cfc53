/* rows - the SQL of the writer: every statement in one table, prepared once, run with typed values */
#include "traces/rows.h"

#include <assert.h>

#include "collector/sample.h"

static const char *const sql_text[] = {
        [SQL_BEGIN] = "BEGIN IMMEDIATE",
        [SQL_COMMIT] = "COMMIT",
        [SQL_ROLLBACK] = "ROLLBACK",
        [SQL_RUN] =
                "INSERT INTO run (program, version, arguments, label, settings, pid, uri, host, "
                "host_identity, hypervisor, library, kernel, cpu_model, memory_kib, interval_ns, "
                "start_mono_ns, start_wall_ns, continues) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [SQL_RUN_END] = "UPDATE run SET end_mono_ns = ?2, end_wall_ns = ?3, exit_reason = ?4 "
                        "WHERE run = ?1",
        [SQL_PCPU] = "INSERT INTO pcpu (run, pcpu, node, socket, core, llc) "
                     "VALUES (?, ?, ?, ?, ?, ?)",
        [SQL_CODE] = "INSERT OR IGNORE INTO code (kind, code, name) VALUES (?, ?, ?)",
        [SQL_GUEST_FIND] = "SELECT guest FROM guest WHERE uuid = ? AND name = ?",
        [SQL_GUEST] = "INSERT INTO guest (uuid, name) VALUES (?, ?)",
        [SQL_VCPU_FIND] = "SELECT vcpu FROM vcpu WHERE guest = ? AND number = ?",
        [SQL_VCPU] = "INSERT INTO vcpu (guest, number) VALUES (?, ?)",
        [SQL_CPUS_FIND] = "SELECT cpus FROM cpus WHERE list = ?",
        [SQL_CPUS] = "INSERT INTO cpus (list) VALUES (?)",
        [SQL_TICK] = "INSERT INTO tick (run, number, begin_ns, sample_ns, decide_ns, self_cpu_ns, "
                     "usable) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [SQL_PCPU_SAMPLE] = "INSERT INTO pcpu_sample (tick, pcpu, user_ns, kernel_ns, iowait_ns, "
                            "idle_ns) VALUES (?, ?, ?, ?, ?, ?)",
        [SQL_VCPU_SAMPLE] =
                "INSERT INTO vcpu_sample (tick, vcpu, run_ns, delay_ns, pcpu, affinity) "
                "VALUES (?, ?, ?, ?, ?, ?)",
        [SQL_GUEST_SAMPLE] =
                "INSERT INTO guest_sample (tick, guest, state, instance, user_pins, "
                "actual_kib, maximum_kib, unused_kib, available_kib, usable_kib, "
                "disk_caches_kib, swap_in_kib, swap_out_kib, major_faults, "
                "minor_faults, rss_kib, updated_s, period_s, balloon, busy, reboots) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [SQL_HOST_SAMPLE] = "INSERT INTO host_sample (tick, total_kib, free_kib, available_kib, "
                            "cached_kib) VALUES (?, ?, ?, ?, ?)",
        [SQL_DECISION] =
                "INSERT INTO decision (tick, verdict, spread_ppm, noise_ppm, predicted_ppm, "
                "exact, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [SQL_HOST_PLAN] =
                "INSERT INTO host_plan (tick, reserve_kib, pool_kib, spare_kib, is_short) "
                "VALUES (?, ?, ?, ?, ?)",
        [SQL_GUEST_PLAN] = "INSERT INTO guest_plan (tick, guest, state, low_kib, high_kib, "
                           "floor_kib, target_kib) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [SQL_ACTION] =
                "INSERT INTO action (tick, run, mono_ns, kind, guest, vcpu, old, new, reason, "
                "result, duration_ns, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [SQL_EVENT] = "INSERT INTO event (run, mono_ns, kind, text) VALUES (?, ?, ?, ?)",
        [SQL_STAT] = "INSERT INTO stat (run, name, severity, value) VALUES (?, ?, ?, ?) "
                     "ON CONFLICT (run, name) DO UPDATE SET value = excluded.value",
        [SQL_PAGES] = "PRAGMA page_count",
        [SQL_PAGE_BYTES] = "PRAGMA page_size",
};
_Static_assert(sizeof(sql_text) / sizeof(sql_text[0]) == SQLS, "a text for each");

struct value value_null(void)
{
	return (struct value){.kind = VALUE_NULL};
}

struct value value_integer(int64_t n)
{
	return (struct value){.kind = VALUE_INTEGER, .integer = n};
}

struct value value_counter(uint64_t n)
{
	if (n == UNKNOWN)
		return value_null();
	return value_integer(n < INT64_MAX ? (int64_t)n : INT64_MAX);
}

struct value value_signed(int64_t n)
{
	return n < 0 ? value_null() : value_integer(n);
}

struct value value_words(const char *s)
{
	return (struct value){.kind = s ? VALUE_TEXT : VALUE_NULL, .text = s};
}

struct value value_text(const char *s)
{
	return value_words(s && *s ? s : NULL);
}

int rows_init(struct rows *r, sqlite3 *db)
{
	int i, rc = SQLITE_OK;

	*r = (struct rows){.db = db};
	for (i = 0; i < SQLS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(db, sql_text[i], -1, SQLITE_PREPARE_PERSISTENT,
		                        &r->statement[i], NULL);
	return rc;
}

void rows_done(struct rows *r)
{
	int i;

	for (i = 0; i < SQLS; i++)
		sqlite3_finalize(r->statement[i]);
	*r = (struct rows){0};
}

static int bind(sqlite3_stmt *s, const struct value *values, size_t nr)
{
	int i, rc = SQLITE_OK;

	assert(nr == (size_t)sqlite3_bind_parameter_count(s));
	for (i = 0; i < (int)nr && rc == SQLITE_OK; i++) {
		const struct value *v = &values[i];

		if (v->kind == VALUE_INTEGER)
			rc = sqlite3_bind_int64(s, i + 1, v->integer);
		else if (v->kind == VALUE_TEXT)
			rc = sqlite3_bind_text(s, i + 1, v->text, -1, SQLITE_STATIC);
		else
			rc = sqlite3_bind_null(s, i + 1);
	}
	return rc;
}

int rows_find(struct rows *r, enum sql which, const struct value *values, size_t nr, int64_t *found)
{
	sqlite3_stmt *s = r->statement[which];
	int rc = bind(s, values, nr);

	*found = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*found = sqlite3_column_int64(s, 0);
	/* sqlite3_reset() repeats the failure of the step, and the words of the handle with it. */
	sqlite3_reset(s);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int rows_run(struct rows *r, enum sql which, const struct value *values, size_t nr)
{
	int64_t unused;

	return rows_find(r, which, values, nr, &unused);
}
