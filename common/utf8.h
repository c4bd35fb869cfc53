/* utf8 - the characters of a text of strangers, and those that nobody sees */
#ifndef VMB_COMMON_UTF8_H
#define VMB_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The character at the start of a text and its length. Not UTF-8 (also overlong forms, surrogates, beyond U+10FFFF):
 * false, and *length is 1.
 */
bool utf8_decode(const char *text, uint32_t *character, size_t *length);

/* Whether a character is none to be seen, and changes how others are: controls, marks of direction, separators, zero widths, tags. */
bool utf8_hidden(uint32_t character);

#endif
