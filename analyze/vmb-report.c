/* vmb-report - judge a recorded run, and show its numbers */
#include "analyze/escape.h"
#include "analyze/format.h"
#include "analyze/metric_list.h"
#include "analyze/recording.h"
#include "common/options.h"

enum {
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3,
};

static struct {
	const char *criteria;
	unsigned run;
	bool check_only, list;
	struct formats formats;
} set;

static const struct option_row rows[] = {
        {OPTION_TEXT, 'C', "criteria", "FILE", &set.criteria, 0, 0,
         "judge by the [criterion NAME] sections of FILE (default: the set for the CPU balancer "
         "below)"},
        {OPTION_FLAG, 0, "check-only", NULL, &set.check_only, 0, 0,
         "only tell whether the criteria are sound"},
        {OPTION_COUNT, 0, "run", "N", &set.run, 1, 1e9,
         "the run of the trace to look at (default: the last one of a balancer, else the last)"},
        FORMAT_OPTION_ROWS(&set.formats),
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
        "cpu.regret is not known where a pCPU is full: there vCPUs may want more than\n"
        "they run. A criterion on it is then undecided, unless it is broken elsewhere.\n\n"
        "Exit status: 0 all criteria hold, 1 one failed, 2 wrong usage, 3 the trace is\n"
        "unreadable or damaged or the report cannot be written, 4 undecided (the data\n"
        "cannot tell); the same in every format.";

static int complain(const struct error *e, int status)
{
	char text[ESCAPE_ROOM(sizeof(e->text))];

	fprintf(stderr, "vmb-report: %s\n", escape_terminal(e->text, text, sizeof(text)));
	return status;
}

static int report_on(const char *path, const struct criteria *criteria)
{
	struct recording recording;
	struct report report = {0};
	bool no_run;
	struct error e;
	int r;

	r = recording_open(&recording, path, set.run, &no_run, &e);
	if (r == 0)
		r = report_make(&report,
		                &(struct report_input){
		                        .reader = recording.reader,
		                        .trace = path,
		                        .series = &recording.series,
		                        .runs = recording.runs,
		                        .nr_runs = recording.nr_runs,
		                        .criteria = criteria,
		                        .criteria_name = set.criteria ? set.criteria : "built in",
		                },
		                &e);
	if (r == 0)
		r = formats_write(&set.formats, &report, &e);
	r = r < 0 ? complain(&e, no_run ? EXIT_USAGE : EXIT_UNREADABLE)
	          : report_exit(report.outcome);
	report_done(&report);
	recording_close(&recording);
	return r;
}

int main(int argc, char **argv)
{
	struct criteria criteria;
	char text[1024];
	struct error e;
	int first, r;

	snprintf(text, sizeof(text), notes, criteria_builtin_text);
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
	r = set.criteria ? criteria_read(set.criteria, &criteria, &e)
	                 : criteria_builtin(&criteria, &e);
	if (r < 0)
		return complain(&e, EXIT_USAGE);
	if (!set.check_only && formats_check(&set.formats, argv[first], &e) < 0)
		r = complain(&e, EXIT_USAGE);
	else if (set.check_only)
		printf("%zu criteria, sound\n", criteria.nr);
	else
		r = report_on(argv[first], &criteria);
	criteria_done(&criteria);
	return r;
}
