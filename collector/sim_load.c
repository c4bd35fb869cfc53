/* sim_load - how busy a vCPU wants to be at a moment: a pure function of case, seed and time */
#include "collector/sim_load.h"

#include <math.h>

#include "collector/sim_noise.h"

/* Where in its present period a wave is, from 0 to 1; 0 before it begins. */
static double wave(const struct case_load *load, uint64_t t_ns)
{
	if (t_ns < load->at_ns)
		return 0;
	return (double)((t_ns - load->at_ns) % load->period_ns) / (double)load->period_ns;
}

static double between(const struct case_load *load, double part)
{
	return load->level_pm + part * ((double)load->to_pm - load->level_pm);
}

static double ramp_part(const struct case_load *load, uint64_t t_ns)
{
	if (t_ns <= load->at_ns)
		return 0;
	return fmin(1, (double)(t_ns - load->at_ns) / (double)(load->until_ns - load->at_ns));
}

static double burst_part(const struct case_file *c, const struct case_load *load, unsigned task,
                         uint64_t t_ns)
{
	return sim_draw(c->seed, STREAM_BURST + task, t_ns / load->period_ns) <
	       load->share_pm / 1000.0;
}

/* The last point at or before t_ns; the first is at 0. */
static double point_pm(const struct case_file *c, const struct case_load *load, uint64_t t_ns)
{
	const struct case_point *points = &c->points[load->first_point];
	size_t low = 0, high = load->nr_points, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (points[middle].at_ns <= t_ns)
			low = middle;
		else
			high = middle;
	}
	return points[low].level_pm;
}

static double shape_pm(const struct case_file *c, const struct case_load *load, unsigned task,
                       uint64_t t_ns)
{
	switch (load->shape) {
	case SHAPE_CONSTANT:
		return load->level_pm;
	case SHAPE_STEP:
		return t_ns < load->at_ns ? load->level_pm : load->to_pm;
	case SHAPE_RAMP:
		return between(load, ramp_part(load, t_ns));
	case SHAPE_SQUARE:
		return between(load, wave(load, t_ns) >= 1 - load->share_pm / 1000.0);
	case SHAPE_SINE:
		return between(load, (1 - cos(2 * M_PI * wave(load, t_ns))) / 2);
	case SHAPE_BURSTY:
		return between(load, burst_part(c, load, task, t_ns));
	case SHAPE_TRACE:
		return point_pm(c, load, t_ns);
	case CASE_SHAPES:
		break;
	}
	return 0;
}

static double noise_factor(const struct case_file *c, const struct case_load *load, unsigned task,
                           uint64_t t_ns)
{
	uint64_t stream = load->noise_alike ? STREAM_ALIKE + (uint64_t)(load - c->loads) : task;
	double draw;

	if (!load->noise_pm)
		return 1;
	draw = sim_draw(c->seed, stream, t_ns / load->noise_every_ns);
	return 1 + load->noise_pm / 1000.0 * (2 * draw - 1);
}

double sim_load_pm(const struct case_file *c, const struct case_load *load, unsigned task,
                   uint64_t t_ns)
{
	double level = shape_pm(c, load, task, t_ns) * noise_factor(c, load, task, t_ns);

	return fmin(1000, level);
}
