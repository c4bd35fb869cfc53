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

/* The charts that there are data for; each has its pictures in `drawings`, SIZES of them. */
struct figures {
	size_t nr;
	struct figure {
		const struct chart *chart;
		struct error failed; /* code 0: drawn */
	} * figure;
	struct drawing *drawings;
};

static int figures_init(struct figures *f, struct error *e)
{
	*f = (struct figures){.figure = calloc(nr_charts, sizeof(*f->figure)),
	                      .drawings = calloc(nr_charts * SIZES, sizeof(*f->drawings))};
	return f->figure && f->drawings ? 0 : fail(e, ENOMEM, "out of memory");
}

static void figures_done(struct figures *f)
{
	size_t i;

	for (i = 0; f->drawings && i < nr_charts * SIZES; i++) {
		free(f->drawings[i].script);
		free(f->drawings[i].picture);
	}
	free(f->drawings);
	free(f->figure);
}

/* Write the scripts of a chart; where that went well it is a figure more. */
static int add(struct figures *f, const struct chart *c, const struct report *r, struct error *e)
{
	struct series s = joined_chart(r->in.joined, c);
	struct chart_view v = {.to_s = INFINITY, .limit_pp = settings_balance_pp(&s.run)};
	struct drawing *d = &f->drawings[f->nr * SIZES];
	int got = chart_clip(&v, &s, e);
	size_t i;

	for (i = 0; got == 0 && i < SIZES; i++) {
		v.width = sizes[i].width;
		v.height = sizes[i].height;
		got = picture_script(c, &s, &v, ".svg", &d[i], e);
	}
	if (got == 0)
		f->figure[f->nr++].chart = c;
	for (i = 0; got < 0 && i < SIZES; i++) {
		free(d[i].script);
		d[i] = (struct drawing){0};
	}
	return got;
}

/* Those from i on are not drawn, for this reason. */
static void give_up(struct figures *f, size_t i, const struct error *why)
{
	for (; i < f->nr; i++)
		f->figure[i].failed = *why;
}

static void forget(struct drawing *d)
{
	size_t i;

	for (i = 0; i < SIZES; i++) {
		free(d[i].picture);
		d[i].picture = NULL;
	}
}

/*
 * All by one gnuplot: it takes 10 ms of CPU to start, and 2 for a picture of ten minutes. Its limits are for all of them, so one at
 * which it ends is begun again by another gnuplot; one that fails as the first does not keep the others away, unless it
 * hangs, which the others would as well. Without gnuplot there are none.
 */
static void draw(struct figures *f, struct error *e)
{
	size_t i = 0, drawn;
	int r;

	while (i < f->nr) {
		r = gnuplot_run(&f->drawings[i * SIZES], (f->nr - i) * SIZES, &GNUPLOT_LIMITS,
		                &drawn, e);
		i += drawn / SIZES;
		if (r == 0)
			return;
		forget(&f->drawings[i * SIZES]);
		if (r == -ENOENT && !i)
			return;
		if (drawn < SIZES && (r == -ENOENT || r == -ETIMEDOUT)) {
			give_up(f, i, e);
			return;
		}
		if (drawn < SIZES)
			f->figure[i++].failed = *e;
	}
}

static void put_chart(const struct chart *c, const struct drawing *d, FILE *out)
{
	size_t i;

	html(out, "<figure><div class=\"card\">");
	for (i = 0; i < SIZES; i++) {
		html(out,
		     "\n<img class=\"%s\" alt=\"Chart %s: %s\" width=\"%u\" height=\"%u\" "
		     "src=\"data:image/svg+xml,",
		     sizes[i].name, c->name, c->help, sizes[i].width, sizes[i].height);
		html_data(out, d[i].picture, d[i].length);
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

static void put_missing(const struct chart *c, const struct error *why, FILE *out)
{
	html(out, "<p class=\"callout info\">No chart %s: %s.</p>\n", c->name, why->text);
}

/* Returns of how many something was said. */
static size_t put_figures(const struct figures *f, FILE *out)
{
	const struct drawing *d = f->drawings;
	size_t put = 0, i;

	for (i = 0; i < f->nr; i++, d += SIZES) {
		if (f->figure[i].failed.code) {
			put_missing(f->figure[i].chart, &f->figure[i].failed, out);
		} else if (d[SIZES - 1].picture) {
			put_chart(f->figure[i].chart, d, out);
		} else {
			continue;
		}
		put++;
	}
	return put;
}

void html_charts(const struct report *r, FILE *out)
{
	const struct chart *chart;
	struct figures f;
	struct error e;
	size_t i;
	int got;

	html(out, "<section>\n<h2>Charts</h2>\n");
	got = figures_init(&f, &e);
	for (i = 0; got == 0 && i < nr_charts; i++) {
		chart = nth_chart(r->chosen.series, i);
		if (add(&f, chart, r, &e) == -ENOMEM)
			put_missing(chart, &e, out);
	}
	draw(&f, &e);
	if (!put_figures(&f, out))
		html(out, "<p class=\"callout info\">No charts: %s.</p>\n", e.text);
	figures_done(&f);
	html(out, "</section>\n");
}
