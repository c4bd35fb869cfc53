/* picture - a chart as a file of a format, or in the terminal */
#ifndef VMB_ANALYZE_PICTURE_H
#define VMB_ANALYZE_PICTURE_H

#include "analyze/chart.h"

struct picture_options {
	const struct chart *chart;
	unsigned width, height; /* 0: the default */
	double from_s, to_s;
	bool keep_script;
};

/* Take chart and size ("800x480", NULL: the default) by their names. 0 or -EINVAL, naming what is wrong. */
int picture_choose(struct picture_options *o, const char *chart, const char *size, struct error *e);

/* Whether the suffix of `path` is that of a format. 0 or -EINVAL. */
int picture_check_name(const char *path, struct error *e);

/*
 * Draw to `path`, whose suffix tells the format. The file appears when it is whole; one that was there is replaced
 * then, and left alone when drawing fails. Returns 0, -ENODATA (nothing to draw), -ENOENT (no gnuplot), -EIO ...
 */
int picture_write(const struct series *s, const struct picture_options *o, const char *path,
                  struct error *e);

/* Draw on standard output with characters, as large as the terminal. Errors as above. */
int picture_show(const struct series *s, const struct picture_options *o, struct error *e);

#endif
