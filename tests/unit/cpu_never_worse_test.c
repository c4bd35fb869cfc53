/* cpu_never_worse_test - random simulated hosts with the plan and without: who waits longer for a pCPU */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balancer/cpu_estimate.h"
#include "balancer/cpu_plan_baselines.h"
#include "balancer/cpu_topology.h"
#include "collector/host.h"
#include "common/clock.h"
#include "tests/unit/check.h"

/* As the first argument says; `make quality` gives 600. */
static unsigned nr_hosts = 40;

#define PCPUS_MOST 8
#define VCPUS_MOST 24

static char path[] = "/tmp/cpu_never_worse_test.XXXXXX";

/* ---- random hosts ---- */

enum start {
	ALL_ON_ONE,
	ANYWHERE,
	ALL_FLOAT,
	SOME_FLOAT,
	SPREAD,
	STARTS
};

struct random_host {
	unsigned seed, pcpus, vcpus;
	enum start start;
	bool in_step; /* all work at the same moments of their periods of 100 ms */
	unsigned noise_pct;
};

static void write_pins(FILE *f, const struct random_host *h, unsigned i, unsigned *seed)
{
	int pcpu = rand_r(seed) % (int)h->pcpus, chance = rand_r(seed) % 4;

	if (h->start == ALL_FLOAT || (h->start == SOME_FLOAT && !chance))
		fputs("pins = float\n", f);
	else if (h->start == ALL_ON_ONE || h->start == SPREAD)
		fprintf(f, "pins = %u\n", h->start == SPREAD ? i % h->pcpus : 0);
	else
		fprintf(f, "pins = %d\n", pcpu);
}

/* Loads of up to 10, 20 ... 100 % of a pCPU. */
static void draw_host(unsigned number, struct random_host *h)
{
	unsigned seed = number + 1, i, load;
	int most = 10 * (1 + rand_r(&seed) % 10);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	*h = (struct random_host){
	        .seed = number,
	        .pcpus = 2 + (unsigned)rand_r(&seed) % (PCPUS_MOST - 1),
	        .vcpus = 2 + (unsigned)rand_r(&seed) % (VCPUS_MOST - 1),
	        .start = (enum start)(rand_r(&seed) % STARTS),
	        .in_step = rand_r(&seed) % 2,
	        .noise_pct = 10 * ((unsigned)rand_r(&seed) % 3),
	};
	fprintf(f, "[case]\nname = n\ntitle = t\nduration = 20 s\nrun = cpu\n[host]\npcpus = %u\n",
	        h->pcpus);
	for (i = 0; i < h->vcpus; i++) {
		load = (unsigned)(rand_r(&seed) % (most + 1));
		fprintf(f, "[guests g%u]\ncount = 1\nload = %u %%\n", i, load);
		write_pins(f, h, i, &seed);
		if (!h->in_step)
			fputs("start = 10 ms\n", f);
	}
	assert_int_equal(fclose(f), 0);
}

/* ---- with a policy ---- */

struct loop {
	struct host *host;
	struct host_facts facts;
	struct sample sample;
	struct cpu_estimate estimate;
	struct cpu_plan_state state;
	struct place_scratch scratch;
	struct cpu_move moves[VCPUS_MOST];
	struct place_spot spots[PCPUS_MOST];
};

struct outcome {
	double steal_pct; /* of all demand */
	double work_ns;
};

static bool manages(const void *data, const struct sample_guest *guest)
{
	return true;
}

static void must(int r, const struct error *e)
{
	if (r < 0)
		fail_msg("%s", e->text);
}

static void tick(struct loop *l, cpu_planner *plan)
{
	const struct cpu_scope scope = {NULL, manages, NULL};
	struct cpu_view *view = &l->estimate.view;
	struct cpu_choice choice;
	struct error e;
	size_t i;

	must(host_sample(l->host, LATE_NONE, &l->sample, &e), &e);
	must(cpu_estimate_update(&l->estimate, &l->sample, &scope, false, &e), &e);
	must(place_reserve(&l->scratch, view->nr_pcpus, view->nr_vcpus, &e), &e);
	cpu_topology(&l->facts, view, l->spots);
	view->spots = l->spots;
	plan(&cpu_policy_default, view, &l->state, &l->scratch, l->moves, &choice);
	for (i = 0; i < choice.nr_moves; i++) {
		const struct cpu_move *m = &l->moves[i];
		struct cpuset to = cpuset_one(view->pcpus[m->to].pcpu);

		must(host_pin(l->host, sample_guest_of(&l->sample, m->vcpu)->uuid,
		              l->sample.vcpus[m->vcpu].vcpu, &to, UINT64_MAX, &e),
		     &e);
		cpu_estimate_moved(&l->estimate, m->vcpu);
	}
}

/* What all vCPUs ran and waited since they started. */
static void totals(struct loop *l, double *run_ns, double *delay_ns)
{
	struct error e;
	size_t i;

	must(host_sample(l->host, LATE_DELAY, &l->sample, &e), &e);
	must(host_sample_late(l->host, UINT64_MAX, &l->sample, &e), &e);
	*run_ns = *delay_ns = 0;
	for (i = 0; i < l->sample.nr_vcpus; i++) {
		*run_ns += (double)l->sample.vcpus[i].run_ns;
		*delay_ns += (double)l->sample.vcpus[i].delay_ns;
	}
}

static struct outcome run_host(const struct random_host *h, cpu_planner *plan)
{
	static struct loop l;
	struct outcome out = {0};
	double run, delay, run_end, delay_end;
	char uri[128];
	sigset_t stop;
	uint64_t next;
	struct error e;

	l = (struct loop){0};
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sample_init(&l.sample);
	snprintf(uri, sizeof(uri), "sim:%s?seed=%u&noise=%u%%", path, h->seed, h->noise_pct);
	must(host_open(uri, HOST_READ_WRITE, &l.host, &e), &e);
	must(host_describe(l.host, &l.facts, &e), &e);
	next = host_now_ns(l.host) + 20 * NS_PER_MS; /* all have started by then */
	host_wait(l.host, next, &stop);
	totals(&l, &run, &delay);
	do {
		tick(&l, plan);
		next += NS_PER_S;
	} while (host_wait(l.host, next, &stop) != HOST_ENDED);
	totals(&l, &run_end, &delay_end);
	out.work_ns = run_end - run;
	out.steal_pct = 100 * (delay_end - delay) / fmax(1, delay_end - delay + run_end - run);
	sample_done(&l.sample);
	cpu_estimate_done(&l.estimate);
	place_free(&l.scratch);
	host_close(l.host);
	return out;
}

/* ---- who waits longer ---- */

/*
 * Which vCPUs want to run at the same moments is chance, and can favour either. A pinned host that seems worse off with four other
 * chances is looked at with forty.
 */
#define CHANCES 4
#define CLOSER  40

/* A difference of steal that counts, and one that is much, in points. */
#define WORSE      0.5
#define MUCH_WORSE 2.0

/* Who waits longer because more work gets done (on a host with more to do than it can) is not worse off. */
#define MORE_WORK 1.005

struct tally {
	const char *name;
	unsigned hosts, worse, much_worse;
	unsigned worse_in_step; /* of the worse ones */
	double most_pct, with_pct, without_pct;
};

/* The mean of what a policy comes to on a host. */
static struct outcome judge(struct random_host h, cpu_planner *plan, unsigned chances)
{
	struct outcome mean = {0}, one;
	unsigned k;

	for (k = 0; k < chances; k++, h.seed += 1000000) {
		one = run_host(&h, plan);
		mean.steal_pct += one.steal_pct / chances;
		mean.work_ns += one.work_ns / chances;
	}
	return mean;
}

static void hold_against(const struct random_host *h, cpu_planner *plan, unsigned chances,
                         struct tally *t)
{
	struct outcome with = judge(*h, plan, chances), without = judge(*h, baseline_none, chances);
	double by = with.work_ns > MORE_WORK * without.work_ns ? 0
	                                                       : with.steal_pct - without.steal_pct;

	if (by > WORSE && chances < CLOSER && h->start != ALL_FLOAT && h->start != SOME_FLOAT) {
		hold_against(h, plan, CLOSER, t);
		return;
	}
	t->hosts++;
	t->worse += by > WORSE;
	t->worse_in_step += by > WORSE && h->in_step;
	t->much_worse += by > MUCH_WORSE;
	t->most_pct = fmax(t->most_pct, by);
	t->with_pct += with.steal_pct;
	t->without_pct += without.steal_pct;
}

static void print(const struct tally *t)
{
	print_message("# %u hosts, %s: %u worse off by %.1f points of steal or more (%u of them "
	              "work in step), %u by %.0f, %.1f at "
	              "most; steal %.1f %% on average, without %.1f %%\n",
	              t->hosts, t->name, t->worse, WORSE, t->worse_in_step, t->much_worse,
	              MUCH_WORSE, t->most_pct, t->with_pct / fmax(1, t->hosts),
	              t->without_pct / fmax(1, t->hosts));
}

/* As with --leave-floating. */
static void leave_floating(const struct cpu_policy *policy, const struct cpu_view *view,
                           struct cpu_plan_state *state, struct place_scratch *scratch,
                           struct cpu_move *moves, struct cpu_choice *choice)
{
	struct cpu_policy leaves = *policy;

	leaves.leave_floating = true;
	cpu_plan(&leaves, view, state, scratch, moves, choice);
}

/*
 * Pinned vCPUs are not worse off, but for a few that all work in step: there their number on a pCPU counts more than their
 * load. Floating ones mostly are once they are pinned, wherever: alone the kernel lets hardly a pCPU idle while a vCPU
 * waits, and no placement can do that. It is what an even load of the pCPUs costs, and must not grow. With --leave-floating
 * it is paid only where the kernel does not keep the pCPUs even.
 */
static void hosts_are_not_worse_off_than_without(void **state)
{
	struct tally of[STARTS] = {[ALL_ON_ONE] = {"all on one pCPU"},
	                           [ANYWHERE] = {"pinned anywhere"},
	                           [ALL_FLOAT] = {"all floating"},
	                           [SOME_FLOAT] = {"some floating"},
	                           [SPREAD] = {"spread evenly"}};
	struct tally left = {"all floating, left to the kernel while it holds the limit"};
	unsigned n, pinned, worse, in_step;

	for (n = 0; n < nr_hosts; n++) {
		struct random_host h;

		draw_host(n, &h);
		hold_against(&h, cpu_plan, CHANCES, &of[h.start]);
		if (h.start == ALL_FLOAT)
			hold_against(&h, leave_floating, CHANCES, &left);
	}
	for (n = 0; n < STARTS; n++) {
		print(&of[n]);
		/* There must have been something to wait for. */
		assert_true(of[n].without_pct > 15.0 * of[n].hosts);
	}
	print(&left);
	assert_true(left.worse * 3 <= of[ALL_FLOAT].worse);
	pinned = of[ALL_ON_ONE].hosts + of[ANYWHERE].hosts + of[SPREAD].hosts;
	worse = of[ALL_ON_ONE].worse + of[ANYWHERE].worse + of[SPREAD].worse;
	in_step = of[ALL_ON_ONE].worse_in_step + of[ANYWHERE].worse_in_step +
	          of[SPREAD].worse_in_step;
	assert_true(worse <= 1 + pinned / 100);
	assert_int_equal(worse, in_step);
	assert_true(of[ALL_ON_ONE].with_pct < 0.8 * of[ALL_ON_ONE].without_pct);
	assert_true(of[ANYWHERE].with_pct < 0.95 * of[ANYWHERE].without_pct);
	assert_true(of[ALL_FLOAT].with_pct < of[ALL_FLOAT].without_pct + 6.0 * of[ALL_FLOAT].hosts);
}

/* Everything onto the first pCPU. */
static void crowd(const struct cpu_policy *policy, const struct cpu_view *view,
                  struct cpu_plan_state *state, struct place_scratch *scratch,
                  struct cpu_move *moves, struct cpu_choice *choice)
{
	size_t i;

	*choice = (struct cpu_choice){.verdict = VERDICT_ACT, .why = WHY_RULE};
	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].on != 0)
			moves[choice->nr_moves++] = (struct cpu_move){(uint32_t)i,
			                                              view->vcpus[i].on, 0};
}

/* Negative control: the same eyes see what makes hosts worse off. */
static void a_plan_that_crowds_is_seen_to_be_worse(void **state)
{
	struct tally t = {"crowded"};
	unsigned n;

	for (n = 0; n < 20; n++) {
		struct random_host h;

		draw_host(n, &h);
		if (h.start != ALL_ON_ONE)
			hold_against(&h, crowd, 1, &t);
	}
	print(&t);
	assert_true(t.much_worse > t.hosts / 2);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(hosts_are_not_worse_off_than_without),
	        cmocka_unit_test(a_plan_that_crowds_is_seen_to_be_worse),
	};
	int r, fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	if (argc > 1)
		nr_hosts = (unsigned)atoi(argv[1]);
	r = check_all(tests);
	unlink(path);
	return r;
}
