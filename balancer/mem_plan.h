/* mem_plan - what each balloon shall be: take slowly from the idle, give fast to the needy what the host really has */
#ifndef VMB_BALANCER_MEM_PLAN_H
#define VMB_BALANCER_MEM_PLAN_H

#include "balancer/mem_plan_fill.h"
#include "balancer/mem_view.h"

enum mem_why {
	MEM_WHY_NONE,    /* nothing to do */
	MEM_WHY_IDLE,    /* take: more left than the band's upper end, for MEM_REPORTS reports */
	MEM_WHY_PRESSED, /* take: there is not enough for others, or the host is short */
	MEM_WHY_MAXIMUM, /* take: above the user's maximum */
	MEM_WHY_NEED, /* give: will be below the band's lower end before the next order has taken effect */
	MEM_WHY_TROUBLE,  /* give: in trouble */
	MEM_WHY_RULE,     /* by the rule of another policy (mem_plan_baselines.h) */
	MEM_WHY_WITHDRAW, /* an order that is not obeyed is withdrawn */
	MEM_WHYS
};

/* What is wanted of a guest's balloon. KiB. */
struct mem_order {
	enum memory_state state; /* as estimated, and TIGHT */
	enum mem_why why;
	uint64_t low_kib, high_kib, floor_kib;
	uint64_t target_kib; /* the balloon's target as it is, when nothing is ordered */
	uint64_t need_kib;   /* what it asked for; less may be given */
	int64_t surplus_kib; /* what it could give */
};

/* Why nothing is done although something is out of band, and why there is something to do. */
enum mem_reason {
	MEM_IN_BAND,    /* quiet */
	MEM_NO_GUESTS,  /* watch: none that is ours */
	MEM_NO_REPORTS, /* watch: none of ours has reported yet */
	MEM_NO_HOST,    /* hold: what the host has is not known */
	MEM_NO_ROOM,    /* hold: guests need what the host does not have */
	MEM_NO_POOL,    /* hold: the same, of the pool */
	MEM_UNREADY,    /* hold: who needs it cannot be given anything (stuck, resting) */
	MEM_KEPT,       /* hold: what is there is kept for guests with larger shares that fill */
	MEM_ORDERS,     /* act */
	MEM_REASONS
};

/* What the plan remembers from tick to tick. Zero it to start. */
struct mem_plan_state {
	bool is_short;
};

/* The decision of a tick. KiB. */
struct mem_choice {
	enum verdict verdict;
	enum mem_reason why;
	struct host_plan host;
	uint64_t overdrawn_kib; /* the host is so far below its reserve, or guests above the pool */
	bool by_pool;           /* the pool leaves less than the host does */
	int64_t room_kib;       /* what could be given; negative: so much is promised too much */
	uint64_t kept_kib;      /* of what guests need, for others with larger shares */
	uint64_t unmet_kib;
	unsigned nr_unmet; /* guests that need more than they get */
	unsigned nr_orders;
};

/*
 * The law. Everything in KiB; `low` and `high` of each guest, reserve and room of the host:
 *
 *   low    = max(100 MiB, 10 % of the balloon) or as set; high = 2 low
 *   floor  = max(minimum, what it uses at its peak + its kernel's overhead + low)          law_floor()
 *   room   = host's available - reserve - what is promised but not taken yet, and pool - what guests hold; the smaller.
 *            Promised: what each guest is counted to hold (law_counted()), and its QEMU, above the RSS. A guest that boots counts with
 *            its maximum; with reboot_room the largest difference to a maximum is kept as well.
 *   short  available below 20 % of memory (or what is left of the pool, of the pool); until it is above 25 %
 *
 *   take   when what is left, by the peak of MEM_REPORTS reports, is above high: half of the surplus, at most 5 % of the
 *          balloon and 96 MiB. As far as it is unused memory; page cache is touched only while the host is short. When
 *          guests need more than there is, others are taken down to 1.5 low, no further than that need.
 *   give   when left + credit - growth x (age + interval + effect) x 1.25 is below low: what is missing, at once
 *   trouble  as much as there is, after the others' needs are met
 *
 * Takes come first, and gives are made of the room that there is, never of what is being taken. Where it is not enough
 * the lowest balloons, by share, are raised first (mem_plan_fill.h). No order is smaller than the dead band.
 * Where shares differ, guests that fill (MEM_GROWS_KIB_S) are reckoned to want their maximum, and what would be theirs by then is
 * kept for them: what one with a small share has filled meanwhile could not be taken back. Trouble comes before that.
 *
 * Pure: the same policy, view and state give the same orders and the same next state. orders and shares
 * (to work with) have room for view->nr_guests.
 */
typedef void mem_planner(const struct mem_policy *policy, const struct mem_view *view,
                         struct mem_plan_state *state, struct mem_order *orders,
                         struct fill_share *shares, struct mem_choice *choice);
mem_planner mem_plan;

/* The host's part of it: reserve, pool, room, and whether it is short by what it was. Unknown room: INT64_MIN. */
void mem_plan_host(const struct mem_policy *policy, const struct mem_view *view,
                   struct mem_plan_state *state, struct mem_choice *choice);

/* A guest's part: its band, state, and need, with nothing ordered. */
void mem_plan_look(const struct mem_policy *policy, const struct mem_guest *guest,
                   struct mem_order *order);

/* What the orders come to: how many, what is unmet, and why. */
void mem_plan_conclude(const struct mem_view *view, const struct mem_order *orders,
                       struct mem_choice *choice);

#endif
