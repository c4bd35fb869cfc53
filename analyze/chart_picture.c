/* chart_picture - a chart as a picture: in a file, in memory, or on the terminal */
#include "analyze/chart_picture.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/gnuplot.h"
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

int picture_check(const char *path, struct error *e)
{
	if (!format_of(path))
		return fail(e, EINVAL, "%s: a picture's name ends in .svg, .png, .pdf or .tex",
		            path);
	return 0;
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

/* The whole script; *text is to be freed. */
static int write_script(const struct chart *c, const struct series *s, const struct chart_view *v,
                        const struct format *f, char **text, size_t *length, struct error *e)
{
	FILE *gp = open_memstream(text, length);
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
	return r;
}

static int keep(const char *path, const char *script, size_t length, struct error *e)
{
	char *name;
	int r;

	if (asprintf(&name, "%s.gp", path) < 0)
		return fail(e, ENOMEM, "out of memory");
	r = output_write(name, script, length, e);
	free(name);
	return r;
}

int picture_draw(const struct chart *c, const struct series *s, const struct chart_view *v,
                 const char *suffix, char **picture, size_t *length, struct error *e)
{
	char *script = NULL, said[GNUPLOT_SAID];
	size_t script_length = 0;
	int r;

	r = picture_check(suffix, e);
	if (r == 0)
		r = write_script(c, s, v, format_of(suffix), &script, &script_length, e);
	if (r == 0)
		r = gnuplot_run(script, script_length, &GNUPLOT_LIMITS, picture, length, said, e);
	free(script);
	return r;
}

int picture_save(const struct chart *c, const struct series *s, const struct chart_view *v,
                 const char *path, bool keep_script, struct error *e)
{
	char *script = NULL, *picture = NULL, said[GNUPLOT_SAID];
	size_t script_length = 0, length = 0;
	int r;

	r = picture_check(path, e);
	if (r == 0)
		r = write_script(c, s, v, format_of(path), &script, &script_length, e);
	if (r == 0 && keep_script)
		r = keep(path, script, script_length, e);
	if (r == 0)
		r = gnuplot_run(script, script_length, &GNUPLOT_LIMITS, &picture, &length, said, e);
	if (r == 0)
		r = output_write(path, picture, length, e);
	free(script);
	free(picture);
	return r;
}

int picture_show(const struct chart *c, const struct series *s, const struct chart_view *v,
                 FILE *out, struct error *e)
{
	char *script = NULL, *picture = NULL, said[GNUPLOT_SAID];
	size_t script_length = 0, length = 0;
	int r;

	r = write_script(c, s, v, NULL, &script, &script_length, e);
	if (r == 0)
		r = gnuplot_run(script, script_length, &GNUPLOT_LIMITS, &picture, &length, said, e);
	if (r == 0) {
		fwrite(picture, 1, length, out);
		if (fflush(out) || ferror(out))
			r = fail(e, errno, "standard output: %s", strerror(errno));
	}
	free(script);
	free(picture);
	return r;
}
