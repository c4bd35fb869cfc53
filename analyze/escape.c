/* escape - make text of strangers (names of guests, labels, paths) harmless where it is printed */
#include "analyze/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * The character at the start of a text and its length. Not UTF-8 (also overlong forms, surrogates, beyond U+10FFFF):
 * false, and *length is 1.
 */
static bool decode(const char *text, uint32_t *character, size_t *length)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
	uint32_t c = n == 1 ? *p : *p & (0xffu >> (n + 1));

	*length = 1;
	if (!n)
		return false;
	for (i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return false;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return false;
	*character = c;
	*length = n;
	return true;
}

static bool is_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
	        {0x00, 0x1f},       /* C0 */
	        {0x7f, 0x9f},       /* DEL, C1 */
	        {0xad, 0xad},       /* soft hyphen */
	        {0x61c, 0x61c},     /* Arabic letter mark */
	        {0x200b, 0x200f},   /* zero width, direction marks */
	        {0x2028, 0x202e},   /* line and paragraph separators, embeddings and overrides */
	        {0x2060, 0x206f},   /* invisible operators, isolates */
	        {0xfeff, 0xfeff},   /* byte order mark */
	        {0xfff9, 0xfffb},   /* interlinear annotation */
	        {0xe0000, 0xe0fff}, /* tags */
	};
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

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
		if (!decode(text, &c, &length))
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*text);
		else if (is_hidden(c))
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
		good = decode(text, &c, &length) && c != 0x7f;
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
		decode(text + i, &c, &length);
	if (longest > size - 1)
		longest = size - 1;
	dots = nr > longest && longest >= 4;
	head = dots ? (longest - 1) / 2 : nr < longest ? nr : longest;
	tail = dots ? (longest - 2) / 2 : 0;
	for (i = 0; *text; text += length, i++) {
		if (!decode(text, &c, &length))
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
