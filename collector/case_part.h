/* case_part - the sections of a case file while it is read, and which keys each may have */
#ifndef VMB_COLLECTOR_CASE_PART_H
#define VMB_COLLECTOR_CASE_PART_H

#include <stdio.h>

#include "collector/case_value.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define PARTS_MAX 256
#define KEYS_MAX  96

enum section {
	SECTION_CASE,
	SECTION_HOST,
	SECTION_BACKGROUND,
	SECTION_GUESTS,
	SECTION_LOAD,
	SECTION_MEMORY,
	SECTION_EVENT,
	SECTION_CRITERION, /* the report's: its keys are not looked at here */
	SECTIONS
};

enum naming {
	NAME_REFUSED,
	NAME_ALLOWED,
	NAME_REQUIRED
};

struct section_kind {
	const char *word;
	enum naming naming;
	bool required;
	bool simulated; /* the lab cannot do it */
};

extern const struct section_kind case_sections[SECTIONS];

/* A section while it is read. What one needs from elsewhere in the file is judged at the end. */
struct part {
	enum section section;
	unsigned line;
	char header[100];            /* without its brackets */
	unsigned key_line[KEYS_MAX]; /* by row of case_keys; 0: not given */
	struct case_group group;
	struct case_load load;
	struct case_memory memory;
	struct case_background background;
	struct case_event event;
	struct case_span pause, job;
	struct case_number_at hotplug;
	struct case_memory_at foreign;
	char dealt[CASE_TITLE];
	char dealt_memory[CASE_TITLE];
	char file[CASE_TITLE];
};

enum need {
	OPTIONAL,
	REQUIRED,
	BY_SHAPE /* required in loads of the shapes `needed`, refused where neither needed nor `taken` */
};

struct case_key {
	enum section section;
	const char *name;
	enum need need;
	case_value *read;
	bool in_part; /* else in the case */
	size_t offset;
	struct case_range range;
	unsigned needed, taken; /* bits by enum case_shape */
	bool simulated;         /* the lab cannot do it */
};

extern const struct case_key case_keys[];
extern const size_t nr_case_keys;

/* All that is known while a file is read. */
struct reading {
	const char *path;
	FILE *file;
	struct error *e;
	int result;
	unsigned line;
	const struct case_change *change;
	struct case_file c;
	size_t nr_parts;
	struct part parts[PARTS_MAX];
};

/* A part, and the host, with the values that hold where nothing is said. */
void case_part_init(struct part *p, unsigned line);
void case_host_init(struct case_host *h);

/* The row of a section's key, nr_case_keys when there is none. */
size_t case_key_find(enum section section, const char *name);

/* The line of a part's key, 0 when it is not given. */
unsigned case_key_line(const struct part *p, const char *name);

/* The one form of every complaint. Without a key it is the section that is wrong. Returns r->result: -EINVAL. */
int case_wrong(struct reading *r, unsigned line, const char *header, const char *key,
               const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Note that the lab cannot do this; the first is kept. */
void case_simulated(struct reading *r, unsigned line, const char *header, const char *key);

/* Put the parts together: what only the whole file tells, and what is to be otherwise. 0 or -EINVAL. */
int case_take(struct reading *r);

/*
 * Append the points of a file to the case: lines "SECONDS,PERCENT", times ascending, the first at 0; '#' begins a comment.
 * A path that is not absolute counts from the folder of the case. Returns 0, or -EINVAL with what is wrong.
 */
int case_points(const char *case_path, const char *path, struct case_file *c,
                struct case_load *load, struct error *e);

#endif
