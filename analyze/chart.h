/* chart - the table of charts: each turns a run into a gnuplot script */
#ifndef VMB_ANALYZE_CHART_H
#define VMB_ANALYZE_CHART_H

#include <stdio.h>

#include "analyze/series.h"

/* How a chart shall be drawn. */
struct chart_view {
	double from_s, to_s; /* what to show, within the run; see chart_clip() */
	size_t first, end;   /* its ticks: first <= i < end */
	double unit_s;       /* of the time axis, and how it is called: "s", "min", "h" */
	const char *unit;
	bool terminal;          /* drawn with characters */
	bool colour;            /* in a terminal: it shows colours */
	unsigned width, height; /* pixels at 96 to an inch, or characters */
	bool tex;               /* drawn for LaTeX: what text holds is read by it */
	double limit_pp;        /* the limit line of the standard deviation */
};

/*
 * draw() appends a script to `gp` that draws on a terminal which is set already. The script holds its data in blocks, and
 * no text of strangers but through escape_gnuplot(). Returns 0, -ENOMEM, or -ENODATA with a sentence
 * when there is nothing that could be drawn. A new chart is one row in chart.c and one such function.
 */
struct chart {
	const char *name;
	const char *help;
	int (*draw)(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e);
};

extern const struct chart charts[];
extern const size_t nr_charts;

const struct chart *chart_find(const char *name); /* NULL: there is none */

/* Their names and what they show, for people, in 80 columns. Returns text. */
char *chart_list(char *text, size_t size);

/* The one that shows best what a run is about: its memory where vmb-mem made it, or it tells of nothing else. */
const struct chart *chart_default(const struct series *s);

/*
 * Fit from_s and to_s (INFINITY: the end) to the run, find the ticks between, choose the unit of time.
 * -ENODATA when there are not two ticks.
 */
int chart_clip(struct chart_view *v, const struct series *s, struct error *e);

/*
 * Ends each data block. It cannot occur inside: blocks hold numbers and single characters only.
 */
#define CHART_END "END_OF_DATA"

/*
 * Points of a series above which it is thinned, and no more than the picture has pixels; half as many buckets then keep
 * their least and greatest.
 */
#define CHART_POINTS 1800

/*
 * Write a data block of steps: the value of each tick over the time back to the tick before. Where a value is NAN the
 * line is broken. Above so many ticks every bucket keeps its least and greatest value in the order of time, so
 * that no spike is lost. Returns how many values were known.
 */
typedef double (*chart_value)(const struct series *s, size_t tick, size_t which);
size_t chart_steps(const struct series *s, const struct chart_view *v, const char *block,
                   chart_value value, size_t which, FILE *gp);

/* As chart_steps(), for what a tick tells of its own moment: the value holds until the next tick. */
size_t chart_levels(const struct series *s, const struct chart_view *v, const char *block,
                    chart_value value, size_t which, FILE *gp);

/* The least and the greatest known value of a view; NAN when there is none. */
void chart_range(const struct series *s, const struct chart_view *v, chart_value value,
                 size_t which, double *least, double *most);

/* Colours that the colour-blind can tell apart and that differ in grey, with dashes beside them. */
#define CHART_COLOURS 8
extern const unsigned chart_colour[CHART_COLOURS]; /* 0xRRGGBB */
extern const char *const chart_dash[CHART_COLOURS];

/* The time axis of a chart, with its label or without. */
void chart_time_axis(const struct chart_view *v, bool label, FILE *gp);

/* So few numbers on it, which has so many pixels, that they do not touch; where gnuplot does not choose well by itself. */
void chart_time_tics(const struct chart_view *v, double pixels, FILE *gp);

/* "%" for a label. */
const char *chart_percent(const struct chart_view *v);

#define CHART_NAME 64

/* A stranger's name for a label, at most `longest` characters of it. Returns text. */
char *chart_name(const struct chart_view *v, const char *name, size_t longest,
                 char text[CHART_NAME]);

/* Height of a character in pixels; a picture as narrow as a column of a paper has smaller ones. */
double chart_em(const struct chart_view *v);

/*
 * A legend above a picture, of so many entries whose longest title has so many characters, in as many lines as are
 * returned; 0: the picture is too small for it. chart_frame(): also a note below it, "" for none, grid, border, and
 * the margins of a picture; `right`: characters of room beside it. chart_bottom() is the margin for a labelled time axis.
 */
size_t chart_key(const struct chart_view *v, size_t entries, size_t longest, FILE *gp);
void chart_frame(const struct chart_view *v, size_t entries, size_t longest, const char *note,
                 unsigned right, FILE *gp);
void chart_bottom(const struct chart_view *v, FILE *gp);

/* The view as columns, of characters or of a few pixels: how many, where one begins, and which ticks tell of it. */
unsigned chart_columns(const struct chart_view *v);
double chart_column_s(const struct chart_view *v, unsigned column);
void chart_column_ticks(const struct series *s, const struct chart_view *v, unsigned column,
                        size_t *first, size_t *end);

/* Pins that were changed in one tick. */
struct chart_change {
	double t_s;
	unsigned nr;
	double number_s; /* where its number stands: as near to t_s as it is free of the frame and of other numbers */
};

/*
 * The changes within a view of guests that are not left out, those that stand too close to be told apart put together. *out is to be freed. 0 or -ENOMEM.
 */
int chart_changes(const struct series *s, const struct chart_view *v, struct chart_change **out,
                  size_t *nr);

/* How a pCPU is called in a terminal: 0-9, a-z, and + above. */
char chart_letter(unsigned pcpu);

/* Ticks so close that thick lines would run together. */
bool chart_is_dense(const struct chart_view *v);

/* The width of a line, thinner where it is dense. */
double chart_line_width(const struct chart_view *v, double width);

/*
 * Put the guests with the most of something first, those with none of it (NAN) last; `of` has a number for each, order[] room for all. No
 * more than `most` of the first are worth drawing: they are put back into the order of the series. Returns how many.
 */
size_t chart_choose(const double *of, size_t nr, size_t most, size_t *order);

int chart_draw_pcpu(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e);
int chart_draw_placement(const struct series *s, const struct chart_view *v, FILE *gp,
                         struct error *e);
int chart_draw_memory(const struct series *s, const struct chart_view *v, FILE *gp,
                      struct error *e);
int chart_draw_host(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e);
int chart_draw_steal(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e);
int chart_draw_actions(const struct series *s, const struct chart_view *v, FILE *gp,
                       struct error *e);
int chart_draw_self(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e);

#endif
