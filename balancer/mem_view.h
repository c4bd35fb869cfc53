/* mem_view - what the plan of memory sees: the guests as they are estimated to be, and the host */
#ifndef VMB_BALANCER_MEM_VIEW_H
#define VMB_BALANCER_MEM_VIEW_H

#include "balancer/decision.h"
#include "balancer/mem_policy.h"

/* Why a guest is in trouble. */
enum mem_trouble {
	TROUBLE_NONE,
	TROUBLE_LEFT,   /* next to nothing left */
	TROUBLE_SWAP,   /* it swaps in */
	TROUBLE_FROZEN, /* its statistics stand still while its balloon holds something */
};

/*
 * A guest. Sizes in KiB. Of an unknown one, what the last good report said.
 *
 *   left    what the report says that it has left: usable, or unused by --need
 *   credit  what has been ordered for it, or taken from it, since that report: left + credit is what it has when all orders are
 *           obeyed. By `available` (the guest's MemTotal), which follows the balloon: values of two reports are never mixed.
 *   peak    the most that it used in the last MEM_REPORTS reports
 *   growth  how fast what it uses grows, per second, as far as it is believed (mem_estimate.h)
 *   age     at most so long ago the report was made
 */
struct mem_guest {
	enum memory_state state;
	struct mem_limits limits;
	uint64_t actual_kib, maximum_kib;
	uint64_t target_kib; /* what its balloon is on the way to; actual when it is at rest */
	uint64_t rss_kib;    /* UNKNOWN when never read */
	int64_t left_kib, unused_kib;
	int64_t credit_kib;
	int64_t peak_kib;      /* of what is used, that is not left */
	int64_t peak_busy_kib; /* of what is not unused, page cache included */
	int64_t overhead_kib;  /* of the balloon, that the guest never sees: its kernel */
	double growth_kib_s;
	uint64_t age_ns;
	unsigned reports; /* that the peaks rest on; MEM_REPORTS at most */
	enum mem_trouble trouble;
	uint64_t boot_room_kib; /* it runs without its balloon, or may: up to this */

	bool ours;     /* there is a balloon with a driver, and the user wants it moved */
	bool running;  /* and not held by a job */
	bool complete; /* there was a report that made sense */
	bool recent; /* complete, and new enough to give by: a single late reading does not matter */
	bool fresh;  /* recent, and this reading was in time: new enough to take by */
	bool booting;
	bool settling; /* an order is under way */
	bool stuck;
	bool stuck_taking;      /* and what failed was a take: a give may be obeyed */
	bool resting;           /* an order was refused, or is not to be repeated yet */
	bool calm;              /* was in trouble not long ago */
	bool foreign;           /* someone else has set its target not long ago */
	bool given;             /* it was given something not long ago */
	bool withdraw;          /* the order under way made no progress and is to be withdrawn: */
	uint64_t withdrawn_kib; /* that was its target */
	bool locked;            /* all of its memory is held already, whatever RSS says */
};

/* The reports that peaks look back on. */
#define MEM_REPORTS 5

struct mem_view {
	struct mem_guest *guests; /* in the order of the sample */
	size_t nr_guests;
	uint64_t total_kib, available_kib; /* of the host; UNKNOWN */
};

#endif
