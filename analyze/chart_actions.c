/* chart_actions - draws how many changes a run had made so far, by their kind */
#include <math.h>
#include <string.h>

#include "analyze/chart_curves.h"
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
		before += kinds[kind].is(&s->actions[i]) &&
		          series_time_s(s, s->actions[i].mono_ns) < v->from_s;
	nr = before;
	fprintf(gp, "$counts%zu << " CHART_END "\n%.6g %zu\n", kind, v->from_s / v->unit_s, nr);
	for (i = 0; i < s->nr_actions; i++) {
		t_s = series_time_s(s, s->actions[i].mono_ns);
		if (!kinds[kind].is(&s->actions[i]) || t_s < v->from_s || t_s > v->to_s)
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
	if (v->terminal) {
		fputs("set lmargin 8\nset rmargin 3\nset border 3\nset tics nomirror\n"
		      "set key top outside center horizontal\n"
		      "set label 1 'changes so far' at graph 0.02, screen 0.99 left\n",
		      gp);
	} else {
		chart_frame(v, known, strlen("pins changed"), "", 3, gp);
		chart_bottom(v, gp);
		fputs("set ylabel 'changes so far'\n", gp);
	}
	chart_time_axis(v, true, gp);
	fprintf(gp, "set yrange [0:%g]\n%s", 1.08 * (double)most,
	        most < 8 ? "set ytics 1\n" : "set ytics autofreq\n");
	for (known = i = 0; i < KINDS; i++) {
		if (!nr[i])
			continue;
		fprintf(gp, "%s$counts%zu using 1:2 with steps", known++ ? ", " : "plot ", i);
		if (!v->terminal)
			fprintf(gp, " lw 1.8 lc rgb 0x%06x dt %s", kinds[i].colour, kinds[i].dash);
		fprintf(gp, " title '%s'", kinds[i].title);
	}
	fputs("\n", gp);
	return 0;
}
