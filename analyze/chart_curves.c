/* chart_curves - charts that are a few lines over time in one panel, as pictures and on the terminal */
#include "analyze/chart_curves.h"

#include <math.h>
#include <string.h>

#include "analyze/chart_terminal.h"

#define CURVES 8 /* the most that a chart has */

static size_t put_block(const struct curve *c, size_t i, const struct series *s,
                        const struct chart_view *v, FILE *gp)
{
	char block[32];

	snprintf(block, sizeof(block), "curve%zu_", i);
	return c->level ? chart_levels(s, v, block, c->value, c->which, gp)
	                : chart_steps(s, v, block, c->value, c->which, gp);
}

/* The end of the axis: a twentieth above what there is. */
static double end_of(const struct curves *c, const struct series *s, const struct chart_view *v)
{
	double end = c->most, least, most;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		chart_range(s, v, c->curve[i].value, c->curve[i].which, &least, &most);
		end = fmax(end, 1.05 * most / c->scale);
	}
	return end > 0 ? end : 1;
}

/* A logarithmic axis ends at powers of ten. */
static void put_log_axis(const struct curves *c, const struct series *s, const struct chart_view *v,
                         FILE *gp)
{
	double low = NAN, high = NAN, least, most;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		chart_range(s, v, c->curve[i].value, c->curve[i].which, &least, &most);
		low = fmin(low, least);
		high = fmax(high, most);
	}
	low = low > 0 ? low / c->scale : 0.001;
	high = high > low ? high / c->scale : low;
	fprintf(gp, "set logscale y\nset yrange [%g:%g]\nset ytics autofreq\nset format y '%%g'\n",
	        pow(10, floor(log10(low))), pow(10, floor(log10(high)) + 1));
}

static void put_curve(const struct curves *c, size_t i, bool first, const struct chart_view *v,
                      FILE *gp)
{
	const struct curve *x = &c->curve[i];
	unsigned colour = x->look == CURVE_BLACK ? 0 : chart_colour[x->look];
	const char *dash = x->dash ? x->dash : chart_dash[x->look];

	fprintf(gp, "%s$curve%zu_%zu using 1:($2/%g) with %s ", first ? "plot " : ", ", i, x->which,
	        c->scale, x->level ? "steps" : "fsteps");
	fprintf(gp, "lw %g lc rgb 0x%06x dt %s title '%s'", chart_line_width(v, x->width), colour,
	        dash, x->title);
}

static void put_axes(const struct curves *c, const struct series *s, const struct chart_view *v,
                     FILE *gp)
{
	chart_time_axis(v, true, gp);
	if (c->log)
		put_log_axis(c, s, v, gp);
	else
		fprintf(gp, "set yrange [0:%.4g]\n", end_of(c, s, v));
}

static void draw_picture(const struct curves *c, const size_t *known, size_t nr,
                         const struct series *s, const struct chart_view *v, FILE *gp)
{
	size_t longest = 0, length, i;

	for (i = 0; i < nr; i++) {
		length = strlen(c->curve[known[i]].title);
		longest = length > longest ? length : longest;
	}
	chart_frame(v, nr, longest, "", 3, gp);
	chart_bottom(v, gp);
	fprintf(gp, "set ylabel '%s'\n", c->label);
	put_axes(c, s, v, gp);
	for (i = 0; i < nr; i++)
		put_curve(c, known[i], !i, v, gp);
	fputs("\n", gp);
}

/* Each line is a letter, and the heading says which. */
static void draw_terminal(const struct curves *c, const size_t *known, size_t nr,
                          const struct series *s, const struct chart_view *v, FILE *gp)
{
	struct terminal_line lines[CURVES];
	char heading[CURVES * (CHART_NAME + 8) + 64];
	const struct curve *x;
	int at;
	size_t i;

	at = snprintf(heading, sizeof(heading), "%s:", c->label);
	for (i = 0; i < nr; i++) {
		x = &c->curve[known[i]];
		lines[i] = (struct terminal_line){x->value, x->which, c->scale, (char)('a' + i),
		                                  x->look == CURVE_BLACK ? TERMINAL_BLACK
		                                                         : chart_colour[x->look]};
		at += snprintf(heading + at, sizeof(heading) - (size_t)at, "%s %c = %s",
		               i ? ";" : "", lines[i].letter, x->title);
	}
	terminal_letters(s, v, lines, nr, gp);
	terminal_frame(v, terminal_heading(v, 1, 0, heading, gp), 8, gp);
	put_axes(c, s, v, gp);
	terminal_plot(v, gp);
	fputs("\n", gp);
}

int curves_draw(const struct curves *c, const char *what, const struct series *s,
                const struct chart_view *v, FILE *gp, struct error *e)
{
	size_t known[CURVES], nr = 0, i;

	for (i = 0; i < c->nr; i++)
		if (put_block(&c->curve[i], i, s, v, gp))
			known[nr++] = i;
	if (!nr)
		return fail(e, ENODATA, "run %lld does not tell %s in this part",
		            (long long)s->run.run, what);
	if (v->terminal)
		draw_terminal(c, known, nr, s, v, gp);
	else
		draw_picture(c, known, nr, s, v, gp);
	return 0;
}
