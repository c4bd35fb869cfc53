/* chart_terminal - what charts of characters have in common */
#ifndef VMB_ANALYZE_CHART_TERMINAL_H
#define VMB_ANALYZE_CHART_TERMINAL_H

#include "analyze/chart.h"

/* What is black on paper: seen on a dark screen too. */
#define TERMINAL_BLACK 0x7f7f7f

/* A line drawn as one letter a column: where there are no colours, or they cannot be told apart, it still has a name. */
struct terminal_line {
	chart_value value;
	size_t which;
	double scale; /* values are divided by this */
	char letter;
	unsigned colour;
};

/* Where a row of characters is on gnuplot's screen; 0 is the uppermost. */
double terminal_row(const struct chart_view *v, unsigned row);

/*
 * Put a text from `row` on, broken between words so that nothing of it is cut; its lines are gnuplot's labels from
 * `label` on. It is fit for gnuplot already. Returns the row below it.
 */
unsigned terminal_heading(const struct chart_view *v, unsigned label, unsigned row,
                          const char *text, FILE *gp);

/*
 * Axes without the marks that look like letters, from below `row` on; no key. `left`: characters beside it; at the
 * right are so many that a column is one of them, where there is room.
 */
void terminal_frame(const struct chart_view *v, unsigned row, unsigned left, FILE *gp);

/*
 * Write the block $letters: of each line the least and the greatest value of each column. The next column begins with
 * the next line, so that of several with the same value each is seen in turn. Returns how many columns were known, of all
 * lines.
 */
size_t terminal_letters(const struct series *s, const struct chart_view *v,
                        const struct terminal_line *lines, size_t nr, FILE *gp);

/* Begin to plot that block. */
void terminal_plot(const struct chart_view *v, FILE *gp);

#endif
