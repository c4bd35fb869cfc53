/* case_read - read a case file, strictly: whatever is wrong is named by file, line, section and key */
#include <assert.h>
#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/case_value.h"
#include "common/clock.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define DAY_S 86400

/* 64 MiB boot, too, but leave the balloon next to nothing to take. */
#define MEMORY_KIB (128 * 1024)

#define PARTS_MAX 256
#define KEYS_MAX  16

enum section {
	SECTION_CASE,
	SECTION_HOST,
	SECTION_GUESTS,
	SECTION_LOAD,
	SECTION_CRITERION, /* the report's: its keys are not looked at here */
	SECTIONS
};

enum naming {
	NAME_REFUSED,
	NAME_ALLOWED,
	NAME_REQUIRED
};

static const struct {
	const char *word;
	enum naming naming;
	bool required;
} sections[] = {
        [SECTION_CASE] = {"case", NAME_REFUSED, true},
        [SECTION_HOST] = {"host", NAME_REFUSED, true},
        [SECTION_GUESTS] = {"guests", NAME_ALLOWED, true},
        [SECTION_LOAD] = {"load", NAME_REQUIRED, false},
        [SECTION_CRITERION] = {"criterion", NAME_REQUIRED, false},
};
static_assert(ARRAY_SIZE(sections) == SECTIONS, "a row for each section");

/* A section while it is read. What a [guests] needs from elsewhere in the file is judged at the end. */
struct part {
	enum section section;
	unsigned line;
	char header[100];            /* without its brackets */
	unsigned key_line[KEYS_MAX]; /* by row of `keys`; 0: not given */
	struct case_group group;
	struct case_load load;
	char dealt[CASE_TITLE];
};

enum need {
	OPTIONAL,
	REQUIRED,
	FOR_STEP /* required in a load of that shape, refused in others */
};

#define CASE(member)  false, offsetof(struct case_file, member)
#define GROUP(member) true, offsetof(struct part, group.member)
#define LOAD(member)  true, offsetof(struct part, load.member)
#define PART(member)  true, offsetof(struct part, member)

static const struct key {
	enum section section;
	const char *name;
	enum need need;
	case_value *read;
	bool in_part; /* else in the case */
	size_t offset;
	struct case_range range;
} keys[] = {
        {SECTION_CASE, "name", REQUIRED, case_value_name, CASE(name), {0}},
        {SECTION_CASE, "title", REQUIRED, case_value_text, CASE(title), {0}},
        {SECTION_CASE, "duration", REQUIRED, case_value_time, CASE(duration_ns), {.max = DAY_S}},
        {SECTION_CASE, "run", REQUIRED, case_value_word, CASE(run), {.words = case_runs}},
        {SECTION_HOST, "pcpus", REQUIRED, case_value_count, CASE(nr_pcpus), {.max = PCPU_MAX}},
        {SECTION_GUESTS, "count", REQUIRED, case_value_count, GROUP(count), {.max = GUESTS_MAX}},
        {SECTION_GUESTS, "vcpus", OPTIONAL, case_value_count, GROUP(nr_vcpus), {.max = VCPUS_MAX}},
        {SECTION_GUESTS, "memory", OPTIONAL, case_value_memory, GROUP(memory_kib), {0}},
        {SECTION_GUESTS, "pins", REQUIRED, case_value_pins, GROUP(pins), {.words = case_pin_rules}},
        {SECTION_GUESTS, "load", REQUIRED, case_value_text, PART(dealt), {0}},
        {SECTION_LOAD, "shape", REQUIRED, case_value_word, LOAD(shape), {.words = case_shapes}},
        {SECTION_LOAD, "level", REQUIRED, case_value_level, LOAD(level_pm), {0}},
        {SECTION_LOAD, "to", FOR_STEP, case_value_level, LOAD(to_pm), {0}},
        {SECTION_LOAD, "at", FOR_STEP, case_value_time, LOAD(at_ns), {.max = DAY_S}},
};
static_assert(ARRAY_SIZE(keys) <= KEYS_MAX, "key_line has room for each");

struct reading {
	const char *path;
	FILE *file;
	struct error *e;
	int result;
	unsigned line;
	struct case_file c;
	size_t nr_parts;
	struct part parts[PARTS_MAX];
};

/* The one form of every complaint. Without a key it is the section that is wrong. */
__attribute__((format(printf, 5, 6))) static int wrong(struct reading *r, unsigned line,
                                                       const char *header, const char *key,
                                                       const char *format, ...)
{
	char what[160];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	r->result = fail(r->e, EINVAL, "%s:%u: [%s]%s%s: %s", r->path, line, header,
	                 *key ? " " : "", key, what);
	return r->result;
}

/* --- lines and sections -------------------------------------------------------------------------- */

static struct part *current(struct reading *r)
{
	return r->nr_parts ? &r->parts[r->nr_parts - 1] : NULL;
}

static const char *header_at(const struct reading *r, unsigned line)
{
	size_t i = r->nr_parts;

	while (i && r->parts[i - 1].line > line)
		i--;
	return i ? r->parts[i - 1].header : "";
}

static int begin_part(struct reading *r, char *header)
{
	struct part *p = &r->parts[r->nr_parts];
	char *name = header, *word = strsep(&name, " ");
	enum section s;
	size_t i;

	name = name ? name + strspn(name, " ") : "";
	if (r->nr_parts == PARTS_MAX)
		return wrong(r, r->line, word, "", "more than %d sections", PARTS_MAX);
	*p = (struct part){.line = r->line, .group = {.nr_vcpus = 1, .memory_kib = MEMORY_KIB}};
	snprintf(p->header, sizeof(p->header), "%s%s%s", word, *name ? " " : "", name);
	for (s = 0; s < SECTIONS && strcmp(sections[s].word, word); s++)
		;
	if (s == SECTIONS)
		return wrong(r, r->line, p->header, "", "no such section");
	if (sections[s].naming == NAME_REFUSED && *name)
		return wrong(r, r->line, p->header, "", "this section has no name");
	if (sections[s].naming == NAME_REQUIRED && !*name)
		return wrong(r, r->line, p->header, "", "needs a name: [%s NAME]", word);
	for (i = 0; i < r->nr_parts; i++)
		if (!strcmp(r->parts[i].header, p->header))
			return wrong(r, r->line, p->header, "", "is there twice");
	p->section = s;
	r->nr_parts++;
	return 0;
}

/*
 * inih's source of lines: counts them, as this library does not tell, and sees sections without a key.
 * Leading space is cut: to inih it would mean that the value above goes on.
 */
static char *next_line(char *line, int size, void *stream)
{
	struct reading *r = stream;
	size_t length, indent;
	char header[100];

	if (r->result < 0 || !fgets(line, size, r->file))
		return NULL;
	r->line++;
	length = strlen(line);
	if (!length || (line[length - 1] != '\n' && !feof(r->file))) {
		wrong(r, r->line, header_at(r, r->line), "", "a line too long, or not text");
		return NULL;
	}
	indent = strspn(line, " \t");
	memmove(line, line + indent, length - indent + 1);
	if (sscanf(line, "[%99[^]]]", header) == 1 && begin_part(r, header) < 0)
		return NULL;
	return line;
}

static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct part *p = current(r);
	const struct key *k;
	struct error e;
	size_t i;

	if (r->result < 0)
		return 0;
	if (!p)
		return wrong(r, r->line, "", name, "stands before the first section") == 0;
	if (p->section == SECTION_CRITERION)
		return 1;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].section == p->section && !strcmp(keys[i].name, name))
			break;
	if (i == ARRAY_SIZE(keys))
		return wrong(r, r->line, p->header, name, "no such key") == 0;
	if (p->key_line[i])
		return wrong(r, r->line, p->header, name, "is there twice") == 0;
	k = &keys[i];
	p->key_line[i] = r->line;
	if (k->read(value, &k->range, (k->in_part ? (char *)p : (char *)&r->c) + k->offset, &e) < 0)
		return wrong(r, r->line, p->header, name, "%s", e.text) == 0;
	return 1;
}

/* --- what only the whole file tells -------------------------------------------------------------- */

static unsigned key_line(const struct part *p, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].section == p->section && !strcmp(keys[i].name, name))
			return p->key_line[i];
	return 0;
}

static int check_complete(struct reading *r)
{
	bool there[SECTIONS] = {0};
	size_t i, k;

	for (i = 0; i < r->nr_parts; i++) {
		const struct part *p = &r->parts[i];
		bool step = p->load.shape == SHAPE_STEP;

		there[p->section] = true;
		for (k = 0; k < ARRAY_SIZE(keys); k++) {
			enum need need = keys[k].need;

			if (keys[k].section != p->section)
				continue;
			if (!p->key_line[k] && (need == REQUIRED || (need == FOR_STEP && step)))
				return wrong(r, p->line, p->header, keys[k].name, "is missing");
			if (p->key_line[k] && need == FOR_STEP && !step)
				return wrong(r, p->key_line[k], p->header, keys[k].name,
				             "belongs to shape = step only");
		}
	}
	for (i = 0; i < SECTIONS; i++)
		if (sections[i].required && !there[i])
			return wrong(r, r->line, sections[i].word, "", "is missing");
	return 0;
}

static int add_load(struct reading *r, const struct part *p, unsigned line,
                    const struct case_load *load)
{
	if (r->c.nr_loads == CASE_LOADS)
		return wrong(r, line, p->header, "load", "more than %d loads", CASE_LOADS);
	r->c.loads[r->c.nr_loads++] = *load;
	return 0;
}

static int take_load(struct reading *r, const struct part *p)
{
	static const struct case_range any = {0};
	struct case_load load = p->load;
	struct error e;

	if (case_value_name(strchr(p->header, ' ') + 1, &any, load.name, &e) < 0)
		return wrong(r, p->line, p->header, "", "%s", e.text);
	if (load.at_ns >= r->c.duration_ns)
		return wrong(r, key_line(p, "at"), p->header, "at", "is not before the end");
	return add_load(r, p, p->line, &load);
}

/* One word of `load = `: the name of a section, or a level, which becomes a load without a name. */
static int deal_load(struct reading *r, const struct part *p, const char *word,
                     struct case_group *group)
{
	static const struct case_range any = {0};
	unsigned line = key_line(p, "load"), i;
	struct case_load level = {0};
	struct error e;

	if (group->nr_dealt == CASE_DEALT)
		return wrong(r, line, p->header, "load", "more than %d of them", CASE_DEALT);
	for (i = 0; i < r->c.nr_loads; i++)
		if (*word && !strcmp(r->c.loads[i].name, word))
			break;
	group->dealt[group->nr_dealt++] = i;
	if (i < r->c.nr_loads)
		return 0;
	if (!strchr(word, '%'))
		return wrong(r, line, p->header, "load", "there is no [load %s]", word);
	if (case_value_level(word, &any, &level.level_pm, &e) < 0)
		return wrong(r, line, p->header, "load", "%s", e.text);
	return add_load(r, p, line, &level);
}

static int take_guests(struct reading *r, struct part *p)
{
	static const struct case_range any = {0};
	struct case_group *group = &p->group;
	const char *name = strchr(p->header, ' ');
	char *rest = p->dealt, *word;
	struct error e;
	int last;

	if (name && case_value_name(name + 1, &any, group->name, &e) < 0)
		return wrong(r, p->line, p->header, "", "%s", e.text);
	if (r->c.nr_groups == CASE_GROUPS)
		return wrong(r, p->line, p->header, "", "more than %d of them", CASE_GROUPS);
	for (last = cpuset_first(&group->pins.list); last >= 0;
	     last = cpuset_next(&group->pins.list, last))
		if ((unsigned)last >= r->c.nr_pcpus)
			return wrong(r, key_line(p, "pins"), p->header, "pins",
			             "the host of this case has no pCPU %d", last);
	while ((word = strsep(&rest, ","))) {
		word += strspn(word, " ");
		while (*word && word[strlen(word) - 1] == ' ')
			word[strlen(word) - 1] = '\0';
		if (deal_load(r, p, word, group) < 0)
			return r->result;
	}
	r->c.groups[r->c.nr_groups++] = *group;
	if (case_guests(&r->c) > GUESTS_MAX)
		return wrong(r, key_line(p, "count"), p->header, "count",
		             "more than %d guests in all", GUESTS_MAX);
	return 0;
}

/* Loads first: guests name them, wherever they stand in the file. */
static int take_parts(struct reading *r)
{
	size_t i;

	if (check_complete(r) < 0)
		return r->result;
	for (i = 0; i < r->nr_parts; i++)
		if (r->parts[i].section == SECTION_LOAD && take_load(r, &r->parts[i]) < 0)
			return r->result;
	for (i = 0; i < r->nr_parts; i++)
		if (r->parts[i].section == SECTION_GUESTS && take_guests(r, &r->parts[i]) < 0)
			return r->result;
	return 0;
}

static int parse(struct reading *r)
{
	int line = ini_parse_stream(next_line, r, set_key, r);

	if (r->result < 0)
		return r->result;
	if (ferror(r->file))
		return fail(r->e, EIO, "%s: cannot be read", r->path);
	if (line)
		return wrong(r, (unsigned)line, header_at(r, (unsigned)line), "",
		             "neither [section] nor key = value");
	return take_parts(r);
}

int case_read(const char *path, struct case_file *out, struct error *e)
{
	struct reading *r = calloc(1, sizeof(*r));
	int result;

	if (!r)
		return fail(e, ENOMEM, "%s: out of memory", path);
	r->path = path;
	r->e = e;
	r->file = fopen(path, "re");
	if (!r->file) {
		result = fail(e, errno, "%s: %s", path, strerror(errno));
	} else {
		result = parse(r);
		fclose(r->file);
	}
	if (!result)
		*out = r->c;
	free(r);
	return result;
}
