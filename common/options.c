/* options - a command line described by one table: parsing, bounds, help text */
#include "common/options.h"

#include <ctype.h>
#include <fnmatch.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/descriptors.h"
#include "common/parse.h"
#include "common/printed.h"
#include "common/text.h"
#include "common/version.h"

enum {
	OPTIONS_MAX = 64,
	LONG_BASE = 1000,
	HELP_COLUMN = 26
};
enum {
	VALUE_HELP = 900,
	VALUE_VERSION
};

bool texts_match(const struct texts *globs, const char *word)
{
	size_t i;

	for (i = 0; i < globs->nr; i++)
		if (!fnmatch(globs->text[i], word, 0))
			return true;
	return false;
}

static int set_count(const struct option_row *row, const char *what, const char *value,
                     unsigned *into, struct error *e)
{
	double number;
	int r = parse_number(what, value, row->min, row->max, &number, e);

	if (r < 0)
		return r;
	if (number != floor(number))
		return fail(e, EINVAL, "%s '%s': must be a whole number", what, value);
	*into = (unsigned)number;
	return 0;
}

static int set_pair(const struct option_row *row, const char *what, const char *value,
                    unsigned into[2], struct error *e)
{
	const char *comma = strchr(value, ',');
	char first[32];
	int r;

	into[1] = 0;
	if (!comma || (size_t)(comma - value) >= sizeof(first))
		return set_count(row, what, value, &into[0], e);
	snprintf(first, sizeof(first), "%.*s", (int)(comma - value), value);
	r = set_count(row, what, first, &into[0], e);
	return r < 0 ? r : set_count(row, what, comma + 1, &into[1], e);
}

static int set(const struct option_row *row, const char *value, struct error *e)
{
	char what[64];
	struct texts *texts;

	snprintf(what, sizeof(what), "--%s", row->name);
	if (value && !*value)
		return fail(e, EINVAL, "%s '': the value is empty", what);
	switch (row->kind) {
	case OPTION_HEADING:
		break;
	case OPTION_FLAG:
		*(bool *)row->into = true;
		break;
	case OPTION_TEXT:
		*(const char **)row->into = value;
		break;
	case OPTION_TEXTS:
		texts = row->into;
		if (texts->nr == TEXTS_MAX)
			return fail(e, EINVAL, "%s: given more than %d times", what, TEXTS_MAX);
		texts->text[texts->nr++] = value;
		break;
	case OPTION_DURATION:
		return parse_duration(what, value, (uint64_t)(row->min * 1e9),
		                      (uint64_t)(row->max * 1e9), row->into, e);
	case OPTION_NUMBER:
		return parse_number(what, value, row->min, row->max, row->into, e);
	case OPTION_SIZE:
		return parse_size(what, value, (uint64_t)row->min, (uint64_t)row->max, row->into,
		                  e);
	case OPTION_COUNT:
		return set_count(row, what, value, row->into, e);
	case OPTION_PAIR:
		return set_pair(row, what, value, row->into, e);
	}
	return 0;
}

/* The table in the two forms that getopt_long() wants. */
static void getopt_tables(const struct command *c, char *letters, struct option *longs)
{
	size_t i, n = 0;

	*letters++ = ':';
	for (i = 0; i < c->nr_rows; i++) {
		const struct option_row *row = &c->rows[i];
		int has = row->kind == OPTION_FLAG ? no_argument : required_argument;

		if (row->kind == OPTION_HEADING)
			continue;
		longs[n++] = (struct option){row->name, has, NULL, LONG_BASE + (int)i};
		if (!row->letter)
			continue;
		*letters++ = row->letter;
		if (has == required_argument)
			*letters++ = ':';
	}
	*letters++ = 'h';
	*letters = '\0';
	longs[n++] = (struct option){"help", no_argument, NULL, VALUE_HELP};
	longs[n++] = (struct option){"version", no_argument, NULL, VALUE_VERSION};
	longs[n] = (struct option){0};
}

static const struct option_row *find_row(const struct command *c, int value)
{
	size_t i;

	if (value >= LONG_BASE)
		return &c->rows[value - LONG_BASE];
	for (i = 0; i < c->nr_rows; i++)
		if (c->rows[i].kind != OPTION_HEADING && c->rows[i].letter == value)
			return &c->rows[i];
	abort(); /* getopt_long() gives back only what the table gave it */
}

/* getopt_long() does not tell one that there is not from the beginning of several. */
static const char *why_not(const struct option *longs, const char *word)
{
	size_t length = strcspn(word + 2, "=");
	const struct option *o;

	for (o = longs; o->name; o++)
		if (!strncmp(o->name, word + 2, length))
			return "the beginning of more than one option";
	return "no such option";
}

int options_read(const struct command *c, int argc, char **argv, int *first, struct error *e)
{
	struct option longs[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX];
	int value, r;

	if (c->nr_rows + 3 > OPTIONS_MAX)
		abort();
	getopt_tables(c, letters, longs);
	opterr = 0;
	optind = 0; /* glibc: start anew, also for a second call in one process */
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (value == 'h' || value == VALUE_HELP)
			return OPTIONS_HELP;
		if (value == VALUE_VERSION)
			return OPTIONS_VERSION;
		if (value == ':')
			return fail(e, EINVAL, "%s: needs a value", argv[optind - 1]);
		if (value == '?' && isdigit(optopt))
			return fail(e, EINVAL, "%s: a negative number makes no sense here",
			            argv[optind - 1]);
		if (value == '?' && optopt && optopt < 128)
			return fail(e, EINVAL, "-%c: no such option", optopt);
		if (value == '?')
			return fail(e, EINVAL, "%s: %s", argv[optind - 1],
			            optopt ? "takes no value" : why_not(longs, argv[optind - 1]));
		r = set(find_row(c, value), optarg, e);
		if (r < 0)
			return r;
	}
	*first = optind;
	return OPTIONS_GO;
}

/* Words of `text` wrapped at 80 columns, each further line indented. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
	int column = indent, length;

	while (*text) {
		length = (int)strcspn(text, " ");
		if (column > indent && column + 1 + length > 80)
			column = fprintf(out, "\n%*s", indent, "") - 1;
		else if (column > indent)
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", length, text);
		text += length + (text[length] == ' ');
	}
	fputc('\n', out);
}

static void print_row(FILE *out, char letter, const char *name, const char *argument,
                      const char *help)
{
	int n;

	n = letter ? fprintf(out, "  -%c, --%s", letter, name) : fprintf(out, "      --%s", name);
	if (argument)
		n += fprintf(out, "=%s", argument);
	if (n > HELP_COLUMN - 2) {
		fputc('\n', out);
		n = 0;
	}
	fprintf(out, "%*s", HELP_COLUMN - n, "");
	print_wrapped(out, help, HELP_COLUMN);
}

void options_print_help(const struct command *c, FILE *out)
{
	size_t i;

	fprintf(out, "Usage: %s %s\n\n%s\n", c->name, c->synopsis, c->summary);
	for (i = 0; i < c->nr_rows; i++) {
		const struct option_row *row = &c->rows[i];

		if (row->kind == OPTION_HEADING)
			fprintf(out, "\n%s:\n", row->help);
		else
			print_row(out, row->letter, row->name, row->argument, row->help);
	}
	fputc('\n', out);
	print_row(out, 'h', "help", NULL, "show this help and exit");
	print_row(out, 0, "version", NULL, "show the version and exit");
	if (c->notes)
		fprintf(out, "\n%s\n", c->notes);
}

void options_refuse(const struct command *c, const char *text)
{
	char plain[sizeof(((struct error *)0)->text)];

	fprintf(stderr, "%s: %s (see %s --help)\n", c->name, text_plain(text, plain, sizeof(plain)),
	        c->name);
	exit(2);
}

void options_nothing_to_do(const struct command *c, const char *text)
{
	struct error e;
	bool told;

	printf("%s: %s\n", c->name, text);
	told = printed_all(&e) == 0;
	if (!told)
		fprintf(stderr, "%s: %s\n", c->name, e.text);
	exit(!told);
}

int options_or_exit(const struct command *c, int argc, char **argv)
{
	struct error e;
	int first = 0, r;

	descriptors_fill(); /* each program begins here */
	/* A file that must not grow is an error to tell, not an end. */
	signal(SIGXFSZ, SIG_IGN);
	r = options_read(c, argc, argv, &first, &e);
	if (r == OPTIONS_HELP)
		options_print_help(c, stdout);
	else if (r == OPTIONS_VERSION)
		printf("%s %s\n", c->name, VMB_VERSION);
	else if (r < 0)
		options_refuse(c, e.text);
	if (r == OPTIONS_GO)
		return first;
	if (printed_all(&e) == 0)
		exit(0);
	fprintf(stderr, "%s: %s\n", c->name, e.text);
	exit(1);
}

/*
 * Below 50 ms the 10 ms steps of libvirt's CPU times would be a fifth of each reading; a day is longer than any loop
 * that still balances anything.
 */
#define INTERVAL_LEAST_NS (NS_PER_S / 20)
#define INTERVAL_MOST_NS  (86400 * NS_PER_S)

void options_limit_or_exit(const struct command *c, const char *trace, const struct size *limit)
{
	if (limit->part > 0)
		options_refuse(c, "--trace-limit: must be a size, not a percentage");
	if (limit->kib && !trace)
		options_refuse(c, "--trace-limit without --trace: there is nothing to limit");
}

uint64_t options_interval_or_exit(const struct command *c, int argc, char **argv, int first)
{
	uint64_t ns = 0;
	struct error e;
	int r;

	if (first == argc)
		r = fail(&e, EINVAL, "INTERVAL is missing");
	else if (first + 1 < argc)
		r = fail(&e, EINVAL, "%s: one INTERVAL is enough", argv[first + 1]);
	else
		r = parse_duration("interval", argv[first], INTERVAL_LEAST_NS, INTERVAL_MOST_NS,
		                   &ns, &e);
	if (r < 0)
		options_refuse(c, e.text);
	return ns;
}

char *options_line(int argc, char **argv, char *text, size_t size)
{
	size_t used = 0;
	int i;

	text[0] = '\0';
	for (i = 0; i < argc && used < size; i++) {
		bool plain = argv[i][0] && !argv[i][strcspn(argv[i], " \t\n'\"\\$`*?[]")];

		used += (size_t)snprintf(text + used, size - used, plain ? "%s%s" : "%s'%s'",
		                         i ? " " : "", argv[i]);
	}
	return text;
}
