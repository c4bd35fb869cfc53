/* apply_test - what comes of an action, for each way in which a host can answer it */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balancer/apply.h"
#include "collector/host_ops.h"
#include "tests/unit/check.h"

/* A host that answers the third call that changes something as it is told, the others by doing it. */
struct fake {
	struct host host;
	int answer;
	bool reads_back_other;    /* it says yes and does not do it */
	int cannot_read_back;     /* with this error; 0: it can */
	bool stands_all_the_same; /* it says no and does it */
	unsigned calls;
	uint64_t now_ns, deadline_ns;
	struct cpuset pinned;
};

static int change(struct host *h, struct error *e)
{
	struct fake *f = (struct fake *)h;

	f->now_ns += 7;
	if (++f->calls == 3 && f->answer)
		return fail(e, f->answer, "the host's own words");
	return 0;
}

static int fake_pin(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                    const struct cpuset *mask, uint64_t deadline_ns, struct error *e)
{
	struct fake *f = (struct fake *)h;

	int r = change(h, e);

	if (!r || f->stands_all_the_same)
		f->pinned = *mask;
	return r;
}

static int fake_affinity(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                         struct cpuset *mask, struct error *e)
{
	struct fake *f = (struct fake *)h;

	if (f->cannot_read_back && f->calls == 3)
		return fail(e, f->cannot_read_back, "the host's own words");
	*mask = f->pinned;
	if (f->reads_back_other && f->calls == 3)
		*mask = cpuset_one(9);
	return 0;
}

static int fake_memory(struct host *h, const uint8_t guest[UUID_BYTES], uint64_t kib,
                       uint64_t deadline_ns, struct error *e)
{
	((struct fake *)h)->deadline_ns = deadline_ns;
	return change(h, e);
}

static int fake_period(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                       uint64_t deadline_ns, struct error *e)
{
	return change(h, e);
}

static uint64_t fake_now_ns(struct host *h)
{
	return ((struct fake *)h)->now_ns;
}

static const struct host_ops fake_ops = {
        .pin = fake_pin,
        .affinity = fake_affinity,
        .set_memory = fake_memory,
        .set_period = fake_period,
        .now_ns = fake_now_ns,
};

static struct fake fake_host(enum host_mode mode)
{
	return (struct fake){.host = {&fake_ops, mode}};
}

/* Five of a kind. */
static void fill(struct action actions[5], enum action_kind kind)
{
	size_t i;

	memset(actions, 0, 5 * sizeof(*actions));
	for (i = 0; i < 5; i++)
		actions[i] = (struct action){.kind = kind, .to = cpuset_one((unsigned)i)};
}

static void every_error_is_told_as_what_it_means(void **state)
{
	static const struct {
		const char *what;
		int answer;
		enum action_result third, fourth;
	} table[] = {
	        {"it does it", 0, RESULT_DONE, RESULT_DONE},
	        {"the guest is gone", ESRCH, RESULT_GONE, RESULT_DONE},
	        {"no right to", EACCES, RESULT_REFUSED, RESULT_DONE},
	        {"not a value for it", EINVAL, RESULT_REFUSED, RESULT_DONE},
	        {"a job holds the guest", EBUSY, RESULT_REFUSED, RESULT_DONE},
	        {"the guest cannot", EOPNOTSUPP, RESULT_REFUSED, RESULT_DONE},
	        {"too late", ETIMEDOUT, RESULT_FAILED, RESULT_DONE},
	        {"an error of its own", EIO, RESULT_FAILED, RESULT_DONE},
	        {"the connection is lost: the rest is not tried", ENOTCONN, RESULT_FAILED,
	         RESULT_NONE},
	};
	struct action actions[5];
	enum action_kind kind;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (kind = 0; kind < ACTION_KINDS; kind++) {
			struct fake f = fake_host(HOST_READ_WRITE);

			f.answer = table[i].answer;
			fill(actions, kind);
			assert_int_equal(apply_actions(&f.host, NULL, 100, actions, 5, NULL), 0);
			if (actions[1].result != RESULT_DONE ||
			    actions[2].result != table[i].third ||
			    actions[3].result != table[i].fourth ||
			    actions[4].result != table[i].fourth)
				fail_msg("%s, kind %d: third %d, fourth %d", table[i].what, kind,
				         actions[2].result, actions[3].result);
			assert_string_equal(actions[2].detail,
			                    table[i].answer ? "the host's own words" : "");
			assert_int_equal(actions[2].duration_ns, 7);
		}
	}
}

static void a_pin_that_reads_back_otherwise_has_failed(void **state)
{
	struct action actions[5];
	struct fake f = fake_host(HOST_READ_WRITE);

	f.reads_back_other = true;
	fill(actions, ACTION_PIN);
	assert_int_equal(apply_actions(&f.host, NULL, 0, actions, 5, NULL), 0);
	assert_int_equal(actions[1].result, RESULT_DONE);
	assert_int_equal(actions[2].result, RESULT_FAILED);
	assert_string_equal(actions[2].detail, "asked for pCPUs 2, reads back 9");
	assert_int_equal(actions[3].result, RESULT_DONE);
}

static void a_guest_that_goes_before_its_pin_is_read_back_is_gone(void **state)
{
	struct action actions[5];
	struct fake f = fake_host(HOST_READ_WRITE);

	f.cannot_read_back = ESRCH;
	fill(actions, ACTION_RESTORE);
	assert_int_equal(apply_actions(&f.host, NULL, 0, actions, 5, NULL), 0);
	assert_int_equal(actions[2].result, RESULT_GONE);
	assert_int_equal(actions[3].result, RESULT_DONE);
}

/* It may stand, so it is not refused; nor is one that was refused, and stands or cannot be read back. */
static void a_pin_that_may_stand_was_not_refused(void **state)
{
	static const int reasons[] = {EBUSY, EACCES, EINVAL, EOPNOTSUPP, EIO};
	struct action actions[5];
	size_t i, how;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		for (how = 0; how < 4; how++) {
			struct fake f = fake_host(HOST_READ_WRITE);

			f.cannot_read_back = how < 2 ? reasons[i] : 0;
			f.answer = how > 0 ? EBUSY : 0;
			f.stands_all_the_same = how == 2;
			fill(actions, ACTION_PIN);
			assert_int_equal(apply_actions(&f.host, NULL, 0, actions, 5, NULL), 0);
			assert_int_equal(actions[2].result,
			                 how < 3 ? RESULT_FAILED : RESULT_REFUSED);
			assert_string_equal(actions[2].detail, "the host's own words");
			assert_int_equal(actions[3].result, RESULT_DONE);
		}
}

static void a_refused_pin_whose_connection_is_lost_is_the_last(void **state)
{
	struct action actions[5];
	struct fake f = fake_host(HOST_READ_WRITE);

	f.answer = EBUSY;
	f.cannot_read_back = ENOTCONN;
	fill(actions, ACTION_PIN);
	assert_int_equal(apply_actions(&f.host, NULL, 0, actions, 5, NULL), 0);
	assert_int_equal(actions[2].result, RESULT_FAILED);
	assert_int_equal(actions[3].result, RESULT_NONE);
}

static void each_order_may_take_the_patience_anew(void **state)
{
	struct action actions[5];
	struct fake f = fake_host(HOST_READ_WRITE);

	fill(actions, ACTION_BALLOON);
	assert_int_equal(apply_actions(&f.host, NULL, 100, actions, 5, NULL), 0);
	assert_int_equal(f.deadline_ns, 4 * 7 + 100);
}

static void over_a_read_only_connection_all_is_refused_unasked(void **state)
{
	struct fake f = fake_host(HOST_READ_ONLY);
	struct action actions[5];
	enum action_kind kind;
	size_t i;

	for (kind = 0; kind < ACTION_KINDS; kind++) {
		fill(actions, kind);
		assert_int_equal(apply_actions(&f.host, NULL, 0, actions, 5, NULL), 0);
		for (i = 0; i < 5; i++)
			assert_int_equal(actions[i].result, RESULT_REFUSED);
	}
	assert_int_equal(f.calls, 0);
}

/* In a new folder, whose name mkdtemp() completes. */
static struct journal *open_journal(char *folder, char *path, size_t size)
{
	struct journal *j = NULL;
	struct error e;

	assert_non_null(mkdtemp(folder));
	snprintf(path, size, "%s/journal", folder);
	if (journal_open(path, &j, &e) < 0)
		fail_msg("%s", e.text);
	return j;
}

static void what_was_refused_does_not_stay_in_the_journal(void **state)
{
	char folder[] = "/tmp/vmb-apply-XXXXXX", path[sizeof(folder) + 16];
	struct fake f = fake_host(HOST_READ_WRITE);
	struct action actions[5];
	struct journal *j;
	struct error e;
	size_t i;

	j = open_journal(folder, path, sizeof(path));
	f.answer = EBUSY;
	fill(actions, ACTION_PIN);
	for (i = 0; i < 5; i++)
		actions[i].vcpu = (uint32_t)i;
	assert_int_equal(apply_actions(&f.host, j, 0, actions, 5, &e), 0);
	for (i = 0; i < 5; i++)
		assert_int_equal(journal_knows(j, &actions[i]), i != 2);
	journal_close(j);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

/* The journal has room for three changes, and five are asked for: they are noted one by one, and the third is not made. */
static void on_a_full_disk_what_was_refused_gives_its_room_back(void **state)
{
	static const struct {
		int answer;
		enum action_result results[5];
	} rows[] = {
	        {EBUSY, {RESULT_DONE, RESULT_DONE, RESULT_REFUSED, RESULT_DONE, RESULT_NONE}},
	        {EIO, {RESULT_DONE, RESULT_DONE, RESULT_FAILED, RESULT_NONE, RESULT_NONE}},
	};
	char folder[] = "/tmp/vmb-apply-XXXXXX", path[sizeof(folder) + 16];
	struct rlimit before, little;
	size_t i, k;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/journal", folder);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake f = fake_host(HOST_READ_WRITE);
		struct action actions[5];
		struct journal *j = NULL;
		struct stat is;
		struct error e;
		int r;

		fill(actions, ACTION_PIN);
		f.answer = rows[i].answer;
		assert_int_equal(journal_open(path, &j, &e), 0);
		assert_int_equal(journal_note(j, actions, 3, &e), 0);
		assert_int_equal(stat(path, &is), 0);
		assert_int_equal(journal_remove(j, &e), 0);
		little = before;
		little.rlim_cur = (rlim_t)is.st_size;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
		r = apply_actions(&f.host, j, 0, actions, 5, &e);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_int_equal(r, -EIO);
		for (k = 0; k < 5; k++)
			assert_int_equal(actions[k].result, rows[i].results[k]);
		assert_int_equal(journal_remove(j, &e), 0);
		journal_close(j);
	}
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rmdir(folder), 0);
}

/* Without any room a guest is given to and asked to report, and nothing is taken or moved. */
static void on_a_full_disk_only_what_is_safe_is_made(void **state)
{
	static const struct {
		enum action_kind kind;
		uint64_t from_kib, to_kib;
		enum action_result result;
	} rows[] = {
	        {ACTION_PERIOD, 0, 0, RESULT_DONE},
	        {ACTION_BALLOON, 600, 700, RESULT_DONE},
	        {ACTION_BALLOON, 700, 600, RESULT_NONE},
	        {ACTION_PIN, 0, 0, RESULT_NONE},
	};
	char folder[] = "/tmp/vmb-apply-XXXXXX", path[sizeof(folder) + 16];
	struct rlimit before, none;
	struct journal *j;
	struct error e;
	size_t i;

	j = open_journal(folder, path, sizeof(path));
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = before;
	none.rlim_cur = 1;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake f = fake_host(HOST_READ_WRITE);
		struct action actions[5];
		int r;

		fill(actions, rows[i].kind);
		actions[0].from_kib = rows[i].from_kib;
		actions[0].to_kib = rows[i].to_kib;
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
		r = apply_actions(&f.host, j, 0, actions, 1, &e);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_true(r < 0);
		if (actions[0].result != rows[i].result)
			fail_msg("row %zu: %s", i, action_result_name[actions[0].result]);
		assert_false(journal_holds(j));
	}
	signal(SIGXFSZ, SIG_DFL);
	journal_close(j);
	unlink(path);
	assert_int_equal(rmdir(folder), 0);
}

static void a_dry_run_is_told_as_one(void **state)
{
	struct action actions[5];

	fill(actions, ACTION_PIN);
	apply_nothing(actions, 5);
	assert_int_equal(actions[0].result, RESULT_DRY_RUN);
	assert_int_equal(actions[4].result, RESULT_DRY_RUN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_error_is_told_as_what_it_means),
	        cmocka_unit_test(a_pin_that_reads_back_otherwise_has_failed),
	        cmocka_unit_test(a_guest_that_goes_before_its_pin_is_read_back_is_gone),
	        cmocka_unit_test(a_pin_that_may_stand_was_not_refused),
	        cmocka_unit_test(a_refused_pin_whose_connection_is_lost_is_the_last),
	        cmocka_unit_test(each_order_may_take_the_patience_anew),
	        cmocka_unit_test(over_a_read_only_connection_all_is_refused_unasked),
	        cmocka_unit_test(what_was_refused_does_not_stay_in_the_journal),
	        cmocka_unit_test(on_a_full_disk_what_was_refused_gives_its_room_back),
	        cmocka_unit_test(on_a_full_disk_only_what_is_safe_is_made),
	        cmocka_unit_test(a_dry_run_is_told_as_one),
	};

	return check_all(tests);
}
