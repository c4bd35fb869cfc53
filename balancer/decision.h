/* decision - what a balancer decided in a tick, what it did, and why: the words that plan, apply and trace share */
#ifndef VMB_BALANCER_DECISION_H
#define VMB_BALANCER_DECISION_H

#include "collector/sample.h"
#include "common/error.h"

/* Long enough for a reason with its numbers; a longer one is cut. */
#define REASON_TEXT 200

enum verdict {
	VERDICT_QUIET,  /* within the limits: nothing to do */
	VERDICT_ACT,    /* there are actions */
	VERDICT_HOLD,   /* out of the limits, and nothing is done: the reason says why */
	VERDICT_WATCH,  /* not enough samples yet to judge */
	VERDICT_REBASE, /* a gap in time (suspend, SIGSTOP, a host that was away): counters are taken anew, nothing is done */
	VERDICTS
};

enum action_kind {
	ACTION_PIN,             /* a vCPU's affinity */
	ACTION_RESTORE,         /* as ACTION_PIN, putting back what was there before this program */
	ACTION_BALLOON,         /* a guest's balloon target */
	ACTION_BALLOON_RESTORE, /* as ACTION_BALLOON, on the way back to what it was before */
	ACTION_PERIOD,          /* how often a guest's balloon driver reports */
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
	uint32_t vcpu;             /* of the kinds that have one */
	struct cpuset from, to;    /* ACTION_PIN, ACTION_RESTORE */
	uint64_t from_kib, to_kib; /* ACTION_BALLOON, ACTION_BALLOON_RESTORE */
	uint32_t from_s, to_s;     /* ACTION_PERIOD */
	char reason[REASON_TEXT];  /* for the person: "pCPU 0 100 % -> 52 %, pCPU 1 4 % -> 50 %" */

	/* filled by apply */
	enum action_result result;
	uint64_t duration_ns;
	char detail[REASON_TEXT]; /* why it was refused or failed, empty when done */
};

/* What vmb-mem takes a guest for. */
enum memory_state {
	MEMORY_OK,
	MEMORY_TIGHT,    /* below its band */
	MEMORY_SETTLING, /* an order is under way */
	MEMORY_STALE,    /* its statistics are not fresh, or make no sense */
	MEMORY_NODRIVER, /* a balloon device that no driver works */
	MEMORY_STUCK,    /* does not follow orders */
	MEMORY_EXEMPT,   /* not ours to move */
	MEMORY_PAUSED,   /* does not run, or is held by a job */
	MEMORY_BOOTING,
	MEMORY_STATES
};

extern const char *const memory_state_name[MEMORY_STATES];

/* A guest in a tick's plan of memory. KiB; UNKNOWN where the state leaves no number. */
struct guest_plan {
	uint8_t guest[UUID_BYTES];
	enum memory_state state;
	uint64_t low_kib, high_kib; /* the band that its usable memory shall be in */
	uint64_t floor_kib;         /* its balloon is not taken below this */
	uint64_t target_kib;        /* what its balloon shall be; actual when it is to stay */
};

/* The host in a tick's plan of memory. KiB; UNKNOWN where there is none. */
struct host_plan {
	uint64_t reserve_kib; /* that stays the host's own */
	uint64_t pool_kib;    /* what guests may have in all, when it is bounded */
	uint64_t spare_kib;   /* what could be given now */
	bool is_short;        /* below the lower threshold, and not yet above the upper one */
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
	struct host_plan host;     /* of a plan of memory: when there are guests below */
	struct guest_plan *guests; /* in order of UUID; of a plan of CPUs: none */
	size_t nr_guests;
	size_t room_guests;
};

/* Room for so many actions or guests in d; 0 or -ENOMEM. Never shrinks. Zero the struct before the first call. */
int decision_reserve(struct decision *d, size_t nr, struct error *e);
int decision_reserve_guests(struct decision *d, size_t nr, struct error *e);
void decision_done(struct decision *d);

extern const char *const verdict_name[VERDICTS];
extern const char *const action_kind_name[ACTION_KINDS];
extern const char *const action_result_name[ACTION_RESULTS];

#endif
