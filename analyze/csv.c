/* csv - rows of comma-separated values as RFC 4180 has them, that no spreadsheet takes for formulas */
#include "analyze/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "analyze/escape.h"

#define TEXT_ROOM 2000

static void field(struct csv *c, const char *mark, const char *text)
{
	bool quoted = strpbrk(text, ",\"\r\n");

	if (c->column++)
		fputc(',', c->out);
	if (quoted)
		fputc('"', c->out);
	fputs(mark, c->out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', c->out);
		fputc(*text, c->out);
	}
	if (quoted)
		fputc('"', c->out);
}

void csv_head(struct csv *c, const char *names)
{
	fputs(names, c->out);
	csv_end(c);
}

void csv_text(struct csv *c, const char *text)
{
	char plain[ESCAPE_ROOM(TEXT_ROOM)];

	/* A tab or CR before the sign is no way around: escape_terminal() has made it \x09. */
	escape_terminal(text, plain, sizeof(plain));
	field(c, *plain && strchr("=+-@", *plain) ? "'" : "", plain);
}

void csv_word(struct csv *c, const char *word)
{
	field(c, "", word);
}

void csv_integer(struct csv *c, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	field(c, "", text);
}

/* As SQLite writes a REAL, which always looks like one: "4" is 4.0, "1e-05" is 1.0e-05. */
static void digits(struct csv *c, double value, int precision)
{
	char text[40], real[48];
	size_t whole;

	if (isnan(value)) {
		csv_none(c);
		return;
	}
	snprintf(text, sizeof(text), "%.*g", precision, value);
	whole = strspn(text, "-0123456789");
	if (isinf(value) || text[whole] == '.')
		snprintf(real, sizeof(real), "%s", text);
	else
		snprintf(real, sizeof(real), "%.*s.0%s", (int)whole, text, text + whole);
	field(c, "", real);
}

void csv_real(struct csv *c, double value)
{
	digits(c, value, 15);
}

void csv_number(struct csv *c, double value)
{
	digits(c, value, 7);
}

void csv_none(struct csv *c)
{
	field(c, "", "");
}

void csv_end(struct csv *c)
{
	fputs("\r\n", c->out);
	c->column = 0;
}
