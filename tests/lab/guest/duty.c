/* duty - keep each vCPU of this guest busy for a given share of the time */
#include "duty.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

#define NS_PER_S 1000000000ULL

/* One portion of work is due in each period. */
#define PERIOD_NS 100000000ULL

/*
 * Work begins at a random moment within this time of a period. Without it the work would keep one phase to the
 * ticks (4 or 10 ms) by which a host counts its CPU time, and be counted too high or too low for the whole run.
 * With much more of it, guests on one pCPU differ by portions in a host's sample (25 ms: up to 9 % of a pCPU).
 */
#define JITTER_NS 10000000ULL

/*
 * Work is time in which the clock was seen to move in small steps. A larger step means that the host ran
 * someone else; the work is then done later, so that a guest asks for the same CPU time wherever it is.
 * A host's own time slices are 3 ms; what is taken by a hypervisor below it comes mostly in smaller pieces, and
 * those the host counts as the guest's.
 */
#define STOLEN_NS 1000000ULL

/* A guest that was not served catches up, but with no more than this many periods. */
#define BACKLOG_PERIODS 2

struct worker {
	pthread_t thread;
	unsigned vcpu;
	uint64_t random;
	uint64_t period_ns;  /* when the present period began */
	uint64_t debt_ns;    /* work that is due */
	uint64_t seen_start; /* which start the account belongs to */
	uint64_t asked_ns, worked_ns, stolen_ns;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* All below belong to the lock. */
static struct schedule schedule;
static bool running;
static uint64_t starts;
static uint64_t zero_ns, begun_ns, stopped_ns;
static struct worker *workers;
static unsigned nr_workers;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = {(time_t)(ns / NS_PER_S), (long)(ns % NS_PER_S)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL))
		;
}

static uint64_t next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

/* Work for debt_ns, but not beyond until_ns. Returns what was done. */
static uint64_t work(uint64_t debt_ns, uint64_t until_ns, uint64_t *stolen_ns)
{
	uint64_t last = now_ns(), done = 0;

	while (done < debt_ns && last < until_ns) {
		uint64_t now = now_ns();

		if (now - last < STOLEN_NS)
			done += now - last;
		else
			*stolen_ns += now - last;
		last = now;
	}
	return done;
}

/*
 * Sleep while there is nothing to do; returns the level that holds now. Periods count from the start, so that
 * guests which were started together work at the same time, and a host's sample cuts all of them alike.
 */
static uint32_t wait_for_level(struct worker *w)
{
	uint32_t level_ppm;
	uint64_t now;

	pthread_mutex_lock(&lock);
	while (!running)
		pthread_cond_wait(&changed, &lock);
	now = now_ns();
	if (w->seen_start != starts) {
		w->seen_start = starts;
		w->asked_ns = w->worked_ns = w->stolen_ns = 0;
		w->debt_ns = 0;
		w->period_ns = begun_ns;
	}
	level_ppm = schedule_level_ppm(&schedule, now > zero_ns ? now - zero_ns : 0);
	pthread_mutex_unlock(&lock);
	return level_ppm;
}

static void account(struct worker *w, uint64_t asked_ns, uint64_t worked_ns, uint64_t stolen_ns)
{
	pthread_mutex_lock(&lock);
	if (w->seen_start == starts) {
		w->asked_ns += asked_ns;
		w->worked_ns += worked_ns;
		w->stolen_ns += stolen_ns;
	}
	pthread_mutex_unlock(&lock);
}

/* A period's work, what is left of it to the next one. Periods in which the host never ran us are lost. */
static void serve_period(struct worker *w, uint32_t level_ppm)
{
	uint64_t portion_ns = PERIOD_NS / 1000000 * level_ppm, asked_ns = portion_ns;
	uint64_t done_ns, stolen_ns = 0, now;

	if (!w->debt_ns)
		sleep_until(w->period_ns + next_random(w) % JITTER_NS);
	w->debt_ns += portion_ns;
	if (w->debt_ns > BACKLOG_PERIODS * portion_ns)
		w->debt_ns = BACKLOG_PERIODS * portion_ns;
	w->period_ns += PERIOD_NS;
	done_ns = work(w->debt_ns, w->period_ns, &stolen_ns);
	w->debt_ns -= done_ns < w->debt_ns ? done_ns : w->debt_ns;
	for (now = now_ns(); w->period_ns + PERIOD_NS < now; asked_ns += portion_ns)
		w->period_ns += PERIOD_NS;
	account(w, asked_ns, done_ns, stolen_ns);
	sleep_until(w->period_ns);
}

static void *run_worker(void *argument)
{
	struct worker *w = argument;
	cpu_set_t own;

	CPU_ZERO(&own);
	CPU_SET(w->vcpu, &own);
	sched_setaffinity(0, sizeof(own), &own);
	prctl(PR_SET_TIMERSLACK, 1);
	for (;;)
		serve_period(w, wait_for_level(w));
	return NULL;
}

int duty_init(unsigned nr_vcpus, unsigned seed)
{
	unsigned i;

	workers = calloc(nr_vcpus, sizeof(*workers));
	if (!workers)
		return -1;
	nr_workers = nr_vcpus;
	for (i = 0; i < nr_vcpus; i++) {
		struct worker *w = &workers[i];

		w->vcpu = i;
		w->random = (seed * 64ULL + i + 1) * 0x9E3779B97F4A7C15ULL;
		if (pthread_create(&w->thread, NULL, run_worker, w))
			return -1;
	}
	return 0;
}

void duty_start(const struct schedule *s, uint64_t delay_ns)
{
	pthread_mutex_lock(&lock);
	schedule = *s;
	begun_ns = now_ns();
	zero_ns = begun_ns + delay_ns;
	starts++;
	running = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void duty_stop(void)
{
	pthread_mutex_lock(&lock);
	if (running)
		stopped_ns = now_ns();
	running = false;
	pthread_mutex_unlock(&lock);
}

void duty_read(struct duty_account *out)
{
	unsigned i;

	pthread_mutex_lock(&lock);
	*out = (struct duty_account){.nr_vcpus = nr_workers};
	out->elapsed_ns = (running ? now_ns() : stopped_ns) - begun_ns;
	for (i = 0; i < nr_workers; i++) {
		if (workers[i].seen_start != starts)
			continue;
		out->asked_ns += workers[i].asked_ns;
		out->worked_ns += workers[i].worked_ns;
		out->stolen_ns += workers[i].stolen_ns;
	}
	pthread_mutex_unlock(&lock);
}
