/* line - lines for people: wrapped at the width of a terminal, strangers' names made harmless */
#include "analyze/line.h"

#include <stdarg.h>
#include <string.h>

#include "common/text.h"

int line_width(const char *text, size_t length)
{
	int width = 0;

	for (; length--; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

struct line line_begin(FILE *out, const char *word)
{
	fprintf(out, "%-*s", LINE_COLUMN, word);
	return (struct line){out, LINE_COLUMN, LINE_COLUMN};
}

void line_say(struct line *l, const char *text)
{
	size_t length, i;
	int width;

	for (; *text; text += length) {
		text += strspn(text, " ");
		length = strcspn(text, " ");
		width = line_width(text, length);
		if (!width)
			break;
		if (l->column > l->indent && l->column + 1 + width > LINE_WIDTH) {
			fprintf(l->out, "\n%*s", l->indent, "");
			l->column = l->indent;
		} else if (l->column > l->indent) {
			fputc(' ', l->out);
			l->column++;
		}
		for (i = 0; i < length; i++)
			fputc(text[i] == LINE_TIE ? ' ' : text[i], l->out);
		l->column += width;
	}
}

void line_sayf(struct line *l, const char *format, ...)
{
	char text[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	line_say(l, text);
}

void line_end(struct line *l)
{
	fputc('\n', l->out);
	l->column = 0;
}

const char *line_plain(const char *text, char to[LINE_PLAIN])
{
	return escape_terminal(text, to, LINE_PLAIN);
}

const char *line_name(const char *text, int columns, char to[LINE_NAME])
{
	return text_fit(escape_terminal(text, to, LINE_NAME), (unsigned)columns);
}
