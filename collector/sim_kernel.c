/* sim_kernel - where the host's kernel lets a task run that may run on several pCPUs */
#include "collector/sim_kernel.h"

double kernel_siblings_load(const struct kernel_pcpu *pcpus, size_t pcpu)
{
	double load = -pcpus[pcpu].load;
	size_t i;

	for (i = pcpus[pcpu].first; i < pcpus[pcpu].end; i++)
		load += pcpus[i].load;
	return load;
}

static bool may_use(const struct kernel_pcpu *pcpus, const struct cpuset *allowed, size_t pcpu,
                    bool isolated)
{
	return pcpus[pcpu].online && pcpus[pcpu].isolated == isolated &&
	       cpuset_has(allowed, (unsigned)pcpu);
}

static int choose(const struct kernel_pcpu *pcpus, size_t nr, const struct cpuset *allowed,
                  int last, bool isolated)
{
	double load, siblings, least = 0, least_siblings = 0;
	int best = -1;
	size_t i, at;

	for (i = 0; i < nr; i++) {
		at = (i + (size_t)(last < 0 ? 0 : last)) % nr;
		if (!may_use(pcpus, allowed, at, isolated))
			continue;
		load = pcpus[at].load;
		if (best >= 0 && load > least)
			continue;
		siblings = kernel_siblings_load(pcpus, at);
		if (best >= 0 && load == least && siblings >= least_siblings)
			continue;
		best = (int)at;
		least = load;
		least_siblings = siblings;
	}
	return best;
}

int kernel_choose(const struct kernel_pcpu *pcpus, size_t nr, const struct cpuset *allowed,
                  int last)
{
	int best = choose(pcpus, nr, allowed, last, false);

	return best < 0 ? choose(pcpus, nr, allowed, last, true) : best;
}

bool kernel_is_better(const struct kernel_pcpu *pcpus, size_t from, size_t to, double weight)
{
	double here = pcpus[from].load - weight, there = pcpus[to].load;

	if (from == to || there != here)
		return there < here;
	return !there && kernel_siblings_load(pcpus, from) > 0 &&
	       kernel_siblings_load(pcpus, to) == 0 && pcpus[from].first != pcpus[to].first;
}
