/* cpu_means - what loads are on average, for a plan that acts have not helped */
#include "balancer/cpu_means.h"

#define MEAN_TICKS 64 /* loads that come and go within a minute even out */

static double learn(struct mean *m, double now_pm)
{
	m->ticks += m->ticks < MEAN_TICKS;
	m->pm += (now_pm - m->pm) / m->ticks;
	return m->pm;
}

void cpu_means(struct cpu_estimate *est)
{
	struct cpu_view *view = &est->view;
	double mean_pm;
	size_t i;

	for (i = 0; i < est->nr_vcpus; i++) {
		if (!view->vcpus[i].samples)
			continue;
		mean_pm = learn(&est->vcpus[i].mean, view->vcpus[i].load_pm);
		if (est->by_means)
			view->vcpus[i].load_pm = mean_pm;
	}
	for (i = 0; i < est->nr_pcpus; i++) {
		mean_pm = learn(&est->pcpus[i].mean, view->pcpus[i].other_pm);
		if (est->by_means)
			view->pcpus[i].other_pm = mean_pm;
	}
}
