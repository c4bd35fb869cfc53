/* sample - what a host looks like at one moment: raw counters of pCPUs, guests, vCPUs and memory */
#include "collector/sample.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct cpuset CPUSET_NONE;

const char *const balloon_name[] = {
        [BALLOON_UNKNOWN] = "unknown",
        [BALLOON_READY] = "ready",
        [BALLOON_NONE] = "none",
        [BALLOON_EXEMPT] = "exempt",
};
_Static_assert(sizeof(balloon_name) / sizeof(balloon_name[0]) == BALLOONS, "a name for each");

const char *const guest_state_name[] = {
        [GUEST_RUNNING] = "running",
        [GUEST_PAUSED] = "paused",
        [GUEST_CRASHED] = "crashed",
        [GUEST_OTHER] = "other",
};
_Static_assert(sizeof(guest_state_name) / sizeof(guest_state_name[0]) == GUEST_STATES,
               "a name for each");

void cpuset_add(struct cpuset *set, unsigned pcpu)
{
	if (pcpu < PCPU_MAX)
		set->word[pcpu / 64] |= 1ULL << pcpu % 64;
}

void cpuset_remove(struct cpuset *set, unsigned pcpu)
{
	if (pcpu < PCPU_MAX)
		set->word[pcpu / 64] &= ~(1ULL << pcpu % 64);
}

bool cpuset_has(const struct cpuset *set, unsigned pcpu)
{
	return pcpu < PCPU_MAX && set->word[pcpu / 64] >> pcpu % 64 & 1;
}

unsigned cpuset_count(const struct cpuset *set)
{
	unsigned i, n = 0;

	for (i = 0; i < PCPU_MAX / 64; i++)
		if (set->word
		            [i]) /* few are, and counting calls a function where no CPU is told to do it */
			n += (unsigned)__builtin_popcountll(set->word[i]);
	return n;
}

int cpuset_first(const struct cpuset *set)
{
	return cpuset_next(set, -1);
}

int cpuset_next(const struct cpuset *set, int after)
{
	unsigned pcpu = (unsigned)(after + 1);
	uint64_t rest;

	while (pcpu < PCPU_MAX) {
		rest = set->word[pcpu / 64] >> pcpu % 64;
		if (rest)
			return (int)pcpu + __builtin_ctzll(rest);
		pcpu = (pcpu / 64 + 1) * 64;
	}
	return -1;
}

bool cpuset_equal(const struct cpuset *a, const struct cpuset *b)
{
	return !memcmp(a, b, sizeof(*a));
}

bool cpuset_covers(const struct cpuset *a, const struct cpuset *b)
{
	unsigned i;

	for (i = 0; i < PCPU_MAX / 64; i++)
		if (b->word[i] & ~a->word[i])
			return false;
	return true;
}

struct cpuset cpuset_and(const struct cpuset *a, const struct cpuset *b)
{
	struct cpuset both;
	unsigned i;

	for (i = 0; i < PCPU_MAX / 64; i++)
		both.word[i] = a->word[i] & b->word[i];
	return both;
}

struct cpuset cpuset_one(unsigned pcpu)
{
	struct cpuset set = CPUSET_NONE;

	cpuset_add(&set, pcpu);
	return set;
}

char *cpuset_text(const struct cpuset *set, char *text, size_t size)
{
	int first = cpuset_first(set), last;
	char range[32];
	size_t used = 0;

	snprintf(text, size, "%s", first < 0 ? "-" : "");
	for (; first >= 0; first = cpuset_next(set, last)) {
		for (last = first; cpuset_has(set, (unsigned)last + 1);)
			last++;
		if (first == last)
			snprintf(range, sizeof(range), "%s%d", used ? "," : "", first);
		else
			snprintf(range, sizeof(range), "%s%d-%d", used ? "," : "", first, last);
		if (used + strlen(range) + strlen("...") >= size) {
			snprintf(text + used, size - used, "...");
			return text;
		}
		used += (size_t)snprintf(text + used, size - used, "%s", range);
	}
	return text;
}

/* A pCPU's number at *p, which is moved behind it; -1 when there is none below PCPU_MAX. */
static long read_pcpu(const char **p)
{
	long n = 0;

	if (!isdigit((unsigned char)**p))
		return -1;
	for (; isdigit((unsigned char)**p); ++*p) {
		n = 10 * n + **p - '0';
		if (n >= PCPU_MAX)
			return -1;
	}
	return n;
}

int cpuset_parse(const char *text, struct cpuset *set)
{
	struct cpuset read = CPUSET_NONE;
	const char *p = text;
	long first, last;
	bool leave_out;

	if (!strcmp(text, "-")) {
		*set = read;
		return 0;
	}
	do {
		leave_out = *p == '^';
		p += leave_out;
		first = last = read_pcpu(&p);
		if (*p == '-' && !leave_out) {
			p++;
			last = read_pcpu(&p);
		}
		if (first < 0 || last < first)
			return -EINVAL;
		for (; first <= last; first++)
			(leave_out ? cpuset_remove : cpuset_add)(&read, (unsigned)first);
	} while (*p++ == ',');
	if (p[-1])
		return -EINVAL;
	*set = read;
	return 0;
}

char *uuid_text(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *p = text;
	int i;

	for (i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[uuid[i] >> 4];
		*p++ = digits[uuid[i] & 15];
	}
	*p = '\0';
	return text;
}

int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES])
{
	uint8_t read[UUID_BYTES];
	unsigned byte;
	int i;

	for (i = 0; i < UUID_BYTES; i++) {
		if (*text == '-' && i)
			text++;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
		    sscanf(text, "%2x", &byte) != 1)
			return -EINVAL;
		read[i] = (uint8_t)byte;
		text += 2;
	}
	if (*text)
		return -EINVAL;
	memcpy(uuid, read, UUID_BYTES);
	return 0;
}

void sample_init(struct sample *s)
{
	*s = (struct sample){0};
	sample_clear(s);
}

void sample_done(struct sample *s)
{
	free(s->pcpus);
	free(s->guests);
	free(s->vcpus);
	sample_init(s);
}

void sample_clear(struct sample *s)
{
	s->nr_pcpus = s->nr_guests = s->nr_vcpus = s->nr_unread = 0;
	s->known_guests = false;
	s->begin_ns = s->end_ns = s->wall_ns = 0;
	s->online = s->usable = CPUSET_NONE;
	s->memory = (struct host_memory){UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN};
}

/* Room for one more element: the place of the new one, zeroed, or NULL. */
static void *grow(void *array, size_t *nr, size_t *room, size_t size)
{
	void **base = array, *more;
	size_t wanted;

	if (*nr == *room) {
		wanted = *room ? 2 * *room : 16;
		more = realloc(*base, wanted * size);
		if (!more)
			return NULL;
		*base = more;
		*room = wanted;
	}
	return memset((char *)*base + (*nr)++ * size, 0, size);
}

struct sample_pcpu *sample_add_pcpu(struct sample *s, uint32_t pcpu)
{
	struct sample_pcpu *p = grow(&s->pcpus, &s->nr_pcpus, &s->room_pcpus, sizeof(*p));

	if (p)
		p->pcpu = pcpu;
	return p;
}

struct sample_guest *sample_add_guest(struct sample *s, const uint8_t uuid[UUID_BYTES],
                                      const char *name)
{
	struct sample_guest *g = grow(&s->guests, &s->nr_guests, &s->room_guests, sizeof(*g));

	if (!g)
		return NULL;
	memcpy(g->uuid, uuid, UUID_BYTES);
	strncpy(g->name, name, sizeof(g->name) - 1);
	g->first_vcpu = (uint32_t)s->nr_vcpus;
	memset(&g->memory, 0xff, sizeof(g->memory)); /* every value UNKNOWN */
	return g;
}

struct sample_vcpu *sample_add_vcpu(struct sample *s, uint32_t vcpu)
{
	struct sample_vcpu *v = grow(&s->vcpus, &s->nr_vcpus, &s->room_vcpus, sizeof(*v));

	if (!v)
		return NULL;
	v->vcpu = vcpu;
	v->pcpu = -1;
	v->delay_ns = UNKNOWN;
	s->guests[s->nr_guests - 1].nr_vcpus++;
	return v;
}

static int by_uuid(const void *a, const void *b)
{
	return memcmp(((const struct sample_guest *)a)->uuid,
	              ((const struct sample_guest *)b)->uuid, UUID_BYTES);
}

static int by_number(const void *a, const void *b)
{
	const struct sample_vcpu *x = a, *y = b;

	return (x->vcpu > y->vcpu) - (x->vcpu < y->vcpu);
}

int sample_sort(struct sample *s)
{
	struct sample_vcpu *sorted;
	size_t i, n = 0;

	if (!s->nr_guests)
		return 0; /* no array either */
	if (!s->nr_vcpus) {
		qsort(s->guests, s->nr_guests, sizeof(*s->guests), by_uuid);
		return 0;
	}
	sorted = malloc(s->room_vcpus * sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	qsort(s->guests, s->nr_guests, sizeof(*s->guests), by_uuid);
	for (i = 0; i < s->nr_guests; i++) {
		struct sample_guest *g = &s->guests[i];

		memcpy(&sorted[n], &s->vcpus[g->first_vcpu], g->nr_vcpus * sizeof(*sorted));
		qsort(&sorted[n], g->nr_vcpus, sizeof(*sorted), by_number);
		g->first_vcpu = (uint32_t)n;
		n += g->nr_vcpus;
	}
	free(s->vcpus);
	s->vcpus = sorted;
	return 0;
}

uint64_t sample_middle_ns(const struct sample *s)
{
	return s->begin_ns + (s->end_ns - s->begin_ns) / 2;
}

const struct sample_guest *sample_find_guest(const struct sample *s, const uint8_t uuid[UUID_BYTES])
{
	struct sample_guest key;

	memcpy(key.uuid, uuid, UUID_BYTES);
	if (!s->nr_guests)
		return NULL;
	return bsearch(&key, s->guests, s->nr_guests, sizeof(key), by_uuid);
}

const struct sample_guest *sample_guest_of(const struct sample *s, size_t vcpu_index)
{
	size_t low = 0, high = s->nr_guests, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->guests[middle].first_vcpu + s->guests[middle].nr_vcpus <= vcpu_index)
			low = middle + 1;
		else
			high = middle;
	}
	return &s->guests[low];
}
