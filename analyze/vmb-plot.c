/* vmb-plot - draw a recorded run with gnuplot: pictures for papers, or a chart in the terminal */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/escape.h"
#include "analyze/picture.h"
#include "analyze/select.h"
#include "common/options.h"

enum {
	EXIT_DRAWN,
	EXIT_NOT_DRAWN,
	EXIT_USAGE,
	EXIT_UNREADABLE
};

static struct {
	struct picture_options picture;
	struct texts outputs;
	const char *chart, *size;
	uint64_t from_ns, to_ns;
	unsigned run;
	bool terminal;
} set = {.chart = "pcpu"};

static const struct option_row rows[] = {
        {OPTION_TEXTS, 'o', "output", "FILE", &set.outputs, 0, 0,
         "draw to FILE.svg, .png or .pdf; may be repeated"},
        {OPTION_FLAG, 0, "term", NULL, &set.terminal, 0, 0,
         "draw in the terminal (the default without -o)"},
        {OPTION_TEXT, 0, "chart", "NAME", &set.chart, 0, 0,
         "pcpu: how full each pCPU was, and how far they were apart (default); placement: on which "
         "pCPU each vCPU was"},
        {OPTION_TEXT, 0, "size", "WxH", &set.size, 0, 0,
         "pixels at 96 to an inch (default 800x480), or characters in the terminal"},
        {OPTION_DURATION, 0, "from", "TIME", &set.from_ns, 0, 1e9,
         "leave out what was before (since the first tick)"},
        {OPTION_DURATION, 0, "to", "TIME", &set.to_ns, 0.001, 1e9, "leave out what came after"},
        {OPTION_COUNT, 0, "run", "N", &set.run, 1, 1e9,
         "the run of the trace to draw (default: the last one of a balancer, else the last)"},
        {OPTION_FLAG, 0, "keep-gp", NULL, &set.picture.keep_script, 0, 0,
         "leave the gnuplot script, with its data, beside the picture (FILE.gp)"},
};

static const struct command command = {
        "vmb-plot",
        "[OPTION]... TRACE",
        "Draw a recorded run with gnuplot.",
        rows,
        sizeof(rows) / sizeof(rows[0]),
        "Examples:\n"
        "  vmb-plot run.db                                a chart in the terminal\n"
        "  vmb-plot run.db -o run.svg -o run.png          the same as pictures\n"
        "  vmb-plot run.db --chart placement -o where.pdf --from 10 --to 40\n"
        "\n"
        "Exit status: 0 drawn, 1 not drawn, 2 wrong usage, 3 the trace is unreadable.",
};

static int complain(const struct error *e, int status)
{
	char text[ESCAPE_ROOM(sizeof(e->text))];

	fprintf(stderr, "vmb-plot: %s\n", escape_terminal(e->text, text, sizeof(text)));
	return status;
}

static int draw(const struct series *s, struct error *e)
{
	size_t i;
	int r = 0;

	if (!set.outputs.nr || set.terminal)
		r = picture_show(s, &set.picture, e);
	for (i = 0; r == 0 && i < set.outputs.nr; i++)
		r = picture_write(s, &set.picture, set.outputs.text[i], e);
	return r < 0 ? complain(e, EXIT_NOT_DRAWN) : EXIT_DRAWN;
}

static int draw_trace(const char *path)
{
	AUTO(trace_reader_close) struct trace_reader *reader = NULL;
	const struct trace_run_row *run = NULL;
	struct trace_run_row *runs = NULL;
	struct series series = {0};
	struct error e;
	size_t nr = 0;
	int r;

	r = trace_reader_open(path, &reader, &e);
	if (r == 0)
		r = trace_read_runs(reader, &runs, &nr, &e);
	if (r == 0)
		run = select_run(runs, nr, set.run, &e);
	if (run)
		r = series_read(&series, reader, run, &e);
	if (r < 0 || !run)
		r = complain(&e, r == 0 && set.run ? EXIT_USAGE : EXIT_UNREADABLE);
	else
		r = draw(&series, &e);
	series_done(&series);
	free(runs);
	return r;
}

int main(int argc, char **argv)
{
	int first = options_or_exit(&command, argc, argv);
	struct error e;
	size_t i;

	if (argc - first != 1)
		options_refuse(&command, "needs one TRACE");
	set.picture.from_s = (double)set.from_ns / 1e9;
	set.picture.to_s = set.to_ns ? (double)set.to_ns / 1e9 : 1e18;
	if (picture_choose(&set.picture, set.chart, set.size, &e) < 0)
		options_refuse(&command, e.text);
	for (i = 0; i < set.outputs.nr; i++)
		if (picture_check_name(set.outputs.text[i], &e) < 0)
			options_refuse(&command, e.text);
	return draw_trace(argv[first]);
}
