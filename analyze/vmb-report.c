/* vmb-report - judge a recorded run, and show its numbers */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyze/escape.h"
#include "analyze/metric_list.h"
#include "analyze/report.h"
#include "analyze/select.h"
#include "common/options.h"

enum {
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3,
};

static struct {
	const char *criteria;
	unsigned run;
	bool check_only, json, list;
} set;

static const struct option_row rows[] = {
        {OPTION_TEXT, 'C', "criteria", "FILE", &set.criteria, 0, 0,
         "judge by the [criterion NAME] sections of FILE (default: one of the sets "
         "below)"},
        {OPTION_FLAG, 0, "check-only", NULL, &set.check_only, 0, 0,
         "only tell whether the criteria are sound"},
        {OPTION_COUNT, 0, "run", "N", &set.run, 1, 1e9,
         "the run of the trace to look at (default: the last one of a balancer, else the last)"},
        {OPTION_FLAG, 0, "json", NULL, &set.json, 0, 0, "print JSON instead of text"},
        {OPTION_FLAG, 0, "list-metrics", NULL, &set.list, 0, 0,
         "tell what is measured, in which unit, and exit"},
};

static struct command command = {
        .name = "vmb-report",
        .synopsis = "[OPTION]... TRACE",
        .summary = "Judge a recorded run by criteria, and show its numbers.",
        .rows = rows,
        .nr_rows = sizeof(rows) / sizeof(rows[0]),
};

static const char notes[] =
        "The default set; run.balance_pp is the limit that the run was given (--balance):\n\n"
        "%s\n"
        "That for runs of vmb-mem, by what it kept for the host and each guest:\n\n"
        "%s\n"
        "cpu.regret is not known where a pCPU is full: there vCPUs may want more than\n"
        "they run. A criterion on it is then undecided, unless it is broken elsewhere.\n\n"
        "Exit status: 0 all criteria hold, 1 one failed, 2 wrong usage, 3 the trace is\n"
        "unreadable or damaged, 4 undecided (the data cannot tell).";

static int complain(const struct error *e, int status)
{
	char text[ESCAPE_ROOM(sizeof(e->text))];

	fprintf(stderr, "vmb-report: %s\n", escape_terminal(e->text, text, sizeof(text)));
	return status;
}

static int show(const struct report_input *in, struct error *e)
{
	bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	struct report report;
	int r;

	r = report_make(&report, in, e);
	if (r == 0 && set.json)
		r = report_json(&report, stdout, e);
	else if (r == 0)
		report_text(&report, stdout, colour);
	if (r == 0 && fflush(stdout))
		r = fail(e, errno, "standard output: %s", strerror(errno));
	r = r < 0 ? complain(e, EXIT_UNREADABLE) : report_exit(report.outcome);
	report_done(&report);
	return r;
}

static int report_on(const char *path, struct criteria *criteria)
{
	AUTO(trace_reader_close) struct trace_reader *reader = NULL;
	struct report_input in = {.trace = path, .criteria = criteria};
	const struct trace_run_row *run = NULL;
	struct trace_run_row *runs = NULL;
	struct series series = {0};
	struct stat file;
	struct error e;
	int r;

	r = trace_reader_open(path, &reader, &e);
	if (r == 0)
		r = trace_read_runs(reader, &runs, &in.nr_runs, &e);
	if (r == 0)
		run = select_run(runs, in.nr_runs, set.run, &e);
	if (run)
		r = series_read(&series, reader, run, &e);
	if (run && r == 0 && !set.criteria)
		r = criteria_builtin(run, criteria, &e);
	if (r < 0 || !run) {
		r = complain(&e, r == 0 && set.run ? EXIT_USAGE : EXIT_UNREADABLE);
	} else {
		series.file_bytes = stat(path, &file) == 0 ? (uint64_t)file.st_size : 0;
		series.file_ticks = select_ticks(runs, in.nr_runs);
		in.series = &series;
		in.runs = runs;
		in.criteria_name = set.criteria ? set.criteria : "built in";
		r = show(&in, &e);
	}
	series_done(&series);
	free(runs);
	return r;
}

int main(int argc, char **argv)
{
	struct criteria criteria = {0};
	char text[2048];
	struct error e;
	int first, r = 0;

	snprintf(text, sizeof(text), notes, criteria_builtin_text, criteria_builtin_memory_text);
	command.notes = text;
	first = options_or_exit(&command, argc, argv);
	if (set.list) {
		metric_list(stdout);
		return 0;
	}
	if (argc - first != 1 && !(set.check_only && argc == first)) {
		fprintf(stderr, "vmb-report: needs one TRACE (see vmb-report --help)\n");
		return EXIT_USAGE;
	}
	if (set.criteria)
		r = criteria_read(set.criteria, &criteria, &e);
	else if (set.check_only)
		r = criteria_builtin(NULL, &criteria, &e);
	if (r < 0)
		return complain(&e, EXIT_USAGE);
	if (set.check_only)
		printf("%zu criteria, sound\n", criteria.nr);
	else
		r = report_on(argv[first], &criteria);
	criteria_done(&criteria);
	return r;
}
