/* chart_memory - draws the memory of each guest: its balloon, what it uses and has left, the band of its plan, orders */
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        {"unused", "unused", unused, 0x404040, "'.'", 1.3},
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
		if (!isnan(now) && !isnan(was) && series_tick(s, i).t_s - since_s < apart_s)
			continue;
		if (!isnan(was)) {
			fprintf(gp, "%.6g %.6g %.5g %.5g\n", since_s / v->unit_s,
			        series_tick(s, i).t_s / v->unit_s, was, was_high);
			nr++;
		}
		since_s = series_tick(s, i).t_s;
		was = now;
		was_high = now_high;
	}
	fputs(CHART_END "\n", gp);
	return nr;
}

/* Orders of one kind, as marks. */
static const struct mark {
	const char *block, *title;
	int way;     /* 1 more, -1 less, 0 failed */
	double at;   /* of the axis */
	unsigned pt; /* gnuplot's point */
	unsigned colour;
} marks[] = {
        {"given", "given", 1, 1 + ORDERS_AT, 9, 0x000000},
        {"taken", "taken", -1, -ORDERS_AT, 11, 0x000000},
        {"failed", "failed", 0, 1 + ORDERS_AT, 2, 0xcc0000},
};
#define MARKS (sizeof(marks) / sizeof(marks[0]))

static bool is_marked(const struct trace_action_row *row, int way)
{
	const struct action *a = &row->action;

	if (a->kind != ACTION_BALLOON || a->result == RESULT_DRY_RUN || a->result == RESULT_NONE)
		return false;
	if (!moves_is_order(row))
		return way == 0;
	return way == (a->to_kib > a->from_kib ? 1 : -1);
}

/* One mark where several would be one. Returns how many. */
static size_t put_marks(const struct series *s, const struct chart_view *v, size_t guest,
                        const struct mark *mark, FILE *gp)
{
	double apart_s = (v->to_s - v->from_s) / v->width, last_s = -INFINITY, t_s;
	size_t nr = 0, i;

	fprintf(gp, "$%s%zu << " CHART_END "\n", mark->block, guest);
	for (i = 0; i < s->nr_actions; i++) {
		t_s = series_time_s(s, series_action(s, i)->mono_ns);
		if (!is_marked(series_action(s, i), mark->way) || t_s < v->from_s ||
		    t_s > v->to_s || t_s - last_s < apart_s ||
		    series_guest_of(s, &series_action(s, i)->action) != (long)guest)
			continue;
		last_s = t_s;
		fprintf(gp, "%.6g\n", t_s / v->unit_s);
		nr++;
	}
	fputs(CHART_END "\n", gp);
	return nr;
}

/* ---- the panels ---- */

/* A guest, and whether there is something of each kind to draw. */
struct panel {
	size_t guest;
	bool lines[LINES], band, marks[MARKS];
};

struct grid {
	size_t panels, columns, rows;
	struct panel panel[PANELS], any;
	double left, right, top, bottom, gap; /* of the picture, as shares of it */
	double most;
	bool orders; /* there are marks: rows above and below the values */
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
static void put_legend(const struct grid *g, const struct chart_view *v, const char *note, FILE *gp)
{
	size_t i;

	fputs("unset border\nunset tics\nunset xlabel\nunset ylabel\n"
	      "set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\n"
	      "set bmargin at screen 0\nset xrange [0:1]\nset yrange [0:1]\n",
	      gp);
	if (*note)
		fprintf(gp, "set label 9 '%s' at screen 0.5, screen %.4f center\n", note,
		        g->top + 0.5 * chart_em(v) / v->height);
	fputs("plot ", gp);
	for (i = LINES; i--;)
		if (g->any.lines[i])
			fprintf(gp, "NaN with lines lw %g lc rgb 0x%06x dt %s title '%s', ",
			        lines[i].width, lines[i].colour, lines[i].dash, lines[i].title);
	if (g->any.band)
		fputs("NaN with boxes fs solid 1 noborder lc rgb 0xcfe8df title 'band of usable', ",
		      gp);
	for (i = 0; i < MARKS; i++)
		if (g->any.marks[i])
			fprintf(gp, "NaN with points pt %u ps 0.7 lc rgb 0x%06x title '%s', ",
			        marks[i].pt, marks[i].colour, marks[i].title);
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

/* The name stands in the upper corner where less is drawn: above the lower curves. */
static bool name_is_left(const struct series *s, const struct chart_view *v, size_t guest)
{
	struct chart_view begin = *v, end = *v;

	begin.end = v->first + (v->end - v->first + 3) / 4;
	end.first = v->end - (v->end - v->first + 3) / 4;
	return chart_memory_most(s, &begin, guest) < chart_memory_most(s, &end, guest);
}

static void put_panel(const struct series *s, const struct grid *g, size_t panel,
                      const struct chart_view *v, FILE *gp)
{
	const struct panel *p = &g->panel[panel];
	bool left = name_is_left(s, v, p->guest);
	char name[CHART_NAME];
	size_t i;

	put_axes(g, panel, v, gp);
	fprintf(gp, "set label 7 '%s' at graph %g, graph %.3f %s front\nplot ",
	        chart_name(v, s->guests[p->guest].name, NAME_LONG, name), left ? 0.015 : 0.985,
	        g->orders ? 0.85 : 0.92, left ? "left" : "right");
	if (p->band)
		fprintf(gp,
		        "$band%zu using (($1+$2)/2):3:1:2:3:4 with boxxyerror fs solid 1 noborder "
		        "lc rgb 0xcfe8df notitle, ",
		        p->guest);
	for (i = 0; i < LINES; i++)
		if (p->lines[i])
			fprintf(gp, "$%s%zu with steps lw %g lc rgb 0x%06x dt %s notitle, ",
			        lines[i].block, p->guest, chart_line_width(v, lines[i].width),
			        lines[i].colour, lines[i].dash);
	for (i = 0; i < MARKS; i++)
		if (p->marks[i])
			fprintf(gp,
			        "$%s%zu using 1:(%.5g) with points pt %u ps %g lc rgb 0x%06x "
			        "notitle, ",
			        marks[i].block, p->guest, marks[i].at * g->most, marks[i].pt,
			        chart_em(v) / 28, marks[i].colour);
	fputs("NaN notitle\nunset label 7\nunset label 8\n", gp);
}

/* All data of a panel, before the plots. */
static void put_blocks(const struct series *s, const struct chart_view *v, struct grid *g,
                       struct panel *p, FILE *gp)
{
	size_t i;

	for (i = 0; i < LINES; i++) {
		p->lines[i] = chart_levels(s, v, lines[i].block, lines[i].value, p->guest, gp) > 0;
		g->any.lines[i] |= p->lines[i];
	}
	for (i = 0; i < MARKS; i++) {
		p->marks[i] = put_marks(s, v, p->guest, &marks[i], gp) > 0;
		g->any.marks[i] |= p->marks[i];
		g->orders |= p->marks[i];
	}
	p->band = put_band(s, v, p->guest, gp) > 0;
	g->any.band |= p->band;
	g->most = fmax(g->most, chart_memory_most(s, v, p->guest));
}

static void draw_picture(const struct series *s, const struct chart_view *v, struct grid *g,
                         size_t all, FILE *gp)
{
	size_t entries = g->any.band, key_lines, i;
	char note[80] = "";

	for (i = 0; i < g->panels; i++)
		put_blocks(s, v, g, &g->panel[i], gp);
	for (i = 0; i < LINES; i++)
		entries += g->any.lines[i];
	for (i = 0; i < MARKS; i++)
		entries += g->any.marks[i];
	if (all > g->panels)
		snprintf(note, sizeof(note), "the %zu of %zu guests whose memory moved most",
		         g->panels, all);
	fputs("set multiplot\n", gp);
	key_lines = chart_key(v, entries, strlen("band of usable"), gp);
	lay_out(g, v, (unsigned)key_lines + (*note != '\0'));
	put_legend(g, v, note, gp);
	for (i = 0; i < g->panels; i++)
		put_panel(s, g, i, v, gp);
	fputs("unset multiplot\n", gp);
}

int chart_draw_memory(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	double *reach = calloc(s->nr_guests + 1, sizeof(*reach));
	size_t *order = calloc(s->nr_guests + 1, sizeof(*order)), all = 0, i;
	struct grid g = {.most = NAN};
	int r = 0;

	if (!reach || !order) {
		free(reach);
		free(order);
		return fail(e, ENOMEM, "out of memory");
	}
	for (i = 0; i < s->nr_guests; i++) {
		reach[i] = s->guests[i].left_out ? (double)NAN : chart_memory_reach(s, v, i);
		all += !isnan(reach[i]);
	}
	g.panels = chart_choose(reach, s->nr_guests, PANELS, order);
	for (i = 0; i < g.panels; i++)
		g.panel[i].guest = order[i];
	if (!g.panels)
		r = fail(e, ENODATA, "run %lld does not tell the memory of any guest in this part",
		         (long long)s->run.run);
	if (r == 0 && v->terminal)
		chart_memory_terminal(s, v, order, g.panels, all, gp);
	else if (r == 0)
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
