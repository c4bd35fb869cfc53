/* line - lines for people: wrapped at the width of a terminal, strangers' names made harmless */
#ifndef VMB_ANALYZE_LINE_H
#define VMB_ANALYZE_LINE_H

#include <stddef.h>
#include <stdio.h>

#include "analyze/escape.h"
#include "analyze/series.h"

#define LINE_WIDTH  80
#define LINE_COLUMN 11 /* where what a line is about ends */

/* A line that is wrapped at LINE_WIDTH, the lines after the first indented. */
struct line {
	FILE *out;
	int indent, column;
};

/* Start a line with a word in a column of its own. */
struct line line_begin(FILE *out, const char *word);

#define LINE_TIE '\x1f' /* a blank that parts no line; escaped text never holds one */

/* Words that may be parted at blanks. The text, and what is put into a format, is already escaped. */
void line_say(struct line *l, const char *text);
void line_sayf(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void line_end(struct line *l);

/* Columns that so many bytes of UTF-8 take. */
int line_width(const char *text, size_t length);

#define LINE_PLAIN ESCAPE_ROOM(SUBJECT_TEXT)
#define LINE_NAME  1024

/* A stranger's text, escaped; returns to. As long as a command line it is left whole, a name is shortened to so many columns (text_fit()). */
const char *line_plain(const char *text, char to[LINE_PLAIN]);
const char *line_name(const char *text, int columns, char to[LINE_NAME]);

#endif
