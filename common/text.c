/* text - untrusted text made fit for a terminal, and the time of day */
#include "common/text.h"

#include <string.h>
#include <time.h>

#include "common/clock.h"

/* The length of the UTF-8 character at p, 0 when it is none that may be shown. */
static size_t character(const unsigned char *p)
{
	size_t length, i;

	if (*p < 0x80)
		return *p >= 0x20 && *p != 0x7f;
	length = *p >= 0xc2 && *p < 0xe0   ? 2
	         : *p >= 0xe0 && *p < 0xf0 ? 3
	         : *p >= 0xf0 && *p < 0xf5 ? 4
	                                   : 0;
	for (i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (*p == 0xc2 && p[1] < 0xa0) /* C1 controls */
		return 0;
	if ((*p == 0xe0 && p[1] < 0xa0) ||
	    (*p == 0xf0 && p[1] < 0x90)) /* a longer form than needed */
		return 0;
	return length;
}

char *text_plain(const char *text, char *out, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t used = 0, length;

	while (*p) {
		length = character(p);
		if (used + (length ? length : 1) >= size)
			break;
		if (length)
			memcpy(out + used, p, length);
		else
			out[used] = '?';
		used += length ? length : 1;
		p += length ? length : 1;
	}
	out[used] = '\0';
	return out;
}

size_t text_width(const char *text)
{
	size_t nr = 0;

	for (; *text; text++)
		nr += ((unsigned char)*text & 0xc0) != 0x80;
	return nr;
}

size_t text_place(const char *text, size_t n)
{
	size_t i;

	for (i = 0; text[i]; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80 && !n--)
			break;
	return i;
}

char *text_fit(char *text, unsigned width)
{
	size_t nr = text_width(text), head, rest;

	if (nr <= width)
		return text;
	head = text_place(text, (width - 1) / 2);
	rest = text_place(text, nr - (width - 2) / 2);
	memmove(text + head + 2, text + rest, strlen(text + rest) + 1);
	memcpy(text + head, "..", 2);
	return text;
}

char *text_time(uint64_t wall_ns, char out[16])
{
	time_t t = (time_t)(wall_ns / NS_PER_S);
	struct tm tm;

	strftime(out, 16, "%H:%M:%S", localtime_r(&t, &tm));
	return out;
}
