/* sim_work - what tasks owe, and what they get of their pCPUs */
#include "collector/sim_work.h"

#include <math.h>

#include "collector/sim_load.h"
#include "collector/sim_noise.h"
#include "collector/sim_task.h"
#include "common/clock.h"

/* The lab's: see there why. */
#define JITTER_NS       (10 * NS_PER_MS)
#define BACKLOG_PERIODS 2

static void draw_jitter(const struct sim_world *w, struct sim_task *t)
{
	uint64_t stream = STREAM_JITTER + (uint64_t)(t - w->tasks);

	t->jitter_ns = (uint64_t)(JITTER_NS * sim_draw(w->c->seed, stream, t->nr_periods++));
}

void sim_work_begin(struct sim_world *w, struct sim_task *t, uint64_t phase_ns)
{
	t->debt_ns = 0;
	t->period_ns = w->now_ns + phase_ns;
	draw_jitter(w, t);
}

/* A new period: its work is owed, and what is left of that before, up to two portions. */
static void begin_period(struct sim_world *w, struct sim_task *t)
{
	double level = sim_load_pm(w->c, t->load, (unsigned)(t - w->tasks), sim_world_case_ns(w));
	double portion_ns;

	if (t->guest >= 0)
		level += w->c->host.kernel_pm;
	portion_ns = SIM_PERIOD_NS * fmin(1000, level) / 1000;

	t->debt_ns = fmin(t->debt_ns + portion_ns, BACKLOG_PERIODS * portion_ns);
	while (t->period_ns <= w->now_ns)
		t->period_ns += SIM_PERIOD_NS;
	draw_jitter(w, t);
	if (t->debt_ns > 0 && !t->wants)
		sim_task_wake(w, t);
	else if (t->debt_ns <= 0)
		sim_task_sleep(w, t);
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
		sim_task_sleep(w, t);
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

void sim_work_step(struct sim_world *w, uint64_t step_ns)
{
	begin_periods(w);
	sim_tasks_balance(w);
	run(w, (double)step_ns);
}
