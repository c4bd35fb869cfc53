/* chart_curves - charts that are a few lines over time in one panel, as pictures and on the terminal */
#include "analyze/chart_curves.h"

#include <math.h>
#include <string.h>

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
	if (v->terminal)
		fprintf(gp, "title '%s'", x->title);
	else
		fprintf(gp, "lw %g lc rgb 0x%06x dt %s title '%s'", chart_line_width(v, x->width),
		        colour, dash, x->title);
}

static void put_frame(const struct curves *c, size_t known, size_t longest,
                      const struct chart_view *v, FILE *gp)
{
	if (v->terminal) {
		fputs("set lmargin 8\nset rmargin 3\nset border 3\nset tics nomirror\n"
		      "set key top outside center horizontal\n",
		      gp);
		fprintf(gp, "set label 1 '%s%s%s' at graph 0.02, screen 0.99 left\n", c->label,
		        *c->title ? "; " : "", c->title);
		return;
	}
	chart_frame(v, known, longest, "", 3, gp);
	chart_bottom(v, gp);
	fprintf(gp, "set ylabel '%s'\n", c->label);
	if (*c->title)
		fprintf(gp, "set label 1 '%s' at graph 0.01, graph 0.97 left front\n", c->title);
}

int curves_draw(const struct curves *c, const char *what, const struct series *s,
                const struct chart_view *v, FILE *gp, struct error *e)
{
	size_t known[CHART_COLOURS + 4], nr = 0, longest = 0, length, i;

	for (i = 0; i < c->nr; i++)
		if (put_block(&c->curve[i], i, s, v, gp)) {
			known[nr++] = i;
			length = strlen(c->curve[i].title);
			longest = length > longest ? length : longest;
		}
	if (!nr)
		return fail(e, ENODATA, "run %lld does not tell %s there", (long long)s->run.run,
		            what);
	put_frame(c, nr, longest, v, gp);
	chart_time_axis(v, true, gp);
	if (c->log)
		put_log_axis(c, s, v, gp);
	else
		fprintf(gp, "set yrange [0:%.4g]\n", end_of(c, s, v));
	for (i = 0; i < nr; i++)
		put_curve(c, known[i], !i, v, gp);
	fputs("\n", gp);
	return 0;
}
