/* cpu_explain - say what the CPU plan chose, and why, in words and numbers */
#ifndef VMB_BALANCER_CPU_EXPLAIN_H
#define VMB_BALANCER_CPU_EXPLAIN_H

#include "balancer/cpu_plan.h"

/*
 * Turn a choice on `view`, made of sample `s`, into a decision with its actions and reasons. d must have room for
 * choice->nr_moves actions. `loads` is working memory for 2 × view->nr_pcpus values.
 */
void cpu_explain(const struct cpu_policy *policy, const struct cpu_view *view,
                 const struct sample *s, const struct cpu_choice *choice,
                 const struct cpu_move *moves, double *loads, struct decision *d);

#endif
