/* decision - what a balancer decided in a tick, what it did, and why: the words that plan, apply and trace share */
#include "balancer/decision.h"

#include <stdlib.h>

const char *const verdict_name[] = {
        [VERDICT_QUIET] = "quiet", [VERDICT_ACT] = "act",       [VERDICT_HOLD] = "hold",
        [VERDICT_WATCH] = "watch", [VERDICT_REBASE] = "rebase",
};
_Static_assert(sizeof(verdict_name) / sizeof(verdict_name[0]) == VERDICTS, "a name for each");

const char *const action_kind_name[] = {
        [ACTION_PIN] = "pin",         [ACTION_RESTORE] = "restore",
        [ACTION_BALLOON] = "balloon", [ACTION_BALLOON_RESTORE] = "balloon restore",
        [ACTION_PERIOD] = "period",
};
_Static_assert(sizeof(action_kind_name) / sizeof(action_kind_name[0]) == ACTION_KINDS,
               "a name for each");

const char *const action_result_name[] = {
        [RESULT_DONE] = "done",       [RESULT_DRY_RUN] = "dry run", [RESULT_GONE] = "gone",
        [RESULT_REFUSED] = "refused", [RESULT_FAILED] = "failed",   [RESULT_NONE] = "not tried",
};
_Static_assert(sizeof(action_result_name) / sizeof(action_result_name[0]) == ACTION_RESULTS,
               "a name for each");

const char *const memory_state_name[] = {
        [MEMORY_OK] = "OK",         [MEMORY_TIGHT] = "TIGHT",       [MEMORY_SETTLING] = "SETTLING",
        [MEMORY_STALE] = "STALE",   [MEMORY_NODRIVER] = "NODRIVER", [MEMORY_STUCK] = "STUCK",
        [MEMORY_EXEMPT] = "EXEMPT", [MEMORY_PAUSED] = "PAUSED",     [MEMORY_BOOTING] = "BOOTING",
};
_Static_assert(sizeof(memory_state_name) / sizeof(memory_state_name[0]) == MEMORY_STATES,
               "a name for each");

int decision_reserve(struct decision *d, size_t nr, struct error *e)
{
	struct action *more;

	if (nr <= d->room_actions)
		return 0;
	more = realloc(d->actions, nr * sizeof(*more));
	if (!more)
		return fail(e, ENOMEM, "no memory for %zu actions", nr);
	d->actions = more;
	d->room_actions = nr;
	return 0;
}

int decision_reserve_guests(struct decision *d, size_t nr, struct error *e)
{
	struct guest_plan *more;

	if (nr <= d->room_guests)
		return 0;
	more = realloc(d->guests, nr * sizeof(*more));
	if (!more)
		return fail(e, ENOMEM, "no memory to plan %zu guests", nr);
	d->guests = more;
	d->room_guests = nr;
	return 0;
}

void decision_done(struct decision *d)
{
	free(d->actions);
	free(d->guests);
	*d = (struct decision){0};
}
