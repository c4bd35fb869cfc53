/* sim_host_memory - the memory of a simulated host: what its guests and it itself hold, and what is left */
#include "collector/sim_host_memory.h"

#include <math.h>

/* Where the case says nothing: room for twice what all guests may have, a sixteenth in use by the host itself. */
#define ROOM_KIB  (4.0 * 1024 * 1024)
#define USED_PART (1.0 / 16)

/* Of the total: page cache that the host has, as far as there is room. */
#define CACHE_PART 0.05

void sim_host_memory_init(struct sim_world *w)
{
	const struct case_host *h = &w->c->host;

	w->used_kib = h->used_kib ? (double)h->used_kib
	                          : USED_PART * (double)sim_host_memory_total(w);
}

uint64_t sim_host_memory_total(const struct sim_world *w)
{
	double all = ROOM_KIB;
	unsigned i;

	if (w->c->host.memory_kib)
		return w->c->host.memory_kib;
	for (i = 0; i < w->nr_guests; i++)
		all += 2.0 * (double)w->guests[i].of.group->memory_kib;
	return (uint64_t)all;
}

static double held(const struct sim_world *w)
{
	double all = 0;
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive)
			all += sim_memory_rss(&w->guests[i].memory);
	return all;
}

double sim_host_memory_left(const struct sim_world *w)
{
	return (double)sim_host_memory_total(w) - w->used_kib - held(w);
}

void sim_host_memory_move(struct sim_world *w)
{
	uint64_t step_ns = w->now_ns - w->memory_ns;
	unsigned i;

	w->memory_ns = w->now_ns;
	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive && !w->guests[i].life.paused)
			sim_memory_step(&w->guests[i].memory, w->now_ns, step_ns);
	w->failed = w->failed || sim_host_memory_left(w) < 0;
}

void sim_host_memory_tell(const struct sim_world *w, struct host_memory *out)
{
	double total = (double)sim_host_memory_total(w), left = fmax(0, sim_host_memory_left(w));
	double cache = fmin(CACHE_PART * total, left / 2);

	*out = (struct host_memory){.total_kib = (uint64_t)total,
	                            .cached_kib = (uint64_t)cache,
	                            .available_kib = (uint64_t)left,
	                            .free_kib = (uint64_t)(left - cache)};
}

int sim_host_memory_failed(const struct sim_world *w, struct error *e)
{
	return fail(
	        e, ENOMEM,
	        "the simulated host is out of memory after %.1f s: its guests hold %.0f MiB and it "
	        "needs %.0f MiB itself, of %.0f MiB",
	        (double)sim_world_case_ns(w) / 1e9, held(w) / 1024, w->used_kib / 1024,
	        (double)sim_host_memory_total(w) / 1024);
}
