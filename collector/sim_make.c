/* sim_make - make the world of a case, and take it down */
#include <stdio.h>
#include <stdlib.h>

#include "collector/sim_host_memory.h"
#include "collector/sim_noise.h"
#include "collector/sim_task.h"
#include "collector/sim_work.h"
#include "common/cleanup.h"
#include "common/clock.h"

/* Of a pCPU when the world begins: half of this up to one and a half. */
#define UP_NS (100 * NS_PER_S)

#define NEVER UINT64_MAX

/* Of a thread of the host: system calls, interrupts. */
#define BACKGROUND_KERNEL 0.25
#define BACKGROUND_WEIGHT 100

void sim_world_free(struct sim_world *w)
{
	if (!w)
		return;
	free(w->pcpus);
	free(w->kernel);
	free(w->guests);
	free(w->tasks);
	free(w->first_on);
	free(w->next_on);
	free(w->sharers);
	free(w);
}
DEFINE_AUTO(struct sim_world *, sim_world_free);

static unsigned count_tasks(const struct case_file *c)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < c->nr_groups; i++)
		n += c->groups[i].count * case_most_vcpus(&c->groups[i]);
	for (i = 0; i < c->nr_backgrounds; i++)
		n += cpuset_count(&c->backgrounds[i].pcpus);
	return n;
}

static bool reserve(struct sim_world *w)
{
	w->pcpus = calloc(w->nr_pcpus, sizeof(*w->pcpus));
	w->kernel = calloc(w->nr_pcpus, sizeof(*w->kernel));
	w->guests = calloc(w->nr_guests, sizeof(*w->guests));
	w->tasks = calloc(w->nr_tasks, sizeof(*w->tasks));
	w->first_on = calloc(w->nr_pcpus, sizeof(*w->first_on));
	w->next_on = calloc(w->nr_tasks, sizeof(*w->next_on));
	w->sharers = calloc(w->nr_tasks, sizeof(*w->sharers));
	return w->pcpus && w->kernel && w->guests && w->tasks && w->first_on && w->next_on &&
	       w->sharers;
}

static void make_pcpus(struct sim_world *w)
{
	const struct case_host *h = &w->c->host;
	unsigned i;

	for (i = 0; i < w->nr_pcpus; i++) {
		cpuset_add(&w->pcpus_all, i);
		w->kernel[i] = (struct kernel_pcpu){
		        .online = !cpuset_has(&h->offline, i),
		        .isolated = cpuset_has(&h->isolated, i),
		        .first = i / h->threads * h->threads,
		        .end = (i / h->threads + 1) * h->threads,
		};
		w->pcpus[i].user_ns = UP_NS * (0.5 + sim_draw(w->c->seed, STREAM_BOOT, w->boots++));
		w->pcpus[i].kernel_ns = w->pcpus[i].user_ns / 3;
		if (w->kernel[i].online)
			cpuset_add(&w->online, i);
	}
}

/* "web-2" of [guests web], "guest-2" of a plain one; UUIDs ascend with the numbers. */
static void make_guest(struct sim_world *w, unsigned index, unsigned first_task)
{
	struct sim_guest *g = &w->guests[index];
	char uuid[UUID_TEXT];
	unsigned i;

	case_guest(w->c, index, &g->of);
	g->first_task = first_task;
	snprintf(g->name, sizeof(g->name), "%s-%u",
	         *g->of.group->name ? g->of.group->name : "guest", g->of.place + 1);
	snprintf(uuid, sizeof(uuid), "766d622d-7369-4d00-8000-%012u", index + 1);
	uuid_parse(uuid, g->uuid);
	for (i = 0; i < case_most_vcpus(g->of.group); i++)
		w->tasks[first_task + i] = (struct sim_task){.load = g->of.load,
		                                             .guest = (int)index,
		                                             .vcpu = i,
		                                             .weight = g->of.group->weight,
		                                             .period_ns = NEVER,
		                                             .on = -1};
}

static void make_background(struct sim_world *w, const struct case_background *b, unsigned *at)
{
	int pcpu;

	for (pcpu = cpuset_first(&b->pcpus); pcpu >= 0; pcpu = cpuset_next(&b->pcpus, pcpu)) {
		struct sim_task *t = &w->tasks[(*at)++];

		*t = (struct sim_task){.load = &w->c->loads[b->load],
		                       .guest = -1,
		                       .weight = BACKGROUND_WEIGHT,
		                       .kernel_part = BACKGROUND_KERNEL,
		                       .there = true,
		                       .allowed = cpuset_one((unsigned)pcpu),
		                       .on = -1};
		sim_task_settle(w, t);
		/* Nothing keeps the host's threads in step with each other. */
		sim_work_begin(w, t,
		               (uint64_t)(SIM_PERIOD_NS * sim_draw(w->c->seed, STREAM_PHASE, *at)));
	}
}

int sim_world_new(const struct case_file *c, struct sim_world **out, struct error *e)
{
	AUTO(sim_world_free) struct sim_world *w = calloc(1, sizeof(*w));
	unsigned i, tasks = 0;
	int r;

	if (!w)
		return fail(e, ENOMEM, "no memory for a simulation");
	w->c = c;
	w->nr_pcpus = c->host.nr_pcpus;
	w->nr_guests = case_guests(c);
	w->nr_tasks = count_tasks(c);
	w->next_instance = 1;
	if (!reserve(w))
		return fail(e, ENOMEM, "no memory to simulate %u vCPUs", w->nr_tasks);
	make_pcpus(w);
	for (i = 0; i < w->nr_guests; i++) {
		make_guest(w, i, tasks);
		tasks += case_most_vcpus(w->guests[i].of.group);
	}
	sim_host_memory_init(w);
	for (i = 0; i < c->nr_backgrounds; i++)
		make_background(w, &c->backgrounds[i], &tasks);
	r = sim_world_live(w, e);
	if (r < 0)
		return r;
	sim_world_advance(w, SIM_WARM_NS);
	*out = take(w);
	return 0;
}
