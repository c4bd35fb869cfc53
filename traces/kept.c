/* kept - records that could not be written yet: deep copies in the order they came */
#include "traces/kept.h"

#include <stdlib.h>
#include <string.h>

/* A copy of an array; *bytes grows by its size. An empty one needs no memory, and *ok stays. */
static void *copy(const void *array, size_t nr, size_t size, size_t *bytes, bool *ok)
{
	void *to;

	if (!nr)
		return NULL;
	to = malloc(nr * size);
	if (!to)
		*ok = false;
	else
		memcpy(to, array, nr * size);
	*bytes += nr * size;
	return to;
}

static bool copy_sample(struct sample *to, const struct sample *from, size_t *bytes)
{
	bool ok = true;

	*to = *from;
	to->pcpus = copy(from->pcpus, from->nr_pcpus, sizeof(*to->pcpus), bytes, &ok);
	to->guests = copy(from->guests, from->nr_guests, sizeof(*to->guests), bytes, &ok);
	to->vcpus = copy(from->vcpus, from->nr_vcpus, sizeof(*to->vcpus), bytes, &ok);
	to->room_pcpus = to->nr_pcpus;
	to->room_guests = to->nr_guests;
	to->room_vcpus = to->nr_vcpus;
	return ok;
}

static void kept_free(struct kept *k)
{
	sample_done(&k->sample);
	free(k->decision.guests);
	free(k->actions);
	free(k);
}

static struct kept *kept_of(const struct record *r)
{
	struct kept *k = calloc(1, sizeof(*k));
	bool ok = true;

	if (!k)
		return NULL;
	k->bytes = sizeof(*k);
	k->record = *r;
	if (r->tick) {
		k->tick = *r->tick;
		k->record.tick = &k->tick;
		k->record.sample = &k->sample;
		ok = copy_sample(&k->sample, r->sample, &k->bytes);
	}
	if (r->decision) {
		k->decision = *r->decision;
		k->decision.guests = copy(r->decision->guests, r->decision->nr_guests,
		                          sizeof(*k->decision.guests), &k->bytes, &ok);
		k->record.decision = &k->decision;
	}
	k->actions = copy(r->actions, r->nr_actions, sizeof(*k->actions), &k->bytes, &ok);
	k->decision.actions = k->actions;
	k->record.actions = k->actions;
	if (ok)
		return k;
	kept_free(k);
	return NULL;
}

bool kept_add(struct kept_list *l, const struct record *r)
{
	struct kept **end = &l->first, *k = kept_of(r);

	if (!k)
		return false;
	while (*end)
		end = &(*end)->next;
	*end = k;
	l->nr++;
	l->bytes += k->bytes;
	return true;
}

size_t kept_ticks(const struct kept_list *l)
{
	const struct kept *k;
	size_t nr = 0;

	for (k = l->first; k; k = k->next)
		nr += k->record.tick != NULL;
	return nr;
}

void kept_remove(struct kept_list *l, const struct record *r)
{
	struct kept **at = &l->first, *k;

	while (&(*at)->record != r)
		at = &(*at)->next;
	k = *at;
	*at = k->next;
	l->nr--;
	l->bytes -= k->bytes;
	kept_free(k);
}

void kept_clear(struct kept_list *l)
{
	while (l->first)
		kept_remove(l, &l->first->record);
}
