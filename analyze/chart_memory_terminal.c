/* chart_memory_terminal - draws the memory of guests with characters: balloons above, the least that is usable below */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/chart_memory.h"
#include "analyze/chart_terminal.h"

/*
 * Each guest's balloon at the end of a column. The next column begins with the next guest, so that of several with the same
 * size each is seen in turn.
 */
static void put_balloons(const struct series *s, const struct chart_view *v, const size_t *guests,
                         size_t nr, FILE *gp)
{
	size_t first, end, n, g;
	unsigned c;
	double mib;

	fputs("$letters << " CHART_END "\n", gp);
	for (c = 0; c < chart_columns(v); c++) {
		chart_column_ticks(s, v, c, &first, &end);
		for (n = 0; n < nr; n++) {
			g = (n + c) % nr;
			mib = chart_memory_actual(s, end - 1, guests[g]);
			if (!isnan(mib))
				fprintf(gp, "%.6g %.5g %zu %u\n", chart_column_s(v, c) / v->unit_s,
				        mib, g + 1, chart_colour[g]);
		}
	}
	fputs(CHART_END "\n", gp);
}

/* The least of any guest in a column, and the highest of the lower ends of bands. */
static void put_least(const struct series *s, const struct chart_view *v, double *most, FILE *gp)
{
	double least, low;
	size_t first, end, i, g;
	unsigned c;

	fputs("$least << " CHART_END "\n", gp);
	for (c = 0; c < chart_columns(v); c++) {
		chart_column_ticks(s, v, c, &first, &end);
		least = low = NAN;
		for (i = first; i < end; i++)
			for (g = 0; g < s->nr_guests; g++) {
				least = fmin(least, chart_memory_usable(s, i, g));
				low = fmax(low, chart_memory_low(s, i, g));
			}
		*most = fmax(*most, fmax(least, low));
		if (!isnan(least))
			fprintf(gp, "%.6g %.5g %.5g\n", chart_column_s(v, c) / v->unit_s, least,
			        low);
	}
	fputs(CHART_END "\n", gp);
}

/* Which number is which guest. */
static unsigned put_heading(const struct series *s, const struct chart_view *v,
                            const size_t *guests, size_t nr, bool some, FILE *gp)
{
	char name[CHART_NAME], *text = NULL;
	FILE *heading;
	size_t length, i;
	unsigned row;

	heading = open_memstream(&text, &length);
	if (!heading)
		return 0;
	fprintf(heading, "balloons (MiB)%s:", some ? ", those that moved most" : "");
	for (i = 0; i < nr; i++)
		fprintf(heading, " %zu=%s", i + 1,
		        chart_name(v, s->guests[guests[i]].name, nr > 4 ? 6 : 12, name));
	row = fclose(heading) == 0 ? terminal_heading(v, 1, 0, text, gp) : 0;
	free(text);
	return row;
}

/* Rows: a heading, the upper panel, a heading, the lower one; below it the numbers and the name of the axis. */
void chart_memory_terminal(const struct series *s, const struct chart_view *v, const size_t *guests,
                           size_t nr, size_t all, FILE *gp)
{
	static const char second[] = "least usable of any guest (MiB): *; lower end of bands: -";
	unsigned low = v->height / 4, rows = strlen(second) > v->width - 2 ? 2 : 1;
	unsigned row = v->height - low - 3 - rows;
	double most = NAN, least = NAN;
	size_t i;

	put_balloons(s, v, guests, nr, gp);
	put_least(s, v, &least, gp);
	for (i = 0; i < nr; i++)
		most = fmax(most, chart_memory_most(s, v, guests[i]));
	fputs("set multiplot\n", gp);
	terminal_frame(v, put_heading(s, v, guests, nr, all > nr, gp), 7, gp);
	chart_time_axis(v, false, gp);
	fprintf(gp, "set bmargin at screen %.4f\nset yrange [0:%.5g]\n", terminal_row(v, row - 1),
	        1.05 * most);
	terminal_plot(v, gp);
	fputs("\nunset label\n", gp);
	terminal_frame(v, terminal_heading(v, 1, row, second, gp), 7, gp);
	fprintf(gp, "set bmargin 3\nset yrange [0:%.5g]\nset ytics 0,%g\n",
	        isnan(least) ? 1 : 1.1 * least, least > 0 ? pow(2, floor(log2(least))) : 1);
	chart_time_axis(v, true, gp);
	fputs("plot $least using 1:3:('-') with labels, $least using 1:2:('*') with labels\n"
	      "unset multiplot\n",
	      gp);
}
