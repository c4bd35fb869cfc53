/* trial - a criterion under judgement: whether the data of its run can answer it */
#ifndef VMB_ANALYZE_TRIAL_H
#define VMB_ANALYZE_TRIAL_H

#include "analyze/judge.h"

struct trial {
	const struct criterion *c;
	const struct metric *m;
	const struct series *s;
	const struct settling *x;
	bool needs_load;
	char limit_why[FORMULA_WHY];      /* the limit is not known exactly; empty: it is */
	const struct observations *whole; /* of all of the run */
	struct observations o; /* of the window, those without load left out where it needs load */
	size_t ticks, loaded;  /* in the window */
	size_t noisy, full;    /* observations made unknown, and left out, by noise.h */
	double noise_pct;      /* noise_limit_pct(), once it was asked for; 0 before */
	struct judgement *j;
};

/* Note an outcome and why. Returns true: this is decided. */
bool trial_decide(struct trial *t, enum outcome outcome, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* True, and decided, when the criterion asks nothing of this run that could be looked at; before there are observations. */
bool trial_is_void(struct trial *t);

/* noise_limit_pct() of the run, found once: it sorts all ticks. */
double trial_noise_pct(struct trial *t);

/* True, and decided, when a number of the run that is out of its limit may be the doing of other work. */
bool trial_is_disturbed(struct trial *t);

/* True, and decided, when too much is missing for what holds to be a PASS; when all has been weighed. */
bool trial_cannot_tell(struct trial *t);

/* True when there may have been more than the trace shows. */
bool trial_may_lack(const struct trial *t);

#endif
