/* criteria_file - criteria as they stand in an INI file */
#include "analyze/criteria.h"

#include <ctype.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/parse.h"
#include "common/text_file.h"

#define WITHIN_S 20.0 /* the cases: balanced within 20 s at an interval of 1 s */
#define FILE_MAX (1 << 20)

/* What is known while a file is read. inih tells no line numbers: the lines are counted as they are handed to it. */
struct reading {
	const char *name;
	const char *next; /* the line that comes next */
	int line;
	struct criteria *to;
	struct criterion *now; /* NULL: in a section of others, or in none */
	unsigned given;        /* keys of this section, by their place in keys[] */
	char limit[256];       /* the value of its limit; longer than any line of a file */
	int limit_line;
	bool within;
	bool in_section;
	struct error error; /* the first one; code 0: none */
};

static int wrong(struct reading *r, int line, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Note the first thing that is wrong. Returns 0, which is inih's word for "stop". */
static int wrong(struct reading *r, int line, const char *format, ...)
{
	char text[200];
	va_list args;

	if (r->error.code)
		return 0;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fail(&r->error, EINVAL, "%s:%d: %s", r->name, line, text);
	return 0;
}

static int set_metric(struct reading *r, const char *value)
{
	r->now->metric = metric_find(value);
	if (!r->now->metric)
		return wrong(r, r->line, "metric '%s': there is no such metric", value);
	return 1;
}

/* What it may be depends on the metric, which may come later: see rule_parse(). */
static int set_limit(struct reading *r, const char *value)
{
	snprintf(r->limit, sizeof(r->limit), "%s", value);
	r->limit_line = r->line;
	return 1;
}

static int set_hold(struct reading *r, const char *value)
{
	char number[32];
	size_t length = strlen(value);
	struct error why;

	if (!length || value[length - 1] != '%' || length >= sizeof(number))
		return wrong(r, r->line, "hold '%s': needs a percentage, as 95 %%", value);
	for (length--; length && isspace((unsigned char)value[length - 1]);)
		length--;
	snprintf(number, sizeof(number), "%.*s", (int)length, value);
	if (parse_number("hold", number, 0, 100, &r->now->hold_pct, &why) < 0)
		return wrong(r, r->line, "%s", why.text);
	if (r->now->hold_pct <= 0)
		return wrong(r, r->line, "hold '%s': must be above 0 %%", value);
	return 1;
}

/* Of plain characters, so that it can be printed anywhere; a name of others is matched by ? and *. */
static int set_guest(struct reading *r, const char *value)
{
	size_t length = 0;

	while (value[length] > ' ' && value[length] < 0x7f)
		length++;
	if (!length || value[length] || length >= CRITERION_GUEST)
		return wrong(r, r->line,
		             "guest '%.70s': needs a pattern of 1 to %d ASCII characters", value,
		             CRITERION_GUEST - 1);
	memcpy(r->now->guest, value, length + 1);
	return 1;
}

static int set_from(struct reading *r, const char *value)
{
	struct error why;

	if (moment_parse_from(value, &r->now->from, &why) < 0)
		return wrong(r, r->line, "%s", why.text);
	return 1;
}

static int set_to(struct reading *r, const char *value)
{
	struct error why;

	if (moment_parse_to(value, &r->now->to, &why) < 0)
		return wrong(r, r->line, "%s", why.text);
	return 1;
}

static int set_within(struct reading *r, const char *value)
{
	struct error why;

	r->within = true;
	if (moment_parse_within(value, &r->now->from, &why) < 0)
		return wrong(r, r->line, "%s", why.text);
	return 1;
}

static const struct {
	const char *name;
	int (*set)(struct reading *r, const char *value);
} keys[] = {
        {"metric", set_metric}, {"limit", set_limit},   {"hold", set_hold},   {"from", set_from},
        {"to", set_to},         {"within", set_within}, {"guest", set_guest},
};
#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

/* What only shows when all keys of a criterion have been read. */
static void end_section(struct reading *r)
{
	struct criterion *c = r->now;
	struct error why;

	r->now = NULL;
	if (!c)
		return;
	if (!c->metric)
		wrong(r, c->line, "criterion %s: has no metric", c->name);
	else if (!(r->given & 1 << 1))
		wrong(r, c->line, "criterion %s: has no limit", c->name);
	else if (rule_parse(r->limit, c->metric, &c->rule, &why) < 0)
		wrong(r, r->limit_line, "%s", why.text);
	if (r->error.code)
		return;
	if (c->metric->dimension == PER_RUN && c->hold_pct < 100)
		wrong(r, c->line, "criterion %s: %s is one number: hold does not apply", c->name,
		      c->metric->id);
	else if (*c->guest && c->metric->subject != SUBJECT_GUEST)
		wrong(r, c->line, "criterion %s: %s is not about guests", c->name, c->metric->id);
	else if (r->within && c->from.kind != MOMENT_SETTLE)
		wrong(r, c->line, "criterion %s: within needs from = settle", c->name);
	else if (c->from.kind == MOMENT_SETTLE && !strcmp(c->metric->id, "cpu.settle_s"))
		wrong(r, c->line, "criterion %s: cpu.settle_s cannot start at settle", c->name);
	else if (c->from.kind == MOMENT_TIME && c->to.kind == MOMENT_TIME &&
	         c->to.seconds <= c->from.seconds)
		wrong(r, c->line, "criterion %s: ends before it starts", c->name);
}

static void start_criterion(struct reading *r, const char *name)
{
	size_t i, length = strlen(name);
	struct criterion *more;

	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("-_.", name[i]))
			break;
	if (!length || i < length || length >= CRITERION_NAME) {
		wrong(r, r->line, "[criterion %s]: a name has 1 to %d letters, digits, - _ .", name,
		      CRITERION_NAME - 1);
		return;
	}
	for (i = 0; i < r->to->nr; i++)
		if (!strcmp(r->to->rows[i].name, name)) {
			wrong(r, r->line, "[criterion %s]: was already given in line %d", name,
			      r->to->rows[i].line);
			return;
		}
	more = realloc(r->to->rows, (r->to->nr + 1) * sizeof(*more));
	if (!more) {
		wrong(r, r->line, "out of memory");
		return;
	}
	r->to->rows = more;
	r->now = &more[r->to->nr++];
	*r->now = (struct criterion){.hold_pct = 100, .line = r->line};
	r->now->from = (struct moment){.kind = MOMENT_START, .seconds = WITHIN_S};
	r->now->to = (struct moment){.kind = MOMENT_END};
	memcpy(r->now->name, name, length + 1);
	r->given = 0;
	r->within = false;
}

/* True for a section that belongs to the reader of cases. */
static bool is_of_others(const char *section)
{
	static const char *const alone[] = {"case", "host", "guests", "load", "background"};
	static const char *const named[] = {"guests ", "load ", "background ", "event ", "memory "};
	size_t i;

	for (i = 0; i < sizeof(alone) / sizeof(alone[0]); i++)
		if (!strcmp(section, alone[i]))
			return true;
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strncmp(section, named[i], strlen(named[i])))
			return true;
	return false;
}

/* inih calls nobody for a section without keys, so sections are begun where lines are read. */
static void start_section(struct reading *r, const char *line)
{
	static const char word[] = "criterion ";
	const char *end = strchr(line, ']');
	char section[128];

	end_section(r);
	r->in_section = true;
	if (!end)
		return; /* inih says so */
	snprintf(section, sizeof(section), "%.*s", (int)(end - line - 1), line + 1);
	if (!strncmp(section, word, strlen(word)))
		start_criterion(r, section + strlen(word));
	else if (!is_of_others(section))
		wrong(r, r->line, "[%s]: not a section that is known", section);
}

/*
 * inih's fgets(). White space before a key is dropped, where inih would take the line for one more of the value
 * before it.
 */
static char *next_line(char *to, int room, void *with)
{
	struct reading *r = with;
	size_t length = strcspn(r->next, "\n"), blank;

	if (!*r->next || r->error.code)
		return NULL;
	r->line++;
	blank = strspn(r->next, " \t\r");
	blank = blank < length ? blank : length;
	if (length - blank + 3 > (size_t)room) {
		wrong(r, r->line, "line is longer than %d characters", room - 3);
		return NULL;
	}
	snprintf(to, (size_t)room, "%.*s\n", (int)(length - blank), r->next + blank);
	r->next += length + (r->next[length] == '\n');
	if (*to == '[')
		start_section(r, to);
	return r->error.code ? NULL : to;
}

static int take_key(void *with, const char *section, const char *name, const char *value)
{
	struct reading *r = with;
	size_t i;

	if (!r->in_section)
		return wrong(r, r->line, "%s: stands before the first section", name);
	if (!r->now)
		return 1;
	for (i = 0; i < NR_KEYS; i++)
		if (!strcmp(name, keys[i].name))
			break;
	if (i == NR_KEYS)
		return wrong(r, r->line,
		             "%s: no such key (metric, limit, guest, hold, from, to, within)",
		             name);
	if (r->given & 1u << i)
		return wrong(r, r->line, "%s: is given twice", name);
	r->given |= 1u << i;
	return keys[i].set(r, value);
}

int criteria_parse(const char *name, const char *text, struct criteria *out, struct error *e)
{
	struct criteria read = {0};
	struct reading r = {.name = name, .to = &read};
	int line;

	r.next = strncmp(text, "\xef\xbb\xbf", 3) ? text : text + 3; /* some editors' first bytes */
	line = ini_parse_stream(next_line, &r, take_key, &r);
	end_section(&r);
	if (line > 0)
		wrong(&r, line, "neither [SECTION] nor KEY = VALUE");
	else if (line < 0)
		wrong(&r, r.line, "out of memory");
	else if (!read.nr)
		wrong(&r, r.line, "has no [criterion NAME]");
	if (r.error.code) {
		criteria_done(&read);
		return fail(e, r.error.code, "%s", r.error.text);
	}
	*out = read;
	return 0;
}

int criteria_read(const char *path, struct criteria *out, struct error *e)
{
	char *text = NULL;
	size_t length;
	FILE *f;
	int r = text_file_open(path, &f, e);

	if (r < 0)
		return r;
	text = malloc(FILE_MAX + 1);
	length = text ? fread(text, 1, FILE_MAX, f) : 0;
	if (!text)
		r = fail(e, ENOMEM, "out of memory");
	else if (ferror(f))
		r = fail(e, errno, "%s: %s", path, strerror(errno));
	else if (length == FILE_MAX)
		r = fail(e, EINVAL, "%s: longer than 1 MiB", path);
	else if (memchr(text, '\0', length))
		r = fail(e, EINVAL, "%s: not a text file", path);
	else {
		text[length] = '\0';
		r = criteria_parse(path, text, out, e);
	}
	free(text);
	fclose(f);
	return r;
}
