/* case_read - read a case file, strictly: whatever is wrong is named by file, line, section and key */
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/case_part.h"
#include "common/text_file.h"

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
		return case_wrong(r, r->line, word, "", "more than %d sections", PARTS_MAX);
	case_part_init(p, r->line);
	snprintf(p->header, sizeof(p->header), "%s%s%s", word, *name ? " " : "", name);
	for (s = 0; s < SECTIONS && strcmp(case_sections[s].word, word); s++)
		;
	if (s == SECTIONS)
		return case_wrong(r, r->line, p->header, "", "no such section");
	if (case_sections[s].naming == NAME_REFUSED && *name)
		return case_wrong(r, r->line, p->header, "", "this section has no name");
	if (case_sections[s].naming == NAME_REQUIRED && !*name)
		return case_wrong(r, r->line, p->header, "", "needs a name: [%s NAME]", word);
	for (i = 0; i < r->nr_parts; i++)
		if (!strcmp(r->parts[i].header, p->header))
			return case_wrong(r, r->line, p->header, "", "is there twice");
	p->section = s;
	r->nr_parts++;
	if (case_sections[s].simulated)
		case_simulated(r, r->line, p->header, "");
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
		case_wrong(r, r->line, header_at(r, r->line), "", "a line too long, or not text");
		return NULL;
	}
	indent = strspn(line, " \t");
	memmove(line, line + indent, length - indent + 1);
	if (sscanf(line, "[%99[^]\n]]", header) == 1 && begin_part(r, header) < 0)
		return NULL;
	return line;
}

static int set_key(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	struct part *p = current(r);
	const struct case_key *k;
	struct error e;
	size_t i;

	if (r->result < 0)
		return 0;
	if (!p)
		return case_wrong(r, r->line, "", name, "stands before the first section") == 0;
	if (p->section == SECTION_CRITERION)
		return 1;
	i = case_key_find(p->section, name);
	if (i == nr_case_keys)
		return case_wrong(r, r->line, p->header, name, "no such key") == 0;
	if (p->key_line[i])
		return case_wrong(r, r->line, p->header, name, "is there twice") == 0;
	k = &case_keys[i];
	p->key_line[i] = r->line;
	if (k->simulated)
		case_simulated(r, r->line, p->header, name);
	if (k->read(value, &k->range, (k->in_part ? (char *)p : (char *)&r->c) + k->offset, &e) < 0)
		return case_wrong(r, r->line, p->header, name, "%s", e.text) == 0;
	return 1;
}

/* --- the whole file ------------------------------------------------------------------------------ */

static int check_key(struct reading *r, const struct part *p, size_t row)
{
	const struct case_key *k = &case_keys[row];
	unsigned shape = 1U << p->load.shape, line = p->key_line[row];

	if (k->section != p->section)
		return 0;
	if (!line && (k->need == REQUIRED || (k->need == BY_SHAPE && k->needed & shape)))
		return case_wrong(r, p->line, p->header, k->name, "is missing");
	if (line && k->need == BY_SHAPE && !((k->needed | k->taken) & shape))
		return case_wrong(r, line, p->header, k->name, "does not belong to shape = %s",
		                  case_shapes[p->load.shape]);
	return 0;
}

static int check_complete(struct reading *r)
{
	bool there[SECTIONS] = {0};
	size_t i, k;

	for (i = 0; i < r->nr_parts; i++) {
		there[r->parts[i].section] = true;
		for (k = 0; k < nr_case_keys; k++)
			if (check_key(r, &r->parts[i], k) < 0)
				return r->result;
	}
	for (i = 0; i < SECTIONS; i++)
		if (case_sections[i].required && !there[i])
			return case_wrong(r, r->line, case_sections[i].word, "", "is missing");
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
		return case_wrong(r, (unsigned)line, header_at(r, (unsigned)line), "",
		                  "neither [section] nor key = value");
	return check_complete(r) < 0 ? r->result : case_take(r);
}

int case_read(const char *path, const struct case_change *change, struct case_file *out,
              struct error *e)
{
	static const struct case_change nothing = {0};
	struct reading *r = calloc(1, sizeof(*r));
	int result;

	if (!r)
		return fail(e, ENOMEM, "%s: out of memory", path);
	r->path = path;
	r->e = e;
	r->change = change ? change : &nothing;
	case_host_init(&r->c.host);
	result = text_file_open(path, &r->file, e);
	if (!result) {
		result = parse(r);
		fclose(r->file);
	}
	if (!result)
		*out = r->c;
	else
		case_done(&r->c);
	free(r);
	return result;
}
