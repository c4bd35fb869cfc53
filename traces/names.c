/* names - the lookup tables of a trace in memory: guests, vCPUs, lists of pCPUs by their ids */
#include "traces/names.h"

#include <stdlib.h>
#include <string.h>

#include "traces/reader.h"

static void read_guest(struct trace_reader *r, struct columns *c, void *element)
{
	struct name_guest *g = element;
	char uuid[UUID_TEXT];

	g->id = column_integer(c, 0);
	column_text(c, 1, uuid, sizeof(uuid));
	column_text(c, 2, g->name, sizeof(g->name));
	if (uuid_parse(uuid, g->uuid) < 0)
		c->bad = true;
}

static void read_vcpu(struct trace_reader *r, struct columns *c, void *element)
{
	const struct name_guest *guest = names_guest(&r->names, column_integer(c, 1));
	struct name_vcpu *v = element;

	v->id = column_integer(c, 0);
	v->number = (uint32_t)column_number(c, 2, UINT32_MAX);
	if (guest)
		v->guest = (uint32_t)(guest - r->names.guests);
	else
		c->bad = true;
}

static void read_cpus(struct trace_reader *r, struct columns *c, void *element)
{
	struct name_cpus *cpus = element;
	char list[8 * PCPU_MAX];

	cpus->id = column_integer(c, 0);
	column_text(c, 1, list, sizeof(list));
	if (cpuset_parse(list, &cpus->set) < 0)
		c->bad = true;
}

static int by_uuid(const void *a, const void *b)
{
	const struct name_guest *x = *(struct name_guest *const *)a;
	const struct name_guest *y = *(struct name_guest *const *)b;
	int order = memcmp(x->uuid, y->uuid, UUID_BYTES);

	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int rank_guests(struct names *n)
{
	struct name_guest **sorted = malloc((n->nr_guests + 1) * sizeof(*sorted));
	size_t i;

	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < n->nr_guests; i++)
		sorted[i] = &n->guests[i];
	qsort(sorted, n->nr_guests, sizeof(*sorted), by_uuid);
	for (i = 0; i < n->nr_guests; i++)
		sorted[i]->rank = (uint32_t)i;
	free(sorted);
	return 0;
}

static int by_guest(const void *a, const void *b, void *names)
{
	const struct name_guest *guests = ((const struct names *)names)->guests;
	const struct name_vcpu *x = *(struct name_vcpu *const *)a;
	const struct name_vcpu *y = *(struct name_vcpu *const *)b;
	uint32_t p = guests[x->guest].rank, q = guests[y->guest].rank;

	return p != q ? (p > q) - (p < q) : (x->number > y->number) - (x->number < y->number);
}

static int rank_vcpus(struct names *n)
{
	struct name_vcpu **sorted = malloc((n->nr_vcpus + 1) * sizeof(*sorted));
	size_t i;

	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < n->nr_vcpus; i++)
		sorted[i] = &n->vcpus[i];
	qsort_r(sorted, n->nr_vcpus, sizeof(*sorted), by_guest, n);
	for (i = 0; i < n->nr_vcpus; i++)
		sorted[i]->rank = (uint32_t)i;
	free(sorted);
	return 0;
}

int names_load(struct trace_reader *r, struct error *e)
{
	struct names *n = &r->names;
	void *guests = NULL, *vcpus = NULL, *cpus = NULL;
	int result;

	result = reader_list(r, "SELECT guest, uuid, name FROM guest ORDER BY guest", 0, "guest",
	                     sizeof(*n->guests), read_guest, &guests, &n->nr_guests, e);
	n->guests = guests;
	if (!result)
		result = reader_list(r, "SELECT vcpu, guest, number FROM vcpu ORDER BY vcpu", 0,
		                     "vcpu", sizeof(*n->vcpus), read_vcpu, &vcpus, &n->nr_vcpus, e);
	n->vcpus = vcpus;
	if (!result)
		result = reader_list(r, "SELECT cpus, list FROM cpus ORDER BY cpus", 0, "cpus",
		                     sizeof(*n->cpus), read_cpus, &cpus, &n->nr_cpus, e);
	n->cpus = cpus;
	if (result < 0)
		return result;
	if (rank_guests(n) < 0 || rank_vcpus(n) < 0)
		return fail(e, ENOMEM, "%s: out of memory", r->place.name);
	return 0;
}

void names_done(struct names *n)
{
	free(n->guests);
	free(n->vcpus);
	free(n->cpus);
	*n = (struct names){0};
}

/*
 * Element with this id in an array whose elements begin with their id, ascending. Writers number from 1 without
 * gaps, so that the first look nearly always finds it.
 */
static const void *find(const void *array, size_t nr, size_t size, int64_t id)
{
	const char *base = array;
	size_t low = 0, high = nr, at = (size_t)id - 1;
	int64_t there;

	if (at >= nr)
		at = nr / 2;
	for (; low < high; at = low + (high - low) / 2) {
		memcpy(&there, base + at * size, sizeof(there));
		if (there == id)
			return base + at * size;
		if (there < id)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

const struct name_guest *names_guest(const struct names *n, int64_t id)
{
	return find(n->guests, n->nr_guests, sizeof(*n->guests), id);
}

const struct name_vcpu *names_vcpu(const struct names *n, int64_t id)
{
	return find(n->vcpus, n->nr_vcpus, sizeof(*n->vcpus), id);
}

const struct cpuset *names_cpus(const struct names *n, int64_t id)
{
	const struct name_cpus *cpus = find(n->cpus, n->nr_cpus, sizeof(*n->cpus), id);

	return cpus ? &cpus->set : NULL;
}
