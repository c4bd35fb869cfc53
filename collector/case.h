/* case - a scenario file: the machine, its guests, where they start and what load they carry over time */
#ifndef VMB_COLLECTOR_CASE_H
#define VMB_COLLECTOR_CASE_H

#include "collector/sample.h"
#include "common/error.h"

/* Bounds of what a file may say; tests/cases/README.md describes the format. */
#define CASE_NAME   64
#define CASE_TITLE  160
#define CASE_GROUPS 64
#define CASE_LOADS  64
#define CASE_DEALT  16
#define GUESTS_MAX  16384
#define VCPUS_MAX   256

/* Long enough for what case_load_text() writes. */
#define CASE_LOAD_TEXT 64

/* Which balancer the case is for. */
enum case_run {
	RUN_CPU,
	CASE_RUNS
};

enum case_shape {
	SHAPE_CONSTANT, /* level_pm all the time */
	SHAPE_STEP,     /* level_pm, from at_ns on to_pm */
	CASE_SHAPES
};

/* How busy each vCPU of a guest wants to be, in per mille of a pCPU; times count from the start of the run. */
struct case_load {
	char name[CASE_NAME]; /* empty for a level written beside the guests */
	enum case_shape shape;
	uint32_t level_pm;
	uint32_t to_pm;
	uint64_t at_ns;
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

/* A [guests] section: `count` guests alike, loads dealt to them in turn. */
struct case_group {
	char name[CASE_NAME]; /* empty for a plain [guests] */
	unsigned count;
	unsigned nr_vcpus; /* of each guest */
	uint64_t memory_kib;
	struct case_pins pins;
	unsigned nr_dealt;
	unsigned dealt[CASE_DEALT]; /* indices into loads */
};

struct case_file {
	char name[CASE_NAME];
	char title[CASE_TITLE];
	enum case_run run;
	uint64_t duration_ns;
	unsigned nr_pcpus;
	size_t nr_groups, nr_loads;
	struct case_group groups[CASE_GROUPS];
	struct case_load loads[CASE_LOADS];
};

/*
 * Read a case file. Returns 0, -ENOENT or another errno when it cannot be read, or -EINVAL with
 * "FILE:LINE: [section] key: what is wrong". *out is written on success only.
 */
int case_read(const char *path, struct case_file *out, struct error *e);

/* One guest of a case. */
struct case_guest {
	const struct case_group *group;
	const struct case_load *load;
	unsigned place;      /* in its group, from 0 */
	unsigned first_vcpu; /* how many vCPUs all guests before it have */
};

/* How many guests all groups have together. */
unsigned case_guests(const struct case_file *c);

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
 * holds, "18" or "9,25@30". Returns text.
 */
char *case_load_text(const struct case_load *load, char text[CASE_LOAD_TEXT]);

#endif
