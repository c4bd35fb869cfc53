/* chart_terminal - what charts of characters have in common */
#include "analyze/chart_terminal.h"

#include <math.h>
#include <string.h>

double terminal_row(const struct chart_view *v, unsigned row)
{
	return 1 - (row + 0.5) / v->height;
}

/* How much of a text stands in one line: up to the last gap that fits, or the first one. */
static size_t fitting(const char *text, size_t width)
{
	size_t fit = 0, n = 0;

	while (text[n]) {
		n += strcspn(text + n, " ");
		if (fit && n > width)
			break;
		fit = n;
		n += strspn(text + n, " ");
	}
	return fit;
}

unsigned terminal_heading(const struct chart_view *v, unsigned label, unsigned row,
                          const char *text, FILE *gp)
{
	size_t n;

	for (; *text; text += n, text += strspn(text, " ")) {
		n = fitting(text, v->width - 2);
		fprintf(gp, "set label %u '%.*s' at screen 0, screen %.4f left offset 1,0\n",
		        label++, (int)n, text, terminal_row(v, row++));
	}
	return row;
}

void terminal_frame(const struct chart_view *v, unsigned row, unsigned left, FILE *gp)
{
	unsigned other = chart_columns(v) + left + 1;

	fprintf(gp,
	        "unset key\nset border 3\nset tics nomirror scale 0\n"
	        "set tmargin at screen %.4f\nset lmargin %u\nset rmargin %u\n",
	        1 - (double)row / v->height, left, v->width > other ? v->width - other : 0);
}

static size_t put_letter(const struct series *s, const struct chart_view *v,
                         const struct terminal_line *l, unsigned column, FILE *gp)
{
	double x = chart_column_s(v, column) / v->unit_s, least = NAN, most = NAN, value;
	size_t first, end, i;

	chart_column_ticks(s, v, column, &first, &end);
	for (i = first; i < end; i++) {
		value = l->value(s, i, l->which) / l->scale;
		least = fmin(least, value);
		most = fmax(most, value);
	}
	if (isnan(least))
		return 0;
	fprintf(gp, "%.6g %.5g %c %u\n", x, least, l->letter, l->colour);
	if (most > least)
		fprintf(gp, "%.6g %.5g %c %u\n", x, most, l->letter, l->colour);
	return 1;
}

size_t terminal_letters(const struct series *s, const struct chart_view *v,
                        const struct terminal_line *lines, size_t nr, FILE *gp)
{
	size_t known = 0, n;
	unsigned c;

	fputs("$letters << " CHART_END "\n", gp);
	for (c = 0; c < chart_columns(v); c++)
		for (n = 0; n < nr; n++)
			known += put_letter(s, v, &lines[(n + c) % nr], c, gp);
	fputs(CHART_END "\n", gp);
	return known;
}

void terminal_plot(const struct chart_view *v, FILE *gp)
{
	fprintf(gp, "plot $letters using 1:2:3%s with labels%s", v->colour ? ":4" : "",
	        v->colour ? " tc rgb variable" : "");
}
