/* mem_laws - the safety laws of the plan of memory, each one function with its switch */
#include "balancer/mem_laws.h"

static bool is_off(const struct mem_policy *policy, enum mem_law law)
{
	return !(policy->laws & law);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t law_floor(const struct mem_policy *policy, const struct mem_guest *g, uint64_t low_kib)
{
	int64_t used = g->peak_kib + (g->overhead_kib > 0 ? g->overhead_kib : 0);

	if (is_off(policy, LAW_FLOOR))
		return 0;
	return larger(g->limits.min_kib, (uint64_t)(used > 0 ? used : 0) + low_kib);
}

bool law_fresh(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_FRESH) || (g->running && g->fresh && g->reports == MEM_REPORTS);
}

bool law_trouble(const struct mem_policy *policy, const struct mem_guest *g)
{
	return !is_off(policy, LAW_TROUBLE) && g->trouble != TROUBLE_NONE;
}

bool law_calm(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_TROUBLE) || !g->calm;
}

bool law_settled(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_SETTLE) || (!g->settling && !g->stuck && !g->withdraw);
}

bool law_stuck(const struct mem_policy *policy, const struct mem_guest *g)
{
	return !is_off(policy, LAW_SETTLE) && g->withdraw;
}

uint64_t law_counted(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_READ_BACK) ? g->target_kib : larger(g->actual_kib, g->target_kib);
}

bool law_booted(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_BOOT) || !g->booting;
}

bool law_own_target(const struct mem_policy *policy, const struct mem_guest *g)
{
	return is_off(policy, LAW_FOREIGN) || !g->foreign;
}

uint64_t law_put_back(const struct mem_policy *policy, uint64_t actual_kib, uint64_t original_kib)
{
	if (is_off(policy, LAW_UPWARD))
		return original_kib;
	return original_kib > actual_kib ? original_kib : actual_kib;
}
