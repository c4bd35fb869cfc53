/* decision - what a balancer decided in a tick, what it did, and why: the words that plan, apply and trace share */
#ifndef VMB_BALANCER_DECISION_H
#define VMB_BALANCER_DECISION_H

#include "collector/sample.h"

/* Long enough for a reason with its numbers; a longer one is cut. */
#define REASON_TEXT 200

enum verdict {
	VERDICT_QUIET, /* within the limits: nothing to do */
	VERDICT_ACT,   /* there are actions */
	VERDICT_HOLD,  /* out of the limits, and nothing is done: the reason says why */
	VERDICT_WATCH, /* not enough samples yet to judge */
	VERDICT_REBASE, /* a gap in time (suspend, SIGSTOP): counters are taken anew, nothing is done */
	VERDICTS
};

enum action_kind {
	ACTION_PIN,     /* old and new are affinities */
	ACTION_RESTORE, /* as ACTION_PIN, putting back what was there before this program */
	ACTION_KINDS
};

enum action_result {
	RESULT_DONE,    /* done, and read back as asked */
	RESULT_DRY_RUN, /* would have been done */
	RESULT_GONE,    /* the guest or vCPU vanished */
	RESULT_REFUSED, /* the host said no; detail has its words */
	RESULT_FAILED,  /* accepted, but read back as something else; or the call failed */
	RESULT_NONE,    /* not tried (an earlier action lost the host) */
	ACTION_RESULTS
};

struct action {
	enum action_kind kind;
	uint8_t guest[UUID_BYTES];
	char name[GUEST_NAME];
	uint32_t vcpu;
	struct cpuset from;
	struct cpuset to;
	char reason[REASON_TEXT]; /* for the person: "pCPU 0 100 % -> 52 %, pCPU 1 4 % -> 50 %" */

	/* filled by apply */
	enum action_result result;
	uint64_t duration_ns;
	char detail[REASON_TEXT]; /* why it was refused or failed, empty when done */
};

/*
 * The whole of a tick's thinking. Loads are in per mille of a pCPU, the spread is the population standard
 * deviation over the pCPUs that guests may use. Negative: not known.
 */
struct decision {
	enum verdict verdict;
	double spread_pm;    /* as estimated now */
	double noise_pm;     /* standard error of a pCPU's load in it */
	double predicted_pm; /* after the actions */
	bool exact;          /* the plan is proven to be the one with the fewest changes */
	unsigned why; /* the kind of reason, numbered by the balancer: the same kind is told once */
	char reason[REASON_TEXT];
	struct action *actions; /* the caller's array */
	size_t nr_actions;
	size_t room_actions;
};

extern const char *const verdict_name[VERDICTS];
extern const char *const action_kind_name[ACTION_KINDS];
extern const char *const action_result_name[ACTION_RESULTS];

#endif
