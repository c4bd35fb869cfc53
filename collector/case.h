/* case - a scenario file: the machine, its guests, where they start and what they do over time */
#ifndef VMB_COLLECTOR_CASE_H
#define VMB_COLLECTOR_CASE_H

#include "collector/sample.h"
#include "common/error.h"

/* Bounds of what a file may say; tests/cases/README.md describes the format. */
#define CASE_NAME        64
#define CASE_TITLE       160
#define CASE_GROUPS      64
#define CASE_LOADS       64
#define CASE_MEMORIES    64
#define CASE_DEALT       16
#define CASE_BACKGROUNDS 64
#define CASE_EVENTS      64
#define GUESTS_MAX       16384
#define VCPUS_MAX        256

/* Long enough for what case_load_text() and case_memory_text() write. */
#define CASE_LOAD_TEXT   64
#define CASE_MEMORY_TEXT 128

/* Which balancer the case is for. */
enum case_run {
	RUN_CPU,
	RUN_MEM,
	CASE_RUNS
};

enum case_shape {
	SHAPE_CONSTANT, /* level_pm all the time */
	SHAPE_STEP,     /* level_pm, from at_ns on to_pm */
	SHAPE_RAMP,     /* level_pm, from at_ns evenly to to_pm, which is reached at until_ns */
	SHAPE_SQUARE,   /* from at_ns on in turn level_pm and, for share_pm of a period, to_pm */
	SHAPE_SINE,     /* from at_ns on between level_pm and to_pm, one wave a period */
	SHAPE_BURSTY, /* drawn anew each period for each vCPU: to_pm in share_pm of them, else level_pm */
	SHAPE_TRACE, /* the points of a file, each from its moment on */
	CASE_SHAPES
};

/* From at_ns on, level_pm. */
struct case_point {
	uint64_t at_ns;
	uint32_t level_pm;
};

/* How busy each vCPU of a guest wants to be, in per mille of a pCPU; times count from the start of the run. */
struct case_load {
	char name[CASE_NAME]; /* empty for a level written beside the guests */
	enum case_shape shape;
	uint32_t level_pm;
	uint32_t to_pm;
	uint64_t at_ns;
	uint64_t until_ns;
	uint64_t period_ns;
	uint32_t share_pm;
	size_t first_point, nr_points; /* of the case's points, in order of time */

	/* The level is scaled by a factor between 1 - noise and 1 + noise, each as likely as any other. */
	uint32_t noise_pm;
	uint64_t noise_every_ns; /* how long a factor holds */
	bool noise_alike;        /* one factor for all vCPUs with this load, not one for each */
};

/* What kind of pages a guest fills. */
enum case_pages {
	PAGES_ANON,  /* memory of its own */
	PAGES_CACHE, /* files that are read: cache that can be reclaimed */
	PAGES_TMPFS, /* files that are kept in memory: counted as cache, and cannot be reclaimed */
	CASE_PAGES
};

/* until_kib: as much as the guest has. hold_ns: never freed. */
#define CASE_LIMIT   UINT64_MAX
#define CASE_FOREVER UINT64_MAX

/*
 * What a guest does with its memory: from start_ns on it fills pages at a rate, up to until_kib; keeps them for hold_ns and
 * then frees all at once. It stops growing where the guest's MemAvailable is CASE_STOP_KIB or less.
 */
struct case_memory {
	char name[CASE_NAME];
	enum case_pages pages;
	uint64_t start_ns;
	uint64_t rate_kib_s;
	uint64_t until_kib;
	uint64_t hold_ns;
	uint64_t again_ns; /* after that pause it starts anew; 0: never */
	bool stops;        /* at CASE_STOP_KIB; else it goes on until it is killed */
};

#define CASE_STOP_KIB (64 * 1024)

/* How a guest follows its balloon, and what it tells. Only the simulation has others than the first. */
enum case_kind {
	KIND_IDEAL,
	KIND_LOWER,      /* its balloon does not go below a limit that nobody tells */
	KIND_UPPER,      /* nor above one */
	KIND_STICKY,     /* its balloon rests now and then */
	KIND_STUCK,      /* its balloon never moves */
	KIND_DEFLATE,    /* its balloon gives back what the guest would be out of memory without */
	KIND_LIAR,       /* its statistics are absurd now and then */
	KIND_FROZEN,     /* its statistics freeze while it is short of memory */
	KIND_SILENT,     /* it has no driver: no statistics, no balloon */
	KIND_WINDOWS,    /* its driver tells neither usable nor caches */
	KIND_DEVICELESS, /* it has no balloon device */
	KIND_EXEMPT, /* its memory must stay: VFIO, locked or huge pages; the host backs all of it */
	CASE_KINDS
};

enum case_pin_rule {
	PINS_FLOAT,  /* every vCPU may use all pCPUs */
	PINS_SPREAD, /* the n-th vCPU of the whole case on pCPU n mod P */
	PINS_FIRST,  /* all on the first pCPU */
	PINS_ENDS,   /* the first half of the group on the first pCPU, the rest on the last */
	PINS_LIST,   /* all may use the pCPUs of a list */
	PIN_RULES
};

struct case_pins {
	enum case_pin_rule rule;
	struct cpuset list; /* empty unless the rule is PINS_LIST */
};

/* The words that a file uses for them, each list ending with NULL. */
extern const char *const case_runs[CASE_RUNS + 1];
extern const char *const case_shapes[CASE_SHAPES + 1];
extern const char *const case_pin_rules[]; /* of all rules but PINS_LIST */
extern const char *const case_pages[CASE_PAGES + 1];
extern const char *const case_kinds[CASE_KINDS + 1];

/* Moments of a group's guests, since the start of the run; 0: never, but for start. */
struct case_life {
	uint64_t start_ns;
	uint64_t every_ns; /* the n-th guest, from 0, starts n times this later */
	uint64_t stop_ns;
	uint64_t stay_ns; /* how long each stays */
	uint64_t away_ns; /* after which it comes back, and so on */
	uint64_t pause_ns, resume_ns;
	uint64_t job_ns, job_end_ns; /* a migration, a save: its memory must hold still */
	uint64_t foreign_ns;         /* someone else sets its balloon */
	uint64_t foreign_kib;
	uint64_t reboot_ns;
	uint64_t reset_ns;   /* its kernel boots anew, in the same QEMU */
	uint64_t hotplug_ns; /* from then on the guest has hotplug_vcpus */
	unsigned hotplug_vcpus;
};

/* A [guests] section: `count` guests alike, loads dealt to them in turn. */
struct case_group {
	char name[CASE_NAME]; /* empty for a plain [guests] */
	unsigned count;
	unsigned nr_vcpus;    /* of each guest */
	uint64_t memory_kib;  /* its maximum: what it boots with */
	uint64_t balloon_kib; /* what its balloon leaves it at the start */
	uint64_t swap_kib;    /* of its swap device */
	bool huge_pages;      /* its kernel keeps room for transparent huge pages */
	enum case_kind kind;
	uint64_t limit_kib; /* of KIND_LOWER and KIND_UPPER */
	struct case_pins pins;
	bool user_pins;            /* they stand in the guest's configuration */
	char bounds[GUEST_BOUNDS]; /* of its memory, as its metadata ask */
	unsigned weight;           /* of each vCPU against others on a pCPU */
	struct case_life life;
	unsigned nr_dealt;
	unsigned dealt[CASE_DEALT]; /* indices into loads */
	unsigned nr_memories;       /* 0: no guest does anything with its memory */
	int memories[CASE_DEALT];   /* indices into the case's; -1: nothing */
};

/* What runs on the host besides guests: on each of these pCPUs one thread with this load. */
struct case_background {
	struct cpuset pcpus;
	unsigned load; /* index into loads */
};

/* pCPUs that go offline or come back; the memory that the host itself needs from then on (0: as before). */
struct case_event {
	uint64_t at_ns;
	struct cpuset offline, online;
	uint64_t used_kib;
};

/*
 * The machine of a simulation; the lab has its own. The topology is regular: pCPUs in order of their numbers are
 * divided evenly into nodes, sockets, last-level caches, and cores of `threads` pCPUs each.
 */
struct case_host {
	unsigned nr_pcpus;
	unsigned nodes, sockets, llcs, threads;
	unsigned
	        smt_pm; /* what all threads of a core do together, per mille of what one does alone */
	struct cpuset offline, isolated;
	uint64_t jitter_ns;  /* a deadline is met so much later at most */
	uint32_t kernel_pm;  /* what a guest's own kernel takes of each vCPU beside its load */
	uint32_t late_pm;    /* part of the readings whose slow statistics come too late */
	uint64_t memory_kib; /* 0: room for all guests twice */
	uint64_t used_kib;   /* of it, by the host itself; 0: a sixteenth */
};

/* Long enough for a complaint with its path. */
#define CASE_COMPLAINT 256

struct case_file {
	char name[CASE_NAME];
	char title[CASE_TITLE];
	enum case_run run;
	uint64_t duration_ns;
	uint64_t seed; /* of all that is drawn by chance */
	struct case_host host;
	size_t nr_groups, nr_loads, nr_memories, nr_backgrounds, nr_events, nr_points;
	struct case_group groups[CASE_GROUPS];
	struct case_load loads[CASE_LOADS];
	struct case_memory memories[CASE_MEMORIES];
	struct case_background backgrounds[CASE_BACKGROUNDS];
	struct case_event events[CASE_EVENTS]; /* in order of time */
	struct case_point *points;
	char simulated
	        [CASE_COMPLAINT]; /* the first thing that the lab cannot do; empty: it can do all */
};

/* What is to be otherwise than the file says; what is 0 or false stays as it is. */
struct case_change {
	unsigned nr_pcpus;
	unsigned nr_guests; /* of the only [guests] section */
	uint64_t duration_ns;
	uint64_t memory_kib; /* of the host */
	bool has_seed, has_noise;
	uint64_t seed;
	uint32_t noise_pm; /* of every load */
};

/*
 * Read a case file, `change` (may be NULL) taking the place of what it says. Returns 0, -ENOENT or another errno when
 * it cannot be read, or -EINVAL with "FILE:LINE: [section] key: what is wrong". *out is written on success only, and
 * ended with case_done().
 */
int case_read(const char *path, const struct case_change *change, struct case_file *out,
              struct error *e);
void case_done(struct case_file *c);

/* One guest of a case. */
struct case_guest {
	const struct case_group *group;
	const struct case_load *load;
	const struct case_memory *memory; /* NULL: it does nothing with its memory */
	unsigned place;                   /* in its group, from 0 */
	unsigned first_vcpu;              /* how many vCPUs all guests before it have */
};

/* How many guests all groups have together, and how many vCPUs each of a group has at most. */
unsigned case_guests(const struct case_file *c);
unsigned case_most_vcpus(const struct case_group *group);

/* The guest `index`, from 0, groups in the order of the file. */
void case_guest(const struct case_file *c, unsigned index, struct case_guest *out);

/*
 * Where a vCPU of a guest starts on a host that has these pCPUs; "pCPU n" of the pin rules is the n-th of
 * them. Returns 0, or -EINVAL when a list of the case holds none of them.
 */
int case_start_pins(const struct case_guest *guest, unsigned vcpu, const struct cpuset *pcpus,
                    struct cpuset *out, struct error *e);

/*
 * A load in the word that lab guests understand: levels in percent of a vCPU and the second from which each
 * holds, "18" or "9,25@30". Of the shapes that only the simulation can do it is the first level. Returns text.
 */
char *case_load_text(const struct case_load *load, char text[CASE_LOAD_TEXT]);

/*
 * What a guest does with its memory (NULL: nothing), in the word that lab guests understand:
 * "RATE_KIB_S:UNTIL_MIB|limit:START_S:HOLD_S|forever[:AGAIN_S]" or "none". Returns text.
 */
char *case_memory_text(const struct case_memory *memory, char text[CASE_MEMORY_TEXT]);

#endif
