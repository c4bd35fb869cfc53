/* chart - the table of charts, and what they have in common */
#include "analyze/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/metrics.h"

const struct chart charts[] = {
        {"pcpu",
         "utilisation of each pCPU, their mean, below it the standard deviation; pin changes",
         chart_draw_pcpu},
        {"placement", "which pCPU each vCPU was on, shaded by its load; pin changes",
         chart_draw_placement},
};
const size_t nr_charts = sizeof(charts) / sizeof(charts[0]);

/*
 * The palette of Okabe and Ito without its yellow, which is lost on white paper, and without black, which is the
 * mean's. In an order in which neighbours differ most in grey.
 */
const unsigned chart_colour[CHART_COLOURS] = {0x0072b2, 0xe69f00, 0x009e73, 0xcc79a7,
                                              0x56b4e9, 0xd55e00, 0x7f7f7f, 0x332288};
const char *const chart_dash[CHART_COLOURS] = {"1",          "'--'",  "'.'",    "'-.'",
                                               "(16,4,2,4)", "(2,6)", "(12,3)", "(20,6)"};

const struct chart *chart_find(const char *name)
{
	size_t i;

	for (i = 0; i < nr_charts; i++)
		if (!strcmp(charts[i].name, name))
			return &charts[i];
	return NULL;
}

int chart_clip(struct chart_view *v, const struct series *s, struct error *e)
{
	double span_s;

	v->first = 0;
	while (v->first < s->nr_ticks && s->ticks[v->first].t_s < v->from_s)
		v->first++;
	v->end = v->first;
	while (v->end < s->nr_ticks && s->ticks[v->end].t_s <= v->to_s)
		v->end++;
	if (v->end - v->first < 2)
		return fail(e, ENODATA, "run %lld has %zu tick%s there: two are the least to draw",
		            (long long)s->run.run, v->end - v->first,
		            v->end - v->first == 1 ? "" : "s");
	v->from_s = s->ticks[v->first].t_s;
	v->to_s = s->ticks[v->end - 1].t_s;
	span_s = v->to_s - v->from_s;
	v->unit_s = span_s <= 300 ? 1 : span_s <= 10800 ? 60 : 3600;
	v->unit = span_s <= 300 ? "s" : span_s <= 10800 ? "min" : "h";
	return 0;
}

/* A block being written: where the last point was, so that a line can be broken and begun anew. */
struct pen {
	FILE *gp;
	double unit_s;
	bool down;
};

static void pen_to(struct pen *p, double from_s, double t_s, double value)
{
	if (!p->down)
		fprintf(p->gp, "%.6g %.5g\n", from_s / p->unit_s, value);
	fprintf(p->gp, "%.6g %.5g\n", t_s / p->unit_s, value);
	p->down = true;
}

static void pen_up(struct pen *p)
{
	if (p->down)
		fputc('\n', p->gp);
	p->down = false;
}

/* The least and the greatest known value of a bucket, in the order of time. Returns how many are known. */
static size_t put_bucket(struct pen *p, const struct series *s, size_t first, size_t end,
                         chart_value value, size_t which)
{
	size_t least = 0, most = 0, known = 0, i;
	double x, low = INFINITY, high = -INFINITY;

	for (i = first; i < end; i++) {
		x = value(s, i, which);
		if (isnan(x))
			continue;
		known++;
		if (x < low) {
			low = x;
			least = i;
		}
		if (x > high) {
			high = x;
			most = i;
		}
	}
	if (known < end - first)
		pen_up(p);
	if (!known)
		return 0;
	if (least == most) {
		pen_to(p, s->ticks[least - 1].t_s, s->ticks[least].t_s, low);
	} else {
		i = least < most ? least : most;
		pen_to(p, s->ticks[i - 1].t_s, s->ticks[i].t_s, i == least ? low : high);
		i = least < most ? most : least;
		pen_to(p, s->ticks[i - 1].t_s, s->ticks[i].t_s, i == least ? low : high);
	}
	return known;
}

size_t chart_steps(const struct series *s, const struct chart_view *v, const char *block,
                   chart_value value, size_t which, FILE *gp)
{
	struct pen p = {.gp = gp, .unit_s = v->unit_s};
	size_t nr = v->end - v->first, bucket = 1, known = 0, i, end;

	if (nr > CHART_POINTS)
		bucket = (2 * nr + CHART_POINTS - 1) / CHART_POINTS;
	fprintf(gp, "$%s%zu << " CHART_END "\n", block, which);
	/* the first tick's rate belongs to the time before the view */
	for (i = v->first + 1; i < v->end; i = end) {
		end = i + bucket < v->end ? i + bucket : v->end;
		known += put_bucket(&p, s, i, end, value, which);
	}
	fputs(CHART_END "\n", gp);
	return known;
}

void chart_time_axis(const struct chart_view *v, bool label, FILE *gp)
{
	fprintf(gp, "set xrange [%.6g:%.6g]\n", v->from_s / v->unit_s, v->to_s / v->unit_s);
	/* In a picture gnuplot would put the label half below the edge. */
	if (label)
		fprintf(gp, "set format x '%%g'\nset xlabel 'time since the first sample (%s)'%s\n",
		        v->unit, v->terminal ? "" : " offset 0,0.7");
	else
		fputs("set format x ''\nset xlabel ''\n", gp);
}

double chart_em(const struct chart_view *v)
{
	return v->width < 450 ? 10 : 14;
}

void chart_frame(const struct chart_view *v, size_t entries, unsigned right, FILE *gp)
{
	unsigned room =
	        (unsigned)((v->width / chart_em(v) - 8) / 10); /* "pins changed" and sample */
	size_t columns = room < 1 ? 1 : room > entries ? entries : room;
	size_t lines = (entries + columns - 1) / columns;

	/* lines as even as they can be: 5 and 5, not 8 and 2 */
	columns = (entries + lines - 1) / lines;
	fprintf(gp,
	        "set border 3 lc rgb 0x404040\nset tics nomirror out scale 0.5\n"
	        "set grid ytics lt 1 lw 0.5 lc rgb 0xdddddd\n"
	        "set lmargin 9\nset rmargin %u\nset tmargin at screen %.4f\n"
	        "set key at screen 0.5, screen 0.995 center top horizontal maxcols %zu "
	        "samplen 2.4 width 0 height 0\n",
	        right, 1 - (1.35 * (double)lines + 0.6) * chart_em(v) / v->height, columns);
}

void chart_bottom(const struct chart_view *v, FILE *gp)
{
	fprintf(gp, "set bmargin at screen %.4f\n", 3.6 * chart_em(v) / v->height);
}

unsigned chart_columns(const struct chart_view *v)
{
	if (!v->terminal)
		return v->width / 2;
	return v->width > 40 ? v->width - 16 : 24;
}

double chart_column_s(const struct chart_view *v, unsigned column)
{
	return v->from_s + (v->to_s - v->from_s) * column / chart_columns(v);
}

/* The first tick after a moment. */
static size_t tick_after(const struct series *s, const struct chart_view *v, double t_s)
{
	size_t low = v->first + 1, high = v->end - 1, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->ticks[middle].t_s > t_s)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void chart_column_ticks(const struct series *s, const struct chart_view *v, unsigned column,
                        size_t *first, size_t *end)
{
	*first = tick_after(s, v, chart_column_s(v, column));
	*end = tick_after(s, v, chart_column_s(v, column + 1));
	if (*end <= *first)
		*end = *first + 1;
}

/* A change of a guest that is shown. */
static bool is_shown(const struct series *s, const struct trace_action_row *row)
{
	long vcpu = metric_is_change(row) ? series_vcpu_of(s, &row->action) : -1;

	return metric_is_change(row) && (vcpu < 0 || !s->guests[s->vcpus[vcpu].guest].left_out);
}

int chart_changes(const struct series *s, const struct chart_view *v, struct chart_change **out,
                  size_t *nr)
{
	struct chart_change *found = calloc(s->nr_actions + 1, sizeof(*found));
	double apart_s = (v->to_s - v->from_s) * 2 * chart_em(v) / v->width, t_s;
	size_t i, n = 0;

	if (!found)
		return -ENOMEM;
	for (i = 0; i < s->nr_actions; i++) {
		t_s = series_time_s(s, s->actions[i].mono_ns);
		if (!is_shown(s, &s->actions[i]) || t_s < v->from_s || t_s > v->to_s)
			continue;
		if (!n || t_s - found[n - 1].t_s > apart_s)
			found[n++].t_s = t_s;
		found[n - 1].nr++;
	}
	*out = found;
	*nr = n;
	return 0;
}

char chart_letter(unsigned pcpu)
{
	return pcpu < 36 ? "0123456789abcdefghijklmnopqrstuvwxyz"[pcpu] : '+';
}
