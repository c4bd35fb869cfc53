/* fake_run - for tests: a made-up host whose ticks become a series or a trace */
#ifndef VMB_TESTS_FAKE_RUN_H
#define VMB_TESTS_FAKE_RUN_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/series.h"
#include "traces/trace_write.h"

#define FAKE_GUESTS 64
#define FAKE_PCPUS  64
#define FAKE_ALL    (-1) /* a vCPU that may run on every pCPU */

/*
 * Guests of one vCPU each, called g0, g1, ... Set what they demand and where they are pinned, then let ticks pass.
 * A pCPU is shared in proportion to demand; a floating vCPU runs on the pCPU `floats_on` of its row.
 */
struct fake {
	unsigned nr_pcpus, nr_guests;
	double interval_s;
	double demand_pct[FAKE_GUESTS];
	int pinned[FAKE_GUESTS];
	unsigned floats_on[FAKE_GUESTS];
	unsigned limit[FAKE_GUESTS]; /* a floating vCPU may run on so many pCPUs; 0: on all */
	bool user_pins[FAKE_GUESTS];
	bool gone[FAKE_GUESTS];
	uint32_t instance[FAKE_GUESTS];
	const char *name[FAKE_GUESTS];
	double foreign_pct[FAKE_PCPUS]; /* what else runs on a pCPU */
	double noise; /* 0.1: each demand is up to 10 % off, another way in each tick */
	bool steps;   /* counters in steps of 10 ms, as real ones */
	bool knows_delay;
	struct cpuset usable;

	bool has_memory; /* the run records it: what follows */
	struct guest_memory memory[FAKE_GUESTS];
	struct host_memory host_memory;
	bool frozen[FAKE_GUESTS]; /* its reports do not come any more */
	enum guest_state state[FAKE_GUESTS];
	enum balloon balloon[FAKE_GUESTS];
	uint32_t reboots[FAKE_GUESTS];
	bool has_plan; /* of memory */
	struct guest_plan plan[FAKE_GUESTS];
	struct host_plan host_plan;
	struct guest_plan plans[FAKE_GUESTS]; /* of a tick: those of the guests that are there */
	size_t nr_plans;

	uint64_t now_ns, number, self_cpu_ns, decide_ns;
	double pcpu_busy_s[FAKE_PCPUS], pcpu_idle_s[FAKE_PCPUS];
	double run_s[FAKE_GUESTS], delay_s[FAKE_GUESTS];
	uint32_t seed;
	struct sample sample;
	struct action actions[256];
	size_t nr_actions;

	struct series *series; /* where ticks go: one of the two, or both */
	struct trace *trace;
};

static inline double fake_random(struct fake *f)
{
	f->seed = f->seed * 1664525 + 1013904223;
	return (double)(f->seed >> 8) / (1 << 24);
}

static inline void fake_init(struct fake *f, unsigned nr_pcpus, unsigned nr_guests)
{
	unsigned i;

	*f = (struct fake){.nr_pcpus = nr_pcpus, .nr_guests = nr_guests, .interval_s = 1};
	f->now_ns = 1000000000000;
	f->decide_ns = 40000;
	f->knows_delay = true;
	f->seed = 1;
	sample_init(&f->sample);
	for (i = 0; i < nr_pcpus; i++)
		cpuset_add(&f->usable, i);
	for (i = 0; i < nr_guests; i++) {
		f->pinned[i] = FAKE_ALL;
		f->floats_on[i] = i % nr_pcpus;
		f->balloon[i] = BALLOON_READY;
		memset(&f->memory[i], 0xff, sizeof(f->memory[i]));
	}
	memset(&f->host_memory, 0xff, sizeof(f->host_memory));
}

static inline void fake_done(struct fake *f)
{
	sample_done(&f->sample);
}

static inline void fake_fill_run(const struct fake *f, struct trace_run_row *run)
{
	*run = (struct trace_run_row){.run = 1, .end_mono_ns = UNKNOWN};
	snprintf(run->program, sizeof(run->program), "vmb-cpu");
	snprintf(run->version, sizeof(run->version), "0.0.0");
	snprintf(run->arguments, sizeof(run->arguments), "vmb-cpu %g --trace run.db",
	         f->interval_s);
	snprintf(run->exit_reason, sizeof(run->exit_reason), "signal 2");
	run->interval_ns = (uint64_t)(f->interval_s * 1e9);
	run->start_mono_ns = f->now_ns;
	run->start_wall_ns = 1700000000000000000;
	run->end_mono_ns = f->now_ns + 1; /* closed; a test opens it again */
	run->end_wall_ns = run->start_wall_ns + 1;
}

static inline void fake_guest_uuid(unsigned guest, uint8_t uuid[UUID_BYTES])
{
	memset(uuid, 0, UUID_BYTES);
	uuid[0] = 0xa0;
	uuid[UUID_BYTES - 1] = (uint8_t)guest;
}

static inline int fake_where(const struct fake *f, unsigned guest)
{
	return f->pinned[guest] == FAKE_ALL ? (int)f->floats_on[guest] : f->pinned[guest];
}

/* Time passes and every counter advances. */
static inline void fake_pass(struct fake *f, double seconds)
{
	double demand[FAKE_GUESTS], sum[FAKE_PCPUS], share;
	unsigned i;

	for (i = 0; i < f->nr_pcpus; i++)
		sum[i] = f->foreign_pct[i];
	for (i = 0; i < f->nr_guests; i++) {
		demand[i] = f->gone[i] ? 0 : f->demand_pct[i];
		demand[i] *= 1 + f->noise * (2 * fake_random(f) - 1);
		sum[fake_where(f, i)] += demand[i];
	}
	for (i = 0; i < f->nr_guests; i++) {
		share = sum[fake_where(f, i)] > 100 ? 100 / sum[fake_where(f, i)] : 1;
		f->run_s[i] += seconds * demand[i] * share / 100;
		f->delay_s[i] += seconds * demand[i] * (1 - share) / 100;
	}
	for (i = 0; i < f->nr_pcpus; i++) {
		sum[i] = sum[i] > 100 ? 100 : sum[i];
		f->pcpu_busy_s[i] += seconds * sum[i] / 100;
		f->pcpu_idle_s[i] += seconds * (100 - sum[i]) / 100;
	}
	f->now_ns += (uint64_t)llround(seconds * 1e9);
}

static inline uint64_t fake_counter_ns(const struct fake *f, double s)
{
	return f->steps ? (uint64_t)(s * 100 + 1e-6) * 10000000 : (uint64_t)llround(s * 1e9);
}

static inline struct cpuset fake_affinity(const struct fake *f, unsigned guest)
{
	unsigned end = f->limit[guest] ? f->limit[guest] : f->nr_pcpus, n;
	struct cpuset set = CPUSET_NONE;

	if (f->pinned[guest] != FAKE_ALL)
		return cpuset_one((unsigned)f->pinned[guest]);
	for (n = 0; n < end; n++)
		cpuset_add(&set, n);
	return set;
}

/* A guest's memory as it is now; a report comes with it. */
static inline void fake_sense_memory(struct fake *f, unsigned guest, struct sample_guest *to)
{
	if (!f->frozen[guest])
		f->memory[guest].updated_s = f->now_ns / 1000000000;
	to->memory = f->memory[guest];
	to->balloon = f->balloon[guest];
	to->reboots = f->reboots[guest];
	if (f->has_plan) {
		f->plans[f->nr_plans] = f->plan[guest];
		fake_guest_uuid(guest, f->plans[f->nr_plans++].guest);
	}
}

/* Read the host as it is now. */
static inline void fake_sense(struct fake *f)
{
	struct sample *s = &f->sample;
	uint8_t uuid[UUID_BYTES];
	char name[32];
	unsigned i;

	sample_clear(s);
	f->nr_plans = 0;
	s->begin_ns = f->now_ns;
	s->end_ns = f->now_ns + 2000000;
	s->usable = s->online = f->usable;
	for (i = 0; i < f->nr_pcpus; i++) {
		struct sample_pcpu *p;

		if (!cpuset_has(&f->usable, i))
			continue;
		p = sample_add_pcpu(s, i);
		p->user_ns = fake_counter_ns(f, 50 + f->pcpu_busy_s[i]);
		p->idle_ns = fake_counter_ns(f, 50 + f->pcpu_idle_s[i]);
	}
	for (i = 0; i < f->nr_guests; i++) {
		struct sample_guest *g;
		struct sample_vcpu *v;

		if (f->gone[i])
			continue;
		fake_guest_uuid(i, uuid);
		snprintf(name, sizeof(name), "g%u", i);
		g = sample_add_guest(s, uuid, f->name[i] ? f->name[i] : name);
		g->instance = f->instance[i] + 1;
		g->user_pins = f->user_pins[i];
		g->state = f->state[i];
		if (f->has_memory)
			fake_sense_memory(f, i, g);
		v = sample_add_vcpu(s, 0);
		v->pcpu = fake_where(f, i);
		v->run_ns = fake_counter_ns(f, f->run_s[i]);
		v->delay_ns = f->knows_delay ? (uint64_t)llround(f->delay_s[i] * 1e9) : UNKNOWN;
		v->affinity = fake_affinity(f, i);
	}
	if (f->has_memory)
		s->memory = f->host_memory;
}

/* Order a balloon between two readings, and have it recorded with the last of them. It does not follow by itself. */
static inline struct action *fake_order(struct fake *f, unsigned guest, uint64_t to_kib)
{
	struct action *a = &f->actions[f->nr_actions++];

	*a = (struct action){.kind = ACTION_BALLOON, .result = RESULT_DONE, .duration_ns = 150000};
	fake_guest_uuid(guest, a->guest);
	snprintf(a->name, sizeof(a->name), "g%u", guest);
	snprintf(a->reason, sizeof(a->reason), "as the test wants it");
	a->from_kib = f->memory[guest].actual_kib;
	a->to_kib = to_kib;
	return a;
}

/* Pin a guest's vCPU between two readings, and have it recorded with the last of them. */
static inline void fake_pin(struct fake *f, unsigned guest, int pcpu)
{
	struct action *a = &f->actions[f->nr_actions++];

	*a = (struct action){.kind = ACTION_PIN, .result = RESULT_DONE, .duration_ns = 150000};
	fake_guest_uuid(guest, a->guest);
	if (f->name[guest])
		snprintf(a->name, sizeof(a->name), "%s", f->name[guest]);
	else
		snprintf(a->name, sizeof(a->name), "g%u", guest);
	snprintf(a->reason, sizeof(a->reason), "pCPU %d carries less", pcpu);
	a->from = fake_affinity(f, guest);
	a->to = cpuset_one((unsigned)pcpu);
	f->pinned[guest] = pcpu;
}

/* An action of the series, to be spoilt: so few of them are in memory, and stay where they are. */
static inline struct action *fake_action(const struct series *s, size_t i)
{
	return (struct action *)&series_action(s, i)->action;
}

static inline void fake_to_series(struct fake *f)
{
	struct trace_tick_row row = {.number = f->number, .decide_ns = f->decide_ns};
	struct series *s = f->series;
	struct error e;
	size_t i;

	row.self_cpu_ns = f->self_cpu_ns;
	row.sample = f->sample;
	row.has_decision = f->nr_actions > 0 || f->has_plan;
	row.decision.verdict = VERDICT_ACT;
	row.decision.host = f->host_plan;
	row.decision.guests = f->plans;
	row.decision.nr_guests = f->nr_plans;
	if (series_add(s, &row, &e) < 0) {
		fprintf(stderr, "fake run: %s\n", e.text);
		abort();
	}
	for (i = 0; i < f->nr_actions; i++) {
		struct trace_action_row taken = {.mono_ns = f->sample.end_ns + 1000000,
		                                 .in_tick = true,
		                                 .tick_number = f->number,
		                                 .action = f->actions[i]};

		if (spool_add(&s->actions, sizeof(taken), &taken) < 0)
			abort();
		s->nr_actions++;
	}
}

/* Record what was read last with the actions since, and let an interval pass. */
static inline void fake_record(struct fake *f)
{
	struct trace_tick tick = {f->number, f->decide_ns, f->self_cpu_ns};
	struct decision d = {.verdict = f->nr_actions ? VERDICT_ACT : VERDICT_QUIET};
	struct error e;

	d.spread_pm = d.noise_pm = d.predicted_pm = -1;
	d.host = f->host_plan;
	d.guests = f->plans;
	d.nr_guests = f->nr_plans;
	d.actions = f->actions;
	d.nr_actions = f->nr_actions;
	if (f->nr_actions)
		snprintf(d.reason, sizeof(d.reason), "out of balance");
	if (f->series)
		fake_to_series(f);
	if (f->trace && trace_tick(f->trace, &tick, &f->sample, &d, &e) < 0) {
		fprintf(stderr, "fake run: %s\n", e.text);
		abort();
	}
	f->nr_actions = 0;
	f->number++;
	f->self_cpu_ns += 1500000;
	fake_pass(f, f->interval_s);
}

/* So many ticks in which nothing is done. */
static inline void fake_ticks(struct fake *f, unsigned nr)
{
	while (nr--) {
		fake_sense(f);
		fake_record(f);
	}
}

/* Deadlines that pass without a tick. */
static inline void fake_miss(struct fake *f, unsigned nr)
{
	while (nr--) {
		f->number++;
		fake_pass(f, f->interval_s);
	}
}

#endif
