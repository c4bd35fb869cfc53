/* cpu_plan_exact - branch and bound: prove or improve a placement, within a number of steps */
#include "balancer/cpu_plan_exact.h"

#include <math.h>
#include <string.h>

#include "balancer/cpu_plan_search.h"

#define ROUNDING 1e-6

/*
 * Items are decided in s->order: floating ones first, then the pinned by falling load. s->work_pm holds the loads when
 * all undecided pinned ones stay; s->trial the placement; s->top_sum_pm[k] the load of the pinned ones in order[0 .. k).
 */
struct bound {
	const struct place_problem *problem;
	struct place_scratch *s;
	size_t nr_order, nr_floating;
	double mean_pm;
	double best; /* sum of squares to beat */
	bool found;
	unsigned nodes;
};

static void prepare(struct bound *b)
{
	struct place_scratch *s = b->s;
	const struct place_item *item;
	size_t i;

	for (i = 0; i < b->problem->nr_items; i++) {
		s->trial[i] = s->items[i].from;
		b->nr_order += s->items[i].movable;
	}
	place_loads(b->problem, s, s->trial, s->work_pm);
	for (i = 0; i < b->problem->nr_pcpus; i++)
		b->mean_pm += s->work_pm[i];
	s->top_sum_pm[0] = 0;
	for (i = 0; i < b->nr_order; i++) {
		item = &s->items[s->order[i]];
		b->nr_floating += item->from < 0;
		b->mean_pm += item->from < 0 ? item->load_pm : 0;
		s->top_sum_pm[i + 1] = s->top_sum_pm[i] + (item->from < 0 ? 0 : item->load_pm);
	}
	b->mean_pm /= (double)b->problem->nr_pcpus;
}

static double squares(const struct bound *b, const double *loads)
{
	double sum = 0;
	size_t p;

	for (p = 0; p < b->problem->nr_pcpus; p++)
		sum += (loads[p] - b->mean_pm) * (loads[p] - b->mean_pm);
	return sum;
}

/*
 * The least sum of squares that `moves` further moves of undecided pinned vCPUs can reach: what lies above the mean
 * can fall by the loads that leave, and what then is still above must lie below somewhere else. Floating ones that are
 * still to come only add.
 */
static double least_squares(const struct bound *b, size_t next, size_t moves)
{
	size_t first = next > b->nr_floating ? next : b->nr_floating, over = 0, p;
	size_t last = first + moves < b->nr_order ? first + moves : b->nr_order;
	size_t pcpus = b->problem->nr_pcpus;
	double above = 0, above_squares = 0, off;

	for (p = 0; p < pcpus; p++) {
		off = b->s->work_pm[p] - b->mean_pm;
		if (off <= 0)
			continue;
		above += off;
		above_squares += off * off;
		over++;
	}
	if (!over || over == pcpus)
		return 0;
	if (last == first)
		return above_squares + above * above / (double)(pcpus - over);
	above -= b->s->top_sum_pm[last] - b->s->top_sum_pm[first];
	return above > 0 ? 4 * above * above / (double)pcpus : 0;
}

static void decide(struct bound *b, size_t next, size_t left);

static void place(struct bound *b, size_t next, size_t left, int32_t p)
{
	struct place_scratch *s = b->s;
	size_t i = s->order[next];
	int32_t was = s->trial[i];

	if (was >= 0)
		s->work_pm[was] -= s->items[i].load_pm;
	s->work_pm[p] += s->items[i].load_pm;
	s->trial[i] = p;
	decide(b, next + 1, left);
	s->trial[i] = was;
	s->work_pm[p] -= s->items[i].load_pm;
	if (was >= 0)
		s->work_pm[was] += s->items[i].load_pm;
}

static void decide(struct bound *b, size_t next, size_t left)
{
	struct place_scratch *s = b->s;
	size_t waiting = next < b->nr_floating ? b->nr_floating - next : 0;
	double sum;
	int32_t p;

	if (!b->nodes || left < waiting)
		return;
	b->nodes--;
	if (least_squares(b, next, left - waiting) >= b->best - ROUNDING)
		return;
	if (next == b->nr_order || !left) {
		sum = squares(b, s->work_pm);
		if (sum >= b->best - ROUNDING)
			return;
		b->best = sum;
		b->found = true;
		memcpy(s->best_to, s->trial, b->problem->nr_items * sizeof(*s->trial));
		return;
	}
	if (!waiting)
		decide(b, next + 1, left);
	for (p = 0; p < (int32_t)b->problem->nr_pcpus; p++)
		if (p != s->trial[s->order[next]] &&
		    !place_forbidden(b->problem, s, s->trial, s->order[next], p))
			place(b, next, left - 1, p);
}

unsigned place_least_changes(const struct place_problem *problem, struct place_scratch *s)
{
	struct bound b = {.problem = problem, .s = s};
	double allowed = problem->band_pm * sqrt((double)problem->nr_pcpus - 1), off;
	unsigned leave = 0, come = 0;
	size_t p, k;

	prepare(&b);
	for (p = 0; p < problem->nr_pcpus; p++) {
		/* One value among n cannot be further from the mean than sqrt(n - 1) deviations. */
		off = s->work_pm[p] - b.mean_pm;
		come += off < -allowed;
		for (k = b.nr_floating; k < b.nr_order && off > allowed; k++) {
			if (s->trial[s->order[k]] != (int32_t)p)
				continue;
			off -= s->items[s->order[k]].load_pm;
			leave++;
		}
	}
	come = come > b.nr_floating ? come - (unsigned)b.nr_floating : 0;
	return (unsigned)b.nr_floating + (leave > come ? leave : come);
}

bool place_exact(const struct place_problem *problem, struct place_scratch *s)
{
	struct bound b = {.problem = problem, .s = s, .nodes = problem->nodes};
	unsigned changes = place_changes(problem, s, s->to), n;
	double limit = problem->band_pm * problem->band_pm * (double)problem->nr_pcpus, reached;

	prepare(&b);
	place_loads(problem, s, s->to, s->load_pm);
	reached = squares(&b, s->load_pm);
	if (reached > limit)
		changes = (unsigned)b.nr_order + 1;
	for (n = place_least_changes(problem, s); n < changes && !b.found && b.nodes; n++) {
		b.best = limit + 2 * ROUNDING;
		decide(&b, 0, n);
	}
	if (!b.found) {
		b.best = reached;
		decide(&b, 0, reached > limit ? b.nr_order : changes);
	}
	if (b.found)
		memcpy(s->to, s->best_to, problem->nr_items * sizeof(*s->to));
	return b.nodes > 0;
}
