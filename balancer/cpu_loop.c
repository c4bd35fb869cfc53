/* cpu_loop - what vmb-cpu does in a tick of the loop: estimate and plan; and putting back at the end */
#include "balancer/cpu_loop.h"

#include <stdio.h>
#include <stdlib.h>

#include "balancer/cpu_explain.h"
#include "balancer/cpu_topology.h"
#include "common/clock.h"
#include "common/text.h"

/* As long as the pause between two attempts to connect again. */
#define PAUSE_MOST_NS (30 * NS_PER_S)

void cpu_loop_done(struct cpu_loop *l)
{
	cpu_estimate_done(&l->estimate);
	place_free(&l->scratch);
	free(l->moves);
	free(l->loads);
	free(l->spots);
	loop_close(&l->base);
}

static int reserve(struct cpu_loop *l, struct error *e)
{
	const struct cpu_view *view = &l->estimate.view;
	size_t moves = view->nr_vcpus + 1, loads = 2 * view->nr_pcpus + 1;
	void *more;

	if (moves > l->room_moves) {
		more = realloc(l->moves, moves * sizeof(*l->moves));
		if (!more)
			return fail(e, ENOMEM, "no memory to plan %zu vCPUs", moves);
		l->moves = more;
		l->room_moves = moves;
	}
	if (loads > l->room_loads) {
		more = realloc(l->loads, loads * sizeof(*l->loads));
		if (!more)
			return fail(e, ENOMEM, "no memory to plan %zu pCPUs", loads);
		l->loads = more;
		l->room_loads = loads;
	}
	if (view->nr_pcpus > l->room_spots) {
		more = realloc(l->spots, view->nr_pcpus * sizeof(*l->spots));
		if (!more)
			return fail(e, ENOMEM, "no memory to plan %zu pCPUs", view->nr_pcpus);
		l->spots = more;
		l->room_spots = view->nr_pcpus;
	}
	return place_reserve(&l->scratch, view->nr_pcpus, view->nr_vcpus, e);
}

static int plan(struct cpu_loop *l, struct error *e)
{
	const struct cpu_policy *policy = &l->options->policy;
	struct cpu_view *view = &l->estimate.view;
	struct cpu_choice choice;
	int r;

	r = reserve(l, e);
	if (r < 0)
		return r;
	cpu_topology(&l->base.facts, view, l->spots);
	view->spots = l->spots;
	l->before = l->state;
	l->options->planner->plan(policy, view, &l->state, &l->scratch, l->moves, &choice);
	r = decision_reserve(&l->base.decision, choice.nr_moves, e);
	if (!r)
		cpu_explain(policy, view, &l->base.sample, &choice, l->moves, l->loads,
		            &l->base.decision);
	return r;
}

int cpu_loop_check(struct loop *base, struct error *e)
{
	const struct cpu_options *o = ((struct cpu_loop *)base)->options;
	char asked[CPUSET_TEXT], there[CPUSET_TEXT];
	struct cpuset both;
	int r;

	if (!o->has_cpus)
		return 0;
	r = host_sample(base->host, LATE_NONE, &base->sample, e);
	if (r < 0)
		return r;
	both = cpuset_and(&o->cpus, &base->sample.usable);
	if (cpuset_first(&both) >= 0)
		return 0;
	return fail(e, EINVAL, "--cpus %.60s: guests may use none of them here, but %.60s",
	            cpuset_text(&o->cpus, asked, sizeof(asked)),
	            cpuset_text(&base->sample.usable, there, sizeof(there)));
}

int cpu_loop_decide(struct loop *base, bool rebase, struct error *e)
{
	struct cpu_loop *l = (struct cpu_loop *)base;
	const struct cpu_options *o = l->options;
	struct cpu_scope scope = {o->has_cpus ? &o->cpus : NULL, cpu_options_manage, o};
	int r;

	l->estimate.by_means = cpu_plan_tried(&o->policy, &l->state);
	r = cpu_estimate_update(&l->estimate, &base->sample, &scope, rebase, e);

	base->decision.nr_actions = 0;
	if (base->journal)
		journal_sees(base->journal, &base->sample);
	if (!r && !rebase && host_now_ns(base->host) < l->pause_until_ns)
		loop_decide_nothing(base, VERDICT_HOLD,
		                    "the last changes could be neither noted nor asked for");
	else if (!r && !rebase)
		r = plan(l, e);
	if (rebase)
		loop_rebase(base);
	return r;
}

/* A disk without room for the journal, a connection that is lost: no vCPU's fault. */
static void pause_for_longer(struct cpu_loop *l)
{
	l->pause_ns = l->pause_ns ? 2 * l->pause_ns : NS_PER_S;
	if (l->pause_ns > PAUSE_MOST_NS)
		l->pause_ns = PAUSE_MOST_NS;
	l->pause_until_ns = host_now_ns(l->base.host) + l->pause_ns;
}

void cpu_loop_acted(struct loop *base)
{
	struct cpu_loop *l = (struct cpu_loop *)base;
	size_t i, nr = base->decision.nr_actions, done = 0, untried = 0;

	for (i = 0; i < nr; i++)
		untried += base->decision.actions[i].result == RESULT_NONE;
	for (i = 0; i < nr; i++) {
		enum action_result result = base->decision.actions[i].result;

		done += result == RESULT_DONE || result == RESULT_DRY_RUN;
		if (result == RESULT_DONE || result == RESULT_DRY_RUN)
			cpu_estimate_moved(&l->estimate, l->moves[i].vcpu);
		/* Also one that is said to be gone, and is listed. Before what was not tried the connection was lost. */
		else if (result != RESULT_NONE && !untried)
			cpu_estimate_refused(&l->estimate, l->moves[i].vcpu);
	}
	/* What was not done does not tell whether it helps, and what was done by half not how far. */
	if (nr && !done)
		l->state = l->before;
	else if (done < nr)
		l->state.prediction_open = false;
	if (nr && untried == nr)
		pause_for_longer(l);
	else if (done)
		l->pause_ns = 0;
}

int cpu_loop_restore(struct loop *base, struct error *e)
{
	struct action *list = NULL;
	size_t nr = 0;
	int r;

	r = host_sample(base->host, LATE_NONE, &base->sample, e);
	if (!r)
		journal_sees(base->journal, &base->sample);
	if (!r)
		r = journal_restores(base->journal, &base->sample, &list, &nr, e);
	if (!r)
		r = loop_put_back(base, list, nr, e);
	free(list);
	return r < 0 ? r : loop_settle(base, "vmb-cpu", "pins", e);
}

void cpu_loop_limits(const struct loop *base, char *text, size_t size)
{
	const struct cpu_loop *l = (const struct cpu_loop *)base;

	snprintf(text, size, "policy %s, limit %g points", l->options->planner->name,
	         l->options->policy.balance_pm / 10);
}

void cpu_loop_status(const struct loop *base, char *text, size_t size)
{
	const struct sample *s = &base->sample;
	int n;

	n = snprintf(text, size, "%zu guest%s on %u pCPU%s", s->nr_guests, plural(s->nr_guests),
	             cpuset_count(&s->usable), plural(cpuset_count(&s->usable)));
	if (base->decision.spread_pm >= 0 && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", spread %.1f points",
		         base->decision.spread_pm / 10);
}
