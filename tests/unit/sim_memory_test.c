/* sim_memory_test - memory in a simulated host, through the seam: what was measured on real guests must be seen here */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/host.h"
#include "collector/sim_host_memory.h"
#include "common/clock.h"
#include "tests/unit/check.h"

#define NR(array) (sizeof(array) / sizeof((array)[0]))
#define MIB       1024ULL

static char path[] = "/tmp/sim_memory_test.XXXXXX";

struct scene {
	struct host *h;
	struct sample s;
	sigset_t stop;
};

/* One guest of 2 GiB, or what `guests` says, on a host of 16 GiB. */
static void open_scene(struct scene *x, const char *guests)
{
	FILE *file = fopen(path, "w");
	char uri[256];
	struct error e;

	assert_non_null(file);
	fprintf(file,
	        "[case]\nname=n\ntitle=t\nduration=1000\nrun=mem\n[host]\npcpus=2\nmemory=16 GiB\n"
	        "used=1 GiB\n[guests]\ncount=1\nmemory=2 GiB\npins=float\nload=0 %%\n%s",
	        guests);
	fclose(file);
	*x = (struct scene){0};
	sigemptyset(&x->stop);
	sample_init(&x->s);
	snprintf(uri, sizeof(uri), "sim:%s", path);
	if (host_open(uri, HOST_READ_WRITE, &x->h, &e) < 0)
		fail_msg("%s", e.text);
}

static void close_scene(struct scene *x)
{
	sample_done(&x->s);
	host_close(x->h);
}

/* The first guest's memory after so long. */
static const struct guest_memory *after(struct scene *x, double seconds)
{
	struct error e;

	host_wait(x->h, host_now_ns(x->h) + (uint64_t)(seconds * 1e9), &x->stop);
	if (host_sample(x->h, LATE_MEMORY, &x->s, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(host_sample_late(x->h, UINT64_MAX, &x->s, &e), 0);
	return &x->s.guests[0].memory;
}

static int set(struct scene *x, uint64_t mib)
{
	struct error e;

	return host_set_memory(x->h, x->s.guests[0].uuid, mib * MIB, UINT64_MAX, &e);
}

static void report_every(struct scene *x, uint32_t period_s)
{
	struct error e;

	after(x, 0);
	assert_int_equal(host_set_period(x->h, x->s.guests[0].uuid, period_s, UINT64_MAX, &e), 0);
}

static uint64_t wall_s(struct scene *x)
{
	return host_wall_ns(x->h) / NS_PER_S;
}

static bool near(double seen, double wanted, double by)
{
	if (fabs(seen - wanted) > by)
		print_error("seen %g, wanted %g\n", seen, wanted);
	return fabs(seen - wanted) <= by;
}

/* What a guest ballooned to 212 MiB of 2 GiB had left, measured with and without transparent huge pages. */
static void unused_is_not_what_is_left(void **state)
{
	static const struct {
		const char *guests;
		double unused_mib, usable_mib;
	} table[] = {
	        {"balloon=212 MiB\nhuge-pages=yes\n", 104, 35},
	        {"balloon=212 MiB\nhuge-pages=no\n", 110, 97},
	};
	const struct guest_memory *m;
	struct scene x;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		open_scene(&x, table[i].guests);
		m = after(&x, 1);
		assert_int_equal(m->actual_kib, 212 * MIB);
		assert_int_equal(m->maximum_kib, 2048 * MIB);
		assert_true(near((double)m->unused_kib / MIB, table[i].unused_mib, 6));
		assert_true(near((double)m->usable_kib / MIB, table[i].usable_mib, 6));
		assert_true(m->available_kib < m->actual_kib);
		close_scene(&x);
	}
}

static void a_balloon_takes_the_time_that_was_measured(void **state)
{
	static const struct {
		uint64_t from_mib, to_mib;
		double seconds;
	} table[] = {{1024, 512, 2.4}, {512, 1024, 0.9}};
	const struct guest_memory *m;
	char guests[64];
	struct scene x;
	uint64_t middle;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(guests, sizeof(guests), "balloon=%d MiB\n", (int)table[i].from_mib);
		open_scene(&x, guests);
		after(&x, 1);
		assert_int_equal(set(&x, table[i].to_mib), 0);
		m = after(&x, table[i].seconds / 2);
		middle = (table[i].from_mib + table[i].to_mib) / 2;
		assert_true(near((double)m->actual_kib / MIB, (double)middle, 20));
		m = after(&x, table[i].seconds / 2 + 0.1);
		assert_int_equal(m->actual_kib, table[i].to_mib * MIB);
		close_scene(&x);
	}
}

static void without_a_period_one_old_report_is_told_for_ever(void **state)
{
	const struct guest_memory *m;
	struct guest_memory first;
	struct scene x;

	open_scene(&x, "memory-load=eat\n[memory eat]\nrate=18 MB/s\nuntil=1 GiB\n");
	first = *after(&x, 1);
	m = after(&x, 30);
	assert_int_equal(m->period_s, 0);
	assert_int_equal(m->updated_s, first.updated_s);
	assert_int_equal(m->usable_kib, first.usable_kib);
	assert_true(m->rss_kib > first.rss_kib + 400 * MIB);

	report_every(&x, 2);
	m = after(&x, 3);
	assert_int_equal(m->period_s, 2);
	assert_true(wall_s(&x) - m->updated_s <= 2);
	assert_true(m->usable_kib < first.usable_kib - 400 * MIB);

	report_every(&x, 0);
	first = *after(&x, 1);
	assert_int_equal(after(&x, 10)->updated_s, first.updated_s);
	close_scene(&x);
}

/* Balloon and report are of different moments: what a balancer must not mix. */
static void reports_are_behind_the_balloon(void **state)
{
	const struct guest_memory *m;
	struct scene x;

	open_scene(&x, "balloon=512 MiB\n");
	report_every(&x, 5);
	after(&x, 5.5);
	set(&x, 1024);
	m = after(&x, 2);
	assert_int_equal(m->actual_kib, 1024 * MIB);
	assert_true(m->available_kib < 512 * MIB);
	m = after(&x, 3);
	assert_true(m->available_kib > 900 * MIB);
	close_scene(&x);
}

static void the_host_gains_only_what_had_been_touched(void **state)
{
	uint64_t rss, available;
	struct scene x;

	open_scene(&x, "balloon=1024 MiB\n");
	rss = after(&x, 1)->rss_kib;
	available = x.s.memory.available_kib;
	set(&x, 512);
	rss -= after(&x, 4)->rss_kib;
	assert_true(rss < 70 * MIB);
	assert_true(near((double)(x.s.memory.available_kib - available), (double)rss, 4));
	close_scene(&x);

	/* Nearly all of it touched: nearly all of it gained. */
	open_scene(&x, "memory-load=eat\n[memory eat]\nrate=1 GB/s\nuntil=limit\n");
	rss = after(&x, 10)->rss_kib;
	set(&x, 1024);
	rss -= after(&x, 10)->rss_kib;
	assert_true(near((double)rss / MIB, 960, 32));
	close_scene(&x);
}

static void a_load_fills_holds_frees_and_begins_again(void **state)
{
	static const struct {
		double at_s, filled_mib;
	} table[] = {{4.9, 0},    {10, 50},  {14.9, 99}, {15.3, 100},
	             {19.7, 100}, {20.5, 0}, {29.8, 0},  {35, 50}};
	struct scene x;
	size_t i;

	open_scene(&x, "memory-load=eat\n[memory eat]\nstart=5 s\nrate=10 MiB/s\nuntil=100 MiB\n"
	               "hold=5 s\nagain=10 s\n");
	for (i = 0; i < NR(table); i++) {
		after(&x, table[i].at_s - (double)sim_world_case_ns(sim_host_world(x.h)) / 1e9);
		assert_true(near(sim_host_world(x.h)->guests[0].memory.fill.has / MIB,
		                 table[i].filled_mib, 1.5));
	}
	close_scene(&x);
}

static void a_load_stops_where_the_guest_has_64_mib_left(void **state)
{
	const struct guest_memory *m;
	struct scene x;

	open_scene(&x, "memory-load=eat\nhuge-pages=no\n[memory eat]\nrate=18 MB/s\nuntil=limit\n"
	               "hold=forever\n");
	report_every(&x, 1);
	m = after(&x, 150);
	assert_true(near((double)m->usable_kib / MIB, 64, 1));
	/* About 1,800 MB are possible. */
	assert_true(near(sim_host_world(x.h)->guests[0].memory.fill.peak * 1024 / 1e6, 1900, 100));
	assert_int_equal(sim_host_world(x.h)->guests[0].memory.kills, 0);
	close_scene(&x);
}

static void cache_can_be_reclaimed_and_tmpfs_cannot(void **state)
{
	const struct guest_memory *m;
	struct scene x;

	open_scene(&x,
	           "huge-pages=no\nmemory-load=read\n[memory read]\nrate=500 MB/s\nuntil=1 GiB\n"
	           "hold=forever\nwhat=cache\n");
	report_every(&x, 1);
	m = after(&x, 5);
	assert_true(m->disk_caches_kib > 1024 * MIB && m->usable_kib > 1700 * MIB);
	assert_true(m->unused_kib < 1000 * MIB);
	set(&x, 512);
	m = after(&x, 9);
	assert_int_equal(m->actual_kib, 512 * MIB);
	assert_true(m->disk_caches_kib < 420 * MIB && m->usable_kib > 350 * MIB);
	close_scene(&x);

	open_scene(&x,
	           "huge-pages=no\nmemory-load=read\n[memory read]\nrate=500 MB/s\nuntil=1 GiB\n"
	           "hold=forever\nwhat=tmpfs\n");
	report_every(&x, 1);
	m = after(&x, 5);
	assert_true(m->disk_caches_kib > 1024 * MIB && m->usable_kib < 1000 * MIB);
	set(&x, 512);
	/* Nothing can be killed that would free it: the guest panics. */
	after(&x, 20);
	assert_true(x.s.guests[0].reboots > 0);
	close_scene(&x);
}

/* usable 0, frozen statistics, a kill; and with nothing left to kill a panic, a reboot, and again. */
static void a_balloon_below_what_is_used_ends_badly(void **state)
{
	const struct guest_memory *m;
	struct guest_memory before;
	struct scene x;

	open_scene(&x, "memory-load=eat\n[memory eat]\nrate=500 MB/s\nuntil=1 GiB\nhold=forever\n");
	report_every(&x, 1);
	after(&x, 5);
	set(&x, 600);
	before = *after(&x, 6.5);
	assert_true(before.actual_kib > 1024 * MIB && before.usable_kib < 60 * MIB);
	m = after(&x, 1.5);
	assert_int_equal(m->updated_s, before.updated_s);
	m = after(&x, 6);
	assert_int_equal(sim_host_world(x.h)->guests[0].memory.kills, 1);
	assert_int_equal(m->actual_kib, 600 * MIB);
	assert_int_equal(x.s.guests[0].reboots, 0);

	set(&x, 64);
	after(&x, 40);
	assert_true(x.s.guests[0].reboots >= 2);
	close_scene(&x);
}

static void one_in_such_trouble_is_deaf_for_5_s(void **state)
{
	uint64_t actual;
	struct scene x;

	open_scene(&x, "balloon=600 MiB\nhuge-pages=no\nmemory-load=eat\n"
	               "[memory eat]\nrate=500 MB/s\nuntil=256 MiB\nhold=forever\n");
	report_every(&x, 1);
	after(&x, 3);
	set(&x, 300);
	after(&x, 2);
	actual = after(&x, 0.5)->actual_kib;
	set(&x, 2048);
	assert_true(after(&x, 1)->actual_kib <= actual);
	assert_true(after(&x, 6)->actual_kib > actual + 512 * MIB);
	close_scene(&x);
}

static void a_balloon_that_deflates_on_need_never_gets_there_and_kills_nobody(void **state)
{
	const struct guest_memory *m;
	struct scene x;

	open_scene(&x,
	           "kind=deflate\nmemory-load=eat\n"
	           "[memory eat]\nstart=9 s\nrate=200 MB/s\nuntil=1 GiB\nhold=forever\nstops=no\n");
	report_every(&x, 1);
	after(&x, 1);
	set(&x, 512);
	m = after(&x, 8);
	assert_int_equal(m->actual_kib, 512 * MIB);
	assert_true(m->available_kib > 1900 * MIB);
	m = after(&x, 20);
	assert_true(m->actual_kib > 1100 * MIB);
	assert_int_equal(sim_host_world(x.h)->guests[0].memory.kills, 0);
	close_scene(&x);
}

static void swap_is_written_and_read_back(void **state)
{
	const struct guest_memory *m;
	uint64_t in;
	struct scene x;

	open_scene(&x, "swap=2 GiB\nmemory-load=eat\n[memory eat]\nrate=500 MB/s\nuntil=1 GiB\n"
	               "hold=forever\n");
	report_every(&x, 1);
	assert_int_equal(after(&x, 5)->swap_out_kib, 0);
	set(&x, 700);
	m = after(&x, 30);
	assert_int_equal(m->actual_kib, 700 * MIB);
	assert_true(m->swap_out_kib > 400 * MIB && m->usable_kib < 20 * MIB);
	in = m->swap_in_kib;
	m = after(&x, 5);
	assert_true(m->swap_in_kib > in + 5 * MIB && m->major_faults > 0);
	assert_int_equal(sim_host_world(x.h)->guests[0].memory.kills, 0);
	close_scene(&x);
}

static void a_reboot_loses_the_balloon_and_gets_it_back(void **state)
{
	const struct guest_memory *m;
	uint64_t rss;
	uint32_t instance;
	struct scene x;

	open_scene(&x, "balloon=512 MiB\nreset=20 s\n");
	report_every(&x, 1);
	after(&x, 18);
	instance = x.s.guests[0].instance;
	m = after(&x, 3);
	assert_int_equal(m->actual_kib, 512 * MIB); /* an old value: there is no balloon */
	assert_int_equal(x.s.guests[0].reboots, 1);
	assert_int_equal(x.s.guests[0].instance, instance);
	rss = m->rss_kib;
	m = after(&x, 3.3);
	assert_true(m->actual_kib > 1900 * MIB);
	m = after(&x, 10);
	assert_int_equal(m->actual_kib, 512 * MIB);
	assert_true(m->rss_kib <= rss);
	close_scene(&x);
}

static void a_guest_that_comes_later_boots_first(void **state)
{
	const struct guest_memory *m;
	struct scene x;

	open_scene(&x, "balloon=512 MiB\nstart=10 s\n");
	m = after(&x, 12);
	assert_int_equal(x.s.nr_guests, 1);
	assert_int_equal(m->updated_s, 0);
	assert_int_equal(m->actual_kib, 2048 * MIB);
	assert_int_equal(m->usable_kib, UNKNOWN);
	m = after(&x, 12);
	assert_int_equal(m->actual_kib, 512 * MIB);
	assert_true(m->updated_s > 0 && m->usable_kib != UNKNOWN);
	close_scene(&x);
}

/* What each kind ends at when it is told to have 700 MiB, then 1500: it starts with 1024. */
static void every_kind_moves_as_it_does(void **state)
{
	static const struct {
		const char *kind;
		uint64_t low_mib, high_mib;
	} table[] = {
	        {"ideal", 700, 1500},
	        {"lower-limit\nlimit=900 MiB", 900, 1500},
	        {"upper-limit\nlimit=1200 MiB", 700, 1200},
	        {"stuck", 1024, 1024},
	        {"sticky", 700, 1500},
	        {"silent", 2048, 2048},
	        {"windows", 700, 1500},
	        {"exempt", 700, 1500},
	        {"liar", 700, 1500},
	        {"frozen", 700, 1500},
	        {"deflate", 700, 1500},
	};
	char guests[100];
	struct scene x;
	size_t i;

	for (i = 0; i < NR(table); i++) {
		snprintf(guests, sizeof(guests), "balloon=1024 MiB\nkind=%s\n", table[i].kind);
		open_scene(&x, guests);
		after(&x, 1);
		assert_int_equal(set(&x, 700), 0);
		if (after(&x, 100)->actual_kib != table[i].low_mib * MIB)
			fail_msg("%s: down to %d", table[i].kind,
			         (int)(x.s.guests[0].memory.actual_kib / MIB));
		assert_int_equal(set(&x, 1500), 0);
		if (after(&x, 100)->actual_kib != table[i].high_mib * MIB)
			fail_msg("%s: up to %d", table[i].kind,
			         (int)(x.s.guests[0].memory.actual_kib / MIB));
		close_scene(&x);
	}
}

static void a_sticky_balloon_rests(void **state)
{
	uint64_t last = 0, same = 0, most = 0;
	struct scene x;
	unsigned i;

	open_scene(&x, "kind=sticky\n");
	after(&x, 0);
	set(&x, 300);
	for (i = 0; i < 60; i++) {
		uint64_t actual = after(&x, 1)->actual_kib;

		same = actual == last && actual > 300 * MIB ? same + 1 : 0;
		most = same > most ? same : most;
		last = actual;
	}
	assert_true(most >= 4 && most <= 25);
	close_scene(&x);
}

static void what_kinds_tell(void **state)
{
	const struct guest_memory *m;
	unsigned i, absurd = 0, sound = 0;
	struct error e;
	struct scene x;

	open_scene(&x, "kind=silent\n");
	report_every(&x, 1);
	m = after(&x, 30);
	assert_true(m->updated_s == 0 && m->usable_kib == UNKNOWN && m->available_kib == UNKNOWN);
	assert_true(m->rss_kib > 100 * MIB && x.s.guests[0].balloon == BALLOON_READY);
	close_scene(&x);

	open_scene(&x, "kind=windows\n");
	m = after(&x, 1);
	assert_true(m->usable_kib == UNKNOWN && m->disk_caches_kib == UNKNOWN);
	assert_true(m->unused_kib != UNKNOWN && m->available_kib != UNKNOWN);
	close_scene(&x);

	open_scene(&x, "kind=no-balloon\n");
	m = after(&x, 1);
	assert_int_equal(x.s.guests[0].balloon, BALLOON_NONE);
	assert_true(m->updated_s == 0 && m->actual_kib == 2048 * MIB);
	assert_int_equal(set(&x, 512), -EOPNOTSUPP);
	assert_int_equal(host_set_period(x.h, x.s.guests[0].uuid, 1, UINT64_MAX, &e), -EOPNOTSUPP);
	close_scene(&x);

	open_scene(&x, "kind=exempt\n");
	after(&x, 1);
	assert_int_equal(x.s.guests[0].balloon, BALLOON_EXEMPT);
	close_scene(&x);

	open_scene(&x, "kind=liar\n");
	report_every(&x, 1);
	for (i = 0; i < 100; i++) {
		m = after(&x, 1);
		if (m->usable_kib > m->available_kib || m->unused_kib > m->available_kib ||
		    m->available_kib > m->maximum_kib || !m->available_kib)
			absurd++;
		else
			sound++;
	}
	assert_true(absurd > 15 && sound > 40);
	close_scene(&x);

	open_scene(&x, "kind=frozen\nballoon=512 MiB\nmemory-load=eat\n"
	               "[memory eat]\nrate=100 MB/s\nuntil=limit\nhold=forever\n");
	report_every(&x, 1);
	m = after(&x, 30);
	assert_true(wall_s(&x) - m->updated_s > 20 && m->usable_kib > 96 * MIB);
	close_scene(&x);
}

static void orders_are_accepted_and_refused_as_on_a_real_host(void **state)
{
	struct error e;
	struct scene x;

	open_scene(&x, "balloon=1 GiB\npause=10-20 s\njob=30-40 s\nforeign=900 MiB at 50 s\n");
	after(&x, 1);
	assert_int_equal(set(&x, 2049), -EINVAL);
	assert_int_equal(host_set_memory(x.h, x.s.guests[0].uuid, 1, UINT64_MAX, &e), 0);
	assert_int_equal(set(&x, 1024), 0);
	/* An order whose answer comes too late arrives all the same. */
	assert_int_equal(host_set_memory(x.h, x.s.guests[0].uuid, 1100 * MIB, host_now_ns(x.h), &e),
	                 -ETIMEDOUT);
	assert_int_equal(after(&x, 3)->actual_kib, 1100 * MIB);

	/* A paused guest obeys later. */
	after(&x, 8);
	assert_int_equal(x.s.guests[0].state, GUEST_PAUSED);
	assert_int_equal(set(&x, 1200), 0);
	assert_int_equal(after(&x, 3)->actual_kib, 1100 * MIB);
	assert_int_equal(after(&x, 9)->actual_kib, 1200 * MIB);

	after(&x, 10);
	assert_true(x.s.guests[0].busy);
	assert_int_equal(set(&x, 1024), -EBUSY);
	assert_int_equal(after(&x, 20)->actual_kib, 900 * MIB);
	assert_false(x.s.guests[0].busy);
	close_scene(&x);
}

static void more_than_the_host_has_fails_the_run_loudly(void **state)
{
	struct scene x;
	struct error e;
	int end;

	open_scene(&x,
	           "balloon=512 MiB\nmemory-load=eat\n[memory eat]\nrate=100 MB/s\nuntil=limit\n"
	           "hold=forever\n[event e]\nat=10 s\nused=13 GiB\n"
	           "[guests more]\ncount=2\nmemory=2 GiB\npins=float\nload=0 %\nmemory-load=eat\n");
	after(&x, 1);
	end = host_wait(x.h, host_now_ns(x.h) + 8 * NS_PER_S, &x.stop);
	assert_int_equal(end, 0);
	end = host_wait(x.h, host_now_ns(x.h) + 60 * NS_PER_S, &x.stop);
	assert_int_equal(end, HOST_FAILED);
	assert_string_equal(host_end_text(end), "the host failed");
	assert_int_equal(host_sample(x.h, LATE_MEMORY, &x.s, &e), -ENOMEM);
	assert_non_null(strstr(e.text, "the simulated host is out of memory after"));
	assert_non_null(strstr(e.text, "needs 13312 MiB itself, of 16384 MiB"));
	assert_int_equal(host_wait(x.h, host_now_ns(x.h) + NS_PER_S, &x.stop), HOST_FAILED);
	close_scene(&x);
}

static void the_hosts_numbers_add_up(void **state)
{
	uint64_t rss = 0;
	struct scene x;
	size_t i;

	open_scene(&x,
	           "[guests more]\ncount=3\nmemory=1 GiB\nballoon=300 MiB\npins=float\nload=0 %\n");
	after(&x, 1);
	for (i = 0; i < x.s.nr_guests; i++)
		rss += x.s.guests[i].memory.rss_kib;
	assert_int_equal(x.s.memory.total_kib, 16 * 1024 * MIB);
	assert_true(near((double)x.s.memory.available_kib, (double)(15 * 1024 * MIB - rss), 8));
	assert_true(near((double)(x.s.memory.free_kib + x.s.memory.cached_kib),
	                 (double)x.s.memory.available_kib, 2));
	close_scene(&x);
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
	        cmocka_unit_test(unused_is_not_what_is_left),
	        cmocka_unit_test(a_balloon_takes_the_time_that_was_measured),
	        cmocka_unit_test(without_a_period_one_old_report_is_told_for_ever),
	        cmocka_unit_test(reports_are_behind_the_balloon),
	        cmocka_unit_test(the_host_gains_only_what_had_been_touched),
	        cmocka_unit_test(a_load_fills_holds_frees_and_begins_again),
	        cmocka_unit_test(a_load_stops_where_the_guest_has_64_mib_left),
	        cmocka_unit_test(cache_can_be_reclaimed_and_tmpfs_cannot),
	        cmocka_unit_test(a_balloon_below_what_is_used_ends_badly),
	        cmocka_unit_test(one_in_such_trouble_is_deaf_for_5_s),
	        cmocka_unit_test(a_balloon_that_deflates_on_need_never_gets_there_and_kills_nobody),
	        cmocka_unit_test(swap_is_written_and_read_back),
	        cmocka_unit_test(a_reboot_loses_the_balloon_and_gets_it_back),
	        cmocka_unit_test(a_guest_that_comes_later_boots_first),
	        cmocka_unit_test(every_kind_moves_as_it_does),
	        cmocka_unit_test(a_sticky_balloon_rests),
	        cmocka_unit_test(what_kinds_tell),
	        cmocka_unit_test(orders_are_accepted_and_refused_as_on_a_real_host),
	        cmocka_unit_test(more_than_the_host_has_fails_the_run_loudly),
	        cmocka_unit_test(the_hosts_numbers_add_up),
	};

	return cmocka_run_group_tests_name("sim_memory", tests, make_file, remove_file);
}
