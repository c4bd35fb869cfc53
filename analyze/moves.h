/* moves - metrics of what a run made of the balloons: orders, cuts, turns */
#ifndef VMB_ANALYZE_MOVES_H
#define VMB_ANALYZE_MOVES_H

#include "analyze/metrics.h"

/* True when the action is a balloon's new size that was done: not one put back, a dry run, a failure, or no change. */
bool moves_is_order(const struct trace_action_row *row);

/* An order that was not overtaken by another one is missed when the balloon is not there after so long. */
#define MOVES_REACHED_S 5.0

/*
 * A number for every guest whose memory is told; what they are stands in the table of metrics.c. Moves are the orders in a run of
 * vmb-mem; in others, whoever made them, what is seen of a balloon between two ticks, from 1 MiB on. 0 or -ENOMEM.
 */
int moves_calls(const struct series *s, const struct settling *x, struct window w,
                struct observations *out);
int moves_largest_cut(const struct series *s, const struct settling *x, struct window w,
                      struct observations *out);
int moves_turns(const struct series *s, const struct settling *x, struct window w,
                struct observations *out);
int moves_missed(const struct series *s, const struct settling *x, struct window w,
                 struct observations *out);

#endif
