/* cpu_alike - loads that chance alone may have told apart are drawn together, as far as their errors say */
#include "balancer/cpu_alike.h"

#include <math.h>
#include <stdlib.h>

/* Neighbours further apart than this many errors of their difference are of two groups. */
#define APART_ERRORS 2.0

/* Fewer tell nothing of how they scatter. */
#define LEAST_GROUP 3

static int by_load(const void *a, const void *b, void *data)
{
	const struct view_vcpu *vcpus = data;
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;

	if (vcpus[i].load_pm != vcpus[j].load_pm)
		return vcpus[i].load_pm < vcpus[j].load_pm ? -1 : 1;
	return i < j ? -1 : i > j;
}

static void draw_together(struct view_vcpu *vcpus, const uint32_t *group, size_t nr)
{
	double mean = 0, seen = 0, chance = 0, real, keep;
	struct view_vcpu *v;
	size_t k;

	if (nr < LEAST_GROUP)
		return;
	for (k = 0; k < nr; k++)
		mean += vcpus[group[k]].load_pm / (double)nr;
	for (k = 0; k < nr; k++) {
		v = &vcpus[group[k]];
		seen += (v->load_pm - mean) * (v->load_pm - mean) / (double)(nr - 1);
		chance += v->error_pm * v->error_pm / (double)nr;
	}
	real = fmax(0, seen - chance);
	for (k = 0; k < nr; k++) {
		v = &vcpus[group[k]];
		if (v->error_pm <= 0)
			continue;
		keep = real / (real + v->error_pm * v->error_pm);
		v->load_pm = mean + keep * (v->load_pm - mean);
		v->error_pm *= sqrt(keep + (1 - keep) / (double)nr);
	}
}

void cpu_alike(struct view_vcpu *vcpus, size_t nr, uint32_t *order)
{
	size_t n = 0, first = 0, k;

	for (k = 0; k < nr; k++)
		if (vcpus[k].samples && !vcpus[k].guessed)
			order[n++] = (uint32_t)k;
	qsort_r(order, n, sizeof(*order), by_load, vcpus);
	for (k = 1; k <= n; k++) {
		const struct view_vcpu *a = &vcpus[order[k - 1]], *b = &vcpus[order[k % n]];

		if (k < n &&
		    b->load_pm - a->load_pm <= APART_ERRORS * hypot(a->error_pm, b->error_pm))
			continue;
		draw_together(vcpus, &order[first], k - first);
		first = k;
	}
}
