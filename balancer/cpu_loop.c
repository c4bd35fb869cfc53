/* cpu_loop - the parts of vmb-cpu's loop that keep state: sense, plan, apply; and putting back at the end */
#include "balancer/cpu_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/apply.h"
#include "balancer/cpu_explain.h"
#include "balancer/cpu_topology.h"
#include "common/clock.h"

int cpu_loop_open(struct cpu_loop *l, const struct cpu_options *o, struct error *e)
{
	int r;

	*l = (struct cpu_loop){.options = o, .instance.lock_fd = -1};
	sample_init(&l->sample);
	r = host_open(o->uri, o->dry_run ? HOST_READ_ONLY : HOST_READ_WRITE, &l->host, e);
	if (!r)
		r = host_describe(l->host, &l->facts, e);
	if (!r && !o->dry_run)
		r = instance_open("cpu", &l->facts, &l->instance, e);
	if (!r && !o->dry_run)
		r = journal_open(l->instance.journal_path, &l->journal, e);
	return r;
}

void cpu_loop_close(struct cpu_loop *l)
{
	sample_done(&l->sample);
	cpu_estimate_done(&l->estimate);
	place_free(&l->scratch);
	decision_done(&l->decision);
	free(l->moves);
	free(l->loads);
	free(l->spots);
	journal_close(l->journal);
	instance_close(&l->instance);
	host_close(l->host);
}

int cpu_loop_sense(struct cpu_loop *l, struct error *e)
{
	return host_sample(l->host, l->options->trace ? LATE_DELAY : LATE_NONE, &l->sample, e);
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
	cpu_topology(&l->facts, view, l->spots);
	view->spots = l->spots;
	l->options->planner->plan(policy, view, &l->state, &l->scratch, l->moves, &choice);
	r = decision_reserve(&l->decision, choice.nr_moves, e);
	if (!r)
		cpu_explain(policy, view, &l->sample, &choice, l->moves, l->loads, &l->decision);
	return r;
}

int cpu_loop_decide(struct cpu_loop *l, bool rebase, struct error *e)
{
	const struct cpu_options *o = l->options;
	struct cpu_scope scope = {o->has_cpus ? &o->cpus : NULL, cpu_options_manage, o};
	uint64_t start = clock_mono_ns();
	int r;

	r = cpu_estimate_update(&l->estimate, &l->sample, &scope, rebase, e);
	l->decision.nr_actions = 0;
	if (!r && !rebase)
		r = plan(l, e);
	if (rebase) {
		l->decision.verdict = VERDICT_REBASE;
		l->decision.spread_pm = l->decision.noise_pm = l->decision.predicted_pm = -1;
		snprintf(l->decision.reason, REASON_TEXT,
		         "no sample for more than three intervals");
	}
	l->decide_ns = clock_mono_ns() - start;
	return r;
}

int cpu_loop_act(struct cpu_loop *l, struct error *e)
{
	struct decision *d = &l->decision;
	size_t i;
	int r = 0;

	l->act_ns = host_now_ns(l->host);
	if (l->journal)
		journal_online(l->journal, &l->sample.online);
	if (!l->journal)
		apply_nothing(d->actions, d->nr_actions);
	else
		r = apply_actions(l->host, l->journal, d->actions, d->nr_actions, e);
	/* A refused one rests as well: it would be refused again. */
	for (i = 0; i < d->nr_actions; i++)
		cpu_estimate_moved(&l->estimate, l->moves[i].vcpu);
	return r;
}

bool cpu_loop_owes(const struct cpu_loop *l)
{
	return l->journal && journal_holds(l->journal) && !journal_kept(l->journal);
}

int cpu_loop_restore(struct cpu_loop *l, struct error *e)
{
	struct decision *d = &l->decision;
	struct action *list = NULL;
	size_t i, nr = 0, left = 0;
	int r;

	d->nr_actions = 0;
	r = host_sample(l->host, LATE_NONE, &l->sample, e);
	if (!r)
		r = journal_restores(l->journal, &l->sample, &list, &nr, e);
	if (!r)
		r = decision_reserve(d, nr, e);
	if (r < 0) {
		free(list);
		return r;
	}
	apply_actions(l->host, NULL, list, nr, e);
	for (i = 0; i < nr; i++) {
		d->actions[i] = list[i];
		left += list[i].result != RESULT_DONE && list[i].result != RESULT_GONE;
	}
	d->nr_actions = nr;
	free(list);
	if (left)
		return fail(e, EAGAIN,
		            "%zu of %zu pins could not be put back; vmb-cpu --restore tries again",
		            left, nr);
	if (l->sample.nr_unread)
		return fail(
		        e, EAGAIN,
		        "%zu guests could not be read; vmb-cpu --restore tries again to put back "
		        "their pins",
		        l->sample.nr_unread);
	return journal_remove(l->journal, e);
}
