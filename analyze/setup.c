/* setup - in what the runs of a comparison were set up differently */
#include "analyze/setup.h"

#include <stdlib.h>
#include <string.h>

#include "common/word.h"

#define VALUE_ROOM 1024

typedef void (*tell_fn)(const struct measured *m, const char *key, char text[VALUE_ROOM]);

#define TELL(name, format, ...)                                                                   \
	static void tell_##name(const struct measured *m, const char *key, char text[VALUE_ROOM]) \
	{                                                                                         \
		snprintf(text, VALUE_ROOM, format, __VA_ARGS__);                                  \
	}

TELL(program, "%s", m->run.program)
TELL(version, "%s", m->run.version)
TELL(label, "%s", m->run.label)
TELL(interval, "%g s", (double)m->run.interval_ns / 1e9)
TELL(length, "%.0f s", m->seconds)
TELL(ended, "%s", m->run.end_mono_ns == UNKNOWN ? "not closed" : m->run.exit_reason)
TELL(uri, "%s", m->run.facts.uri)
TELL(host, "%s", m->run.facts.name)
TELL(hypervisor, "%s", m->run.facts.hypervisor)
TELL(library, "%s", m->run.facts.library)
TELL(kernel, "%s", m->run.facts.kernel)
TELL(cpu_model, "%s", m->run.facts.cpu_model)
TELL(memory, "%llu MiB", (unsigned long long)m->run.facts.memory_kib / 1024)
TELL(pcpus, "%zu", m->pcpus)
TELL(guests, "%zu", m->guests)
TELL(vcpus, "%zu", m->vcpus)

/* Length of the word that begins here, quoted as options_line() does. */
static size_t word_length(const char *text)
{
	size_t n = 0;
	bool quoted = false;

	for (; text[n] && (quoted || text[n] != ' '); n++)
		quoted ^= text[n] == '\'';
	return n;
}

/* How many words an option takes that has a line of its own, or says where the trace went; 0: it is another one. */
static int words_elsewhere(const char *word, size_t length)
{
	static const char *const options[] = {"--trace", "--connect", "-c", "--label"};
	size_t i, n;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		n = strlen(options[i]);
		if (length < n || strncmp(word, options[i], n))
			continue;
		if (length == n)
			return 2;
		if (word[n] == '=' || n == 2)
			return 1;
	}
	return 0;
}

/* The command line without the program, the connection, the label, the trace. */
static void tell_arguments(const struct measured *m, const char *key, char text[VALUE_ROOM])
{
	const char *word = m->run.arguments;
	size_t used = 0, length;
	int skip = 1;

	text[0] = '\0';
	for (; *word; word += length) {
		word += strspn(word, " ");
		length = word_length(word);
		if (!skip)
			skip = words_elsewhere(word, length);
		if (skip)
			skip--;
		else if (used + length + 2 < VALUE_ROOM)
			used += (size_t)snprintf(text + used, VALUE_ROOM - used, "%s%.*s",
			                         used ? " " : "", (int)length, word);
	}
}

/* The word KEY=VALUE of the settings, its value; "-" where there is none. */
static void tell_setting(const struct measured *m, const char *key, char text[VALUE_ROOM])
{
	const char *word = m->run.settings;
	size_t length = strlen(key), words;

	snprintf(text, VALUE_ROOM, "-");
	for (; *word; word += words) {
		word += strspn(word, " ");
		words = strcspn(word, " ");
		if (words > length && !strncmp(word, key, length) && word[length] == '=')
			word_decode(word + length + 1, words - length - 1, text, VALUE_ROOM);
	}
}

static const struct {
	const char *name;
	tell_fn tell;
} facts[] = {
        {"program", tell_program},       {"version", tell_version},   {"arguments", tell_arguments},
        {"label", tell_label},           {"interval", tell_interval}, {"length", tell_length},
        {"ended", tell_ended},           {"connection", tell_uri},    {"host", tell_host},
        {"hypervisor", tell_hypervisor}, {"library", tell_library},   {"kernel", tell_kernel},
        {"CPU", tell_cpu_model},         {"memory", tell_memory},     {"usable pCPUs", tell_pcpus},
        {"guests", tell_guests},         {"vCPUs", tell_vcpus},
};

/* Values of one group that were told already. */
struct told {
	size_t nr, left;
	char value[SETUP_VALUES][VALUE_ROOM];
};

static bool is_told(const struct told *t, const char *value)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (!strcmp(t->value[i], value))
			return true;
	return false;
}

static void tell_group(const struct contrast_group *g, tell_fn tell, const char *key,
                       struct told *t)
{
	char value[VALUE_ROOM];
	size_t i;

	t->nr = t->left = 0;
	for (i = 0; i < g->nr; i++) {
		tell(&g->runs[i], key, value);
		if (is_told(t, value))
			continue;
		if (t->nr < SETUP_VALUES)
			memcpy(t->value[t->nr++], value, sizeof(value));
		else
			t->left++;
	}
}

static void join(const struct told *t, char text[SETUP_TEXT])
{
	size_t i, used = 0;

	text[0] = '\0';
	for (i = 0; i < t->nr && used < SETUP_TEXT; i++)
		used += (size_t)snprintf(text + used, SETUP_TEXT - used, "%s%s", i ? ", " : "",
		                         *t->value[i] ? t->value[i] : "-");
	if (t->left && used < SETUP_TEXT)
		snprintf(text + used, SETUP_TEXT - used, ", and other values");
}

struct list {
	struct setup_row *rows;
	size_t nr;
};

/* Append a row where not all runs agree. */
static int look(const struct contrast *c, const char *name, tell_fn tell, const char *key,
                struct list *to)
{
	struct told *t = calloc(2, sizeof(*t));
	struct setup_row *more;
	int r = t ? 0 : -ENOMEM;

	if (r == 0) {
		tell_group(&c->group[0], tell, key, &t[0]);
		tell_group(&c->group[1], tell, key, &t[1]);
	}
	if (r == 0 && (t[0].nr > 1 || t[1].nr > 1 || strcmp(t[0].value[0], t[1].value[0]))) {
		more = realloc(to->rows, (to->nr + 1) * sizeof(*more));
		if (more) {
			to->rows = more;
			more += to->nr++;
			snprintf(more->name, sizeof(more->name), "%s%s", name, key);
			join(&t[0], more->text[0]);
			join(&t[1], more->text[1]);
		} else {
			r = -ENOMEM;
		}
	}
	free(t);
	return r;
}

static bool is_listed(const struct list *l, size_t from, const char *key)
{
	for (; from < l->nr; from++)
		if (!strcmp(l->rows[from].name + strlen("settings: "), key))
			return true;
	return false;
}

/* Each key that a run names, once. */
static int look_settings(const struct contrast *c, const struct measured *m, size_t from,
                         struct list *to)
{
	const char *word = m->run.settings;
	size_t words, length;
	char key[SETUP_NAME - sizeof("settings: ")];
	int r = 0;

	for (; r == 0 && *word; word += words) {
		word += strspn(word, " ");
		words = strcspn(word, " ");
		length = strcspn(word, "= ");
		if (length == words || length >= sizeof(key))
			continue;
		memcpy(key, word, length);
		key[length] = '\0';
		if (!is_listed(to, from, key))
			r = look(c, "settings: ", tell_setting, key, to);
	}
	return r;
}

int setup_differences(const struct contrast *c, struct setup_row **rows, size_t *nr)
{
	struct list l = {0};
	size_t which, i, from;
	int r = 0;

	for (i = 0; r == 0 && i < sizeof(facts) / sizeof(facts[0]); i++)
		r = look(c, facts[i].name, facts[i].tell, "", &l);
	from = l.nr;
	for (which = 0; r == 0 && which < 2; which++)
		for (i = 0; r == 0 && i < c->group[which].nr; i++)
			r = look_settings(c, &c->group[which].runs[i], from, &l);
	if (r < 0) {
		free(l.rows);
		return r;
	}
	*rows = l.rows;
	*nr = l.nr;
	return 0;
}
