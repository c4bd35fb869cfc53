/* text_file - open a text file that a person named, without waiting for whoever might write it */
#ifndef VMB_COMMON_TEXT_FILE_H
#define VMB_COMMON_TEXT_FILE_H

#include <stdio.h>

#include "common/error.h"

/*
 * For reading. A pipe is taken as it is, also one of a shell's <(...); a FIFO that nobody writes is empty, where fopen()
 * would wait for ever. Returns 0, or -errno with *e naming the path.
 */
int text_file_open(const char *path, FILE **out, struct error *e);

/*
 * The same of a regular file alone, for what is read while a program works: nothing that it waits for, and what was read once
 * is there to be read again. -EINVAL: it is another kind of file.
 */
int text_file_open_regular(const char *path, FILE **out, struct error *e);

#endif
