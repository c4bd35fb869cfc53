/* apply - carry out actions: note the originals, act, read back, say what came of each */
#ifndef VMB_BALANCER_APPLY_H
#define VMB_BALANCER_APPLY_H

#include "balancer/decision.h"
#include "balancer/journal.h"
#include "collector/host.h"

/*
 * Carry out `actions` in turn and fill in result, duration and detail of each. They stand in the journal before the
 * first is carried out; without a journal (NULL: it restores what already stands there) nothing is noted.
 * Each call that enters a guest's monitor may take patience_ns.
 * An order to a balloon is done when the host has accepted it; what came of it is seen in later samples.
 * One that fails does not stop the others; when the connection is lost the rest is not tried.
 * Returns 0, or an error of the journal: then only those were carried out that stood there already, and gives.
 */
int apply_actions(struct host *h, struct journal *journal, uint64_t patience_ns,
                  struct action *actions, size_t nr, struct error *e);

/* Mark all as what a dry run would have done. */
void apply_nothing(struct action *actions, size_t nr);

#endif
