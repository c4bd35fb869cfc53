/* chart_pcpu - draws the utilisation of the pCPUs over time, and how far apart they are below it */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/balance.h"
#include "analyze/chart.h"
#include "analyze/chart_band.h"
#include "analyze/chart_terminal.h"

/* The panels, as shares of the height of the picture. */
#define SPLIT_HIGH 0.40
#define SPLIT_LOW  0.36

static double busy_pct(const struct series *s, size_t tick, size_t pcpu)
{
	return column_at(&s->pcpus[pcpu].busy_pct, tick);
}

static double mean_pct(const struct series *s, size_t tick, size_t which)
{
	return balance_at(s, tick).mean_pct;
}

static double sd_pp(const struct series *s, size_t tick, size_t which)
{
	return balance_at(s, tick).sd_pp;
}

static double most_pct(const struct series *s, size_t tick, size_t which)
{
	return balance_at(s, tick).max_pct;
}

static double least_pct(const struct series *s, size_t tick, size_t which)
{
	double least = NAN;
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++)
		least = fmin(least, busy_pct(s, tick, i));
	return least;
}

/* The end of the axis of the standard deviation: what there is, and the limit in any case. */
static double sd_end_pp(const struct series *s, const struct chart_view *v)
{
	double most = 1.6 * v->limit_pp, sd;
	size_t i;

	for (i = v->first + 1; i < v->end; i++) {
		sd = 1.08 * sd_pp(s, i, 0);
		most = sd > most ? sd : most;
	}
	return most;
}

static void put_change_blocks(const struct chart_view *v, const struct chart_change *at, size_t nr,
                              FILE *gp)
{
	size_t i;

	fputs("$changes << " CHART_END "\n", gp);
	for (i = 0; i < nr; i++)
		fprintf(gp, "%.6g %u %.6g\n", at[i].t_s / v->unit_s, at[i].nr,
		        at[i].number_s / v->unit_s);
	fputs(CHART_END "\n", gp);
}

/* One line for each pCPU, as long as they can be told apart. */
static void plot_each(const struct series *s, FILE *gp)
{
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++)
		fprintf(gp,
		        "$pcpu%zu using 1:2 with lines lw 1.6 lc rgb 0x%06x dt %s title 'pCPU "
		        "%u', ",
		        i, chart_colour[i], chart_dash[i], s->pcpus[i].pcpu);
}

/* Behind the outermost each pCPU is a thin line, as long as the range does not hide them. */
static void plot_envelope(const struct series *s, bool lines, FILE *gp)
{
	size_t i;

	for (i = 0; lines && i < s->nr_pcpus; i++)
		fprintf(gp, "$pcpu%zu using 1:2 with lines lw 0.4 lc rgb 0xb4c4d8 notitle, ", i);
	if (lines)
		fprintf(gp, "NaN with lines lw 1 lc rgb 0xb4c4d8 title '%zu pCPUs', ", s->nr_pcpus);
	fputs("$most0 using 1:2 with lines lw 1.2 lc rgb 0xd55e00 title 'most', "
	      "$least0 using 1:2 with lines lw 1.2 lc rgb 0x0072b2 dt '-' title 'least', ",
	      gp);
}

static void put_panels(const struct series *s, const struct chart_view *v, size_t changes, FILE *gp)
{
	bool each = s->nr_pcpus <= CHART_COLOURS;
	size_t ticks = band_ticks(v, BAND_STEP);
	size_t entries = (each ? s->nr_pcpus + (ticks > 1) : 3) + 1 + (changes > 0);
	double end_pp = sd_end_pp(s, v);
	char note[80] = "";
	/* points of utilisation that a character is high: the marks stand above the 100 % */
	double em = 230 * chart_em(v) / v->height;

	fputs("set multiplot\n", gp);
	if (ticks > 1)
		snprintf(note, sizeof(note), "means of %zu ticks; range: of single ones", ticks);
	chart_frame(v, entries, strlen("pins changed"), note, 7, gp);
	fprintf(gp, "set bmargin at screen %g\n", SPLIT_HIGH);
	chart_time_axis(v, false, gp);
	fprintf(gp, "set yrange [0:%.4g]\nset ytics 0,25,100\nset ylabel '%s (%s)'\n",
	        100 + em * (changes ? 2.5 : 0.6), v->height < 300 ? "util." : "utilisation",
	        chart_percent(v));
	fputs("plot ", gp);
	if (changes)
		fputs("$changes using 1:(103) with impulses lw 0.5 lc rgb 0x999999 notitle, ", gp);
	if (ticks > 1)
		fputs("$range0 using 1:2:4 with filledcurves fs solid 1 noborder lc rgb 0xdddddd "
		      "title 'range', ",
		      gp);
	if (each)
		plot_each(s, gp);
	else
		plot_envelope(s, ticks == 1, gp);
	fputs("$mean0 using 1:2 with lines lw 1.1 lc rgb 0x000000 title 'mean'", gp);
	if (changes)
		fprintf(gp,
		        ", $changes using 1:(%.4g) with points pt 11 ps %g lc rgb 0x000000 title "
		        "'pins changed', $changes using 3:(%.4g):2 with labels notitle",
		        100 + 0.6 * em, chart_em(v) / 18, 100 + 1.7 * em);
	fputs("\nunset key\nunset label 9\nunset tmargin\n", gp);
	fprintf(gp, "set tmargin at screen %g\n", SPLIT_LOW);
	chart_bottom(v, gp);
	chart_time_axis(v, true, gp);
	fprintf(gp, "set yrange [0:%.4g]\nset ytics %s\nset ylabel 'SD (points)'\n", end_pp,
	        end_pp > 40   ? "0,20"
	        : end_pp > 16 ? "0,10"
	                      : "0,5");
	fprintf(gp, "set label 1 'limit %g' at graph 1.01, first %g left\n", v->limit_pp,
	        v->limit_pp);
	fputs("plot ", gp);
	if (changes)
		fprintf(gp, "$changes using 1:(%.4g) with impulses lw 0.5 lc rgb 0x999999, ",
		        end_pp);
	fprintf(gp,
	        "%g with lines lw 1 dt '-' lc rgb 0x000000, "
	        "$sd0 with fsteps lw %g lc rgb 0xd55e00\nunset multiplot\n",
	        v->limit_pp, chart_is_dense(v) ? 0.6 : 1.3);
}

static int no_pcpu(const struct series *s, struct error *e)
{
	return fail(e, ENODATA, "run %lld does not tell the utilisation of any pCPU in this part",
	            (long long)s->run.run);
}

#define LINE(value)                                        \
	{                                                  \
		.middle = (value), .scale = 1, .digits = 4 \
	}

static int draw_picture(const struct series *s, const struct chart_view *v, FILE *gp,
                        struct error *e)
{
	static const struct band pcpu = LINE(busy_pct), mean = LINE(mean_pct),
	                         most = LINE(most_pct), least = LINE(least_pct),
	                         range = {least_pct, mean_pct, most_pct, .scale = 1, .digits = 4};
	bool each = s->nr_pcpus <= CHART_COLOURS, dense = band_ticks(v, BAND_STEP) > 1;
	struct chart_change *at = NULL;
	size_t nr, i;

	if (chart_changes(s, v, &at, &nr) < 0)
		return fail(e, ENOMEM, "out of memory");
	put_change_blocks(v, at, nr, gp);
	free(at);
	if (!band_put(s, v, "mean", &mean, 0, BAND_STEP, gp))
		return no_pcpu(s, e);
	for (i = 0; (each || !dense) && i < s->nr_pcpus; i++)
		band_put(s, v, "pcpu", &pcpu, i, BAND_STEP, gp);
	if (!each) {
		band_put(s, v, "most", &most, 0, BAND_STEP, gp);
		band_put(s, v, "least", &least, 0, BAND_STEP, gp);
	}
	if (dense)
		band_put(s, v, "range", &range, 0, BAND_EDGE, gp);
	chart_steps(s, v, "sd", sd_pp, 0, gp);
	put_panels(s, v, nr, gp);
	return 0;
}

/* Rows: a heading, the upper panel, a heading, the lower one; below it the numbers and the name of the axis. */
static void put_terminal_panels(const struct series *s, const struct chart_view *v, bool changes,
                                FILE *gp)
{
	unsigned low = v->height / 4, second = v->height - low - 4, top;

	fputs("set multiplot\n", gp);
	top = terminal_heading(v, 1, 0,
	                       changes ? "pCPU utilisation (%): 0 = pCPU 0 ...; v = pins changed"
	                               : "pCPU utilisation (%): 0 = pCPU 0 ...",
	                       gp);
	terminal_frame(v, top, 6, gp);
	chart_time_axis(v, false, gp);
	fprintf(gp, "set bmargin at screen %.4f\nset yrange [0:112]\nset ytics 0,25,100\n",
	        terminal_row(v, second - 1));
	terminal_plot(v, gp);
	fprintf(gp, "%s\nunset label\n",
	        changes ? ", $changes using 1:(108):('v') with labels" : "");
	terminal_frame(v, terminal_heading(v, 1, second, "standard deviation (points)", gp), 6, gp);
	fprintf(gp, "set bmargin 3\nset yrange [0:%.4g]\nset ytics %s\n", sd_end_pp(s, v),
	        sd_end_pp(s, v) > 16 ? "0,20" : "0,5");
	chart_time_axis(v, true, gp);
	fprintf(gp,
	        "set label 9 'limit %g' at graph 1, first %g left offset 1,0\n"
	        "plot %g with lines dt 3, $sd0 with fsteps dt 1\nunset multiplot\n",
	        v->limit_pp, v->limit_pp, v->limit_pp);
}

static int draw_terminal(const struct series *s, const struct chart_view *v, FILE *gp,
                         struct error *e)
{
	struct terminal_line *lines = calloc(s->nr_pcpus + 1, sizeof(*lines));
	struct chart_change *at = NULL;
	size_t known, nr, i;

	if (!lines || chart_changes(s, v, &at, &nr) < 0) {
		free(lines);
		return fail(e, ENOMEM, "out of memory");
	}
	put_change_blocks(v, at, nr, gp);
	free(at);
	for (i = 0; i < s->nr_pcpus; i++)
		lines[i] = (struct terminal_line){busy_pct, i, 1, chart_letter(s->pcpus[i].pcpu),
		                                  chart_colour[i % CHART_COLOURS]};
	known = terminal_letters(s, v, lines, s->nr_pcpus, gp);
	free(lines);
	if (!known)
		return no_pcpu(s, e);
	chart_steps(s, v, "sd", sd_pp, 0, gp);
	put_terminal_panels(s, v, nr > 0, gp);
	return 0;
}

int chart_draw_pcpu(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	return v->terminal ? draw_terminal(s, v, gp, e) : draw_picture(s, v, gp, e);
}
