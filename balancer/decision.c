/* decision - what a balancer decided in a tick, what it did, and why: the words that plan, apply and trace share */
#include "balancer/decision.h"

const char *const verdict_name[] = {
        [VERDICT_QUIET] = "quiet", [VERDICT_ACT] = "act",       [VERDICT_HOLD] = "hold",
        [VERDICT_WATCH] = "watch", [VERDICT_REBASE] = "rebase",
};
_Static_assert(sizeof(verdict_name) / sizeof(verdict_name[0]) == VERDICTS, "a name for each");

const char *const action_kind_name[] = {
        [ACTION_PIN] = "pin",
        [ACTION_RESTORE] = "restore",
};
_Static_assert(sizeof(action_kind_name) / sizeof(action_kind_name[0]) == ACTION_KINDS,
               "a name for each");

const char *const action_result_name[] = {
        [RESULT_DONE] = "done",       [RESULT_DRY_RUN] = "dry run", [RESULT_GONE] = "gone",
        [RESULT_REFUSED] = "refused", [RESULT_FAILED] = "failed",   [RESULT_NONE] = "not tried",
};
_Static_assert(sizeof(action_result_name) / sizeof(action_result_name[0]) == ACTION_RESULTS,
               "a name for each");
