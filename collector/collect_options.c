/* collect_options - the command line of vmb-collect */
#include "collector/collect_options.h"

#include "common/option_rows.h"

static const char summary[] =
        "Watch a libvirt host: every INTERVAL (seconds; 0.5, 2, 500ms) show what runs on\n"
        "each pCPU and what each guest uses. Nothing is ever changed: the connection is\n"
        "read-only.";

static const char notes[] =
        "run: CPU time of the guest's vCPUs; delay: time they were ready and waited for a\n"
        "pCPU (the guest sees it as steal). Both in per cent of one pCPU, and summed over\n"
        "the guest's vCPUs.\n"
        "MiB/of max: its balloon, and what it booted with. used, usable, unused: by the\n"
        "guest's own report, usable with what it could reclaim, unused without; they need\n"
        "a balloon driver and a stats period. rss: what its process holds on the host.\n"
        "\n"
        "Exit status: 0 ended as asked, 1 could not start, show or record to the end, 2\n"
        "wrong usage. Ticks that the trace itself tells as lost are no failure.";

void collect_options_or_exit(int argc, char **argv, struct collect_options *o)
{
	const struct option_row rows[] = {
	        OPTION_ROW_CONNECT(&o->uri),
	        OPTION_ROW_DURATION(&o->duration_ns),
	        OPTION_ROW_TRACE(&o->trace),
	        OPTION_ROW_TRACE_LIMIT(&o->trace_limit),
	        OPTION_ROW_LABEL(&o->label),
	        {OPTION_FLAG, 'j', "json", NULL, &o->json, 0, 0,
	         "one line of JSON for each tick instead of the table"},
	        {OPTION_FLAG, 'q', "quiet", NULL, &o->quiet, 0, 0, "show nothing; record only"},
	};
	const struct command command = {
	        "vmb-collect", "[OPTION]... INTERVAL",         summary,
	        rows,          sizeof(rows) / sizeof(rows[0]), notes,
	};
	int first;

	*o = (struct collect_options){.uri = DEFAULT_URI};
	options_line(argc, argv, o->arguments, sizeof(o->arguments));
	first = options_or_exit(&command, argc, argv);
	o->interval_ns = options_interval_or_exit(&command, argc, argv, first);
	options_limit_or_exit(&command, o->trace, &o->trace_limit);
	if (o->quiet && !o->trace)
		options_refuse(&command, "--quiet without --trace: nothing would come of it");
}
