/* rates - what happened between two samples, in per cent of a pCPU */
#include "collector/rates.h"

#include <stdlib.h>

static int reserve(struct rates *r, size_t pcpus, size_t vcpus, struct error *e)
{
	void *more;

	if (pcpus > r->room_pcpus) {
		more = realloc(r->busy_pct, pcpus * sizeof(*r->busy_pct));
		if (!more)
			return fail(e, ENOMEM, "no memory for rates");
		r->busy_pct = more;
		r->room_pcpus = pcpus;
	}
	if (vcpus > r->room_vcpus) {
		more = realloc(r->vcpus, vcpus * sizeof(*r->vcpus));
		if (!more)
			return fail(e, ENOMEM, "no memory for rates");
		r->vcpus = more;
		r->room_vcpus = vcpus;
	}
	return 0;
}

void rates_done(struct rates *r)
{
	free(r->busy_pct);
	free(r->vcpus);
	*r = (struct rates){0};
}

static double busy_between(const struct sample_pcpu *before, const struct sample_pcpu *now)
{
	uint64_t old_busy = before->user_ns + before->kernel_ns,
	         busy = now->user_ns + now->kernel_ns;
	uint64_t old_all = old_busy + before->iowait_ns + before->idle_ns;
	uint64_t all = busy + now->iowait_ns + now->idle_ns;

	if (busy < old_busy || all <= old_all)
		return RATE_UNKNOWN;
	return 100.0 * (double)(busy - old_busy) / (double)(all - old_all);
}

static double rate(uint64_t before, uint64_t now, double interval_ns)
{
	if (before == UNKNOWN || now == UNKNOWN || now < before || interval_ns <= 0)
		return RATE_UNKNOWN;
	return 100.0 * (double)(now - before) / interval_ns;
}

static void guest_rates(const struct sample *before, const struct sample *now,
                        const struct sample_guest *g, double interval_ns, struct vcpu_rate *rates)
{
	const struct sample_guest *old = sample_find_guest(before, g->uuid);
	size_t i, j = 0;

	for (i = g->first_vcpu; i < g->first_vcpu + g->nr_vcpus; i++) {
		const struct sample_vcpu *v = &now->vcpus[i], *w;

		rates[i] = (struct vcpu_rate){RATE_UNKNOWN, RATE_UNKNOWN};
		if (!old || old->instance != g->instance)
			continue;
		while (j < old->nr_vcpus && before->vcpus[old->first_vcpu + j].vcpu < v->vcpu)
			j++;
		w = &before->vcpus[old->first_vcpu + j];
		if (j == old->nr_vcpus || w->vcpu != v->vcpu)
			continue;
		rates[i].run_pct = rate(w->run_ns, v->run_ns, interval_ns);
		rates[i].delay_pct = rate(w->delay_ns, v->delay_ns, interval_ns);
	}
}

int rates_between(const struct sample *before, const struct sample *now, struct rates *r,
                  struct error *e)
{
	double interval_ns = (double)sample_middle_ns(now) - (double)sample_middle_ns(before);
	size_t i, j = 0;

	if (reserve(r, now->nr_pcpus, now->nr_vcpus, e) < 0)
		return -ENOMEM;
	for (i = 0; i < now->nr_pcpus; i++) {
		r->busy_pct[i] = RATE_UNKNOWN;
		while (j < before->nr_pcpus && before->pcpus[j].pcpu < now->pcpus[i].pcpu)
			j++;
		if (j < before->nr_pcpus && before->pcpus[j].pcpu == now->pcpus[i].pcpu)
			r->busy_pct[i] = busy_between(&before->pcpus[j], &now->pcpus[i]);
	}
	for (i = 0; i < now->nr_guests; i++)
		guest_rates(before, now, &now->guests[i], interval_ns, r->vcpus);
	return 0;
}
