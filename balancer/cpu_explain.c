/* cpu_explain - say what the CPU plan chose, and why, in words and numbers */
#include "balancer/cpu_explain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double points(double pm)
{
	return pm / 10;
}

static void write_reason(const struct cpu_policy *policy, const struct cpu_choice *choice,
                         char *text)
{
	double spread = points(choice->spread_pm), best = points(choice->predicted_pm);
	double limit = points(policy->balance_pm);
	size_t size = REASON_TEXT;
	char cores[64] = "";

	/* Without SMT the two spreads are one. */
	if (choice->spread_pm - choice->core_pm > 0.5 ||
	    choice->predicted_pm - choice->predicted_core_pm > 0.5)
		snprintf(cores, sizeof(cores), " (over cores %.1f -> %.1f)",
		         points(choice->core_pm), points(choice->predicted_core_pm));
	text[0] = '\0';
	switch (choice->why) {
	case WHY_IN_BAND:
	case CPU_WHYS:
		break;
	case WHY_NO_LOAD:
		snprintf(text, size, "no vCPU carries load");
		break;
	case WHY_ONE_PCPU:
		snprintf(text, size, "one pCPU: nothing to choose from");
		break;
	case WHY_NO_SAMPLES:
		snprintf(text, size, "waiting for the second sample");
		break;
	case WHY_CONFIRMING:
		snprintf(text, size, "spread %.1f points, limit %.1f; seen in %u of %u ticks",
		         spread, limit, choice->count, choice->needed);
		break;
	case WHY_TRIED:
		snprintf(text, size,
		         "spread %.1f points, limit %.1f; changes have not helped, and loads are "
		         "the same: tick %u of %u until the next attempt",
		         spread, limit, choice->count, choice->needed);
		break;
	case WHY_RESTING:
		snprintf(text, size,
		         "spread %.1f points, limit %.1f; what could move has just moved", spread,
		         limit);
		break;
	case WHY_NONE_MOVABLE:
		snprintf(text, size,
		         "spread %.1f points, limit %.1f; no loaded vCPU is ours to move", spread,
		         limit);
		break;
	case WHY_NOT_BETTER:
		snprintf(text, size,
		         "spread %.1f points, limit %.1f; the best placement found has %.1f, not "
		         "worth a change",
		         spread, limit, fmax(0, best));
		break;
	case WHY_KERNEL:
		snprintf(
		        text, size,
		        "floating vCPUs left to the kernel: spread %.1f points now, %.1f if pinned",
		        spread, fmax(0, best));
		break;
	case WHY_SPREAD:
		snprintf(text, size, "spread %.1f -> %.1f points%s, limit %.1f", spread, best,
		         cores, limit);
		break;
	case WHY_PLACE:
		snprintf(text, size, "floating vCPUs carry load; spread %.1f -> %.1f points%s",
		         spread, best, cores);
		break;
	case WHY_RULE:
		snprintf(text, size, "by the policy's rule; spread %.1f -> %.1f points", spread,
		         best);
		break;
	case WHY_NO_MOVE:
		snprintf(text, size,
		         "spread %.1f points, limit %.1f; the policy's rule has no change", spread,
		         limit);
		break;
	}
}

/* Loads as the plan sees them now, and as it expects them after its moves. */
static void expected_loads(const struct cpu_policy *policy, const struct cpu_view *view,
                           const struct cpu_choice *choice, const struct cpu_move *moves,
                           double *now, double *after)
{
	double left = 0;
	size_t i;

	cpu_plan_loads(policy, view, now);
	for (i = 0; i < view->nr_pcpus; i++)
		after[i] = fmax(0, view->pcpus[i].other_pm);
	for (i = 0; i < view->nr_vcpus; i++) {
		if (view->vcpus[i].on >= 0)
			after[view->vcpus[i].on] += view->vcpus[i].load_pm;
		else if (view->vcpus[i].on == VIEW_FLOATS)
			left += view->vcpus[i].load_pm;
	}
	for (i = 0; i < choice->nr_moves; i++) {
		double load = view->vcpus[moves[i].vcpu].load_pm;

		after[moves[i].to] += load;
		if (moves[i].from >= 0)
			after[moves[i].from] -= load;
		else
			left -= load;
	}
	for (i = 0; i < view->nr_pcpus; i++)
		after[i] += left / (double)view->nr_pcpus;
}

static void write_move(const struct cpu_view *view, const struct cpu_move *m, const double *now,
                       const double *after, char *text)
{
	const struct view_pcpu *p = view->pcpus;
	int n = 0;

	n = snprintf(text, REASON_TEXT, "load %.0f %%; ", points(view->vcpus[m->vcpu].load_pm));
	if (m->from >= 0)
		n += snprintf(text + n, REASON_TEXT - (size_t)n, "pCPU %u: %.0f -> %.0f %%, ",
		              p[m->from].pcpu, points(now[m->from]), points(after[m->from]));
	else
		n += snprintf(text + n, REASON_TEXT - (size_t)n, "was floating, ");
	n += snprintf(text + n, REASON_TEXT - (size_t)n, "pCPU %u: %.0f -> %.0f %%", p[m->to].pcpu,
	              points(now[m->to]), points(after[m->to]));
	if (view->spots && m->from >= 0 && view->spots[m->from].node >= 0 &&
	    view->spots[m->from].node != view->spots[m->to].node)
		snprintf(text + n, REASON_TEXT - (size_t)n, "; from node %d to %d",
		         view->spots[m->from].node, view->spots[m->to].node);
}

void cpu_explain(const struct cpu_policy *policy, const struct cpu_view *view,
                 const struct sample *s, const struct cpu_choice *choice,
                 const struct cpu_move *moves, double *loads, struct decision *d)
{
	double *now = loads, *after = loads + view->nr_pcpus;
	size_t i;

	d->verdict = choice->verdict;
	d->spread_pm = choice->spread_pm;
	d->noise_pm = choice->noise_pm;
	d->predicted_pm = choice->predicted_pm;
	d->exact = choice->exact;
	d->why = choice->why;
	d->nr_actions = choice->nr_moves;
	write_reason(policy, choice, d->reason);
	if (!choice->nr_moves)
		return;
	expected_loads(policy, view, choice, moves, now, after);
	for (i = 0; i < choice->nr_moves; i++) {
		const struct sample_guest *guest = sample_guest_of(s, moves[i].vcpu);
		struct action *a = &d->actions[i];

		*a = (struct action){.kind = ACTION_PIN, .result = RESULT_NONE};
		memcpy(a->guest, guest->uuid, UUID_BYTES);
		snprintf(a->name, sizeof(a->name), "%s", guest->name);
		a->vcpu = s->vcpus[moves[i].vcpu].vcpu;
		a->from = s->vcpus[moves[i].vcpu].affinity;
		a->to = cpuset_one(view->pcpus[moves[i].to].pcpu);
		write_move(view, &moves[i], now, after, a->reason);
	}
}
