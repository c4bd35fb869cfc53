/* fault_plan - which calls shall fail, how and for how long: read from a file, decided at each call, counted */
#include "tests/faults/fault_plan.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define MOST_LINES 8
#define MOST_CALLS 32
#define FOR_EVER   UINT64_MAX

struct line {
	struct fault fault;
	size_t call;
	char guest[32];
	unsigned nth, seen;
	uint64_t for_ns, since_ns; /* for_ns 0: once */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool is_read;
static struct line lines[MOST_LINES];
static size_t nr_lines;
static unsigned injected[MOST_CALLS], calls[MOST_CALLS];

static void refuse(const char *what, const char *text)
{
	fprintf(stderr, "fault plan: %s: %s\n", what, text);
	_exit(FAULT_PLAN_WRONG);
}

static unsigned number_of(const char *text, const char *unit)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || strcmp(end, unit) != 0)
		refuse("not a number", text);
	return (unsigned)value;
}

static void set_for(struct line *l, const char *value)
{
	if (!strcmp(value, "once"))
		l->for_ns = 0;
	else
		l->for_ns = !strcmp(value, "always") ? FOR_EVER
		                                     : number_of(value, "ms") * NS_PER_MS;
}

static void set_kind(struct line *l, const char *value)
{
	static const char *const kinds[] = {"", "fail", "abort", "pretend", "late"};
	size_t i;

	for (i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(value, kinds[i])) {
			l->fault.kind = (enum fault_kind)i;
			return;
		}
	refuse("unknown do", value);
}

static void set_guest(struct line *l, const char *value)
{
	snprintf(l->guest, sizeof(l->guest), "%s", value);
}

static void set_domain(struct line *l, const char *value)
{
	l->fault.domain = (int)number_of(value, "");
}

static void set_code(struct line *l, const char *value)
{
	l->fault.code = (int)number_of(value, "");
}

static void set_nth(struct line *l, const char *value)
{
	l->nth = number_of(value, "");
}

static void set_delay(struct line *l, const char *value)
{
	l->fault.delay_ms = number_of(value, "ms");
}

static const struct {
	const char *key;
	void (*set)(struct line *l, const char *value);
} keys[] = {
        {"domain", set_domain}, {"code", set_code},   {"nth", set_nth}, {"for", set_for},
        {"guest", set_guest},   {"delay", set_delay}, {"do", set_kind},
};

static void set_key(struct line *l, char *word)
{
	char *value = strchr(word, '=');
	size_t i;

	if (!value)
		refuse("not a key", word);
	*value++ = '\0';
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(word, keys[i].key)) {
			keys[i].set(l, value);
			return;
		}
	refuse("unknown key", word);
}

static void read_line(char *text, const char *const names[])
{
	struct line *l = &lines[nr_lines];
	char *word = strtok(text, " \t\n");

	if (!word || *word == '#')
		return;
	if (nr_lines == MOST_LINES)
		refuse("too many lines", word);
	*l = (struct line){.fault.kind = FAULT_FAIL, .nth = 1};
	while (names[l->call] && strcmp(names[l->call], word) != 0)
		l->call++;
	if (!names[l->call])
		refuse("unknown call", word);
	while ((word = strtok(NULL, " \t\n")))
		set_key(l, word);
	nr_lines++;
}

static void read_plan(const char *const names[])
{
	const char *path = getenv("VMB_FAULTS");
	FILE *file = path ? fopen(path, "re") : NULL;
	char text[256];

	if (!file)
		refuse("cannot be read", path ? path : "VMB_FAULTS is not set");
	while (fgets(text, sizeof(text), file))
		read_line(text, names);
	fclose(file);
}

static bool is_due(struct line *l, size_t call, const char *guest)
{
	uint64_t now = clock_mono_ns();

	if (l->call != call || (*l->guest && (!guest || strcmp(guest, l->guest) != 0)))
		return false;
	if (++l->seen < l->nth)
		return false;
	if (l->seen == l->nth)
		l->since_ns = now;
	return l->seen == l->nth || l->for_ns == FOR_EVER || now - l->since_ns < l->for_ns;
}

struct fault fault_plan_next(const char *const names[], size_t call, const char *guest)
{
	struct fault fault = {FAULT_NONE};
	size_t i;

	pthread_mutex_lock(&lock);
	if (!is_read)
		read_plan(names);
	is_read = true;
	calls[call]++;
	for (i = 0; i < nr_lines; i++)
		if (is_due(&lines[i], call, guest))
			fault = lines[i].fault;
	injected[call] += fault.kind != FAULT_NONE;
	pthread_mutex_unlock(&lock);
	return fault;
}

unsigned fault_plan_injected(size_t call)
{
	return injected[call];
}

unsigned fault_plan_calls(size_t call)
{
	return calls[call];
}
