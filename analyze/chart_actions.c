/* chart_actions - draws how many changes a run had made so far, by their kind */
#include <math.h>
#include <string.h>

#include "analyze/chart_terminal.h"
#include "analyze/moves.h"

static bool is_pin(const struct trace_action_row *row)
{
	return metric_is_change(row);
}

static bool is_give(const struct trace_action_row *row)
{
	return moves_is_order(row) && row->action.to_kib > row->action.from_kib;
}

static bool is_take(const struct trace_action_row *row)
{
	return moves_is_order(row) && row->action.to_kib < row->action.from_kib;
}

static bool is_planned(const struct trace_action_row *row)
{
	return row->action.result == RESULT_DRY_RUN;
}

static bool is_failure(const struct trace_action_row *row)
{
	return row->action.result == RESULT_REFUSED || row->action.result == RESULT_FAILED ||
	       row->action.result == RESULT_GONE;
}

static const struct kind {
	const char *title;
	bool (*is)(const struct trace_action_row *row);
	unsigned colour;
	const char *dash;
} kinds[] = {
        {"pins changed", is_pin, 0x0072b2, "1"},     {"memory given", is_give, 0x009e73, "1"},
        {"memory taken", is_take, 0xd55e00, "'--'"}, {"only planned", is_planned, 0x7f7f7f, "'-.'"},
        {"failed", is_failure, 0x000000, "'.'"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/*
 * A point for each change, as far apart as can be told apart in the picture: of those between the last counts, which
 * has all of them. Returns how many there are up to the end of the view.
 */
static size_t put_counts(const struct series *s, const struct chart_view *v, size_t kind, FILE *gp)
{
	double apart_s = (v->to_s - v->from_s) / CHART_POINTS, drawn_s = v->from_s, t_s;
	size_t nr = 0, before, i;

	for (before = i = 0; i < s->nr_actions; i++)
		before += kinds[kind].is(series_action(s, i)) &&
		          series_time_s(s, series_action(s, i)->mono_ns) < v->from_s;
	nr = before;
	fprintf(gp, "$counts%zu << " CHART_END "\n%.6g %zu\n", kind, v->from_s / v->unit_s, nr);
	for (i = 0; i < s->nr_actions; i++) {
		t_s = series_time_s(s, series_action(s, i)->mono_ns);
		if (!kinds[kind].is(series_action(s, i)) || t_s < v->from_s || t_s > v->to_s)
			continue;
		if (t_s - drawn_s > apart_s) {
			fprintf(gp, "%.6g %zu\n", drawn_s / v->unit_s, nr);
			fprintf(gp, "%.6g %zu\n", t_s / v->unit_s, nr + 1);
			drawn_s = t_s;
		}
		nr++;
	}
	fprintf(gp, "%.6g %zu\n", drawn_s / v->unit_s, nr);
	fprintf(gp, "%.6g %zu\n" CHART_END "\n", v->to_s / v->unit_s, nr);
	return nr;
}

/* How many there were up to the end of a column; a letter for each kind. */
static void put_letters(const struct series *s, const struct chart_view *v, const size_t *nr,
                        FILE *gp)
{
	size_t kind, so_far, next;
	unsigned c;

	fputs("$letters << " CHART_END "\n", gp);
	for (kind = 0; kind < KINDS; kind++)
		for (so_far = next = c = 0; nr[kind] && c < chart_columns(v); c++) {
			for (; next < s->nr_actions &&
			       series_time_s(s, series_action(s, next)->mono_ns) <=
			               chart_column_s(v, c + 1);
			     next++)
				so_far += kinds[kind].is(series_action(s, next));
			fprintf(gp, "%.6g %zu %c %u\n", chart_column_s(v, c) / v->unit_s, so_far,
			        (char)('a' + kind),
			        kinds[kind].colour ? kinds[kind].colour : TERMINAL_BLACK);
		}
	fputs(CHART_END "\n", gp);
}

static void put_axes(const struct chart_view *v, size_t most, FILE *gp)
{
	chart_time_axis(v, true, gp);
	fprintf(gp, "set yrange [0:%g]\n%s", 1.08 * (double)most,
	        most < 8 ? "set ytics 1\n" : "set ytics autofreq\n");
}

static void draw_terminal(const struct series *s, const struct chart_view *v, const size_t *nr,
                          size_t most, FILE *gp)
{
	char heading[160];
	size_t i;
	int at;

	at = snprintf(heading, sizeof(heading), "changes so far:");
	for (i = 0; i < KINDS; i++)
		if (nr[i])
			at += snprintf(heading + at, sizeof(heading) - (size_t)at, "%s %c = %s",
			               heading[at - 1] == ':' ? "" : ";", (char)('a' + i),
			               kinds[i].title);
	put_letters(s, v, nr, gp);
	terminal_frame(v, terminal_heading(v, 1, 0, heading, gp), 8, gp);
	put_axes(v, most, gp);
	terminal_plot(v, gp);
	fputs("\n", gp);
}

static void draw_picture(const struct chart_view *v, const size_t *nr, size_t known, size_t most,
                         FILE *gp)
{
	size_t i;

	chart_frame(v, known, strlen("pins changed"), "", 3, gp);
	chart_bottom(v, gp);
	fputs("set ylabel 'changes so far'\n", gp);
	put_axes(v, most, gp);
	fputs("plot ", gp);
	for (i = 0; i < KINDS; i++)
		if (nr[i])
			fprintf(gp,
			        "$counts%zu using 1:2 with steps lw 1.8 lc rgb 0x%06x dt %s title "
			        "'%s', ",
			        i, kinds[i].colour, kinds[i].dash, kinds[i].title);
	fputs("NaN notitle\n", gp);
}

int chart_draw_actions(const struct series *s, const struct chart_view *v, FILE *gp,
                       struct error *e)
{
	size_t nr[KINDS], most = 0, known = 0, i;

	for (i = 0; i < KINDS; i++) {
		nr[i] = put_counts(s, v, i, gp);
		most = nr[i] > most ? nr[i] : most;
		known += nr[i] > 0;
	}
	if (!known)
		return fail(e, ENODATA, "run %lld has made no changes by then",
		            (long long)s->run.run);
	if (v->terminal)
		draw_terminal(s, v, nr, most, gp);
	else
		draw_picture(v, nr, known, most, gp);
	return 0;
}
