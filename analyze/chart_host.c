/* chart_host - draws what the host has available against its reserve, and all balloons against their pool */
#include <math.h>

#include "analyze/chart_curves.h"
#include "analyze/memory.h"

#define GIB_FROM_MIB 8192.0 /* from here on the axis is in GiB */

static double available(const struct series *s, size_t tick, size_t which)
{
	return (double)series_tick(s, tick).available_mib;
}

static double reserve(const struct series *s, size_t tick, size_t which)
{
	return (double)series_tick(s, tick).reserve_mib;
}

static double pool(const struct series *s, size_t tick, size_t which)
{
	return (double)series_tick(s, tick).pool_mib;
}

static double balloons(const struct series *s, size_t tick, size_t which)
{
	return memory_balloons_mib(s, tick);
}

int chart_draw_host(const struct series *s, const struct chart_view *v, FILE *gp, struct error *e)
{
	struct curve lines[] = {
	        {available, 0, "host available", 0, NULL, 1.8, true},
	        {reserve, 0, "its reserve", CURVE_BLACK, "'--'", 1.0, true},
	        {balloons, 0, "all balloons", 5, "'-.'", 1.8, true},
	        {pool, 0, "their pool", CURVE_BLACK, "'..-'", 1.6, true},
	};
	struct curves c = {"memory (MiB)", lines, sizeof(lines) / sizeof(lines[0]), 1, NAN};
	double least, most;
	size_t i;

	for (i = 0; i < c.nr; i++) {
		chart_range(s, v, lines[i].value, 0, &least, &most);
		if (!(most >= GIB_FROM_MIB))
			continue;
		c.scale = 1024;
		c.label = "memory (GiB)";
	}
	return curves_draw(&c, "the memory of the host or of a guest", s, v, gp, e);
}
