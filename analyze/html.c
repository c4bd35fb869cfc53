/* html - writes markup in which no text of a stranger can be markup */
#include "analyze/html.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/escape.h"

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void put_text(FILE *out, const char *text)
{
	size_t room = ESCAPE_ROOM(strlen(text));
	char *plain = malloc(room);
	const char *at;

	if (!plain) {
		fputs("(out of memory)", out);
		return;
	}
	for (at = escape_terminal(text, plain, room); *at; at++) {
		if (entity(*at))
			fputs(entity(*at), out);
		else
			fputc(*at, out);
	}
	free(plain);
}

/*
 * A piece of the format that has one conversion at its end, other than %s. Its argument is taken by the type that
 * letter and length name.
 */
static void put_number(FILE *out, const char *piece, va_list *args)
{
	size_t end = strlen(piece) - 1;
	char letter = piece[end], size = piece[end - 1];
	bool star = strchr(piece, '*');
	int places = star ? va_arg(*args, int) : 0;

	assert(strchr("dugfc", letter));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (strchr("gf", letter) && star)
		fprintf(out, piece, places, va_arg(*args, double));
	else if (strchr("gf", letter))
		fprintf(out, piece, va_arg(*args, double));
	else if (size == 'z')
		fprintf(out, piece, va_arg(*args, size_t));
	else if (size == 'l' && piece[end - 2] == 'l')
		fprintf(out, piece, va_arg(*args, long long));
	else if (size == 'l')
		fprintf(out, piece, va_arg(*args, long));
	else
		fprintf(out, piece, va_arg(*args, int));
#pragma GCC diagnostic pop
}

void html(FILE *out, const char *format, ...)
{
	char piece[16];
	size_t length;
	va_list args;

	va_start(args, format);
	for (; *format; format += length) {
		length = strcspn(format, "%");
		fwrite(format, 1, length, out);
		format += length;
		if (!*format)
			break;
		length = 1 + strcspn(format + 1, "sdugfc%") + 1;
		assert(length < sizeof(piece));
		snprintf(piece, sizeof(piece), "%.*s", (int)length, format);
		if (!strcmp(piece, "%s"))
			put_text(out, va_arg(args, const char *));
		else if (!strcmp(piece, "%%"))
			fputc('%', out);
		else
			put_number(out, piece, &args);
	}
	va_end(args);
}

void html_data(FILE *out, const char *bytes, size_t length)
{
	/* What a URI, an attribute or a CSS might take for its own; a raw line feed would be dropped. */
	static const char special[] = "%#\"'<>&\n\r\t`\\^{|}";

	for (; length--; bytes++) {
		if (*bytes && (unsigned char)*bytes < 0x7f && !strchr(special, *bytes))
			fputc(*bytes, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*bytes);
	}
}
