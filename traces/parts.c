/* parts - the names of a trace that goes on in further files: run.db, run-2.db, run-3.db */
#include "traces/parts.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* Where the ending begins, with its dot; the end of a name that has none. */
static const char *ending_of(const char *base)
{
	const char *dot = strrchr(base, '.');

	return dot && dot > base ? dot : base + strlen(base);
}

int parts_name(const char *name, unsigned number, char *out, size_t size)
{
	const char *ending = ending_of(base_of(name));
	int n;

	if (number == 1)
		n = snprintf(out, size, "%s", name);
	else
		n = snprintf(out, size, "%.*s-%u%s", (int)(ending - name), name, number, ending);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

/* The number in "run-7.db", of a trace called run.db; 0: another name. */
static unsigned number_of(const char *file, const char *base)
{
	const char *ending = ending_of(base);
	size_t stem = (size_t)(ending - base);
	unsigned long number;
	char *end;

	if (strncmp(file, base, stem) != 0 || file[stem] != '-' || file[stem + 1] < '1' ||
	    file[stem + 1] > '9')
		return 0;
	number = strtoul(file + stem + 1, &end, 10);
	return strcmp(end, ending) != 0 || number > INT_MAX ? 0 : (unsigned)number;
}

unsigned parts_newest(const char *name)
{
	const char *base = base_of(name);
	const struct dirent *entry;
	unsigned newest = 1, number;
	char folder[PATH_MAX];
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.*s", (int)(base - name), name);
	dir = opendir(*folder ? folder : ".");
	while (dir && (entry = readdir(dir))) {
		number = number_of(entry->d_name, base);
		if (number > newest)
			newest = number;
	}
	if (dir)
		closedir(dir);
	return newest;
}
