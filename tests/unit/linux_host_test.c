/* linux_host_test - what this machine's kernel tells, against what libc tells of the same */
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "collector/linux_host.h"
#include "tests/unit/check.h"

static void memory_adds_up(void **state)
{
	struct host_memory m = {UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
	uint64_t pages_kib = (uint64_t)sysconf(_SC_PHYS_PAGES) *
	                     ((uint64_t)sysconf(_SC_PAGESIZE) / 1024);

	linux_read_memory(&m);
	assert_int_equal(m.total_kib, pages_kib);
	assert_true(m.free_kib > 0 && m.free_kib < m.total_kib);
	assert_true(m.available_kib > 0 && m.available_kib < m.total_kib);
	assert_true(m.cached_kib < m.total_kib);
}

static void read_pcpus(struct sample *s)
{
	struct error e;

	sample_clear(s);
	if (linux_read_pcpus(s, &e) < 0)
		fail_msg("%s", e.text);
}

static uint64_t busy_ns(const struct sample_pcpu *p)
{
	return p->user_ns + p->kernel_ns;
}

/* The pCPU that we keep busy for 100 ms is told to have been busy. */
static void pcpus_count_what_runs_on_them(void **state)
{
	const uint64_t work_ns = 100000000;
	struct sample before, after;
	struct timespec now, start;
	cpu_set_t ours, one;
	uint64_t spent_ns = 0;
	int pcpu = sched_getcpu();
	bool seen = false;
	size_t i;

	sample_init(&before);
	sample_init(&after);
	assert_int_equal(sched_getaffinity(0, sizeof(ours), &ours), 0);
	CPU_ZERO(&one);
	CPU_SET((size_t)pcpu, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	read_pcpus(&before);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	while (spent_ns < work_ns) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
		spent_ns = (uint64_t)(now.tv_sec - start.tv_sec) * 1000000000 +
		           (uint64_t)now.tv_nsec - (uint64_t)start.tv_nsec;
	}
	read_pcpus(&after);
	sched_setaffinity(0, sizeof(ours), &ours);
	assert_int_equal(before.nr_pcpus, sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(after.nr_pcpus, cpuset_count(&after.online));
	for (i = 0; i < after.nr_pcpus; i++) {
		if (after.pcpus[i].pcpu != (uint32_t)pcpu)
			continue;
		seen = true;
		/* steps of 10 ms at both ends, and what a hypervisor below us takes is counted apart */
		assert_true(busy_ns(&after.pcpus[i]) - busy_ns(&before.pcpus[i]) >= work_ns / 2);
	}
	assert_true(seen);
	sample_done(&before);
	sample_done(&after);
}

static void usable_pcpus_are_online(void **state)
{
	struct cpuset online = {0}, usable, nowhere = {0};
	long i;

	for (i = 0; i < sysconf(_SC_NPROCESSORS_ONLN); i++)
		cpuset_add(&online, (unsigned)i);
	usable = linux_usable(&online);
	assert_true(cpuset_covers(&online, &usable));
	usable = linux_usable(&nowhere);
	assert_int_equal(cpuset_count(&usable), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(memory_adds_up),
	        cmocka_unit_test(pcpus_count_what_runs_on_them),
	        cmocka_unit_test(usable_pcpus_are_online),
	};

	return check_all(tests);
}
