/* word - texts as words of a line of KEY=VALUE words, parted by blanks */
#ifndef VMB_COMMON_WORD_H
#define VMB_COMMON_WORD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Room for the settings of a run, one such line: what a trace tells of them, its writer and its readers alike. A balancer's 128
 * shares of guests with names of 100 bytes, and as many names that it was told to leave out or in.
 */
#define SETTINGS_TEXT 32768

/*
 * Append KEY=TEXT to a line of `size` bytes room, after a blank when it is not the first word. Blanks, control characters and % of the text
 * become %20 and the like. False, and the line as it was, when there is no room.
 */
bool word_append(char *line, size_t size, const char *key, const char *text);

/*
 * The text that `length` bytes of a word stand for: %20 is a blank; what is none of these stays as it is. False, and as much as there is
 * room for, when that is not all.
 */
bool word_decode(const char *word, size_t length, char *text, size_t size);

/*
 * The text of the next KEY=TEXT at or after *at, which moves behind it; one that has no room is passed over. False when there is no other.
 */
bool word_next(const char **at, const char *key, char *text, size_t size);

#endif
