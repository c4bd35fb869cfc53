/* cpu_options - the command line of vmb-cpu */
#include "balancer/cpu_options.h"

#include <stdio.h>

#include "common/option_rows.h"
#include "common/word.h"

static const char summary[] =
        "Keep the pCPUs of a libvirt host evenly loaded by pinning vCPUs: every INTERVAL\n"
        "(seconds; 0.5, 2, 500ms) read the loads, and when they differ by more than the\n"
        "limit make the fewest changes that even them out. Then nothing moves until the\n"
        "loads change. Pins are live only and are put back when the program ends.";

static const char notes[] =
        "A guest whose persistent configuration has <vcpupin> is left alone, and so are\n"
        "idle vCPUs and pCPUs that are offline, isolated or forbidden by cgroup.\n"
        "\n"
        "Examples:\n"
        "  vmb-cpu 1 --trace run.db           balance, and record what happens\n"
        "  vmb-cpu 1 --dry-run                say what it would do, and do nothing\n"
        "  vmb-cpu 2 --only 'web*' --cpus 2-7\n"
        "\n"
        "Exit status: 0 ended as asked, 1 could not start, show or put back all, 2 wrong\n"
        "usage. What the trace lacks, as its disk was full or failed, is told; balancing\n"
        "goes on, and the status stays 0.\n"
        "Signals: SIGTERM and SIGINT put back and end, a second one quits at once (130).\n"
        "Files: /run/vmb/ (or $XDG_RUNTIME_DIR/vmb) holds a lock and the journal of the\n"
        "original pins; after a crash the next start, or --restore, puts them back.";

/* The help of --policy, from the table. */
static void list_planners(char *text, size_t size)
{
	const struct cpu_planner_row *row;
	int n = snprintf(text, size, "the rule that places vCPUs.");

	for (row = cpu_planners; row->name && n >= 0 && (size_t)n < size; row++)
		n += snprintf(text + n, size - (size_t)n, "%s %s: %s",
		              row == cpu_planners ? "" : ";", row->name, row->help);
}

/* Whom the policy is for, as analyze/settings.h reads it (a run is judged by what it might move), and what of it is unusual. */
static bool record_scope(struct cpu_options *o, const char *cpus)
{
	char *settings = o->common.settings;
	size_t size = sizeof(o->common.settings);

	return word_append(settings, size, "cpus", cpus) && loop_options_record(&o->common) &&
	       (!o->override_pins || word_append(settings, size, "override-pins", "yes")) &&
	       (!o->policy.leave_floating || word_append(settings, size, "leave-floating", "yes"));
}

void cpu_options_or_exit(int argc, char **argv, struct cpu_options *o)
{
	double balance = cpu_policy_default.balance_pm / 10, idle = cpu_policy_default.idle_pm / 10;
	const char *cpus = NULL;
	const char *planner = cpu_planners[0].name;
	char planners[512];
	const struct option_row rows[] = {
	        {OPTION_HEADING, .help = "What to balance"},
	        LOOP_ROWS_SCOPE(&o->common),
	        {OPTION_TEXT, 0, "cpus", "LIST", &cpus, 0, 0, "use these pCPUs only (0-3,8)"},
	        {OPTION_FLAG, 0, "override-pins", NULL, &o->override_pins, 0, 0,
	         "move also guests whose configuration has pins of its own"},
	        {OPTION_HEADING, .help = "How"},
	        {OPTION_TEXT, 0, "policy", "NAME", &planner, 0, 0, planners},
	        {OPTION_NUMBER, 0, "balance", "POINTS", &balance, 0.5, 50,
	         "the limit: standard deviation over the pCPUs, in points (per cent of a pCPU; "
	         "default 5)"},
	        {OPTION_COUNT, 0, "dwell", "TICKS", &o->policy.dwell_ticks, 0, 1000,
	         "a vCPU rests so many intervals after a move (default 3)"},
	        {OPTION_NUMBER, 0, "idle", "PERCENT", &idle, 0, 100,
	         "a vCPU below this load is idle and left alone (default 4)"},
	        {OPTION_FLAG, 0, "leave-floating", NULL, &o->policy.leave_floating, 0, 0,
	         "leave vCPUs that may run anywhere to the kernel until the pCPUs are beyond the "
	         "limit, and pinning them helps, instead of pinning each once it carries load: "
	         "they "
	         "wait less"},
	        LOOP_ROWS_HOW(&o->common, "pins"),
	        {OPTION_HEADING, .help = "What to tell"},
	        LOOP_ROWS_TELL(&o->common),
	};
	const struct command command = {
	        "vmb-cpu",
	        "[OPTION]... INTERVAL\n"
	        "       vmb-cpu --restore [OPTION]...",
	        summary,
	        rows,
	        sizeof(rows) / sizeof(rows[0]),
	        notes,
	};
	struct error e;

	*o = (struct cpu_options){.common.uri = DEFAULT_URI, .policy = cpu_policy_default};
	list_planners(planners, sizeof(planners));
	loop_options_or_exit(&command, argc, argv, &o->common);
	if (cpus && (cpuset_parse(cpus, &o->cpus) < 0 || cpuset_first(&o->cpus) < 0)) {
		fail(&e, EINVAL, "--cpus '%s': not a list of CPUs (as 0-3,8)", cpus);
		options_refuse(&command, e.text);
	}
	o->planner = cpu_planner_find(planner);
	if (!o->planner) {
		fail(&e, EINVAL, "--policy '%s': no such policy; --help lists them", planner);
		options_refuse(&command, e.text);
	}
	o->has_cpus = cpus;
	o->policy.balance_pm = 10 * balance;
	o->policy.idle_pm = 10 * idle;
	snprintf(o->common.settings, sizeof(o->common.settings),
	         "policy=%s balance=%g dwell=%u idle=%g", planner, balance, o->policy.dwell_ticks,
	         idle);
	if (!record_scope(o, cpus ? cpus : "all"))
		options_refuse(&command, "--cpus, --only, --exclude: too long to be recorded");
}

bool cpu_options_manage(const void *options, const struct sample_guest *guest)
{
	const struct cpu_options *o = options;

	return (!guest->user_pins || o->override_pins) && loop_options_choose(&o->common, guest);
}
