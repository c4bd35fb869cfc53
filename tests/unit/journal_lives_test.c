/* journal_lives_test - guests that go, come back or are started anew, and what of them is owed */
#include "tests/unit/journal_faults.h"

/* Of 5,000 guests each is gone when the next one comes; how large the file is then. */
static off_t guests_that_come_and_go(bool list_fails, size_t nr_unread)
{
	struct journal *j = reopen();
	struct action a;
	off_t size;
	size_t i;

	for (i = 0; i < 5000; i++) {
		struct sample now;

		a = pin((uint8_t)(i % 256), 0, "0-3", "1");
		a.guest[1] = (uint8_t)(i / 256);
		sample_init(&now);
		cpuset_parse("0-3", &now.online);
		sample_add_guest(&now, a.guest, "guest");
		now.known_guests = list_fails;
		now.nr_unread = nr_unread;
		journal_sees(j, &now);
		assert_int_equal(journal_note(j, &a, 1, NULL), 0);
		journal_sees(j, NULL);
		sample_done(&now);
	}
	size = size_of_file();
	journal_close(j);
	unlink(path);
	return size;
}

static void guests_that_are_gone_are_forgotten(void **state)
{
	assert_true(guests_that_come_and_go(false, 0) < 2100 * 60);
	assert_true(guests_that_come_and_go(true, 0) > 5000 * 50);
	assert_true(guests_that_come_and_go(false, 1) > 5000 * 50);
}

/* What it was given in its life before is not its own; a guest that was away for a while and is the same has it still. */
static void a_guest_that_was_started_anew_has_originals_of_its_own(void **state)
{
	static const struct {
		uint32_t again; /* instance, 1 before */
		bool away;
		const char *original;
	} table[] = {{2, false, "0-3"}, {2, true, "0-3"}, {1, true, "0"}, {1, false, "0"}};
	struct action before = pin(1, 0, "0", "1"), after = pin(1, 0, "0-3", "2"),
	              other = pin(2, 0, "3", "2");
	struct sample s, none;
	struct journal *j;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const bool anew = table[i].again != 1;

		sample_with(&s, (const char *const[4]){"0", "0", "3", "3"});
		s.guests[0].instance = s.guests[1].instance = 1;
		sample_with(&none, (const char *const[4]){"0", "0", "3", "3"});
		none.guests[0] = none.guests[1];
		none.nr_guests = 1;
		none.guests[0].instance = 1;
		j = reopen();
		journal_sees(j, &s);
		assert_int_equal(journal_note(j, &before, 1, NULL), 0);
		assert_int_equal(journal_note(j, &other, 1, NULL), 0);
		if (table[i].away)
			journal_sees(j, &none);
		s.guests[0].instance = table[i].again;
		journal_sees(j, &s);
		assert_true(journal_knows(j, &before) == !anew);
		if (!anew) /* it comes with the pin that it had */
			cpuset_parse("1", &after.from);
		assert_int_equal(journal_note(j, &after, 1, NULL), 0);
		journal_close(j);
		expect_restores((const char *[4]){"2", "0-3", "1", "3"}, 1, table[i].original);
		/* Read again, of guests that are what they were when first seen. */
		j = reopen();
		journal_sees(j, &s);
		assert_true(journal_knows(j, &after));
		s.guests[0].instance = 7;
		s.guests[1].instance = 7;
		journal_sees(j, &s);
		assert_false(journal_holds(j));
		assert_int_equal(access(path, F_OK), -1);
		journal_close(j);
		sample_done(&s);
		sample_done(&none);
	}
}

/* libvirt keeps live pins with a guest that is saved: it has ours when it is restored, under another number. */
static void a_guest_that_brings_our_pin_along_gets_its_own_back(void **state)
{
	struct action a = pin(1, 0, "0-3", "1");
	struct journal *j = reopen();
	struct sample s;

	sample_with(&s, (const char *const[4]){"1", "0-3", "3", "3"});
	s.guests[0].instance = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	s.guests[0].instance = 2;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &a));
	/* And when it is started anew after that, without it; as soon as that is known. */
	cpuset_parse("0-3", &s.vcpus[0].affinity);
	s.guests[0].instance = 3;
	s.guests[0].start = START_UNKNOWN;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &a));
	s.guests[0].start = START_BOOTED;
	s.guests[0].instance = 3;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	journal_close(j);
	sample_done(&s);
}

/*
 * One that was saved has the balloon that it had, and its reports: what it had before we came is owed to it yet. It is not to one that
 * was booted, and is as long as nobody knows. What is told later is decided then.
 */
static void a_guest_that_was_saved_is_owed_its_balloon(void **state)
{
	static const struct {
		enum guest_start starts[2];
		uint64_t period_s;
		bool balloon, period;
	} rows[] = {
	        {{START_RESTORED, START_RESTORED}, 2, true, true},
	        {{START_RESTORED, START_RESTORED}, 5, true, false},
	        {{START_RESTORED, START_RESTORED}, UNKNOWN, true, true},
	        {{START_BOOTED, START_BOOTED}, 2, false, false},
	        {{START_UNKNOWN, START_UNKNOWN}, 5, true, true},
	        {{START_UNKNOWN, START_BOOTED}, 2, false, false},
	        {{START_UNKNOWN, START_RESTORED}, 2, true, true},
	};
	struct action noted[] = {balloon(1, 700, 600), period(1, 0, 2)};
	struct sample s;
	size_t i, k;

	sample_with(&s, (const char *const[4]){"1", "0-3", "3", "3"});
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal *j = reopen();

		s.guests[0].instance = 1;
		s.guests[0].start = START_BOOTED;
		s.guests[0].memory.period_s = 2;
		journal_sees(j, &s);
		assert_int_equal(journal_note(j, noted, 2, NULL), 0);
		s.guests[0].instance = 2;
		s.guests[0].memory.period_s = rows[i].period_s;
		for (k = 0; k < 2; k++) {
			s.guests[0].start = rows[i].starts[k];
			journal_sees(j, &s);
		}
		if (journal_knows(j, &noted[0]) != rows[i].balloon ||
		    journal_knows(j, &noted[1]) != rows[i].period)
			fail_msg("row %zu", i);
		/* And not to one that is booted after that. */
		s.guests[0].start = START_BOOTED;
		s.guests[0].instance = 3;
		journal_sees(j, &s);
		assert_false(journal_knows(j, &noted[0]) || journal_knows(j, &noted[1]));
		assert_false(journal_holds(j));
		journal_close(j);
		unlink(path);
	}
	sample_done(&s);
}

/* What a run before has noted is of the guest that is there at first; who comes later has it only if he was saved meanwhile. */
static void who_was_not_there_at_first_is_another_one(void **state)
{
	static const struct {
		bool there, list_fails;
		enum guest_start start;
		bool owed;
	} rows[] = {
	        {true, false, START_BOOTED, true},    {false, false, START_BOOTED, false},
	        {false, false, START_RESTORED, true}, {false, false, START_UNKNOWN, true},
	        {false, true, START_BOOTED, true},
	};
	struct action noted[] = {balloon(1, 700, 600), balloon(2, 500, 400)};
	struct sample all, first;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal *j;

		note(noted, 2);
		sample_with(&all, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
		sample_with(&first, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
		all.guests[1].start = rows[i].start;
		first.nr_guests = rows[i].there ? 2 : 1;
		first.known_guests = rows[i].list_fails;
		j = reopen();
		journal_sees(j, &first);
		journal_sees(j, &all);
		assert_true(journal_knows(j, &noted[0]));
		if (journal_knows(j, &noted[1]) != rows[i].owed)
			fail_msg("row %zu", i);
		journal_close(j);
		unlink(path);
		sample_done(&all);
		sample_done(&first);
	}
}

/* As long as nobody knows how it began, what it has now is noted too: that is its original if it was booted. */
static void an_order_in_a_life_that_is_not_known_has_a_line(void **state)
{
	static const struct {
		enum guest_start start;
		uint64_t original_kib;
	} rows[] = {{START_BOOTED, 1900}, {START_RESTORED, 1000}};
	struct action before = balloon(1, 1000, 600), after = balloon(1, 1900, 1800);
	struct action *back;
	struct sample s;
	size_t i, nr;

	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.guests[0].memory.actual_kib = 800;
	s.guests[0].memory.maximum_kib = 2000;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct journal *j = reopen();

		s.guests[0].instance = 1;
		s.guests[0].start = START_BOOTED;
		journal_sees(j, &s);
		assert_int_equal(journal_note(j, &before, 1, NULL), 0);
		s.guests[0].instance = 2;
		s.guests[0].start = START_UNKNOWN;
		journal_sees(j, &s);
		assert_int_equal(journal_note(j, &after, 1, NULL), 0);
		s.guests[0].start = rows[i].start;
		journal_sees(j, &s);
		assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
		assert_int_equal(nr, 1);
		assert_int_equal(back[0].to_kib, rows[i].original_kib);
		free(back);
		journal_close(j);
		unlink(path);
	}
	sample_done(&s);
}

/*
 * One that cannot be put back yet keeps what is owed to it, and not what others had in a life before: a vCPU that floats now
 * would be pinned at the end. Who is not there may come back.
 */
static void what_is_not_owed_any_more_is_forgotten(void **state)
{
	struct action noted[] = {pin(1, 0, "0", "1"), pin(1, 1, "0", "2"), pin(2, 0, "3", "2"),
	                         pin(2, 1, "3", "1"), pin(9, 0, "0", "1"), balloon(2, 700, 600)};
	struct action pins_again = pin(1, 1, "0-3", "2");
	struct journal *j = reopen();
	struct action *back;
	struct sample s;
	size_t nr;

	assert_int_equal(journal_note(j, noted, 6, NULL), 0);
	sample_with(&s, (const char *const[4]){"1", "0-3", "2", "1"});
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 3);
	back[0].result = RESULT_DONE;
	back[1].result = RESULT_FAILED;
	back[2].result = RESULT_GONE;
	s.nr_unread = 1;
	journal_settle(j, &s, back, nr);
	s.nr_unread = 0;
	s.known_guests = true;
	journal_settle(j, &s, back, nr);
	s.known_guests = false;
	assert_true(journal_knows(j, &noted[0]) && journal_knows(j, &noted[5]));
	journal_settle(j, &s, back, nr);
	free(back);
	assert_false(journal_knows(j, &noted[0]));
	assert_false(journal_knows(j, &noted[1]));
	assert_true(journal_knows(j, &noted[2]));
	assert_false(journal_knows(j, &noted[3]));
	assert_true(journal_knows(j, &noted[4]));
	assert_false(journal_knows(j, &noted[5]));
	assert_int_equal(journal_note(j, &pins_again, 1, NULL), 0);
	journal_close(j);
	expect_restores((const char *[4]){"0-3", "2", "2", "1"}, 2, "3");
	expect_restores((const char *[4]){"0-3", "2", "3", "1"}, 2, "3");
	/* Nothing to forget, and nothing to write it to. */
	j = reopen();
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	journal_settle(j, &s, back, nr);
	journal_close(j);
	j = reopen();
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	journal_settle(j, &s, NULL, 0);
	assert_false(journal_knows(j, &noted[2]));
	assert_int_equal(rmdir(path), 0);
	free(back);
	journal_close(j);
	sample_done(&s);
}

/* All is as it was, and of one guest an order may come yet. */
static void what_may_come_yet_is_owed(void **state)
{
	struct action noted[] = {pin(1, 0, "0-3", "1"), pin(2, 0, "0-3", "2")};
	struct journal *j = reopen();
	struct sample s;

	assert_int_equal(journal_note(j, noted, 2, NULL), 0);
	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.guests[0].ordered = true;
	journal_settle(j, &s, NULL, 0);
	assert_true(journal_knows(j, &noted[0]) && !journal_knows(j, &noted[1]));
	journal_close(j);
	sample_done(&s);
	expect_restores((const char *[4]){"1", "0-3", "2", "0-3"}, 1, "0-3"); /* it has come */
}

/* Nor is what is its own forgotten while it is away because of what others do. */
static void one_that_was_saved_is_known_when_it_comes_back(void **state)
{
	struct action a = pin(1, 0, "0-3", "1"), b = pin(2, 0, "0-3", "2");
	struct journal *j = reopen();
	struct sample s, away;

	sample_with(&s, (const char *const[4]){"1", "0-3", "2", "0-3"});
	sample_with(&away, (const char *const[4]){"1", "0-3", "0-3", "0-3"});
	s.guests[0].instance = s.guests[1].instance = 1;
	away.guests[0] = away.guests[1];
	away.guests[0].instance = 2; /* the other one is started anew meanwhile */
	away.nr_guests = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	assert_int_equal(journal_note(j, &b, 1, NULL), 0);
	journal_sees(j, &away);
	assert_true(journal_knows(j, &a) && !journal_knows(j, &b));
	s.guests[0].instance = 3;
	s.guests[1].instance = 2;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &a));
	journal_close(j);
	expect_restores((const char *[4]){"1", "0-3", "0-3", "0-3"}, 1, "0-3");
	sample_done(&s);
	sample_done(&away);
}

/* What could not be found out for want of memory is found out at the next tick. */
static void a_life_that_ended_without_memory_is_forgotten_later(void **state)
{
	struct action a = pin(1, 0, "0", "1");
	struct journal *j = reopen();
	struct sample s;

	sample_with(&s, (const char *const[4]){"0-3", "0-3", "0-3", "0-3"});
	s.guests[0].instance = 1;
	journal_sees(j, &s);
	assert_int_equal(journal_note(j, &a, 1, NULL), 0);
	s.guests[0].instance = 2;
	refused = MALLOC;
	journal_sees(j, &s);
	refused = NOTHING;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &a));
	journal_close(j);
	sample_done(&s);
}

/* Nothing can have been left by what was refused: where its owner puts it there, that is his. What failed may be heard later. */
static void what_was_not_made_is_not_ours(void **state)
{
	static const struct {
		enum action_result result;
		bool ours;
	} rows[] = {{RESULT_DONE, true},
	            {RESULT_FAILED, true},
	            {RESULT_GONE, true},
	            {RESULT_REFUSED, false},
	            {RESULT_NONE, false}};
	struct action *back;
	struct sample s;
	size_t i, nr;

	sample_with(&s, (const char *[4]){"2", "1", "0-3", "0-3"});
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct action made[] = {pin(1, 1, "0-3", "1"), pin(1, 0, "0-3", "2")};
		struct journal *j = reopen();

		made[0].result = RESULT_DONE;
		made[1].result = rows[i].result;
		assert_int_equal(journal_note(j, &made[0], 1, NULL), 0);
		journal_not_made(j, &made[0], 1);
		assert_int_equal(journal_note(j, &made[1], 1, NULL), 0);
		journal_not_made(j, &made[1], 1);
		assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
		assert_int_equal(nr, 1 + rows[i].ours);
		free(back);
		expect_restores((const char *[4]){"2", "1", "0-3", "0-3"}, nr,
		                "0-3"); /* after a kill */
		assert_int_equal(journal_remove(j, NULL), 0);
		assert_int_equal(journal_note(j, &made[1], 1, NULL), 0);
		journal_not_made(j, &made[1], 1);
		assert_int_equal(journal_holds(j), rows[i].ours);
		assert_int_equal(access(path, F_OK), rows[i].ours ? 0 : -1);
		assert_int_equal(journal_remove(j, NULL), 0);
		journal_close(j);
	}
	sample_done(&s);
}

/* Of three at a time, and not those noted before: an order may be late, and the next one is refused until it is back. */
static void of_what_was_not_made_the_rest_stays(void **state)
{
	struct action late = pin(1, 0, "0-3", "2"),
	              next[] = {pin(1, 0, "0-3", "2"), pin(1, 1, "0-3", "1"),
	                        pin(2, 0, "0-3", "3")};
	struct action size = {.kind = ACTION_BALLOON, .from_kib = 700, .to_kib = 600};
	struct journal *j = reopen();
	struct action *back;
	struct sample s;
	size_t nr;

	late.result = RESULT_FAILED;
	next[0].result = next[2].result = size.result = RESULT_REFUSED;
	next[1].result = RESULT_DONE;
	assert_int_equal(journal_note(j, &late, 1, NULL), 0);
	journal_not_made(j, &late, 1);
	assert_int_equal(journal_note(j, next, 3, NULL), 0);
	journal_not_made(j, next, 3);
	sample_with(&s, (const char *[4]){"2", "1", "3", "0-3"});
	assert_int_equal(journal_restores(j, &s, &back, &nr, NULL), 0);
	assert_int_equal(nr, 2);
	assert_true(back[0].vcpu + back[1].vcpu == 1);
	assert_true(back[0].guest[0] == 1 && back[1].guest[0] == 1);
	free(back);
	expect_restores((const char *[4]){"2", "1", "3", "0-3"}, 2, "0-3");
	/* What is kept stays so where nothing was made. */
	assert_int_equal(journal_keep(j, NULL), 0);
	assert_int_equal(journal_note(j, &next[2], 1, NULL), 0);
	journal_not_made(j, &next[2], 1);
	assert_true(journal_kept(j));
	journal_close(j);
	j = reopen();
	assert_true(journal_kept(j));
	/* One size tells the original from then on, whatever its owner sets meanwhile. */
	assert_int_equal(journal_note(j, &size, 1, NULL), 0);
	journal_not_made(j, &size, 1);
	assert_true(journal_knows(j, &size));
	sample_done(&s);
	journal_close(j);
}

/* Nor is another's journal, put there meanwhile, touched; and what cannot be marked as kept is not. */
static void what_was_not_made_touches_no_other_file(void **state)
{
	struct action mine[] = {pin(1, 0, "0-3", "2"), pin(1, 1, "0-3", "1")},
	              other = pin(2, 0, "0-3", "3");
	size_t nr;

	mine[0].result = mine[1].result = RESULT_REFUSED;
	for (nr = 1; nr <= 2; nr++) {
		struct journal *j = reopen();

		assert_int_equal(journal_note(j, mine, 2, NULL), 0);
		assert_int_equal(unlink(path), 0);
		note(&other, 1);
		journal_not_made(j, mine, nr);
		expect_restores((const char *[4]){"0-3", "0-3", "3", "0-3"}, 1, "0-3");
		journal_close(j);
		assert_int_equal(unlink(path), 0);
	}
}

/* Kept is what was, as long as none of what is asked for then is made, whatever else is refused. */
static void what_is_kept_is_so_until_something_is_made(void **state)
{
	static const struct {
		bool keep;
		enum action_result results[2];
		bool kept;
	} rows[] = {
	        {true, {RESULT_REFUSED, RESULT_REFUSED}, true},
	        {true, {RESULT_REFUSED, RESULT_DONE}, false},
	        {true, {RESULT_FAILED, RESULT_NONE}, false},
	        {false, {RESULT_REFUSED, RESULT_REFUSED}, false},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct action before = pin(1, 0, "0-3", "2"),
		              next[] = {pin(1, 1, "0-3", "1"), pin(2, 0, "0-3", "3")};
		struct journal *j = reopen();

		assert_int_equal(journal_note(j, &before, 1, NULL), 0);
		if (rows[i].keep)
			assert_int_equal(journal_keep(j, NULL), 0);
		next[0].result = rows[i].results[0];
		next[1].result = rows[i].results[1];
		assert_int_equal(journal_note(j, next, 2, NULL), 0);
		journal_not_made(j, next, 2);
		assert_true(journal_kept(j) == rows[i].kept);
		journal_close(j);
		j = reopen();
		assert_true(journal_kept(j) == rows[i].kept);
		assert_int_equal(journal_remove(j, NULL), 0);
		journal_close(j);
	}
}

/* Each line that stays is still of the life in which it was noted. */
static void what_was_not_made_leaves_the_lives_of_others_as_they_were(void **state)
{
	struct action next[] = {pin(1, 0, "0-3", "1"), pin(2, 0, "0-3", "2")};
	struct journal *j = reopen();
	struct sample s;

	sample_with(&s, (const char *[4]){"0-3", "0-3", "3", "0-3"});
	s.guests[0].instance = 1;
	s.guests[1].instance = 5;
	journal_sees(j, &s);
	next[0].result = RESULT_REFUSED;
	next[1].result = RESULT_FAILED;
	assert_int_equal(journal_note(j, next, 2, NULL), 0);
	journal_not_made(j, next, 2);
	s.guests[0].instance = 2;
	journal_sees(j, &s);
	assert_true(journal_knows(j, &next[1]));
	s.guests[1].instance = 6;
	journal_sees(j, &s);
	assert_false(journal_knows(j, &next[1]));
	journal_close(j);
	sample_done(&s);
}

static void what_stays_kept_is_marked_as_such(void **state)
{
	struct action kept = pin(1, 0, "0-3", "2"), next = pin(1, 1, "0-3", "1");
	struct journal *j = reopen();

	next.result = RESULT_REFUSED;
	assert_int_equal(journal_note(j, &kept, 1, NULL), 0);
	assert_int_equal(journal_keep(j, NULL), 0);
	assert_int_equal(journal_note(j, &next, 1, NULL), 0);
	refused = RENAME;
	journal_not_made(j, &next, 1);
	refused = NOTHING;
	assert_false(journal_kept(j));
	assert_int_equal(journal_keep(j, NULL), 0);
	journal_close(j);
	j = reopen();
	assert_true(journal_kept(j));
	journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        test(guests_that_are_gone_are_forgotten),
	        test(a_guest_that_brings_our_pin_along_gets_its_own_back),
	        test(a_guest_that_was_saved_is_owed_its_balloon),
	        test(who_was_not_there_at_first_is_another_one),
	        test(an_order_in_a_life_that_is_not_known_has_a_line),
	        test(what_is_not_owed_any_more_is_forgotten),
	        test(what_may_come_yet_is_owed),
	        test(one_that_was_saved_is_known_when_it_comes_back),
	        test(a_life_that_ended_without_memory_is_forgotten_later),
	        test(a_guest_that_was_started_anew_has_originals_of_its_own),
	        test(what_was_not_made_is_not_ours),
	        test(of_what_was_not_made_the_rest_stays),
	        test(what_was_not_made_touches_no_other_file),
	        test(what_is_kept_is_so_until_something_is_made),
	        test(what_was_not_made_leaves_the_lives_of_others_as_they_were),
	        test(what_stays_kept_is_marked_as_such),
	};

	return check_all(tests);
}
