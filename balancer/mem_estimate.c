/* mem_estimate - from samples to what each guest uses, how fast that grows, and whether its numbers can be trusted */
#include "balancer/mem_estimate.h"

#include <stdlib.h>
#include <string.h>

#include "balancer/mem_report.h"

/* ---- growing, matching ---- */

static int reserve(struct mem_estimate *est, size_t nr, struct error *e)
{
	struct mem_track *a, *b;
	struct mem_guest *g;

	if (nr <= est->room_tracks)
		return 0;
	a = realloc(est->tracks, nr * sizeof(*a));
	if (a)
		est->tracks = a;
	b = realloc(est->tracks_next, nr * sizeof(*b));
	if (b)
		est->tracks_next = b;
	g = realloc(est->view.guests, nr * sizeof(*g));
	if (g)
		est->view.guests = g;
	if (!a || !b || !g)
		return fail(e, ENOMEM, "no memory to watch %zu guests", nr);
	est->room_tracks = nr;
	return 0;
}

/* A guest that was not there in the last sample. One that was there before this program came is not taken to boot. */
static void begin(struct mem_track *t, const struct sample_guest *g, uint64_t now_ns, bool first)
{
	*t = (struct mem_track){.instance = g->instance,
	                        .reboots = g->reboots,
	                        .start = g->start,
	                        .seen_ns = now_ns};
	memcpy(t->guest, g->uuid, UUID_BYTES);
	t->rss_kib = UNKNOWN;
	t->boot_until_ns = first ? 0 : now_ns + MEM_BOOT_NS;
	mem_orders_begin(&t->orders);
	t->came = true;
	mem_report_forget(t, now_ns);
}

/* How it began is known only now; what may be told of that later, when the connection is another one, is no news. */
static bool is_told(const struct mem_track *t, const struct sample_guest *g)
{
	return t->start == START_UNKNOWN && g->start != START_UNKNOWN;
}

static bool has_begun_anew(const struct mem_track *t, const struct sample_guest *g)
{
	return t->instance != g->instance || t->reboots != g->reboots || is_told(t, g);
}

/* One that was restored goes by what it was ordered since it came, or before (mem_estimate_resume()). */
static void restart(struct mem_track *t, const struct sample_guest *g, uint64_t now_ns)
{
	const bool same_qemu = t->instance == g->instance, told = is_told(t, g);

	t->came = told || !same_qemu;
	if (!same_qemu || !told || g->start == START_BOOTED)
		mem_orders_restart(&t->orders, !t->came);
	t->start = t->came ? g->start : t->start;
	t->instance = g->instance;
	t->reboots = g->reboots;
	t->boot_until_ns = now_ns + MEM_BOOT_NS;
	t->await = 0;
	mem_report_forget(t, now_ns);
}

static enum mem_trouble trouble_of(const struct mem_track *t, const struct guest_memory *m,
                                   const struct mem_guest *g, uint64_t now_ns)
{
	if (!g->ours || !g->running || g->actual_kib >= g->maximum_kib)
		return TROUBLE_NONE;
	if (mem_report_is_frozen(t, m, now_ns))
		return g->booting ? TROUBLE_NONE : TROUBLE_FROZEN;
	if (!g->fresh)
		return TROUBLE_NONE;
	if ((double)(t->report.usable_kib + MEM_PROGRESS_KIB) <=
	    MEM_TROUBLE_PART * (double)g->actual_kib)
		return TROUBLE_LEFT;
	return t->swap_kib_s >= MEM_TROUBLE_KIB_S ? TROUBLE_SWAP : TROUBLE_NONE;
}

static enum memory_state state_of(const struct mem_track *t, const struct mem_guest *g,
                                  bool no_driver)
{
	return no_driver     ? MEMORY_NODRIVER
	       : !g->ours    ? MEMORY_EXEMPT
	       : !g->running ? MEMORY_PAUSED
	       : g->booting  ? MEMORY_BOOTING
	       : g->stuck    ? MEMORY_STUCK
	       : !g->fresh   ? MEMORY_STALE
	       : g->settling ? MEMORY_SETTLING
	                     : MEMORY_OK;
}

/* The balloon as the host tells it; one that cannot be is taken as it was last. */
static bool read_balloon(struct mem_track *t, const struct guest_memory *m, struct mem_guest *g)
{
	bool good = m->actual_kib != UNKNOWN && m->maximum_kib != UNKNOWN && m->actual_kib &&
	            m->actual_kib <= m->maximum_kib;

	g->actual_kib = good ? m->actual_kib : t->orders.base_kib;
	g->maximum_kib = good ? m->maximum_kib : t->report.maximum_kib;
	if (!good && (t->orders.base_kib == UNKNOWN || !t->complete))
		g->actual_kib = g->maximum_kib = 0;
	return good;
}

static void look(struct mem_track *t, const struct mem_policy *policy,
                 const struct mem_scope *scope, const struct sample_guest *s, uint64_t before_ns,
                 uint64_t now_ns, struct mem_guest *g)
{
	const struct guest_memory *m = &s->memory;
	bool known = read_balloon(t, m, g), on_time = known && mem_report_is_whole(m), no_driver;

	scope->limits(scope->data, s, &g->limits);
	if (m->rss_kib != UNKNOWN)
		t->rss_kib = m->rss_kib;
	g->rss_kib = t->rss_kib;
	g->booting = now_ns < t->boot_until_ns;
	g->running = s->state == GUEST_RUNNING && !s->busy;
	g->locked = s->balloon == BALLOON_EXEMPT;
	if (!g->running)
		t->advanced_ns = now_ns;
	if (!g->running || !known)
		mem_orders_skip(&t->orders, before_ns, now_ns);
	if (known && mem_orders_follow(&t->orders, g, t->nr_reports > 1, now_ns))
		t->await = 2;
	if (on_time)
		mem_report_read(t, policy, m, now_ns);
	mem_orders_show(&t->orders, known, now_ns, g);
	no_driver = s->balloon == BALLOON_READY && on_time && !m->updated_s && !t->complete &&
	            now_ns - t->seen_ns >= MEM_DRIVER_NS && !g->booting;
	g->ours = s->balloon == BALLOON_READY && scope->manages(scope->data, s) && known;
	if (no_driver && policy->laws & LAW_READ_BACK)
		g->ours = false;
	g->settling = t->orders.pending || t->await;
	mem_report_show(t, policy, now_ns, g);
	g->recent = t->complete && !t->distrust && t->period_s &&
	            now_ns - t->advanced_ns <= mem_report_stale_ns(t, policy);
	g->fresh = on_time && g->recent && !mem_report_is_frozen(t, m, now_ns);
	if (g->limits.max_kib < g->maximum_kib)
		g->maximum_kib = g->limits.max_kib;
	g->trouble = trouble_of(t, m, g, now_ns);
	if (g->trouble)
		t->calm_until_ns = now_ns + MEM_CALM_NS;
	g->calm = now_ns < t->calm_until_ns;
	if (g->booting)
		g->boot_room_kib = m->maximum_kib != UNKNOWN ? m->maximum_kib : 0;
	g->state = state_of(t, g, no_driver);
}

/* As libvirt tells no MemAvailable of a host that is not this machine: free, and half of the cache, as the kernel's
   own estimate allows at most. */
static void look_at_host(const struct host_memory *m, struct mem_view *view)
{
	view->total_kib = m->total_kib;
	view->available_kib = m->available_kib;
	if (m->available_kib == UNKNOWN && m->free_kib != UNKNOWN)
		view->available_kib = m->free_kib +
		                      (m->cached_kib == UNKNOWN ? 0 : m->cached_kib / 2);
}

static void skip_gap(struct mem_track *t, uint64_t before_ns, uint64_t now_ns)
{
	t->looked_ns = t->advanced_ns = now_ns;
	mem_orders_skip(&t->orders, before_ns, now_ns);
}

int mem_estimate_update(struct mem_estimate *est, const struct mem_policy *policy,
                        const struct mem_scope *scope, const struct sample *s, bool rebase,
                        struct error *e)
{
	uint64_t now_ns = s->end_ns;
	struct mem_track *next;
	size_t i, old = 0;
	int r = reserve(est, s->nr_guests, e);

	if (r < 0)
		return r;
	for (i = 0; i < s->nr_guests; i++) {
		const struct sample_guest *g = &s->guests[i];
		struct mem_track *t = &est->tracks_next[i];
		int order = 1;

		while (old < est->nr_tracks &&
		       (order = memcmp(est->tracks[old].guest, g->uuid, UUID_BYTES)) < 0)
			old++;
		if (old < est->nr_tracks && order == 0) {
			*t = est->tracks[old];
			t->came = t->orders.told_foreign = t->orders.at_least = false;
		} else {
			begin(t, g, now_ns, est->now_ns == 0);
		}
		if (has_begun_anew(t, g))
			restart(t, g, now_ns);
		if (rebase)
			skip_gap(t, est->now_ns, now_ns);
		est->view.guests[i] = (struct mem_guest){0};
		look(t, policy, scope, g, est->now_ns, now_ns, &est->view.guests[i]);
	}
	next = est->tracks_next;
	est->tracks_next = est->tracks;
	est->tracks = next;
	est->nr_tracks = est->view.nr_guests = s->nr_guests;
	est->now_ns = now_ns ? now_ns : 1;
	look_at_host(&s->memory, &est->view);
	return 0;
}

void mem_estimate_ordered(struct mem_estimate *est, size_t index, uint64_t target_kib,
                          enum mem_heard heard)
{
	mem_orders_answered(&est->tracks[index].orders, &est->view.guests[index], target_kib, heard,
	                    est->now_ns);
}

void mem_estimate_tried(struct mem_estimate *est, size_t index, uint64_t target_kib)
{
	mem_orders_tried(&est->tracks[index].orders, &est->view.guests[index], target_kib,
	                 est->now_ns);
}

void mem_estimate_doubt(struct mem_estimate *est, size_t index)
{
	mem_orders_doubt(&est->tracks[index].orders);
}

void mem_estimate_resume(struct mem_estimate *est, size_t index, const struct mem_track *before,
                         uint64_t before_ns)
{
	struct mem_track *t = &est->tracks[index];
	const bool same_qemu = t->instance == before->instance;
	/* Another QEMU counts anew. */
	const uint32_t reboots = same_qemu ? before->reboots : 0;

	mem_orders_resume(&t->orders, &before->orders, same_qemu, before_ns, est->now_ns);
	if (t->reboots != reboots)
		mem_orders_restart(&t->orders, true);
	else /* it boots no longer than it would have */
		t->boot_until_ns = before->boot_until_ns + (est->now_ns - before_ns);
}

bool mem_estimate_asked(const struct mem_estimate *est, size_t index)
{
	return mem_orders_asked(&est->tracks[index].orders);
}

bool mem_estimate_promised(const struct mem_estimate *est, size_t index)
{
	return mem_orders_promised(&est->tracks[index].orders, &est->view.guests[index]);
}

bool mem_estimate_may_shrink(const struct mem_estimate *est, size_t index)
{
	return mem_orders_may_shrink(&est->tracks[index].orders, &est->view.guests[index]);
}

uint64_t mem_estimate_recall(const struct mem_estimate *est, size_t index, uint64_t original_kib)
{
	return mem_orders_recall(&est->tracks[index].orders, &est->view.guests[index],
	                         original_kib);
}

void mem_estimate_done(struct mem_estimate *est)
{
	free(est->tracks);
	free(est->tracks_next);
	free(est->view.guests);
	*est = (struct mem_estimate){0};
}
