/* sim_memory - the memory of a simulated guest: it boots, fills, is ballooned, runs out, begins anew */
#include "collector/sim_memory.h"

#include <math.h>

#include "common/clock.h"

#define MIB 1024.0

/*
 * QEMU itself under software emulation: guests that had touched all of their balloon held 46 to 52 MiB more than that. And what a boot
 * touches beside what stays in use: a guest of 2 GiB at 512 MiB holds 218 MiB on its host (222 to 233 were seen).
 */
#define QEMU_KIB  (50 * MIB)
#define BOOT_PART 0.08

/* A kernel whose balloon finds no pages kills after this: others want a page now and then, too. */
#define PATIENCE_NS (3 * NS_PER_S)

/* Kept away from a balloon that is filled before the guest starts. */
#define ROOM_KIB (1 * MIB)

static double boot_touches(const struct case_group *group)
{
	struct sim_pages p;

	sim_pages_boot(&p, group, 0);
	return sim_pages_backed(&p) + BOOT_PART * (double)group->memory_kib;
}

/* What its balloon takes before the world begins; the rest, if it does not fit, is the driver's to try. */
static void settle(struct sim_memory *m, const struct case_group *group)
{
	double wish = (double)(group->memory_kib - group->balloon_kib);

	if (group->kind == KIND_SILENT || group->kind == KIND_DEVICELESS)
		return;
	sim_pages_inflate(&m->pages,
	                  fmin(wish, fmax(0, sim_pages_available(&m->pages) - ROOM_KIB)));
}

void sim_memory_start(struct sim_memory *m, const struct case_guest *of, struct sim_chance chance,
                      bool settled, uint64_t up_ns)
{
	*m = (struct sim_memory){.up_ns = up_ns};
	sim_pages_boot(&m->pages, of->group, boot_touches(of->group));
	if (settled)
		settle(m, of->group);
	sim_balloon_start(&m->balloon, of->group, chance, &m->pages);
	if (settled)
		sim_balloon_driver(&m->balloon, &m->pages, 0);
	sim_fill_begin(&m->fill, of->memory, up_ns);
}

void sim_memory_reset(struct sim_memory *m, uint64_t now_ns)
{
	const struct case_group *group = m->balloon.group;
	double backed = fmax(sim_pages_backed(&m->pages), boot_touches(group));

	m->reboots++;
	m->pressed_ns = 0;
	m->up_ns = now_ns + SIM_BOOT_NS;
	sim_balloon_gone(&m->balloon);
	sim_pages_boot(&m->pages, group, backed);
	sim_fill_begin(&m->fill, m->fill.load, m->up_ns);
}

/* The kernel has no page left for who needs one: it kills the load, and panics when there is none. */
static void run_out(struct sim_memory *m, uint64_t now_ns)
{
	m->trouble_ns = now_ns;
	m->trouble_balloon = m->pages.balloon;
	m->trouble_short = m->balloon.is_short;
	m->pressed_ns = 0;
	if (sim_fill_kill(&m->fill, &m->pages)) {
		m->kills++;
		return;
	}
	m->panics++;
	sim_memory_reset(m, now_ns);
}

/* The load did not get so many KiB. A balloon that deflates on need makes up for it. */
static void need(struct sim_memory *m, double kib, uint64_t now_ns)
{
	double back = fmin(kib, m->pages.balloon);

	if (m->balloon.group->kind == KIND_DEFLATE && back > 0) {
		sim_pages_deflate(&m->pages, back);
		m->fill.has += sim_pages_fill(&m->pages, m->fill.load->pages, back);
		m->fill.peak = fmax(m->fill.peak, m->fill.has);
		return;
	}
	run_out(m, now_ns);
}

void sim_memory_step(struct sim_memory *m, uint64_t now_ns, uint64_t step_ns)
{
	double missing;

	if (now_ns < m->up_ns && !m->balloon.driver)
		return;
	if (!m->balloon.driver)
		sim_balloon_driver(&m->balloon, &m->pages, now_ns);
	sim_pages_step(&m->pages, (double)step_ns / NS_PER_S);
	missing = sim_fill_step(&m->fill, &m->pages, now_ns, step_ns);
	if (missing > 0)
		need(m, missing, now_ns);
	sim_balloon_step(&m->balloon, &m->pages, now_ns, step_ns);
	m->pressed_ns = m->balloon.is_short ? m->pressed_ns + step_ns : 0;
	if (m->pressed_ns >= PATIENCE_NS)
		run_out(m, now_ns);
}

double sim_memory_rss(const struct sim_memory *m)
{
	if (m->balloon.group->kind == KIND_EXEMPT)
		return QEMU_KIB + (double)m->balloon.group->memory_kib;
	return QEMU_KIB + sim_pages_backed(&m->pages);
}

void sim_memory_size(const struct sim_memory *m, struct guest_memory *out)
{
	out->actual_kib = (uint64_t)m->balloon.told;
	out->maximum_kib = m->balloon.group->memory_kib;
}

void sim_memory_inside(const struct sim_memory *m, uint64_t wall_ns, struct guest_memory *out)
{
	const struct sim_balloon *b = &m->balloon;
	struct guest_memory size = *out;

	*out = b->report;
	out->actual_kib = size.actual_kib;
	out->maximum_kib = size.maximum_kib;
	out->rss_kib = (uint64_t)sim_memory_rss(m);
	out->period_s = b->group->kind == KIND_DEVICELESS ? UNKNOWN : b->period_s;
	out->updated_s = b->reports ? (wall_ns + b->reported_ns) / NS_PER_S : 0;
}
