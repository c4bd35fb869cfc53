/* sim_memory - what a simulated guest and its host tell of their memory: for now it does not change */
#include "collector/sim_memory.h"

/*
 * Parts of the guest's memory. Plausible ones, not measured, but for RSS: a lab guest of 512 MiB costs its host about
 * 220 MiB. Nothing decides by them yet.
 */
#define TOTAL_PM  953
#define UNUSED_PM 870
#define USABLE_PM 840
#define CACHE_PM  24
#define RSS_PM    400
#define RSS_KIB   (16 * 1024)

static uint64_t part(uint64_t kib, unsigned pm)
{
	return kib * pm / 1000;
}

static uint64_t rss_kib(const struct sim_guest *g)
{
	return part(g->of.group->memory_kib, RSS_PM) + RSS_KIB;
}

void sim_memory_size(const struct sim_guest *g, struct guest_memory *out)
{
	out->actual_kib = out->maximum_kib = g->of.group->memory_kib;
}

void sim_memory_inside(const struct sim_guest *g, uint64_t wall_s, struct guest_memory *out)
{
	uint64_t all = g->of.group->memory_kib;

	out->available_kib = part(all, TOTAL_PM);
	out->unused_kib = part(all, UNUSED_PM);
	out->usable_kib = part(all, USABLE_PM);
	out->disk_caches_kib = part(all, CACHE_PM);
	out->swap_in_kib = out->swap_out_kib = 0;
	out->major_faults = out->minor_faults = 0;
	out->rss_kib = rss_kib(g);
	out->updated_s = wall_s;
}

/* Room for twice what all guests may have. */
uint64_t sim_memory_total_kib(const struct sim_world *w)
{
	uint64_t all = 4 << 20;
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		all += 2 * w->guests[i].of.group->memory_kib;
	return all;
}

void sim_memory_host(const struct sim_world *w, struct host_memory *out)
{
	uint64_t total = sim_memory_total_kib(w), held = part(total, 100);
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive)
			held += rss_kib(&w->guests[i]);
	*out = (struct host_memory){.total_kib = total,
	                            .cached_kib = part(total, 50),
	                            .available_kib = total - held,
	                            .free_kib = total - held - part(total, 40)};
}
