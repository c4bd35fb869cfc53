/* mem_config - the file of --config: bounds of guests by name, and of the host */
#include "balancer/mem_config.h"

#include <ini.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/text_file.h"

struct reading {
	const char *path;
	FILE *file;
	struct mem_config *config;
	struct error *e;
	unsigned line;
	char header[160];
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
	r->rule = &c->rules[c->nr_rules++];
	*r->rule = (struct mem_rule){.line = r->line};
	snprintf(r->rule->glob, sizeof(r->rule->glob), "%s", header);
}

/* inih's source of lines: counts them, and sees sections without a key. Indented lines are no continuations. */
static char *next_line(char *line, int size, void *stream)
{
	struct reading *r = stream;
	char header[130];
	size_t length, indent;

	if (r->result < 0 || !fgets(line, size, r->file))
		return NULL;
	r->line++;
	length = strlen(line);
	if (!length || (line[length - 1] != '\n' && !feof(r->file))) {
		wrong(r, "", "a line too long, or not text");
		return NULL;
	}
	indent = strspn(line, " \t");
	memmove(line, line + indent, length - indent + 1);
	if (sscanf(line, "[%129[^]\n]]", header) == 1)
		begin_section(r, header);
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

static int take_size(struct reading *r, const char *name, const char *value, struct size *into,
                     bool *has)
{
	struct error e;

	if (*has)
		return wrong(r, name, "is there twice");
	if (parse_size(name, value, 0, MEM_SIZE_MOST_KIB, into, &e) < 0)
		return wrong(r, "", e.text);
	*has = true;
	return 1;
}

/* Percentages depend on the guest: they are held against each other when it is seen. */
static int check_order(struct reading *r, const struct mem_rule *rule, const char *name)
{
	if (rule->has_min && rule->has_max && rule->min.kib > rule->max.kib && !rule->max.part)
		return wrong(r, name, "the minimum is above the maximum");
	return 1;
}

static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct mem_rule *rule = r->rule;
	struct error e;

	if (r->result < 0)
		return 0;
	if (!*r->header)
		return wrong(r, name, "stands before the first section");
	if (!rule && !strcmp(name, "reserve"))
		return take_size(r, name, value, &r->config->host_reserve,
		                 &r->config->has_host_reserve);
	if (!rule && !strcmp(name, "pool"))
		return take_size(r, name, value, &r->config->pool, &r->config->has_pool);
	if (rule && !strcmp(name, "min"))
		return take_size(r, name, value, &rule->min, &rule->has_min) &&
		       check_order(r, rule, name);
	if (rule && !strcmp(name, "max"))
		return take_size(r, name, value, &rule->max, &rule->has_max) &&
		       check_order(r, rule, name);
	if (rule && !strcmp(name, "reserve"))
		return take_size(r, name, value, &rule->reserve, &rule->has_reserve);
	if (!rule || strcmp(name, "share") != 0)
		return wrong(r, name, "no such key");
	if (rule->has_share)
		return wrong(r, name, "is there twice");
	if (mem_config_share(name, value, &rule->share, &e) < 0)
		return wrong(r, "", e.text);
	rule->has_share = true;
	return 1;
}

int mem_config_read(const char *path, struct mem_config *config, struct error *e)
{
	struct reading r = {.path = path, .config = config, .e = e};
	int line;

	line = text_file_open(path, &r.file, e);
	if (line < 0)
		return line;
	line = ini_parse_stream(next_line, &r, set_key, &r);
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
