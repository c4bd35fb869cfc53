/* joined - the runs of two programs on one host at the same time, told of as one */
#include "analyze/joined.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum part {
	PART_CPU,
	PART_MEMORY,
	PART_BOTH,
};

static const char *const balancer[] = {[PART_CPU] = "vmb-cpu", [PART_MEMORY] = "vmb-mem"};

/* Metrics by how their names begin; what is not here is told of the run that was chosen. */
static const struct {
	const char *begin;
	enum part part;
} of_metrics[] = {
        {"cpu.", PART_CPU},
        {"run.balance_pp", PART_CPU},
        {"mem.", PART_MEMORY},
        {"guest.", PART_MEMORY},
        {"run.reserve_mib", PART_MEMORY},
        {"run.pool_mib", PART_MEMORY},
        {"run.low_mib", PART_MEMORY},
};

/* Charts by their names; likewise. */
static const struct {
	const char *name;
	enum part part;
} of_charts[] = {
        {"pcpu", PART_CPU},      {"placement", PART_CPU}, {"steal", PART_CPU},
        {"memory", PART_MEMORY}, {"host", PART_MEMORY},   {"actions", PART_BOTH},
};

static int by_time(const void *a, const void *b)
{
	const struct trace_action_row *x = a, *y = b;

	return (x->mono_ns > y->mono_ns) - (x->mono_ns < y->mono_ns);
}

int joined_init(struct joined *j, const struct series *chosen, const struct series *beside)
{
	struct trace_action_row *all;

	*j = (struct joined){chosen, beside, chosen->actions, chosen->nr_actions};
	if (!beside)
		return 0;
	j->nr_actions = 0;
	j->actions = all = calloc(chosen->nr_actions + beside->nr_actions + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	if (chosen->nr_actions)
		memcpy(all, chosen->actions, chosen->nr_actions * sizeof(*all));
	if (beside->nr_actions)
		memcpy(all + chosen->nr_actions, beside->actions,
		       beside->nr_actions * sizeof(*all));
	j->nr_actions = chosen->nr_actions + beside->nr_actions;
	qsort(all, j->nr_actions, sizeof(*all), by_time);
	return 0;
}

void joined_done(struct joined *j)
{
	if (j->beside)
		free(j->actions);
	*j = (struct joined){0};
}

static bool is_of(const struct series *s, enum part part)
{
	return !strcmp(s->run.program, balancer[part]);
}

/* The run of its balancer; else the one that is not the other balancer's. */
static const struct series *run_of(const struct joined *j, enum part part)
{
	enum part other = part == PART_CPU ? PART_MEMORY : PART_CPU;

	if (!j->beside || is_of(j->chosen, part))
		return j->chosen;
	return is_of(j->beside, part) || is_of(j->chosen, other) ? j->beside : j->chosen;
}

const struct series *joined_metric(const struct joined *j, const struct metric *m)
{
	size_t i;

	for (i = 0; i < sizeof(of_metrics) / sizeof(of_metrics[0]); i++)
		if (!strncmp(m->id, of_metrics[i].begin, strlen(of_metrics[i].begin)))
			return run_of(j, of_metrics[i].part);
	return j->chosen;
}

struct series joined_chart(const struct joined *j, const struct chart *c)
{
	struct series s = *j->chosen;
	size_t i, nr = sizeof(of_charts) / sizeof(of_charts[0]);

	for (i = 0; i < nr; i++)
		if (!strcmp(c->name, of_charts[i].name))
			break;
	if (!j->beside || i == nr)
		return s;
	if (of_charts[i].part != PART_BOTH)
		return *run_of(j, of_charts[i].part);
	if (series_seconds(j->beside) > series_seconds(j->chosen))
		s = *j->beside;
	s.actions = j->actions;
	s.nr_actions = j->nr_actions;
	return s;
}
