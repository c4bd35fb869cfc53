/* case_points - a load that was recorded elsewhere: "seconds,percent" lines from a file */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "collector/case_part.h"
#include "common/parse.h"
#include "common/text_file.h"

/* A day at one point a second. */
#define POINTS_MAX 86400

static int add_point(struct case_file *c, struct case_load *load, double seconds, double percent)
{
	struct case_point *more = c->points;

	/* room doubles: it is full where the number is a power of two */
	if (!(c->nr_points & (c->nr_points - 1)))
		more = realloc(c->points, (c->nr_points ? 2 * c->nr_points : 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	c->points = more;
	more[c->nr_points++] = (struct case_point){(uint64_t)(seconds * 1e9 + 0.5),
	                                           (uint32_t)(percent * 10 + 0.5)};
	load->nr_points++;
	return 0;
}

static int read_line(char *line, const char *path, unsigned number, struct case_file *c,
                     struct case_load *load, struct error *e)
{
	char *second = line, *first = strsep(&second, ",");
	double before = load->nr_points ? (double)c->points[c->nr_points - 1].at_ns / 1e9 : -1;
	double seconds, percent;

	if (parse_number("", first, 0, POINTS_MAX, &seconds, NULL) < 0 || !second ||
	    parse_number("", second, 0, 100, &percent, NULL) < 0)
		return fail(e, EINVAL, "%s:%u: not SECONDS,PERCENT", path, number);
	if (seconds <= before || (before < 0 && seconds > 0))
		return fail(e, EINVAL, "%s:%u: times must ascend, from 0 on", path, number);
	if (load->nr_points == POINTS_MAX)
		return fail(e, EINVAL, "%s:%u: more than %d lines", path, number, POINTS_MAX);
	return add_point(c, load, seconds, percent) < 0 ? fail(e, ENOMEM, "out of memory") : 0;
}

static int read_points(FILE *file, const char *path, struct case_file *c, struct case_load *load,
                       struct error *e)
{
	unsigned number = 0;
	char line[512];
	size_t end;
	int r = 0;

	while (!r && fgets(line, sizeof(line), file)) {
		number++;
		if (!strchr(line, '\n') && !feof(file))
			return fail(e, EINVAL, "%s:%u: a line too long, or not text", path, number);
		line[strcspn(line, "#\r\n")] = '\0';
		for (end = strlen(line); end && isblank((unsigned char)line[end - 1]); end--)
			line[end - 1] = '\0';
		if (end)
			r = read_line(line, path, number, c, load, e);
	}
	if (!r && ferror(file))
		return fail(e, EIO, "%s: cannot be read", path);
	if (!r && !load->nr_points)
		return fail(e, EINVAL, "%s: holds no SECONDS,PERCENT", path);
	return r;
}

int case_points(const char *case_path, const char *path, struct case_file *c,
                struct case_load *load, struct error *e)
{
	const char *slash = strrchr(case_path, '/');
	char whole[4096];
	FILE *file;
	int r;

	snprintf(whole, sizeof(whole), "%.*s%s",
	         *path == '/' || !slash ? 0 : (int)(slash + 1 - case_path), case_path, path);
	load->first_point = c->nr_points;
	r = text_file_open(whole, &file, e);
	if (r < 0)
		return r;
	r = read_points(file, path, c, load, e);
	fclose(file);
	return r;
}
