/* error - one convention: a negative errno for the program, a sentence for the person */
#include "common/error.h"

#include <stdarg.h>
#include <stdio.h>

int fail(struct error *e, int code, const char *format, ...)
{
	va_list args;

	if (!e)
		return -code;
	e->code = code;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return -code;
}
