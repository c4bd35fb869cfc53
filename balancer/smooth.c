/* smooth - the level of a noisy load: slow on noise, fast on a real step */
#include "balancer/smooth.h"

#include <math.h>
#include <stdlib.h>

/* Loads with ±20 % of uniform noise have a deviation of 11.5 % of their level: believed until better is known. */
#define PRIOR_DEVIATION 0.12
#define PRIOR_WEIGHT    4.0

/* So many readings tell how much a load scatters: to 25 %. */
#define KNOWN_SAMPLES 10

/* In a normal scatter one reading in 16,000 lies beyond 4 deviations, and two in turn on one side never. */
#define ODD_DEVIATIONS  4.0
#define SURE_DEVIATIONS 8.0

/*
 * A load of k and a half steps of CPU time reads k and k + 1 in turn: a variance of 1/4 step², where the mean over all loads is
 * 1/6. What is beyond is the load's own for sure.
 */
#define MEASURED_MOST 1.5

/* A step smaller than this cannot unbalance a pCPU by more than the limit; it may be learned slowly. */
#define STEP_LEAST_PM 30.0
#define STEP_SURE_PM  100.0

static double prior_variance(double level_pm, double floor_pm)
{
	double deviation = PRIOR_DEVIATION * level_pm;

	return deviation * deviation + floor_pm * floor_pm;
}

/*
 * The scatter of a load that stepped to another level is what it was, as part of the level, once enough was seen of it; a
 * prior that fits noisy loads would hide for many readings that quiet ones are now unequal.
 */
static double variance_after_step(const struct smooth *s, double level_pm, double floor_pm)
{
	double prior = prior_variance(level_pm, floor_pm);
	double scale = s->level_pm > 0 ? level_pm / s->level_pm : 0;
	double scaled = s->variance * scale * scale;

	if (s->samples < KNOWN_SAMPLES)
		return fmax(s->variance, prior);
	return fmin(prior, fmax(scaled, floor_pm * floor_pm));
}

/* As that; but of the load's own part the whole goes with the level. */
static double own_after_step(const struct smooth *s, double level_pm)
{
	double prior = prior_variance(level_pm, 0);
	double scale = s->level_pm > 0 ? level_pm / s->level_pm : 0;

	return s->samples < KNOWN_SAMPLES ? fmax(s->own, prior)
	                                  : fmin(prior, s->own * scale * scale);
}

static void start(struct smooth *s, double level_pm, double samples, double floor_pm)
{
	*s = (struct smooth){
	        .level_pm = level_pm,
	        .samples = samples,
	        .variance = variance_after_step(s, level_pm, floor_pm),
	        .own = own_after_step(s, level_pm),
	        .patience = s->patience,
	};
}

static void learn(struct smooth *s, double off, double floor_pm)
{
	double least = floor_pm * floor_pm, weight;

	weight = s->samples + PRIOR_WEIGHT < SMOOTH_MEMORY ? s->samples + PRIOR_WEIGHT
	                                                   : SMOOTH_MEMORY;
	s->variance += (off * off - s->variance) / weight;
	s->own += (off * off - MEASURED_MOST * least - s->own) / weight;
	if (s->variance < least)
		s->variance = least;
	if (s->samples < SMOOTH_MEMORY)
		s->samples++;
	s->level_pm += off / s->samples;
	s->aside = 0;
	s->aside_sum = 0;
}

/* Whether the readings set aside, the last one `off` from the level, are a step. */
static bool is_step(const struct smooth *s, double off, double deviation)
{
	/* A level that rests on one reading has no better title than the next one. */
	if (s->samples == 1)
		return true;
	if (s->patience)
		return abs(s->aside) >= s->patience;
	return abs(s->aside) >= 2 ||
	       (fabs(off) >= SURE_DEVIATIONS * deviation && fabs(off) >= STEP_SURE_PM);
}

bool smooth_add(struct smooth *s, double reading_pm, double floor_pm)
{
	double off = reading_pm - s->level_pm, deviation;
	int side = off > 0 ? 1 : -1;

	if (s->samples == 0) {
		start(s, reading_pm, 1, floor_pm);
		return false;
	}
	deviation = sqrt(s->variance * (1 + 1 / s->samples));
	if (fabs(off) < ODD_DEVIATIONS * deviation || fabs(off) < STEP_LEAST_PM) {
		learn(s, off, floor_pm);
		return false;
	}
	if (s->aside * side < 0) {
		s->aside = 0;
		s->aside_sum = 0;
	}
	s->aside += side;
	s->aside_sum += reading_pm;
	if (!is_step(s, off, deviation))
		return false;
	start(s, s->aside_sum / abs(s->aside), abs(s->aside), floor_pm);
	return true;
}

void smooth_restart(struct smooth *s)
{
	s->samples = 0;
	s->aside = 0;
	s->aside_sum = 0;
}

double smooth_scatter_pm(const struct smooth *s)
{
	return sqrt(fmax(0, s->own));
}

double smooth_error_pm(const struct smooth *s)
{
	return s->samples > 0 ? sqrt(s->variance / s->samples) : INFINITY;
}
