/* chart_pcpu - how full each pCPU was, their mean, and below it how far they were apart */
#include <math.h>
#include <stdlib.h>

#include "analyze/balance.h"
#include "analyze/chart.h"

static double busy(const struct series *s, size_t tick, size_t pcpu)
{
	return column_at(&s->pcpus[pcpu].busy_pct, tick);
}

static double mean(const struct series *s, size_t tick, size_t unused)
{
	double sum = 0, value;
	size_t i, n = 0;

	for (i = 0; i < s->nr_pcpus; i++) {
		value = busy(s, tick, i);
		if (isnan(value))
			continue;
		sum += value;
		n++;
	}
	return n ? sum / (double)n : NAN;
}

static double deviation(const struct series *s, size_t tick, size_t unused)
{
	return balance_at(s, tick).sd_pp;
}

/* The step of the lower axis: two to five labels, whatever the largest deviation. */
static double deviation_tics(const struct series *s, const struct chart_view *v)
{
	double most = 0;
	size_t t;

	for (t = v->first + 1; t < v->end; t++)
		most = fmax(most, deviation(s, t, 0));
	return most <= 10 ? 5 : most <= 25 ? 10 : 20;
}

static int put_data(const struct series *s, const struct chart_view *v, size_t *nr_changes,
                    FILE *gp, struct error *e)
{
	struct chart_change *changes = NULL;
	size_t i, known = 0, nr = 0;

	for (i = 0; i < s->nr_pcpus; i++)
		known += chart_steps(s, v, "pcpu", busy, i, gp);
	if (!known)
		return fail(e, ENODATA, "run %lld tells nothing of any pCPU there",
		            (long long)s->run.run);
	chart_steps(s, v, "mean", mean, 0, gp);
	chart_steps(s, v, "sd", deviation, 0, gp);
	if (chart_changes(s, v, &changes, &nr) < 0)
		return fail(e, ENOMEM, "no memory for a chart");
	fputs("$changes << " CHART_END "\n", gp);
	for (i = 0; i < nr; i++)
		fprintf(gp, "%.6g %u\n", changes[i].t_s / v->unit_s, changes[i].nr);
	fputs(CHART_END "\n", gp);
	free(changes);
	*nr_changes = nr;
	return 0;
}

/* Up to CHART_COLOURS pCPUs each have a colour and a dash; more are a bundle of thin lines under their mean. */
static void plot_pcpus(const struct series *s, FILE *gp)
{
	bool bundle = s->nr_pcpus > CHART_COLOURS;
	size_t i;

	fputs("plot ", gp);
	for (i = 0; i < s->nr_pcpus; i++) {
		fprintf(gp, "$pcpu%zu using 1:2 with fsteps ", i);
		if (bundle && i == 0)
			fprintf(gp, "lw 0.7 lc rgb '#9dbbd3' title '%zu pCPUs', ", s->nr_pcpus);
		else if (bundle)
			fputs("lw 0.7 lc rgb '#9dbbd3' notitle, ", gp);
		else
			fprintf(gp, "lw 2 lc rgb '#%06x' dt %s title 'pCPU %u', ", chart_colour[i],
			        chart_dash[i], s->pcpus[i].pcpu);
	}
	fputs("$mean0 using 1:2 with fsteps lw 1 lc rgb 'black' title 'mean'", gp);
}

static void draw_picture(const struct series *s, const struct chart_view *v, size_t nr_changes,
                         FILE *gp)
{
	fprintf(gp, "set multiplot\nset lmargin at screen %g\nset rmargin at screen 0.97\n",
	        v->width < 500 ? 0.15 : 0.11);
	fputs("set border 3 lw 0.8\nset tics nomirror out scale 0.6\n"
	      "set grid ytics lc rgb '#dddddd' lw 0.6 dt 1\n"
	      "set key at screen 0.54,0.985 center top horizontal Left reverse samplen 2.4 maxrows "
	      "2\n"
	      "set tmargin at screen 0.89\nset bmargin at screen 0.43\n"
	      "set yrange [0:112]\nset ytics 0,20,100\nset ylabel 'utilisation (%)' offset 0.6,0\n",
	      gp);
	chart_time_axis(v, false, gp);
	plot_pcpus(s, gp);
	if (nr_changes)
		fputs(", $changes using 1:(106) with points pt 11 ps 0.9 lc rgb '#aa0000' "
		      "title 'pins changed', $changes using 1:(106):2 with labels left "
		      "offset char 0.7,0 textcolor rgb '#aa0000' notitle",
		      gp);
	fprintf(gp,
	        "\nset tmargin at screen 0.37\nset bmargin at screen 0.16\n"
	        "set yrange [0:10<*]\nset ytics 0,%g\nset ylabel 'SD (points)' offset 0.6,0\n"
	        "set label 1 'limit %g' at graph 1, first %g right offset char -0.3,0.6 textcolor "
	        "rgb '#aa0000'\n"
	        "set nokey\n",
	        deviation_tics(s, v), v->limit_pp, v->limit_pp);
	chart_time_axis(v, true, gp);
	fprintf(gp,
	        "plot $sd0 using 1:2 with fsteps lw 1.6 lc rgb 'black' notitle, "
	        "%g with lines lw 1.2 lc rgb '#aa0000' dt (8,4) notitle\nunset multiplot\n",
	        v->limit_pp);
}

/* With characters: one panel, a letter for each pCPU's line. The SD is the report's matter. */
static void draw_terminal(const struct series *s, const struct chart_view *v, size_t nr_changes,
                          FILE *gp)
{
	size_t i, most = s->nr_pcpus < CHART_COLOURS ? s->nr_pcpus : CHART_COLOURS;

	fputs("set key top outside horizontal center\nset border 3\nset tics nomirror\n"
	      "set yrange [0:110]\nset ytics 0,20,100\nset ylabel ''\n"
	      "set title 'utilisation of each pCPU (%)'\n",
	      gp);
	chart_time_axis(v, true, gp);
	fputs("plot ", gp);
	for (i = 0; i < most; i++)
		fprintf(gp, "%s$pcpu%zu using 1:2 with points pt '%c' lc %zu title 'pCPU %u'",
		        i ? ", " : "", i, chart_letter(s->pcpus[i].pcpu), i + 1, s->pcpus[i].pcpu);
	if (nr_changes)
		fputs(", $changes using 1:(106) with points pt 'v' title 'pins changed'", gp);
	fputc('\n', gp);
}

int chart_draw_pcpu(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	size_t nr_changes = 0;
	int r = put_data(s, v, &nr_changes, gp, e);

	if (r < 0)
		return r;
	if (v->terminal)
		draw_terminal(s, v, nr_changes, gp);
	else
		draw_picture(s, v, nr_changes, gp);
	return 0;
}
