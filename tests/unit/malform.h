/* malform - traces that no recorder wrote: each number is another one, and always the same */
#ifndef VMB_TESTS_UNIT_MALFORM_H
#define VMB_TESTS_UNIT_MALFORM_H

/* Record the good traces that the others are made from, in a folder of their own. */
void malform_begin(const char *folder);
void malform_end(void);

/* Write trace `number` to `file`, and what stands beside it. Returns what is wrong with it, in words. */
const char *malform(unsigned number, const char *file);

#endif
