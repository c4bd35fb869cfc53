/* chart_picture - a chart as a picture: in a file, in memory, or on the terminal */
#include "analyze/chart_picture.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/output.h"

enum units {
	PIXELS,
	INCHES
};

static const struct format {
	const char *suffix;
	const char *terminal;
	enum units units;
	double font_per_em; /* points of the font that make a character of one pixel's height */
	bool tex;
} formats[] = {
        {".svg", "svg noenhanced background 0xffffff dashlength 0.7", PIXELS, 0.85, false},
        {".png", "pngcairo noenhanced background 0xffffff dashlength 0.7", PIXELS, 0.7, false},
        {".pdf", "pdfcairo noenhanced background 0xffffff dashlength 0.7", INCHES, 0.65, false},
        /* a tikzpicture; the document needs \usepackage{gnuplot-lua-tikz} */
        {".tex", "tikz dashlength 0.7", INCHES, 0.65, true},
};

static const struct format *format_of(const char *path)
{
	const char *suffix = strrchr(path, '.');
	size_t i;

	for (i = 0; suffix && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(suffix, formats[i].suffix))
			return &formats[i];
	return NULL;
}

static int check_suffix(const char *path, struct error *e)
{
	if (!format_of(path))
		return fail(e, EINVAL, "%s: a picture's name ends in .svg, .png, .pdf or .tex",
		            path);
	return 0;
}

static int script_name(const char *path, char **name, struct error *e)
{
	return asprintf(name, "%s.gp", path) < 0 ? fail(e, ENOMEM, "out of memory") : 0;
}

int picture_check(const char *path, bool keep_script, const char *trace, struct error *e)
{
	char *name;
	int r = check_suffix(path, e);

	if (r == 0)
		r = output_check(path, trace, e);
	if (r < 0 || !keep_script)
		return r;
	r = script_name(path, &name, e);
	if (r == 0) {
		r = output_check(name, trace, e);
		free(name);
	}
	return r;
}

static void put_terminal(const struct format *f, const struct chart_view *v, FILE *gp)
{
	double unit = f->units == INCHES ? 96 : 1;

	const char *in = f->units == INCHES ? "in" : "";
	double points = f->font_per_em * chart_em(v);

	fprintf(gp, "set encoding utf8\nset terminal %s size %g%s,%g%s font ", f->terminal,
	        v->width / unit, in, v->height / unit, in);
	if (f->tex)
		fprintf(gp, "'\\fontsize{%.3g}{%.3g}\\selectfont'\n", points, 1.2 * points);
	else
		fprintf(gp, "'sans,%.3g'\n", points);
}

/* The whole script; d->script is to be freed. */
static int write_script(const struct chart *c, const struct series *s, const struct chart_view *v,
                        const struct format *f, struct drawing *d, struct error *e)
{
	FILE *gp = open_memstream(&d->script, &d->script_length);
	struct chart_view view = *v;
	int r;

	if (!gp)
		return fail(e, ENOMEM, "out of memory");
	view.tex = f && f->tex;
	if (f)
		put_terminal(f, v, gp);
	else
		fprintf(gp, "set terminal dumb noenhanced size %u,%u%s\n", v->width, v->height,
		        v->colour ? " ansi256" : " mono");
	r = c->draw(s, &view, gp, e);
	if (fclose(gp) && r == 0)
		r = fail(e, ENOMEM, "out of memory");
	return r == 0 ? spool_check(e) : r;
}

static int keep(const char *path, const struct drawing *d, struct error *e)
{
	char *name;
	int r = script_name(path, &name, e);

	if (r < 0)
		return r;
	r = output_write(name, d->script, d->script_length, e);
	free(name);
	return r;
}

static int draw(struct drawing *d, struct error *e)
{
	size_t drawn;

	return gnuplot_run(d, 1, &GNUPLOT_LIMITS, &drawn, e);
}

int picture_script(const struct chart *c, const struct series *s, const struct chart_view *v,
                   const char *suffix, struct drawing *d, struct error *e)
{
	int r = check_suffix(suffix, e);

	return r < 0 ? r : write_script(c, s, v, format_of(suffix), d, e);
}

int picture_save(const struct chart *c, const struct series *s, const struct chart_view *v,
                 const char *path, bool keep_script, struct error *e)
{
	struct drawing d = {0};
	int r = picture_script(c, s, v, path, &d, e);

	if (r == 0 && keep_script)
		r = keep(path, &d, e);
	if (r == 0)
		r = draw(&d, e);
	if (r == 0)
		r = output_write(path, d.picture, d.length, e);
	free(d.script);
	free(d.picture);
	return r;
}

int picture_show(const struct chart *c, const struct series *s, const struct chart_view *v,
                 FILE *out, struct error *e)
{
	struct drawing d = {0};
	int r = write_script(c, s, v, NULL, &d, e);

	if (r == 0)
		r = draw(&d, e);
	if (r == 0) {
		fwrite(d.picture, 1, d.length, out);
		if (fflush(out) || ferror(out))
			r = fail(e, errno, "standard output: %s", strerror(errno));
	}
	free(d.script);
	free(d.picture);
	return r;
}
