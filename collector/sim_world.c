/* sim_world - a host in virtual time: pCPUs, guests, the threads that want to run, and what they get */
#include "collector/sim_world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sim_load.h"
#include "collector/sim_noise.h"
#include "common/cleanup.h"
#include "common/clock.h"

/*
 * Within a step all that want a pCPU are served at once, fairly. Steps of a tenth of this change what a vCPU runs in
 * 40 s by 0.03 % of a pCPU at most, and what it waits by 0.2 %; an hour of 32 vCPUs on 16 pCPUs takes 1.3 s of CPU
 * time when they are pinned, 3.1 s when they float.
 */
#define STEP_NS NS_PER_MS

/* The lab's: see there why. */
#define PERIOD_NS       (100 * NS_PER_MS)
#define JITTER_NS       (10 * NS_PER_MS)
#define BACKLOG_PERIODS 2

/* Guests come and go, pCPUs too, in steps of this. */
#define LIFE_NS (10 * NS_PER_MS)

/* Where nothing is idle the kernel looks for a better place at its own ticks. */
#define BALANCE_NS (4 * NS_PER_MS)

/* One that waited so long where it is changes places with those that do not: long-term fairness. */
#define ROTATE_NS (50 * NS_PER_MS)

#define NEVER UINT64_MAX

/*
 * What was run before the counters are first read: half of this up to one and a half. Without it all would be
 * the same part of a step of 10 ms away from the next, and thirty small loads would be misread alike.
 */
#define BOOT_NS NS_PER_S
#define UP_NS   (100 * NS_PER_S)

/* Of a thread of the host: system calls, interrupts. */
#define BACKGROUND_KERNEL 0.25
#define BACKGROUND_WEIGHT 100

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

/* ---- where tasks are ---- */

static void leave(struct sim_world *w, struct sim_task *t)
{
	if (t->wants)
		w->kernel[t->on].load -= t->weight;
	t->wants = false;
}

static void enter(struct sim_world *w, struct sim_task *t)
{
	t->on = t->only >= 0 ? t->only : kernel_choose(w->kernel, w->nr_pcpus, &t->allowed, t->on);
	w->kernel[t->on].load += t->weight;
	t->wants = true;
	t->waited_ns = 0;
}

/* After its pCPUs or those of the host have changed. One that has none left may run on all, as the kernel does it. */
static void settle(struct sim_world *w, struct sim_task *t)
{
	struct cpuset left = cpuset_and(&t->allowed, &w->online), usable = sim_world_usable(w),
	              both;

	if (cpuset_first(&left) < 0) {
		t->allowed = w->pcpus_all;
		left = w->online;
	}
	both = cpuset_and(&left, &usable);
	if (cpuset_first(&both) >= 0)
		left = both;
	t->only = cpuset_count(&left) == 1 ? cpuset_first(&left) : -1;
	if (t->wants && !cpuset_has(&left, (unsigned)t->on)) {
		leave(w, t);
		enter(w, t);
	}
}

void sim_world_allow(struct sim_world *w, struct sim_task *t, const struct cpuset *pcpus)
{
	t->allowed = *pcpus;
	settle(w, t);
}

static void move(struct sim_world *w, struct sim_task *t, int to)
{
	w->kernel[t->on].load -= t->weight;
	w->kernel[to].load += t->weight;
	t->on = to;
	t->waited_ns = 0;
}

/* Where a task that wants to run would be put if it were not there, `first` being preferred. */
static int elsewhere(struct sim_world *w, const struct sim_task *t, unsigned first)
{
	int to;

	w->kernel[t->on].load -= t->weight;
	to = kernel_choose(w->kernel, w->nr_pcpus, &t->allowed, (int)first);
	w->kernel[t->on].load += t->weight;
	return to;
}

static void balance_task(struct sim_world *w, struct sim_task *t)
{
	unsigned on = (unsigned)t->on;
	double others = w->kernel[on].load - t->weight;
	int to;

	if (others <= 0 && kernel_siblings_load(w->kernel, on) <= 0)
		return;
	to = elsewhere(w, t, on);
	if (kernel_is_better(w->kernel, on, (size_t)to, t->weight)) {
		move(w, t, to);
		return;
	}
	if (t->waited_ns <= ROTATE_NS)
		return;
	to = elsewhere(w, t, (on + 1) % w->nr_pcpus);
	if (to != t->on && w->kernel[to].load == others)
		move(w, t, to);
}

static bool has_idle(const struct sim_world *w)
{
	unsigned i;

	for (i = 0; i < w->nr_pcpus; i++)
		if (w->kernel[i].online && !w->kernel[i].isolated && !w->kernel[i].load)
			return true;
	return false;
}

/* Who is looked at first changes, so that none is always served first. */
static void balance(struct sim_world *w)
{
	unsigned i, at = w->nr_tasks ? (unsigned)(w->steps % w->nr_tasks) : 0;

	if (w->now_ns / BALANCE_NS == (w->now_ns - STEP_NS) / BALANCE_NS && !has_idle(w))
		return;
	for (i = 0; i < w->nr_tasks; i++, at = at + 1 == w->nr_tasks ? 0 : at + 1)
		if (w->tasks[at].wants && w->tasks[at].only < 0)
			balance_task(w, &w->tasks[at]);
}

/* ---- work ---- */

static void draw_jitter(const struct sim_world *w, struct sim_task *t)
{
	uint64_t stream = STREAM_JITTER + (uint64_t)(t - w->tasks);

	t->jitter_ns = (uint64_t)(JITTER_NS * sim_draw(w->c->seed, stream, t->nr_periods++));
}

/* Its first period begins at `from_ns` at the earliest, and is in step with all that began with it. */
static void begin_work(struct sim_world *w, struct sim_task *t, uint64_t phase_ns)
{
	t->debt_ns = 0;
	t->period_ns = w->now_ns + phase_ns;
	draw_jitter(w, t);
}

/* A new period: its work is owed, and what is left of that before, up to two portions. */
static void begin_period(struct sim_world *w, struct sim_task *t)
{
	double level = sim_load_pm(w->c, t->load, (unsigned)(t - w->tasks), sim_world_case_ns(w));
	double portion_ns = PERIOD_NS * level / 1000;

	t->debt_ns = fmin(t->debt_ns + portion_ns, BACKLOG_PERIODS * portion_ns);
	while (t->period_ns <= w->now_ns)
		t->period_ns += PERIOD_NS;
	draw_jitter(w, t);
	if (t->debt_ns > 0 && !t->wants)
		enter(w, t);
	else if (t->debt_ns <= 0)
		leave(w, t);
}

static void begin_periods(struct sim_world *w)
{
	unsigned i;

	for (i = 0; i < w->nr_tasks; i++) {
		struct sim_task *t = &w->tasks[i];

		if (t->there && w->now_ns >= t->period_ns + (t->wants ? 0 : t->jitter_ns))
			begin_period(w, t);
	}
}

/* How much work a pCPU does in a time: less than that while its core's other threads run. */
static double speed(const struct sim_world *w, unsigned pcpu)
{
	const struct kernel_pcpu *k = &w->kernel[pcpu];
	double threads = k->end - k->first, busy = -w->pcpus[pcpu].busy_part;
	unsigned i;

	if (threads == 1)
		return 1;
	for (i = k->first; i < k->end; i++)
		busy += w->pcpus[i].busy_part;
	return 1 - (1 - w->c->host.smt_pm / 1000.0 / threads) * busy / (threads - 1);
}

/* A step of one task: `share` is its part of the pCPU while all want to run. */
static void account(struct sim_world *w, struct sim_task *t, const struct sharer *s, double step_ns,
                    double share, double speed_now)
{
	struct sim_pcpu *p = &w->pcpus[t->on];
	bool done = s->got >= s->want;
	double present_ns = done ? fmin(step_ns, s->got / share) : step_ns;

	t->run_ns += s->got;
	t->delay_ns += fmax(0, present_ns - s->got);
	t->waited_ns += fmax(0, present_ns - s->got);
	p->user_ns += s->got * (1 - t->kernel_part);
	p->kernel_ns += s->got * t->kernel_part;
	t->debt_ns = done ? 0 : t->debt_ns - s->got * speed_now;
	if (done)
		leave(w, t);
}

static double run_pcpu(struct sim_world *w, unsigned pcpu, double step_ns, double speed_now)
{
	double weight = 0, busy_ns = 0;
	size_t nr = 0, i;
	int at;

	for (at = w->first_on[pcpu]; at >= 0; at = w->next_on[at]) {
		struct sim_task *t = &w->tasks[at];

		w->sharers[nr++] = (struct sharer){t->debt_ns / speed_now, t->weight, 0};
		weight += t->weight;
	}
	sim_share(step_ns, w->sharers, nr);
	for (i = 0, at = w->first_on[pcpu]; at >= 0; at = w->next_on[at], i++) {
		busy_ns += w->sharers[i].got;
		account(w, &w->tasks[at], &w->sharers[i], step_ns, w->sharers[i].weight / weight,
		        speed_now);
	}
	return busy_ns;
}

static void run(struct sim_world *w, double step_ns)
{
	double busy_ns, part;
	unsigned i;

	for (i = 0; i < w->nr_pcpus; i++)
		w->first_on[i] = -1;
	for (i = w->nr_tasks; i-- > 0;) {
		if (!w->tasks[i].wants)
			continue;
		w->next_on[i] = w->first_on[w->tasks[i].on];
		w->first_on[w->tasks[i].on] = (int)i;
	}
	for (i = 0; i < w->nr_pcpus; i++) {
		if (!w->kernel[i].online)
			continue;
		busy_ns = w->first_on[i] < 0 ? 0 : run_pcpu(w, i, step_ns, speed(w, i));
		part = busy_ns / step_ns;
		w->pcpus[i].busy_part = part;
		w->pcpus[i].idle_ns += step_ns - busy_ns;
	}
}

/* ---- guests and pCPUs that come and go ---- */

static int start_guest(struct sim_world *w, struct sim_guest *g, uint64_t phase_ns, struct error *e)
{
	struct cpuset usable = sim_world_usable(w), pins;
	unsigned i;
	int r;

	g->instance = w->next_instance++;
	for (i = 0; i < case_most_vcpus(g->of.group); i++) {
		struct sim_task *t = &w->tasks[g->first_task + i];

		r = case_start_pins(&g->of, i, &usable, &pins, e);
		if (r < 0)
			return r;
		t->allowed = g->of.group->pins.rule == PINS_FLOAT ? w->pcpus_all : pins;
		t->on = -1;
		t->run_ns = BOOT_NS * (0.5 + sim_draw(w->c->seed, STREAM_BOOT, w->boots++));
		t->delay_ns = 0;
		settle(w, t);
		begin_work(w, t, phase_ns);
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
			leave(w, t);
	}
}

/* As the lab's guests have it, which start together: all work at the same time. Later ones have a time of their own. */
static uint64_t phase_of(const struct sim_world *w)
{
	uint64_t number = w->now_ns ? w->next_instance : 0;

	return (uint64_t)(PERIOD_NS * sim_draw(w->c->seed, STREAM_PHASE, number));
}

static bool same_life(const struct sim_life *a, const struct sim_life *b)
{
	return a->alive == b->alive && a->paused == b->paused && a->starts == b->starts &&
	       a->nr_vcpus == b->nr_vcpus;
}

static int live(struct sim_world *w, struct error *e)
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
		}
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
		settle(w, &w->tasks[i]);
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
	}
}

/* ---- time ---- */

void sim_world_advance(struct sim_world *w, uint64_t to_ns)
{
	uint64_t step_ns, rest_ns;

	while (w->now_ns < to_ns) {
		if (w->now_ns % LIFE_NS < STEP_NS) {
			happen(w);
			live(w, NULL);
		}
		rest_ns = STEP_NS - w->now_ns % STEP_NS;
		step_ns = to_ns - w->now_ns < rest_ns ? to_ns - w->now_ns : rest_ns;
		begin_periods(w);
		balance(w);
		run(w, (double)step_ns);
		w->now_ns += step_ns;
		w->steps++;
	}
}

/* ---- making ---- */

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
		settle(w, t);
		/* Nothing keeps the host's threads in step with each other. */
		begin_work(w, t, (uint64_t)(PERIOD_NS * sim_draw(w->c->seed, STREAM_PHASE, *at)));
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
	for (i = 0; i < c->nr_backgrounds; i++)
		make_background(w, &c->backgrounds[i], &tasks);
	r = live(w, e);
	if (r < 0)
		return r;
	sim_world_advance(w, SIM_WARM_NS);
	*out = take(w);
	return 0;
}

struct sim_guest *sim_world_guest(struct sim_world *w, const uint8_t uuid[UUID_BYTES])
{
	unsigned i;

	for (i = 0; i < w->nr_guests; i++)
		if (w->guests[i].life.alive && !memcmp(w->guests[i].uuid, uuid, UUID_BYTES))
			return &w->guests[i];
	return NULL;
}
