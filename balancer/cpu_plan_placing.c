/* cpu_plan_placing - a placement while it is worked on: its loads, spreads and changes kept in step with every step */
#include "balancer/cpu_plan_placing.h"

#include <math.h>
#include <stdlib.h>

/* The steps between these are what counts: a move within a core keeps all caches warm, one to another node none. */
enum {
	COST_SAME_CORE = 0,
	COST_SAME_LLC = 1,
	COST_SAME_NODE = 2,
	COST_OTHER_NODE = 8,
};

/* More mates than a pCPU usually has vCPUs: it is quicker to look at these. */
#define MANY_MATES 32

static void chain_in(struct place_scratch *s, size_t i, int32_t p)
{
	s->prev_on[i] = -1;
	s->next_on[i] = s->first_on[p];
	if (s->first_on[p] >= 0)
		s->prev_on[s->first_on[p]] = (int32_t)i;
	s->first_on[p] = (int32_t)i;
}

static void chain_out(struct place_scratch *s, size_t i, int32_t p)
{
	if (s->prev_on[i] >= 0)
		s->next_on[s->prev_on[i]] = s->next_on[i];
	else
		s->first_on[p] = s->next_on[i];
	if (s->next_on[i] >= 0)
		s->prev_on[s->next_on[i]] = s->prev_on[i];
}

/* The mean load of a core's pCPUs. */
static double core_mean(const struct place_scratch *s, int32_t p)
{
	return s->core_pm[s->core_of[p]] / s->threads[s->core_of[p]];
}

static void add_load(struct placing *c, int32_t p, double load)
{
	struct place_scratch *s = c->s;

	c->squares += load * (2 * (s->load_pm[p] - c->mean_pm) + load);
	c->core_squares += load *
	                   (2 * (core_mean(s, p) - c->mean_pm) + load / s->threads[s->core_of[p]]);
	s->load_pm[p] += load;
	s->core_pm[s->core_of[p]] += load;
}

void placing_put(struct placing *c, size_t i, int32_t p)
{
	struct place_scratch *s = c->s;
	int32_t was = s->to[i];

	if (was >= 0) {
		chain_out(s, i, was);
		add_load(c, was, -s->items[i].load_pm);
	}
	c->changes -= placing_changed(c, i);
	s->to[i] = p;
	c->changes += placing_changed(c, i);
	if (p >= 0) {
		chain_in(s, i, p);
		add_load(c, p, s->items[i].load_pm);
	}
}

void placing_load(struct placing *c, const int32_t *to)
{
	struct place_scratch *s = c->s;
	size_t pcpus = c->problem->nr_pcpus, k, p;

	c->changes = 0;
	for (p = 0; p < c->nr_cores; p++)
		s->core_pm[p] = 0;
	for (p = 0; p < pcpus; p++) {
		s->load_pm[p] = s->fixed_pm[p];
		s->first_on[p] = -1;
	}
	for (k = 0; k < c->problem->nr_items; k++)
		if (!s->items[k].movable && s->items[k].from >= 0)
			chain_in(s, k, s->items[k].from);
	for (k = 0; k < c->nr_order; k++) {
		size_t i = s->order[k];

		s->to[i] = to[i];
		c->changes += placing_changed(c, i);
		if (to[i] < 0)
			continue;
		s->load_pm[to[i]] += s->items[i].load_pm;
		chain_in(s, i, to[i]);
	}
	for (p = 0; p < pcpus; p++)
		s->core_pm[s->core_of[p]] += s->load_pm[p];
	c->squares = c->core_squares = 0;
	for (p = 0; p < pcpus; p++) {
		double off = s->load_pm[p] - c->mean_pm,
		       core = core_mean(s, (int32_t)p) - c->mean_pm;

		c->squares += off * off;
		c->core_squares += core * core;
	}
}

/* ---- taking up a problem ---- */

/* Number the cores, count their pCPUs and link these in rings. Returns how many cores there are. */
static size_t find_cores(const struct place_spot *spots, size_t pcpus, struct place_scratch *s)
{
	size_t slots = 2 * pcpus, cores = 0, p, at;
	uint32_t *table = s->tree; /* by core, open addressing: a pCPU + 1 */

	for (p = 0; p < slots; p++)
		table[p] = 0;
	for (p = 0; p < pcpus; p++) {
		bool known = spots && spots[p].core >= 0;

		s->sibling[p] = (uint32_t)p;
		for (at = known ? (size_t)spots[p].core % slots : 0; known && table[at];
		     at = (at + 1) % slots)
			if (spots[table[at] - 1].core == spots[p].core)
				break;
		if (!known || !table[at]) {
			if (known)
				table[at] = (uint32_t)p + 1;
			s->core_of[p] = (uint32_t)cores;
			s->threads[cores++] = 1;
			continue;
		}
		s->core_of[p] = s->core_of[table[at] - 1];
		s->threads[s->core_of[p]]++;
		s->sibling[p] = s->sibling[table[at] - 1];
		s->sibling[table[at] - 1] = (uint32_t)p;
	}
	return cores;
}

double placing_core_spread(const struct place_spot *spots, const double *loads, size_t nr_pcpus,
                           struct place_scratch *s)
{
	size_t cores = find_cores(spots, nr_pcpus, s), p;

	for (p = 0; p < cores; p++)
		s->core_pm[p] = 0;
	for (p = 0; p < nr_pcpus; p++)
		s->core_pm[s->core_of[p]] += loads[p];
	for (p = 0; p < nr_pcpus; p++)
		s->work_pm[p] = core_mean(s, (int32_t)p);
	return spread_of(s->work_pm, nr_pcpus);
}

/* vCPUs of one guest are kept apart, unless it has more of them than pCPUs to go to. */
static void find_mates(struct placing *c, const struct cpuset *ours)
{
	struct place_scratch *s = c->s;
	size_t i, j, first = 0;

	for (i = 1; i <= c->problem->nr_items; i++) {
		if (i < c->problem->nr_items && s->items[i].guest == s->items[first].guest)
			continue;
		for (j = first; j < i; j++) {
			struct cpuset mine = cpuset_and(s->items[j].allowed, ours);
			bool apart = i - first > 1 && i - first <= cpuset_count(&mine);

			s->first_mate[j] = (uint32_t)(apart ? first : j);
			s->last_mate[j] = (uint32_t)(apart ? i - 1 : j);
			if (s->items[j].movable && !cpuset_covers(&mine, ours))
				c->alike = false;
		}
		for (j = first; j < i; j++)
			if (!s->items[j].movable && i - first > 1)
				c->alike = false;
		first = i;
	}
}

/* Floating ones first (they must be placed), then by falling load. */
static int by_load(const void *a, const void *b, void *data)
{
	const struct place_item *items = data;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	bool float_i = items[i].from < 0, float_j = items[j].from < 0;

	if (float_i != float_j)
		return float_i ? -1 : 1;
	if (items[i].load_pm != items[j].load_pm)
		return items[i].load_pm > items[j].load_pm ? -1 : 1;
	return i < j ? -1 : i > j;
}

void placing_start(struct placing *c, const struct place_problem *problem, struct place_scratch *s)
{
	struct cpuset ours = CPUSET_NONE;
	double heaviest = 0;
	size_t i;

	*c = (struct placing){.problem = problem, .s = s, .alike = !problem->keep_nodes};
	for (i = 0; i < problem->nr_pcpus; i++) {
		cpuset_add(&ours, s->pcpu_number[i]);
		s->fixed_pm[i] = s->base_pm[i];
		c->mean_pm += s->base_pm[i];
	}
	c->nr_cores = find_cores(problem->spots, problem->nr_pcpus, s);
	find_mates(c, &ours);
	for (i = 0; i < problem->nr_items; i++) {
		const struct place_item *item = &s->items[i];

		s->to[i] = item->from;
		if (item->movable) {
			s->order[c->nr_order++] = (uint32_t)i;
			c->nr_floating += item->from < 0;
			heaviest = fmax(heaviest, item->load_pm);
		} else if (item->from >= 0) {
			s->fixed_pm[item->from] += item->load_pm;
		}
		if (item->movable || item->from >= 0)
			c->mean_pm += item->load_pm;
	}
	c->mean_pm /= (double)problem->nr_pcpus;
	c->least_pm = fmax(c->mean_pm, heaviest);
	for (i = 0; i < problem->nr_pcpus; i++)
		c->least_pm = fmax(c->least_pm, s->fixed_pm[i]);
	c->highest_pm = problem->over_pm > 0 ? c->least_pm + problem->over_pm : INFINITY;
	qsort_r(s->order, c->nr_order, sizeof(*s->order), by_load, s->items);
	placing_load(c, s->to);
}

/* ---- measures ---- */

double placing_gain(const struct placing *c, double load, int32_t a, int32_t b)
{
	return 2 * load * (c->s->load_pm[a] - c->s->load_pm[b] - load);
}

double placing_core_gain(const struct placing *c, double load, int32_t a, int32_t b)
{
	const struct place_scratch *s = c->s;

	if (s->core_of[a] == s->core_of[b])
		return 0;
	return load * (2 * (core_mean(s, a) - core_mean(s, b)) - load / s->threads[s->core_of[a]] -
	               load / s->threads[s->core_of[b]]);
}

double placing_highest(const struct placing *c)
{
	double highest = 0;
	size_t p;

	for (p = 0; p < c->problem->nr_pcpus; p++)
		highest = fmax(highest, c->s->load_pm[p]);
	return highest;
}

bool placing_within(const struct placing *c)
{
	const struct place_problem *problem = c->problem;
	double n = (double)problem->nr_pcpus;

	if (c->squares > problem->band_pm * problem->band_pm * n + PLACING_ROUNDING)
		return false;
	if (problem->uneven_pm > 0 &&
	    c->squares + c->core_squares >
	            2 * problem->uneven_pm * problem->uneven_pm * n + PLACING_ROUNDING)
		return false;
	return !isfinite(c->highest_pm) || placing_highest(c) <= c->highest_pm + PLACING_ROUNDING;
}

unsigned placing_cost(const struct placing *c, size_t i, int32_t p)
{
	const struct place_item *item = &c->s->items[i];
	const struct place_spot *spots = c->problem->spots, *from;

	if (!spots || p == item->from || p < 0)
		return 0;
	if (item->from < 0)
		return item->home >= 0 && spots[p].node >= 0 && spots[p].node != item->home
		               ? COST_OTHER_NODE
		               : 0;
	from = &spots[item->from];
	if (from->node >= 0 && from->node != spots[p].node)
		return spots[p].node == item->home ? COST_SAME_NODE : COST_OTHER_NODE;
	if (from->core >= 0 && from->core == spots[p].core)
		return COST_SAME_CORE;
	return from->llc >= 0 && from->llc == spots[p].llc ? COST_SAME_LLC : COST_SAME_NODE;
}

double placing_cost_weight(const struct place_problem *problem)
{
	return 2 * problem->band_pm * problem->band_pm * (double)problem->nr_pcpus + 1;
}

/* As the loop below, by way of what is on the pCPU. */
static bool has_mate(const struct place_scratch *s, size_t i, int32_t p)
{
	int32_t j;

	for (j = s->first_on[p]; j >= 0; j = s->next_on[j])
		if (s->to[j] == p && (size_t)j != i && (uint32_t)j >= s->first_mate[i] &&
		    (uint32_t)j <= s->last_mate[i])
			return true;
	return false;
}

bool placing_leaves_nodes(const struct placing *c, size_t i, int32_t p)
{
	const struct place_spot *spots = c->problem->spots;
	const struct place_item *item = &c->s->items[i];

	return c->problem->keep_nodes && item->home >= 0 && spots[p].node != item->home &&
	       (item->from < 0 || spots[p].node != spots[item->from].node);
}

bool placing_forbids(const struct placing *c, const int32_t *to, size_t i, int32_t p)
{
	const struct place_scratch *s = c->s;
	size_t first = s->first_mate[i], last = s->last_mate[i], j;

	if (!cpuset_has(s->items[i].allowed, s->pcpu_number[p]))
		return true;
	if (placing_leaves_nodes(c, i, p))
		return true;
	if (last - first > MANY_MATES && to == s->to)
		return has_mate(s, i, p);
	for (j = first; j <= last; j++)
		if (j != i && to[j] == p)
			return true;
	return false;
}
