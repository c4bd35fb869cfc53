/* text - untrusted text made fit for a terminal, and the time of day */
#ifndef VMB_COMMON_TEXT_H
#define VMB_COMMON_TEXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Copy `text` with every character that a terminal could act on or nobody sees (common/utf8.h) replaced by '?', and every byte that
 * is not UTF-8. Cut between characters when it does not fit. Returns out.
 */
char *text_plain(const char *text, char *out, size_t size);

/* Of UTF-8: how many characters it has, and where the n-th begins, or the end where there are not so many. */
size_t text_width(const char *text);
size_t text_place(const char *text, size_t n);

/*
 * Shorten UTF-8 to so many characters, four at least, by ".." in its middle: what names differ in is most often their end. In
 * place. Returns text.
 */
char *text_fit(char *text, unsigned width);

/* "14:02:31" in local time. Returns out. */
char *text_time(uint64_t wall_ns, char out[16]);

/* "s" behind a word for so many of it, "" for one. */
static inline const char *plural(size_t nr)
{
	return nr == 1 ? "" : "s";
}

#endif
