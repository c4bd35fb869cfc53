/* chart_placement - on which pCPU each vCPU was, shaded by its load */
#include <math.h>
#include <stdlib.h>

#include "analyze/chart.h"
#include "analyze/escape.h"

/* Columns of time at most: more would be narrower than a line. */
#define COLUMNS 500

/* Steps of shade between an idle vCPU and the busiest: bars of one shade are drawn as one. */
#define SHADES 8

/* Names on the axis are legible for so many vCPUs, and so long. */
#define NAMED_MOST   48
#define NAME_LONGEST 18

/* A bar: a vCPU on one pCPU, at one shade, for some time. pcpu -1: not known, nothing is drawn. */
struct bar {
	double from_s, to_s;
	int pcpu;
	bool floats;
	int shade;
};

/* Which of the run's pCPUs, in order, has this number. -1: none. */
static int index_of(const struct series *s, double number)
{
	size_t i;

	for (i = 0; i < s->nr_pcpus; i++)
		if ((double)s->pcpus[i].pcpu == number)
			return (int)i;
	return -1;
}

static double busiest(const struct series *s, const struct chart_view *v)
{
	double most = 0;
	size_t i, t;

	for (i = 0; i < s->nr_vcpus; i++)
		for (t = v->first; t < v->end; t++)
			most = fmax(most, column_at(&s->vcpus[i].run_pct,
			                            t)); /* fmax() passes NAN over */
	return most;
}

/* What a vCPU did in ticks [first, end): the pCPU of the last of them, the mean of their loads. */
static struct bar bar_of(const struct series *s, const struct series_vcpu *vcpu, size_t first,
                         size_t end, double most_pct)
{
	struct bar b = {s->ticks[first - 1].t_s, s->ticks[end - 1].t_s, -1, false, 0};
	double pinned = column_at(&vcpu->pinned, end - 1),
	       ran_on = column_at(&vcpu->ran_on, end - 1);
	double run, sum = 0;
	size_t t, n = 0;

	b.floats = pinned < 0;
	if (!isnan(pinned))
		b.pcpu = index_of(s, b.floats ? ran_on : pinned);
	for (t = first; t < end; t++) {
		run = column_at(&vcpu->run_pct, t);
		if (isnan(run))
			continue;
		sum += run;
		n++;
	}
	if (n && most_pct > 0)
		b.shade = (int)lround(sum / (double)n / most_pct * SHADES);
	return b;
}

/* A pCPU's colour on white paper, from a quarter of its strength to the whole of it. */
static unsigned shaded(int pcpu, int shade)
{
	unsigned colour = chart_colour[pcpu % CHART_COLOURS], mixed = 0, i;
	double strength = 0.25 + 0.75 * shade / SHADES;

	for (i = 0; i < 24; i += 8)
		mixed |= (unsigned)lround(255 - strength * (255 - (colour >> i & 255))) << i;
	return mixed;
}

/* A floating vCPU's bar is thin. */
static void put_bar(const struct chart_view *v, const struct bar *b, size_t row, FILE *gp)
{
	double half = b->floats ? 0.16 : 0.4;

	if (b->pcpu >= 0)
		fprintf(gp, "%.6g %zu %.6g %.6g %.4g %.4g %u\n",
		        (b->from_s + b->to_s) / 2 / v->unit_s, row, b->from_s / v->unit_s,
		        b->to_s / v->unit_s, (double)row - half, (double)row + half,
		        shaded(b->pcpu, b->shade));
}

static size_t put_bars(const struct series *s, const struct chart_view *v, FILE *gp)
{
	size_t step = (v->end - v->first + COLUMNS - 1) / COLUMNS, i, t, end, drawn = 0;
	double most_pct = busiest(s, v);

	fputs("$bars << " CHART_END "\n", gp);
	for (i = 0; i < s->nr_vcpus; i++) {
		struct bar last = {.pcpu = -1}, now;

		for (t = v->first + 1; t < v->end; t = end) {
			end = t + step < v->end ? t + step : v->end;
			now = bar_of(s, &s->vcpus[i], t, end, most_pct);
			drawn += now.pcpu >= 0;
			if (now.pcpu == last.pcpu && now.shade == last.shade &&
			    now.floats == last.floats) {
				last.to_s = now.to_s;
				continue;
			}
			put_bar(v, &last, i, gp);
			last = now;
		}
		put_bar(v, &last, i, gp);
	}
	fputs(CHART_END "\n", gp);
	return drawn;
}

/* The pCPU's letter where a vCPU begins there: it tells apart what colours do not, in grey and beyond eight. */
static void put_letters(const struct series *s, const struct chart_view *v, FILE *gp)
{
	size_t step = (v->end - v->first + COLUMNS - 1) / COLUMNS, i, t;
	size_t columns = v->terminal ? v->width / 2 : 0, every;

	every = columns ? (v->end - v->first + columns - 1) / columns : 0;
	fputs("$letters << " CHART_END "\n0 -9 ?\n", gp);
	for (i = 0; i < s->nr_vcpus; i++) {
		int last = -1;

		for (t = v->first + step; t < v->end; t += v->terminal ? every : step) {
			struct bar b = bar_of(s, &s->vcpus[i], t, t + 1, 0);

			if (b.pcpu >= 0 && (v->terminal || (b.pcpu != last && !b.floats)))
				fprintf(gp, "%.6g %zu %c\n",
				        (v->terminal ? s->ticks[t].t_s : s->ticks[t - 1].t_s) /
				                v->unit_s,
				        i, chart_letter(s->pcpus[b.pcpu].pcpu));
			last = b.floats ? -1 : b.pcpu;
		}
	}
	fputs(CHART_END "\n", gp);
}

static void name_rows(const struct series *s, FILE *gp)
{
	char name[SUBJECT_TEXT], plain[SUBJECT_TEXT];
	size_t i;

	fprintf(gp, "set yrange [%zu.5:-0.5]\n", s->nr_vcpus - 1);
	if (s->nr_vcpus > NAMED_MOST) {
		fprintf(gp, "set ylabel '%zu vCPUs'\nunset ytics\n", s->nr_vcpus);
		return;
	}
	fputs("set ytics scale 0 (", gp);
	for (i = 0; i < s->nr_vcpus; i++)
		fprintf(gp, "%s'%s' %zu", i ? ", " : "",
		        escape_gnuplot(series_vcpu_name(s, i, name), plain, sizeof(plain),
		                       NAME_LONGEST),
		        i);
	fputs(")\n", gp);
}

static void draw_picture(const struct series *s, const struct chart_view *v, FILE *gp)
{
	size_t i, shown = s->nr_pcpus < CHART_COLOURS ? s->nr_pcpus : CHART_COLOURS;

	fputs("set border 3 lw 0.8\nset tics nomirror out scale 0.6\nset rmargin at screen 0.97\n"
	      "set tmargin at screen 0.88\n"
	      "set key at screen 0.54,0.985 center top horizontal Left reverse samplen 1.2 maxrows "
	      "2\n"
	      "set label 1 'pale: less load; thin: floating' at screen 0.97,0.91 right\n"
	      "set style fill solid noborder\nplot ",
	      gp);
	for (i = 0; i < shown; i++)
		fprintf(gp, "NaN with boxes lc rgb '#%06x' title 'pCPU %u%s', ", chart_colour[i],
		        s->pcpus[i].pcpu, i + 1 == shown && shown < s->nr_pcpus ? " ..." : "");
	fputs("$bars using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable notitle", gp);
	if (s->nr_vcpus <= NAMED_MOST && v->width >= 500)
		fputs(", $letters using 1:2:3 with labels left offset char 0.4,0 notitle", gp);
	fputc('\n', gp);
}

int chart_draw_placement(const struct series *s, const struct chart_view *v, FILE *gp,
                         struct error *e)
{
	if (!put_bars(s, v, gp))
		return fail(e, ENODATA, "run %lld has no vCPU there", (long long)s->run.run);
	put_letters(s, v, gp);
	chart_time_axis(v, true, gp);
	name_rows(s, gp);
	if (v->terminal)
		fputs("set title 'the pCPU of each vCPU'\nset border 3\nset tics nomirror\nunset "
		      "key\n"
		      "plot $letters using 1:2:3 with labels notitle\n",
		      gp);
	else
		draw_picture(s, v, gp);
	return 0;
}
