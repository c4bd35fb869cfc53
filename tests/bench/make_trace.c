/* make_trace - write a made-up trace, always the same one of its kind, to measure and judge */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "traces/trace_write.h"

#define GUESTS 256
#define PCPUS  64

/* What the guests do. */
static const struct kind {
	const char *name;
	unsigned guests, load_pct;
	unsigned more_pct; /* every other guest has so much more */
	unsigned pcpus;
	unsigned pcpus_used; /* guest i is pinned to pCPU i mod this */
	bool moves; /* in each tick one guest is pinned anew, and all have other memory than before */
} kinds[] = {
        {"balanced", 8, 16, 0, 2, 2},  {"lopsided", 8, 11, 0, 2, 1},
        {"idle", 8, 0, 0, 2, 2},       {"empty", 0, 0, 0, 2, 2},
        {"middle", 16, 14, 25, 8, 8},  {"wide", 32, 14, 25, 16, 16},
        {"large", 256, 7, 10, 64, 64}, {"moving", 16, 14, 25, 8, 8, true},
};

/* The pCPU of a guest: one further for each of its turns. */
static unsigned pcpu_of(const struct kind *kind, unsigned guest, unsigned tick)
{
	unsigned turns = kind->moves ? (tick + kind->guests - guest) / kind->guests : 0;

	return (guest + turns) % kind->pcpus_used;
}

static void fill_memory(struct guest_memory *m, unsigned tick, unsigned *seed)
{
	m->actual_kib = 1048576 - 4 * ((unsigned)rand_r(seed) % 10000);
	m->period_s = 1;
	m->maximum_kib = 2097152;
	m->rss_kib = m->actual_kib / 2;
	m->available_kib = m->actual_kib - 50000;
	m->usable_kib = m->available_kib / 4 + (unsigned)rand_r(seed) % 10000;
	m->unused_kib = m->usable_kib / 2;
	m->updated_s = 1000 + tick / 2; /* every other tick: so its age is never what it was */
}

/* What was done after the tick that turns a guest. */
static void turn(struct decision *d, const struct kind *kind, const struct sample *s, unsigned tick)
{
	static struct action pin = {.kind = ACTION_PIN, .reason = "made up"};
	unsigned guest = (tick + 1) % kind->guests;

	pin.result = RESULT_DONE;
	memcpy(pin.guest, s->guests[guest].uuid, UUID_BYTES);
	snprintf(pin.name, sizeof(pin.name), "%s", s->guests[guest].name);
	pin.from = cpuset_one(pcpu_of(kind, guest, tick));
	pin.to = cpuset_one(pcpu_of(kind, guest, tick + 1));
	*d = (struct decision){.verdict = VERDICT_ACT, .actions = &pin, .nr_actions = 1};
}

/* Counters as after some hours; loads scatter by up to 2 points. */
static void fill(struct sample *s, const struct kind *kind, unsigned tick, unsigned *seed)
{
	static uint64_t run_ns[GUESTS], delay_ns[GUESTS], busy_ns[PCPUS];
	uint64_t start_ns = 20000 * NS_PER_S, ns;
	char name[32];
	unsigned i;

	sample_clear(s);
	s->begin_ns = start_ns + tick * NS_PER_S;
	s->end_ns = s->begin_ns + 4 * NS_PER_MS;
	for (i = 0; i < kind->guests; i++) {
		uint8_t uuid[UUID_BYTES] = {(uint8_t)(i + 1)};
		struct sample_vcpu *v;

		ns = kind->load_pct + (unsigned)rand_r(seed) % 3 + i % 2 * kind->more_pct;
		ns *= 10 * NS_PER_MS;
		run_ns[i] += ns;
		delay_ns[i] += 500 * NS_PER_MS + (uint64_t)rand_r(seed) % (100 * NS_PER_MS);
		busy_ns[pcpu_of(kind, i, tick)] += ns;
		snprintf(name, sizeof(name), "guest-%u", i + 1);
		sample_add_guest(s, uuid, name);
		v = sample_add_vcpu(s, 0);
		v->run_ns = start_ns / 5 + run_ns[i];
		v->delay_ns = start_ns / 2 + delay_ns[i];
		v->pcpu = (int32_t)pcpu_of(kind, i, tick);
		v->affinity = cpuset_one(pcpu_of(kind, i, tick));
		if (kind->moves)
			fill_memory(&s->guests[i].memory, tick, seed);
	}
	for (i = 0; i < kind->pcpus; i++) {
		struct sample_pcpu *p = sample_add_pcpu(s, i);

		p->user_ns = start_ns / 2 + busy_ns[i];
		p->idle_ns = s->begin_ns - p->user_ns;
		cpuset_add(&s->online, i);
	}
	s->usable = s->online;
}

int main(int argc, char **argv)
{
	struct trace_run run = {"vmb-cpu", "bench",  "vmb-cpu 1",     "bench",
	                        NULL,      NS_PER_S, 20000 * NS_PER_S};
	static struct host_facts facts = {
	        .uri = "bench:///",
	        .name = "bench",
	};
	unsigned ticks = argc >= 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0, seed = 1, i;
	const struct kind *kind = NULL;
	struct decision decision = {.verdict = VERDICT_QUIET};
	struct trace *trace = NULL;
	struct sample s;
	struct error e;
	int r;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argc == 4 ? argv[3] : "balanced", kinds[i].name))
			kind = &kinds[i];
	if (!ticks || !kind) {
		fprintf(stderr, "Usage: make_trace FILE TICKS "
		                "[balanced|lopsided|idle|empty|middle|wide|large|moving]\n");
		return 2;
	}
	facts.nr_places = kind->pcpus;
	for (i = 0; i < kind->pcpus; i++)
		facts.places[i] = (struct pcpu_place){i, 0, 0, (int32_t)i, 0};
	run.memory = kind->moves;
	sample_init(&s);
	r = trace_open(argv[1], &run, &facts, &trace, &e);
	for (i = 0; r == 0 && i < ticks; i++) {
		struct trace_tick tick = {i, 10000, i * 1500000ULL};

		fill(&s, kind, i, &seed);
		if (kind->moves)
			turn(&decision, kind, &s, i);
		r = trace_tick(trace, &tick, &s, &decision, &e);
	}
	if (r == 0)
		r = trace_close(trace, s.end_ns, 0, "made", &e);
	sample_done(&s);
	if (r < 0)
		fprintf(stderr, "make_trace: %s\n", e.text);
	return r < 0;
}
