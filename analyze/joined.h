/* joined - the runs of two programs on one host at the same time, told of as one */
#ifndef VMB_ANALYZE_JOINED_H
#define VMB_ANALYZE_JOINED_H

#include "analyze/chart.h"
#include "analyze/metrics.h"

/*
 * The run that was chosen, and the one beside it (NULL: none), whose times have the same origin. Of the pCPUs the run of vmb-cpu
 * tells, of memory and of what befell guests that of vmb-mem, of all else (what a recorder cost, for one) the one that was chosen; where
 * one of the two balancers is not there, that of the other program stands in for it. Series are borrowed. Zeroed: none.
 */
struct joined {
	const struct series *chosen, *beside;
	struct spool *actions; /* struct trace_action_row, of both, by their times */
	size_t nr_actions;
};

/* Returns 0 or -ENOMEM; joined_done() is needed in both cases. */
int joined_init(struct joined *j, const struct series *chosen, const struct series *beside);
void joined_done(struct joined *j);

/* The run that a metric is measured in. */
const struct series *joined_metric(const struct joined *j, const struct metric *m);

/*
 * The run that a chart draws: a copy that borrows all that it holds. That of the actions is the longer of the two, with the actions
 * of both.
 */
struct series joined_chart(const struct joined *j, const struct chart *c);

#endif
