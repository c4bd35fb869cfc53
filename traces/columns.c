/* columns - the values of a result row that comes from a file one may not trust */
#include "traces/columns.h"

#include <string.h>

#include "collector/sample.h"

int64_t column_integer(struct columns *c, int column)
{
	if (sqlite3_column_type(c->row, column) == SQLITE_INTEGER)
		return sqlite3_column_int64(c->row, column);
	c->bad = true;
	return 0;
}

uint64_t column_number(struct columns *c, int column, uint64_t max)
{
	int64_t n = column_integer(c, column);

	if (n >= 0 && (uint64_t)n <= max)
		return (uint64_t)n;
	c->bad = true;
	return 0;
}

uint64_t column_counter(struct columns *c, int column)
{
	if (sqlite3_column_type(c->row, column) == SQLITE_NULL)
		return UNKNOWN;
	return column_number(c, column, INT64_MAX);
}

int32_t column_place(struct columns *c, int column, int32_t max)
{
	if (sqlite3_column_type(c->row, column) == SQLITE_NULL)
		return -1;
	return (int32_t)column_number(c, column, (uint64_t)max);
}

void column_text(struct columns *c, int column, char *text, size_t size)
{
	const char *from;
	size_t length;

	*text = '\0';
	if (sqlite3_column_type(c->row, column) == SQLITE_NULL)
		return;
	if (sqlite3_column_type(c->row, column) != SQLITE_TEXT) {
		c->bad = true;
		return;
	}
	from = (const char *)sqlite3_column_text(c->row, column);
	length = from ? strnlen(from, size - 1) : 0;
	memcpy(text, from ? from : "", length);
	text[length] = '\0';
}
