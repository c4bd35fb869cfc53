/* chart_memory_terminal - draws the memory of guests with characters: balloons above, the least that is usable below */
#include <math.h>

#include "analyze/chart_memory.h"

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

void chart_memory_terminal(const struct series *s, const struct chart_view *v, const size_t *guests,
                           size_t nr, size_t all, FILE *gp)
{
	char name[CHART_NAME];
	double most = NAN, least = NAN;
	size_t i;

	put_balloons(s, v, guests, nr, gp);
	put_least(s, v, &least, gp);
	for (i = 0; i < nr; i++)
		most = fmax(most, chart_memory_most(s, v, guests[i]));
	fputs("set multiplot\nset lmargin 7\nset rmargin 3\nunset key\nset border 3\nset tics "
	      "nomirror\nset tmargin at screen 0.88\nset bmargin at screen 0.42\n",
	      gp);
	chart_time_axis(v, false, gp);
	fprintf(gp, "set yrange [0:%.5g]\nset label 1 'balloons (MiB)%s:", 1.05 * most,
	        all > nr ? ", those that moved most" : "");
	for (i = 0; i < nr; i++)
		fprintf(gp, " %zu=%s", i + 1,
		        chart_name(v, s->guests[guests[i]].name, nr > 4 ? 6 : 12, name));
	fprintf(gp, "' at graph 0, screen 0.98 left\nplot $letters using 1:2:3%s with labels%s\n",
	        v->colour ? ":4" : "", v->colour ? " tc rgb variable" : "");
	fprintf(gp, "set tmargin at screen 0.32\nset bmargin 3\nset yrange [0:%.5g]\n",
	        isnan(least) ? 1 : 1.1 * least);
	fprintf(gp, "set ytics 0,%g\n", least > 0 ? pow(2, floor(log2(least))) : 1);
	chart_time_axis(v, true, gp);
	fputs("set label 1 'least usable of any guest (MiB): *; lower end of bands: -' at graph 0, "
	      "screen 0.36 left\n"
	      "plot $least using 1:3:('-') with labels, $least using 1:2:('*') with labels\n"
	      "unset multiplot\n",
	      gp);
}
