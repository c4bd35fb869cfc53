/* contrast - two runs, or two groups of runs, held against each other */
#ifndef VMB_ANALYZE_CONTRAST_H
#define VMB_ANALYZE_CONTRAST_H

#include <stdio.h>

#include "analyze/measured.h"

#define CONTRAST_LEVEL 0.05 /* of wrong claims, of all metrics together */
#define CONTRAST_POWER 0.8

enum conclusion {
	CONCLUDE_LOWER, /* of B against A */
	CONCLUDE_HIGHER,
	CONCLUDE_FINE,        /* a difference, but finer than the values themselves can be told */
	CONCLUDE_NONE,        /* no difference shown: which is not that there is none */
	CONCLUDE_FEW_RUNS,    /* no test of so few runs could show one */
	CONCLUDE_FEW_SAMPLES, /* one run each, and fewer than WELCH_EFFECTIVE effective samples */
	CONCLUDE_BOUNDS,      /* some values are only known to be so much at most */
	CONCLUDE_WORDS,       /* values are words: shown, not tested */
	CONCLUSIONS
};

/* One metric that is known in a run of A and in one of B. */
struct contrast_row {
	const struct metric *metric;
	double a,
	        b; /* means over the runs that know it; by_ranks: medians; of words the common one, else NAN */
	size_t runs_a, runs_b;           /* that know it */
	double effective_a, effective_b; /* samples, where there is one run each; else NAN */
	double by, low, high; /* B - A and its interval at 95 %, of this metric alone; NAN: none */
	double p, p_together; /* of this metric alone, and adjusted for all; NAN: not tested */
	enum conclusion conclusion;
	bool by_ranks; /* some runs never got there (INFINITY): ranks were tested, there is no interval */
	size_t fewest_more; /* CONCLUDE_FEW_RUNS: on each side, before anything could be shown */
	size_t more; /* on each side, until a difference as large is shown with CONTRAST_POWER; SIZE_MAX: not known */
};

struct contrast_group {
	struct measured *runs;
	size_t nr;
};

struct contrast {
	struct contrast_group group[2]; /* A and B */
	bool within;                    /* one run each: samples were tested, not runs */
	bool same_run;                  /* there is a run that is in A and in B */
	struct contrast_row *rows;
	size_t nr_rows, nr_tested;
	size_t arrangements; /* of the runs, and whether these were all; 0: none were needed */
	bool all_arrangements;
};

/*
 * Read and compare. A claim is CONCLUDE_FINE below half a unit of the last decimal that is worth printing; and where a metric is
 * made of CPU times in steps of 10 ms, below the share of such a step in the shortest interval, if there is one run each (the
 * phase between steps and load then stays the same for all samples) or intervals differ (and with them what the steps add).
 *
 * With one run each the samples of a metric are compared (welch.h), and p is adjusted by holm.h; else the
 * runs (permutation.h), adjusted by its max T. A claim needs p_together <= CONTRAST_LEVEL.
 * Errors as recording_open(); -EINVAL with *wrong set when a run stands twice in one group. contrast_done() is needed in
 * every case.
 */
int contrast_make(struct contrast *c, const struct operands group[2],
                  const struct selection *selection, const struct criteria *criteria, bool *wrong,
                  struct error *e);
void contrast_done(struct contrast *c);

/* Compare what was measured already: fills the rows. 0 or -ENOMEM. */
int contrast_rows(struct contrast *c);

/* For people, at most 100 columns wide. */
void contrast_text(const struct contrast *c, FILE *out);

/* For programs; the layout is described in README.md. 0, -ENOMEM or -EIO. */
int contrast_json(const struct contrast *c, FILE *out, struct error *e);

#endif
