/* chart_steal - draws which share of its CPU demand each guest spent waiting for a pCPU */
#include <math.h>
#include <stdlib.h>

#include "analyze/chart_curves.h"
#include "analyze/steal.h"

#define NAME_LONG 14
#define LEAST_END 10.0 /* %: less steal than this does not fill the picture */

/* Each guest's mean over the view; NAN where it is never known. */
static void find_means(const struct series *s, const struct chart_view *v, double *mean)
{
	size_t guest, i, known;
	double at;

	for (guest = 0; guest < s->nr_guests; guest++) {
		mean[guest] = 0;
		for (known = 0, i = v->first + 1; i < v->end; i++) {
			at = steal_at(s, i, guest);
			known += !isnan(at);
			mean[guest] += isnan(at) ? 0 : at;
		}
		known *= !s->guests[guest].left_out;
		mean[guest] = known ? mean[guest] / (double)known : (double)NAN;
	}
}

int chart_draw_steal(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	char label[64], title[64] = "";
	struct curve lines[CHART_COLOURS] = {0};
	struct curves c = {label, title, lines, 0, 1, LEAST_END};
	double *mean = calloc(s->nr_guests + 1, sizeof(*mean));
	size_t *order = calloc(s->nr_guests + 1, sizeof(*order)), i;

	if (!mean || !order) {
		free(mean);
		free(order);
		return fail(e, ENOMEM, "out of memory");
	}
	snprintf(label, sizeof(label), "steal (%s of demand)", chart_percent(v));
	find_means(s, v, mean);
	c.nr = chart_choose(mean, s->nr_guests, CHART_COLOURS, order);
	for (i = 0; i < c.nr; i++) {
		lines[i] = (struct curve){steal_at, order[i], "", (unsigned)i, NULL, 1.4, false};
		chart_name(v, s->guests[order[i]].name, NAME_LONG, lines[i].title);
	}
	if (s->nr_guests > CHART_COLOURS)
		snprintf(title, sizeof(title), "the %zu of %zu guests with most of it", c.nr,
		         s->nr_guests);
	free(mean);
	free(order);
	return curves_draw(&c, "of any guest how long it waited for a pCPU", s, v, gp, e);
}
