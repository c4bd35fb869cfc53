/* case - what a scenario means: its guests one by one, their start pins, their load as a word */
#include "collector/case.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

const char *const case_runs[CASE_RUNS + 1] = {
        [RUN_CPU] = "cpu",
};

const char *const case_shapes[CASE_SHAPES + 1] = {
        [SHAPE_CONSTANT] = "constant", [SHAPE_STEP] = "step", [SHAPE_RAMP] = "ramp",
        [SHAPE_SQUARE] = "square",     [SHAPE_SINE] = "sine", [SHAPE_BURSTY] = "bursty",
        [SHAPE_TRACE] = "trace",
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

	assert(index < case_guests(c));
	for (; index >= group->count; group++) {
		index -= group->count;
		first_vcpu += group->count * group->nr_vcpus;
	}
	*out = (struct case_guest){
	        .group = group,
	        .load = &c->loads[group->dealt[index % group->nr_dealt]],
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
