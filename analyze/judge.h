/* judge - hold a run against a criterion */
#ifndef VMB_ANALYZE_JUDGE_H
#define VMB_ANALYZE_JUDGE_H

#include "analyze/criteria.h"

enum outcome {
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_UNDECIDED, /* the data cannot tell */
	OUTCOME_SKIP,      /* does not apply to this run */
	OUTCOMES
};

extern const char *const outcome_name[OUTCOMES]; /* "PASS" */

/* Samples below which nothing is said: ten seconds at an interval of one. */
#define JUDGE_SAMPLES 10

#define WHY_TEXT 320

/*
 * PASS only when the limit held for the asked share of samples even if every sample that is lost or not known had
 * broken it; FAIL when it was broken even if all of these had held; else UNDECIDED. So a lost tick makes
 * "100 %" UNDECIDED and leaves "99 %" of a long run alone, and what was seen to break stays broken.
 * What other work on the host may have broken is not known, and where all was full there is nothing to judge: noise.h.
 * Whatever else is missing turns a PASS into UNDECIDED: no guests, no load where a metric needs it (its samples
 * without load are not judged; they must not be the greater part), fewer than JUDGE_SAMPLES samples, a run that was not
 * closed, data loss counted by the recorder, a trace that could not be read whole, changes that a dry run only planned, a limit finer than the 10 ms
 * steps of CPU times, a limit that is not known in this run.
 * A value that is only known to be so much at most (observation.bound) can hold <= and <, and everything else
 * about it is not known. A limit that is only known to be so much at most can be broken by what is above it, where it is an upper
 * one, and held where it is a lower one; it is the other way round for one that is known to be so much at least.
 */
struct judgement {
	const struct criterion *criterion;
	enum outcome outcome;
	struct limit limit;   /* as it is in this run; a value of NAN: not known */
	struct window window; /* what was judged; NAN from_s when that is not known */
	double value;         /* the worst sample, or the one number; NAN: none */
	double worst_s;       /* when that was; NAN: no moment */
	int32_t subject;      /* of that, -1: none */
	size_t held, judged;  /* samples within the limit, and all that are known */
	size_t lost;          /* samples that are not known, missed ticks among them */
	char why[WHY_TEXT]; /* a sentence for every outcome but PASS; holds names: escape before printing */
};

/* *whole: what the criterion's metric observed in the whole run. 0 or -ENOMEM. */
int judge(const struct criterion *c, const struct series *s, const struct settling *x,
          const struct observations *whole, struct judgement *out);

/* One outcome of all: FAIL before UNDECIDED before PASS; UNDECIDED when nothing applied. */
enum outcome judge_all(const struct judgement *j, size_t nr);

#endif
