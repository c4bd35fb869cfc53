/* chart_steal - draws which share of its CPU demand each guest spent waiting for a pCPU */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/chart_band.h"
#include "analyze/chart_terminal.h"
#include "analyze/steal.h"

#define NAME_LONG 14
#define LEAST_END 10.0 /* %: less steal than this does not fill a row */
#define ROW_FULL  0.88 /* of a row is as high as its scale */
#define DARK      0x0072b2
#define STEP      4 /* pixels of a row that are one value */
#define LIGHT     0xb5d3e7

/* The guests that are shown, a row each: lines of several in one panel could not be told apart without colours. */
struct rows {
	double *mean; /* of every guest */
	size_t *guest, nr, all;
	double end_pct; /* the scale of each row */
};

/* Each guest's mean over the view; NAN where it is never known. */
static void find_means(const struct series *s, const struct chart_view *v, double *mean)
{
	size_t guest, i, known;
	double at;

	for (guest = 0; guest < s->nr_guests; guest++) {
		mean[guest] = 0;
		for (known = 0, i = v->first + 1; i < v->end; i++) {
			at = steal_at(s, i, guest);
			known += !isnan(at);
			mean[guest] += isnan(at) ? 0 : at;
		}
		known *= !s->guests[guest].left_out;
		mean[guest] = known ? mean[guest] / (double)known : (double)NAN;
	}
}

/* The scale: all that was seen, to the next ten above. */
static double end_of(const struct series *s, const struct chart_view *v, const struct rows *r)
{
	double end = LEAST_END, least, most;
	size_t i;

	for (i = 0; i < r->nr; i++) {
		chart_range(s, v, steal_at, r->guest[i], &least, &most);
		end = fmax(end, 10 * ceil(most / 10));
	}
	return end;
}

/* On the axis, on which a row is 1 high and the last one stands on 0. */
static double foot_of(const struct rows *r, size_t row)
{
	return (double)(r->nr - 1 - row);
}

/* The names of the guests, so far above the foot of their rows. Returns how long the longest is. */
static size_t put_names(const struct series *s, const struct chart_view *v, const struct rows *r,
                        double above, FILE *gp)
{
	char name[CHART_NAME];
	size_t longest = 0, length, i;

	fputs("set ytics (", gp);
	for (i = 0; i < r->nr; i++) {
		chart_name(v, s->guests[r->guest[i]].name, NAME_LONG, name);
		length = strlen(name);
		longest = length > longest ? length : longest;
		fprintf(gp, "%s'%s' %g", i ? ", " : "", name, foot_of(r, i) + above);
	}
	fputs(") scale 0\n", gp);
	return longest;
}

static void put_axes(const struct series *s, const struct chart_view *v, const struct rows *r,
                     FILE *gp)
{
	double base;
	size_t i;

	fputs("unset lmargin\nunset grid\n", gp);
	put_names(s, v, r, ROW_FULL / 2, gp);
	fprintf(gp, "set yrange [0:%zu]\n", r->nr);
	for (i = 0; i < r->nr; i++) {
		base = foot_of(r, i);
		fprintf(gp,
		        "set arrow from graph 0, first %g to graph 1, first %g nohead back lw 0.5 "
		        "lc rgb 0x999999\n"
		        "set arrow from graph 0, first %g to graph 1, first %g nohead back lw 0.5 "
		        "lc rgb 0xdddddd\n",
		        base, base, base + ROW_FULL / 2, base + ROW_FULL / 2);
	}
}

static void put_blocks(const struct series *s, const struct chart_view *v, const struct rows *r,
                       bool light, FILE *gp)
{
	struct band steal = {.middle = steal_at,
	                     .most = light ? steal_at : NULL,
	                     .feet = true,
	                     .scale = ROW_FULL / r->end_pct,
	                     .digits = 6};
	size_t i;

	for (i = 0; i < r->nr; i++) {
		steal.foot = foot_of(r, i);
		band_put(s, v, "steal", &steal, r->guest[i], STEP, gp);
	}
}

static void plot_rows(const struct rows *r, bool light, FILE *gp)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		fprintf(gp,
		        "$steal%zu using 1:%d with filledcurves closed fs solid 1 noborder lc rgb "
		        "0x%06x notitle, ",
		        r->guest[i], light ? 3 : 2, light ? LIGHT : DARK);
}

static void draw_picture(const struct series *s, const struct chart_view *v, const struct rows *r,
                         FILE *gp)
{
	size_t ticks = band_ticks(v, STEP);
	char note[128], of[80] = "";

	put_blocks(s, v, r, ticks > 1, gp);
	if (r->all > r->nr)
		snprintf(of, sizeof(of), "; the top %zu of %zu guests", r->nr, r->all);
	snprintf(note, sizeof(note), "rows 0 to %g %s%s", r->end_pct, chart_percent(v), of);
	chart_frame(v, ticks > 1 ? 2 : 0, strlen("mean of 10 ticks"), note, 2, gp);
	chart_bottom(v, gp);
	chart_time_axis(v, true, gp);
	put_axes(s, v, r, gp);
	fprintf(gp, "set ylabel 'steal (%s of demand)'\n", chart_percent(v));
	fputs("plot ", gp);
	if (ticks > 1) {
		fprintf(gp,
		        "NaN with boxes fs solid 1 noborder lc rgb 0x%06x title 'mean of %zu "
		        "ticks', "
		        "NaN with boxes fs solid 1 noborder lc rgb 0x%06x title 'most of them', ",
		        DARK, ticks, LIGHT);
		plot_rows(r, true, gp);
	}
	plot_rows(r, false, gp);
	fputs("NaN notitle\n", gp);
}

/* Its mean in a column, in tens; -1 where it is not known. */
static double mean_of(const struct series *s, size_t guest, size_t first, size_t end)
{
	double sum = 0, at;
	size_t known = 0, i;

	for (i = first; i < end; i++) {
		at = steal_at(s, i, guest);
		known += !isnan(at);
		sum += isnan(at) ? 0 : at;
	}
	return known ? sum / (double)known : -1;
}

/* A character for each cell: how many tens of per cent, or a dot where it is none. */
static void draw_terminal(const struct series *s, const struct chart_view *v, const struct rows *r,
                          FILE *gp)
{
	char heading[128];
	size_t row, first, end;
	unsigned c, digit, below;
	double mean;

	fputs("$letters << " CHART_END "\n", gp);
	for (row = 0; row < r->nr; row++)
		for (c = 0; c < chart_columns(v); c++) {
			chart_column_ticks(s, v, c, &first, &end);
			mean = mean_of(s, r->guest[row], first, end);
			if (mean < 0)
				continue;
			digit = mean < 99 ? (unsigned)(mean / 10) : 9;
			fprintf(gp, "%.6g %zu %c %u\n", chart_column_s(v, c) / v->unit_s,
			        r->nr - 1 - row, mean < 1 ? '.' : (char)('0' + digit),
			        chart_colour[mean < 20 ? 6 : 5]);
		}
	fputs(CHART_END "\n", gp);
	snprintf(heading, sizeof(heading),
	         "steal in tens of %% of demand: 3 = 30 to 39, . = below 1; %zu of %zu guests",
	         r->nr, r->all);
	below = terminal_heading(v, 1, 0, heading, gp);
	terminal_frame(v, below, (unsigned)put_names(s, v, r, 0, gp) + 2, gp);
	fprintf(gp, "set yrange [-0.6:%g]\n", (double)r->nr - 0.4);
	chart_time_axis(v, true, gp);
	terminal_plot(v, gp);
	fputs("\n", gp);
}

static int draw_rows(const struct series *s, const struct chart_view *v, struct rows *r, FILE *gp,
                     struct error *e)
{
	/* a terminal has a heading above them, and the axis below */
	size_t room = v->terminal ? (v->height > 9 ? v->height - 7 : 2)
	                          : (size_t)(0.7 * v->height / (1.6 * chart_em(v)));

	find_means(s, v, r->mean);
	r->nr = chart_choose(r->mean, s->nr_guests, room, r->guest);
	if (!r->nr)
		return fail(e, ENODATA,
		            "run %lld does not tell of any guest how long it waited for a pCPU in "
		            "this part",
		            (long long)s->run.run);
	r->end_pct = end_of(s, v, r);
	if (v->terminal)
		draw_terminal(s, v, r, gp);
	else
		draw_picture(s, v, r, gp);
	return 0;
}

int chart_draw_steal(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	struct rows rows = {.mean = calloc(s->nr_guests + 1, sizeof(double)),
	                    .guest = calloc(s->nr_guests + 1, sizeof(size_t)),
	                    .all = s->nr_guests};
	int r;

	r = rows.mean && rows.guest ? draw_rows(s, v, &rows, gp, e)
	                            : fail(e, ENOMEM, "out of memory");
	free(rows.mean);
	free(rows.guest);
	return r;
}
