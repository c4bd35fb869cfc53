/* error - one convention: a negative errno for the program, a sentence for the person */
#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a sentence that is too long: what it is about is at its begin, what is wrong with it at its end. */
enum {
	HEAD = 120,
	TAIL = 120
};

int fail(struct error *e, int code, const char *format, ...)
{
	char *whole = NULL;
	va_list args;
	int n;

	if (!e)
		return -code;
	e->code = code;
	va_start(args, format);
	n = vasprintf(&whole, format, args);
	va_end(args);
	if (n < 0) /* no memory: then the bare bones */
		snprintf(e->text, sizeof(e->text), "%s", format);
	else if ((size_t)n < sizeof(e->text))
		strcpy(e->text, whole);
	else
		snprintf(e->text, sizeof(e->text), "%.*s...%s", HEAD, whole, whole + n - TAIL);
	if (n >= 0)
		free(whole);
	return -code;
}
