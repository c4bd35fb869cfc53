/* vmb-plot - draw a recorded run */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analyze/chart_picture.h"
#include "analyze/escape.h"
#include "analyze/recording.h"
#include "analyze/settings.h"

enum {
	EXIT_NOT_DRAWN = 1,
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3,
};

static struct {
	struct texts pictures;
	const char *chart, *size;
	struct selection of;
	bool terminal, keep;
} set = {.of.to_s = INFINITY};

static const struct option_row rows[] = {
        {OPTION_TEXTS, 'o', "output", "FILE", &set.pictures, 0, 0,
         "draw to FILE, whose suffix is the format: .svg, .png, .pdf, or .tex (a tikzpicture for "
         "\\usepackage{gnuplot-lua-tikz}); may be repeated"},
        {OPTION_FLAG, 0, "term", NULL, &set.terminal, 0, 0,
         "draw with characters on standard output (default on a terminal without -o)"},
        {OPTION_TEXT, 0, "chart", "NAME", &set.chart, 0, 0,
         "what to draw, see below (default: memory for a run of vmb-mem, pcpu for others)"},
        {OPTION_TEXT, 0, "size", "WxH", &set.size, 0, 0,
         "pixels of a picture (default: 800x500; pdf: 96 to an inch)"},
        SELECT_OPTION_ROWS(&set.of),
        {OPTION_FLAG, 0, "keep-gp", NULL, &set.keep, 0, 0,
         "leave the gnuplot script with its data beside each picture, as FILE.gp"},
};

static struct command command = {
        .name = "vmb-plot",
        .synopsis = "[OPTION]... TRACE",
        .summary = "Draw a recorded run, to files or on the terminal, by gnuplot.",
        .rows = rows,
        .nr_rows = sizeof(rows) / sizeof(rows[0]),
};

static const char exits[] =
        "\nExit status: 0 drawn, 1 could not draw (no data, no gnuplot, no room),\n"
        "2 wrong usage, 3 the trace is unreadable or damaged.";

static int complain(const struct error *e, int status)
{
	char text[ESCAPE_ROOM(sizeof(e->text))];

	fprintf(stderr, "vmb-plot: %s\n", escape_terminal(e->text, text, sizeof(text)));
	return status;
}

/* A wrong command line ends here. */
static const struct chart *check_usage(struct chart_view *v, int operands, const char *trace)
{
	const struct chart *chart = set.chart ? chart_find(set.chart) : NULL;
	struct error e = {0};
	int end = 0;
	size_t i;

	if (operands != 1)
		fail(&e, EINVAL, "needs one TRACE (see vmb-plot --help)");
	else if (set.chart && !chart)
		fail(&e, EINVAL, "--chart %s: there is none of this name (see vmb-plot --help)",
		     set.chart);
	else if (set.size && (sscanf(set.size, "%5ux%5u%n", &v->width, &v->height, &end) != 2 ||
	                      set.size[end] || v->width < 200 || v->height < 150 ||
	                      v->width > 8000 || v->height > 8000))
		fail(&e, EINVAL, "--size %s: wanted is WxH, from 200x150 to 8000x8000", set.size);
	else if (set.of.to_s <= set.of.from_s)
		fail(&e, EINVAL, "--to %g: not after --from %g", set.of.to_s, set.of.from_s);
	else if (!set.pictures.nr && !set.terminal && !isatty(STDOUT_FILENO))
		fail(&e, EINVAL, "where to: -o FILE, or --term for characters");
	for (i = 0; !e.code && i < set.pictures.nr; i++)
		picture_check(set.pictures.text[i], set.keep, trace, &e);
	if (e.code)
		exit(complain(&e, EXIT_USAGE));
	return chart;
}

static int draw(const struct chart *chart, const struct series *s, struct chart_view *v,
                struct error *e)
{
	struct chart_view term = *v;
	struct winsize w = {0};
	int r = chart_clip(v, s, e);
	size_t i;

	for (i = 0; r == 0 && i < set.pictures.nr; i++)
		r = picture_save(chart, s, v, set.pictures.text[i], set.keep, e);
	if (r < 0 || (set.pictures.nr && !set.terminal))
		return r;
	term = *v;
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
	term.terminal = true;
	term.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	term.width = w.ws_col >= 40 ? w.ws_col - 1U : 79;
	term.height = w.ws_row >= 15 ? w.ws_row - 1U : 24;
	return picture_show(chart, s, &term, stdout, e);
}

int main(int argc, char **argv)
{
	struct chart_view view = {.width = 800, .height = 500};
	struct selection whole;
	const struct chart *chart;
	struct recording recording;
	struct series s;
	int first, status = 0;
	char notes[2048];
	struct error e;
	bool wrong;

	command.notes = strcat(chart_list(notes, sizeof(notes) - sizeof(exits)), exits);
	first = options_or_exit(&command, argc, argv);
	chart = check_usage(&view, argc - first, argv[first]);
	/* a chart shows a part of a run, with the rates that its first tick has there */
	view.from_s = set.of.from_s;
	view.to_s = set.of.to_s;
	whole = set.of;
	whole.from_s = 0;
	whole.to_s = INFINITY;
	if (recording_open(&recording, argv[first], &whole, &wrong, &e) < 0) {
		status = complain(&e, wrong ? EXIT_USAGE : EXIT_UNREADABLE);
	} else {
		chart = chart ? chart : chart_default(&recording.series);
		s = joined_chart(&recording.joined, chart);
		view.limit_pp = settings_balance_pp(&s.run);
		if (draw(chart, &s, &view, &e) < 0)
			status = complain(&e, EXIT_NOT_DRAWN);
	}
	recording_close(&recording);
	return status;
}
