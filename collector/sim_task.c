/* sim_task - on which pCPU each task runs: waking, pins, the kernel's balancing */
#include "collector/sim_task.h"

#include "common/clock.h"

/* Where nothing is idle the kernel looks for a better place at its own ticks. */
#define BALANCE_NS (4 * NS_PER_MS)

/* One that waited so long where it is changes places with those that do not: long-term fairness. */
#define ROTATE_NS (50 * NS_PER_MS)

void sim_task_sleep(struct sim_world *w, struct sim_task *t)
{
	if (t->wants)
		w->kernel[t->on].load -= t->weight;
	t->wants = false;
}

void sim_task_wake(struct sim_world *w, struct sim_task *t)
{
	t->on = t->only >= 0 ? t->only : kernel_choose(w->kernel, w->nr_pcpus, &t->allowed, t->on);
	w->kernel[t->on].load += t->weight;
	t->wants = true;
	t->waited_ns = 0;
}

void sim_task_settle(struct sim_world *w, struct sim_task *t)
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
		sim_task_sleep(w, t);
		sim_task_wake(w, t);
	}
}

void sim_task_allow(struct sim_world *w, struct sim_task *t, const struct cpuset *pcpus)
{
	t->allowed = *pcpus;
	sim_task_settle(w, t);
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
void sim_tasks_balance(struct sim_world *w)
{
	unsigned i, at = w->nr_tasks ? (unsigned)(w->steps % w->nr_tasks) : 0;

	if (w->now_ns / BALANCE_NS == (w->now_ns - SIM_STEP_NS) / BALANCE_NS && !has_idle(w))
		return;
	for (i = 0; i < w->nr_tasks; i++, at = at + 1 == w->nr_tasks ? 0 : at + 1)
		if (w->tasks[at].wants && w->tasks[at].only < 0)
			balance_task(w, &w->tasks[at]);
}
