/* word - texts as words of a line of KEY=VALUE words, parted by blanks */
#include "common/word.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_plain(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && c != '%';
}

bool word_append(char *line, size_t size, const char *key, const char *text)
{
	size_t begin = strlen(line), at = begin;

	at += (size_t)snprintf(line + at, size - at, "%s%s=", begin ? " " : "", key);
	for (; *text && at < size; text++)
		at += (size_t)snprintf(line + at, size - at, is_plain(*text) ? "%c" : "%%%02x",
		                       (unsigned char)*text);
	if (at < size)
		return true;
	line[begin] = '\0';
	return false;
}

bool word_decode(const char *word, size_t length, char *text, size_t size)
{
	size_t i, used = 0;

	for (i = 0; i < length; i++) {
		char hex[3] = {0};

		if (used + 1 >= size)
			break;
		if (word[i] == '%' && length - i > 2)
			memcpy(hex, word + i + 1, 2);
		if (isxdigit((unsigned char)hex[0]) && isxdigit((unsigned char)hex[1]) &&
		    strcmp(hex, "00")) {
			text[used++] = (char)strtol(hex, NULL, 16);
			i += 2;
		} else {
			text[used++] = word[i];
		}
	}
	text[used] = '\0';
	return i == length;
}

bool word_next(const char **at, const char *key, char *text, size_t size)
{
	size_t length = strlen(key), words;
	const char *word;

	while (**at) {
		word = *at + strspn(*at, " ");
		words = strcspn(word, " ");
		*at = word + words;
		if (words > length && !strncmp(word, key, length) && word[length] == '=' &&
		    word_decode(word + length + 1, words - length - 1, text, size))
			return true;
	}
	return false;
}
