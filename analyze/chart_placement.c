/* chart_placement - draws which pCPU each vCPU was on, as rows of colour */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/chart.h"
#include "analyze/chart_terminal.h"
#include "analyze/metrics.h"

#define SHADES    5  /* of load: few enough to be told apart */
#define NAME_LONG 16 /* characters of a name that are shown */

/* What a vCPU did in one column of the picture. */
struct cell {
	int pcpu;  /* -1: not there */
	int shade; /* 0 idle .. SHADES - 1 */
};

/* A pin that was changed: when, and in which row. */
struct mark {
	double t_s;
	size_t row;
};

/* The vCPUs that are shown, one a row. */
struct rows {
	size_t *vcpu, nr;
	struct mark *marks; /* in the order of time */
	size_t nr_marks;
};

static int find_rows(const struct series *s, struct rows *r)
{
	size_t i;

	*r = (struct rows){.vcpu = calloc(s->nr_vcpus + 1, sizeof(*r->vcpu))};
	for (i = 0; r->vcpu && i < s->nr_vcpus; i++)
		if (!s->guests[s->vcpus[i].guest].left_out)
			r->vcpu[r->nr++] = i;
	return r->vcpu ? 0 : -ENOMEM;
}

/* Where it was at the end of the column, and its mean load. */
static struct cell cell_at(const struct series *s, size_t vcpu, size_t first, size_t end)
{
	const struct series_vcpu *u = &s->vcpus[vcpu];
	struct cell c = {-1, 0};
	double load = 0, run, where;
	size_t known = 0, i;

	for (i = first; i < end; i++) {
		where = column_at(&u->pinned, i);
		if (!(where >= 0))
			where = column_at(&u->ran_on, i);
		run = column_at(&u->run_pct, i);
		if (where >= 0)
			c.pcpu = (int)where;
		if (isnan(run))
			continue;
		load += run;
		known++;
	}
	load = known ? load / (double)known : 0;
	c.shade = load < BUSY_PCT ? 0 : 1 + (int)(load * (SHADES - 1) / 100.001);
	c.shade = c.shade < SHADES ? c.shade : SHADES - 1;
	return c;
}

/* Few pCPUs have a colour each, many a place on a ramp from blue over green to yellow. */
static unsigned colour_of(const struct series *s, int pcpu)
{
	static const double ramp[][3] = {
	        {48, 18, 110}, {49, 104, 142}, {53, 160, 110}, {225, 190, 30}};
	double at, part;
	unsigned colour = 0;
	size_t i, n;

	for (i = 0; i + 1 < s->nr_pcpus && s->pcpus[i].pcpu != (uint32_t)pcpu; i++)
		;
	if (s->nr_pcpus <= CHART_COLOURS)
		return chart_colour[i];
	at = 3.0 * (double)i / (double)(s->nr_pcpus - 1);
	n = at >= 3 ? 2 : (size_t)at;
	part = at - (double)n;
	for (i = 0; i < 3; i++)
		colour = colour << 8 | (unsigned)(ramp[n][i] * (1 - part) + ramp[n + 1][i] * part);
	return colour;
}

/* The less load, the more white. */
static unsigned shaded(unsigned colour, int shade)
{
	static const double white[SHADES] = {0.80, 0.50, 0.33, 0.16, 0};
	unsigned out = 0, c;
	int i;

	for (i = 16; i >= 0; i -= 8) {
		c = colour >> i & 0xff;
		out = out << 8 | (unsigned)(c + (255 - c) * white[shade]);
	}
	return out;
}

static void put_box(const struct series *s, const struct chart_view *v, size_t row, double from_s,
                    double to_s, struct cell c, FILE *gp)
{
	double x0 = from_s / v->unit_s, x1 = to_s / v->unit_s;

	if (c.pcpu >= 0)
		fprintf(gp, "%.6g %zu %.6g %.6g %g %g %u\n", (x0 + x1) / 2, row, x0, x1,
		        (double)row - 0.42, (double)row + 0.42,
		        shaded(colour_of(s, c.pcpu), c.shade));
}

static size_t put_boxes(const struct series *s, const struct chart_view *v, const struct rows *r,
                        FILE *gp)
{
	unsigned columns = chart_columns(v), c;
	size_t known = 0, row, first, end;
	struct cell now, last;
	double since_s;

	fputs("$boxes << " CHART_END "\n", gp);
	for (row = 0; row < r->nr; row++) {
		last = (struct cell){-1, 0};
		since_s = v->from_s;
		for (c = 0; c < columns; c++) {
			chart_column_ticks(s, v, c, &first, &end);
			now = cell_at(s, r->vcpu[row], first, end);
			known += now.pcpu >= 0;
			if (now.pcpu == last.pcpu && now.shade == last.shade)
				continue;
			put_box(s, v, row, since_s, chart_column_s(v, c), last, gp);
			since_s = chart_column_s(v, c);
			last = now;
		}
		put_box(s, v, row, since_s, v->to_s, last, gp);
	}
	fputs(CHART_END "\n", gp);
	return known;
}

static bool has_mark(const struct rows *r, size_t row, double from_s, double to_s)
{
	size_t i;

	for (i = 0; i < r->nr_marks; i++)
		if (r->marks[i].row == row && r->marks[i].t_s > from_s && r->marks[i].t_s < to_s)
			return true;
	return false;
}

/* Of each row the pins that were changed in it, those that would be one line put together. 0 or -ENOMEM. */
static int find_marks(const struct series *s, const struct chart_view *v, struct rows *r)
{
	double apart_s = (v->to_s - v->from_s) / v->width, t_s;
	const struct trace_action_row *a;
	size_t i, row;
	long vcpu;

	r->marks = calloc(s->nr_actions + 1, sizeof(*r->marks));
	for (i = 0; r->marks && i < s->nr_actions; i++) {
		a = series_action(s, i);
		t_s = series_time_s(s, a->mono_ns);
		vcpu = metric_is_change(a) ? series_vcpu_of(s, &a->action) : -1;
		if (vcpu < 0 || t_s < v->from_s || t_s > v->to_s)
			continue;
		for (row = 0; row < r->nr && r->vcpu[row] != (size_t)vcpu; row++)
			;
		if (row < r->nr && !has_mark(r, row, t_s - apart_s, t_s + apart_s))
			r->marks[r->nr_marks++] = (struct mark){t_s, row};
	}
	return r->marks ? 0 : -ENOMEM;
}

/*
 * The number of the pCPU in the row, amid a stay that has room for it, or beside the middle where a line is: colours are
 * no help to all, and none on grey paper.
 */
static void put_number(const struct chart_view *v, const struct rows *r, size_t row, double from_s,
                       double to_s, int pcpu, FILE *gp)
{
	static const double places[] = {0.5, 0.25, 0.75};
	double near_s = (v->to_s - v->from_s) * chart_em(v) / v->width, at_s;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		at_s = from_s + (to_s - from_s) * places[i];
		if (has_mark(r, row, at_s - near_s, at_s + near_s))
			continue;
		fprintf(gp, "%.6g %zu %d\n", at_s / v->unit_s, row, pcpu);
		return;
	}
}

static void put_numbers(const struct series *s, const struct chart_view *v, const struct rows *r,
                        FILE *gp)
{
	unsigned columns = chart_columns(v), c, since;
	size_t row, first, end;
	int last, now;

	fputs("$numbers << " CHART_END "\n", gp);
	for (row = 0; row < r->nr; row++)
		for (last = -1, since = 0, c = 0; c <= columns; c++) {
			now = -1;
			if (c < columns) {
				chart_column_ticks(s, v, c, &first, &end);
				now = cell_at(s, r->vcpu[row], first, end).pcpu;
			}
			if (now == last && c < columns)
				continue;
			if (last >= 0 && c - since >= columns / 25)
				put_number(v, r, row, chart_column_s(v, since),
				           chart_column_s(v, c), last, gp);
			since = c;
			last = now;
		}
	fputs(CHART_END "\n", gp);
}

/* The names of the rows, so many of them as have room. Returns how long the longest is. */
static size_t put_names(const struct series *s, const struct chart_view *v, const struct rows *r,
                        size_t rows, size_t room, FILE *gp)
{
	char name[SUBJECT_TEXT], text[CHART_NAME];
	size_t every = (rows + room - 1) / room, longest = 0, length, i;

	fputs("set ytics (", gp);
	for (i = 0; i < rows; i += every) {
		chart_name(v, series_vcpu_name(s, r->vcpu[i], name), NAME_LONG, text);
		length = strlen(text);
		longest = length > longest ? length : longest;
		fprintf(gp, "%s'%s' %zu", i ? ", " : "", text, i);
	}
	fprintf(gp, ") scale 0\nset yrange [%g:-0.6]\n", (double)rows - 0.4);
	return longest;
}

static void put_legend(const struct series *s, FILE *gp)
{
	size_t i, every = (s->nr_pcpus + CHART_COLOURS - 1) / CHART_COLOURS;

	for (i = 0; i < s->nr_pcpus; i += every)
		fprintf(gp, "NaN with points pt 5 ps 1.6 lc rgb 0x%06x title 'pCPU %u', ",
		        colour_of(s, (int)s->pcpus[i].pcpu), s->pcpus[i].pcpu);
	fprintf(gp,
	        "NaN with points pt 5 ps 1.6 lc rgb 0x%06x title 'idle', "
	        "NaN with points pt 5 ps 1.6 lc rgb 0x%06x title 'full load', ",
	        shaded(0x404040, 0), shaded(0x404040, SHADES - 1));
}

static void put_marks(const struct chart_view *v, const struct rows *r, FILE *gp)
{
	size_t i;

	fputs("$changes << " CHART_END "\n", gp);
	for (i = 0; i < r->nr_marks; i++)
		fprintf(gp, "%.6g %g\n", r->marks[i].t_s / v->unit_s,
		        (double)r->marks[i].row - 0.5);
	fputs(CHART_END "\n", gp);
}

static void draw_picture(const struct series *s, const struct chart_view *v, const struct rows *r,
                         FILE *gp)
{
	size_t every = (s->nr_pcpus + CHART_COLOURS - 1) / CHART_COLOURS;
	size_t legend = s->nr_pcpus ? (s->nr_pcpus + every - 1) / every : 0;
	size_t room = (size_t)(0.75 * v->height / (1.25 * chart_em(v)));
	bool numbers = r->nr <= room;

	if (numbers)
		put_numbers(s, v, r, gp);
	chart_frame(v, legend + 2 + (r->nr_marks > 0), strlen("pins changed"), "", 2, gp);
	fputs("unset lmargin\nunset grid\n", gp);
	chart_bottom(v, gp);
	chart_time_axis(v, true, gp);
	put_names(s, v, r, r->nr, room ? room : 1, gp);
	fputs("set style fill solid 1 noborder\nplot ", gp);
	put_legend(s, gp);
	fputs("$boxes using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable notitle", gp);
	if (r->nr_marks)
		fputs(", $changes using 1:2:(0):(1) with vectors nohead lw 1.4 lc rgb 0x000000 "
		      "title 'pins changed'",
		      gp);
	if (numbers)
		fputs(", $numbers using 1:2:3 with labels notitle", gp);
	fputs("\n", gp);
}

/* A character for each cell: the pCPU, or a dot where the vCPU was idle. */
static void draw_terminal(const struct series *s, const struct chart_view *v, const struct rows *r,
                          FILE *gp)
{
	unsigned columns = chart_columns(v), c, below;
	size_t rows = v->height > 9 ? v->height - 7 : 2, row, first, end;
	char heading[96];
	struct cell now;

	rows = rows < r->nr ? rows : r->nr;
	fputs("$letters << " CHART_END "\n", gp);
	for (row = 0; row < rows; row++)
		for (c = 0; c < columns; c++) {
			chart_column_ticks(s, v, c, &first, &end);
			now = cell_at(s, r->vcpu[row], first, end);
			if (now.pcpu < 0)
				continue;
			fprintf(gp, "%.6g %zu %c %u\n", chart_column_s(v, c) / v->unit_s, row,
			        now.shade ? chart_letter((unsigned)now.pcpu) : '.',
			        colour_of(s, now.pcpu));
		}
	fputs(CHART_END "\n", gp);
	snprintf(heading, sizeof(heading), "pCPU of each vCPU, . = idle; %zu of %zu vCPUs", rows,
	         r->nr);
	below = terminal_heading(v, 1, 0, heading, gp);
	terminal_frame(v, below, (unsigned)put_names(s, v, r, rows, rows, gp) + 2, gp);
	chart_time_axis(v, true, gp);
	terminal_plot(v, gp);
	fputs("\n", gp);
}

static int draw_rows(const struct series *s, const struct chart_view *v, struct rows *r, FILE *gp,
                     struct error *e)
{
	if (v->terminal) {
		draw_terminal(s, v, r, gp);
		return 0;
	}
	if (find_marks(s, v, r) < 0)
		return fail(e, ENOMEM, "out of memory");
	put_marks(v, r, gp);
	if (!put_boxes(s, v, r, gp))
		return fail(e, ENODATA, "run %lld does not tell where its vCPUs were in this part",
		            (long long)s->run.run);
	draw_picture(s, v, r, gp);
	return 0;
}

int chart_draw_placement(const struct series *s, const struct chart_view *v, FILE *gp,
                         struct error *e)
{
	struct rows rows;
	int r;

	if (!s->nr_vcpus)
		return fail(e, ENODATA, "run %lld has no guests", (long long)s->run.run);
	if (find_rows(s, &rows) < 0)
		return fail(e, ENOMEM, "out of memory");
	r = draw_rows(s, v, &rows, gp, e);
	free(rows.vcpu);
	free(rows.marks);
	return r;
}
