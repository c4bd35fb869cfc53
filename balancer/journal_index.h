/* journal_index - which lines of a journal are of the same thing, and which of them tell something */
#ifndef VMB_BALANCER_JOURNAL_INDEX_H
#define VMB_BALANCER_JOURNAL_INDEX_H

#include "balancer/decision.h"

/*
 * A line is noted before its change is made, which may fail, or be heard later. The next line of the thing tells by its FROM
 * which one was heard: as there is one order under way at a time, none before that will be. So a thing is ours while it is as
 * one of the lines has left it that are not ruled out yet, most often the last two; and what is found otherwise is its owner's.
 */
struct journal_role {
	size_t first; /* the thing's first line */
	size_t original; /* the line that tells its original: the first, or the last that made it anew */
	bool live;       /* the thing may be as this line leaves it; of more such, the last */
	bool ours;       /* the caller's, false */
};

/*
 * The role of each of these lines, in time n log n where few of a thing are live at a time. Only the live ones matter, with
 * the FROM of their originals (journal_line_rebase()): also the lines which come later have the same role after those alone.
 * *roles is allocated (free() it). Returns 0 or -ENOMEM.
 */
int journal_index(const struct action *lines, size_t nr, struct journal_role **roles);

#endif
