/* chart - the table of charts, and what they have in common */
#include "analyze/chart.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/escape.h"
#include "analyze/line.h"
#include "analyze/metrics.h"
#include "analyze/settings.h"
#include "common/text.h"

const struct chart charts[] = {
        {"pcpu",
         "utilisation of each pCPU, their mean, below it the standard deviation with the run's "
         "limit "
         "(its --balance; 5 where it names none); changed pins are marked",
         chart_draw_pcpu},
        {"placement",
         "which pCPU each vCPU was on, the darker the more load; changed pins are marked",
         chart_draw_placement},
        {"memory",
         "of each guest the size of its balloon, what it uses and has left, the band of its plan; "
         "orders",
         chart_draw_memory},
        {"host", "available memory of the host and its reserve, all balloons and their pool",
         chart_draw_host},
        {"steal", "which share of its CPU demand each guest spent waiting for a pCPU",
         chart_draw_steal},
        {"actions", "how many changes were made so far", chart_draw_actions},
        {"self", "what a tick cost the recorder", chart_draw_self},
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

char *chart_list(char *text, size_t size)
{
	FILE *out = fmemopen(text, size, "w");
	size_t i;

	text[0] = '\0';
	if (!out)
		return text;
	fputs("Charts:\n", out);
	for (i = 0; i < nr_charts; i++) {
		struct line l = {out, 13, 13};

		fprintf(out, "  %-11s", charts[i].name);
		line_say(&l, charts[i].help);
		line_end(&l);
	}
	fclose(out);
	return text;
}

const struct chart *chart_default(const struct series *s)
{
	bool pcpus = false, memory = settings_moves_memory(&s->run);
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++)
		pcpus |= s->pcpus[i].busy_pct.nr > 0;
	for (i = 0; !pcpus && i < s->nr_guests; i++)
		memory |= memory_series_known(&s->guests[i].memory);
	return chart_find(memory ? "memory" : "pcpu");
}

int chart_clip(struct chart_view *v, const struct series *s, struct error *e)
{
	double span_s;

	v->first = 0;
	while (v->first < s->nr_ticks && series_tick(s, v->first).t_s < v->from_s)
		v->first++;
	v->end = v->first;
	while (v->end < s->nr_ticks && series_tick(s, v->end).t_s <= v->to_s)
		v->end++;
	if (v->end - v->first < 2)
		return fail(e, ENODATA,
		            "run %lld has %zu tick%s in this part: two are the least to draw",
		            (long long)s->run.run, v->end - v->first, plural(v->end - v->first));
	v->from_s = series_tick(s, v->first).t_s;
	v->to_s = series_tick(s, v->end - 1).t_s;
	span_s = v->to_s - v->from_s;
	v->unit_s = span_s <= 300 ? 1 : span_s <= 10800 ? 60 : 3600;
	v->unit = span_s <= 300 ? "s" : span_s <= 10800 ? "min" : "h";
	return 0;
}

/*
 * A block being written: where the last point was, so that a line can be broken and begun anew. Of points with the same
 * value the first and the last are written: they are one stroke, and dashes of many short ones are lost in PNG.
 */
struct pen {
	FILE *gp;
	double unit_s;
	bool down;
	bool levels; /* a value is of its moment, not of the time before it */
	bool held;   /* the last point is not written yet */
	double t_s, value;
};

static void pen_point(const struct pen *p, double t_s)
{
	fprintf(p->gp, "%.6g %.5g\n", t_s / p->unit_s, p->value);
}

static void pen_to(struct pen *p, double from_s, double t_s, double value)
{
	bool stays = p->down && value == p->value;

	/* what holds until the next point needs no point before it */
	if (p->held && !stays && !p->levels)
		pen_point(p, p->t_s);
	p->held = stays;
	p->t_s = t_s;
	p->value = value;
	if (!p->down && !p->levels)
		pen_point(p, from_s);
	if (!stays)
		pen_point(p, t_s);
	p->down = true;
}

static void pen_up(struct pen *p)
{
	if (p->held)
		pen_point(p, p->t_s);
	if (p->down)
		fputc('\n', p->gp);
	p->down = p->held = false;
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
	i = least < most ? least : most;
	pen_to(p, series_tick(s, i ? i - 1 : 0).t_s, series_tick(s, i).t_s,
	       i == least ? low : high);
	if (least == most)
		return known;
	i = least < most ? most : least;
	pen_to(p, series_tick(s, i - 1).t_s, series_tick(s, i).t_s, i == least ? low : high);
	return known;
}

static size_t put_block(const struct series *s, const struct chart_view *v, const char *block,
                        chart_value value, size_t which, struct pen p)
{
	size_t points = v->terminal || v->width > CHART_POINTS ? CHART_POINTS : v->width;
	size_t nr = v->end - v->first, bucket = 1, known = 0, i, end;

	if (nr > points)
		bucket = (2 * nr + points - 1) / points;
	fprintf(p.gp, "$%s%zu << " CHART_END "\n", block, which);
	/* the first tick's rate belongs to the time before the view */
	for (i = v->first + !p.levels; i < v->end; i = end) {
		end = i + bucket < v->end ? i + bucket : v->end;
		known += put_bucket(&p, s, i, end, value, which);
	}
	if (p.held)
		pen_point(&p, p.t_s);
	fputs(CHART_END "\n", p.gp);
	return known;
}

size_t chart_steps(const struct series *s, const struct chart_view *v, const char *block,
                   chart_value value, size_t which, FILE *gp)
{
	return put_block(s, v, block, value, which, (struct pen){.gp = gp, .unit_s = v->unit_s});
}

size_t chart_levels(const struct series *s, const struct chart_view *v, const char *block,
                    chart_value value, size_t which, FILE *gp)
{
	return put_block(s, v, block, value, which,
	                 (struct pen){.gp = gp, .unit_s = v->unit_s, .levels = true});
}

void chart_range(const struct series *s, const struct chart_view *v, chart_value value,
                 size_t which, double *least, double *most)
{
	size_t i;

	*least = *most = NAN;
	for (i = v->first; i < v->end; i++) {
		*least = fmin(*least, value(s, i, which));
		*most = fmax(*most, value(s, i, which));
	}
}

void chart_time_axis(const struct chart_view *v, bool label, FILE *gp)
{
	/* Beginning less than half a pixel after zero it would have no tic there. */
	double from_s = v->from_s < (v->to_s - v->from_s) / v->width / 2 ? 0 : v->from_s;

	fprintf(gp, "set xrange [%.6g:%.6g]\n", from_s / v->unit_s, v->to_s / v->unit_s);
	/* In a picture gnuplot would put the label half below the edge. */
	if (label)
		fprintf(gp, "set format x '%%g'\nset xlabel 'time since the first sample (%s)'%s\n",
		        v->unit, v->terminal ? "" : " offset 0,0.7");
	else
		fputs("set format x ''\nset xlabel ''\n", gp);
}

void chart_time_tics(const struct chart_view *v, double pixels, FILE *gp)
{
	static const double steps[] = {1, 2, 5, 10};
	double least = (v->to_s - v->from_s) / v->unit_s * 4 * chart_em(v) / pixels;
	double ten = pow(10, floor(log10(least)));
	size_t i = 0;

	while (steps[i] * ten < least * (1 - 1e-9) && i < 3)
		i++;
	fprintf(gp, "set xtics %.6g\n", steps[i] * ten);
}

const char *chart_percent(const struct chart_view *v)
{
	return v->tex ? "\\%" : "%";
}

char *chart_name(const struct chart_view *v, const char *name, size_t longest,
                 char text[CHART_NAME])
{
	char plain[CHART_NAME / 2];

	escape_gnuplot(name, plain, sizeof(plain), longest);
	if (v->tex)
		return escape_tex(plain, text, CHART_NAME);
	memcpy(text, plain, sizeof(plain));
	return text;
}

bool chart_is_dense(const struct chart_view *v)
{
	return v->end - v->first > v->width / 2;
}

double chart_line_width(const struct chart_view *v, double width)
{
	return chart_is_dense(v) ? width * 0.45 : width;
}

static int by_place(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

static int by_most(const void *a, const void *b, void *with)
{
	const double *of = with;
	double x = of[*(const size_t *)a], y = of[*(const size_t *)b];

	if (isnan(x) || isnan(y))
		return isnan(x) - isnan(y);
	return x == y ? by_place(a, b) : (x < y) - (x > y);
}

size_t chart_choose(const double *of, size_t nr, size_t most, size_t *order)
{
	size_t chosen = 0, i;

	for (i = 0; i < nr; i++) {
		order[i] = i;
		chosen += !isnan(of[i]);
	}
	qsort_r(order, nr, sizeof(*order), by_most, (void *)of);
	chosen = chosen < most ? chosen : most;
	qsort(order, chosen, sizeof(*order), by_place);
	return chosen;
}

double chart_em(const struct chart_view *v)
{
	return v->width < 450 ? 10 : 14;
}

/*
 * Characters of a column of a key besides its title: the sample of a line, and what gnuplot leaves around both, which is
 * one too many, as it takes all characters for as wide as this share of their height; for LaTeX it knows those of 10
 * points alone.
 */
#define KEY_AROUND 4.5
#define KEY_WIDE   0.6
#define KEY_TEX    7.0  /* pixels */
#define KEY_LINE   1.35 /* of a character's height */
#define KEY_MOST   0.3  /* of the picture's */

size_t chart_key(const struct chart_view *v, size_t entries, size_t longest, FILE *gp)
{
	double column = ((double)longest + KEY_AROUND) *
	                (v->tex ? KEY_TEX : KEY_WIDE * chart_em(v));
	size_t columns = v->width > column ? (size_t)(v->width / column) : 1;
	size_t lines = (entries + columns - 1) / columns;
	/* some air between the columns, where there is room for it: text may be wider than it is reckoned */
	bool roomy = lines && column * 1.6 * (double)((entries + lines - 1) / lines) < v->width;

	/* a key that left no room for the plot would not have the lines that it needs either */
	if (KEY_LINE * chart_em(v) * (double)lines > KEY_MOST * v->height)
		lines = 0;
	/*
	 * In columns, as even as they can be: 5 and 5, not 8 and 2. Were it in lines, gnuplot would make more of them where
	 * the plot below is narrower than the picture.
	 */
	if (lines)
		fprintf(gp,
		        "set key at screen 0.5, screen 0.995 center top vertical maxrows %zu "
		        "samplen 2.4 width %d height 0\n",
		        lines, roomy ? 2 : 0);
	else
		fputs("unset key\n", gp);
	return lines;
}

void chart_frame(const struct chart_view *v, size_t entries, size_t longest, const char *note,
                 unsigned right, FILE *gp)
{
	double em = chart_em(v) / v->height, top = 1 - 0.6 * em;

	top -= KEY_LINE * em * (double)(chart_key(v, entries, longest, gp) + (*note != '\0'));

	fprintf(gp,
	        "set border 3 lc rgb 0x404040\nset tics nomirror out scale 0.5\n"
	        "set grid ytics lt 1 lw 0.5 lc rgb 0xdddddd\n"
	        "set lmargin 9\nset rmargin %u\nset tmargin at screen %.4f\n",
	        right, top);
	if (*note)
		fprintf(gp, "set label 9 '%s' at screen 0.5, screen %.4f center\n", note,
		        top + 0.7 * em);
}

void chart_bottom(const struct chart_view *v, FILE *gp)
{
	fprintf(gp, "set bmargin at screen %.4f\n", 3.6 * chart_em(v) / v->height);
}

unsigned chart_columns(const struct chart_view *v)
{
	if (!v->terminal)
		return v->width / 3;
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
		if (series_tick(s, middle).t_s > t_s)
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

/* From left to right, each at its mark or, where that is not free, as far right of it as is needed. */
static void place_numbers(const struct chart_view *v, double em_s, struct chart_change *at,
                          size_t nr)
{
	double free_s = v->from_s + 0.3 * em_s, half_s;
	size_t i;

	for (i = 0; i < nr; i++) {
		half_s = 0.3 * em_s * snprintf(NULL, 0, "%u", at[i].nr);
		at[i].number_s = fmin(fmax(at[i].t_s, free_s + half_s), v->to_s - half_s);
		free_s = at[i].number_s + half_s + 0.4 * em_s;
	}
}

int chart_changes(const struct series *s, const struct chart_view *v, struct chart_change **out,
                  size_t *nr)
{
	struct chart_change *found = calloc(s->nr_actions + 1, sizeof(*found));
	double em = v->terminal ? 1 : chart_em(v), t_s;
	/* beside the frame there are margins of 16 characters */
	double em_s = (v->to_s - v->from_s) * em / (v->width - (v->terminal ? 16 : 10) * em);
	size_t i, n = 0;

	if (!found)
		return -ENOMEM;
	for (i = 0; i < s->nr_actions; i++) {
		t_s = series_time_s(s, series_action(s, i)->mono_ns);
		if (!is_shown(s, series_action(s, i)) || t_s < v->from_s || t_s > v->to_s)
			continue;
		if (!n || t_s - found[n - 1].t_s > 2 * em_s)
			found[n++].t_s = t_s;
		found[n - 1].nr++;
	}
	place_numbers(v, em_s, found, n);
	*out = found;
	*nr = n;
	return 0;
}

char chart_letter(unsigned pcpu)
{
	return pcpu < 36 ? "0123456789abcdefghijklmnopqrstuvwxyz"[pcpu] : '+';
}
