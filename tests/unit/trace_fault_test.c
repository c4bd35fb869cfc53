/* trace_fault_test - vmb-cpu on a simulated host whose trace meets every fault of disk and memory: it misses no tick */
#include "tests/unit/trace_fixture.h"

#include <fcntl.h>

#include "balancer/cpu_loop.h"
#include "balancer/frame.h"
#include "common/clock.h"
#include "tests/unit/faulty_sqlite.h"

enum {
	TICKS = 6,
	SLOW_MS = 2000 /* no tick may be held up for as long: far above what a busy machine adds */
};

static unsigned decided;
static uint64_t slowest_ns, before_ns;

/* The fault to come. The start makes 14,000 allocations and the ticks 200, so those begin to fail with the first tick. */
static struct {
	enum fault fault;
	unsigned long n;
	bool for_ever;
} next;

static void arm(bool in_tick)
{
	if (in_tick == (next.fault == FAULT_MEMORY))
		faulty_arm(next.fault, next.n, next.for_ever);
}

static int decide_and_count(struct loop *l, bool rebase, struct error *e)
{
	uint64_t now_ns = clock_mono_ns();

	if (!decided)
		arm(true);
	if (decided && now_ns - before_ns > slowest_ns)
		slowest_ns = now_ns - before_ns;
	before_ns = now_ns;
	decided++;
	return cpu_loop_decide(l, rebase, e);
}

static const struct balancer counted = {
        .program = "vmb-cpu",
        .kind = "cpu",
        .subject = "pins",
        .record_late = LATE_DELAY,
        .decide = decide_and_count,
        .acted = cpu_loop_acted,
        .restore = cpu_loop_restore,
        .limits = cpu_loop_limits,
        .status = cpu_loop_status,
};

static char uri[PATH_MAX];

static void make_case(void)
{
	FILE *f = fopen(path("tiny.case"), "w");

	assert_non_null(f);
	fprintf(f,
	        "[case]\nname = tiny\ntitle = tiny\nduration = %d\nrun = cpu\n"
	        "[host]\npcpus = 2\n[guests]\ncount = 4\npins = first\nload = 20 %%\n",
	        TICKS);
	fclose(f);
	snprintf(uri, sizeof(uri), "sim:%s", path("tiny.case"));
}

/* The whole program; its exit status. */
static int balance(const char *file)
{
	static struct cpu_options o;
	static struct cpu_loop l;
	sigset_t none;
	int status;

	o = (struct cpu_options){.common = {.interval_ns = NS_PER_S, .uri = uri, .trace = file},
	                         .policy = cpu_policy_default,
	                         .planner = &cpu_planners[0]};
	l = (struct cpu_loop){.options = &o};
	decided = 0;
	slowest_ns = 0;
	sigemptyset(&none);
	status = frame_main(&counted, &o.common, &l.base, &none);
	cpu_loop_done(&l);
	return status;
}

static void clear(const char *file)
{
	char name[PATH_MAX];

	unlink(file);
	snprintf(name, sizeof(name), "%s-wal", file);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", file);
	unlink(name);
	snprintf(name, sizeof(name), "%s-journal", file);
	unlink(name);
}

/* How many ticks are in the file; each must be whole, its vCPUs those of four guests. -1: there is no trace. */
static int whole_ticks(const char *file)
{
	const struct trace_tick_row *row;
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	struct error e = {0};
	int n = 0, more;

	if (!exists(file))
		return -1;
	if (trace_reader_open(file, &r, &e) < 0)
		fail_msg("not readable: %s", e.text);
	if (trace_begin_ticks(r, 1, &e) < 0)
		return 0; /* the run was not begun */
	for (; (more = trace_next_tick(r, &row, &e)) > 0; n++) {
		assert_int_equal(row->sample.nr_vcpus, 4);
		assert_int_equal(row->sample.nr_pcpus, 2);
	}
	if (more < 0)
		fail_msg("walk: %s", e.text);
	return n;
}

/* Quiet while the program runs, as it says what fails. */
static int saved[2];

static void hush(bool on)
{
	int null, i;

	fflush(NULL);
	for (i = 0; i < 2; i++) {
		if (on) {
			null = open("/dev/null", O_WRONLY);
			saved[i] = dup(i + 1);
			dup2(null, i + 1);
			close(null);
		} else {
			dup2(saved[i], i + 1);
			close(saved[i]);
		}
	}
}

static unsigned ticks_wanted;
static unsigned struck;     /* runs whose ticks met a fault */
static unsigned survived;   /* runs that met one and balanced all the same */
static unsigned unrecorded; /* ticks that were balanced and are not in the trace */

/* One run that fails at use n. Returns whether anything failed: beyond the last use nothing does. */
static bool meet(enum fault fault, unsigned long n, bool for_ever)
{
	char *file = path("run.db");
	int status, ticks;
	bool failed;

	clear(file);
	hush(true);
	next.fault = fault;
	next.n = n;
	next.for_ever = for_ever;
	arm(false);
	status = balance(file);
	failed = faulty_disarm();
	hush(false);
	ticks = whole_ticks(file);
	if (status != 0 || decided != ticks_wanted || (!for_ever && ticks != (int)ticks_wanted))
		fail_msg("%s at use %lu%s: status %d, %u of %u ticks balanced, %d recorded",
		         fault_name[fault], n, for_ever ? " and ever after" : "", status, decided,
		         ticks_wanted, ticks);
	struck += failed;
	if (slowest_ns > SLOW_MS * NS_PER_MS)
		fail_msg("%s at use %lu: a tick came %llu ms late", fault_name[fault], n,
		         (unsigned long long)(slowest_ns / NS_PER_MS));
	survived += failed;
	unrecorded += failed ? ticks_wanted - (unsigned)(ticks < 0 ? 0 : ticks) : 0;
	return failed;
}

static void meet_all(enum fault fault, bool for_ever)
{
	unsigned long n = 1;

	make_case();
	next.n = 0;
	hush(true);
	assert_int_equal(balance(path("run.db")), 0);
	hush(false);
	ticks_wanted = decided;
	struck = survived = unrecorded = 0;
	assert_true(ticks_wanted >= TICKS);
	while (meet(fault, n, for_ever))
		n++;
	print_message("# %s, %s: %lu faults, %u of them after the start\n", fault_name[fault],
	              for_ever ? "for ever" : "once", n - 1, struck);
	print_message("# fault: trace: %s, %s; injected %lu; survived %u; lost %u recorded ticks\n",
	              fault_name[fault], for_ever ? "for ever" : "once", n - 1, survived,
	              unrecorded);
	/* Negative control: there was something to fail in the ticks, not only at the start. */
	assert_true(struck > 40);
}

static void every_io_error_once(void **state)
{
	meet_all(FAULT_IO, false);
}

static void every_io_error_from_then_on(void **state)
{
	meet_all(FAULT_IO, true);
}

static void a_full_disk_once(void **state)
{
	meet_all(FAULT_FULL, false);
}

static void a_full_disk_from_then_on(void **state)
{
	meet_all(FAULT_FULL, true);
}

static void every_torn_write_once(void **state)
{
	meet_all(FAULT_TORN, false);
}

static void every_torn_write_from_then_on(void **state)
{
	meet_all(FAULT_TORN, true);
}

static void every_allocation_once(void **state)
{
	meet_all(FAULT_MEMORY, false);
}

static void every_allocation_from_then_on(void **state)
{
	meet_all(FAULT_MEMORY, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(every_io_error_once),   TEST(every_io_error_from_then_on),
	        TEST(a_full_disk_once),      TEST(a_full_disk_from_then_on),
	        TEST(every_torn_write_once), TEST(every_torn_write_from_then_on),
	        TEST(every_allocation_once), TEST(every_allocation_from_then_on),
	};

	/* What the journal waits for is another matter, and takes most of the time on a disk. */
	setenv("TMPDIR", "/dev/shm", 0);
	faulty_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
