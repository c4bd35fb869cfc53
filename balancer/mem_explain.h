/* mem_explain - say what the plan of memory chose, and why, in words and numbers */
#ifndef VMB_BALANCER_MEM_EXPLAIN_H
#define VMB_BALANCER_MEM_EXPLAIN_H

#include "balancer/mem_plan.h"

/*
 * The decision of a tick, from what the plan made of view and sample (guest i of the one is guest i of the other).
 * decision has room for as many actions and guests. Takes come first, then what is withdrawn, then gives; subject[i] is
 * the guest of action i.
 */
void mem_explain(const struct mem_view *view, const struct sample *s,
                 const struct mem_order *orders, const struct mem_choice *choice,
                 struct decision *decision, size_t *subject);

#endif
