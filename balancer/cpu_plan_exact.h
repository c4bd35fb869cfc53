/* cpu_plan_exact - branch and bound: prove or improve a placement, within a number of steps */
#ifndef VMB_BALANCER_CPU_PLAN_EXACT_H
#define VMB_BALANCER_CPU_PLAN_EXACT_H

#include "balancer/place.h"

/* A number of changes below which no placement comes within the band. */
unsigned place_least_changes(const struct place_problem *problem, struct place_scratch *s);

/*
 * Look for a better placement than s->to: within the band with fewer changes; with as many, a more even one; when
 * nothing is within the band, a more even one. Better ones found replace s->to. Returns true when the search was
 * complete: then nothing better exists.
 */
bool place_exact(const struct place_problem *problem, struct place_scratch *s);

#endif
