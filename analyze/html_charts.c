/* html_charts - the charts of a run, inside the page */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/chart_picture.h"
#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/settings.h"

/*
 * Each chart is drawn twice, for screens and paper and for telephones, and report.css shows one of them: the letters of one that is
 * scaled to a third cannot be read. A telephone of 390 pixels shows the narrow one as it is.
 */
static const struct size {
	const char *name;
	unsigned width, height;
} sizes[] = {{"wide", 960, 520}, {"narrow", 340, 280}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

struct pictures {
	char *svg[SIZES];
	size_t length[SIZES];
};

static int draw(const struct chart *c, const struct series *s, struct chart_view *v,
                struct pictures *p, struct error *e)
{
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < SIZES; i++) {
		v->width = sizes[i].width;
		v->height = sizes[i].height;
		r = picture_draw(c, s, v, ".svg", &p->svg[i], &p->length[i], e);
	}
	return r;
}

static void put_chart(const struct chart *c, const struct pictures *p, FILE *out)
{
	size_t i;

	html(out, "<figure><div class=\"card\">");
	for (i = 0; i < SIZES; i++) {
		html(out,
		     "\n<img class=\"%s\" alt=\"Chart %s: %s\" width=\"%u\" height=\"%u\" "
		     "src=\"data:image/svg+xml,",
		     sizes[i].name, c->name, c->help, sizes[i].width, sizes[i].height);
		html_data(out, p->svg[i], p->length[i]);
		html(out, "\">");
	}
	html(out, "\n</div><figcaption>%c%s.</figcaption></figure>\n", toupper(c->help[0]),
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
	struct pictures p;
	struct error e;
	size_t i, n, drawn = 0;
	int got = 0;

	html(out, "<section>\n<h2>Charts</h2>\n");
	for (i = 0; got == 0 && i < nr_charts; i++) {
		chart = nth_chart(r->chosen.series, i);
		s = joined_chart(r->in.joined, chart);
		v = (struct chart_view){.to_s = INFINITY, .limit_pp = settings_balance_pp(&s.run)};
		p = (struct pictures){0};
		got = chart_clip(&v, &s, &e);
		if (got == 0)
			got = draw(chart, &s, &v, &p, &e);
		if (got == 0) {
			put_chart(chart, &p, out);
			drawn++;
		} else if (got != -ENOENT) {
			/* one that fails does not keep the others away; without gnuplot there are none */
			if (got != -ENODATA)
				html(out, "<p class=\"callout info\">No chart %s: %s.</p>\n",
				     chart->name, e.text);
			got = 0;
		}
		for (n = 0; n < SIZES; n++)
			free(p.svg[n]);
	}
	if (!drawn)
		html(out, "<p class=\"callout info\">No charts: %s.</p>\n", e.text);
	html(out, "</section>\n");
}
