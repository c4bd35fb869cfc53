/* case_show - print what a case file says, for the lab: one key=value a line, then one line per guest */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "collector/case.h"
#include "common/options.h"

static const char *pcpus_text;
static unsigned nr_guests;

static const struct option_row rows[] = {
        {OPTION_TEXT, 'p', "pcpus", "LIST", &pcpus_text, 0, 0,
         "the pCPUs that there are (default: as many as the case says)"},
        {OPTION_COUNT, 'g', "guests", "N", &nr_guests, 1, GUESTS_MAX,
         "another number of guests; only for a case with one [guests] section"},
};

static const struct command command = {
        .name = "case_show",
        .synopsis = "[OPTION]... FILE",
        .summary = "Print a case file for use in shell scripts.",
        .rows = rows,
        .nr_rows = sizeof(rows) / sizeof(rows[0]),
        .notes = "Exit status: 0, 2 when the file or an option is wrong, 3 when the case is one\n"
                 "that only the simulation can do.",
};

static int find_pcpus(const struct case_file *c, struct cpuset *pcpus, struct error *e)
{
	unsigned i;

	*pcpus = CPUSET_NONE;
	for (i = 0; i < c->host.nr_pcpus; i++)
		cpuset_add(pcpus, i);
	if (!pcpus_text)
		return 0;
	if (cpuset_parse(pcpus_text, pcpus) < 0 || !cpuset_count(pcpus))
		return fail(e, EINVAL, "--pcpus %s: not a list of pCPUs", pcpus_text);
	return 0;
}

static int print_guest(const struct case_file *c, unsigned index, const struct cpuset *pcpus,
                       struct error *e)
{
	char load[CASE_LOAD_TEXT], memory[CASE_MEMORY_TEXT], list[CPUSET_TEXT];
	struct case_guest guest;
	struct cpuset mask;
	unsigned vcpu;
	int r;

	case_guest(c, index, &guest);
	printf("guest=%u vcpus=%u memory_mib=%" PRIu64 " balloon_mib=%" PRIu64
	       " huge_pages=%s mem=%s load=%s pins=",
	       index + 1, guest.group->nr_vcpus, guest.group->memory_kib / 1024,
	       guest.group->balloon_kib / 1024, guest.group->huge_pages ? "yes" : "no",
	       case_memory_text(guest.memory, memory), case_load_text(guest.load, load));
	for (vcpu = 0; vcpu < guest.group->nr_vcpus; vcpu++) {
		r = case_start_pins(&guest, vcpu, pcpus, &mask, e);
		if (r < 0)
			return r;
		printf("%s%s", vcpu ? "/" : "", cpuset_text(&mask, list, sizeof(list)));
	}
	putchar('\n');
	return 0;
}

static int print_case(const char *path, struct error *e)
{
	const struct case_change change = {.nr_guests = nr_guests};
	static struct case_file c;
	struct cpuset pcpus;
	char list[CPUSET_TEXT];
	unsigned i;
	int r;

	r = case_read(path, &change, &c, e);
	if (r < 0 || (r = find_pcpus(&c, &pcpus, e)) < 0)
		return r;
	if (*c.simulated)
		return fail(e, EOPNOTSUPP, "%s: only the simulation can do this", c.simulated);
	printf("name=%s\ntitle=%s\nrun=%s\nduration_s=%g\npcpus=%s\nguests=%u\n", c.name, c.title,
	       case_runs[c.run], (double)c.duration_ns / 1e9,
	       cpuset_text(&pcpus, list, sizeof(list)), case_guests(&c));
	for (i = 0; !r && i < case_guests(&c); i++)
		r = print_guest(&c, i, &pcpus, e);
	return r;
}

int main(int argc, char **argv)
{
	int first = options_or_exit(&command, argc, argv);
	struct error e;
	int r;

	if (argc - first != 1) {
		fprintf(stderr, "case_show: needs one case file (see case_show --help)\n");
		return 2;
	}
	r = print_case(argv[first], &e);
	if (r < 0)
		fprintf(stderr, "case_show: %s\n", e.text);
	return r == -EOPNOTSUPP ? 3 : r < 0 ? 2 : 0;
}
