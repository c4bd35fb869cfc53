/* output - where a report or picture goes: standard output, or a file that is whole or as it was before */
#ifndef VMB_ANALYZE_OUTPUT_H
#define VMB_ANALYZE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "common/cleanup.h"
#include "common/error.h"

/* "-" means standard output. */
bool output_is_stream(const char *path);

/*
 * May a file be written in this place: there is none yet, or a regular one, which is not the file `source` that is being
 * read (may be NULL), nor a database, as traces are. 0, or -EINVAL, -EACCES, -ENOENT ... with a sentence that names the path. A symbolic link is refused, and
 * so is what is no file: renaming would put a file in the place of a device.
 */
int output_check(const char *path, const char *source, struct error *e);

/* A file that is written beside its place. Zeroed: none. */
struct output {
	FILE *out;
	char *path, *beside; /* NULL on standard output */
};

/*
 * Start to write; then either output_commit(), which flushes and moves the file to its place (atomically, with the
 * mode that a new file gets), or output_abandon(), which leaves what was there. Errors of writing come out of
 * output_commit() at the latest. output_abandon() of what is committed, or was never begun, does nothing.
 */
int output_begin(struct output *o, const char *path, struct error *e);
int output_commit(struct output *o, struct error *e);
void output_abandon(struct output *o);

/* All of it at once. */
int output_write(const char *path, const char *bytes, size_t length, struct error *e);

#endif
