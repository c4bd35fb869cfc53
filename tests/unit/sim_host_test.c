/* sim_host_test - a simulated host through the seam: it must look and answer as a real one does */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/host.h"
#include "collector/sim_world.h"
#include "common/clock.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define STEP_NS   (10 * NS_PER_MS)

static char path[] = "/tmp/sim_host_test.XXXXXX";

struct scene {
	struct host *h;
	struct sample s;
	sigset_t stop;
};

#define HEAD "[case]\nname=n\ntitle=t\nduration=60\nrun=cpu\n[host]\npcpus=4\n"

static void write_text(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void open_scene(struct scene *x, const char *text, const char *query)
{
	char uri[256];
	struct error e;

	write_text(text);
	*x = (struct scene){0};
	sigemptyset(&x->stop);
	sigaddset(&x->stop, SIGTERM);
	sample_init(&x->s);
	snprintf(uri, sizeof(uri), "sim:%s%s", path, query);
	if (host_open(uri, HOST_READ_WRITE, &x->h, &e) < 0)
		fail_msg("%s", e.text);
}

static void close_scene(struct scene *x)
{
	sample_done(&x->s);
	host_close(x->h);
}

static void sense(struct scene *x)
{
	struct error e;

	if (host_sample(x->h, LATE_DELAY | LATE_MEMORY, &x->s, &e) < 0)
		fail_msg("%s", e.text);
}

static void pass(struct scene *x, double seconds)
{
	host_wait(x->h, host_now_ns(x->h) + (uint64_t)(seconds * 1e9), &x->stop);
}

static const struct sample_vcpu *vcpu(const struct scene *x, size_t guest, size_t number)
{
	assert_true(guest < x->s.nr_guests && number < x->s.guests[guest].nr_vcpus);
	return &x->s.vcpus[x->s.guests[guest].first_vcpu + number];
}

static int pin(struct scene *x, size_t guest, const char *list, struct error *e)
{
	struct cpuset mask;

	assert_int_equal(cpuset_parse(list, &mask), 0);
	return host_pin(x->h, x->s.guests[guest].uuid, 0, &mask, UINT64_MAX, e);
}

/* What each vCPU ran and waited from now on, in % of a pCPU. */
struct reading {
	double run, delay;
};

static void measure(struct scene *x, double seconds, struct reading *out, size_t nr)
{
	uint64_t run[16], delay[16], begin;
	size_t i;

	sense(x);
	assert_int_equal(host_sample_late(x->h, UINT64_MAX, &x->s, NULL), 0);
	begin = host_now_ns(x->h);
	for (i = 0; i < nr; i++) {
		run[i] = x->s.vcpus[i].run_ns;
		delay[i] = x->s.vcpus[i].delay_ns;
	}
	pass(x, seconds);
	sense(x);
	assert_int_equal(host_sample_late(x->h, UINT64_MAX, &x->s, NULL), 0);
	seconds = (double)(host_now_ns(x->h) - begin) / 1e9;
	for (i = 0; i < nr; i++) {
		out[i].run = (double)(x->s.vcpus[i].run_ns - run[i]) / 1e7 / seconds;
		out[i].delay = (double)(x->s.vcpus[i].delay_ns - delay[i]) / 1e7 / seconds;
	}
}

static bool near(double seen, double wanted, double by)
{
	return fabs(seen - wanted) <= by;
}

static void a_sample_keeps_its_contract(void **state)
{
	struct scene x;
	size_t i, round;

	open_scene(&x, HEAD "isolated=3\n[guests b]\ncount=9\nvcpus=2\npins=float\nload=15 %\n",
	           "");
	for (round = 0; round < 20; round++) {
		sense(&x);
		assert_int_equal(x.s.nr_guests, 9);
		assert_int_equal(x.s.nr_vcpus, 18);
		assert_int_equal(x.s.nr_pcpus, 4);
		assert_true(x.s.end_ns > x.s.begin_ns && x.s.end_ns - x.s.begin_ns < NS_PER_S);
		for (i = 0; i < 9; i++) {
			const struct sample_guest *g = &x.s.guests[i];

			assert_true(!i || memcmp(g[-1].uuid, g->uuid, UUID_BYTES) < 0);
			assert_true(g->state == GUEST_RUNNING && !g->user_pins && g->instance);
			assert_true(g->memory.actual_kib == g->memory.maximum_kib);
		}
		for (i = 0; i < 18; i++) {
			assert_int_equal(x.s.vcpus[i].run_ns % STEP_NS, 0);
			assert_true(x.s.vcpus[i].delay_ns == UNKNOWN);
			assert_true(x.s.vcpus[i].pcpu >= 0 && x.s.vcpus[i].pcpu < 3);
		}
		for (i = 0; i < 4; i++) {
			assert_int_equal(x.s.pcpus[i].user_ns % STEP_NS, 0);
			assert_int_equal(x.s.pcpus[i].kernel_ns % STEP_NS, 0);
			assert_int_equal(x.s.pcpus[i].idle_ns % STEP_NS, 0);
		}
		assert_true(cpuset_count(&x.s.usable) == 3 && cpuset_count(&x.s.online) == 4);
		assert_int_equal(host_sample_late(x.h, UINT64_MAX, &x.s, NULL), 0);
		assert_true(x.s.vcpus[0].delay_ns != UNKNOWN);
		assert_true(x.s.guests[0].memory.usable_kib < x.s.guests[0].memory.available_kib);
		pass(&x, 1);
	}
	close_scene(&x);
}

/* Seen on real guests: four loads of 20 % on one pCPU are served, and are ready to run 79 % of the time. */
static void a_crowded_pcpu_shows_run_and_delay_as_real_ones_do(void **state)
{
	struct reading r[8];
	struct scene x;
	size_t i;

	open_scene(&x, HEAD "[guests]\ncount=4\npins=first\nload=20 %\n", "");
	measure(&x, 10, r, 4);
	for (i = 0; i < 4; i++)
		assert_true(near(r[i].run, 20, 0.3) && near(r[i].run + r[i].delay, 75, 7));
	close_scene(&x);

	/* Eight of 18 % want 144 %: each gets an eighth, and always waits for the rest. */
	open_scene(&x, HEAD "[guests]\ncount=8\npins=first\nload=18 %\n", "");
	measure(&x, 10, r, 8);
	for (i = 0; i < 8; i++)
		assert_true(near(r[i].run, 12.5, 0.3) && near(r[i].run + r[i].delay, 100, 0.5));
	close_scene(&x);

	/* Alone nobody waits. */
	open_scene(&x, HEAD "[guests]\ncount=4\npins=spread\nload=20 %\n", "");
	measure(&x, 10, r, 4);
	for (i = 0; i < 4; i++)
		assert_true(near(r[i].run, 20, 0.3) && r[i].delay < 0.1);
	close_scene(&x);
}

/* What the lab's workload owes it makes up for, but no more than two portions: 200 ms at most. */
static void a_guests_kernel_runs_beside_its_load(void **state)
{
	struct reading r[2];
	struct scene x;

	open_scene(&x, HEAD "kernel=1.5 %\n[guests g]\ncount=2\npins=spread\nload=18 %, 0 %\n", "");
	measure(&x, 60, r, 2);
	assert_true(near(fmax(r[0].run, r[1].run), 19.5, 0.3));
	assert_true(near(fmin(r[0].run, r[1].run), 1.5, 0.3));
	close_scene(&x);
}

static void demand_that_was_not_served_carries_over_a_little(void **state)
{
	struct cpuset one;
	struct reading r[2];
	struct scene x;
	struct error e;

	open_scene(&x, HEAD "[guests]\ncount=2\npins=first\nload=80 %\n", "");
	measure(&x, 10, r, 2);
	assert_true(near(r[0].run, 50, 0.5) && near(r[1].run, 50, 0.5));
	assert_int_equal(pin(&x, 1, "1", &e), 0);
	measure(&x, 0.5, r, 2);
	assert_true(r[0].run > 85); /* catches up */
	measure(&x, 10, r, 2);
	assert_true(near(r[0].run, 80, 0.5) && near(r[1].run, 80, 0.5));
	one = vcpu(&x, 1, 0)->affinity;
	assert_true(cpuset_count(&one) == 1 && cpuset_has(&one, 1));
	close_scene(&x);
}

static void weights_count_on_a_full_pcpu(void **state)
{
	struct reading r[2];
	struct scene x;

	open_scene(&x,
	           HEAD "[guests a]\ncount=1\npins=first\nload=90 %\nweight=300\n"
	                "[guests b]\ncount=1\npins=first\nload=90 %\n",
	           "");
	measure(&x, 10, r, 2);
	assert_true(near(r[0].run, 75, 1) && near(r[1].run, 25, 1));
	close_scene(&x);
}

/* Never worse than the real kernel: below its capacity a host of floating vCPUs has even pCPUs and nobody waits long. */
static void floating_load_is_spread_evenly(void **state)
{
	struct reading r[10];
	uint64_t idle[4];
	struct scene x;
	size_t i;

	open_scene(&x, HEAD "[guests]\ncount=10\npins=float\nload=30 %\n", "");
	pass(&x, 1);
	sense(&x);
	for (i = 0; i < 4; i++)
		idle[i] = x.s.pcpus[i].idle_ns;
	measure(&x, 20, r, 10);
	for (i = 0; i < 10; i++)
		assert_true(near(r[i].run, 30, 0.3));
	for (i = 0; i < 4; i++)
		assert_true(near((double)(x.s.pcpus[i].idle_ns - idle[i]) / 2e8, 25, 3));
	close_scene(&x);

	/* Six that want all of four pCPUs get the same in the long run. */
	open_scene(&x, HEAD "[guests]\ncount=6\npins=float\nload=100 %\n", "");
	measure(&x, 20, r, 6);
	for (i = 0; i < 6; i++)
		assert_true(near(r[i].run, 66.7, 4));
	close_scene(&x);
}

/* In each pCPU: what vCPUs and the host's threads ran, and idle time, is the time that passed. */
static void no_time_is_lost_or_made_up(void **state)
{
	static const char text[] = HEAD "threads=2\n[background d]\npcpus=1-2\nload=15 %\n"
	                                "[event a]\nat=5\noffline=3\n[event b]\nat=9\nonline=3\n"
	                                "[guests a]\ncount=5\nvcpus=2\npins=float\nload=35 %\n"
	                                "reboot=7 s\n[guests b]\ncount=3\npins=first\nload=20 %\n";
	double ran[2] = {0}, used[2] = {0}, idle[2][4];
	struct case_file c;
	struct sim_world *w;
	struct error e;
	unsigned i, when;

	write_text(text);
	assert_int_equal(case_read(path, NULL, &c, &e), 0);
	assert_int_equal(sim_world_new(&c, &w, &e), 0);
	for (when = 0; when < 2; when++) {
		for (i = 0; i < w->nr_tasks; i++)
			ran[when] += w->tasks[i].run_ns;
		for (i = 0; i < 4; i++) {
			used[when] += w->pcpus[i].user_ns + w->pcpus[i].kernel_ns;
			idle[when][i] = w->pcpus[i].idle_ns;
		}
		if (!when)
			sim_world_advance(w, w->now_ns + 4 * NS_PER_S + 123456789);
	}
	assert_true(near(ran[1] - ran[0], used[1] - used[0], 100));
	assert_true(ran[1] - ran[0] > 1e9);
	used[1] -= used[0];
	for (i = 0; i < 4; i++)
		used[1] += idle[1][i] - idle[0][i];
	assert_true(near(used[1], 4 * 4.123456789e9, 100));

	/* Offline it neither works nor idles; back again it does. */
	sim_world_advance(w, SIM_WARM_NS + 5 * NS_PER_S + 20 * NS_PER_MS);
	idle[0][3] = w->pcpus[3].idle_ns + w->pcpus[3].user_ns;
	sim_world_advance(w, SIM_WARM_NS + 8 * NS_PER_S);
	assert_true(w->pcpus[3].idle_ns + w->pcpus[3].user_ns == idle[0][3]);
	sim_world_advance(w, SIM_WARM_NS + 11 * NS_PER_S);
	assert_true(w->pcpus[3].idle_ns + w->pcpus[3].user_ns > idle[0][3] + 1.9e9);
	sim_world_free(w);
	case_done(&c);
}

static void pins_work_and_are_refused_as_on_a_real_host(void **state)
{
	static const uint8_t nobody[UUID_BYTES] = {1};
	struct cpuset seen, two;
	struct scene x;
	struct error e;

	open_scene(&x, HEAD "offline=3\n[guests]\ncount=2\npins=float\nload=10 %\n", "");
	sense(&x);
	assert_int_equal(pin(&x, 0, "2", &e), 0);
	assert_int_equal(host_affinity(x.h, x.s.guests[0].uuid, 0, &seen, &e), 0);
	two = cpuset_one(2);
	assert_true(cpuset_equal(&seen, &two));
	assert_int_equal(pin(&x, 0, "-", &e), -EINVAL);
	assert_int_equal(pin(&x, 0, "3", &e), -EINVAL);
	assert_int_equal(pin(&x, 0, "2-3", &e), -EINVAL);
	assert_int_equal(pin(&x, 0, "77", &e), -EINVAL);
	assert_string_equal(e.text, "pin: not all of pCPUs 77 are online");
	assert_int_equal(host_affinity(x.h, x.s.guests[0].uuid, 0, &seen, &e), 0);
	assert_true(cpuset_equal(&seen, &two));
	assert_int_equal(host_pin(x.h, nobody, 0, &two, UINT64_MAX, &e), -ESRCH);
	assert_int_equal(host_pin(x.h, x.s.guests[0].uuid, 1, &two, UINT64_MAX, &e), -ESRCH);
	close_scene(&x);
}

static void a_read_only_handle_cannot_act(void **state)
{
	const struct cpuset one = cpuset_one(1);
	struct cpuset seen;
	struct scene x;
	struct host *h;
	struct error e;
	char uri[64];

	open_scene(&x, HEAD "[guests]\ncount=1\npins=first\nload=10 %\n", "");
	sense(&x);
	snprintf(uri, sizeof(uri), "sim:%s", path);
	assert_int_equal(host_open(uri, HOST_READ_ONLY, &h, &e), 0);
	assert_int_equal(host_pin(h, x.s.guests[0].uuid, 0, &one, UINT64_MAX, &e), -EROFS);
	assert_int_equal(host_affinity(h, x.s.guests[0].uuid, 0, &seen, &e), 0);
	assert_true(cpuset_has(&seen, 0) && !cpuset_has(&seen, 1));
	host_close(h);
	close_scene(&x);
}

static void a_sleeping_vcpu_shows_where_it_ran_last(void **state)
{
	struct scene x;
	struct error e;

	open_scene(&x,
	           HEAD "[guests]\ncount=1\npins=first\nload=busy\n"
	                "[load busy]\nshape=step\nlevel=50 %\nto=0 %\nat=2 s\n",
	           "");
	pass(&x, 3);
	sense(&x);
	assert_int_equal(pin(&x, 0, "2", &e), 0);
	pass(&x, 1);
	sense(&x);
	assert_int_equal(vcpu(&x, 0, 0)->pcpu, 0);
	assert_true(cpuset_has(&vcpu(&x, 0, 0)->affinity, 2));
	close_scene(&x);
}

static void a_restarted_guest_is_another_instance(void **state)
{
	uint32_t before;
	struct scene x;
	struct error e;

	open_scene(&x, HEAD "[guests]\ncount=2\npins=first\nload=50 %\nreboot=20 s\n", "");
	pass(&x, 10);
	sense(&x);
	before = x.s.guests[0].instance;
	assert_int_equal(pin(&x, 0, "2", &e), 0);
	pass(&x, 9);
	sense(&x);
	assert_int_equal(x.s.guests[0].instance, before);
	assert_true(vcpu(&x, 0, 0)->run_ns > 5 * NS_PER_S);
	pass(&x, 2);
	sense(&x);
	assert_true(x.s.guests[0].instance != before &&
	            x.s.guests[0].instance != x.s.guests[1].instance);
	assert_true(vcpu(&x, 0, 0)->run_ns < 3 * NS_PER_S); /* what its boot took, and a second */
	assert_true(cpuset_has(&vcpu(&x, 0, 0)->affinity, 0)); /* its start pins */
	close_scene(&x);
}

static void a_paused_guest_says_so_and_does_not_run(void **state)
{
	uint64_t run;
	struct scene x;

	open_scene(&x, HEAD "[guests]\ncount=1\npins=first\nload=50 %\npause=5-10 s\n", "");
	pass(&x, 5.5);
	sense(&x);
	assert_int_equal(x.s.guests[0].state, GUEST_PAUSED);
	run = vcpu(&x, 0, 0)->run_ns;
	pass(&x, 4);
	sense(&x);
	assert_int_equal(vcpu(&x, 0, 0)->run_ns, run);
	pass(&x, 3);
	sense(&x);
	assert_int_equal(x.s.guests[0].state, GUEST_RUNNING);
	/* It does not make up for the pause. */
	assert_true(vcpu(&x, 0, 0)->run_ns < run + 3 * NS_PER_S / 2);
	assert_true(vcpu(&x, 0, 0)->run_ns > run + NS_PER_S);
	close_scene(&x);
}

static void guests_and_vcpus_come_and_go(void **state)
{
	uint8_t second[UUID_BYTES];
	const struct cpuset one = cpuset_one(1);
	struct scene x;
	struct error e;

	open_scene(&x,
	           HEAD "[guests]\ncount=3\nvcpus=1\npins=float\nload=20 %\nstart=1 s\nevery=5 s\n"
	                "stop=20 s\nhotplug=2 at 15 s\nuser-pins=yes\n",
	           "");
	sense(&x);
	assert_int_equal(x.s.nr_guests, 0);
	pass(&x, 2);
	sense(&x);
	assert_int_equal(x.s.nr_guests, 1);
	assert_true(x.s.guests[0].user_pins);
	pass(&x, 10);
	sense(&x);
	assert_int_equal(x.s.nr_guests, 3);
	assert_int_equal(x.s.nr_vcpus, 3);
	memcpy(second, x.s.guests[1].uuid, UUID_BYTES);
	pass(&x, 5);
	sense(&x);
	assert_int_equal(x.s.nr_vcpus, 6);
	pass(&x, 5);
	sense(&x);
	assert_int_equal(x.s.nr_guests, 0);
	assert_int_equal(host_pin(x.h, second, 0, &one, UINT64_MAX, &e), -ESRCH);
	close_scene(&x);
}

static void a_pcpu_that_goes_offline_takes_its_pins_along(void **state)
{
	struct scene x;

	open_scene(&x,
	           HEAD "[event a]\nat=5\noffline=1\n[event b]\nat=10\nonline=1\n"
	                "[guests]\ncount=4\npins=spread\nload=20 %\n",
	           "");
	pass(&x, 6);
	sense(&x);
	assert_int_equal(x.s.nr_pcpus, 3);
	assert_true(!cpuset_has(&x.s.online, 1) && !cpuset_has(&x.s.usable, 1));
	assert_int_equal(cpuset_count(&vcpu(&x, 1, 0)->affinity), 3); /* the kernel's last resort */
	assert_int_equal(cpuset_count(&vcpu(&x, 2, 0)->affinity), 1);
	pass(&x, 5);
	sense(&x);
	assert_int_equal(x.s.nr_pcpus, 4);
	assert_int_equal(cpuset_count(&vcpu(&x, 1, 0)->affinity), 4);
	close_scene(&x);
}

static void start_pins_may_name_isolated_pcpus_and_those_that_are_gone(void **state)
{
	struct scene x;
	struct host *h;
	struct error e;
	char uri[64];

	open_scene(&x,
	           HEAD "isolated=3\n[event a]\nat=5\noffline=1\n"
	                "[guests a]\ncount=1\npins=3\nload=20 %\n"
	                "[guests b]\ncount=1\npins=1\nload=20 %\nstart=10 s\n"
	                "[guests c]\ncount=4\npins=spread\nload=20 %\n",
	           "");
	pass(&x, 1);
	sense(&x);
	assert_int_equal(vcpu(&x, 0, 0)->pcpu, 3);
	assert_int_equal(vcpu(&x, 3, 0)->pcpu, 1); /* spread over those that are not isolated */
	pass(&x, 10);
	sense(&x);
	assert_int_equal(x.s.nr_guests, 6);
	assert_int_equal(cpuset_count(&vcpu(&x, 1, 0)->affinity), 3);
	close_scene(&x);

	/* At the start of the case it is wrong. */
	open_scene(&x, HEAD "offline=1\n[guests]\ncount=1\npins=1-2\nload=1 %\n", "");
	close_scene(&x);
	snprintf(uri, sizeof(uri), "sim:%s?pcpus=4", path);
	write_text(HEAD "offline=1\n[guests]\ncount=1\npins=1\nload=1 %\n");
	assert_int_equal(host_open(uri, HOST_READ_WRITE, &h, &e), -EINVAL);
	assert_memory_equal(e.text, uri, strlen(uri));
	assert_string_equal(e.text + strlen(uri), ": pins 1: none of these pCPUs is among 0,2-3");
}

static void busy_siblings_slow_each_other_down(void **state)
{
	struct reading r[2];
	struct scene x;

	open_scene(&x, HEAD "threads=2\nsmt=1.25\n[guests]\ncount=2\npins=spread\nload=50 %\n", "");
	measure(&x, 20, r, 2);
	/* They begin together and run at 0.625 until they are done. */
	assert_true(near(r[0].run, 80, 3) && near(r[1].run, 80, 3));
	close_scene(&x);
	open_scene(&x, HEAD "threads=2\nsmt=1.25\n[guests]\ncount=2\npins=float\nload=50 %\n", "");
	measure(&x, 20, r, 2);
	/* The kernel does not put them on one core. */
	assert_true(near(r[0].run, 50, 1) && near(r[1].run, 50, 1));
	close_scene(&x);
}

static void slow_statistics_come_late_as_often_as_asked(void **state)
{
	unsigned i, late = 0;
	uint64_t deadline;
	struct scene x;
	struct error e;

	open_scene(&x, HEAD "late=30 %\n[guests]\ncount=2\npins=float\nload=20 %\n",
	           "?duration=400");
	for (i = 0; i < 200; i++) {
		sense(&x);
		deadline = host_now_ns(x.h) + 500 * NS_PER_MS;
		if (host_sample_late(x.h, deadline, &x.s, &e) < 0) {
			assert_int_equal(e.code, ETIMEDOUT);
			assert_true(vcpu(&x, 0, 0)->delay_ns == UNKNOWN);
			assert_true(x.s.guests[0].memory.usable_kib == UNKNOWN);
			assert_int_equal(host_now_ns(x.h), deadline);
			late++;
		}
		pass(&x, 1);
	}
	assert_true(late > 40 && late < 80);
	/* A deadline that is over is missed by all. */
	sense(&x);
	assert_int_equal(host_sample_late(x.h, host_now_ns(x.h), &x.s, &e), -ETIMEDOUT);
	close_scene(&x);
}

static void deadlines_are_met_late_but_by_no_more_than_the_jitter(void **state)
{
	uint64_t deadline, least = UINT64_MAX, most = 0, by;
	struct scene x;
	unsigned i;

	open_scene(&x, HEAD "jitter=5 ms\n[guests]\ncount=1\npins=float\nload=1 %\n", "");
	for (i = 1; i < 50; i++) {
		deadline = host_now_ns(x.h) + NS_PER_S;
		assert_int_equal(host_wait(x.h, deadline, &x.stop), 0);
		by = host_now_ns(x.h) - deadline;
		least = by < least ? by : least;
		most = by > most ? by : most;
	}
	assert_true(least < NS_PER_MS && most > 4 * NS_PER_MS && most < 5 * NS_PER_MS);
	close_scene(&x);
}

static void the_host_ends_with_its_case_and_signals_end_a_wait(void **state)
{
	sigset_t before;
	struct scene x;
	uint64_t begin, wall;

	open_scene(&x, HEAD "[guests]\ncount=1\npins=float\nload=1 %\n", "?duration=10");
	begin = host_now_ns(x.h);
	wall = host_wall_ns(x.h);
	assert_int_equal(host_wait(x.h, begin + 9 * NS_PER_S, &x.stop), 0);
	assert_true(host_wall_ns(x.h) - wall == host_now_ns(x.h) - begin);
	sigprocmask(SIG_BLOCK, &x.stop, &before);
	raise(SIGTERM);
	assert_int_equal(host_wait(x.h, begin + 99 * NS_PER_S, &x.stop), SIGTERM);
	sigprocmask(SIG_SETMASK, &before, NULL);
	assert_true(host_now_ns(x.h) < begin + 10 * NS_PER_S);
	assert_int_equal(host_wait(x.h, begin + 99 * NS_PER_S, &x.stop), HOST_ENDED);
	assert_true(host_now_ns(x.h) < begin + 11 * NS_PER_S);
	/* It still answers, so that pins can be put back. */
	sense(&x);
	assert_int_equal(x.s.nr_guests, 1);
	close_scene(&x);
}

static void the_topology_is_the_cases(void **state)
{
	static struct host_facts f;
	struct scene x;
	struct error e;
	char identity[32];

	open_scene(&x,
	           "[case]\nname=n\ntitle=t\nduration=60\nrun=cpu\n[host]\npcpus=16\nnodes=2\n"
	           "llcs=4\nthreads=2\n[guests]\ncount=1\npins=float\nload=1 %\n",
	           "");
	assert_int_equal(host_describe(x.h, &f, &e), 0);
	assert_int_equal(f.nr_places, 16);
	assert_true(f.places[7].node == 0 && f.places[8].node == 1 && f.places[8].socket == 1);
	assert_true(f.places[3].llc == 0 && f.places[4].llc == 1 && f.places[15].llc == 3);
	assert_true(f.places[4].core == 2 && f.places[5].core == 2 && f.places[15].core == 7);
	snprintf(identity, sizeof(identity), "sim-%d", (int)getpid());
	assert_string_equal(f.identity, identity);
	assert_true(f.passing && f.memory_kib > 128 * 1024);
	close_scene(&x);
}

static void the_same_seed_gives_the_same_run_and_another_a_different_one(void **state)
{
	static const char text[] = HEAD "[guests]\ncount=4\npins=float\nload=w\n"
	                                "[load w]\nshape=constant\nlevel=30 %\nnoise=20 %\n";
	const char *const seeds[] = {"?seed=1", "?seed=1", "?seed=2"};
	uint64_t seen[3][5];
	struct scene x;
	size_t i, j;

	for (i = 0; i < 3; i++) {
		open_scene(&x, text, seeds[i]);
		pass(&x, 20);
		sense(&x);
		assert_int_equal(host_sample_late(x.h, UINT64_MAX, &x.s, NULL), 0);
		for (j = 0; j < 4; j++)
			seen[i][j] = x.s.vcpus[j].delay_ns + x.s.vcpus[j].run_ns;
		seen[i][4] = x.s.end_ns;
		close_scene(&x);
	}
	assert_memory_equal(seen[0], seen[1], sizeof(seen[0]));
	assert_memory_not_equal(seen[0], seen[2], sizeof(seen[0]));
}

static void a_uri_that_is_wrong_is_named(void **state)
{
	static const struct {
		const char *uri, *says;
	} table[] = {
	        {"sim:", "sim: names no case file (sim:FILE)"},
	        {"sim:?pcpus=2", "sim: names no case file (sim:FILE)"},
	        {"sim:/nowhere.case", "/nowhere.case: No such file or directory"},
	        {"sim:x.case?cpus=8",
	         "sim: 'cpus' is none of: pcpus, guests, memory, duration, seed, noise"},
	        {"sim:x.case?pcpus", "sim: pcpus needs a value: pcpus=VALUE"},
	        {"sim:x.case?pcpus=4&seed=2&pcpus=4", "sim: pcpus is there twice"},
	        {"sim:x.case?pcpus=0", "sim: pcpus: '0' is not a whole number from 1 to 2048"},
	        {"sim:x.case?noise=20", "sim: noise: '20' is not a level from 0 % to 100 %"},
	        {"sim:x.case?noise=120%25", "sim: noise: '120%' is not a level from 0 % to 100 %"},
	        {"sim:x.case?seed=a", "sim: seed: 'a' is not a whole number"},
	        {"sim:x.case?seed=1&duration=x", "sim: duration: 'x': not a number of seconds"},
	        {"sim:%2fnowhere?noise=20%", "/nowhere: No such file or directory"},
	        {"sim:/nowhere?noise=20%25&", "/nowhere: No such file or directory"},
	};
	struct host *h;
	struct error e;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		assert_true(host_open(table[i].uri, HOST_READ_WRITE, &h, &e) < 0);
		if (strncmp(e.text, table[i].says, strlen(table[i].says)) != 0)
			fail_msg("%s: %s", table[i].uri, e.text);
	}
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int remove_file(void **state)
{
	return unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_sample_keeps_its_contract),
	        cmocka_unit_test(a_crowded_pcpu_shows_run_and_delay_as_real_ones_do),
	        cmocka_unit_test(a_guests_kernel_runs_beside_its_load),
	        cmocka_unit_test(demand_that_was_not_served_carries_over_a_little),
	        cmocka_unit_test(weights_count_on_a_full_pcpu),
	        cmocka_unit_test(floating_load_is_spread_evenly),
	        cmocka_unit_test(no_time_is_lost_or_made_up),
	        cmocka_unit_test(pins_work_and_are_refused_as_on_a_real_host),
	        cmocka_unit_test(a_read_only_handle_cannot_act),
	        cmocka_unit_test(a_sleeping_vcpu_shows_where_it_ran_last),
	        cmocka_unit_test(a_restarted_guest_is_another_instance),
	        cmocka_unit_test(a_paused_guest_says_so_and_does_not_run),
	        cmocka_unit_test(guests_and_vcpus_come_and_go),
	        cmocka_unit_test(a_pcpu_that_goes_offline_takes_its_pins_along),
	        cmocka_unit_test(start_pins_may_name_isolated_pcpus_and_those_that_are_gone),
	        cmocka_unit_test(busy_siblings_slow_each_other_down),
	        cmocka_unit_test(slow_statistics_come_late_as_often_as_asked),
	        cmocka_unit_test(deadlines_are_met_late_but_by_no_more_than_the_jitter),
	        cmocka_unit_test(the_host_ends_with_its_case_and_signals_end_a_wait),
	        cmocka_unit_test(the_topology_is_the_cases),
	        cmocka_unit_test(the_same_seed_gives_the_same_run_and_another_a_different_one),
	        cmocka_unit_test(a_uri_that_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("sim_host", tests, make_file, remove_file);
}
