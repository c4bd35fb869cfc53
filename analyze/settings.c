/* settings - what a run was told to do, from the settings text in its trace and what changed of it */
#include "analyze/settings.h"

#include <fnmatch.h>
#include <string.h>

#include "common/parse.h"
#include "common/word.h"

#define SHARE_MOST 1e6
#define VALUE_TEXT sizeof(((struct trace_run_row *)0)->settings)

/* The first value of a key. */
static bool value_of(const struct trace_run_row *run, const char *key, char value[VALUE_TEXT])
{
	const char *at = run->settings;

	return word_next(&at, key, value, VALUE_TEXT);
}

double settings_balance_pp(const struct trace_run_row *run)
{
	double balance_pp = SETTINGS_BALANCE_PP;
	char value[VALUE_TEXT];
	struct error e;

	if (value_of(run, "balance", value))
		parse_number("balance", value, 0.5, 50, &balance_pp, &e);
	return balance_pp;
}

bool settings_cpus(const struct trace_run_row *run, struct cpuset *cpus)
{
	struct cpuset named;
	char value[VALUE_TEXT];

	if (!value_of(run, "cpus", value) || cpuset_parse(value, &named) < 0 ||
	    cpuset_first(&named) < 0)
		return false;
	*cpus = named;
	return true;
}

bool settings_choose(const struct trace_run_row *run, const char *guest)
{
	char glob[VALUE_TEXT];
	const char *at = run->settings;
	bool some = false, chosen = false;

	while (!chosen && word_next(&at, "only", glob, sizeof(glob))) {
		some = true;
		chosen = !fnmatch(glob, guest, 0);
	}
	if (some && !chosen)
		return false;
	at = run->settings;
	while (word_next(&at, "exclude", glob, sizeof(glob)))
		if (!fnmatch(glob, guest, 0))
			return false;
	return true;
}

static bool is_share(const char *text, unsigned *share)
{
	double number;
	struct error e;

	if (parse_number("share", text, 1, SHARE_MOST, &number, &e) < 0)
		return false;
	*share = (unsigned)number;
	return true;
}

bool settings_is_share(const struct trace_event_row *event)
{
	return !strcmp(event->kind, "share");
}

static void share_of_event(const struct trace_event_row *event, const char *guest, unsigned *share)
{
	char text[sizeof(event->text)], *blank;

	if (!settings_is_share(event))
		return;
	strcpy(text, event->text);
	blank = strchr(text, ' ');
	if (!blank || strcmp(blank + 1, guest) != 0)
		return;
	*blank = '\0';
	is_share(text, share);
}

unsigned settings_share(const struct trace_run_row *run, const struct trace_event_row *events,
                        size_t nr_events, const char *guest)
{
	char value[VALUE_TEXT], *equals;
	const char *at = run->settings;
	unsigned share = SETTINGS_SHARE, found;
	size_t i;

	while (word_next(&at, "share", value, sizeof(value))) {
		equals = strrchr(value, '=');
		if (!equals || !is_share(equals + 1, &found))
			continue;
		*equals = '\0';
		if (!fnmatch(value, guest, 0))
			share = found;
	}
	for (i = 0; i < nr_events; i++)
		share_of_event(&events[i], guest, &share);
	return share;
}

bool settings_override_pins(const struct trace_run_row *run)
{
	char value[VALUE_TEXT];

	return value_of(run, "override-pins", value);
}

bool settings_moves_memory(const struct trace_run_row *run)
{
	return !strcmp(run->program, "vmb-mem");
}
