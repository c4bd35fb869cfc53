/* criteria - what must hold in a run */
#ifndef VMB_ANALYZE_CRITERIA_H
#define VMB_ANALYZE_CRITERIA_H

#include "analyze/moment.h"
#include "analyze/rule.h"

/*
 * A criteria file has one section for each criterion:
 *
 *     [criterion NAME]         letters, digits, - _ .
 *     metric = cpu.sd_pp       one of metrics[]
 *     limit  = <= 5            <=, <, ==, >= or > and a number in the metric's unit, or a formula that comes to one
 *                              (formula.h): <= cpu.moves_needed + 1, == run.vcpus - run.vcpus / run.pcpus;
 *                              for a metric whose values are words, those that will do: flat, settles
 *     guest  = web*            of a metric about guests: those whose names match this pattern; default all
 *     hold   = 100 %           of samples; default 100 %; for metrics with more than one number a run
 *     from   = settle          start (default), a time since the first tick (3 s, 30 s + 3 ticks), load (the first tick
 *                              with load), load+3 ticks, settle; end - 20 ticks: the last 20
 *     to     = 40 s            end (default), or as from without settle
 *     within = 20 s            with from = settle only: the latest moment to settle, counted from the first load;
 *                              a time or `3 ticks`; default 20 s
 *
 * `from = settle` starts where a limit begins to hold to the end: that of the criterion itself for a metric with a
 * sample a tick, else that of cpu.sd_pp in the same file (that of the run when there is none), and then not before three ticks
 * of load, in which a balancer may act. Taken alone that would hold in any run whose last sample does: so a run
 * fails that settled later than `within`, or not for 10 samples or half of its loaded ones. With `within = 3 ticks`
 * it says the same as `from = load+3 ticks`, which gives a fixed moment, and every later sample counts.
 *
 * The file of a case holds sections of others too: [case], [host], [guests], [load], [memory], [background], [event], with names and
 * without, are left to them. Everything else that is not known is an error.
 */

#define CRITERION_NAME  48
#define CRITERION_GUEST 64

struct criterion {
	char name[CRITERION_NAME];
	const struct metric *metric;
	struct rule rule;
	char guest[CRITERION_GUEST]; /* a pattern of names; empty: all */
	double hold_pct;
	struct moment from, to;
	int line; /* of its section; 0 when built in */
};

struct criteria {
	struct criterion *rows;
	size_t nr;
};

/*
 * Read the criteria of a file. Returns 0, -ENOMEM, or -EINVAL (-ENOENT, -EACCES, -EIO as of the file) with a sentence
 * "FILE:LINE: ..." that names what is wrong. A file without a criterion is an error. On success the caller
 * ends with criteria_done().
 */
int criteria_read(const char *path, struct criteria *out, struct error *e);

/* As criteria_read(), from a text; `name` is what errors call it. */
int criteria_parse(const char *name, const char *text, struct criteria *out, struct error *e);

/*
 * The set for a run when nothing else is asked for. Of vmb-mem: the host keeps its reserve and guests the least band that they were
 * given, in every sample; memory is taken gradually, orders are obeyed, the pool is kept, nobody seems to have been killed. Of all others, and
 * for NULL: the pCPUs within the limit of standard deviation that
 * the run was given (5 points when it names none) in every sample from three ticks after the load began to the end, no pin
 * change once that has settled, none ever taken back. Where both balancers ran at the same time (beside: NULL where not), both sets. Their
 * texts, and as criteria.
 */
extern const char criteria_builtin_text[], criteria_builtin_memory_text[];
int criteria_builtin(const struct series *run, const struct series *beside, struct criteria *out,
                     struct error *e);

void criteria_done(struct criteria *c);

/*
 * The limit of cpu.sd_pp that says when a run has settled: that of the first such criterion of the set; where there is none, or its
 * formula comes to nothing in this run, what the run was given. Returns 0 or -ENOMEM.
 */
int criteria_balance_limit(const struct criteria *c, const struct series *s, struct limit *out);

#endif
