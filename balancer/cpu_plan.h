/* cpu_plan - whether to move vCPUs at all: band, confirmation, refusal, back-off */
#ifndef VMB_BALANCER_CPU_PLAN_H
#define VMB_BALANCER_CPU_PLAN_H

#include "balancer/decision.h"
#include "balancer/place.h"

/*
 * The laws that keep the plan from acting too often. Their values are not options: cpu_plan.c says where each comes
 * from. A test that shows what a law is good for switches it off.
 */
struct cpu_laws {
	double inner_band; /* placements aim at this part of the limit; 1: at the limit itself */
	unsigned confirm_ticks; /* a small imbalance must be seen so often; 1: once */
	double least_gain_pm;   /* what changes must gain that do not come within the limit, */
	double least_gain_part; /* and as part of what there is; both 0: anything will do */
	unsigned back_off_most; /* so often a wrong prediction doubles the confirmation; 0: never */
	unsigned pause_most;    /* ticks after a search that found nothing; 0: none */
	bool await_doubted;     /* a gross imbalance is confirmed while readings are in doubt */
	bool end_tries;         /* so many acts by the same loads, then hardly any */
	bool by_means;          /* then loads are what they are on average */
	unsigned efforts_most;  /* so many acts for little, then one in half an hour; 0: all */
	bool ask_kernel;        /* leave floating vCPUs to the kernel where it does better */
	bool tidy;              /* of equal vCPUs those of a guest go apart, and into one node */
	unsigned search_nodes;  /* steps of the exact search; 0: heuristics alone */
};

/* What the user can set; and the laws. */
struct cpu_policy {
	double balance_pm;    /* limit of the standard deviation over pCPUs */
	unsigned dwell_ticks; /* a vCPU rests so long after a move */
	double idle_pm;       /* a vCPU below is idle and left alone */
	bool leave_floating;  /* to the kernel, until the pCPUs are beyond the limit and it pays */
	struct cpu_laws laws;
};

extern const struct cpu_policy cpu_policy_default;

/* A pCPU that guests may use. Loads in per mille of a pCPU. */
struct view_pcpu {
	uint32_t pcpu;
	double other_pm; /* what runs on it besides vCPUs, smoothed */
	double other_error_pm;
	double other_scatter_pm; /* its own standard deviation, without that of the measurement */
	double busy_pm;          /* all that runs on it, smoothed */
	double busy_error_pm;
};

#define VIEW_FLOATS  -1 /* may run on several pCPUs */
#define VIEW_OUTSIDE -2 /* pinned to a pCPU that is not ours to use */

/* A vCPU, with what is known of its load. */
struct view_vcpu {
	double load_pm;    /* smoothed; of a squeezed vCPU the least that it wants */
	double error_pm;   /* standard error of load_pm */
	double scatter_pm; /* its own standard deviation, without that of the measurement */
	unsigned samples;  /* that load_pm rests on */
	uint32_t guest;    /* vCPUs of one guest stand together and have the same number */
	int32_t on;   /* index in pcpus of the one it is pinned to, VIEW_FLOATS or VIEW_OUTSIDE */
	int32_t last; /* index in pcpus of the one where it ran last; -1: not known, or not ours */
	struct cpuset allowed; /* where it may be pinned, by pCPU number */
	bool managed;          /* ours to move */
	bool squeezed;         /* its pCPU is full and it is among those that want more */
	bool guessed;          /* squeezed and never seen free: load_pm is a guess between bounds */
	bool doubted;          /* its last reading was far from load_pm, and is not believed yet */
	unsigned rested_ticks; /* since its last move */
};

/* All that the plan sees in a tick. */
struct cpu_view {
	size_t nr_pcpus, nr_vcpus;
	struct view_pcpu *pcpus;
	struct view_vcpu *vcpus;
	const struct place_spot *spots; /* [pcpu] where each sits; NULL: topology is not known */
	bool stepped;                   /* loads are others than they were after the last moves */
	double floor_pm; /* standard deviation that the measurement of a reading has */
};

enum cpu_why {
	WHY_IN_BAND,    /* quiet */
	WHY_NO_LOAD,    /* quiet: no vCPU carries load */
	WHY_ONE_PCPU,   /* quiet: nothing to choose from */
	WHY_NO_SAMPLES, /* watch */
	WHY_CONFIRMING, /* hold: `count` of `needed` ticks */
	WHY_TRIED, /* hold: by these loads it has moved vCPUs often enough; `count` of `needed` ticks */
	WHY_RESTING,      /* hold: what would have to move has moved just now */
	WHY_NONE_MOVABLE, /* hold: nothing that carries load is ours to move */
	WHY_NOT_BETTER,   /* hold: the best placement gains too little */
	WHY_KERNEL,       /* hold: floating vCPUs are better off with the kernel's own balance */
	WHY_SPREAD,       /* act: out of the band */
	WHY_PLACE,        /* act: floating vCPUs carry load */
	WHY_RULE,         /* act: by the rule of another policy */
	WHY_NO_MOVE,      /* hold: that rule has no move */
	CPU_WHYS
};

/* What the plan remembers from tick to tick. Zero it to start. */
struct cpu_plan_state {
	unsigned out_of_band;     /* ticks in turn */
	unsigned in_band;         /* ticks in turn */
	unsigned since_act;       /* ticks */
	unsigned tries;           /* acts to even out loads that have not stepped since */
	unsigned efforts;         /* acts for little, out of the limit; some forgotten */
	unsigned effort_ticks;    /* while there are some */
	double predicted_pm;      /* for the last actions */
	double if_others_stay_pm; /* so much more, if a hope of the plan fails; 0: it had none */
	bool prediction_open;     /* not yet held against what came */
	unsigned back_off;        /* raised by each prediction that did not come true */
	unsigned pause;           /* a search found nothing worth doing: ticks until the next one */
	unsigned last_pause;      /* how long that was; doubles */
	double paused_at_pm;      /* how uneven it was then: a change of that ends the pause */
	double paused_best_pm;    /* the best that it found */
	enum cpu_why paused_why;
};

/* The decision of a tick. Spreads are standard deviations over pCPUs, in pm; negative: not known. */
struct cpu_choice {
	enum verdict verdict;
	enum cpu_why why;
	double spread_pm;
	double noise_pm;     /* standard error of a pCPU's load */
	double predicted_pm; /* by the moves; for a refusal the best that there is */
	double core_pm;      /* the spread over cores; without SMT as spread_pm */
	double predicted_core_pm;
	double if_others_stay_pm; /* so much more than predicted, if others than vCPUs do not make way */
	double highest_pm;        /* load of the fullest pCPU */
	unsigned long steps;      /* that the searches took: what the plan cost */
	bool exact;               /* no placement does it with fewer changes */
	unsigned count, needed;
	size_t nr_moves;
};

struct cpu_move {
	uint32_t vcpu; /* index in view->vcpus */
	int32_t from;  /* index in view->pcpus, or VIEW_FLOATS */
	int32_t to;
};

/*
 * Decide; cpu_plan_goal.h says what for. Pure: the same view, policy and state give the same choice and the same next state. The scratch must have
 * been reserved for the view's size; moves has room for view->nr_vcpus.
 */
typedef void cpu_planner(const struct cpu_policy *policy, const struct cpu_view *view,
                         struct cpu_plan_state *state, struct place_scratch *scratch,
                         struct cpu_move *moves, struct cpu_choice *choice);

cpu_planner cpu_plan;

/* Whether acts by these loads were tried often enough: what loads are on average tells more then (cpu_estimate.h). */
bool cpu_plan_tried(const struct cpu_policy *policy, const struct cpu_plan_state *state);

/* The loads that the plan sees on each pCPU now, in pm, into loads[view->nr_pcpus]. */
void cpu_plan_loads(const struct cpu_policy *policy, const struct cpu_view *view, double *loads);

#endif
