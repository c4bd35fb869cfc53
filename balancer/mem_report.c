/* mem_report - what a guest says of its own memory: which reports count, how old they are, what is made of them */
#include "balancer/mem_report.h"

#include <stdlib.h>
#include <string.h>

#define NS_IN_S 1e9

void mem_report_forget(struct mem_track *t, uint64_t now_ns)
{
	t->complete = false;
	t->nr_reports = t->nr_rates = 0;
	t->updated_s = 0;
	t->swap_kib_s = 0;
	t->advanced_ns = now_ns;
}

bool mem_report_is_whole(const struct guest_memory *m)
{
	return m->actual_kib != UNKNOWN && m->maximum_kib != UNKNOWN && m->unused_kib != UNKNOWN &&
	       m->available_kib != UNKNOWN && m->usable_kib != UNKNOWN && m->updated_s != UNKNOWN;
}

static bool makes_sense(const struct guest_memory *m)
{
	return m->available_kib && m->usable_kib <= m->available_kib &&
	       m->unused_kib <= m->available_kib && m->available_kib <= m->maximum_kib;
}

static uint64_t left_of(const struct mem_policy *policy, const struct guest_memory *m)
{
	return policy->need == NEED_UNUSED ? m->unused_kib : m->usable_kib;
}

static void push_rate(struct mem_track *t, double kib_s)
{
	memmove(t->rate_kib_s + 1, t->rate_kib_s, (MEM_RATES - 1) * sizeof(t->rate_kib_s[0]));
	t->rate_kib_s[0] = kib_s;
	t->nr_rates += t->nr_rates < MEM_RATES;
}

static double swapped_kib_s(uint64_t before_kib, uint64_t now_kib, double s)
{
	if (before_kib == UNKNOWN || now_kib == UNKNOWN || now_kib < before_kib)
		return 0;
	return (double)(now_kib - before_kib) / s;
}

/* The report can be of before an order was obeyed; it surely is not when its `available` has followed. */
static void await_report(struct mem_track *t, const struct guest_memory *m)
{
	int64_t follows = (int64_t)t->orders.target_kib - t->overhead_kib -
	                  (int64_t)m->available_kib;

	if (!t->await)
		return;
	if (t->complete && (uint64_t)llabs(follows) < MEM_PROGRESS_KIB)
		t->await = 0;
	else
		t->await--;
}

static void take_report(struct mem_track *t, const struct mem_policy *policy,
                        const struct guest_memory *m)
{
	int64_t used = (int64_t)(m->available_kib - left_of(policy, m));
	double s = (double)(m->updated_s - t->report.updated_s);
	bool moved = t->complete && !mem_same(m->actual_kib, t->report.actual_kib);

	if (t->complete && m->updated_s > t->report.updated_s) {
		push_rate(t, (double)(used - t->used_kib[0]) / s);
		t->swap_kib_s = swapped_kib_s(t->report.swap_in_kib, m->swap_in_kib, s);
	}
	await_report(t, m);
	memmove(t->used_kib + 1, t->used_kib, (MEM_REPORTS - 1) * sizeof(t->used_kib[0]));
	memmove(t->busy_kib + 1, t->busy_kib, (MEM_REPORTS - 1) * sizeof(t->busy_kib[0]));
	t->used_kib[0] = used;
	t->busy_kib[0] = (int64_t)(m->available_kib - m->unused_kib);
	t->nr_reports += t->nr_reports < MEM_REPORTS;
	t->report = *m;
	t->complete = true;
	if (!t->orders.pending && !t->await && !moved)
		t->overhead_kib = (int64_t)m->actual_kib - (int64_t)m->available_kib;
}

/* A new report has come since the last look, and not before its own time has gone on so far since then. */
static uint64_t came_ns(const struct mem_track *t, const struct guest_memory *m, uint64_t now_ns)
{
	uint64_t s = m->updated_s - t->updated_s, since_ns = now_ns - t->looked_ns;

	if (!t->updated_s || m->updated_s < t->updated_s || s >= since_ns / (uint64_t)NS_IN_S)
		return now_ns;
	return t->looked_ns + s * (uint64_t)NS_IN_S;
}

void mem_report_read(struct mem_track *t, const struct mem_policy *policy,
                     const struct guest_memory *m, uint64_t now_ns)
{
	bool is_new = m->updated_s && m->updated_s != t->updated_s;

	if (m->period_s != t->period_s) { /* none can have come yet */
		t->period_s = m->period_s;
		t->advanced_ns = now_ns;
	}
	if (is_new)
		t->advanced_ns = came_ns(t, m, now_ns);
	t->looked_ns = now_ns;
	if (!is_new)
		return;
	t->updated_s = m->updated_s;
	if (!makes_sense(m)) {
		t->distrust = MEM_DISTRUST;
		return;
	}
	t->distrust -= t->distrust > 0;
	if (!t->distrust)
		take_report(t, policy, m);
}

/* ---- what is made of them ---- */

static int64_t most(const int64_t *values, unsigned nr)
{
	int64_t best = nr ? values[0] : 0;
	unsigned i;

	for (i = 1; i < nr; i++)
		if (values[i] > best)
			best = values[i];
	return best;
}

static double median(const double r[MEM_RATES])
{
	double low = r[0] < r[1] ? r[0] : r[1], high = r[0] + r[1] - low;

	return r[2] < low ? low : r[2] > high ? high : r[2];
}

static double believed_growth(const struct mem_track *t, uint64_t horizon_ns)
{
	double rates[MEM_RATES] = {0}, cap, alone, sure;
	unsigned i;

	for (i = 0; i < t->nr_rates; i++)
		rates[i] = t->rate_kib_s[i];
	cap = (double)MEM_LEAD_ALONE_KIB / (MEM_LEAD_MARGIN * (double)horizon_ns / NS_IN_S);
	alone = rates[0] < cap ? rates[0] : cap;
	sure = median(rates);
	if (sure < alone)
		sure = alone;
	return sure > 0 ? sure : 0;
}

uint64_t mem_report_stale_ns(const struct mem_track *t, const struct mem_policy *policy)
{
	uint64_t periods_ns = t->period_s == UNKNOWN ? 0 : t->period_s * (uint64_t)NS_IN_S;

	periods_ns *= MEM_STALE_PERIODS;
	return periods_ns > 2 * policy->interval_ns ? periods_ns : 2 * policy->interval_ns;
}

bool mem_report_is_frozen(const struct mem_track *t, const struct guest_memory *m, uint64_t now_ns)
{
	return t->complete && m->period_s && m->period_s != UNKNOWN && m->updated_s != UNKNOWN &&
	       now_ns - t->advanced_ns > MEM_STALE_PERIODS * m->period_s * (uint64_t)NS_IN_S;
}

void mem_report_show(const struct mem_track *t, const struct mem_policy *policy, uint64_t now_ns,
                     struct mem_guest *g)
{
	const struct guest_memory *r = &t->report;
	uint64_t period_ns = (t->period_s == UNKNOWN ? 1 : t->period_s) * (uint64_t)NS_IN_S;

	g->age_ns = now_ns - t->advanced_ns + period_ns;
	g->complete = t->complete;
	g->reports = t->nr_reports;
	g->overhead_kib = t->overhead_kib;
	if (!t->complete)
		return;
	g->left_kib = (int64_t)left_of(policy, r);
	g->unused_kib = (int64_t)r->unused_kib;
	g->credit_kib = (int64_t)g->target_kib - t->overhead_kib - (int64_t)r->available_kib;
	g->peak_kib = most(t->used_kib, t->nr_reports);
	g->peak_busy_kib = most(t->busy_kib, t->nr_reports);
	g->growth_kib_s = believed_growth(t, g->age_ns + policy->interval_ns + MEM_EFFECT_NS);
}
