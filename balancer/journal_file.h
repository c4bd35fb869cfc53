/* journal_file - the journal's file: whole lines that are appended and synced, or a whole file that takes its place */
#ifndef VMB_BALANCER_JOURNAL_FILE_H
#define VMB_BALANCER_JOURNAL_FILE_H

#include "balancer/decision.h"
#include "common/error.h"

/*
 * A header, a line for each change (balancer/journal_line.h), and "kept" where the user wants what stands above left as it
 * is. A last line without its newline was never finished: who reads leaves it out, who appends cuts it off. We write no NUL
 * and none that is too long: a file that has them is not ours, nor is one that is a link, or belongs to someone else
 * (balancer/owned.h).
 */
struct journal_file {
	char *path, *beside; /* the file, and one that is to take its place: PATH.new */
	int fd;              /* -1 before something is written */
};

/* All that the file is to tell. */
struct journal_text {
	const struct action *changes;
	size_t nr;
	bool kept;
};

/* A line that was read: a change, or NULL for "kept". Returns 0, or less, which ends the reading. */
typedef int journal_file_take(void *with, const struct action *change, struct error *e);

/* The file at `path`; nothing is touched. 0 or -ENOMEM. */
int journal_file_init(struct journal_file *f, const char *path, struct error *e);

/* Write no more for now; the file stays as it is. */
void journal_file_close(struct journal_file *f);

/* Close, and free what it has. */
void journal_file_free(struct journal_file *f);

/* Each whole line to `take`; no file is one without lines. 0, -EBADMSG, -EACCES, -EIO, -ENOMEM, or what `take` returned. */
int journal_file_read(const struct journal_file *f, journal_file_take *take, void *with,
                      struct error *e);

/*
 * Be ready to append. What is not there, or is empty, is written with all of `text` first, and is the journal from then on:
 * either all of it, or none. 0, -EBADMSG, -EACCES, -ENOENT (the folder), -EIO.
 */
int journal_file_start(struct journal_file *f, const struct journal_text *text, struct error *e);

/*
 * After a start: a line for each of these changes, or the line "kept". 0 when they are on disk; -EIO, and none of them stands
 * there. The next one needs a start again then.
 */
int journal_file_append(struct journal_file *f, const struct action *changes, size_t nr,
                        struct error *e);
int journal_file_keep(struct journal_file *f, struct error *e);

/*
 * Put a file in its place that has `text` alone. Whoever is killed meanwhile leaves the one or the other, both whole. What
 * fails leaves the old one, to append to. 0, -EACCES, -ENOENT, -EIO.
 */
int journal_file_replace(struct journal_file *f, const struct journal_text *text, struct error *e);

/*
 * Where it was removed or emptied since the start: write it anew, with all of `text`. 0, -EBUSY when another one stands there,
 * or as journal_file_replace(); the next call tries again.
 */
int journal_file_stay(struct journal_file *f, const struct journal_text *text, struct error *e);

/* Remove it, and one beside it. 0 or -EIO. */
int journal_file_remove(struct journal_file *f, struct error *e);

#endif
