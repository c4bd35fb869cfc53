/* html - writes markup in which no text of a stranger can be markup */
#ifndef VMB_ANALYZE_HTML_H
#define VMB_ANALYZE_HTML_H

#include <stdio.h>

/*
 * As fprintf(), for a format that is markup: what a %s stands for is made harmless (as for a terminal: control characters,
 * what is not UTF-8 and what turns the direction of text become \x1b and the like) and escaped, in an element as in
 * a quoted attribute. Of conversions there are %s %d %u %g %f %c, with l, ll, z and a precision of digits or *.
 */
void html(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes as the path of a data: URI, for a quoted attribute. */
void html_data(FILE *out, const char *bytes, size_t length);

#endif
