/* chart_picture - a chart as a picture: in a file, in memory, or on the terminal */
#ifndef VMB_ANALYZE_CHART_PICTURE_H
#define VMB_ANALYZE_CHART_PICTURE_H

#include "analyze/chart.h"
#include "analyze/gnuplot.h"

/*
 * What of a picture's name says its format is known, and it may be written there, and its script: not where what is read lies,
 * nor another trace. 0, or -EINVAL, or as output_check(), with a sentence.
 */
int picture_check(const char *path, bool keep_script, const char *trace, struct error *e);

/*
 * Draw a chart to a file in the format of its suffix (svg, png, pdf, tex). It is written beside and renamed, so
 * that it is whole or as it was before. keep_script: also leave PATH.gp, which gnuplot can be run on; it draws to
 * its standard output. `v` has been clipped.
 * Returns 0 or an error of the chart, of gnuplot_run(), or of writing.
 */
int picture_save(const struct chart *c, const struct series *s, const struct chart_view *v,
                 const char *path, bool keep_script, struct error *e);

/*
 * Write the script that draws a chart in the format of a suffix (".svg"), for gnuplot_run(); d->script is to be freed in
 * any case. `v` has been clipped. Returns 0 or an error of the chart.
 */
int picture_script(const struct chart *c, const struct series *s, const struct chart_view *v,
                   const char *suffix, struct drawing *d, struct error *e);

/* Draw a chart with characters to a stream. */
int picture_show(const struct chart *c, const struct series *s, const struct chart_view *v,
                 FILE *out, struct error *e);

#endif
