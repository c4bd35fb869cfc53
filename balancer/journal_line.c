/* journal_line - a line of the journal for each kind of change: to text, from text, and what would put it back */
#include "balancer/journal_line.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 3

/* ---- pins ---- */

static struct cpuset everything(void)
{
	struct cpuset all;

	memset(&all, 0xff, sizeof(all));
	return all;
}

static void pin_text(const struct action *a, char *text, size_t size)
{
	static char from[CPUSET_ANY_TEXT], to[CPUSET_ANY_TEXT];

	snprintf(text, size, "%u %s %s", a->vcpu, cpuset_text(&a->from, from, sizeof(from)),
	         cpuset_text(&a->to, to, sizeof(to)));
}

static int read_number(const char *word, uint64_t max, uint64_t *number)
{
	char *end;

	if (!isdigit((unsigned char)*word))
		return -EINVAL;
	errno = 0;
	*number = strtoull(word, &end, 10);
	return *end || errno || *number > max ? -EINVAL : 0;
}

static int pin_read(char *word[], struct action *a)
{
	uint64_t vcpu;

	if (read_number(word[0], UINT32_MAX, &vcpu) < 0 || cpuset_parse(word[1], &a->from) < 0 ||
	    cpuset_parse(word[2], &a->to) < 0)
		return -EINVAL;
	a->vcpu = (uint32_t)vcpu;
	return 0;
}

static const struct sample_vcpu *find_vcpu(const struct sample *s, const struct action *a)
{
	const struct sample_guest *guest = sample_find_guest(s, a->guest);
	size_t i;

	for (i = 0; guest && i < guest->nr_vcpus; i++)
		if (s->vcpus[guest->first_vcpu + i].vcpu == a->vcpu)
			return &s->vcpus[guest->first_vcpu + i];
	return NULL;
}

/* Where all pCPUs of a mask go offline the kernel gives all that there are. */
static bool pin_ours(const struct action *line, const struct sample *now)
{
	const struct sample_vcpu *v = find_vcpu(now, line);
	const struct cpuset left = cpuset_and(&line->to, &now->online);

	if (v && cpuset_first(&now->online) >= 0 && cpuset_first(&left) < 0)
		return cpuset_covers(&v->affinity, &now->online);
	return v && cpuset_equal(&line->to, &v->affinity);
}

static bool pin_restore(const struct action *original, const struct sample *now, struct action *a)
{
	const struct sample_vcpu *v = find_vcpu(now, original);

	if (!v)
		return false;
	a->vcpu = original->vcpu;
	a->from = v->affinity;
	a->to = cpuset_and(&original->from, &now->online);
	if (cpuset_first(&a->to) < 0)
		a->to = now->usable;
	return !cpuset_equal(&a->to, &a->from);
}

static bool pin_anew(const struct action *line, bool found_as_left)
{
	const struct cpuset all = everything();

	return !found_as_left && !cpuset_equal(&line->from, &all);
}

static int pin_left(const struct action *a, const struct action *b)
{
	return memcmp(&a->to, &b->to, sizeof(a->to));
}

/* ---- balloons ---- */

static void balloon_text(const struct action *a, char *text, size_t size)
{
	snprintf(text, size, "%" PRIu64 " %" PRIu64, a->from_kib, a->to_kib);
}

static int balloon_read(char *word[], struct action *a)
{
	return read_number(word[0], UINT64_MAX - 1, &a->from_kib) < 0 ||
	                       read_number(word[1], UINT64_MAX - 1, &a->to_kib) < 0
	               ? -EINVAL
	               : 0;
}

static bool balloon_ours(const struct action *line, const struct sample *now)
{
	return true;
}

static bool balloon_restore(const struct action *original, const struct sample *now,
                            struct action *a)
{
	const struct sample_guest *guest = sample_find_guest(now, original->guest);

	if (!guest || guest->memory.actual_kib == UNKNOWN || guest->memory.maximum_kib == UNKNOWN)
		return false;
	a->from_kib = guest->memory.actual_kib;
	a->to_kib = original->from_kib < guest->memory.maximum_kib ? original->from_kib
	                                                           : guest->memory.maximum_kib;
	return a->to_kib != a->from_kib;
}

static bool balloon_anew(const struct action *line, bool found_as_left)
{
	return line->from_kib == line->to_kib;
}

static int balloon_left(const struct action *a, const struct action *b)
{
	return 0;
}

/* ---- how often statistics come ---- */

static void period_text(const struct action *a, char *text, size_t size)
{
	snprintf(text, size, "%u %u", a->from_s, a->to_s);
}

static int period_read(char *word[], struct action *a)
{
	uint64_t from, to;

	if (read_number(word[0], UINT32_MAX, &from) < 0 ||
	    read_number(word[1], UINT32_MAX, &to) < 0)
		return -EINVAL;
	a->from_s = (uint32_t)from;
	a->to_s = (uint32_t)to;
	return 0;
}

static bool period_ours(const struct action *line, const struct sample *now)
{
	const struct sample_guest *guest = sample_find_guest(now, line->guest);

	return guest && (guest->memory.period_s == UNKNOWN || guest->memory.period_s == line->to_s);
}

static bool period_restore(const struct action *original, const struct sample *now,
                           struct action *a)
{
	const struct sample_guest *guest = sample_find_guest(now, original->guest);

	if (!guest || guest->memory.period_s > UINT32_MAX)
		return false;
	a->from_s = (uint32_t)guest->memory.period_s;
	a->to_s = original->from_s;
	return a->from_s != a->to_s;
}

/* Whoever has set it meanwhile: the first line tells. */
static bool period_anew(const struct action *line, bool found_as_left)
{
	return false;
}

static int period_left(const struct action *a, const struct action *b)
{
	return (a->to_s > b->to_s) - (a->to_s < b->to_s);
}

/* ---- the kinds ---- */

static const struct kind {
	const char *word;
	enum action_kind kind, restore_kind;
	size_t nr_words; /* between UUID and name */
	bool repeats;
	void (*text)(const struct action *a, char *text, size_t size);
	int (*read)(char *word[], struct action *a);
	bool (*anew)(const struct action *line, bool found_as_left);
	int (*left)(const struct action *a, const struct action *b);
	bool (*ours)(const struct action *line, const struct sample *now);
	bool (*restore)(const struct action *original, const struct sample *now, struct action *a);
} kinds[] = {
        {"pin", ACTION_PIN, ACTION_RESTORE, 3, true, pin_text, pin_read, pin_anew, pin_left,
         pin_ours, pin_restore},
        {"balloon", ACTION_BALLOON, ACTION_BALLOON_RESTORE, 2, false, balloon_text, balloon_read,
         balloon_anew, balloon_left, balloon_ours, balloon_restore},
        {"period", ACTION_PERIOD, ACTION_PERIOD, 2, true, period_text, period_read, period_anew,
         period_left, period_ours, period_restore},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *kind_of(const struct action *a)
{
	size_t i = 0;

	while (kinds[i].kind != a->kind)
		if (++i == KINDS)
			abort(); /* what puts back is not noted */
	return &kinds[i];
}

size_t journal_line_write(const struct action *a, char line[JOURNAL_LINE])
{
	static char text[JOURNAL_LINE];
	const struct kind *k = kind_of(a);
	char uuid[UUID_TEXT];
	int n, i;

	k->text(a, text, sizeof(text));
	n = snprintf(line, JOURNAL_LINE, "%s %s %s %s", k->word, uuid_text(a->guest, uuid), text,
	             a->name);
	for (i = 0; i < n; i++)
		if (iscntrl((unsigned char)line[i]))
			line[i] = '?';
	line[n++] = '\n';
	return (size_t)n;
}

int journal_line_read(char *line, struct action *a)
{
	char *word[WORDS_MAX], *rest = line, *first = strsep(&rest, " "),
	                       *uuid = strsep(&rest, " ");
	size_t i, w;

	*a = (struct action){0};
	for (i = 0; i < KINDS && strcmp(kinds[i].word, first) != 0; i++)
		;
	if (i == KINDS || !uuid || uuid_parse(uuid, a->guest) < 0)
		return -EINVAL;
	for (w = 0; w < kinds[i].nr_words && rest; w++)
		word[w] = strsep(&rest, " ");
	if (!rest || kinds[i].read(word, a) < 0)
		return -EINVAL;
	a->kind = kinds[i].kind;
	snprintf(a->name, sizeof(a->name), "%s", rest);
	return 0;
}

int journal_line_order(const struct action *a, const struct action *b)
{
	int order = memcmp(a->guest, b->guest, UUID_BYTES);

	if (!order)
		order = (a->kind > b->kind) - (a->kind < b->kind);
	return order ? order : (a->vcpu > b->vcpu) - (a->vcpu < b->vcpu);
}

bool journal_line_same(const struct action *a, const struct action *b)
{
	return journal_line_order(a, b) == 0;
}

int journal_line_left(const struct action *a, const struct action *b)
{
	return kind_of(a)->left(a, b);
}

void journal_line_found(const struct action *line, struct action *found)
{
	*found = *line;
	found->to = line->from;
	found->to_kib = line->from_kib;
	found->to_s = line->from_s;
}

void journal_line_rebase(struct action *line, const struct action *original)
{
	line->from = original->from;
	line->from_kib = original->from_kib;
	line->from_s = original->from_s;
	memcpy(line->name, original->name, sizeof(line->name));
}

bool journal_line_repeats(const struct action *a)
{
	return kind_of(a)->repeats;
}

bool journal_line_anew(const struct action *a, bool found_as_left)
{
	return kind_of(a)->anew(a, found_as_left);
}

void journal_line_widen(struct action *a, const struct cpuset *online)
{
	if (a->kind == ACTION_PIN && cpuset_first(online) >= 0 && cpuset_covers(&a->from, online))
		a->from = everything();
}

bool journal_line_ours(const struct action *line, const struct sample *now)
{
	return kind_of(line)->ours(line, now);
}

bool journal_line_restore(const struct action *original, const struct sample *now,
                          struct action *restore)
{
	const struct kind *k = kind_of(original);

	*restore = (struct action){
	        .kind = k->restore_kind, .result = RESULT_NONE, .reason = "as it was before"};
	memcpy(restore->guest, original->guest, UUID_BYTES);
	snprintf(restore->name, sizeof(restore->name), "%s", original->name);
	return k->restore(original, now, restore);
}

bool journal_line_restored_by(const struct action *line, const struct action *restore)
{
	return kind_of(line)->restore_kind == restore->kind && line->vcpu == restore->vcpu &&
	       !memcmp(line->guest, restore->guest, UUID_BYTES);
}
