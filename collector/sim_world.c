/* sim_world - a host in virtual time: time itself, guests and pCPUs that come and go */
#include "collector/sim_world.h"

#include <string.h>

#include "collector/sim_host_memory.h"
#include "collector/sim_noise.h"
#include "collector/sim_task.h"
#include "collector/sim_work.h"
#include "common/clock.h"

/* Guests come and go, pCPUs too, in steps of this. */
#define LIFE_NS (10 * NS_PER_MS)

/*
 * What was run before the counters are first read: half of this up to one and a half. Without it all would be
 * the same part of a step of 10 ms away from the next, and thirty small loads would be misread alike.
 */
#define BOOT_NS NS_PER_S

uint64_t sim_world_case_ns(const struct sim_world *w)
{
	return w->now_ns > SIM_WARM_NS ? w->now_ns - SIM_WARM_NS : 0;
}

struct cpuset sim_world_usable(const struct sim_world *w)
{
	struct cpuset usable = w->online;
	unsigned i;

	for (i = 0; i < w->nr_pcpus; i++)
		if (w->kernel[i].isolated)
			cpuset_remove(&usable, i);
	return usable;
}

struct sim_guest *sim_world_guest(struct sim_world *w, const uint8_t uuid[UUID_BYTES])
{
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive && !memcmp(w->guests[i].uuid, uuid, UUID_BYTES))
			return &w->guests[i];
	return NULL;
}

/* ---- guests and pCPUs that come and go ---- */

/*
 * Rules count the pCPUs that guests may use; a list may name isolated ones too. Where none of a list is online, the case
 * is wrong when it begins (e is given then); later on the guest may run on all, as the kernel does it.
 */
static int start_pins(struct sim_world *w, const struct sim_guest *g, unsigned vcpu,
                      struct cpuset *out, struct error *e)
{
	enum case_pin_rule rule = g->of.group->pins.rule;
	struct cpuset pcpus = rule == PINS_LIST ? w->online : sim_world_usable(w);
	int r = case_start_pins(&g->of, vcpu, &pcpus, out, e);

	if (r < 0 && e)
		return r;
	if (r < 0 || rule == PINS_FLOAT)
		*out = w->pcpus_all;
	return 0;
}

static int start_guest(struct sim_world *w, struct sim_guest *g, uint64_t phase_ns, struct error *e)
{
	struct sim_chance chance = {w->c->seed, (unsigned)(g - w->guests)};
	unsigned i;
	int r;

	g->instance = w->next_instance++;
	sim_memory_start(&g->memory, &g->of, chance, !w->now_ns,
	                 w->now_ns ? w->now_ns + SIM_BOOT_NS : SIM_WARM_NS);
	for (i = 0; i < case_most_vcpus(g->of.group); i++) {
		struct sim_task *t = &w->tasks[g->first_task + i];

		r = start_pins(w, g, i, &t->allowed, e);
		if (r < 0)
			return r;
		t->on = -1;
		t->run_ns = BOOT_NS * (0.5 + sim_draw(w->c->seed, STREAM_BOOT, w->boots++));
		t->delay_ns = 0;
		sim_task_settle(w, t);
		sim_work_begin(w, t, phase_ns);
	}
	return 0;
}

static void set_there(struct sim_world *w, struct sim_guest *g)
{
	unsigned i;

	for (i = 0; i < case_most_vcpus(g->of.group); i++) {
		struct sim_task *t = &w->tasks[g->first_task + i];

		t->there = g->life.alive && !g->life.paused && i < g->life.nr_vcpus;
		if (!t->there)
			sim_task_sleep(w, t);
	}
}

/* As the lab's guests have it, which start together: all work at the same time. Later ones have a time of their own. */
static uint64_t phase_of(const struct sim_world *w)
{
	uint64_t number = w->now_ns ? w->next_instance : 0;

	return (uint64_t)(SIM_PERIOD_NS * sim_draw(w->c->seed, STREAM_PHASE, number));
}

static bool same_life(const struct sim_life *a, const struct sim_life *b)
{
	return a->alive == b->alive && a->paused == b->paused && a->starts == b->starts &&
	       a->nr_vcpus == b->nr_vcpus && a->busy == b->busy && a->resets == b->resets &&
	       a->foreign == b->foreign;
}

int sim_world_live(struct sim_world *w, struct error *e)
{
	unsigned i;
	int r = 0;

	for (i = 0; !r && i < w->nr_guests; i++) {
		struct sim_guest *g = &w->guests[i];
		struct sim_life now = sim_life_at(&g->of, sim_world_case_ns(w));
		bool anew = now.alive && (!g->life.alive || now.starts != g->life.starts);

		if (same_life(&now, &g->life))
			continue;
		if (anew) {
			g->life.alive = false;
			set_there(w, g);
			r = start_guest(w, g, phase_of(w), e);
		} else if (now.alive && now.resets > g->life.resets)
			sim_memory_reset(&g->memory, w->now_ns);
		if (now.alive && now.foreign && !g->life.foreign)
			sim_balloon_order(&g->memory.balloon,
			                  (double)g->of.group->life.foreign_kib);
		g->life = now;
		set_there(w, g);
	}
	return r;
}

static void set_online(struct sim_world *w, const struct cpuset *pcpus, bool online)
{
	int pcpu;
	unsigned i;

	for (pcpu = cpuset_first(pcpus); pcpu >= 0; pcpu = cpuset_next(pcpus, pcpu)) {
		w->kernel[pcpu].online = online;
		w->pcpus[pcpu].busy_part = 0;
		(online ? cpuset_add : cpuset_remove)(&w->online, (unsigned)pcpu);
	}
	for (i = 0; i < w->nr_tasks; i++)
		sim_task_settle(w, &w->tasks[i]);
}

static void happen(struct sim_world *w)
{
	const struct case_event *event;

	for (; w->nr_events < w->c->nr_events; w->nr_events++) {
		event = &w->c->events[w->nr_events];
		if (event->at_ns > sim_world_case_ns(w))
			return;
		set_online(w, &event->online, true);
		set_online(w, &event->offline, false);
		if (event->used_kib)
			w->used_kib = (double)event->used_kib;
	}
}

/* ---- time ---- */

void sim_world_advance(struct sim_world *w, uint64_t to_ns)
{
	uint64_t step_ns, rest_ns;

	while (w->now_ns < to_ns) {
		if (w->now_ns % LIFE_NS < SIM_STEP_NS) {
			happen(w);
			sim_world_live(w, NULL);
			sim_host_memory_move(w);
		}
		rest_ns = SIM_STEP_NS - w->now_ns % SIM_STEP_NS;
		step_ns = to_ns - w->now_ns < rest_ns ? to_ns - w->now_ns : rest_ns;
		sim_work_step(w, step_ns);
		w->now_ns += step_ns;
		w->steps++;
	}
}
