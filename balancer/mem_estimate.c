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
	*t = (struct mem_track){.instance = g->instance, .reboots = g->reboots, .seen_ns = now_ns};
	memcpy(t->guest, g->uuid, UUID_BYTES);
	t->base_kib = t->rss_kib = UNKNOWN;
	t->boot_until_ns = first ? 0 : now_ns + MEM_BOOT_NS;
	t->rest_ns = MEM_REST_NS;
	t->came = true;
	mem_report_forget(t, now_ns);
}

/* What was ordered is no matter any more; but it stands. */
static void let_go(struct mem_track *t)
{
	t->pending = t->recall = t->returning = false;
	t->arrives_until_ns = 0;
}

/*
 * A balloon is empty when its driver comes, however long the guest boots, and is blown up again to what stands, or what it was at: from
 * there to its maximum it may be anywhere.
 */
static void begin_return(struct mem_track *t)
{
	let_go(t);
	t->way_low_kib = t->stands ? t->stand_low_kib : t->base_kib;
	t->way_high_kib = t->way_low_kib;
	t->returning = t->way_low_kib != UNKNOWN;
	t->returned_ns = 0;
}

static void restart(struct mem_track *t, const struct sample_guest *g, uint64_t now_ns)
{
	if (t->instance == g->instance) {
		begin_return(t);
	} else {
		let_go(t);
		t->stands = false;
	}
	t->instance = g->instance;
	t->reboots = g->reboots;
	t->boot_until_ns = now_ns + MEM_BOOT_NS;
	t->await = 0;
	t->base_kib = UNKNOWN;
	mem_report_forget(t, now_ns);
}

/* ---- orders ---- */

static void back_off(uint64_t *retry_ns)
{
	*retry_ns = *retry_ns ? 2 * *retry_ns : MEM_BACK_OFF_NS;
	if (*retry_ns > MEM_BACK_OFF_MOST_NS)
		*retry_ns = MEM_BACK_OFF_MOST_NS;
}

/* Someone else's order stands now. */
static void note_foreign(struct mem_track *t, uint64_t actual_kib, uint64_t now_ns)
{
	let_go(t);
	t->stands = false;
	t->base_kib = t->target_kib = actual_kib;
	t->foreign_until_ns = now_ns + MEM_FOREIGN_NS;
	t->told_foreign = now_ns >=
	                  t->boot_until_ns; /* a guest that boots drops it, and blows it up again */
}

/* Whether one that does not stand any more may move it: it has not arrived, or is to be withdrawn; or the guest has rebooted. */
static bool is_under_way(const struct mem_track *t, uint64_t now_ns)
{
	return t->pending || t->recall || t->returning || now_ns < t->arrives_until_ns;
}

static bool lies_between(uint64_t kib, uint64_t low_kib, uint64_t high_kib)
{
	return kib + MEM_PROGRESS_KIB >= low_kib && kib <= high_kib + MEM_PROGRESS_KIB;
}

static uint64_t lower(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t higher(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Between where it was and what stands, however late it is obeyed; or where it may be by one that does not stand any more. */
static bool is_on_its_way(const struct mem_track *t, uint64_t actual_kib, uint64_t now_ns)
{
	uint64_t low_kib = t->base_kib, high_kib = t->base_kib;

	if (is_under_way(t, now_ns)) {
		low_kib = lower(low_kib, t->way_low_kib);
		high_kib = higher(high_kib, t->way_high_kib);
	}
	if (t->stands) {
		low_kib = lower(low_kib, t->stand_low_kib);
		high_kib = higher(high_kib, t->stand_high_kib);
	}
	return lies_between(actual_kib, low_kib, high_kib);
}

static void widen_way(struct mem_track *t, uint64_t kib)
{
	t->way_low_kib = lower(t->way_low_kib, kib);
	t->way_high_kib = higher(t->way_high_kib, kib);
}

/* It has come back a while after its driver works: the first report may be of before. */
static void follow_return(struct mem_track *t, uint64_t maximum_kib, uint64_t now_ns)
{
	widen_way(t, maximum_kib);
	if (t->nr_reports > 1 && !t->returned_ns)
		t->returned_ns = now_ns + MEM_BOOT_NS;
	t->returning = !t->returned_ns || now_ns < t->returned_ns;
}

/* Hold what the balloon is against what was ordered. */
static void follow(struct mem_track *t, uint64_t actual_kib, uint64_t now_ns)
{
	if (t->base_kib == UNKNOWN)
		t->base_kib = t->target_kib = actual_kib;
	if (!t->pending) {
		if (mem_same(actual_kib, t->base_kib) && !is_under_way(t, now_ns))
			return;
		if (t->returning && !mem_same(actual_kib, t->base_kib)) /* or by someone's order */
			t->foreign_until_ns = now_ns + MEM_FOREIGN_NS;
		if (is_on_its_way(t, actual_kib, now_ns))
			t->base_kib = t->target_kib = actual_kib;
		else
			note_foreign(t, actual_kib, now_ns);
		return;
	}
	if (mem_same(actual_kib, t->target_kib)) {
		t->pending = false;
		t->arrives_until_ns = 0;
		t->await = 2;
		t->retry_ns = 0;
		t->base_kib = t->target_kib;
	} else if (!is_on_its_way(t, actual_kib, now_ns)) {
		note_foreign(t, actual_kib, now_ns);
	} else if (mem_apart(actual_kib, t->target_kib) + MEM_PROGRESS_KIB <=
	           mem_apart(t->progress_kib, t->target_kib)) {
		t->progress_kib = actual_kib;
		t->progress_ns = now_ns;
	} else if (now_ns - t->progress_ns >= MEM_PROGRESS_NS) {
		t->recall = true;
		t->recalled_kib = t->target_kib;
		t->stuck_taking = t->target_kib < actual_kib;
		t->pending = false;
		t->base_kib = t->target_kib = actual_kib;
		back_off(&t->retry_ns);
		t->stuck_until_ns = now_ns + t->retry_ns;
	}
}

/* Since the sample before nobody has followed it: that is no lack of progress, and what was under way then may be yet. */
static void skip_orders(struct mem_track *t, uint64_t before_ns, uint64_t now_ns)
{
	t->progress_ns = now_ns;
	t->returned_ns = 0;
	if (before_ns < t->arrives_until_ns)
		t->arrives_until_ns = now_ns + MEM_PROGRESS_NS;
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

	g->actual_kib = good ? m->actual_kib : t->base_kib;
	g->maximum_kib = good ? m->maximum_kib : t->report.maximum_kib;
	if (!good && (t->base_kib == UNKNOWN || !t->complete))
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
		skip_orders(t, before_ns, now_ns);
	t->told_foreign = false;
	if (known && t->returning)
		follow_return(t, g->maximum_kib, now_ns);
	if (known && g->running)
		follow(t, g->actual_kib, now_ns);
	if (on_time)
		mem_report_read(t, policy, m, now_ns);
	g->target_kib = t->pending ? t->target_kib : g->actual_kib;
	no_driver = s->balloon == BALLOON_READY && on_time && !m->updated_s && !t->complete &&
	            now_ns - t->seen_ns >= MEM_DRIVER_NS && !g->booting;
	g->ours = s->balloon == BALLOON_READY && scope->manages(scope->data, s) && known;
	if (no_driver && policy->laws & LAW_READ_BACK)
		g->ours = false;
	g->stuck = now_ns < t->stuck_until_ns;
	g->stuck_taking = g->stuck && t->stuck_taking;
	g->resting = now_ns < t->resting_until_ns;
	g->withdraw = t->recall && known && g->running && !g->resting;
	g->withdrawn_kib = t->recalled_kib;
	g->settling = t->pending || t->await;
	g->foreign = now_ns < t->foreign_until_ns;
	g->given = t->given_ns && now_ns - t->given_ns < t->rest_ns;
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
	skip_orders(t, before_ns, now_ns);
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
			t->came = false;
		} else {
			begin(t, g, now_ns, est->now_ns == 0);
		}
		if (t->instance != g->instance || t->reboots != g->reboots)
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

/* A give that follows a take says that it was taken too eagerly: the next take waits for longer. */
static void rest_after_give(struct mem_track *t, uint64_t now_ns)
{
	if (t->taken_ns && now_ns - t->taken_ns < 6 * t->rest_ns && t->taken_ns > t->given_ns)
		t->rest_ns *= 2;
	else if (now_ns - t->given_ns > 20 * t->rest_ns)
		t->rest_ns = MEM_REST_NS;
	if (t->rest_ns > MEM_BACK_OFF_MOST_NS)
		t->rest_ns = MEM_BACK_OFF_MOST_NS;
	t->given_ns = now_ns;
}

static void begin_way(struct mem_track *t, uint64_t from_kib, uint64_t to_kib, uint64_t now_ns)
{
	if (!is_under_way(t, now_ns))
		t->way_low_kib = t->way_high_kib = from_kib;
	widen_way(t, from_kib);
	widen_way(t, to_kib);
}

/* What is heard stands instead of what stood before, which may still be obeyed until it has arrived. */
static void stand(struct mem_track *t, uint64_t actual_kib, uint64_t target_kib, bool surely,
                  uint64_t now_ns)
{
	if (!t->stands)
		t->stand_low_kib = t->stand_high_kib = actual_kib;
	t->stands = true;
	begin_way(t, actual_kib, target_kib, now_ns);
	widen_way(t, t->stand_low_kib);
	widen_way(t, t->stand_high_kib);
	t->arrives_until_ns = now_ns + MEM_PROGRESS_NS;
	t->stand_low_kib = surely ? target_kib : lower(t->stand_low_kib, target_kib);
	t->stand_high_kib = surely ? target_kib : higher(t->stand_high_kib, target_kib);
}

void mem_estimate_ordered(struct mem_estimate *est, size_t index, uint64_t target_kib,
                          enum mem_heard heard)
{
	struct mem_track *t = &est->tracks[index];
	uint64_t actual_kib = est->view.guests[index].actual_kib, now_ns = est->now_ns;
	uint64_t before_kib = est->view.guests[index].target_kib;
	bool turns = (target_kib > actual_kib) != (t->target_kib > actual_kib);

	if (heard != MEM_REFUSED)
		stand(t, actual_kib, target_kib, heard == MEM_HEARD, now_ns);
	/* What is perhaps heard counts, but as a withdrawal. */
	if (heard == MEM_REFUSED || (heard == MEM_PERHAPS && target_kib == before_kib)) {
		back_off(&t->refused_ns);
		t->resting_until_ns = now_ns + t->refused_ns;
		return;
	}
	t->refused_ns = 0;
	t->recall = false;
	if (target_kib == before_kib)
		return; /* withdrawn */
	if (target_kib > before_kib)
		rest_after_give(t, now_ns);
	else
		t->taken_ns = now_ns;
	if (!t->pending || turns)
		t->progress_ns = now_ns;
	t->target_kib = target_kib;
	t->progress_kib = actual_kib;
	t->pending = !mem_same(actual_kib, target_kib);
	if (!t->pending)
		t->base_kib = target_kib;
}

void mem_estimate_tried(struct mem_estimate *est, size_t index, uint64_t target_kib)
{
	stand(&est->tracks[index], est->view.guests[index].actual_kib, target_kib, false,
	      est->now_ns);
}

void mem_estimate_doubt(struct mem_estimate *est, size_t index)
{
	struct mem_track *t = &est->tracks[index];

	t->stands = true;
	t->stand_low_kib = 0;
	t->stand_high_kib = UINT64_MAX / 2;
}

bool mem_estimate_promised(const struct mem_estimate *est, size_t index)
{
	const struct mem_track *t = &est->tracks[index];

	return !t->stands || t->stand_low_kib >= est->view.guests[index].target_kib;
}

bool mem_estimate_may_shrink(const struct mem_estimate *est, size_t index)
{
	const struct mem_track *t = &est->tracks[index];

	return t->stands && t->stand_low_kib + MEM_PAGE_KIB <= est->view.guests[index].actual_kib;
}

void mem_estimate_done(struct mem_estimate *est)
{
	free(est->tracks);
	free(est->tracks_next);
	free(est->view.guests);
	*est = (struct mem_estimate){0};
}
