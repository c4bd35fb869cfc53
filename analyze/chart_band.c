/* chart_band - many ticks as few steps of a line, with the least and the greatest of what they hide */
#include "analyze/chart_band.h"

#include <math.h>

size_t band_ticks(const struct chart_view *v, unsigned pixels)
{
	if (!chart_is_dense(v))
		return 1;
	return ((v->end - v->first) * pixels + v->width - 1) / v->width;
}

static void put_value(const struct band *b, double value, FILE *gp)
{
	fprintf(gp, " %.*g", b->digits, b->foot + value * b->scale);
}

static void put_row(const struct chart_view *v, const struct band *b, double t_s, double least,
                    double middle, double most, FILE *gp)
{
	fprintf(gp, "%.6g", t_s / v->unit_s);
	if (b->least)
		put_value(b, least, gp);
	put_value(b, middle, gp);
	if (b->most)
		put_value(b, most, gp);
	fputc('\n', gp);
}

/* One step, from `first` on. Returns where it ends: after so many ticks, or before the first unknown one. */
static size_t put_step(const struct series *s, const struct chart_view *v, const struct band *b,
                       size_t which, size_t first, size_t ticks, FILE *gp)
{
	double least = INFINITY, most = -INFINITY, sum = 0, from_s = series_tick(s, first - 1).t_s,
	       value;
	double to_s = from_s;
	int row;
	size_t i;

	for (i = first; i < v->end && i - first < ticks; i++) {
		value = b->middle(s, i, which);
		if (isnan(value))
			break;
		sum += value * (series_tick(s, i).t_s - to_s);
		if (b->least)
			least = fmin(least, b->least(s, i, which));
		if (b->most)
			most = fmax(most, b->most(s, i, which));
		to_s = series_tick(s, i).t_s;
	}
	for (row = 0; i > first && row < 2; row++)
		put_row(v, b, row ? to_s : from_s, least, sum / (to_s - from_s), most, gp);
	return i;
}

size_t band_put(const struct series *s, const struct chart_view *v, const char *block,
                const struct band *b, size_t which, unsigned pixels, FILE *gp)
{
	size_t ticks = band_ticks(v, pixels), known = 0, i, end;
	bool down = false;
	double t_s = 0;

	fprintf(gp, "$%s%zu << " CHART_END "\n", block, which);
	/* the first tick's rate belongs to the time before the view */
	for (i = v->first + 1; i < v->end; i = end) {
		t_s = series_tick(s, i - 1).t_s;
		if (!down && b->feet && !isnan(b->middle(s, i, which)))
			put_row(v, b, t_s, 0, 0, 0, gp);
		end = put_step(s, v, b, which, i, ticks, gp);
		known += end - i;
		if (end == i && down && b->feet)
			put_row(v, b, t_s, 0, 0, 0, gp);
		if (end == i && down)
			fputc('\n', gp);
		down = end > i;
		end += end == i;
	}
	if (down && b->feet)
		put_row(v, b, series_tick(s, v->end - 1).t_s, 0, 0, 0, gp);
	fputs(CHART_END "\n", gp);
	return known;
}
