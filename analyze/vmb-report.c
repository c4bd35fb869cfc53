/* vmb-report - judge a recorded run and show its numbers, or hold runs against each other */
#include <math.h>

#include "analyze/comparing.h"
#include "analyze/escape.h"
#include "analyze/format.h"
#include "analyze/metric_list.h"
#include "analyze/recording.h"
#include "common/options.h"
#include "common/printed.h"

enum {
	EXIT_USAGE = 2,
	EXIT_UNREADABLE = 3,
};

static struct {
	const char *criteria;
	struct selection of;
	struct formats formats;
	bool check_only, compare, list;
} set = {.of.to_s = INFINITY};

static const struct option_row rows[] = {
        {OPTION_TEXT, 'C', "criteria", "FILE", &set.criteria, 0, 0,
         "judge by the [criterion NAME] sections of FILE (default: one of the sets "
         "below)"},
        {OPTION_FLAG, 0, "check-only", NULL, &set.check_only, 0, 0,
         "only tell whether the criteria are sound"},
        {OPTION_FLAG, 0, "compare", NULL, &set.compare, 0, 0,
         "hold the runs before -- against those after it"},
        SELECT_OPTION_ROWS(&set.of),
        FORMAT_OPTION_ROWS(&set.formats),
        {OPTION_FLAG, 0, "list-metrics", NULL, &set.list, 0, 0,
         "tell what is measured, in which unit, and exit"},
};

static struct command command = {
        .name = "vmb-report",
        .synopsis = "[OPTION]... TRACE | A B | --compare A... -- B...",
        .summary =
                "Judge a recorded run by criteria, and show its numbers; or hold two runs, or two\n"
                "groups of runs, against each other.",
        .rows = rows,
        .nr_rows = sizeof(rows) / sizeof(rows[0]),
};

static const char notes[] =
        "A trace is a file; FILE#N is run N of it. A pattern that no shell expanded is\n"
        "expanded here: --compare 'a*.db' -- 'b*.db'. Of one run each the samples are\n"
        "compared, of more the runs; 4 each are the fewest that can show anything.\n\n"
        "The default set, for loads that stay; run.balance_pp is --balance of the run:\n\n"
        "%s\nThat for runs of vmb-mem, by what it kept for the host and each guest:\n\n"
        "%s\n"
        "Both where the two ran at the same time; --run N is run N alone.\n\n"
        "cpu.regret is not known where a pCPU is full: there vCPUs may want more than\n"
        "they run. A criterion on it is then undecided, unless it is broken elsewhere.\n\n"
        "Exit status: 0 all criteria hold, 1 one failed, 2 wrong usage, 3 a trace is\n"
        "unreadable or damaged or the report cannot be written, 4 undecided (the data\n"
        "cannot tell); the same in every format. Of a comparison, which is text or JSON:\n"
        "0, 2 or 3, whatever it shows.";

static int complain(const struct error *e, int status)
{
	char text[ESCAPE_ROOM(sizeof(e->text))];

	fprintf(stderr, "vmb-report: %s\n", escape_terminal(e->text, text, sizeof(text)));
	return status;
}

static int report_on(const struct operand *what, struct criteria *criteria)
{
	struct report_input in = {.trace = what->path, .criteria = criteria};
	struct recording recording;
	struct report report = {0};
	struct error e;
	bool wrong;
	int r;

	if (formats_check(&set.formats, what->path, set.criteria, &e) < 0)
		return complain(&e, EXIT_USAGE);
	select_one(&set.of, what->run);
	r = recording_open(&recording, what->path, &set.of, &wrong, &e);
	in.reader = recording.reader;
	in.joined = &recording.joined;
	in.runs = recording.runs;
	in.nr_runs = recording.nr_runs;
	in.criteria_name = set.criteria ? set.criteria : "built in";
	if (r == 0 && !set.criteria)
		r = criteria_builtin(in.joined->chosen, in.joined->beside, criteria, &e);
	if (r == 0)
		r = report_make(&report, &in, &e);
	if (r == 0)
		r = formats_write(&set.formats, &report, &e);
	r = r < 0 ? complain(&e, wrong ? EXIT_USAGE : EXIT_UNREADABLE)
	          : report_exit(report.outcome);
	report_done(&report);
	recording_close(&recording);
	return r;
}

static int compare(const struct operands group[2], const struct criteria *criteria)
{
	struct error e;
	bool wrong;

	if (set.formats.tap || set.formats.csv || set.formats.junit || set.formats.html)
		options_refuse(&command, "a comparison is text or --json");
	if (comparing_print(group, &set.of, criteria, set.formats.json, &wrong, &e) == 0)
		return 0;
	return complain(&e, wrong ? EXIT_USAGE : EXIT_UNREADABLE);
}

int main(int argc, char **argv)
{
	size_t behind = operands_behind(argc, argv);
	struct operands group[2] = {0};
	struct criteria criteria = {0};
	char text[2048];
	struct error e;
	int first, r;

	snprintf(text, sizeof(text), notes, criteria_builtin_text, criteria_builtin_memory_text);
	command.notes = text;
	first = options_or_exit(&command, argc, argv);
	if (set.list) {
		metric_list(stdout);
		return printed_all(&e) < 0 ? complain(&e, EXIT_UNREADABLE) : 0;
	}
	r = set.check_only ? 0
	                   : operands_split(group, argv + first, (size_t)(argc - first),
	                                    set.compare, behind, &e);
	if (r < 0)
		options_refuse(&command, e.text);
	r = set.criteria                    ? criteria_read(set.criteria, &criteria, &e)
	    : set.check_only || group[1].nr ? criteria_builtin(NULL, NULL, &criteria, &e)
	                                    : 0;
	if (r < 0)
		r = complain(&e, EXIT_USAGE);
	else if (set.check_only)
		printf("%zu criteri%s, sound\n", criteria.nr, criteria.nr == 1 ? "on" : "a");
	else
		r = group[1].nr ? compare(group, &criteria) : report_on(group[0].at, &criteria);
	if (r == 0 && printed_all(&e) < 0)
		r = complain(&e, EXIT_UNREADABLE);
	criteria_done(&criteria);
	operands_done(&group[0]);
	operands_done(&group[1]);
	return r;
}
