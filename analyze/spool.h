/* spool - an array that grows at its end: what does not fit into a bound of memory is in a temporary file */
#ifndef VMB_ANALYZE_SPOOL_H
#define VMB_ANALYZE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/error.h"

/*
 * All spools together hold so many bytes in memory, beside less than two blocks of each; then they go on
 * in a file without a name, in $TMPDIR, else /var/tmp, else /tmp. A report on four hours (360,000 rows)
 * of 16 guests on 8 pCPUs needs no file.
 */
#ifndef SPOOL_MEMORY
#define SPOOL_MEMORY (16UL << 20)
#endif

/* What is read and written at once: so many elements, fewer of large ones, but no fewer than there are in the first run. */
enum {
	SPOOL_FIRST = 16, /* elements; each run is twice the one before */
	SPOOL_BLOCK = 1024,
	SPOOL_BLOCK_BYTES = 64 << 10,
};

/* Where a run of elements is: in memory, or from a place in the file on. */
struct spool_run {
	unsigned char *at;
	off_t place;
};

/* Where there is none yet: NULL. One window of it is in memory: a run that is there anyway, or a block of the file. */
struct spool {
	size_t size, nr; /* of an element; elements */
	size_t block_nr; /* elements of a block */
	size_t first;    /* element that the window begins with */
	size_t held;     /* elements that it shows */
	size_t room;     /* elements that it may show */
	unsigned char *window, *block;
	bool changed; /* the block is not in the file as it is here */
	size_t mark;  /* free for use by the owner; 0 at first */
	size_t nr_runs;
	struct spool_run *runs;
};

/* Append an element of `size` bytes, to a new spool where *s is NULL. 0, or -ENOMEM where there is no room, in memory or in the file. */
int spool_add(struct spool **s, size_t size, const void *element);

/* An element below nr is there until the next one of this spool is asked for, or added. See spool_check(). */
void spool_move(struct spool *s, size_t i);

static inline const void *spool_at(struct spool *s, size_t i)
{
	if (i - s->first >= s->held)
		spool_move(s, i);
	return s->window + (i - s->first) * s->size;
}

void spool_free(struct spool *s);

/*
 * Whether all that was asked for was what had been added: a file that cannot be read or written gives zeroes. To be called
 * before results are believed. 0, or -errno with *e set.
 */
int spool_check(struct error *e);

/* The sentence for a -ENOMEM of spool_add(), or of what hands it on: which room it was. Returns -errno. */
int spool_fail(struct error *e);

#endif
