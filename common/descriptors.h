/* descriptors - standard input, output and error are there, whatever a program was started with */
#ifndef VMB_COMMON_DESCRIPTORS_H
#define VMB_COMMON_DESCRIPTORS_H

/*
 * A program that is started without one of them (`>&-`, a careless service manager) would give its number to the next
 * file that it opens, and print into its own journal, lock or report. Each one that is missing becomes /dev/null, opened
 * the wrong way round: whoever uses it is told EBADF, as if it still were closed. To be called before anything is opened.
 */
void descriptors_fill(void);

#endif
