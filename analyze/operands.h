/* operands - which runs of which traces the words of a command line name */
#ifndef VMB_ANALYZE_OPERANDS_H
#define VMB_ANALYZE_OPERANDS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

/* One run of one trace. */
struct operand {
	char path[PATH_MAX];
	unsigned run; /* 0: none was named */
};

/* Zeroed: empty. */
struct operands {
	struct operand *at;
	size_t nr;
};

/*
 * Append what a word names: the file of this name; else without a #N at its end, which is the number of a run; else all
 * files that match it as a pattern of the shell's, in order of their names. A word that matches nothing is a path all the
 * same: whoever opens it says what is wrong. 0, -EINVAL (longer than any path), -ENOMEM.
 */
int operands_add(struct operands *o, const char *word, struct error *e);
void operands_done(struct operands *o);

/*
 * The two groups that operands stand for: one word is one run, and the second group is empty; two words are A and B; with
 * `compare` the last `behind` of them are B's, all before A's. 0, -ENOMEM, or -EINVAL with a sentence when it is none of
 * these. Both groups are to be ended with operands_done() in every case.
 */
int operands_split(struct operands group[2], char *const *words, size_t nr, bool compare,
                   size_t behind, struct error *e);

/*
 * How many words of a command line stand behind its "--". To be asked before getopt_long() puts them in order: it leaves
 * them last, but takes the mark between them and those before it away.
 */
size_t operands_behind(int argc, char *const *argv);

#endif
