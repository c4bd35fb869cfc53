/* options - a command line described by one table: parsing, bounds, help text */
#ifndef VMB_COMMON_OPTIONS_H
#define VMB_COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"
#include "common/parse.h"

enum option_kind {
	OPTION_HEADING,  /* no option: help starts a group of options here */
	OPTION_FLAG,     /* into bool: set to true */
	OPTION_TEXT,     /* into const char *: borrowed from argv */
	OPTION_TEXTS,    /* into struct texts: may be given several times */
	OPTION_DURATION, /* into uint64_t, ns; min and max in seconds */
	OPTION_NUMBER,   /* into double; min and max */
	OPTION_SIZE, /* into struct size (common/parse.h); min and max in KiB, percentages are taken too */
	OPTION_COUNT, /* into unsigned: a whole number; min and max */
	OPTION_PAIR,  /* into unsigned[2]: one, or two of them parted by a comma, else [1] is 0 */
};

#define TEXTS_MAX 64

struct texts {
	size_t nr;
	const char *text[TEXTS_MAX];
};

/* Whether one of them, taken as a pattern of the shell's, matches the word. */
bool texts_match(const struct texts *globs, const char *word);

/* One option. `letter` 0: no short form. `help` is one sentence; a default that matters is in it. */
struct option_row {
	enum option_kind kind;
	char letter;
	const char *name;
	const char *argument; /* how help calls the value: "GLOB" */
	void *into;
	double min, max;
	const char *help;
};

/* A program's command line. --help and --version are in every one and need no row. */
struct command {
	const char *name;
	const char *synopsis; /* "[OPTION]... INTERVAL" */
	const char *summary;  /* what it does: a sentence or two, lines of at most 79 characters */
	const struct option_row *rows;
	size_t nr_rows;
	const char *notes; /* printed last: examples, files, exit status. May be NULL. */
};

enum options_outcome {
	OPTIONS_GO,
	OPTIONS_HELP,
	OPTIONS_VERSION
};

/*
 * Read the options of argv into the places that the table names; *first is the index of the first operand.
 * Options and operands may be mixed; argv is reordered as getopt_long() does. Returns an options_outcome, or
 * -EINVAL with a sentence that names the option.
 */
int options_read(const struct command *command, int argc, char **argv, int *first, struct error *e);

/* The help text, made from the table. */
void options_print_help(const struct command *command, FILE *out);

/*
 * For main(): as options_read(), and answer --help and --version on stdout (exit 0, or 1 when it cannot be written) and a wrong command line with
 * one line on stderr (exit 2). Returns only when the program shall go on, with the index of the first operand.
 */
int options_or_exit(const struct command *command, int argc, char **argv);

/* For main(): end the program with one line on stderr that says what is wrong with the command line (exit 2). */
_Noreturn void options_refuse(const struct command *command, const char *text);

/* The same with a line on stdout, where nothing is wrong and nothing is to be done (exit 0). */
_Noreturn void options_nothing_to_do(const struct command *command, const char *text);

/*
 * For main(): the one operand INTERVAL of a program that does something at every interval, in ns; a wrong one ends the
 * program as options_or_exit() does.
 */
uint64_t options_interval_or_exit(const struct command *command, int argc, char **argv, int first);

/* For main(): --trace-limit needs --trace, and is a size; what is wrong ends the program as options_or_exit() does. */
void options_limit_or_exit(const struct command *command, const char *trace,
                           const struct size *limit);

/* argv as one line, for records: words with white space or quotes are quoted. Cut when it does not fit. */
char *options_line(int argc, char **argv, char *text, size_t size);

#endif
