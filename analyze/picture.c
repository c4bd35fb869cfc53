/* picture - a chart as a file of a format, or in the terminal */
#include "analyze/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/gnuplot.h"
#include "common/cleanup.h"

/* The limit line of the standard deviation: the default of vmb-cpu --balance. */
#define LIMIT_PP 5.0

#define DEFAULT_WIDTH  800
#define DEFAULT_HEIGHT 480
#define SIZE_MOST      10000

/* `terminal` takes width and height in pixels (of pdf in inches at 96 pixels), and the size of the font. */
static const struct {
	const char *suffix;
	const char *terminal;
	double per_pixel;
	double font; /* of a picture of the default width */
} formats[] = {
        {".svg",
         "set terminal svg size %g,%g font 'sans-serif,%g' noenhanced background rgb 'white'\n", 1,
         13},
        {".png", "set terminal pngcairo size %g,%g font 'sans,%g' noenhanced\n", 1, 10},
        {".pdf", "set terminal pdfcairo size %g,%g font 'sans,%g' noenhanced\n", 1 / 96.0, 10},
};

static long format_of(const char *path)
{
	const char *suffix = strrchr(path, '.');
	size_t i;

	for (i = 0; suffix && i < sizeof(formats) / sizeof(formats[0]); i++)
		if (!strcmp(suffix, formats[i].suffix))
			return (long)i;
	return -1;
}

int picture_check_name(const char *path, struct error *e)
{
	return format_of(path) < 0 ? fail(e, EINVAL, "%s: draws .svg, .png and .pdf", path) : 0;
}

int picture_choose(struct picture_options *o, const char *chart, const char *size, struct error *e)
{
	char rest;
	size_t i;

	o->chart = chart_find(chart);
	if (!o->chart) {
		char names[128] = "";

		for (i = 0; i < nr_charts; i++)
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			         i ? ", " : "", charts[i].name);
		return fail(e, EINVAL, "--chart '%s': there are %s", chart, names);
	}
	if (!size)
		return 0;
	if (sscanf(size, "%ux%u%c", &o->width, &o->height, &rest) != 2 || o->width < 20 ||
	    o->height < 10 || o->width > SIZE_MOST || o->height > SIZE_MOST)
		return fail(e, EINVAL, "--size '%s': not WIDTHxHEIGHT, up to %d each", size,
		            SIZE_MOST);
	return 0;
}

/* The whole script, to be freed by the caller. */
static int write_script(const struct series *s, const struct picture_options *o,
                        struct chart_view *v, const char *terminal, char **script, size_t *length,
                        struct error *e)
{
	FILE *gp;
	int r;

	v->from_s = o->from_s;
	v->to_s = o->to_s;
	v->limit_pp = LIMIT_PP;
	r = chart_clip(v, s, e);
	if (r < 0)
		return r;
	gp = open_memstream(script, length);
	if (!gp)
		return fail(e, ENOMEM, "no memory for a chart");
	fputs(terminal, gp);
	r = o->chart->draw(s, v, gp, e);
	if (fclose(gp) && r == 0)
		r = fail(e, ENOMEM, "no memory for a chart");
	return r;
}

static int draw(const struct series *s, const struct picture_options *o, struct chart_view *v,
                const char *terminal, char **script, size_t *script_length, char **drawn,
                size_t *length, struct error *e)
{
	char said[GNUPLOT_SAID];
	int r;

	r = write_script(s, o, v, terminal, script, script_length, e);
	if (r < 0)
		return r;
	r = gnuplot_run(*script, *script_length, &GNUPLOT_LIMITS, drawn, length, said, e);
	if (r == 0 && !*length)
		return fail(e, EIO, "gnuplot drew nothing: %s", said);
	return r;
}

/* Beside the name and under another, then in its place. */
static int replace(const char *path, const char *data, size_t length, struct error *e)
{
	char temporary[4096];
	bool good;
	FILE *file;
	int fd;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= sizeof(temporary))
		return fail(e, EINVAL, "%.100s...: too long a name", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return fail(e, errno, "%s: %s", path, strerror(errno));
	fchmod(fd, 0644);
	file = fdopen(fd, "w");
	good = file && fwrite(data, 1, length, file) == length;
	if (file ? fclose(file) : close(fd))
		good = false;
	if (good && !rename(temporary, path))
		return 0;
	fd = errno;
	unlink(temporary);
	return fail(e, fd ? fd : EIO, "%s: %s", path, strerror(fd ? fd : EIO));
}

static void free_text(char *text)
{
	free(text);
}
DEFINE_AUTO(char *, free_text);

/* Half the width does not want half the font: a column of 8 cm (302 pixels) is set in 6.5 points. */
static double font_scale(unsigned width)
{
	double scale = sqrt((double)width / DEFAULT_WIDTH);

	return scale > 1.6 ? 1.6 : scale < 0.62 ? 0.62 : scale;
}

int picture_write(const struct series *s, const struct picture_options *o, const char *path,
                  struct error *e)
{
	AUTO(free_text) char *script = NULL;
	AUTO(free_text) char *drawn = NULL;
	size_t script_length = 0, length = 0;
	struct chart_view v = {.width = o->width ? o->width : DEFAULT_WIDTH,
	                       .height = o->height ? o->height : DEFAULT_HEIGHT};
	char terminal[200], beside[4096];
	long format = format_of(path);
	int r;

	if (format < 0)
		return picture_check_name(path, e);
	snprintf(terminal, sizeof(terminal), formats[format].terminal,
	         v.width * formats[format].per_pixel, v.height * formats[format].per_pixel,
	         formats[format].font * font_scale(v.width));
	r = draw(s, o, &v, terminal, &script, &script_length, &drawn, &length, e);
	if (r == 0)
		r = replace(path, drawn, length, e);
	if (r < 0 || !o->keep_script)
		return r;
	snprintf(beside, sizeof(beside), "%.*s.gp", (int)(strrchr(path, '.') - path), path);
	return replace(beside, script, script_length, e);
}

int picture_show(const struct series *s, const struct picture_options *o, struct error *e)
{
	AUTO(free_text) char *script = NULL;
	AUTO(free_text) char *drawn = NULL;
	size_t script_length = 0, length = 0;
	struct chart_view v = {.terminal = true, .width = 79, .height = 24};
	struct winsize size;
	char terminal[100];
	int r;

	v.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col > 20 && size.ws_row > 10) {
		v.width = size.ws_col - 1u;
		v.height = size.ws_row - 2u < v.width / 3 ? size.ws_row - 2u : v.width / 3;
	}
	if (o->width) {
		v.width = o->width;
		v.height = o->height;
	}
	snprintf(terminal, sizeof(terminal), "set terminal dumb size %u,%u noenhanced %s\n",
	         v.width, v.height, v.colour ? "ansi" : "mono");
	r = draw(s, o, &v, terminal, &script, &script_length, &drawn, &length, e);
	if (r == 0 && (fwrite(drawn, 1, length, stdout) != length || fflush(stdout)))
		return fail(e, EIO, "standard output: %s", strerror(errno));
	return r;
}
