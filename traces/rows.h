/* rows - the SQL of the writer: every statement in one table, prepared once, run with typed values */
#ifndef VMB_TRACES_ROWS_H
#define VMB_TRACES_ROWS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

enum sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_RUN,
	SQL_RUN_END,
	SQL_PCPU,
	SQL_CODE,
	SQL_GUEST_FIND,
	SQL_GUEST,
	SQL_VCPU_FIND,
	SQL_VCPU,
	SQL_CPUS_FIND,
	SQL_CPUS,
	SQL_TICK,
	SQL_PCPU_SAMPLE,
	SQL_VCPU_SAMPLE,
	SQL_GUEST_SAMPLE,
	SQL_HOST_SAMPLE,
	SQL_DECISION,
	SQL_HOST_PLAN,
	SQL_GUEST_PLAN,
	SQL_ACTION,
	SQL_EVENT,
	SQL_STAT,
	SQL_PAGES,
	SQL_PAGE_BYTES,
	SQLS
};

struct rows {
	sqlite3 *db; /* borrowed */
	sqlite3_stmt *statement[SQLS];
};

/* What is bound to one place of a statement. */
struct value {
	enum {
		VALUE_NULL,
		VALUE_INTEGER,
		VALUE_TEXT
	} kind;
	int64_t integer;
	const char *text; /* borrowed until the statement has run */
};

struct value value_null(void);
struct value value_integer(int64_t n);
struct value value_counter(uint64_t n);  /* UNKNOWN: NULL; beyond int64_t: its largest */
struct value value_signed(int64_t n);    /* negative: NULL */
struct value value_text(const char *s);  /* NULL or empty: NULL */
struct value value_words(const char *s); /* as value_text(), but the empty text stays one */

/* All functions return an SQLite result code; the words are in the handle. */
int rows_init(struct rows *r, sqlite3 *db);
void rows_done(struct rows *r);

/* Run a statement with the values of its places, nr of them, in order. */
int rows_run(struct rows *r, enum sql which, const struct value *values, size_t nr);

/* The same for one that looks up an integer: *found is set when there is a row, else it is 0. */
int rows_find(struct rows *r, enum sql which, const struct value *values, size_t nr,
              int64_t *found);

/* ROWS_RUN(rows, SQL_CPUS, value_words(list)) */
#define VALUES(...)                          \
	(const struct value[]){__VA_ARGS__}, \
	        sizeof((struct value[]){__VA_ARGS__}) / sizeof(struct value)
#define ROWS_RUN(r, which, ...) rows_run(r, which, VALUES(__VA_ARGS__))

#endif
