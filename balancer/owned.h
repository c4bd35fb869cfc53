/* owned - the folder and the files that outlive us, opened so that nobody else can have put them there */
#ifndef VMB_BALANCER_OWNED_H
#define VMB_BALANCER_OWNED_H

#include "common/error.h"

/*
 * See to it that `path` is a folder of ours: made with mode 0700 when it is not there; a symbolic link, a folder of
 * someone else's, one where others may write are refused. Ours: common/owner.h.
 * Returns 0, or -EACCES with a sentence.
 */
int owned_folder(const char *path, struct error *e);

/*
 * Open a file in such a folder, as open(2) with `flags`, made with mode 0600. Symbolic and hard links, what is no
 * regular file, what is someone else's and what others may write to are refused.
 * Returns the descriptor, -ENOENT, -EACCES, -EIO.
 */
int owned_open(const char *path, int flags, struct error *e);

#endif
