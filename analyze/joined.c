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

/* The action of both that is next; each run has its own in order. */
static const struct trace_action_row *next_of(const struct series *x, size_t *i,
                                              const struct series *y, size_t *k)
{
	if (*i < x->nr_actions &&
	    (*k == y->nr_actions || series_action(x, *i)->mono_ns <= series_action(y, *k)->mono_ns))
		return series_action(x, (*i)++);
	return series_action(y, (*k)++);
}

int joined_init(struct joined *j, const struct series *chosen, const struct series *beside)
{
	size_t i = 0, k = 0;
	int r = 0;

	*j = (struct joined){chosen, beside, chosen->actions, chosen->nr_actions};
	if (!beside)
		return 0;
	j->actions = NULL;
	j->nr_actions = 0;
	while (r == 0 && (i < chosen->nr_actions || k < beside->nr_actions)) {
		r = spool_add(&j->actions, sizeof(struct trace_action_row),
		              next_of(chosen, &i, beside, &k));
		j->nr_actions += r == 0;
	}
	return r;
}

void joined_done(struct joined *j)
{
	if (j->beside)
		spool_free(j->actions);
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
