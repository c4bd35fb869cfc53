/* journal_line - a line of the journal for each kind of change: to text, from text, and what would put it back */
#ifndef VMB_BALANCER_JOURNAL_LINE_H
#define VMB_BALANCER_JOURNAL_LINE_H

#include "balancer/decision.h"

/*
 * "pin UUID VCPU FROM TO NAME", masks as "0-3". FROM that no line before can have left: its owner gave it, and that is the original.
 * "balloon UUID FROM TO NAME", KiB. FROM equal to TO: someone else has set it, and from here on this is the original.
 * "period UUID FROM TO NAME", seconds
 */

#define JOURNAL_LINE (2 * CPUSET_ANY_TEXT + UUID_TEXT + GUEST_NAME + 64)

/*
 * Write the line of an action, with its newline. Control characters in the guest's name, where a newline would forge a
 * line, become '?'. Returns its length.
 */
size_t journal_line_write(const struct action *a, char line[JOURNAL_LINE]);

/* Read a line, its newline cut; cuts it into words. Returns 0 or -EINVAL. Sets kind, guest, name and what the kind has. */
int journal_line_read(char *line, struct action *a);

/* Whether two changes are of the same thing: the same vCPU's pins, the same guest's balloon; and an order of things. */
bool journal_line_same(const struct action *a, const struct action *b);
int journal_line_order(const struct action *a, const struct action *b);

/* An order of what changes of the same thing leave it as; 0 where it is the same to journal_line_ours(). */
int journal_line_left(const struct action *a, const struct action *b);

/* The change, never made, that would have left the thing as `line` found it. */
void journal_line_found(const struct action *line, struct action *found);

/* Give the line FROM and NAME of the one that tells its thing's original. */
void journal_line_rebase(struct action *line, const struct action *original);

/*
 * Whether a change needs its own line when one of the same thing stands there already. Of pins all are noted, so that it
 * can be told whose pins are found later. A balloon moves all day, so its first line alone tells the original.
 */
bool journal_line_repeats(const struct action *a);

/*
 * Whether this line makes its FROM the original, whatever stands before it: of pins one that no line before can have left
 * (found_as_left), but their owner. All pCPUs are what the kernel gives a vCPU whose own went offline: those are nobody's
 * wish. Of a balloon one that says so, found_as_left or not.
 */
bool journal_line_anew(const struct action *a, bool found_as_left);

/*
 * Who may run on all pCPUs that are online (empty: not known) shall be noted as one that may run on all that there are,
 * so that he gets back also those which come online later. What is no pin stays as it is.
 */
void journal_line_widen(struct action *a, const struct cpuset *online);

/*
 * What would put the thing back to what `original`, the line that tells it, has as FROM, on the host as it is now.
 * False: nothing to put back (*restore says all the same what would), or the thing is gone.
 */
bool journal_line_restore(const struct action *original, const struct sample *now,
                          struct action *restore);

/* Whether this action, of journal_line_restore(), is of the line's thing. */
bool journal_line_restored_by(const struct action *line, const struct action *restore);

/*
 * Whether a thing is now as this line of it left it: of pins also the kernel's answer, all that are online, where the pCPUs are
 * gone. Of a balloon, which may be half way to any order: always. Of a period also where it is not known.
 */
bool journal_line_ours(const struct action *line, const struct sample *now);

#endif
