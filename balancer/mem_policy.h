/* mem_policy - what the user can set about memory, the constants of the law, and the safety laws as switches */
#ifndef VMB_BALANCER_MEM_POLICY_H
#define VMB_BALANCER_MEM_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/parse.h"

#define MIB 1024ULL /* KiB */

/*
 * The safety laws, each one function of mem_laws.h. All are on in the program, and no option turns one off; a test that
 * shows what a law is good for does.
 */
enum mem_law {
	LAW_FLOOR = 1 << 0,     /* S1 never below the floor */
	LAW_FRESH = 1 << 1,     /* S2 no take without complete, fresh statistics */
	LAW_TROUBLE = 1 << 2,   /* S3 a guest in trouble gets what there is, and keeps it */
	LAW_SETTLE = 1 << 3,    /* S4 after an order wait until it is seen; no progress: stuck */
	LAW_READ_BACK = 1 << 4, /* S5 memory counts where it is seen, not where it was ordered */
	LAW_BOOT = 1 << 5,      /* S6 a guest that boots is held */
	LAW_FOREIGN = 1 << 6,   /* S7 someone else's target is respected */
	LAW_UPWARD = 1 << 7,    /* S8 putting back only gives, and only what there is */
	LAWS_ALL = (1 << 8) - 1
};

/* What a take may touch. */
enum mem_reclaim {
	RECLAIM_IDLE,     /* unused memory only */
	RECLAIM_PRESSURE, /* and the page cache, while the host is short */
};

/* Which number tells what a guest has left. */
enum mem_need {
	NEED_USABLE, /* MemAvailable: counts what can be reclaimed, leaves out what the kernel keeps */
	NEED_UNUSED, /* MemFree */
};

/* The bounds of one guest. */
struct mem_limits {
	uint64_t min_kib;
	uint64_t max_kib;    /* UNKNOWN: what it booted with */
	struct size reserve; /* the band's low end; both set: the larger one */
	unsigned share;      /* weight when there is not enough for all */
};

/* The policy in force. The limits of single guests come with them (mem_view). */
struct mem_policy {
	unsigned laws;
	enum mem_reclaim reclaim;
	enum mem_need need;
	bool reboot_room;         /* keep room for the largest guest to boot in */
	struct size host_reserve; /* as mem_limits.reserve, of the host's memory */
	struct size pool;         /* what all guests together may hold; none: 0 of both */
	uint64_t interval_ns;
};

/*
 * Defaults, and where they come from:
 *
 *   guest reserve  max(100 MiB, 10 % of the balloon)   100 MiB: what a small Linux guest needs to stay alive
 *   guest minimum  200 MiB                              the same
 *   host reserve   max(200 MiB, 5 % of memory)          200 MiB: the same
 *   share          1000                                 as shares of a cgroup or a resource pool
 */
extern const struct mem_policy mem_policy_default;
extern const struct mem_limits mem_limits_default;

/* Constants of the law. They are not options; each stands with its reason. */

/* The band's upper end, of its lower one: half of it can be eaten before anything needs to be given. */
#define MEM_BAND 2.0
/* Under pressure guests are taken down to here, of the lower end: between it and the lower end nothing is asked for. */
#define MEM_BAND_PRESSED 1.5

/* A take is half of the surplus, at most 5 % of the balloon (oVirt MOM) and less than 100 MiB (Proxmox). */
#define MEM_CUT_PART 0.05
#define MEM_CUT_KIB  (96 * MIB)

/* No take for less: 0.25 % of the balloon (MOM), at least 4 MiB, at most half of the largest take. No give for less than 4 MiB. */
#define MEM_DEAD_PART     0.0025
#define MEM_DEAD_KIB      (4 * MIB)
#define MEM_DEAD_MOST_KIB (MEM_CUT_KIB / 2)

/* The host is short below 20 % available, and until there are 25 % again. MOM: 20 %. */
#define MEM_SHORT_PART   0.20
#define MEM_RELAXED_PART 0.25

/*
 * Trouble: less than 5 % of the balloon left, by 1 MiB (MEM_PROGRESS_KIB) at least, or so much swapped in. A load that stops by
 * itself at 64 MiB in 1,280 is at 5 % exactly: of four such guests one was seen with 63.9 MiB in 1,280.7 in each of two runs.
 */
#define MEM_TROUBLE_PART  0.05
#define MEM_TROUBLE_KIB_S 1024.0
#define MEM_CALM_NS       (600 * 1000000000ULL) /* no take for so long after trouble */

/* Guests have pages of so much: QEMU makes an odd size larger, and four of them made a full pool 8 KiB too large. */
#define MEM_PAGE_KIB 4

/* Nothing is taken from a guest that fills at this rate: it would be wanted back in a moment. */
#define MEM_GROWS_KIB_S (2.0 * MIB)

/* An order is obeyed in 0.2 s for 100 MiB here, deflating is faster; software emulation and others' load doubled that. */
#define MEM_EFFECT_NS 500000000ULL
/* The lead for growth is taken so much larger than computed. */
#define MEM_LEAD_MARGIN 1.25

/* One report alone is believed as far as it asks for a lead of this, of the band's default: see mem_estimate.h. */
#define MEM_LEAD_ALONE_KIB (50 * MIB)

/* A QEMU process holds something beside its guest's memory: so much is allowed for in what is promised.
   46 to 52 MiB were seen of emulated guests with a disk and a network card that had touched all that they had. */
#define MEM_QEMU_KIB (64 * MIB)

#define MEM_PROGRESS_NS      5000000000ULL   /* no progress in this: stuck */
#define MEM_PROGRESS_KIB     MIB             /* less is no progress, and no difference either */
#define MEM_BACK_OFF_NS      10000000000ULL  /* after the first failure; doubles */
#define MEM_BACK_OFF_MOST_NS 300000000000ULL /* up to this */
#define MEM_BOOT_NS          60000000000ULL  /* a guest is taken to boot for so long */
#define MEM_FOREIGN_NS       60000000000ULL  /* no take after someone else set a target */
#define MEM_DRIVER_NS        10000000000ULL  /* a driver that has not reported until then is none */
#define MEM_REST_NS          10000000000ULL /* no take after a give; doubles while gives follow takes */
#define MEM_STALE_PERIODS    3              /* reports are fresh for so many periods */
#define MEM_DISTRUST         3 /* reports that must make sense again after one that did not */

#endif
