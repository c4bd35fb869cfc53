/* escape - make text of strangers (names of guests, labels, paths) harmless where it is printed */
#ifndef VMB_ANALYZE_ESCAPE_H
#define VMB_ANALYZE_ESCAPE_H

#include <stddef.h>

/* Room for any text of n bytes: no byte becomes more than ten. */
#define ESCAPE_ROOM(n) (10 * (n) + 1)

/*
 * For a terminal. Control characters, bytes that are not UTF-8, and characters that change the direction or the
 * look of the text around them (bidirectional controls, zero-width and line separators) become \xHH or \u{HHHH};
 * a backslash becomes \\, so that what is printed cannot be mistaken. A text that does not fit is cut after
 * a whole character. Returns to.
 */
char *escape_terminal(const char *text, char *to, size_t size);

/*
 * For JSON and whatever wants UTF-8: each byte that is not becomes U+FFFD; so does DEL, the one control character that
 * jansson writes as it is. (All others, and what turns directions, are \uXXXX there: JSON_ENSURE_ASCII.) Returns to.
 */
char *escape_utf8(const char *text, char *to, size_t size);

/*
 * For gnuplot labels, in single quotes: letters, digits, blank and _ . / : + = , ( ) - stay, every other character becomes
 * '?'. At most `longest` characters, which are four at least: a longer text has ".." in its middle. Returns to.
 */
char *escape_gnuplot(const char *text, char *to, size_t size, size_t longest);

/*
 * What escape_gnuplot() has left, for LaTeX: its underscores get a backslash. Every other character that LaTeX reads as
 * a command became '?' before. A text that does not fit is cut after a whole character. Returns to.
 */
char *escape_tex(const char *text, char *to, size_t size);

#endif
