/* operands - which runs of which traces the words of a command line name */
#include "analyze/operands.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int no_memory(struct error *e)
{
	return fail(e, ENOMEM, "out of memory");
}

static int add(struct operands *o, const char *path, unsigned run, struct error *e)
{
	struct operand *more = realloc(o->at, (o->nr + 1) * sizeof(*more));

	if (!more)
		return no_memory(e);
	o->at = more;
	more += o->nr++;
	more->run = run;
	snprintf(more->path, sizeof(more->path), "%s", path);
	return 0;
}

/* Cut the #N off and return the number; 0 where there is none that a run can have. */
static unsigned cut_run(char *path)
{
	char *mark = strrchr(path, '#');
	size_t digits = mark ? strspn(mark + 1, "0123456789") : 0;
	unsigned run;

	if (!digits || digits > 9 || mark[1 + digits])
		return 0;
	run = (unsigned)strtoul(mark + 1, NULL, 10);
	if (run)
		*mark = '\0';
	return run;
}

/* All files that match, or the word itself. */
static int add_matching(struct operands *o, const char *pattern, unsigned run, struct error *e)
{
	glob_t found = {0};
	int r = 0;
	size_t i;

	if (glob(pattern, GLOB_NOCHECK, NULL, &found) != 0)
		r = no_memory(e);
	for (i = 0; r == 0 && i < found.gl_pathc; i++)
		r = add(o, found.gl_pathv[i], run, e);
	globfree(&found);
	return r;
}

int operands_add(struct operands *o, const char *word, struct error *e)
{
	char path[PATH_MAX];
	unsigned run;

	if (strlen(word) >= sizeof(path))
		return fail(e, EINVAL, "%.64s...: longer than any path", word);
	if (access(word, F_OK) == 0)
		return add(o, word, 0, e);
	strcpy(path, word);
	run = cut_run(path);
	return access(path, F_OK) == 0 ? add(o, path, run, e) : add_matching(o, path, run, e);
}

void operands_done(struct operands *o)
{
	free(o->at);
	*o = (struct operands){0};
}

int operands_split(struct operands group[2], char *const *words, size_t nr, bool compare,
                   size_t behind, struct error *e)
{
	size_t of_a = compare && behind ? nr - behind : 1, i;
	int r = 0;

	group[0] = group[1] = (struct operands){0};
	if (!nr || of_a == 0 || (nr > 2 && !(compare && behind)) || (compare && nr < 2))
		return fail(e, EINVAL, "needs one TRACE, or two, or --compare A... -- B...");
	for (i = 0; r == 0 && i < of_a; i++)
		r = operands_add(&group[0], words[i], e);
	for (; r == 0 && i < nr; i++)
		r = operands_add(&group[1], words[i], e);
	if (r == 0 && nr == 1 && group[0].nr > 1)
		r = fail(e, EINVAL,
		         "%s: matches %zu files; one is wanted, or --compare A... -- B...",
		         words[0], group[0].nr);
	return r;
}

size_t operands_behind(int argc, char *const *argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--"))
			return (size_t)(argc - i - 1);
	return 0;
}
