/* chart_self - draws what a tick cost the recorder */
#include <math.h>

#include "analyze/chart_curves.h"

#define LEAST_MS 0.001 /* what took less has no place on a logarithmic axis */

static double collect_ms(const struct series *s, size_t tick, size_t which)
{
	return fmax((double)series_tick(s, tick).collect_ms, LEAST_MS);
}

static double cpu_ms(const struct series *s, size_t tick, size_t which)
{
	double ms = (double)series_tick(s, tick).self_cpu_ms;

	return isnan(ms) ? NAN : fmax(ms, LEAST_MS);
}

static double decide_ms(const struct series *s, size_t tick, size_t which)
{
	double us = (double)series_tick(s, tick).decide_us;

	return isnan(us) ? NAN : fmax(us / 1000, LEAST_MS);
}

static double interval_ms(const struct series *s, size_t tick, size_t which)
{
	return s->run.interval_ns ? (double)s->run.interval_ns / 1e6 : NAN;
}

int chart_draw_self(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	struct curve lines[] = {
	        {collect_ms, 0, "reading the host", 0, NULL, 1.4, true},
	        {cpu_ms, 0, "CPU time, all of it", 5, "'--'", 1.6, false},
	        {decide_ms, 0, "deciding", 2, "1", 2.2, true},
	        {interval_ms, 0, "the interval", CURVE_BLACK, "'--'", 1.0, true},
	};
	struct curves c = {
	        "time per tick (ms)", lines, sizeof(lines) / sizeof(lines[0]), 1, NAN, true};

	return curves_draw(&c, "what it cost", s, v, gp, e);
}
