/* columns - the values of a result row that comes from a file one may not trust */
#ifndef VMB_TRACES_COLUMNS_H
#define VMB_TRACES_COLUMNS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A row being read. A value of the wrong type or out of its bounds makes it bad and gives 0, so that a row can be
 * read to its end and judged once.
 */
struct columns {
	sqlite3_stmt *row;
	bool bad;
};

uint64_t column_number(struct columns *c, int column, uint64_t max); /* 0 to max */
uint64_t column_counter(struct columns *c, int column);              /* 0 or more; NULL: UNKNOWN */
int32_t column_place(struct columns *c, int column, int32_t max);    /* 0 to max; NULL: -1 */
int64_t column_integer(struct columns *c, int column);               /* any integer */

/* Text as it is, of any bytes but NUL, cut to size; NULL: empty. */
void column_text(struct columns *c, int column, char *text, size_t size);

#endif
