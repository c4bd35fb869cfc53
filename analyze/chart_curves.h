/* chart_curves - charts that are a few lines over time in one panel, as pictures and on the terminal */
#ifndef VMB_ANALYZE_CHART_CURVES_H
#define VMB_ANALYZE_CHART_CURVES_H

#include "analyze/chart.h"

/* A line: which values, and how it looks. */
struct curve {
	chart_value value;
	size_t which;
	char title[CHART_NAME]; /* fit for gnuplot: chart_name() */
	unsigned look;          /* a place in chart_colour and chart_dash; CURVE_BLACK */
	const char *dash;       /* another one than that of its look; NULL: that */
	double width;
	bool level; /* chart_levels(), else chart_steps() */
};

#define CURVE_BLACK CHART_COLOURS

struct curves {
	const char *label; /* of the vertical axis, with its unit */
	struct curve *curve;
	size_t nr;
	double scale; /* values are divided by this */
	double most;  /* the axis ends there, or where the values do; NAN: there */
	bool log;     /* a logarithmic axis */
};

/*
 * Draw those that hold a known value. 0, or -ENODATA when none does: e says "run 1 does not tell WHAT there".
 */
int curves_draw(const struct curves *c, const char *what, const struct series *s,
                const struct chart_view *v, FILE *gp, struct error *e);

#endif
