/* case_value - the values that a case file may hold, from text */
#include "collector/case_value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/parse.h"

#define MEMORY_MIN_MIB 64
#define MEMORY_MAX_MIB (1024 * 1024)
#define RATE_MAX_GIB   64

int case_value_name(const char *text, const struct case_range *range, void *into, struct error *e)
{
	const char *p;

	for (p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-", *p))
			break;
	if (*p || p == text)
		return fail(e, EINVAL, "'%s' is not a name of letters, digits, '.', '_', '-'",
		            text);
	if (p - text >= CASE_NAME)
		return fail(e, EINVAL, "'%.20s...' is longer than %d characters", text,
		            CASE_NAME - 1);
	strcpy(into, text);
	return 0;
}

int case_value_text(const char *text, const struct case_range *range, void *into, struct error *e)
{
	const char *p;

	for (p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			return fail(e, EINVAL, "has a control character");
	if (p == text || p - text >= CASE_TITLE)
		return fail(e, EINVAL, "must have from 1 to %d bytes", CASE_TITLE - 1);
	strcpy(into, text);
	return 0;
}

int case_value_count(const char *text, const struct case_range *range, void *into, struct error *e)
{
	double number;

	if (parse_number("", text, 1, range->max, &number, NULL) < 0 || number != floor(number))
		return fail(e, EINVAL, "'%s' is not a whole number from 1 to %u", text, range->max);
	*(unsigned *)into = (unsigned)number;
	return 0;
}

int case_value_word(const char *text, const struct case_range *range, void *into, struct error *e)
{
	char all[160] = "";
	size_t used = 0;
	unsigned i;

	for (i = 0; range->words[i]; i++) {
		if (!strcmp(range->words[i], text)) {
			*(unsigned *)into = i;
			return 0;
		}
		used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%s", i ? ", " : "",
		                         range->words[i]);
	}
	return fail(e, EINVAL, "'%s' is none of: %s", text, all);
}

int case_value_flag(const char *text, const struct case_range *range, void *into, struct error *e)
{
	bool yes = !strcmp(text, "yes");

	if (!yes && strcmp(text, "no") != 0)
		return fail(e, EINVAL, "'%s' is neither yes nor no", text);
	*(bool *)into = yes;
	return 0;
}

int case_value_seed(const char *text, const struct case_range *range, void *into, struct error *e)
{
	char *end;
	uint64_t seed;

	errno = 0;
	seed = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno)
		return fail(e, EINVAL, "'%s' is not a whole number", text);
	*(uint64_t *)into = seed;
	return 0;
}

int case_value_factor(const char *text, const struct case_range *range, void *into, struct error *e)
{
	double factor;

	if (parse_number("", text, 1, range->max, &factor, NULL) < 0)
		return fail(e, EINVAL, "'%s' is not a number from 1 to %u", text, range->max);
	*(unsigned *)into = (unsigned)round(1000 * factor);
	return 0;
}

int case_value_list(const char *text, const struct case_range *range, void *into, struct error *e)
{
	struct cpuset list;

	if (cpuset_parse(text, &list) < 0 || !cpuset_count(&list))
		return fail(e, EINVAL, "'%s' is not a list of pCPUs (as 0-3,8)", text);
	*(struct cpuset *)into = list;
	return 0;
}

int case_value_time(const char *text, const struct case_range *range, void *into, struct error *e)
{
	static const char what[] = "time";
	struct error detail;

	if (!parse_duration(what, text, NS_PER_MS, range->max * NS_PER_S, into, &detail))
		return 0;
	return fail(e, EINVAL, "%s", detail.text + sizeof(what));
}

/* The unit of the second time holds for both. */
int case_value_span(const char *text, const struct case_range *range, void *into, struct error *e)
{
	const char *dash = strchr(text, '-');
	struct case_span span;
	char from[32];

	if (!dash || dash == text || (size_t)(dash - text) > 10)
		return fail(e, EINVAL, "'%s' is not a time from - to (as 10-20 s)", text);
	snprintf(from, sizeof(from), "%.*s %.15s", (int)(dash - text), text,
	         dash + 1 + strspn(dash + 1, " 0123456789."));
	if (case_value_time(from, range, &span.from_ns, e) < 0 ||
	    case_value_time(dash + 1 + strspn(dash + 1, " "), range, &span.to_ns, e) < 0)
		return -EINVAL;
	if (span.to_ns <= span.from_ns)
		return fail(e, EINVAL, "'%s' ends before it begins", text);
	*(struct case_span *)into = span;
	return 0;
}

int case_value_at(const char *text, const struct case_range *range, void *into, struct error *e)
{
	const struct case_range day = {.max = 86400};
	struct case_number_at at;
	char number[16];
	int end = 0;

	if (sscanf(text, "%15[0-9] at %n", number, &end) != 1 || !end)
		return fail(e, EINVAL, "'%s' is not a number and a time (as 2 at 20 s)", text);
	if (case_value_count(number, range, &at.number, e) < 0 ||
	    case_value_time(text + end, &day, &at.at_ns, e) < 0)
		return -EINVAL;
	*(struct case_number_at *)into = at;
	return 0;
}

int case_value_level(const char *text, const struct case_range *range, void *into, struct error *e)
{
	char digits[16] = "";
	double percent, permille;
	int end = 0;

	if (sscanf(text, "%15[0-9.] %%%n", digits, &end) != 1 || !end || text[end] ||
	    parse_number("", digits, 0, 100, &percent, NULL) < 0)
		return fail(e, EINVAL, "'%s' is not a level from 0 %% to 100 %%", text);
	permille = round(percent * 10);
	if (fabs(permille - percent * 10) > 1e-6)
		return fail(e, EINVAL, "'%s' is finer than 0.1 %%", text);
	*(uint32_t *)into = (uint32_t)permille;
	return 0;
}

int case_value_memory(const char *text, const struct case_range *range, void *into, struct error *e)
{
	struct size size;

	if (parse_size("", text, MEMORY_MIN_MIB * 1024, MEMORY_MAX_MIB * 1024ULL, &size, NULL) <
	            0 ||
	    size.part > 0 || !size.kib || size.kib % 1024)
		return fail(e, EINVAL, "'%s' is not from %d MiB to %d GiB", text, MEMORY_MIN_MIB,
		            MEMORY_MAX_MIB / 1024);
	*(uint64_t *)into = size.kib;
	return 0;
}

int case_value_memory_at(const char *text, const struct case_range *range, void *into,
                         struct error *e)
{
	const struct case_range day = {.max = 86400};
	const char *at = strstr(text, " at ");
	struct case_memory_at value;
	char memory[32];

	if (!at || (size_t)(at - text) >= sizeof(memory))
		return fail(e, EINVAL, "'%s' is not a memory and a time (as 900 MiB at 20 s)",
		            text);
	snprintf(memory, sizeof(memory), "%.*s", (int)(at - text), text);
	if (case_value_memory(memory, range, &value.kib, e) < 0 ||
	    case_value_time(at + strlen(" at "), &day, &value.at_ns, e) < 0)
		return -EINVAL;
	*(struct case_memory_at *)into = value;
	return 0;
}

int case_value_until(const char *text, const struct case_range *range, void *into, struct error *e)
{
	if (strcmp(text, "limit") != 0)
		return case_value_memory(text, range, into, e);
	*(uint64_t *)into = CASE_LIMIT;
	return 0;
}

int case_value_hold(const char *text, const struct case_range *range, void *into, struct error *e)
{
	static const char what[] = "time";
	struct error detail;

	if (!strcmp(text, "forever"))
		*(uint64_t *)into = CASE_FOREVER;
	else if (parse_duration(what, text, 0, range->max * NS_PER_S, into, &detail) < 0)
		return fail(e, EINVAL, "%s, or forever", detail.text + sizeof(what));
	return 0;
}

int case_value_rate(const char *text, const struct case_range *range, void *into, struct error *e)
{
	static const struct {
		const char *word;
		double bytes;
	} units[] = {{"kB/s", 1e3},   {"MB/s", 1e6},          {"GB/s", 1e9},
	             {"KiB/s", 1024}, {"MiB/s", 1024 * 1024}, {"GiB/s", 1024 * 1024 * 1024}};
	char digits[16] = "";
	double number, kib = 0;
	int end = 0;
	size_t i;

	if (sscanf(text, "%15[0-9.] %n", digits, &end) == 1 && end &&
	    !parse_number("", digits, 0, RATE_MAX_GIB * 1e6, &number, NULL))
		for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (!strcmp(text + end, units[i].word))
				kib = round(number * units[i].bytes / 1024);
	if (kib < 1 || kib > RATE_MAX_GIB * 1024.0 * 1024)
		return fail(e, EINVAL, "'%s' is not a rate from 1 KiB/s to %d GiB/s (as 18 MB/s)",
		            text, RATE_MAX_GIB);
	*(uint64_t *)into = (uint64_t)kib;
	return 0;
}

int case_value_pins(const char *text, const struct case_range *range, void *into, struct error *e)
{
	struct case_pins pins = {0};
	struct error detail;
	unsigned rule;

	if (!case_value_word(text, range, &rule, &detail))
		pins.rule = (enum case_pin_rule)rule;
	else if (!cpuset_parse(text, &pins.list) && cpuset_count(&pins.list))
		pins.rule = PINS_LIST;
	else
		return fail(e, EINVAL, "%s, or a list of pCPUs", detail.text);
	*(struct case_pins *)into = pins;
	return 0;
}
