/* lookup - the ids that guests, vCPUs and lists of pCPUs have in the trace, remembered by the writer */
#include "traces/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	LARGE = 1 << 16 /* entries of a kind: 27 MB of guests */
};

void lookup_init(struct lookup *l, struct rows *rows)
{
	*l = (struct lookup){.rows = rows};
}

void lookup_done(struct lookup *l)
{
	size_t i;

	for (i = 0; i < l->nr_guests; i++)
		free(l->guests[i].vcpus);
	free(l->guests);
	free(l->cpus);
	free(l->guest_hash.slot);
	free(l->cpus_hash.slot);
	lookup_init(l, l->rows);
}

void lookup_forget(struct lookup *l)
{
	lookup_done(l);
}

bool lookup_is_large(const struct lookup *l)
{
	return l->nr_guests > LARGE || l->nr_cpus > LARGE;
}

/* FNV-1a, by words: a set of pCPUs has 256 bytes, and each vCPU of each tick has one. */
static uint64_t hash_of(const void *data, size_t size)
{
	uint64_t hash = 0xcbf29ce484222325ULL, word;
	const char *p = data;

	for (; size >= sizeof(word); size -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3ULL;
		hash ^= hash >> 32;
	}
	return hash;
}

struct guest_key {
	const uint8_t *uuid;
	const char *name;
};

static bool guest_is(const struct lookup *l, uint32_t entry, const void *key)
{
	const struct guest_key *wanted = key;

	return !memcmp(l->guests[entry].uuid, wanted->uuid, UUID_BYTES) &&
	       !strcmp(l->guests[entry].name, wanted->name);
}

static bool cpus_is(const struct lookup *l, uint32_t entry, const void *key)
{
	return cpuset_equal(&l->cpus[entry].set, key);
}

typedef bool (*entry_is)(const struct lookup *l, uint32_t entry, const void *key);

/* The entry that is the key, or -1. */
static int64_t hash_find(const struct lookup *l, const struct lookup_hash *h, uint64_t hash,
                         entry_is is, const void *key)
{
	size_t at;

	if (!h->room)
		return -1;
	for (at = hash & (h->room - 1); h->slot[at].entry; at = (at + 1) & (h->room - 1))
		if (h->slot[at].hash == hash && is(l, h->slot[at].entry - 1, key))
			return h->slot[at].entry - 1;
	return -1;
}

static void hash_put(struct lookup_hash *h, uint64_t hash, uint32_t entry)
{
	size_t at = hash & (h->room - 1);

	while (h->slot[at].entry)
		at = (at + 1) & (h->room - 1);
	h->slot[at].hash = hash;
	h->slot[at].entry = entry;
}

static bool hash_grow(struct lookup_hash *h, size_t nr)
{
	struct lookup_hash more = {.room = h->room ? 2 * h->room : 64};
	size_t i;

	if (2 * (nr + 1) <= h->room)
		return true;
	more.slot = calloc(more.room, sizeof(*more.slot));
	if (!more.slot)
		return false;
	for (i = 0; i < h->room; i++)
		if (h->slot[i].entry)
			hash_put(&more, h->slot[i].hash, h->slot[i].entry);
	free(h->slot);
	*h = more;
	return true;
}

/* Room for one more element in an array; false when memory ran out. */
static bool array_grow(void *array, size_t nr, size_t *room, size_t size)
{
	void **base = array, *more;
	size_t wanted = *room ? 2 * *room : 4;

	if (nr < *room)
		return true;
	more = realloc(*base, wanted * size);
	if (!more)
		return false;
	*base = more;
	*room = wanted;
	return true;
}

/* The id in the trace of what the statement `find` looks for; a new row by `add` when there is none. */
static int id_of(struct rows *rows, enum sql find, enum sql add, int64_t *id,
                 const struct value *values, size_t nr)
{
	int rc = rows_find(rows, find, values, nr, id);

	if (rc != SQLITE_OK || *id)
		return rc;
	rc = rows_run(rows, add, values, nr);
	*id = sqlite3_last_insert_rowid(rows->db);
	return rc;
}

int lookup_guest(struct lookup *l, const uint8_t uuid[UUID_BYTES], const char *name,
                 struct lookup_guest **guest)
{
	struct lookup_guest *new;
	uint64_t hash = hash_of(uuid, UUID_BYTES);
	char text[UUID_TEXT];
	int64_t entry, id;
	int rc;

	entry = hash_find(l, &l->guest_hash, hash, guest_is, &(struct guest_key){uuid, name});
	if (entry >= 0) {
		*guest = &l->guests[entry];
		return SQLITE_OK;
	}
	if (!array_grow(&l->guests, l->nr_guests, &l->room_guests, sizeof(*l->guests)) ||
	    !hash_grow(&l->guest_hash, l->nr_guests))
		return SQLITE_NOMEM;
	rc = id_of(l->rows, SQL_GUEST_FIND, SQL_GUEST, &id,
	           VALUES(value_words(uuid_text(uuid, text)), value_words(name)));
	if (rc != SQLITE_OK)
		return rc;
	new = &l->guests[l->nr_guests++];
	*new = (struct lookup_guest){.id = id};
	memcpy(new->uuid, uuid, UUID_BYTES);
	snprintf(new->name, sizeof(new->name), "%s", name);
	hash_put(&l->guest_hash, hash, (uint32_t)l->nr_guests);
	*guest = new;
	return SQLITE_OK;
}

/* Where the number is among the guest's vCPUs, or would be. */
static size_t vcpu_position(const struct lookup_guest *guest, uint32_t number)
{
	size_t low = 0, high = guest->nr_vcpus, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (guest->vcpus[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int lookup_vcpu(struct lookup *l, struct lookup_guest *guest, uint32_t number, int64_t *id)
{
	size_t at = vcpu_position(guest, number);
	int rc;

	if (at < guest->nr_vcpus && guest->vcpus[at].number == number) {
		*id = guest->vcpus[at].id;
		return SQLITE_OK;
	}
	if (!array_grow(&guest->vcpus, guest->nr_vcpus, &guest->room_vcpus, sizeof(*guest->vcpus)))
		return SQLITE_NOMEM;
	rc = id_of(l->rows, SQL_VCPU_FIND, SQL_VCPU, id,
	           VALUES(value_integer(guest->id), value_integer(number)));
	if (rc != SQLITE_OK)
		return rc;
	memmove(&guest->vcpus[at + 1], &guest->vcpus[at],
	        (guest->nr_vcpus - at) * sizeof(*guest->vcpus));
	guest->vcpus[at] = (struct lookup_vcpu){number, *id};
	guest->nr_vcpus++;
	return SQLITE_OK;
}

int lookup_cpus(struct lookup *l, const struct cpuset *set, int64_t *id)
{
	uint64_t hash = hash_of(set, sizeof(*set));
	int64_t entry = hash_find(l, &l->cpus_hash, hash, cpus_is, set);
	char list[CPUSET_ANY_TEXT];
	int rc;

	if (entry >= 0) {
		*id = l->cpus[entry].id;
		return SQLITE_OK;
	}
	if (!array_grow(&l->cpus, l->nr_cpus, &l->room_cpus, sizeof(*l->cpus)) ||
	    !hash_grow(&l->cpus_hash, l->nr_cpus))
		return SQLITE_NOMEM;
	rc = id_of(l->rows, SQL_CPUS_FIND, SQL_CPUS, id,
	           VALUES(value_words(cpuset_text(set, list, sizeof(list)))));
	if (rc != SQLITE_OK)
		return rc;
	l->cpus[l->nr_cpus++] = (struct lookup_cpus){*id, *set};
	hash_put(&l->cpus_hash, hash, (uint32_t)l->nr_cpus);
	return SQLITE_OK;
}
