/* mem_estimate - from samples to what each guest uses, how fast that grows, and whether its numbers can be trusted */
#ifndef VMB_BALANCER_MEM_ESTIMATE_H
#define VMB_BALANCER_MEM_ESTIMATE_H

#include "balancer/mem_orders.h"

/* Rates of growth that are looked back on. */
#define MEM_RATES 3

/* What is known of a guest from tick to tick. */
struct mem_track {
	uint8_t guest[UUID_BYTES];
	uint32_t instance, reboots;
	enum guest_start start;
	uint64_t seen_ns; /* first */
	bool came; /* in the last update; or it has begun anew there, in another QEMU, or was told to have */
	uint64_t boot_until_ns;

	/* its reports */
	uint64_t updated_s, period_s;
	uint64_t looked_ns;   /* when its report's time was read last */
	uint64_t advanced_ns; /* when its last report came, or when none could be expected */
	unsigned distrust;    /* so many reports must make sense before one counts */
	bool complete;
	struct guest_memory report; /* the last good one */
	int64_t used_kib[MEM_REPORTS], busy_kib[MEM_REPORTS];
	unsigned nr_reports;
	double rate_kib_s[MEM_RATES];
	unsigned nr_rates;
	double swap_kib_s;
	int64_t overhead_kib;
	uint64_t rss_kib;

	unsigned await; /* an order was reached, and so many reports may still be of before */

	struct mem_orders orders;
	uint64_t calm_until_ns; /* until then it counts as in trouble not long ago */
};

/* The state of the estimator. Zero it to start; mem_estimate_done() frees. */
struct mem_estimate {
	uint64_t now_ns;                        /* of the last sample; 0 before the first */
	struct mem_track *tracks, *tracks_next; /* in the order of the sample */
	size_t nr_tracks, room_tracks;
	struct mem_view view; /* the result of the last update */
};

/* Which guests are ours, and what bounds each has. */
struct mem_scope {
	bool (*manages)(const void *data, const struct sample_guest *guest);
	void (*limits)(const void *data, const struct sample_guest *guest, struct mem_limits *out);
	const void *data;
};

/*
 * Take in a sample with its late statistics; est->view then shows it, guest i of the view being guest i of the sample.
 * With `rebase` (the time since the last sample means nothing) no report is missed and no order fails by it, nor does the time go
 * by in which one that was withdrawn may be obeyed. The same of the orders to a guest that does not run, or whose balloon is not told.
 *
 *   used      = available - left, both of one report. Never actual - left: the balloon is a period ahead of the reports.
 *   overhead  = actual - available, when the balloon is at rest, as it was at the report before, and the report is of that time
 *   credit    = target - overhead - available
 *   growth    of used between two reports, by their own times. Believed is the median of the last three; the last one alone
 *             as far as it asks for no more lead than half of the band's least lower end (MEM_LEAD_ALONE_KIB), so that a
 *             guest that begins to fill is answered at the next tick and one jump is not taken for a rate.
 *   fresh     the report's time has advanced within MEM_STALE_PERIODS periods and this reading was complete; between two
 *             readings that lie further apart it came when its own time says, counted from the report before
 *   frozen    it has not, though the host answered in time: trouble when the balloon holds something
 *
 * A report that makes no sense (usable or unused > available, available > maximum) is discarded, and MEM_DISTRUST that
 * do must follow; until then nothing is taken and nothing given by it: a lie shall cost neither the guest's memory nor others'.
 * A balloon that is larger than its maximum, or 0, is not believed either.
 *
 * States, the first that fits: EXEMPT not ours, or no balloon; PAUSED does not run, or a job holds it; BOOTING for a minute
 * after it came, rebooted or started again; NODRIVER no report in 10 s; STUCK an order made no progress in 5 s, and the
 * back-off (10 s, doubling to 5 min) is not over; STALE not fresh; SETTLING an order is under way, or has been reached
 * and no report is known to be of after that; OK. TIGHT is the plan's word.
 *
 * Returns 0 or -ENOMEM, with the estimate as it was.
 */
int mem_estimate_update(struct mem_estimate *est, const struct mem_policy *policy,
                        const struct mem_scope *scope, const struct sample *s, bool rebase,
                        struct error *e);

/*
 * What became of an order to guest `index` of the last sample. One that may have been heard counts as on its way, but for a withdrawal,
 * that is an order for the present target; after what does not count the guest rests.
 */
void mem_estimate_ordered(struct mem_estimate *est, size_t index, uint64_t target_kib,
                          enum mem_heard heard);

/* An order that may have been heard, and does not count: nothing is promised by it, and what its balloon does is no one else's. */
void mem_estimate_tried(struct mem_estimate *est, size_t index, uint64_t target_kib);

/* Orders of ours to it that nobody knows of may stand: any. Until one is heard what its balloon does is no one else's. */
void mem_estimate_doubt(struct mem_estimate *est, size_t index);

/* Its orders stand as they did when it was seen last, at `before_ns`; it may have rebooted since (mem_orders_resume()). */
void mem_estimate_resume(struct mem_estimate *est, size_t index, const struct mem_track *before,
                         uint64_t before_ns);

/* Whether it was ordered something since it began, or came. */
bool mem_estimate_asked(const struct mem_estimate *est, size_t index);

/* Whether its target is sure to come: no order that gives it less stands, or may. */
bool mem_estimate_promised(const struct mem_estimate *est, size_t index);

/* Whether an order may still shrink guest `index` of the last sample below what it has. */
bool mem_estimate_may_shrink(const struct mem_estimate *est, size_t index);

/*
 * What calls such an order off, in KiB: what it has. One that has rebooted has all as long as its driver has not come, and would keep
 * it: that one goes back to its original, or what stands, if that is more.
 */
uint64_t mem_estimate_recall(const struct mem_estimate *est, size_t index, uint64_t original_kib);

void mem_estimate_done(struct mem_estimate *est);

#endif
