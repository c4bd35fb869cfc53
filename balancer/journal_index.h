/* journal_index - which lines of a journal are of the same thing, and which of them tell something */
#ifndef VMB_BALANCER_JOURNAL_INDEX_H
#define VMB_BALANCER_JOURNAL_INDEX_H

#include "balancer/decision.h"

struct journal_role {
	size_t first; /* the thing's first line */
	size_t original; /* the line that tells its original: the first, or the last that made it anew */
	bool leaves; /* the first of the thing's lines that leaves it so */
	bool ours;   /* the caller's, false */
};

/*
 * The role of each of these lines, in time n log n. Only those that leave or that tell the original matter: without the
 * others every line has the same role, also those which come later, because what stands before each leaves the same.
 * *roles is allocated (free() it). Returns 0 or -ENOMEM.
 */
int journal_index(const struct action *lines, size_t nr, struct journal_role **roles);

#endif
