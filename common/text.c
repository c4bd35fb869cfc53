/* text - untrusted text made fit for a terminal, and the time of day */
#include "common/text.h"

#include <string.h>
#include <time.h>

#include "common/clock.h"
#include "common/utf8.h"

char *text_plain(const char *text, char *out, size_t size)
{
	size_t used = 0, length, takes;
	uint32_t c;
	bool shown;

	for (; *text; text += length) {
		shown = utf8_decode(text, &c, &length) && !utf8_hidden(c);
		takes = shown ? length : 1;
		if (used + takes >= size)
			break;
		memcpy(out + used, shown ? text : "?", takes);
		used += takes;
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
