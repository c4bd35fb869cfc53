/* settings - what a run was told to do, from the settings text in its trace */
#include "analyze/settings.h"

#include <string.h>

#include "common/parse.h"

#define VALUE_TEXT 128

/* The value of KEY=VALUE among words parted by blanks. False when there is none, or one longer than any sound one. */
static bool value_of(const struct trace_run_row *run, const char *key, char value[VALUE_TEXT])
{
	const char *word = run->settings;
	size_t length = strlen(key), words;

	for (; *word; word += words) {
		word += strspn(word, " ");
		words = strcspn(word, " ");
		if (words <= length || strncmp(word, key, length) || word[length] != '=')
			continue;
		if (words - length - 1 >= VALUE_TEXT)
			return false;
		memcpy(value, word + length + 1, words - length - 1);
		value[words - length - 1] = '\0';
		return true;
	}
	return false;
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
