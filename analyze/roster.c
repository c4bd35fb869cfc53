/* roster - finds the place of a guest or vCPU by its UUID and number */
#include "analyze/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct roster_entry {
	uint8_t uuid[UUID_BYTES];
	uint64_t number;
	size_t place;
	bool used;
};

/*
 * FNV-1a. A trace whose writer chose colliding UUIDs makes this slow, by the square of the number of its guests;
 * the reader's deadline bounds that.
 */
static size_t hash(const uint8_t uuid[UUID_BYTES], uint64_t number)
{
	uint64_t h = 0xcbf29ce484222325;
	size_t i;

	for (i = 0; i < UUID_BYTES; i++)
		h = (h ^ uuid[i]) * 0x100000001b3;
	h = (h ^ number) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

/* The entry of this name, or the free one where it belongs. There is always a free one. */
static struct roster_entry *slot(const struct roster *r, const uint8_t uuid[UUID_BYTES],
                                 uint64_t number)
{
	size_t at = hash(uuid, number) % r->room;
	struct roster_entry *x;

	for (;; at = (at + 1) % r->room) {
		x = &r->entries[at];
		if (!x->used || (x->number == number && !memcmp(x->uuid, uuid, UUID_BYTES)))
			return x;
	}
}

long roster_find(const struct roster *r, const uint8_t uuid[UUID_BYTES], uint64_t number)
{
	const struct roster_entry *x = r->room ? slot(r, uuid, number) : NULL;

	return x && x->used ? (long)x->place : -1;
}

static int double_room(struct roster *r)
{
	struct roster wider = {.nr = r->nr, .room = r->room ? 2 * r->room : 64};
	size_t i;

	wider.entries = calloc(wider.room, sizeof(*wider.entries));
	if (!wider.entries)
		return -ENOMEM;
	for (i = 0; i < r->room; i++)
		if (r->entries[i].used)
			*slot(&wider, r->entries[i].uuid, r->entries[i].number) = r->entries[i];
	free(r->entries);
	*r = wider;
	return 0;
}

int roster_add(struct roster *r, const uint8_t uuid[UUID_BYTES], uint64_t number, size_t place)
{
	struct roster_entry *x;

	if (2 * r->nr >= r->room && double_room(r) < 0)
		return -ENOMEM;
	x = slot(r, uuid, number);
	*x = (struct roster_entry){.number = number, .place = place, .used = true};
	memcpy(x->uuid, uuid, UUID_BYTES);
	r->nr++;
	return 0;
}

void roster_done(struct roster *r)
{
	free(r->entries);
	*r = (struct roster){0};
}
