/* journal - what was there before we acted, on disk before we act, so that it can be put back whatever happens */
#ifndef VMB_BALANCER_JOURNAL_H
#define VMB_BALANCER_JOURNAL_H

#include "balancer/decision.h"
#include "common/cleanup.h"
#include "common/error.h"

/*
 * A text file, one line a change (balancer/journal_line.h). A thing's first line tells its original, or a later one that
 * found what its owner gave it meanwhile. Lines are appended, each is on disk before the change is made; a last line without
 * its end belongs to a change that was never made. Beyond 2,000 lines, whenever they have doubled, a file takes its place
 * that has only the lines that tell something (balancer/journal_index.h). Guests that are gone are forgotten then, where all that run
 * could be read. That file lies beside it, as PATH.new, until it is whole. "kept" says that the user wants the changes
 * left as they are.
 */
struct journal;

/*
 * Read the journal at `path`, if there is one. Nothing is written before the first note.
 * Returns 0, -EBADMSG when the file is no journal of ours or damaged, -EACCES, -EIO, -ENOMEM.
 */
int journal_open(const char *path, struct journal **out, struct error *e);

/* Close and free; the file stays as it is. */
void journal_close(struct journal *j);
DEFINE_AUTO(struct journal *, journal_close);

/* Whether it holds changes, and whether the user wanted them kept. */
bool journal_holds(const struct journal *j);
bool journal_kept(const struct journal *j);

/* Whether it holds a change of the same thing of the same guest. */
bool journal_knows(const struct journal *j, const struct action *a);

/* What the balloon of this guest is put back to, in KiB; UNKNOWN: nothing is noted of it. */
uint64_t journal_balloon_kib(const struct journal *j, const uint8_t guest[UUID_BYTES]);

/*
 * The host when the next changes are noted; it must stay as long as the journal. Who may run on all pCPUs that are online is noted
 * as one that may run on all that there are (journal_line_widen()), and what was noted of guests that are gone is forgotten in
 * time. What was noted of one that was started anew since is forgotten at once; but pins that it has all the same, and of one that was
 * saved and restored (sample_guest.start) also its balloon, and its period where it has that.
 */
void journal_sees(struct journal *j, const struct sample *now);

/*
 * Append these actions (their guest, vcpu, from, to) and wait until they are on disk. One whose kind does not repeat
 * (journal_line_repeats()) has a line already after the first; also one that asks for what is there, as what withdraws an order may.
 */
int journal_note(struct journal *j, const struct action *actions, size_t nr, struct error *e);

/* The same of what someone else has set a balloon to, both from and to of `a`: that is put back from here on. */
int journal_note_found(struct journal *j, const struct action *a, struct error *e);

/*
 * What came of the actions that were noted last: of those that were refused or not tried nothing can have been left, so that their
 * things are not ours for them. Whoever is killed before this has left them noted. A kind that does not repeat keeps its line: that
 * one tells the original from then on.
 */
void journal_not_made(struct journal *j, const struct action *actions, size_t nr);

/* See to it that the file is there, if there was one: one that was removed is written anew. 0, or as journal_note(). */
int journal_stay(struct journal *j, struct error *e);

/* Mark what it holds as wanted by the user. */
int journal_keep(struct journal *j, struct error *e);

/*
 * Of these `nr` actions, which journal_restores() gave, those that are neither done nor of a guest that is gone are still owed, and
 * all that is noted of a guest of which an order may come yet. What else is noted of the guests that are there now is forgotten: it
 * is as it was, or someone else's. Nothing is where some could not be read.
 */
void journal_settle(struct journal *j, const struct sample *now, const struct action *actions,
                    size_t nr);

/* All is put back: remove the file. The journal is empty then, and ready for the next note. */
int journal_remove(struct journal *j, struct error *e);

/*
 * What would put the originals back, given the host as it is now (with its late statistics where periods shall be put
 * back): an ACTION_RESTORE for each vCPU that has an affinity which the last changes may have left, an ACTION_BALLOON_RESTORE for each
 * balloon of another size, up or down, at most the guest's maximum; an ACTION_PERIOD for each period that is still ours.
 * As long as nothing was noted since the journal was opened, also for a pin that is as it was: what a run before asked for may come
 * yet. Guests that are gone, and what someone else has changed since, are left out. Original pCPUs that are offline now are left out
 * of the mask; when none is left, all usable ones are given.
 * *actions is allocated (free() it), *nr may be 0. Returns 0 or -ENOMEM.
 */
int journal_restores(const struct journal *j, const struct sample *now, struct action **actions,
                     size_t *nr, struct error *e);

#endif
