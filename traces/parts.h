/* parts - the names of a trace that goes on in further files: run.db, run-2.db, run-3.db */
#ifndef VMB_TRACES_PARTS_H
#define VMB_TRACES_PARTS_H

#include <stddef.h>

/*
 * Names stay as they are once given: a file that is open must not be renamed, a number that moved on would make every
 * mention of it wrong, and the ending stays what tools look for.
 */

/* The name of part `number`, from 1: the first one's is `name` itself. Returns 0, -ENAMETOOLONG. */
int parts_name(const char *name, unsigned number, char *out, size_t size);

/* The highest number of which a file exists, whatever became of those before; 1 when there is none. */
unsigned parts_newest(const char *name);

#endif
