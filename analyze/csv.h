/* csv - rows of comma-separated values as RFC 4180 has them, that no spreadsheet takes for formulas */
#ifndef VMB_ANALYZE_CSV_H
#define VMB_ANALYZE_CSV_H

#include <stdint.h>
#include <stdio.h>

/* Where the next field goes. */
struct csv {
	FILE *out;
	size_t column;
};

/* The first row: names parted by commas, none of which needs quotes. */
void csv_head(struct csv *c, const char *names);

/*
 * A field each, in the row that csv_end() ends (by CR LF).
 *   text     of strangers: made harmless by escape_terminal(), so never of several lines; what a spreadsheet would take
 *            for a formula, because it begins with = + - or @, gets a ' in front. Longer than 2,000 bytes it is cut
 *   word     our own, as it is
 *   real     15 significant digits, always with a point or an exponent; not a number: an empty field; inf
 *   number   7 significant digits, otherwise as real
 */
void csv_text(struct csv *c, const char *text);
void csv_word(struct csv *c, const char *word);
void csv_integer(struct csv *c, int64_t value);
void csv_real(struct csv *c, double value);
void csv_number(struct csv *c, double value);
void csv_none(struct csv *c);
void csv_end(struct csv *c);

#endif
