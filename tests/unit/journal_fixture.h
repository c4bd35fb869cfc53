/* journal_fixture - what the tests of the journal share: a folder for it, changes, a small host to put back on */
#ifndef VMB_TESTS_UNIT_JOURNAL_FIXTURE_H
#define VMB_TESTS_UNIT_JOURNAL_FIXTURE_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/journal.h"
#include "tests/unit/check.h"

#define UNUSED __attribute__((unused))

static char folder[] = "/tmp/vmb-journal-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/journal", folder);
	return 0;
}

static int tear_down(void **state)
{
	unlink(path);
	return rmdir(folder);
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static UNUSED struct action pin(uint8_t guest, uint32_t vcpu, const char *from, const char *to)
{
	struct action a = {.kind = ACTION_PIN, .vcpu = vcpu, .name = "guest"};

	a.guest[0] = guest;
	assert_int_equal(cpuset_parse(from, &a.from), 0);
	assert_int_equal(cpuset_parse(to, &a.to), 0);
	return a;
}

/* A host with two guests of two vCPUs each, with these affinities. */
static UNUSED void sample_with(struct sample *s, const char *const affinities[4])
{
	uint8_t uuid[UUID_BYTES] = {0};
	size_t i;

	sample_init(s);
	cpuset_parse("0-3", &s->online);
	s->usable = s->online;
	for (i = 0; i < 4; i++) {
		uuid[0] = (uint8_t)(i / 2 + 1);
		if (i % 2 == 0)
			sample_add_guest(s, uuid, "guest")->start = START_BOOTED;
		cpuset_parse(affinities[i], &sample_add_vcpu(s, i % 2)->affinity);
	}
	assert_int_equal(sample_sort(s), 0);
}

static UNUSED struct journal *reopen(void)
{
	struct journal *j = NULL;
	struct error e;

	if (journal_open(path, &j, &e) < 0)
		fail_msg("%s", e.text);
	return j;
}

static UNUSED void expect_restores(const char *const affinities[4], size_t nr, const char *first)
{
	struct journal *j = reopen();
	struct action *actions = NULL;
	char text[CPUSET_TEXT];
	struct sample s;
	size_t n = 99;

	sample_with(&s, affinities);
	assert_int_equal(journal_restores(j, &s, &actions, &n, NULL), 0);
	assert_int_equal(n, nr);
	if (n)
		assert_string_equal(cpuset_text(&actions[0].to, text, sizeof(text)), first);
	free(actions);
	sample_done(&s);
	journal_close(j);
}

static UNUSED void note(const struct action *actions, size_t nr)
{
	struct journal *j = reopen();

	assert_int_equal(journal_note(j, actions, nr, NULL), 0);
	journal_close(j);
}

static UNUSED void note_found(const struct action *a)
{
	struct journal *j = reopen();

	assert_int_equal(journal_note_found(j, a, NULL), 0);
	journal_close(j);
}

static UNUSED struct action balloon(uint8_t guest, uint64_t from_kib, uint64_t to_kib)
{
	struct action a = {
	        .kind = ACTION_BALLOON, .name = "a guest", .from_kib = from_kib, .to_kib = to_kib};

	a.guest[0] = guest;
	return a;
}

static UNUSED struct action period(uint8_t guest, uint32_t from_s, uint32_t to_s)
{
	struct action a = {
	        .kind = ACTION_PERIOD, .name = "a guest", .from_s = from_s, .to_s = to_s};

	a.guest[0] = guest;
	return a;
}

static UNUSED off_t size_of_file(void)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : st.st_size;
}

static unsigned seed;

static UNUSED unsigned pick(unsigned nr)
{
	seed = seed * 1103515245 + 12345;
	return seed / 65536 % nr;
}

#endif
