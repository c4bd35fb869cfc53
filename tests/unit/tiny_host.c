/* tiny_host - pCPUs shared fairly by vCPUs of given demand: just enough to run estimate and plan in a closed loop */
#include "tests/unit/tiny_host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

void tiny_init(struct tiny_host *h, size_t pcpus, size_t vcpus)
{
	*h = (struct tiny_host){.pcpus = pcpus,
	                        .vcpus = vcpus,
	                        .seed = 1,
	                        .interval_s = 1,
	                        .policy = cpu_policy_default,
	                        .now_ns = 1000000000};
	sample_init(&h->sample);
}

void tiny_done(struct tiny_host *h)
{
	sample_done(&h->sample);
	cpu_estimate_done(&h->estimate);
	place_free(&h->scratch);
}

/* Fair sharing of one pCPU among those on it: all get what they want or the same level. */
static void share(struct tiny_host *h, const double *want, double *run, int p)
{
	double left = 1000 - h->other_pm[p], level;
	bool served[TINY_MOST] = {false}, more = true;
	size_t i, n;

	while (more) {
		for (n = i = 0; i < h->vcpus; i++)
			n += h->on[i] == p && !served[i];
		if (!n)
			return;
		level = left / (double)n;
		more = false;
		for (i = 0; i < h->vcpus; i++) {
			if (h->on[i] != p || served[i] || want[i] > level)
				continue;
			run[i] = want[i];
			left -= want[i];
			served[i] = more = true;
		}
	}
	for (i = 0; i < h->vcpus; i++)
		if (h->on[i] == p && !served[i])
			run[i] = level;
}

/* Fill up the emptiest pCPUs, in small portions. */
static void let_float(const struct tiny_host *h, double *busy)
{
	double left = h->floating_pm, portion = 1;
	size_t p, emptiest;

	for (; left > 0; left -= portion) {
		for (emptiest = 0, p = 1; p < h->pcpus; p++)
			if (busy[p] < busy[emptiest])
				emptiest = p;
		busy[emptiest] += portion;
	}
}

/* Floating ones are spread over all pCPUs: what the kernel's balance comes to over an interval. */
static void run_interval(struct tiny_host *h)
{
	double want[TINY_MOST], run[TINY_MOST] = {0}, busy[TINY_MOST] = {0},
	                        true_load[TINY_MOST] = {0};
	size_t i, p;

	for (i = 0; i < h->vcpus; i++) {
		double scale = 1 + h->noise * (2.0 * rand_r(&h->seed) / RAND_MAX - 1);

		want[i] = h->demand_pm[i] * scale;
		run[i] = h->on[i] < 0 ? want[i] : 0;
	}
	for (p = 0; p < h->pcpus; p++) {
		busy[p] = true_load[p] = h->other_pm[p];
		share(h, want, run, (int)p);
	}
	for (i = 0; i < h->vcpus; i++) {
		h->run_ns[i] += run[i] / 1000 * h->interval_s * 1e9;
		for (p = 0; p < h->pcpus; p++) {
			double here = h->on[i] >= 0     ? h->on[i] == (int)p
			              : h->floats_whole ? i % h->pcpus == p
			                                : 1.0 / (double)h->pcpus;

			busy[p] += here * run[i];
			true_load[p] += here * h->demand_pm[i];
		}
	}
	let_float(h, busy);
	for (p = 0; p < h->pcpus; p++)
		h->busy_ns[p] += busy[p] / 1000 * h->interval_s * 1e9;
	h->spread_pm = spread_of(true_load, h->pcpus);
	h->now_ns += (uint64_t)(h->interval_s * 1e9);
}

static uint64_t in_steps(double ns)
{
	return (uint64_t)(ns / 1e7) * 10000000;
}

static void take_sample(struct tiny_host *h)
{
	struct sample *s = &h->sample;
	size_t i, per = h->per_guest ? h->per_guest : 1, p;

	sample_clear(s);
	s->begin_ns = s->end_ns = h->now_ns;
	for (p = 0; p < h->pcpus; p++) {
		struct sample_pcpu *pcpu = sample_add_pcpu(s, (uint32_t)p);

		pcpu->user_ns = in_steps(h->busy_ns[p]);
		pcpu->idle_ns = h->now_ns - pcpu->user_ns;
		cpuset_add(&s->online, (unsigned)p);
	}
	s->usable = s->online;
	for (i = 0; i < h->vcpus; i++) {
		uint8_t uuid[UUID_BYTES] = {0};
		struct sample_vcpu *v;

		uuid[0] = (uint8_t)(i / per);
		if (i % per == 0)
			sample_add_guest(s, uuid, "guest")->user_pins = h->user_pins[i / per];
		v = sample_add_vcpu(s, (uint32_t)(i % per));
		v->run_ns = in_steps(h->run_ns[i]);
		v->affinity = h->on[i] < 0 ? s->online : cpuset_one((unsigned)h->on[i]);
	}
	assert_int_equal(sample_sort(s), 0);
}

static bool manages(const void *data, const struct sample_guest *guest)
{
	return !guest->user_pins;
}

void tiny_tick(struct tiny_host *h)
{
	const struct cpu_scope scope = {NULL, manages, NULL};
	size_t i;

	if (h->ticks++)
		run_interval(h);
	take_sample(h);
	h->estimate.by_means = cpu_plan_tried(&h->policy, &h->state);
	assert_int_equal(cpu_estimate_update(&h->estimate, &h->sample, &scope, false, NULL), 0);
	assert_int_equal(place_reserve(&h->scratch, h->pcpus, h->vcpus, NULL), 0);
	cpu_plan(&h->policy, &h->estimate.view, &h->state, &h->scratch, h->moves, &h->choice);
	for (i = 0; i < h->choice.nr_moves; i++) {
		assert_int_equal(h->on[h->moves[i].vcpu], h->moves[i].from);
		h->on[h->moves[i].vcpu] = h->moves[i].to;
		h->changes_of[h->moves[i].vcpu]++;
		cpu_estimate_moved(&h->estimate, h->moves[i].vcpu);
	}
	h->changes += (unsigned)h->choice.nr_moves;
	if (h->choice.nr_moves)
		h->last_change_tick = h->ticks - 1;
}

void tiny_run(struct tiny_host *h, unsigned ticks)
{
	while (ticks--)
		tiny_tick(h);
}
