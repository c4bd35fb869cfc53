/* mem_config - the file of --config: bounds of guests by name, and of the host */
#include "balancer/mem_config.h"

#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/text_file.h"

/* Longer than inih's own: names of guests have up to 255 bytes. */
#define LINE_ROOM 512

struct reading {
	const char *path;
	FILE *file;
	struct mem_config *config;
	struct error *e;
	unsigned line;
	char text[LINE_ROOM], header[LINE_ROOM];
	struct mem_rule *rule; /* of the section that is read; NULL: [host], or none yet */
	int result;
};

static int wrong(struct reading *r, const char *key, const char *text)
{
	if (r->result == 0)
		r->result = fail(r->e, EINVAL, "%.100s:%u:%s%s%s %s%s%.120s", r->path, r->line,
		                 *r->header ? " [" : "", r->header, *r->header ? "]" : "", key,
		                 *key ? ": " : "", text);
	return 0;
}

static void begin_section(struct reading *r, const char *header)
{
	struct mem_config *c = r->config;

	snprintf(r->header, sizeof(r->header), "%s", header);
	r->rule = NULL;
	if (!strcmp(header, "host"))
		return;
	if (strncmp(header, "guest ", 6) != 0 || !header[6 + strspn(header + 6, " ")]) {
		wrong(r, "", "is neither [host] nor [guest NAME]");
		return;
	}
	header += 6 + strspn(header + 6, " ");
	if (c->nr_rules == MEM_RULES_MAX) {
		wrong(r, "", "too many sections");
		return;
	}
	if (strlen(header) >= sizeof(r->rule->glob)) {
		wrong(r, "", "is a name of more than 255 bytes");
		return;
	}
	r->rule = &c->rules[c->nr_rules++];
	*r->rule = (struct mem_rule){.line = r->line};
	snprintf(r->rule->glob, sizeof(r->rule->glob), "%s", header);
}

/* The first ] that ends the line, but for a comment: a pattern may hold others, as [guest db-[12]]. NULL: none does. */
static char *header_end(char *line)
{
	char *end;

	for (end = strchr(line, ']'); end; end = strchr(end + 1, ']')) {
		size_t blank = strspn(end + 1, " \t\r\n");
		char next = end[1 + blank];

		if (!next || (blank && (next == ';' || next == '#')))
			return end;
	}
	return NULL;
}

static void read_section(struct reading *r, char *line)
{
	char *end = header_end(line), *last = strrchr(line, ']');

	if (end) {
		*end = '\0';
		begin_section(r, line + 1);
		return;
	}
	line[last ? (size_t)(last - line) : strcspn(line, "\r\n")] = '\0';
	snprintf(r->header, sizeof(r->header), "%s", line + 1);
	wrong(r, "",
	      last ? "is followed by text: a key stands on a line of its own"
	           : "is neither a section nor a key and its value");
}

/*
 * inih's source of lines: counts them, and keeps sections to itself, as inih ends them at the first ] and ignores the rest.
 * Indented lines are no continuations.
 */
static char *next_line(char *line, int size, void *stream)
{
	struct reading *r = stream;
	size_t length, indent;
	bool section;

	if (r->result < 0 || !fgets(r->text, sizeof(r->text), r->file))
		return NULL;
	r->line++;
	length = strlen(r->text);
	indent = strspn(r->text, " \t");
	section = r->text[indent] == '[';
	if (!length || (r->text[length - 1] != '\n' && !feof(r->file)) ||
	    (!section && length - indent >= (size_t)size)) {
		wrong(r, "", "a line too long, or not text");
		return NULL;
	}
	if (section)
		read_section(r, r->text + indent);
	snprintf(line, (size_t)size, "%s", section ? "\n" : r->text + indent);
	return r->result < 0 ? NULL : line;
}

int mem_config_share(const char *what, const char *text, unsigned *share, struct error *e)
{
	double number;

	if (parse_number(what, text, 1, MEM_SHARE_MOST, &number, e) < 0)
		return -EINVAL;
	if (number != floor(number))
		return fail(e, EINVAL, "%s '%s': must be a whole number", what, text);
	*share = (unsigned)number;
	return 0;
}

static int take_size(const char *key, const char *value, struct size *into, bool *has,
                     struct error *e)
{
	if (*has)
		return fail(e, EINVAL, "%s: is there twice", key);
	if (parse_size(key, value, 0, MEM_SIZE_MOST_KIB, into, e) < 0)
		return -EINVAL;
	*has = true;
	return 0;
}

static int take_share(const char *key, const char *value, struct mem_rule *rule, struct error *e)
{
	if (rule->has_share)
		return fail(e, EINVAL, "%s: is there twice", key);
	if (mem_config_share(key, value, &rule->share, e) < 0)
		return -EINVAL;
	rule->has_share = true;
	return 0;
}

static int take_host_key(struct mem_config *c, const char *key, const char *value, struct error *e)
{
	if (!strcmp(key, "reserve"))
		return take_size(key, value, &c->host_reserve, &c->has_host_reserve, e);
	if (!strcmp(key, "pool"))
		return take_size(key, value, &c->pool, &c->has_pool, e);
	return fail(e, EINVAL, "%s: no such key", key);
}

/* Percentages depend on the guest: they are held against each other when it is seen. */
static int take_guest_key(struct mem_rule *rule, const char *key, const char *value,
                          struct error *e)
{
	int r = !strcmp(key, "min")     ? take_size(key, value, &rule->min, &rule->has_min, e)
	        : !strcmp(key, "max")   ? take_size(key, value, &rule->max, &rule->has_max, e)
	        : !strcmp(key, "share") ? take_share(key, value, rule, e)
	        : !strcmp(key, "reserve")
	                ? take_size(key, value, &rule->reserve, &rule->has_reserve, e)
	                : fail(e, EINVAL, "%s: no such key", key);

	if (!r && rule->has_min && rule->has_max && rule->min.kib > rule->max.kib &&
	    !rule->max.part)
		return fail(e, EINVAL, "%s: the minimum is above the maximum", key);
	return r;
}

int mem_config_words(const char *words, struct mem_rule *rule, struct error *e)
{
	struct mem_rule made = {0};
	char line[GUEST_BOUNDS], *next = line, *word, *value;

	if ((size_t)snprintf(line, sizeof(line), "%s", words) >= sizeof(line))
		return fail(e, EINVAL, "more words than there is room for");
	while ((word = strsep(&next, " "))) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value)
			return fail(e, EINVAL, "'%s': is not KEY=VALUE", word);
		*value++ = '\0';
		if (take_guest_key(&made, word, value, e) < 0)
			return -EINVAL;
	}
	*rule = made;
	return 0;
}

static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct error e;
	int result;

	if (r->result < 0)
		return 0;
	if (!*r->header)
		return wrong(r, name, "stands before the first section");
	result = r->rule ? take_guest_key(r->rule, name, value, &e)
	                 : take_host_key(r->config, name, value, &e);
	return result < 0 ? wrong(r, "", e.text) : 1;
}

int mem_config_read(const char *path, struct mem_config *config, struct error *e)
{
	struct reading r = {.path = path, .config = config, .e = e};
	int line;

	line = text_file_open_regular(path, &r.file, e);
	if (line < 0)
		return line;
	line = ini_parse_stream(next_line, &r, set_key, &r);
	/* What could not be read is not what is not there. */
	if (!r.result && ferror(r.file))
		r.result = fail(e, EIO, "%s: cannot be read", path);
	fclose(r.file);
	if (!r.result && line > 0) {
		r.line = (unsigned)line;
		wrong(&r, "", "is neither a section nor a key and its value");
	}
	return r.result;
}

void mem_config_limit(const struct mem_rule *rule, uint64_t maximum_kib, struct mem_limits *limits)
{
	bool whole = maximum_kib != UINT64_MAX; /* not read yet: percentages have to wait */

	if (rule->has_min && (whole || !rule->min.part))
		limits->min_kib = size_kib(&rule->min, maximum_kib);
	if (rule->has_max && (whole || !rule->max.part))
		limits->max_kib = size_kib(&rule->max, maximum_kib);
	if (rule->has_reserve)
		limits->reserve = rule->reserve;
	if (rule->has_share)
		limits->share = rule->share;
}
