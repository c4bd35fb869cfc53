/* cpu_plan_nodes - the NUMA node that each guest keeps to */
#include "balancer/cpu_plan_nodes.h"

#include <math.h>

/* The nodes of the pCPUs that are ours, in order of appearance. */
struct nodes {
	unsigned nr;
	int32_t number[NODES_MOST];
	struct cpuset pcpus[NODES_MOST];
	unsigned size[NODES_MOST];
	double load_pm[NODES_MOST];
};

/* Its place in nodes; -1: not known, or too many. */
static int index_of(const struct nodes *nodes, int32_t number)
{
	unsigned n;

	for (n = 0; n < nodes->nr && number >= 0; n++)
		if (nodes->number[n] == number)
			return (int)n;
	return -1;
}

/* False when a pCPU's node is not known. */
static bool find_nodes(const struct place_problem *problem, const struct place_scratch *s,
                       struct nodes *nodes)
{
	size_t p;
	int n;

	nodes->nr = 0;
	for (p = 0; p < problem->nr_pcpus; p++) {
		int32_t number = problem->spots[p].node;

		n = index_of(nodes, number);
		if (n < 0) {
			if (number < 0 || nodes->nr == NODES_MOST)
				return false;
			n = (int)nodes->nr++;
			nodes->number[n] = number;
			nodes->pcpus[n] = CPUSET_NONE;
			nodes->size[n] = 0;
			nodes->load_pm[n] = 0;
		}
		cpuset_add(&nodes->pcpus[n], s->pcpu_number[p]);
		nodes->size[n]++;
		nodes->load_pm[n] += s->base_pm[p];
	}
	return true;
}

static int node_of(const struct place_problem *problem, const struct nodes *nodes,
                   const struct place_item *item)
{
	int32_t p = item->from >= 0 ? item->from : item->last;

	return p >= 0 && (size_t)p < problem->nr_pcpus ? index_of(nodes, problem->spots[p].node)
	                                               : -1;
}

static unsigned emptiest(const struct nodes *nodes)
{
	unsigned n, best = 0;

	for (n = 1; n < nodes->nr; n++)
		if (nodes->load_pm[n] / nodes->size[n] < nodes->load_pm[best] / nodes->size[best])
			best = n;
	return best;
}

/* The home of the guest whose vCPUs are items[first .. end). */
static int32_t home_of(const struct place_problem *problem, const struct place_scratch *s,
                       struct nodes *nodes, size_t first, size_t end)
{
	double here[NODES_MOST] = {0}, all = 0;
	unsigned n, best = 0;
	struct cpuset mine;
	size_t i;
	int at;

	for (i = first; i < end; i++) {
		at = node_of(problem, nodes, &s->items[i]);
		all += s->items[i].load_pm;
		/* Idle ones count a little, so that a guest at rest has a home; floating ones go along. */
		if (at >= 0)
			here[at] += (s->items[i].load_pm + 1) * (s->items[i].from >= 0 ? 2 : 1);
	}
	for (n = 1; n < nodes->nr; n++)
		if (here[n] > here[best])
			best = n;
	if (here[best] <= 0)
		best = emptiest(nodes);
	nodes->load_pm[best] += all;
	mine = cpuset_and(s->items[first].allowed, &nodes->pcpus[best]);
	return cpuset_count(&mine) >= end - first ? nodes->number[best] : -1;
}

/* The node that item i cannot leave when nodes are kept; -1: there are several for it, or it is nowhere. */
static int bound_to(const struct place_problem *problem, const struct nodes *nodes,
                    const struct place_item *item)
{
	int32_t at = item->from >= 0 ? problem->spots[item->from].node : item->home;

	if (item->movable && item->home != at)
		return -1;
	return index_of(nodes, at);
}

/*
 * Nodes whose pCPUs stand above the mean by what cannot leave them; and the others, on which that must be missing,
 * evenly at best.
 */
static double least_spread(const struct place_problem *problem, const struct place_scratch *s,
                           struct nodes *nodes)
{
	double mean = 0, squares = 0, above = 0, others = (double)problem->nr_pcpus, off;
	size_t i;
	unsigned n;
	int at;

	for (n = 0; n < nodes->nr; n++)
		nodes->load_pm[n] = 0;
	for (i = 0; i < problem->nr_pcpus; i++) {
		nodes->load_pm[index_of(nodes, problem->spots[i].node)] += s->base_pm[i];
		mean += s->base_pm[i];
	}
	for (i = 0; i < problem->nr_items; i++) {
		if (!s->items[i].movable && s->items[i].from < 0)
			continue;
		at = bound_to(problem, nodes, &s->items[i]);
		mean += s->items[i].load_pm;
		nodes->load_pm[at >= 0 ? at : 0] += at >= 0 ? s->items[i].load_pm : 0;
	}
	mean /= (double)problem->nr_pcpus;
	for (n = 0; n < nodes->nr; n++) {
		off = nodes->load_pm[n] / nodes->size[n] - mean;
		if (off <= 0)
			continue;
		squares += nodes->size[n] * off * off;
		above += nodes->size[n] * off;
		others -= nodes->size[n];
	}
	if (others > 0)
		squares += above * above / others;
	return sqrt(squares / (double)problem->nr_pcpus);
}

unsigned place_homes(const struct place_problem *problem, struct place_scratch *s, double *least_pm)
{
	struct nodes nodes;
	size_t first, end, i;
	int32_t home;

	*least_pm = 0;
	if (!problem->spots || !find_nodes(problem, s, &nodes) || nodes.nr < 2)
		return 1;
	for (first = 0; first < problem->nr_items; first = end) {
		for (end = first + 1; end < problem->nr_items; end++)
			if (s->items[end].guest != s->items[first].guest)
				break;
		home = home_of(problem, s, &nodes, first, end);
		for (i = first; i < end; i++)
			s->items[i].home = home;
	}
	*least_pm = least_spread(problem, s, &nodes);
	return nodes.nr;
}
