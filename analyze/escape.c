/* escape - make text of strangers (names of guests, labels, paths) harmless where it is printed */
#include "analyze/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

/* Append a piece whole or not at all; false when it does not fit. */
static bool put(char *to, size_t size, size_t *used, const char *piece, size_t length)
{
	if (*used + length + 1 > size)
		return false;
	memcpy(to + *used, piece, length);
	*used += length;
	to[*used] = '\0';
	return true;
}

char *escape_terminal(const char *text, char *to, size_t size)
{
	size_t used = 0, length;
	char piece[16];
	uint32_t c;

	to[0] = '\0';
	for (; *text; text += length) {
		if (!utf8_decode(text, &c, &length))
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*text);
		else if (utf8_hidden(c))
			snprintf(piece, sizeof(piece), c < 0x80 ? "\\x%02x" : "\\u{%x}", c);
		else if (c == '\\')
			snprintf(piece, sizeof(piece), "\\\\");
		else
			snprintf(piece, sizeof(piece), "%.*s", (int)length, text);
		if (!put(to, size, &used, piece, strlen(piece)))
			break;
	}
	return to;
}

char *escape_utf8(const char *text, char *to, size_t size)
{
	size_t used = 0, length;
	uint32_t c;
	bool good;

	to[0] = '\0';
	for (; *text; text += length) {
		good = utf8_decode(text, &c, &length) && c != 0x7f;
		if (!put(to, size, &used, good ? text : "\xef\xbf\xbd", good ? length : 3))
			break;
	}
	return to;
}

char *escape_gnuplot(const char *text, char *to, size_t size, size_t longest)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	                            " _./:+=,()-";
	size_t used = 0, length, i, nr = 0, head, tail;
	uint32_t c;
	bool dots;

	for (i = 0; text[i]; i += length, nr++)
		utf8_decode(text + i, &c, &length);
	if (longest > size - 1)
		longest = size - 1;
	dots = nr > longest && longest >= 4;
	head = dots ? (longest - 1) / 2 : nr < longest ? nr : longest;
	tail = dots ? (longest - 2) / 2 : 0;
	for (i = 0; *text; text += length, i++) {
		if (!utf8_decode(text, &c, &length))
			c = 0;
		if (dots && i == head)
			used += (size_t)sprintf(to + used, "..");
		if (i < head || i >= nr - tail)
			to[used++] = c && c < 0x80 && strchr(plain, (int)c) ? (char)c : '?';
	}
	to[used] = '\0';
	return to;
}

char *escape_tex(const char *text, char *to, size_t size)
{
	char piece[4];
	size_t used = 0;

	to[0] = '\0';
	for (; *text; text++) {
		snprintf(piece, sizeof(piece), "%s%c", *text == '_' ? "\\" : "", *text);
		if (!put(to, size, &used, piece, strlen(piece)))
			break;
	}
	return to;
}
