/* html_charts - the charts of a run, inside the page */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/chart_picture.h"
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/settings.h"

/* What a chart needs is drawn at this size; on paper and on narrow screens it is scaled. */
static const struct chart_view page_view = {.width = 960, .height = 520, .to_s = INFINITY};

static void put_chart(const struct chart *c, const char *picture, size_t length, FILE *out)
{
	html(out,
	     "<figure><div class=\"card\"><img alt=\"Chart %s: %s\" width=\"%u\" height=\"%u\" "
	     "src=\"data:image/svg+xml,",
	     c->name, c->help, page_view.width, page_view.height);
	html_data(out, picture, length);
	html(out, "\"></div><figcaption>%c%s.</figcaption></figure>\n", toupper(c->help[0]),
	     c->help + 1);
}

/* The n-th chart of the page: from the one that shows what the run is about round the table. */
static const struct chart *nth_chart(const struct series *s, size_t n)
{
	return &charts[((size_t)(chart_default(s) - charts) + n) % nr_charts];
}

void html_charts(const struct report *r, FILE *out)
{
	struct chart_view v;
	struct series s;
	const struct chart *chart;
	char *picture;
	struct error e;
	size_t length, i, drawn = 0;
	int got = 0;

	html(out, "<section>\n<h2>Charts</h2>\n");
	for (i = 0; got == 0 && i < nr_charts; i++) {
		chart = nth_chart(r->chosen.series, i);
		s = joined_chart(r->in.joined, chart);
		v = page_view;
		v.limit_pp = settings_balance_pp(&s.run);
		got = chart_clip(&v, &s, &e);
		if (got == 0)
			got = picture_draw(chart, &s, &v, ".svg", &picture, &length, &e);
		if (got == 0) {
			put_chart(chart, picture, length, out);
			free(picture);
			drawn++;
		} else if (got != -ENOENT) {
			/* one that fails does not keep the others away; without gnuplot there are none */
			if (got != -ENODATA)
				html(out, "<p class=\"callout info\">No chart %s: %s.</p>\n",
				     chart->name, e.text);
			got = 0;
		}
	}
	if (!drawn)
		html(out, "<p class=\"callout info\">No charts: %s.</p>\n", e.text);
	html(out, "</section>\n");
}
