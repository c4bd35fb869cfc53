/* apply - carry out actions: note the originals, act, read back, say what came of each */
#include "balancer/apply.h"

#include <stdio.h>
#include <string.h>

static enum action_result result_of(int error)
{
	switch (-error) {
	case ESRCH:
		return RESULT_GONE;
	case EACCES:
	case EROFS:
	case EINVAL:
	case EBUSY:
	case EOPNOTSUPP:
		return RESULT_REFUSED;
	default:
		return RESULT_FAILED;
	}
}

/*
 * A call that returned success proves nothing: what counts is what is read back. Of a balloon that takes a while: there
 * later samples tell (mem_estimate).
 */
static int pin(struct host *h, struct action *a, uint64_t deadline_ns, struct error *e)
{
	char wanted[CPUSET_TEXT], seen[CPUSET_TEXT];
	int r = host_pin(h, a->guest, a->vcpu, &a->to, deadline_ns, e), looked;
	struct cpuset now;

	if (r < 0 && result_of(r) != RESULT_REFUSED)
		return r;
	looked = host_affinity(h, a->guest, a->vcpu, &now, r < 0 ? NULL : e);
	/* Of a call that is refused half-way the pin may stand; and where it cannot be read back it may as well. */
	if (r < 0 && looked != -ENOTCONN)
		return looked == 0 && !cpuset_equal(&now, &a->to) ? r : -EIO;
	if (looked < 0)
		return result_of(looked) == RESULT_REFUSED ? -EIO : looked;
	if (!cpuset_equal(&now, &a->to))
		return fail(e, EIO, "asked for pCPUs %s, reads back %s",
		            cpuset_text(&a->to, wanted, sizeof(wanted)),
		            cpuset_text(&now, seen, sizeof(seen)));
	return 0;
}

static int set_balloon(struct host *h, struct action *a, uint64_t deadline_ns, struct error *e)
{
	return host_set_memory(h, a->guest, a->to_kib, deadline_ns, e);
}

static int set_period(struct host *h, struct action *a, uint64_t deadline_ns, struct error *e)
{
	return host_set_period(h, a->guest, a->to_s, deadline_ns, e);
}

static int (*const carry_out_kind[])(struct host *h, struct action *a, uint64_t deadline_ns,
                                     struct error *e) = {
        [ACTION_PIN] = pin,
        [ACTION_RESTORE] = pin,
        [ACTION_BALLOON] = set_balloon,
        [ACTION_BALLOON_RESTORE] = set_balloon,
        [ACTION_PERIOD] = set_period,
};
_Static_assert(sizeof(carry_out_kind) / sizeof(carry_out_kind[0]) == ACTION_KINDS,
               "a function for each");

static int carry_out(struct host *h, struct action *a, uint64_t patience_ns)
{
	uint64_t start = host_now_ns(h);
	struct error e = {0};
	int r = carry_out_kind[a->kind](h, a, start + patience_ns, &e);

	a->duration_ns = host_now_ns(h) - start;
	a->result = r < 0 ? result_of(r) : RESULT_DONE;
	snprintf(a->detail, sizeof(a->detail), "%.*s", REASON_TEXT - 1, r < 0 ? e.text : "");
	return r;
}

/*
 * On a full disk: what stands there already needs no line, and what is given is not taken back at the end. Without reports nobody
 * is given anything; that they go on for longer than they should costs a guest next to nothing.
 */
static bool may_be_made(struct journal *journal, const struct action *a)
{
	return !journal_note(journal, a, 1, NULL) || a->kind == ACTION_PERIOD ||
	       (a->kind == ACTION_BALLOON && a->to_kib > a->from_kib);
}

int apply_actions(struct host *h, struct journal *journal, uint64_t patience_ns,
                  struct action *actions, size_t nr, struct error *e)
{
	size_t i;
	int noted, r = 0;

	for (i = 0; i < nr; i++)
		actions[i].result = RESULT_NONE;
	noted = journal && nr ? journal_note(journal, actions, nr, e) : 0;
	for (i = 0; i < nr && r != -ENOTCONN; i++)
		if (!noted) {
			r = carry_out(h, &actions[i], patience_ns);
		} else if (may_be_made(journal, &actions[i])) {
			r = carry_out(h, &actions[i], patience_ns);
			journal_not_made(journal, &actions[i], 1);
		}
	if (journal && !noted)
		journal_not_made(journal, actions, nr);
	return noted;
}

void apply_nothing(struct action *actions, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		actions[i].result = RESULT_DRY_RUN;
}
