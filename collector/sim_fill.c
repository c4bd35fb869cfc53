/* sim_fill - how a guest's load fills its memory over time, keeps and frees it */
#include "collector/sim_fill.h"

#include <math.h>

#include "common/clock.h"

void sim_fill_begin(struct sim_fill *f, const struct case_memory *load, uint64_t now_ns)
{
	*f = (struct sim_fill){.load = load, .peak = f->peak};
	if (!load)
		return;
	f->phase = FILL_WAITS;
	f->next_ns = now_ns + load->start_ns;
}

static bool is_full(const struct sim_fill *f, const struct sim_pages *p)
{
	if (f->load->until_kib != CASE_LIMIT && f->has >= (double)f->load->until_kib)
		return true;
	return f->load->stops && f->load->pages != PAGES_CACHE &&
	       sim_pages_available(p) <= CASE_STOP_KIB;
}

static double grow(struct sim_fill *f, struct sim_pages *p, uint64_t now_ns, uint64_t step_ns)
{
	double want = (double)f->load->rate_kib_s * (double)step_ns / NS_PER_S, got;

	if (is_full(f, p)) {
		f->phase = FILL_HOLDS;
		f->next_ns = f->load->hold_ns == CASE_FOREVER ? UINT64_MAX
		                                              : now_ns + f->load->hold_ns;
		return 0;
	}
	if (f->load->until_kib != CASE_LIMIT)
		want = fmin(want, (double)f->load->until_kib - f->has);
	got = sim_pages_fill(p, f->load->pages, want);
	f->has += got;
	f->peak = fmax(f->peak, f->has);
	return want - got;
}

static void give_up(struct sim_fill *f, struct sim_pages *p, uint64_t now_ns)
{
	sim_pages_drop(p, f->load->pages);
	f->has = 0;
	f->phase = f->load->again_ns ? FILL_WAITS : FILL_OVER;
	f->next_ns = now_ns + f->load->again_ns;
}

double sim_fill_step(struct sim_fill *f, struct sim_pages *p, uint64_t now_ns, uint64_t step_ns)
{
	if (f->phase == FILL_WAITS && now_ns >= f->next_ns)
		f->phase = FILL_GROWS;
	if (f->phase == FILL_GROWS)
		return grow(f, p, now_ns, step_ns);
	if (f->phase == FILL_HOLDS && now_ns >= f->next_ns)
		give_up(f, p, now_ns);
	return 0;
}

bool sim_fill_kill(struct sim_fill *f, struct sim_pages *p)
{
	if (p->anon + p->swapped <= 0)
		return false;
	sim_pages_drop(p, PAGES_ANON);
	f->phase = FILL_KILLED;
	f->has = 0;
	return true;
}
