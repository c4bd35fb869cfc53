/* restore_test - a balancer that is killed at any moment: what it had changed is put back by the next one, all of it */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "balancer/apply.h"
#include "balancer/journal.h"
#include "collector/host_ops.h"
#include "common/clock.h"
#include "tests/unit/check.h"

enum {
	GUESTS = 6,
	VCPUS = 2,
	PCPUS = 8
};

/* The last moment of a kill: a line of the journal is on disk after 1 to 10 ms, and where it takes longer after six. */
#define LEAST_US  60000
#define LATEST_OF 6
static unsigned latest_us = LEAST_US;

/* As the first argument says. */
static unsigned nr_kills = 50;

/* Guests that outlive the one who balances them. Each change is one store, of which a kill leaves no half. */
struct guests {
	uint64_t affinity[GUESTS][VCPUS]; /* a bit for each pCPU */
	uint64_t actual_kib[GUESTS];
	uint32_t period_s[GUESTS];
	unsigned changes;
};

struct shared_host {
	struct host host;
	struct guests *guests;
};

static uint64_t bits_of(const struct cpuset *set)
{
	uint64_t bits = 0;
	unsigned i;

	for (i = 0; i < PCPUS; i++)
		bits |= (uint64_t)cpuset_has(set, i) << i;
	return bits;
}

static struct cpuset set_of(uint64_t bits)
{
	struct cpuset set = {0};
	unsigned i;

	for (i = 0; i < PCPUS; i++)
		if (bits >> i & 1)
			cpuset_add(&set, i);
	return set;
}

static struct guests *guests_of(struct host *h)
{
	struct guests *g = ((struct shared_host *)h)->guests;

	g->changes++;
	return g;
}

/* The last byte of a UUID is the guest's number. */
static int shared_pin(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                      const struct cpuset *mask, uint64_t deadline_ns, struct error *e)
{
	guests_of(h)->affinity[guest[UUID_BYTES - 1]][vcpu] = bits_of(mask);
	return 0;
}

static int shared_affinity(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                           struct cpuset *mask, struct error *e)
{
	*mask = set_of(((struct shared_host *)h)->guests->affinity[guest[UUID_BYTES - 1]][vcpu]);
	return 0;
}

static int shared_memory(struct host *h, const uint8_t guest[UUID_BYTES], uint64_t kib,
                         uint64_t deadline_ns, struct error *e)
{
	guests_of(h)->actual_kib[guest[UUID_BYTES - 1]] = kib;
	return 0;
}

static int shared_period(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                         uint64_t deadline_ns, struct error *e)
{
	guests_of(h)->period_s[guest[UUID_BYTES - 1]] = period_s;
	return 0;
}

static uint64_t shared_now_ns(struct host *h)
{
	return clock_mono_ns();
}

static const struct host_ops shared_ops = {
        .pin = shared_pin,
        .affinity = shared_affinity,
        .set_memory = shared_memory,
        .set_period = shared_period,
        .now_ns = shared_now_ns,
};

static void begin(struct guests *g)
{
	unsigned i, v;

	memset(g, 0, sizeof(*g));
	for (i = 0; i < GUESTS; i++) {
		for (v = 0; v < VCPUS; v++)
			g->affinity[i][v] = i % 2 ? 0xff : 0x3c;
		g->actual_kib[i] = 1024 + 256 * i;
		g->period_s[i] = i % 3;
	}
}

static void look(const struct guests *g, struct sample *s)
{
	uint8_t uuid[UUID_BYTES] = {0};
	unsigned i, v;

	sample_init(s);
	cpuset_parse("0-7", &s->online);
	s->usable = s->online;
	for (i = 0; i < GUESTS; i++) {
		struct sample_guest *guest;

		uuid[UUID_BYTES - 1] = (uint8_t)i;
		guest = sample_add_guest(s, uuid, "guest");
		guest->memory.maximum_kib = 4096;
		guest->balloon = BALLOON_READY;
		guest->memory.actual_kib = g->actual_kib[i];
		guest->memory.period_s = g->period_s[i];
		for (v = 0; v < VCPUS; v++)
			sample_add_vcpu(s, v)->affinity = set_of(g->affinity[i][v]);
	}
	assert_int_equal(sample_sort(s), 0);
}

/* What a balancer does all day, only faster; until it is killed. */
static void balance(struct host *h, struct journal *j, unsigned seed)
{
	struct guests *g = ((struct shared_host *)h)->guests;
	struct action actions[4];
	struct error e;
	unsigned i, nr, first;

	for (;;) {
		first = (unsigned)rand_r(&seed);
		nr = 1 + (unsigned)rand_r(&seed) % 4;
		for (i = 0; i < nr; i++) {
			struct action *a = &actions[i];
			unsigned guest = (first + i) % GUESTS; /* no plan changes a thing twice */

			*a = (struct action){.kind = ACTION_PIN, .name = "guest"};
			a->guest[UUID_BYTES - 1] = (uint8_t)guest;
			switch (rand_r(&seed) % 4) {
			case 0:
				a->kind = ACTION_BALLOON;
				a->from_kib = g->actual_kib[guest];
				a->to_kib = rand_r(&seed) % 4 ? 512 + (unsigned)rand_r(&seed) % 3000
				                              : a->from_kib; /* as what withdraws */
				break;
			case 1:
				a->kind = ACTION_PERIOD;
				a->from_s = g->period_s[guest];
				a->to_s = 1;
				break;
			default:
				a->vcpu = (unsigned)rand_r(&seed) % VCPUS;
				a->from = set_of(g->affinity[guest][a->vcpu]);
				a->to = cpuset_one((unsigned)rand_r(&seed) % PCPUS);
			}
		}
		if (apply_actions(h, j, NS_PER_S, actions, nr, &e) < 0)
			_exit(1);
	}
}

static char folder[] = "/tmp/vmb-restore-XXXXXX", path[64];

/* What the next start, or --restore, does. Returns how many actions that took. */
static size_t put_back(struct shared_host *h)
{
	struct action *actions = NULL;
	struct journal *j = NULL;
	struct sample now;
	struct error e;
	size_t nr, i;

	if (journal_open(path, &j, &e) < 0)
		fail_msg("%s", e.text);
	look(h->guests, &now);
	assert_int_equal(journal_restores(j, &now, &actions, &nr, &e), 0);
	assert_int_equal(apply_actions(&h->host, NULL, NS_PER_S, actions, nr, &e), 0);
	for (i = 0; i < nr; i++)
		assert_int_equal(actions[i].result, RESULT_DONE);
	if (journal_holds(j))
		assert_int_equal(journal_remove(j, &e), 0);
	journal_close(j);
	sample_done(&now);
	free(actions);
	return nr;
}

/* One balancer, killed after so many microseconds, perhaps while it begins. Returns how many changes it had made. */
static unsigned kill_one(struct shared_host *h, unsigned seed, bool noted)
{
	struct journal *j = NULL;
	struct error e;
	int status;
	pid_t pid;

	h->guests->changes = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		if (noted)
			put_back(h);
		if (noted && journal_open(path, &j, &e) < 0)
			_exit(1);
		balance(&h->host, j, seed);
	}
	usleep((unsigned)rand_r(&seed) % latest_us);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	return h->guests->changes;
}

/* Things of guests that are not what they were. */
static unsigned differing(const struct guests *now, const struct guests *before)
{
	unsigned i, v, n = 0;

	for (i = 0; i < GUESTS; i++) {
		for (v = 0; v < VCPUS; v++)
			n += now->affinity[i][v] != before->affinity[i][v];
		n += now->actual_kib[i] != before->actual_kib[i];
		n += now->period_s[i] != before->period_s[i];
	}
	return n;
}

static struct shared_host new_host(void)
{
	struct shared_host h = {.host = {&shared_ops, HOST_READ_WRITE}};

	h.guests = mmap(NULL, sizeof(*h.guests), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	assert_true(h.guests != MAP_FAILED);
	return h;
}

/* Every other time the next one is killed as well: it begins with putting back what the first one left. */
static void killed_at_any_moment_all_is_put_back(void **state)
{
	struct shared_host h = new_host();
	unsigned i, left, made, early = 0, lost = 0, whole = 0;
	unsigned long changes = 0;
	struct guests before;

	begin(&before);
	for (i = 1; i <= nr_kills; i++) {
		begin(h.guests);
		made = kill_one(&h, i, true);
		if (i % 2)
			made += kill_one(&h, i + nr_kills, true);
		changes += made;
		early += !made;
		put_back(&h);
		left = differing(h.guests, &before);
		lost += left;
		whole += !left;
		if (put_back(&h))
			fail_msg("kill %u: putting back twice changes something", i);
	}
	print_message("# %lu changes; %u were killed before the first\n", changes, early);
	print_message("# fault: balancer killed, its changes put back; injected %u; survived %u; "
	              "lost %u originals\n",
	              nr_kills, whole, lost);
	munmap(h.guests, sizeof(*h.guests));
	assert_int_equal(lost, 0);
	assert_true(changes > nr_kills);
}

static void without_a_journal_it_would_not_be(void **state)
{
	struct shared_host h = new_host();
	struct guests before;
	unsigned i, left = 0;

	begin(&before);
	for (i = 1; i <= 20 && !left; i++) {
		begin(h.guests);
		kill_one(&h, i, false);
		put_back(&h);
		left = differing(h.guests, &before);
	}
	munmap(h.guests, sizeof(*h.guests));
	assert_true(left > 0);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* How long this disk takes for a line, of the fastest of three. */
static void ask_disk(void)
{
	int fd = open(path, O_CREAT | O_WRONLY, 0600), i;
	uint64_t begin_ns, least_ns = UINT64_MAX;

	for (i = 0; i < 3; i++) {
		begin_ns = clock_mono_ns();
		if (write(fd, "a line\n", 7) == 7 && !fdatasync(fd))
			least_ns = least(least_ns, clock_mono_ns() - begin_ns);
	}
	close(fd);
	unlink(path);
	if (least_ns != UINT64_MAX && LATEST_OF * least_ns / 1000 > latest_us)
		latest_us = (unsigned)(LATEST_OF * least_ns / 1000);
}

static int make_folder(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/journal", folder);
	ask_disk();
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path); /* one that was killed before its first line leaves an empty one */
	return rmdir(folder);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(killed_at_any_moment_all_is_put_back),
	        cmocka_unit_test(without_a_journal_it_would_not_be),
	};

	if (argc > 1)
		nr_kills = (unsigned)atoi(argv[1]);
	return cmocka_run_group_tests_name(__FILE__, tests, make_folder, remove_folder);
}
