/* sim_uri - sim:FILE?KEY=VALUE&...: the case that it names, with what shall be otherwise */
#include "collector/sim_uri.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/case_value.h"

#define URI_MAX 4096

/* Values that stand beside a flag: what was said counts, also when it is 0. */
static int read_seed(const char *text, const struct case_range *range, void *into, struct error *e)
{
	struct case_change *change = into;

	change->has_seed = true;
	return case_value_seed(text, range, &change->seed, e);
}

static int read_noise(const char *text, const struct case_range *range, void *into, struct error *e)
{
	struct case_change *change = into;

	change->has_noise = true;
	return case_value_level(text, range, &change->noise_pm, e);
}

static const struct {
	const char *name;
	case_value *read;
	size_t offset;
	struct case_range range;
} keys[] = {
        {"pcpus", case_value_count, offsetof(struct case_change, nr_pcpus), {.max = PCPU_MAX}},
        {"guests", case_value_count, offsetof(struct case_change, nr_guests), {.max = GUESTS_MAX}},
        {"memory", case_value_memory, offsetof(struct case_change, memory_kib), {0}},
        {"duration", case_value_time, offsetof(struct case_change, duration_ns), {.max = 86400}},
        {"seed", read_seed, 0, {0}},
        {"noise", read_noise, 0, {0}},
};
#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

/* In place: it only becomes shorter. */
static void decode(char *text)
{
	char *to = text, hex[3] = "";

	for (; *text; text++) {
		if (text[0] == '%' && isxdigit((unsigned char)text[1]) &&
		    isxdigit((unsigned char)text[2])) {
			memcpy(hex, text + 1, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static int read_key(char *text, struct case_change *change, bool seen[NR_KEYS], struct error *e)
{
	char *value = text, *name = strsep(&value, "=");
	struct error why;
	size_t i;

	for (i = 0; i < NR_KEYS; i++)
		if (!strcmp(keys[i].name, name))
			break;
	if (i == NR_KEYS)
		return fail(e, EINVAL,
		            "sim: '%s' is none of: pcpus, guests, memory, duration, seed, noise",
		            name);
	if (seen[i])
		return fail(e, EINVAL, "sim: %s is there twice", name);
	seen[i] = true;
	if (!value)
		return fail(e, EINVAL, "sim: %s needs a value: %s=VALUE", name, name);
	decode(value);
	if (keys[i].read(value, &keys[i].range, (char *)change + keys[i].offset, &why) < 0)
		return fail(e, EINVAL, "sim: %s: %s", name, why.text);
	return 0;
}

int sim_uri_read(const char *uri, struct case_file *out, struct error *e)
{
	struct case_change change = {0};
	char text[URI_MAX], *rest = text, *path, *key;
	bool seen[NR_KEYS] = {false};

	if (strlen(uri) >= URI_MAX)
		return fail(e, EINVAL, "sim: a URI of more than %d bytes", URI_MAX - 1);
	strcpy(text, uri + strlen("sim:"));
	path = strsep(&rest, "?");
	while (rest && (key = strsep(&rest, "&")))
		if (*key && read_key(key, &change, seen, e) < 0)
			return -EINVAL;
	decode(path);
	if (!*path)
		return fail(e, EINVAL, "sim: names no case file (sim:FILE)");
	return case_read(path, &change, out, e);
}
