/* chart_memory - draws the memory of each guest: its balloon, what it uses and has left, the band of its plan, orders */
#include <math.h>
#include <stdlib.h>

#include "analyze/chart.h"
#include "analyze/chart_memory.h"
#include "analyze/moves.h"

#define PANELS    8
#define NAME_LONG 24
#define ORDERS_AT 0.07 /* of the axis, above and below the values: where orders are marked */

/* ---- what is drawn ---- */

static double actual(const struct series *s, size_t tick, size_t guest)
{
	return column_at(&s->guests[guest].memory.actual, tick);
}

static double target(const struct series *s, size_t tick, size_t guest)
{
	return column_at(&s->guests[guest].memory.target, tick);
}

static double used(const struct series *s, size_t tick, size_t guest)
{
	return column_at(&s->guests[guest].memory.used, tick);
}

static double usable(const struct series *s, size_t tick, size_t guest)
{
	return column_at(&s->guests[guest].memory.usable, tick);
}

static double unused(const struct series *s, size_t tick, size_t guest)
{
	return column_at(&s->guests[guest].memory.unused, tick);
}

static double low(const struct series *s, size_t tick, size_t guest)
{
	return steps_at(&s->guests[guest].memory.low, tick);
}

/* In the order in which they are drawn: what matters most comes last, on top. */
static const struct line {
	const char *block, *title;
	chart_value value;
	unsigned colour;
	const char *dash;
	double width;
} lines[] = {
        {"unused", "unused", unused, 0x7f7f7f, "'.'", 1.0},
        {"usable", "usable", usable, 0x009e73, "1", 1.6},
        {"used", "used", used, 0xd55e00, "(10,4)", 1.6},
        {"target", "target", target, 0x000000, "'--'", 1.0},
        {"actual", "balloon", actual, 0x0072b2, "1", 2.0},
};
#define LINES (sizeof(lines) / sizeof(lines[0]))

double chart_memory_reach(const struct series *s, const struct chart_view *v, size_t guest)
{
	double least, most, used_least, used_most;

	chart_range(s, v, actual, guest, &least, &most);
	chart_range(s, v, used, guest, &used_least, &used_most);
	return most - least + (isnan(used_most) ? 0 : used_most - used_least);
}

double chart_memory_most(const struct series *s, const struct chart_view *v, size_t guest)
{
	double least, most, end = NAN;
	size_t i;

	for (i = 0; i < LINES; i++) {
		chart_range(s, v, lines[i].value, guest, &least, &most);
		end = fmax(end, most);
	}
	return end;
}

/* ---- blocks ---- */

/* The band as rectangles: from, to, low, high. It is that of the plan, so nothing is lost where it is not seen. */
static size_t put_band(const struct series *s, const struct chart_view *v, size_t guest, FILE *gp)
{
	const struct memory_series *m = &s->guests[guest].memory;
	double since_s = 0, was = NAN, was_high = NAN, now, now_high;
	double apart_s = (v->to_s - v->from_s) / v->width;
	size_t nr = 0, i;

	fprintf(gp, "$band%zu << " CHART_END "\n", guest);
	for (i = v->first; i < v->end; i++) {
		now = i + 1 < v->end ? steps_at(&m->low, i) : (double)NAN;
		now_high = steps_at(&m->high, i);
		if (i + 1 < v->end && now == was && now_high == was_high)
			continue;
		if (!isnan(now) && !isnan(was) && s->ticks[i].t_s - since_s < apart_s)
			continue;
		if (!isnan(was)) {
			fprintf(gp, "%.6g %.6g %.5g %.5g\n", since_s / v->unit_s,
			        s->ticks[i].t_s / v->unit_s, was, was_high);
			nr++;
		}
		since_s = s->ticks[i].t_s;
		was = now;
		was_high = now_high;
	}
	fputs(CHART_END "\n", gp);
	return nr;
}

/* One mark where several would be one: when, and whether it gave or took; 0: it failed. */
static size_t put_orders(const struct series *s, const struct chart_view *v, size_t guest, FILE *gp)
{
	double apart_s = (v->to_s - v->from_s) / v->width,
	       last_s[3] = {-INFINITY, -INFINITY, -INFINITY};
	size_t nr = 0, i;
	double t_s;
	int way;

	fprintf(gp, "$orders%zu << " CHART_END "\n", guest);
	for (i = 0; i < s->nr_actions; i++) {
		const struct action *a = &s->actions[i].action;

		t_s = series_time_s(s, s->actions[i].mono_ns);
		if (a->kind != ACTION_BALLOON || t_s < v->from_s || t_s > v->to_s ||
		    a->result == RESULT_DRY_RUN || a->result == RESULT_NONE ||
		    series_guest_of(s, a) != (long)guest)
			continue;
		way = !moves_is_order(&s->actions[i]) ? 0 : a->to_kib > a->from_kib ? 1 : -1;
		if (t_s - last_s[way + 1] < apart_s)
			continue;
		last_s[way + 1] = t_s;
		fprintf(gp, "%.6g %d\n", t_s / v->unit_s, way);
		nr++;
	}
	fputs(CHART_END "\n", gp);
	return nr;
}

/* ---- the panels ---- */

struct grid {
	size_t panels, columns, rows;
	size_t *guest;                        /* of each panel */
	double left, right, top, bottom, gap; /* of the picture, as shares of it */
	double most;
	bool has[LINES], band, orders;
};

/* A picture as narrow as a column of a paper has room for one or two panels beside each other. */
static size_t columns_for(const struct chart_view *v, size_t panels)
{
	size_t columns = v->width < 450 ? panels > 4 ? 2 : 1 : panels > 4 ? 3 : 2;

	return panels < columns ? panels : columns;
}

static void lay_out(struct grid *g, const struct chart_view *v, unsigned legend_lines)
{
	double em = chart_em(v);

	g->columns = columns_for(v, g->panels);
	g->rows = (g->panels + g->columns - 1) / g->columns;
	g->left = 5.6 * em / v->width;
	g->right = 1 - 1.2 * em / v->width;
	g->top = 1 - (1.35 * legend_lines + 0.9) * em / v->height;
	g->bottom = 3.6 * em / v->height;
	g->gap = 1.0 * em / v->height;
}

/* The legend stands above all, in an empty plot of its own. */
static void put_legend(const struct grid *g, const struct chart_view *v, size_t columns,
                       const char *note, FILE *gp)
{
	size_t i;

	fprintf(gp,
	        "set key at screen 0.5, screen 0.995 center top horizontal maxcols %zu samplen 2.4 "
	        "width 0 height 0\n"
	        "unset border\nunset tics\nunset xlabel\nunset ylabel\n"
	        "set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\n"
	        "set bmargin at screen 0\nset xrange [0:1]\nset yrange [0:1]\n",
	        columns);
	if (*note)
		fprintf(gp, "set label 9 '%s' at screen 0.5, screen %.4f center\n", note,
		        g->top + 0.5 * chart_em(v) / v->height);
	fputs("plot ", gp);
	for (i = LINES; i--;)
		if (g->has[i])
			fprintf(gp, "NaN with lines lw %g lc rgb 0x%06x dt %s title '%s', ",
			        lines[i].width, lines[i].colour, lines[i].dash, lines[i].title);
	if (g->band)
		fputs("NaN with boxes fs solid 1 noborder lc rgb 0xcfe8df title 'band of usable', ",
		      gp);
	if (g->orders)
		fputs("NaN with points pt 9 ps 0.7 lc rgb 0x000000 title 'given', "
		      "NaN with points pt 11 ps 0.7 lc rgb 0x000000 title 'taken', ",
		      gp);
	fputs("NaN notitle\nunset label 9\nunset key\n", gp);
}

/* Powers of two, as memory comes, so many that their numbers do not touch. */
static double tics_mib(const struct grid *g, const struct chart_view *v)
{
	double height = (g->top - g->bottom) / (double)g->rows * v->height;
	double step = 64;

	while (g->most / step > height / (2 * chart_em(v)))
		step *= 2;
	return step;
}

static void put_axes(const struct grid *g, size_t panel, const struct chart_view *v, FILE *gp)
{
	size_t column = panel % g->columns, row = panel / g->columns;
	double width = (g->right - g->left) / (double)g->columns;
	double height = (g->top - g->bottom) / (double)g->rows;
	double x = g->left + width * (double)column, y = g->top - height * (double)row;
	bool last = panel + g->columns >= g->panels;

	fprintf(gp,
	        "set border 3 lc rgb 0x404040\nset xtics nomirror out scale 0.5 autofreq\n"
	        "set ytics nomirror out scale 0.5\nset grid ytics lt 1 lw 0.5 lc rgb 0xdddddd\n"
	        "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
	        "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
	        x, x + width - (column + 1 < g->columns ? 1.5 * chart_em(v) / v->width : 0),
	        y - g->gap, y - height);
	fprintf(gp, "set yrange [%.5g:%.5g]\n", (g->orders ? -1.4 * ORDERS_AT : 0) * g->most,
	        (g->orders ? 1 + 1.4 * ORDERS_AT : 1.02) * g->most);
	fprintf(gp, "set ytics 0,%g\n", tics_mib(g, v));
	chart_time_axis(v, last, gp);
	chart_time_tics(v, width * v->width, gp);
	if (last && g->columns > 1)
		fprintf(gp, "set xlabel 'time (%s)'\n", v->unit);
	fputs(column ? "set format y ''\nset ylabel ''\n" : "set format y '%g'\nset ylabel ''\n",
	      gp);
	if (!panel)
		fprintf(gp,
		        "set label 8 'memory (MiB)' at screen %.4f, screen %.4f center rotate\n",
		        0.9 * chart_em(v) / v->width, (g->top + g->bottom) / 2);
}

static void put_panel(const struct series *s, const struct grid *g, size_t panel,
                      const struct chart_view *v, FILE *gp)
{
	size_t guest = g->guest[panel], i;
	char name[CHART_NAME];

	put_axes(g, panel, v, gp);
	fprintf(gp, "set label 7 '%s' at graph 0.985, graph %.3f right front\nplot ",
	        chart_name(v, s->guests[guest].name, NAME_LONG, name), g->orders ? 0.85 : 0.92);
	if (g->band)
		fprintf(gp,
		        "$band%zu using (($1+$2)/2):3:1:2:3:4 with boxxyerror fs solid 1 noborder "
		        "lc rgb 0xcfe8df notitle, ",
		        guest);
	for (i = 0; i < LINES; i++)
		if (g->has[i])
			fprintf(gp, "$%s%zu with steps lw %g lc rgb 0x%06x dt %s notitle, ",
			        lines[i].block, guest, chart_line_width(v, lines[i].width),
			        lines[i].colour, lines[i].dash);
	if (g->orders)
		fprintf(gp,
		        "$orders%zu using 1:($2 > 0 ? %.5g : NaN) with points pt 9 ps %g lc rgb "
		        "0x000000 notitle, $orders%zu using 1:($2 < 0 ? %.5g : NaN) with points pt "
		        "11 ps %g lc rgb 0x000000 notitle, $orders%zu using 1:($2 == 0 ? %.5g : "
		        "NaN) "
		        "with points pt 2 ps %g lc rgb 0xcc0000 notitle, ",
		        guest, (1 + ORDERS_AT) * g->most, chart_em(v) / 28, guest,
		        -ORDERS_AT * g->most, chart_em(v) / 28, guest, (1 + ORDERS_AT) * g->most,
		        chart_em(v) / 20);
	fputs("NaN notitle\nunset label 7\nunset label 8\n", gp);
}

/* All data, before the plots; false when nothing of it is known. */
static bool put_blocks(const struct series *s, const struct chart_view *v, struct grid *g, FILE *gp)
{
	size_t panel, i, known = 0, n;

	for (panel = 0; panel < g->panels; panel++) {
		for (i = 0; i < LINES; i++) {
			n = chart_levels(s, v, lines[i].block, lines[i].value, g->guest[panel], gp);
			g->has[i] |= n > 0;
			known += n;
		}
		g->band |= put_band(s, v, g->guest[panel], gp) > 0;
		g->orders |= put_orders(s, v, g->guest[panel], gp) > 0;
		g->most = fmax(g->most, chart_memory_most(s, v, g->guest[panel]));
	}
	return known > 0;
}

static void draw_picture(const struct series *s, const struct chart_view *v, struct grid *g,
                         size_t all, FILE *gp)
{
	size_t entries = g->band + 2u * g->orders, i, fit, legend;
	char note[80] = "";

	for (i = 0; i < LINES; i++)
		entries += g->has[i];
	fit = (size_t)((v->width / chart_em(v) - 4) / 8.5);
	fit = fit < 2 ? 2 : fit;
	legend = (entries + fit - 1) / fit;
	if (all > g->panels)
		snprintf(note, sizeof(note), "the %zu of %zu guests whose memory moved most",
		         g->panels, all);
	lay_out(g, v, (unsigned)legend + (*note != '\0'));
	fputs("set multiplot\n", gp);
	put_legend(g, v, (entries + legend - 1) / legend, note, gp);
	for (i = 0; i < g->panels; i++)
		put_panel(s, g, i, v, gp);
	fputs("unset multiplot\n", gp);
}

int chart_draw_memory(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	double *reach = calloc(s->nr_guests + 1, sizeof(*reach));
	size_t *order = calloc(s->nr_guests + 1, sizeof(*order)), all = 0, i;
	struct grid g = {.guest = order, .most = NAN};
	int r = reach && order ? 0 : fail(e, ENOMEM, "out of memory");

	for (i = 0; r == 0 && i < s->nr_guests; i++) {
		reach[i] = s->guests[i].left_out ? (double)NAN : chart_memory_reach(s, v, i);
		all += !isnan(reach[i]);
	}
	if (r == 0)
		g.panels = chart_choose(reach, s->nr_guests, PANELS, order);
	if (r == 0 && !g.panels)
		r = fail(e, ENODATA, "run %lld does not tell the memory of any guest there",
		         (long long)s->run.run);
	if (r == 0 && v->terminal)
		chart_memory_terminal(s, v, order, g.panels, all, gp);
	else if (r == 0 && put_blocks(s, v, &g, gp))
		draw_picture(s, v, &g, all, gp);
	free(reach);
	free(order);
	return r;
}

double chart_memory_actual(const struct series *s, size_t tick, size_t guest)
{
	return actual(s, tick, guest);
}

double chart_memory_usable(const struct series *s, size_t tick, size_t guest)
{
	return usable(s, tick, guest);
}

double chart_memory_low(const struct series *s, size_t tick, size_t guest)
{
	return low(s, tick, guest);
}
