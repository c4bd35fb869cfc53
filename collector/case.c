/* case - what a scenario means: its guests one by one, their start pins, their load as a word */
#include "collector/case.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const case_runs[CASE_RUNS + 1] = {
        [RUN_CPU] = "cpu",
        [RUN_MEM] = "mem",
};

const char *const case_shapes[CASE_SHAPES + 1] = {
        [SHAPE_CONSTANT] = "constant", [SHAPE_STEP] = "step", [SHAPE_RAMP] = "ramp",
        [SHAPE_SQUARE] = "square",     [SHAPE_SINE] = "sine", [SHAPE_BURSTY] = "bursty",
        [SHAPE_TRACE] = "trace",
};

const char *const case_pages[CASE_PAGES + 1] = {
        [PAGES_ANON] = "anon",
        [PAGES_CACHE] = "cache",
        [PAGES_TMPFS] = "tmpfs",
};

const char *const case_kinds[CASE_KINDS + 1] = {
        [KIND_IDEAL] = "ideal",     [KIND_LOWER] = "lower-limit",     [KIND_UPPER] = "upper-limit",
        [KIND_STICKY] = "sticky",   [KIND_STUCK] = "stuck",           [KIND_DEFLATE] = "deflate",
        [KIND_LIAR] = "liar",       [KIND_FROZEN] = "frozen",         [KIND_SILENT] = "silent",
        [KIND_WINDOWS] = "windows", [KIND_DEVICELESS] = "no-balloon", [KIND_EXEMPT] = "exempt",
};

const char *const case_pin_rules[PINS_LIST + 1] = {
        [PINS_FLOAT] = "float",
        [PINS_SPREAD] = "spread",
        [PINS_FIRST] = "first",
        [PINS_ENDS] = "ends",
};

void case_done(struct case_file *c)
{
	free(c->points);
	c->points = NULL;
	c->nr_points = 0;
}

unsigned case_guests(const struct case_file *c)
{
	unsigned total = 0;
	size_t i;

	for (i = 0; i < c->nr_groups; i++)
		total += c->groups[i].count;
	return total;
}

unsigned case_most_vcpus(const struct case_group *group)
{
	unsigned later = group->life.hotplug_vcpus;

	return later > group->nr_vcpus ? later : group->nr_vcpus;
}

void case_guest(const struct case_file *c, unsigned index, struct case_guest *out)
{
	const struct case_group *group = c->groups;
	unsigned first_vcpu = 0;
	int memory;

	assert(index < case_guests(c));
	for (; index >= group->count; group++) {
		index -= group->count;
		first_vcpu += group->count * group->nr_vcpus;
	}
	memory = group->nr_memories ? group->memories[index % group->nr_memories] : -1;
	*out = (struct case_guest){
	        .group = group,
	        .load = &c->loads[group->dealt[index % group->nr_dealt]],
	        .memory = memory < 0 ? NULL : &c->memories[memory],
	        .place = index,
	        .first_vcpu = first_vcpu + index * group->nr_vcpus,
	};
}

/* The set with only the n-th member of pcpus. */
static struct cpuset nth(const struct cpuset *pcpus, unsigned n)
{
	int pcpu = cpuset_first(pcpus);

	while (n--)
		pcpu = cpuset_next(pcpus, pcpu);
	assert(pcpu >= 0);
	return cpuset_one((unsigned)pcpu);
}

int case_start_pins(const struct case_guest *guest, unsigned vcpu, const struct cpuset *pcpus,
                    struct cpuset *out, struct error *e)
{
	const struct case_group *group = guest->group;
	unsigned nr = cpuset_count(pcpus);
	char list[CPUSET_TEXT], here[CPUSET_TEXT];
	struct cpuset both;

	assert(nr > 0);
	switch (group->pins.rule) {
	case PINS_FLOAT:
		*out = *pcpus;
		return 0;
	case PINS_SPREAD:
		*out = nth(pcpus, (guest->first_vcpu + vcpu) % nr);
		return 0;
	case PINS_FIRST:
		*out = nth(pcpus, 0);
		return 0;
	case PINS_ENDS:
		*out = nth(pcpus, guest->place < (group->count + 1) / 2 ? 0 : nr - 1);
		return 0;
	case PINS_LIST:
		both = cpuset_and(&group->pins.list, pcpus);
		if (!cpuset_count(&both))
			return fail(e, EINVAL, "pins %s: none of these pCPUs is among %s",
			            cpuset_text(&group->pins.list, list, sizeof(list)),
			            cpuset_text(pcpus, here, sizeof(here)));
		*out = both;
		return 0;
	case PIN_RULES:
		break;
	}
	assert(!"a rule");
	return -EINVAL;
}

char *case_load_text(const struct case_load *load, char text[CASE_LOAD_TEXT])
{
	int used = snprintf(text, CASE_LOAD_TEXT, "%g", load->level_pm / 10.0);

	if (load->shape == SHAPE_STEP)
		snprintf(text + used, CASE_LOAD_TEXT - (size_t)used, ",%g@%g", load->to_pm / 10.0,
		         (double)load->at_ns / 1e9);
	return text;
}

char *case_memory_text(const struct case_memory *memory, char text[CASE_MEMORY_TEXT])
{
	char until[24] = "limit", hold[24] = "forever", again[24] = "";

	if (!memory)
		return strcpy(text, "none");
	if (memory->until_kib != CASE_LIMIT)
		snprintf(until, sizeof(until), "%" PRIu64, memory->until_kib / 1024);
	if (memory->hold_ns != CASE_FOREVER)
		snprintf(hold, sizeof(hold), "%g", (double)memory->hold_ns / 1e9);
	if (memory->again_ns)
		snprintf(again, sizeof(again), ":%g", (double)memory->again_ns / 1e9);
	snprintf(text, CASE_MEMORY_TEXT, "%" PRIu64 ":%s:%g:%s%s", memory->rate_kib_s, until,
	         (double)memory->start_ns / 1e9, hold, again);
	return text;
}
