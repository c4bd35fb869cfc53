/* journal_test - what is noted can be put back, whatever happened in between */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "balancer/journal_line.h"
#include "tests/unit/journal_fixture.h"

static void the_first_affinity_is_put_back(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(2, 1, "0", "3")};

	note(actions, 3);
	expect_restores((const char *[4]){"2", "0-3", "0-3", "3"}, 2, "0-3");
}

static void a_change_of_a_run_before_may_come_yet(void **state)
{
	struct action a[] = {pin(1, 0, "0-3", "1"), pin(2, 0, "0-3", "1")}, *back,
	              partly_offline = pin(1, 0, "2-5", "1");
	struct journal *j;
	struct sample s;
	size_t nr;

	note(&a[0], 1);
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 0, NULL); /* someone else's */
	unlink(path);
	note(&partly_offline, 1);
	expect_restores((const char *[4]){"2-3", "0-3", "0-3", "0-3"}, 0, NULL);
	unlink(path);
	note(&a[0], 1);
	/* Of one's own one knows. */
	j = reopen();
	assert_int_equal(journal_note(j, &a[1], 1, NULL), 0);
	sample_with(&s, (const char *[4]){"0-3", "0-3", "0-3", "0-3"});
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 0);
	free(back);
	sample_done(&s);
	journal_close(j);
}

static void a_crash_between_two_changes_still_restores(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2")};

	note(actions, 2);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1,
	                "0-3"); /* the second was not made */
}

static void what_someone_else_changed_since_is_theirs(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");

	note(&a, 1);
	expect_restores((const char *[4]){"2-3", "0-3", "0-3", "0-3"}, 0, NULL);
}

/* Also to where we had it once: a line that found it elsewhere by our hand has ruled that out. */
static void where_it_once_was_by_us_is_theirs_too(void **state)
{
	struct action moves[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(1, 0, "2", "3")};
	struct action again = pin(1, 0, "1", "2");

	note(moves, 3);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 0, NULL);
	expect_restores((const char *[4]){"3", "0-3", "0-3", "0-3"}, 1, "0-3");
	note(&again, 1); /* its owner has put it on 1, and we have moved it */
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 1, "1");
}

/* While orders fail nobody knows which of them will be heard: any may be, and whoever was rules out those before. */
static void what_may_still_be_heard_is_ours(void **state)
{
	struct action tries[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "0-3", "2"),
	                         pin(1, 0, "0-3", "3")};
	struct action next = pin(1, 0, "2", "0");
	static const char *const heard[] = {"1", "2", "3"};
	size_t i;

	note(tries, 3);
	for (i = 0; i < 3; i++)
		expect_restores((const char *[4]){heard[i], "0-3", "0-3", "0-3"}, 1, "0-3");
	note(&next, 1); /* the second was heard */
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 0, NULL);
	for (i = 1; i < 3; i++)
		expect_restores((const char *[4]){heard[i], "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_restores((const char *[4]){"0", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void what_the_kernel_gave_for_our_pcpu_is_put_back(void **state)
{
	struct action a = pin(1, 0, "2", "7"); /* the host has 0-3 now */
	struct action *back;
	struct journal *j;
	struct sample s;
	size_t nr;

	note(&a, 1);
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 1, "2");
	expect_restores((const char *[4]){"0-1", "0-3", "0-3", "0-3"}, 0, NULL);
	/* Not where nobody tells which are online. */
	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.online = (struct cpuset){0};
	j = reopen();
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 0);
	free(back);
	journal_close(j);
	sample_done(&s);
}

/* Its owner narrows it while we balance, and we move it within that. */
static void what_its_owner_gave_it_meanwhile_is_put_back(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"),
	                           pin(1, 0, "2-3", "3"), pin(1, 0, "3", "2")};

	note(actions, 4);
	expect_restores((const char *[4]){"2", "0-3", "0-3", "0-3"}, 1, "2-3");
}

static void note_online(const char *list, const struct action *actions, size_t nr)
{
	struct journal *j = reopen();
	struct sample now;

	sample_init(&now);
	assert_int_equal(cpuset_parse(list, &now.online), 0);
	journal_sees(j, &now);
	assert_int_equal(journal_note(j, actions, nr, NULL), 0);
	journal_close(j);
}

static void one_that_floated_floats_also_on_pcpus_that_came_since(void **state)
{
	struct action a = pin(1, 0, "0-2", "1");

	note_online("0-2", &a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void pcpus_that_the_kernel_gave_for_lost_ones_are_no_original(void **state)
{
	struct action before = pin(1, 0, "1-3", "3"), after = pin(1, 0, "0-2", "1");

	note_online("0-3", &before, 1);
	note_online("0-2", &after, 1); /* pCPU 3 is gone */
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "1-3");
}

static void a_guest_that_is_gone_is_left_out(void **state)
{
	struct action a = pin(7, 0, "0-3", "1");

	note(&a, 1);
	expect_restores((const char *[4]){"1", "1", "1", "1"}, 0, NULL);
}

static void pcpus_that_went_offline_are_left_out_of_the_mask(void **state)
{
	struct action actions[] = {pin(1, 0, "2-9", "1")};

	note(actions, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "2-3");
}

static void an_original_that_is_offline_altogether_becomes_all(void **state)
{
	struct action actions[] = {pin(1, 0, "8", "1")};

	note(actions, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

static void restoring_twice_changes_nothing(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;

	note(&a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_restores((const char *[4]){"0-3", "0-3", "0-3", "0-3"}, 1, "0-3");
	j = reopen();
	assert_int_equal(journal_remove(j, NULL), 0);
	assert_false(journal_holds(j));
	journal_close(j);
	assert_int_equal(access(path, F_OK), -1);
}

static void pins_to_keep_are_marked_until_the_next_change(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(1, 1, "0-3", "2");
	struct journal *j;

	note(&a, 1);
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_holds(j) && journal_kept(j));
	journal_close(j);
	note(&b, 1);
	j = reopen();
	assert_false(journal_kept(j));
	journal_close(j);
	expect_restores((const char *[4]){"1", "2", "0-3", "0-3"}, 2, "0-3");
}

/* Of three pCPUs in a row two: no other list is as long. */
static void the_longest_lists_of_pcpus_are_read_as_written(void **state)
{
	struct action a = {.kind = ACTION_PIN, .name = "guest"}, read;
	struct journal *j = reopen();
	static char line[JOURNAL_LINE];
	struct error e;
	unsigned i;

	for (i = 0; i < PCPU_MAX; i++)
		cpuset_add(i % 3 < 2 ? &a.from : &a.to, i);
	for (i = 0; i < PCPU_MAX; i += 3)
		cpuset_add(&a.to, i);
	assert_int_equal(journal_note(j, &a, 1, &e), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_holds(j));
	journal_close(j);
	journal_line_write(&a, line);
	line[strlen(line) - 1] = '\0';
	assert_int_equal(journal_line_read(line, &read), 0);
	assert_true(cpuset_equal(&read.from, &a.from) && cpuset_equal(&read.to, &a.to));
}

/* Lines as such, on a host that does not have what they are about. */
static void of_what_is_not_there_nothing_is_put_back(void **state)
{
	struct action a = pin(1, 7, "0-3", "1"), restore;
	struct action period = {.kind = ACTION_PERIOD, .name = "guest", .from_s = 5, .to_s = 1};
	struct sample s;

	sample_with(&s, (const char *[4]){"1", "0-3", "0-3", "0-3"});
	assert_false(journal_line_restore(&a, &s, &restore));
	period.guest[0] = 9;
	assert_false(journal_line_restore(&period, &s, &restore));
	period.guest[0] = 1; /* its period is not told */
	assert_false(journal_line_restore(&period, &s, &restore));
	sample_done(&s);
}

static void what_puts_back_has_no_line(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	static char line[JOURNAL_LINE];
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		a.kind = ACTION_RESTORE;
		journal_line_write(&a, line);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void a_name_cannot_forge_a_line(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j;

	strcpy(a.name, "x\npin 00000000-0000-0000-0000-000000000000 0 0 1 y");
	note(&a, 1);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	j = reopen();
	journal_close(j);
}

/* ---- balloons and periods ---- */

/* What would be put back on a host where guest 1 has this balloon and period: "512>700 1>0", "" for nothing. */
static void expect_memory_back(uint64_t actual_kib, uint64_t period_s, const char *expected)
{
	struct journal *j = reopen();
	struct action *actions = NULL;
	uint8_t uuid[UUID_BYTES] = {1};
	struct sample_guest *g;
	struct sample s;
	char text[128] = "";
	size_t n, i, used = 0;

	sample_init(&s);
	g = sample_add_guest(&s, uuid, "a guest");
	g->memory.actual_kib = actual_kib;
	g->memory.maximum_kib = 2048;
	g->memory.period_s = period_s;
	assert_int_equal(journal_restores(j, &s, &actions, &n, NULL), 0);
	for (i = 0; i < n; i++) {
		const struct action *a = &actions[i];
		bool is_balloon = a->kind == ACTION_BALLOON_RESTORE;

		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d>%d", i ? " " : "",
		                         is_balloon ? (int)a->from_kib : (int)a->from_s,
		                         is_balloon ? (int)a->to_kib : (int)a->to_s);
	}
	if (strcmp(text, expected) != 0)
		fail_msg("'%s', expected '%s'", text, expected);
	free(actions);
	sample_done(&s);
	journal_close(j);
}

static void the_first_size_of_a_balloon_is_put_back(void **state)
{
	struct action actions[] = {balloon(1, 700, 600), balloon(1, 600, 500), balloon(2, 9, 8)};

	note(actions, 3);
	expect_memory_back(500, 1, "500>700");
	expect_memory_back(550, 1, "550>700"); /* an order was under way */
	expect_memory_back(700, 1, "");
	expect_memory_back(900, 1,
	                   "900>700"); /* whether to shrink it is not the journal's matter */
	expect_memory_back(UNKNOWN, 1, "");
}

static void an_original_above_what_the_guest_boots_with_now_is_cut(void **state)
{
	struct action a = balloon(1, 5000, 600);

	note(&a, 1);
	expect_memory_back(600, 1, "600>2048");
}

static void what_someone_else_sets_is_the_original_from_then_on(void **state)
{
	struct action before = balloon(1, 700, 600), theirs = balloon(1, 650, 650),
	              after = balloon(1, 650, 500);

	note(&before, 1);
	note_found(&theirs);
	note(&after, 1);
	expect_memory_back(500, 1, "500>650");
}

/* A withdrawal of a take that was obeyed late. */
static void an_order_for_what_is_there_tells_no_original(void **state)
{
	struct action take = balloon(1, 700, 600), withdrawal = balloon(1, 600, 600);
	struct journal *j;

	note(&take, 1);
	note(&withdrawal, 1);
	expect_memory_back(600, 1, "600>700");
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	assert_int_equal(journal_note(j, &withdrawal, 1, NULL), 0);
	assert_true(journal_kept(j)); /* nothing was changed */
	assert_int_equal(journal_note(j, &take, 1, NULL), 0);
	assert_false(journal_kept(j));
	journal_close(j);
	expect_memory_back(600, 1, "600>700");
	unlink(path);
	note(&withdrawal, 1);
	expect_memory_back(500, 1, "500>600");
}

static void a_balloon_that_moves_all_day_has_one_line(void **state)
{
	struct action actions[] = {balloon(1, 700, 600), balloon(1, 600, 500)};
	struct stat first, later;
	struct journal *j;
	int i;

	note(actions, 1);
	assert_int_equal(stat(path, &first), 0);
	j = reopen();
	for (i = 0; i < 100; i++)
		assert_int_equal(journal_note(j, &actions[i % 2], 1, NULL), 0);
	journal_close(j);
	assert_int_equal(stat(path, &later), 0);
	assert_int_equal(later.st_size, first.st_size);
}

static void balloons_to_keep_are_marked_until_the_next_order(void **state)
{
	struct action a = balloon(1, 700, 600);
	struct journal *j;

	note(&a, 1);
	j = reopen();
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	note(&a, 1);
	j = reopen();
	assert_false(journal_kept(j));
	journal_close(j);
	expect_memory_back(600, 1, "600>700");
}

static void a_period_is_put_back_while_it_is_ours(void **state)
{
	struct action actions[] = {period(1, 0, 1), period(1, 5, 1)};

	note(actions, 1);
	expect_memory_back(600, 1, "1>0");
	expect_memory_back(600, 5, "");
	expect_memory_back(600, UNKNOWN, "");
	note(actions,
	     2); /* someone set it to 5, and it was set again: the first one is the original */
	expect_memory_back(600, 1, "1>0");
}

static void of_a_guest_that_is_gone_no_period_is_put_back(void **state)
{
	struct action actions[] = {period(2, 0, 1), period(1, 0, 1)};

	note(actions, 2);
	expect_memory_back(600, 1, "1>0");
}

static void all_kinds_stand_in_one_journal(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), balloon(1, 700, 600), period(1, 0, 2)};
	struct journal *j;

	note_online("0-3", actions, 3); /* which concerns the pins alone */
	j = reopen();
	assert_true(journal_holds(j));
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	expect_memory_back(600, 2, "600>700 2>0");
}

/* ---- what repeats is thrown away ---- */

#define RANDOM_LINES 2600 /* more than are worth no rewriting */

static struct cpuset random_cpus(void)
{
	struct cpuset cpus = {0};

	if (!pick(12))
		memset(&cpus, 0xff, sizeof(cpus));
	else
		cpus.word[0] = 1 + pick(15);
	return cpus;
}

static struct action random_line(void)
{
	struct action a = pin((uint8_t)(1 + pick(4)), pick(3), "0", "0");

	snprintf(a.name, sizeof(a.name), "guest%u", pick(100));
	a.from = random_cpus();
	a.to = pick(2) ? a.from : random_cpus();
	if (!pick(8)) {
		a = balloon(a.guest[0], 1 + pick(9), 1 + pick(9));
	} else if (!pick(8)) {
		a = period(a.guest[0], pick(3), pick(3));
	}
	return a;
}

static void random_sample(struct sample *s)
{
	uint8_t uuid[UUID_BYTES] = {0};
	struct sample_guest *g;
	size_t i;

	sample_init(s);
	cpuset_parse("0-3", &s->online);
	s->usable = s->online;
	for (uuid[0] = 1; uuid[0] < 4; uuid[0]++) { /* the fourth is gone */
		g = sample_add_guest(s, uuid, "guest");
		g->memory.actual_kib = 1 + pick(9);
		g->memory.maximum_kib = 8;
		g->memory.period_s = pick(3);
		for (i = 0; i < 3; i++)
			sample_add_vcpu(s, (uint32_t)i)->affinity = random_cpus();
	}
	assert_int_equal(sample_sort(s), 0);
}

static bool pin_alike(const struct action *a, const struct action *b, bool from)
{
	return a->kind != ACTION_PIN || cpuset_equal(from ? &a->from : &a->to, &b->from);
}

/* As a period or pins are found by the second as the first has left (from: found) them; balloons always are. */
static bool alike(const struct action *a, const struct action *b, bool from)
{
	return a->kind == ACTION_PERIOD ? (from ? a->from_s : a->to_s) == b->from_s
	                                : pin_alike(a, b, from);
}

/* As journal_index.h promises it, and as slow: what would be put back of the thing whose first line is `first`. */
static bool expected_back(const struct action *lines, size_t nr, size_t first,
                          const struct sample *now, struct action *back)
{
	size_t live[RANDOM_LINES + 60], n = 0, i, k, original = first;
	struct action found;
	bool ours = false;

	for (i = 0; i < nr; i++) {
		if (!journal_line_same(&lines[i], &lines[first]))
			continue;
		if (i < first)
			return false;
		for (k = n; k && !alike(&lines[live[k - 1]], &lines[i], false); k--)
			;
		if (i > first && alike(&lines[original], &lines[i], true))
			k = 1; /* as before: all that may be heard may be heard */
		if (i > first && journal_line_anew(&lines[i], k > 0)) {
			original = i;
			n = 0;
		} else if (k) {
			n -= k - 1;
			memmove(live, live + k - 1, n * sizeof(*live));
		}
		live[n++] = i;
	}
	for (i = 0; i < n; i++)
		ours |= journal_line_ours(&lines[live[i]], now);
	if (journal_line_restore(&lines[original], now, back))
		return ours;
	journal_line_found(&lines[original], &found);
	found.to = cpuset_and(&found.to, &now->online);
	return found.kind == ACTION_PIN && journal_line_ours(&found, now);
}

static void expect_same_answers(const struct action *lines, size_t nr)
{
	struct journal *j = reopen();
	struct action *seen, back;
	struct sample now;
	size_t i, k, n, nr_seen;

	random_sample(&now);
	assert_int_equal(journal_restores(j, &now, &seen, &nr_seen, NULL), 0);
	for (i = n = 0; i < nr; i++)
		if (expected_back(lines, nr, i, &now, &back)) {
			for (k = 0; k < nr_seen && memcmp(&back, &seen[k], sizeof(back)); k++)
				;
			assert_true(k < nr_seen);
			n++;
		}
	assert_int_equal(n, nr_seen);
	free(seen);
	sample_done(&now);
	journal_close(j);
}

/* A balloon whose size does not change was found so. */
static void note_each(struct journal *j, const struct action *lines, size_t nr)
{
	size_t i, first = 0;

	for (i = 0; i < nr; i++)
		if (lines[i].kind == ACTION_BALLOON && lines[i].from_kib == lines[i].to_kib) {
			assert_int_equal(journal_note(j, &lines[first], i - first, NULL), 0);
			assert_int_equal(journal_note_found(j, &lines[i], NULL), 0);
			first = i + 1;
		}
	assert_int_equal(journal_note(j, &lines[first], nr - first, NULL), 0);
}

/* Without the balloons that need no line: those are left out in the file, not in what is expected. */
static void one_that_was_rewritten_answers_as_before(void **state)
{
	static struct action lines[RANDOM_LINES + 60];
	size_t i, journal, more;

	for (journal = 0; journal < 200; journal++) {
		struct journal *j = reopen();

		seed = (unsigned)journal;
		for (i = 0; i < RANDOM_LINES + 60; i++)
			lines[i] = random_line();
		note_each(j, lines, RANDOM_LINES);
		assert_true(size_of_file() < RANDOM_LINES * 20); /* of 55 bytes each */
		expect_same_answers(lines, RANDOM_LINES);
		for (i = RANDOM_LINES, more = 0; more < 3; more++, i += 20) {
			note_each(j, &lines[i], 20);
			expect_same_answers(lines, i + 20);
		}
		journal_close(j);
		unlink(path);
	}
}

static void one_that_is_noted_all_day_stays_small(void **state)
{
	struct action actions[] = {pin(1, 0, "0-3", "1"), pin(1, 0, "1", "2"), pin(1, 0, "2", "1")};
	struct journal *j = reopen();
	struct stat st;
	size_t i;

	assert_int_equal(journal_note(j, actions, 1, NULL), 0);
	for (i = 0; i < 10000; i++)
		assert_int_equal(journal_note(j, &actions[1 + i % 2], 1, NULL), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 2100 * 70);
	assert_int_equal(st.st_mode & 0777, 0600);
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
}

/* Guests that came and went, and one vCPU that was never left the same way twice: 31 s and 392 s once. */
static void a_long_one_is_put_back_at_once(void **state)
{
	const size_t nr = 40000;
	struct action *a = calloc(nr, sizeof(*a));
	struct journal *j = reopen();
	clock_t start;
	size_t i;

	for (i = 0; i < nr; i++) {
		a[i] = pin(1, 0, "0-3", "1");
		if (i % 2)
			memcpy(a[i].guest + 1, &i, sizeof(i));
		else if (i)
			a[i].to.word[0] = i;
	}
	assert_int_equal(journal_note(j, a, nr, NULL), 0);
	journal_close(j);
	free(a);
	start = clock();
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	/* 0.4 s of CPU; under valgrind twenty times as much. */
	assert_true(clock() - start < (getenv("UNDER") ? 100 : 2) * CLOCKS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(the_first_affinity_is_put_back),
	        test(a_change_of_a_run_before_may_come_yet),
	        test(a_crash_between_two_changes_still_restores),
	        test(what_someone_else_changed_since_is_theirs),
	        test(where_it_once_was_by_us_is_theirs_too),
	        test(what_may_still_be_heard_is_ours),
	        test(what_the_kernel_gave_for_our_pcpu_is_put_back),
	        test(what_its_owner_gave_it_meanwhile_is_put_back),
	        test(one_that_floated_floats_also_on_pcpus_that_came_since),
	        test(pcpus_that_the_kernel_gave_for_lost_ones_are_no_original),
	        test(a_guest_that_is_gone_is_left_out),
	        test(pcpus_that_went_offline_are_left_out_of_the_mask),
	        test(an_original_that_is_offline_altogether_becomes_all),
	        test(restoring_twice_changes_nothing),
	        test(pins_to_keep_are_marked_until_the_next_change),
	        test(the_longest_lists_of_pcpus_are_read_as_written),
	        test(of_what_is_not_there_nothing_is_put_back),
	        test(what_puts_back_has_no_line),
	        test(a_name_cannot_forge_a_line),
	        test(the_first_size_of_a_balloon_is_put_back),
	        test(an_original_above_what_the_guest_boots_with_now_is_cut),
	        test(what_someone_else_sets_is_the_original_from_then_on),
	        test(an_order_for_what_is_there_tells_no_original),
	        test(a_balloon_that_moves_all_day_has_one_line),
	        test(balloons_to_keep_are_marked_until_the_next_order),
	        test(a_period_is_put_back_while_it_is_ours),
	        test(of_a_guest_that_is_gone_no_period_is_put_back),
	        test(all_kinds_stand_in_one_journal),
	        test(one_that_was_rewritten_answers_as_before),
	        test(one_that_is_noted_all_day_stays_small),
	        test(a_long_one_is_put_back_at_once),
	};

	return check_all(tests);
}
