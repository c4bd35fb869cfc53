/* doubt_test - a guest that libvirt does not tell about is neither moved nor forgotten */
#include "tests/unit/doubtful_libvirt.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/apply.h"
#include "balancer/cpu_loop.h"
#include "balancer/mem_loop.h"
#include "tests/unit/check.h"

static void without_a_list_those_known_are_read_for_a_minute(void **state)
{
	struct host *h = NULL;
	struct sample s;
	struct error e;

	if (host_open("test:///default", HOST_READ_ONLY, &h, &e) < 0)
		fail_msg("%s", e.text);
	sample_init(&s);
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_false(s.known_guests);
	list_fails = true;
	passed_s += 50;
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_true(s.known_guests);
	assert_int_equal(s.nr_guests, 1);
	passed_s += 11;
	assert_true(host_sample(h, LATE_NONE, &s, &e) < 0);
	assert_int_equal(s.nr_guests, 0);
	list_fails = false;
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_false(s.known_guests);
	assert_int_equal(s.nr_guests, 1);
	sample_done(&s);
	host_close(h);
	passed_s = 0;
}

static bool seen_as_the_owners(void)
{
	struct host *h = NULL;
	struct sample s;
	struct error e;
	bool pins;

	if (host_open("test:///default", HOST_READ_ONLY, &h, &e) < 0)
		fail_msg("%s", e.text);
	sample_init(&s);
	assert_int_equal(host_sample(h, LATE_NONE, &s, &e), 0);
	assert_int_equal(s.nr_guests, 1);
	pins = s.guests[0].user_pins;
	sample_done(&s);
	host_close(h);
	return pins;
}

static void a_guest_whose_configuration_cannot_be_read_is_its_owners(void **state)
{
	assert_false(seen_as_the_owners());
	xml_fails = true;
	assert_true(seen_as_the_owners());
	xml_fails = false;
	persistence_fails = true;
	assert_true(seen_as_the_owners());
	persistence_fails = false;
}

/* The test driver, and the one change that stands in the journal: how it is restored before, while, and after a failure. */
static void expect_kept(struct loop *l, const char *kind, struct action *a, bool *failure,
                        int (*restore)(struct loop *l, struct error *e))
{
	struct loop_options options = {.uri = "test:///default", .interval_ns = NS_PER_S};
	char folder[] = "/tmp/vmb-doubt-XXXXXX";
	struct error e;

	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("VMB_RUN_DIR", folder, 1), 0);
	if (loop_open(l, kind, &options, &e) < 0 ||
	    host_sample(l->host, LATE_MEMORY, &l->sample, &e) < 0 ||
	    host_sample_late(l->host, clock_mono_ns() + 10 * NS_PER_S, &l->sample, &e) < 0)
		fail_msg("%s", e.text);
	memcpy(a->guest, l->sample.guests[0].uuid, UUID_BYTES);
	a->from = l->sample.vcpus[0].affinity;
	a->to = cpuset_one((unsigned)cpuset_first(&a->from));
	a->from_kib = l->sample.guests[0].memory.actual_kib;
	a->to_kib = a->from_kib / 2;
	assert_int_equal(apply_actions(l->host, l->journal, NS_PER_S, a, 1, &e), 0);
	if (a->result != RESULT_DONE)
		fail_msg("%s", a->detail);

	*failure = true;
	assert_int_equal(restore(l, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "1 guests could not be read"));
	assert_non_null(strstr(e.text, "--restore"));
	assert_true(journal_holds(l->journal));
	*failure = false;
	if (restore(l, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(l->decision.nr_actions, 1);
	if (l->decision.actions[0].result != RESULT_DONE)
		fail_msg("%s", l->decision.actions[0].detail);
	assert_int_equal(access(l->instance.journal_path, F_OK), -1);

	unlink(l->instance.lock_path);
	rmdir(folder);
}

static void a_guest_that_cannot_be_read_keeps_its_pins_in_the_journal(void **state)
{
	struct cpu_options options = {.policy = cpu_policy_default};
	struct cpu_loop l = {.options = &options};
	struct action a = {.kind = ACTION_PIN};

	expect_kept(&l.base, "cpu", &a, &vcpus_fail, cpu_loop_restore);
	cpu_loop_done(&l);
}

static void a_guest_that_cannot_be_read_keeps_its_balloon_in_the_journal(void **state)
{
	static struct mem_options options;
	bool *const failures[] = {&vcpus_fail, &memory_fails};
	size_t i;

	options.policy = mem_policy_default;
	options.policy.laws &= ~LAW_UPWARD; /* how much room the host has is not asked here */
	for (i = 0; i < 2; i++) {
		struct mem_loop l = {.options = &options};
		struct action a = {.kind = ACTION_BALLOON};

		expect_kept(&l.base, "mem", &a, failures[i], mem_loop_restore);
		mem_loop_done(&l);
	}
}

static const struct loop_options in_test_driver = {.uri = "test:///default",
                                                   .interval_ns = NS_PER_S};

static void open_loop(struct loop *l, const struct loop_options *options)
{
	struct error e;

	if (loop_open(l, "mem", options, &e) < 0 ||
	    host_sample(l->host, LATE_MEMORY, &l->sample, &e) < 0 ||
	    host_sample_late(l->host, clock_mono_ns() + 10 * NS_PER_S, &l->sample, &e) < 0)
		fail_msg("%s", e.text);
}

/* The driver obeys at once. One that does not has what it had when its balancer was killed, and shrinks when nobody looks any more. */
static void a_take_of_one_that_was_killed_is_called_off(void **state)
{
	static struct mem_options options;
	struct mem_loop killed = {.options = &options}, l = {.options = &options};
	struct action a = {.kind = ACTION_BALLOON}, *made;
	char folder[] = "/tmp/vmb-doubt-XXXXXX", stop[sizeof(folder) + 8];
	struct error e;

	options.policy = mem_policy_default;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("VMB_RUN_DIR", folder, 1), 0);
	open_loop(&killed.base, &in_test_driver);
	memcpy(a.guest, killed.base.sample.guests[0].uuid, UUID_BYTES);
	a.from_kib = killed.base.sample.guests[0].memory.actual_kib;
	a.to_kib = a.from_kib / 2;
	assert_int_equal(journal_note(killed.base.journal, &a, 1, &e), 0);
	mem_loop_done(&killed);

	open_loop(&l.base, &in_test_driver);
	snprintf(stop, sizeof(stop), "%s/stop", folder);
	assert_int_equal(mkdir(stop, 0700),
	                 0); /* whatever it is, while it is there nothing is put back */
	assert_int_equal(mem_loop_restore(&l.base, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "stop exists: nothing is put back"));
	assert_true(journal_holds(l.base.journal) && !l.base.decision.nr_actions);
	rmdir(stop);
	if (mem_loop_restore(&l.base, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(l.base.decision.nr_actions, 1);
	made = &l.base.decision.actions[0];
	assert_int_equal(made->kind, ACTION_BALLOON_RESTORE);
	assert_int_equal(made->result, RESULT_DONE);
	assert_true(made->from_kib == a.from_kib && made->to_kib == a.from_kib);
	assert_int_equal(access(l.base.instance.journal_path, F_OK), -1);
	unlink(l.base.instance.lock_path);
	mem_loop_done(&l);
	rmdir(folder);
}

/* What a balancer that was killed, or the owner, has given and is still on its way up is let go on; one that rests, or was not there before, might shrink. */
static void a_give_of_one_that_was_killed_goes_on(void **state)
{
	static struct mem_options options;
	char folder[] = "/tmp/vmb-doubt-XXXXXX";
	enum {
		RESTS,
		RISES,
		APPEARS,
		HOWS
	} how;

	options.policy = mem_policy_default;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(setenv("VMB_RUN_DIR", folder, 1), 0);
	for (how = RESTS; how < HOWS; how++) {
		struct action a = {.kind = ACTION_BALLOON};
		struct mem_loop l = {.options = &options};
		struct error e;
		uint64_t began;

		open_loop(&l.base, &in_test_driver);
		memcpy(a.guest, l.base.sample.guests[0].uuid, UUID_BYTES);
		a.from_kib = l.base.sample.guests[0].memory.actual_kib / 4;
		a.to_kib = 2 * a.from_kib;
		assert_int_equal(journal_note(l.base.journal, &a, 1, &e), 0);
		infos = 0;
		rises_kib = how == RISES ? 1024 : 0;
		lists_nobody = how == APPEARS ? 4 : 0; /* two readings, each makes sure */
		passed_s = how == APPEARS ? 61 : 0;    /* then who is there is asked again */
		began = clock_mono_ns();
		if (mem_loop_restore(&l.base, &e) < 0)
			fail_msg("%s", e.text);
		/* At once it could not be told from one that rises. */
		assert_true(how != RESTS || clock_mono_ns() - began >= 3 * NS_PER_S / 10);
		rises_kib = passed_s = 0;
		assert_int_equal(lists_nobody, 0);
		assert_int_equal(l.base.decision.nr_actions, how == RISES ? 0 : 1);
		unlink(l.base.instance.lock_path);
		mem_loop_done(&l);
	}
	rmdir(folder);
}

/*
 * A balancer was killed when its guest had half of what it had before; the next one has begun, in a folder of their own. The
 * driver forgets its guests with the last connection: one of ours is kept.
 */
struct after_kill {
	struct mem_options options;
	struct mem_loop l;
	virConnectPtr keeps;
	char folder[32];
	uint64_t original_kib;
};

static void after_kill(struct after_kill *k, unsigned laws_off)
{
	struct mem_loop killed = {.options = &k->options};
	struct action a = {.kind = ACTION_BALLOON};
	struct error e;

	*k = (struct after_kill){.folder = "/tmp/vmb-doubt-XXXXXX",
	                         .l.options = &k->options,
	                         .keeps = virConnectOpen(in_test_driver.uri)};
	k->options.policy = mem_policy_default;
	k->options.policy.laws &= ~laws_off;
	k->options.planner = mem_planners;
	assert_non_null(mkdtemp(k->folder));
	assert_int_equal(setenv("VMB_RUN_DIR", k->folder, 1), 0);
	open_loop(&killed.base, &in_test_driver);
	memcpy(a.guest, killed.base.sample.guests[0].uuid, UUID_BYTES);
	a.from_kib = k->original_kib = killed.base.sample.guests[0].memory.actual_kib;
	a.to_kib = a.from_kib / 2;
	assert_int_equal(apply_actions(killed.base.host, killed.base.journal, NS_PER_S, &a, 1, &e),
	                 0);
	assert_int_equal(a.result, RESULT_DONE);
	mem_loop_done(&killed);
	open_loop(&k->l.base, &in_test_driver);
}

static void after_kill_done(struct after_kill *k)
{
	unlink(k->l.base.instance.lock_path);
	mem_loop_done(&k->l);
	assert_int_equal(rmdir(k->folder), 0);
	virConnectClose(k->keeps);
}

static uint64_t actual_kib(struct loop *l)
{
	struct error e;

	if (host_sample(l->host, LATE_MEMORY, &l->sample, &e) < 0 ||
	    host_sample_late(l->host, clock_mono_ns() + 10 * NS_PER_S, &l->sample, &e) < 0)
		fail_msg("%s", e.text);
	return l->sample.guests[0].memory.actual_kib;
}

static void see(struct mem_loop *l)
{
	struct error e;

	if (host_sample(l->base.host, LATE_MEMORY, &l->base.sample, &e) < 0 ||
	    host_sample_late(l->base.host, clock_mono_ns() + 10 * NS_PER_S, &l->base.sample, &e) <
	            0)
		fail_msg("%s", e.text);
	if (mem_loop_decide(&l->base, false, &e) < 0)
		fail_msg("%s", e.text);
}

/* All is put back, and nothing stands in the journal any more. */
static void expect_put_back(struct after_kill *k)
{
	struct error e;

	if (mem_loop_restore(&k->l.base, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(actual_kib(&k->l.base), k->original_kib);
	assert_int_equal(access(k->l.base.instance.journal_path, F_OK), -1);
}

/* Nor has it been started anew, with an original of its own, when it can be read again. */
static void a_guest_that_cannot_be_read_for_a_tick_is_the_same_afterwards(void **state)
{
	struct after_kill k;

	after_kill(&k, LAW_UPWARD);
	see(&k.l);
	vcpus_fail = true;
	see(&k.l);
	assert_true(k.l.base.sample.nr_unread == 1 && k.l.base.sample.nr_guests == 1);
	assert_true(k.l.base.sample.nr_vcpus == 0);
	vcpus_fail = false;
	see(&k.l);
	assert_int_equal(k.l.base.sample.nr_unread, 0);
	passed_s += 2 * MEM_BOOT_NS / NS_PER_S;
	see(&k.l);
	passed_s = 0;
	expect_put_back(&k);
	after_kill_done(&k);
}

static void a_guest_that_is_not_listed_for_a_tick_is_the_same_afterwards(void **state)
{
	struct after_kill k;

	after_kill(&k, LAW_UPWARD);
	see(&k.l);
	lists_nobody = 2; /* all, and those that do not run */
	passed_s = 61;    /* then it is asked again */
	see(&k.l);
	assert_int_equal(k.l.base.sample.nr_guests, 0);
	passed_s += 61;
	see(&k.l);
	assert_int_equal(k.l.base.sample.nr_guests, 1);
	passed_s += 2 * MEM_BOOT_NS / NS_PER_S;
	see(&k.l);
	passed_s = 0;
	expect_put_back(&k);
	after_kill_done(&k);
}

/* What one that was killed has promised has its room before others are given any: as long as a balloon rises, for a while. */
static void what_rises_after_a_kill_is_waited_for(void **state)
{
	static const struct {
		unsigned until;       /* so many readings */
		unsigned long unread; /* a bit for each that fails */
		unsigned infos;       /* before it is asked for */
	} rows[] = {{0, 0, 3},  {4, 0, 6}, {64, 0, 6},      {64, 1, 6},
	            {64, 2, 6}, {0, 2, 5}, {0, 0xfffff8, 3}};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct after_kill k;
		struct error e;

		after_kill(&k, LAW_UPWARD);
		infos = infos_at_order = 0;
		rises_kib = 1024;
		rises_until = rows[i].until;
		unread = rows[i].unread;
		if (mem_loop_restore(&k.l.base, &e) < 0)
			fail_msg("%s", e.text);
		rises_kib = unread = 0;
		assert_int_equal(k.l.base.nr_rising, 1); /* for longer than there is time */
		if (infos_at_order != rows[i].infos)
			fail_msg("row %zu: asked for after %u readings", i, infos_at_order);
		expect_put_back(&k);
		after_kill_done(&k);
	}
}

static void a_guest_that_ends_while_it_rises_is_not_waited_for(void **state)
{
	struct after_kill k;
	virDomainPtr domain;
	struct error e;

	after_kill(&k, LAW_UPWARD);
	rises_kib = 1024;
	ends_when_asked = true;
	if (mem_loop_restore(&k.l.base, &e) < 0)
		fail_msg("%s", e.text);
	ends_when_asked = false;
	rises_kib = 0;
	assert_int_equal(k.l.base.nr_rising, 0);
	assert_int_equal(access(k.l.base.instance.journal_path, F_OK), -1);
	domain = virDomainLookupByName(k.keeps, "test"); /* there again for other tests */
	assert_int_equal(virDomainCreate(domain), 0);
	virDomainFree(domain);
	after_kill_done(&k);
}

/* The test driver does not tell how much memory is free. */
static void a_killed_ones_balloon_waits_for_room(void **state)
{
	struct after_kill k;
	struct error e;
	unsigned quick;

	after_kill(&k, 0);
	assert_int_equal(mem_loop_restore(&k.l.base, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "the host has no room to give back"));
	assert_true(journal_holds(k.l.base.journal));
	assert_int_equal(actual_kib(&k.l.base), k.original_kib / 2);
	/* Where a round takes long there is no other: it is the end of the program that waits. */
	infos = 0;
	assert_int_equal(mem_loop_restore(&k.l.base, &e), -EAGAIN);
	quick = infos;
	infos = 0;
	each_takes_s = 3;
	assert_int_equal(mem_loop_restore(&k.l.base, &e), -EAGAIN);
	each_takes_s = passed_s = 0;
	assert_true(infos < quick);
	k.options.policy.laws &= ~LAW_UPWARD;
	expect_put_back(&k);
	after_kill_done(&k);
}

/* Where nothing can be noted, what would have to be put back is not done; and what is given is. */
static void without_a_journal_memory_is_given_and_nothing_taken(void **state)
{
	struct action acts[3] = {
	        {.kind = ACTION_BALLOON}, {.kind = ACTION_BALLOON}, {.kind = ACTION_PIN}};
	struct after_kill k;
	struct rlimit limit;
	struct error e;
	struct stat st;
	size_t i;

	after_kill(&k, 0);
	for (i = 0; i < 3; i++)
		memcpy(acts[i].guest, k.l.base.sample.guests[0].uuid, UUID_BYTES);
	acts[2].from = k.l.base.sample.vcpus[0].affinity;
	acts[2].to = cpuset_one((unsigned)cpuset_first(&acts[2].from));
	acts[0].from_kib = acts[1].from_kib = k.original_kib / 2;
	acts[0].to_kib = k.original_kib / 4;
	acts[0].guest[0] ^= 1; /* of one that does not stand there */

	/* No room for another line: a take of one that stands there needs none. */
	acts[1].to_kib = k.original_kib / 4;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(stat(k.l.base.instance.journal_path, &st), 0);
	getrlimit(RLIMIT_FSIZE, &limit);
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)st.st_size, limit.rlim_max});
	assert_true(apply_actions(k.l.base.host, k.l.base.journal, NS_PER_S, acts, 2, &e) < 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	assert_int_equal(acts[0].result, RESULT_NONE);
	assert_int_equal(acts[1].result, RESULT_DONE);
	assert_int_equal(actual_kib(&k.l.base), k.original_kib / 4);

	acts[1].to_kib = k.original_kib;
	assert_int_equal(unlink(k.l.base.instance.journal_path), 0);
	assert_int_equal(mkdir(k.l.base.instance.journal_path, 0700), 0);
	assert_true(apply_actions(k.l.base.host, k.l.base.journal, NS_PER_S, acts, 3, &e) < 0);
	assert_int_equal(acts[0].result, RESULT_NONE);
	assert_int_equal(acts[1].result, RESULT_DONE);
	assert_int_equal(acts[2].result, RESULT_NONE);
	assert_int_equal(actual_kib(&k.l.base), k.original_kib);
	rmdir(k.l.base.instance.journal_path);
	after_kill_done(&k);
}

/* Who is not in the list that was read last may be there all the same. */
static void without_a_list_the_journal_stays(void **state)
{
	struct after_kill k;
	struct error e;

	after_kill(&k, LAW_UPWARD);
	actual_kib(&k.l.base);
	list_fails = true;
	passed_s += 50; /* it is read anew after a while */
	assert_int_equal(mem_loop_restore(&k.l.base, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "who runs could not be read"));
	assert_true(journal_holds(k.l.base.journal));
	list_fails = false;
	passed_s = 0;
	expect_put_back(&k);
	after_kill_done(&k);

	/* Not even those known before: nothing is put back. Whoever is listed a moment later is put back. */
	after_kill(&k, LAW_UPWARD);
	actual_kib(&k.l.base);
	list_fails = true;
	passed_s += 50;
	actual_kib(&k.l.base);
	passed_s += 11;
	assert_true(mem_loop_restore(&k.l.base, &e) < 0);
	assert_int_equal(k.l.base.decision.nr_actions, 0);
	list_fails = false;
	passed_s += 60;
	lists_nobody = 1;
	expect_put_back(&k);
	assert_int_equal(lists_nobody, 0);
	passed_s = 0;
	after_kill_done(&k);
}

static void owner_sets(struct after_kill *k, uint64_t kib)
{
	struct error e;

	if (host_set_memory(k->l.base.host, k->l.base.sample.guests[0].uuid, kib,
	                    clock_mono_ns() + NS_PER_S, &e) < 0)
		fail_msg("%s", e.text);
}

/* An order of this run has been heard, and those of the one before are over. */
static void orders_something(struct after_kill *k)
{
	see(&k->l);
	mem_estimate_ordered(&k->l.estimate, 0, k->original_kib / 2, MEM_HEARD);
	passed_s += MEM_PROGRESS_NS / NS_PER_S + 1;
	see(&k->l);
}

/* What one that was killed had ordered may be obeyed at any time, where it could not be put back at the start. */
static void what_a_killed_one_ordered_is_no_owners_size(void **state)
{
	struct after_kill k;

	after_kill(&k, LAW_UPWARD);
	see(&k.l);
	owner_sets(&k, k.original_kib / 4);
	see(&k.l);
	expect_put_back(&k);
	after_kill_done(&k);
}

/* Nor is one that still rises by it while there is no room for the rest, which takes several rounds. */
static void what_rises_while_it_is_put_back_is_no_owners_size(void **state)
{
	struct after_kill k;
	struct error e;

	after_kill(&k, 0); /* nor does this host tell what room it has */
	infos = 0;
	rises_until = 64;
	rises_kib = 2 * MIB;
	assert_int_equal(mem_loop_restore(&k.l.base, &e), -EAGAIN);
	rises_kib = 0;
	k.options.policy.laws &= ~(unsigned)LAW_UPWARD;
	expect_put_back(&k);
	after_kill_done(&k);
}

/* What its owner has set since the last tick is put back as his; also where the disk has had no room to note it. */
static void an_owners_size_of_the_last_moment_is_his(void **state)
{
	struct rlimit limit;
	int noted;

	getrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_IGN);
	for (noted = 0; noted < 2; noted++) {
		struct after_kill k;
		struct error e;

		after_kill(&k, LAW_UPWARD);
		orders_something(&k);
		owner_sets(&k, k.original_kib / 4);
		setrlimit(RLIMIT_FSIZE,
		          &(struct rlimit){noted ? limit.rlim_cur : 14, limit.rlim_max});
		if (mem_loop_restore(&k.l.base, &e) < 0)
			fail_msg("%s", e.text);
		setrlimit(RLIMIT_FSIZE, &limit);
		assert_int_equal(actual_kib(&k.l.base), k.original_kib / 4);
		assert_int_equal(access(k.l.base.instance.journal_path, F_OK), -1);
		owner_sets(&k, k.original_kib);
		after_kill_done(&k);
		passed_s = 0;
	}
}

/* A take under way of a guest whose balloon cannot be read at the end: it is told nothing, as what it has is not known, and is owed. */
static void a_take_that_cannot_be_called_off_is_owed(void **state)
{
	struct after_kill k;
	const struct decision *d;
	struct error e;
	size_t i;

	after_kill(&k, LAW_UPWARD);
	orders_something(&k);
	mem_estimate_ordered(&k.l.estimate, 0, k.original_kib / 4, MEM_HEARD);
	d = &k.l.base.decision;
	memory_fails = true;
	assert_true(mem_loop_restore(&k.l.base, &e) < 0);
	memory_fails = false;
	for (i = 0; i < d->nr_actions; i++)
		if (d->actions[i].to_kib > k.original_kib)
			fail_msg("told to keep %llu KiB", (unsigned long long)d->actions[i].to_kib);
	assert_int_equal(access(k.l.base.instance.journal_path, F_OK), 0);
	expect_put_back(&k);
	after_kill_done(&k);
	passed_s = 0;
}

/* How often a guest reported before it was asked on a full disk is noted as soon as there is room, if that is still ours. */
static void a_period_that_could_not_be_noted_is_noted_later(void **state)
{
	enum {
		STAYS,
		OWNER_SETS_IT,
		STARTS_ANEW,
		NOT_DONE,
		WHYS
	};
	struct rlimit limit;
	int why;

	getrlimit(RLIMIT_FSIZE, &limit);
	signal(SIGXFSZ, SIG_IGN);
	for (why = 0; why < WHYS; why++) {
		struct after_kill k;
		struct sample_guest *g;
		struct action *a;
		struct error e;

		after_kill(&k, LAW_UPWARD);
		see(&k.l);
		g = &k.l.base.sample.guests[0];
		a = &k.l.base.decision.actions[0];
		*a = (struct action){.kind = ACTION_PERIOD,
		                     .to_s = 1,
		                     .result = why == NOT_DONE ? RESULT_REFUSED : RESULT_DONE};
		memcpy(a->guest, g->uuid, UUID_BYTES);
		k.l.subject[0] = SIZE_MAX;
		k.l.base.decision.nr_actions = 1;
		mem_loop_acted(&k.l.base);
		g->memory.period_s = why == OWNER_SETS_IT ? 7 : 1;
		g->instance += why == STARTS_ANEW;
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){14, limit.rlim_max});
		mem_loop_rebase(&k.l);
		setrlimit(RLIMIT_FSIZE, &limit);
		assert_false(journal_knows(k.l.base.journal, a));
		g->memory.period_s = 1;
		mem_loop_rebase(&k.l);
		assert_int_equal(journal_knows(k.l.base.journal, a), why == STAYS);
		owner_sets(&k, k.original_kib);
		assert_int_equal(journal_remove(k.l.base.journal, &e), 0);
		after_kill_done(&k);
		passed_s = 0;
	}
}

/* Whoever has moved the balloon of a guest that we have not: nothing of it is noted, nor is what is kept taken up again. */
static void an_owners_size_of_what_is_not_ours_is_not_noted(void **state)
{
	struct after_kill k;
	struct action a = {.kind = ACTION_BALLOON};
	struct error e;

	after_kill(&k, LAW_UPWARD);
	see(&k.l);
	assert_int_equal(journal_keep(k.l.base.journal, &e), 0);
	owner_sets(&k, k.original_kib / 4);
	see(&k.l);
	assert_true(journal_kept(k.l.base.journal));
	assert_int_equal(journal_remove(k.l.base.journal, &e), 0);
	see(&k.l);
	owner_sets(&k, k.original_kib);
	see(&k.l);
	memcpy(a.guest, k.l.base.sample.guests[0].uuid, UUID_BYTES);
	assert_false(journal_knows(k.l.base.journal, &a));
	after_kill_done(&k);
}

/* News come when they come: until the guest is there, in another life than `instance`. */
static void see_it_again(struct mem_loop *l, uint32_t instance)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		see(l);
		if (l->base.sample.nr_guests && l->base.sample.guests[0].instance != instance)
			return;
		usleep(10000);
	}
	fail_msg("the guest does not come back");
}

/*
 * What stood before it was saved is known when it is back, so that its owner's size after that is seen as his. One that is less than what
 * it had before may be of an older file, when less was taken, and does not count.
 */
static void an_owners_size_of_a_guest_that_was_saved_is_his(void **state)
{
	uint64_t quarters;

	for (quarters = 3; quarters <= 5; quarters += 2) {
		struct after_kill k;
		virDomainPtr guest;
		uint32_t instance;
		uint64_t before_kib;
		char saved[sizeof(k.folder) + 8];

		after_kill(&k, LAW_UPWARD);
		before_kib = k.original_kib;
		guest = virDomainLookupByName(k.keeps, "test");
		snprintf(saved, sizeof(saved), "%s/saved", k.folder);
		orders_something(&k);
		instance = k.l.base.sample.guests[0].instance;
		assert_int_equal(virDomainSave(guest, saved), 0);
		assert_int_equal(virDomainRestore(k.keeps, saved), 0);
		unlink(saved);
		see_it_again(&k.l, instance);
		assert_int_equal(k.l.base.sample.guests[0].start, START_RESTORED);
		owner_sets(&k, before_kib / 4 * quarters);
		see(&k.l);
		owner_sets(&k, before_kib / 2); /* as we take it again */
		if (quarters > 4)
			k.original_kib = before_kib / 4 * quarters;
		expect_put_back(&k);
		owner_sets(&k, before_kib);
		virDomainFree(guest);
		after_kill_done(&k);
		passed_s = 0;
	}
}

/* What is seen of an owner's raise may be a part of it, as vmb-mem gives at the same time: it lowers no original. */
static void an_owners_raise_lowers_no_original(void **state)
{
	uint64_t quarters;

	for (quarters = 3; quarters <= 5; quarters += 2) {
		struct after_kill k;
		uint64_t before_kib;

		after_kill(&k, LAW_UPWARD);
		before_kib = k.original_kib;
		orders_something(&k);
		owner_sets(&k, before_kib / 4 * quarters);
		see(&k.l);
		owner_sets(&k, before_kib / 2); /* as we take it again */
		see(&k.l);
		if (quarters > 4)
			k.original_kib = before_kib / 4 * quarters;
		expect_put_back(&k);
		owner_sets(&k, before_kib);
		after_kill_done(&k);
		passed_s = 0;
	}
}

/* As long as the journal is kept it is not noted, and does not outlive the guest that has it. */
static void an_owners_size_ends_with_the_life_that_he_gave_it_to(void **state)
{
	struct after_kill k;
	virDomainPtr guest;
	uint32_t instance;
	struct error e;

	after_kill(&k, LAW_UPWARD);
	guest = virDomainLookupByName(k.keeps, "test");
	orders_something(&k);
	assert_int_equal(journal_keep(k.l.base.journal, &e), 0);
	owner_sets(&k, k.original_kib / 4);
	see(&k.l);
	assert_int_equal(mem_loop_original(&k.l, &k.l.base.sample.guests[0]), k.original_kib / 4);
	instance = k.l.base.sample.guests[0].instance;
	assert_int_equal(virDomainDestroy(guest), 0);
	assert_int_equal(virDomainCreate(guest), 0);
	see_it_again(&k.l, instance);
	assert_int_equal(mem_loop_original(&k.l, &k.l.base.sample.guests[0]), 0);
	assert_int_equal(journal_remove(k.l.base.journal, &e), 0);
	owner_sets(&k, k.original_kib);
	virDomainFree(guest);
	after_kill_done(&k);
}

/* A give whose call failed may be under way, or not: it is asked for again. One that was heard is not. */
static void what_may_not_have_been_heard_is_asked_for_again(void **state)
{
	int heard;

	for (heard = 0; heard < 2; heard++) {
		struct after_kill k;
		struct error e;

		after_kill(&k, LAW_UPWARD);
		see(&k.l);
		mem_estimate_ordered(&k.l.estimate, 0, k.original_kib,
		                     heard ? MEM_HEARD : MEM_PERHAPS);
		/* That the next one is refused tells nothing of it. */
		mem_estimate_ordered(&k.l.estimate, 0, k.original_kib, MEM_REFUSED);
		if (mem_loop_restore(&k.l.base, &e) < 0)
			fail_msg("%s", e.text);
		assert_int_equal(actual_kib(&k.l.base), k.original_kib / (heard ? 2 : 1));
		/* As long as it has not arrived, what it had is noted for the next process, which would take what it finds for that. */
		assert_int_equal(k.l.base.nr_rising, heard);
		assert_int_equal(access(k.l.base.instance.journal_path, F_OK), heard ? 0 : -1);
		owner_sets(&k, k.original_kib);
		expect_put_back(&k);
		after_kill_done(&k);
	}
}

/* Whatever is refused: what is not put back yet stands in the journal, and the next attempt puts it back. */
static void without_memory_a_balloon_is_put_back_later(void **state)
{
	bool reached = true;
	size_t failed = 0;
	int n;

	for (n = 0; reached; n++) {
		struct after_kill k;
		struct error e;
		int r;

		after_kill(&k, LAW_UPWARD);
		requests_left = n;
		r = mem_loop_restore(&k.l.base, &e);
		reached = requests_left < 0;
		requests_left = -1;
		if (r < 0) {
			assert_true(reached);
			if (!strstr(e.text, "memory") && !strstr(e.text, "--restore"))
				fail_msg("after request %d: %s", n, e.text);
			assert_true(journal_holds(k.l.base.journal));
			failed++;
			expect_put_back(&k);
		}
		assert_int_equal(actual_kib(&k.l.base), k.original_kib);
		assert_int_equal(access(k.l.base.instance.journal_path, F_OK), -1);
		after_kill_done(&k);
	}
	print_message("%zu of %d refusals kept it from being put back at once\n", failed, n - 1);
	assert_true(failed >= 5 || !can_refuse());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(without_a_list_those_known_are_read_for_a_minute),
	        cmocka_unit_test(a_guest_whose_configuration_cannot_be_read_is_its_owners),
	        cmocka_unit_test(a_guest_that_cannot_be_read_keeps_its_pins_in_the_journal),
	        cmocka_unit_test(a_guest_that_cannot_be_read_keeps_its_balloon_in_the_journal),
	        cmocka_unit_test(a_take_of_one_that_was_killed_is_called_off),
	        cmocka_unit_test(a_give_of_one_that_was_killed_goes_on),
	        cmocka_unit_test(what_rises_after_a_kill_is_waited_for),
	        cmocka_unit_test(a_guest_that_ends_while_it_rises_is_not_waited_for),
	        cmocka_unit_test(a_killed_ones_balloon_waits_for_room),
	        cmocka_unit_test(a_guest_that_cannot_be_read_for_a_tick_is_the_same_afterwards),
	        cmocka_unit_test(a_guest_that_is_not_listed_for_a_tick_is_the_same_afterwards),
	        cmocka_unit_test(without_a_journal_memory_is_given_and_nothing_taken),
	        cmocka_unit_test(without_a_list_the_journal_stays),
	        cmocka_unit_test(what_a_killed_one_ordered_is_no_owners_size),
	        cmocka_unit_test(what_rises_while_it_is_put_back_is_no_owners_size),
	        cmocka_unit_test(an_owners_size_of_the_last_moment_is_his),
	        cmocka_unit_test(a_take_that_cannot_be_called_off_is_owed),
	        cmocka_unit_test(a_period_that_could_not_be_noted_is_noted_later),
	        cmocka_unit_test(an_owners_size_of_what_is_not_ours_is_not_noted),
	        cmocka_unit_test(an_owners_size_of_a_guest_that_was_saved_is_his),
	        cmocka_unit_test(an_owners_raise_lowers_no_original),
	        cmocka_unit_test(an_owners_size_ends_with_the_life_that_he_gave_it_to),
	        cmocka_unit_test(what_may_not_have_been_heard_is_asked_for_again),
	        cmocka_unit_test(without_memory_a_balloon_is_put_back_later),
	};

	return check_all(tests);
}
