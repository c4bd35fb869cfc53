/* libvirt_reboots - how often each guest rebooted, as libvirt's event thread hears of it */
#include "collector/libvirt_reboots.h"

#include <stdlib.h>
#include <string.h>

void libvirt_reboots_init(struct libvirt_reboots *r)
{
	*r = (struct libvirt_reboots){0};
	pthread_mutex_init(&r->lock, NULL);
}

void libvirt_reboots_done(struct libvirt_reboots *r)
{
	pthread_mutex_destroy(&r->lock);
	free(r->guests);
}

/* Few guests reboot: they are looked through. */
static struct rebooted *find(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES])
{
	size_t i;

	for (i = 0; i < r->nr_guests; i++)
		if (!memcmp(r->guests[i].guest, guest, UUID_BYTES))
			return &r->guests[i];
	return NULL;
}

static struct rebooted *add(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES])
{
	size_t room = r->room ? 2 * r->room : 8;
	struct rebooted *g;

	if (r->nr_guests == r->room) {
		g = reallocarray(r->guests, room, sizeof(*g));
		if (!g)
			return NULL;
		r->guests = g;
		r->room = room;
	}
	g = &r->guests[r->nr_guests++];
	memcpy(g->guest, guest, UUID_BYTES);
	g->times = 0;
	return g;
}

void libvirt_reboots_count(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES])
{
	struct rebooted *g;

	pthread_mutex_lock(&r->lock);
	g = find(r, guest);
	if (!g)
		g = add(r, guest);
	if (g)
		g->times++;
	pthread_mutex_unlock(&r->lock);
}

void libvirt_reboots_forget(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES])
{
	struct rebooted *g;

	pthread_mutex_lock(&r->lock);
	g = find(r, guest);
	if (g)
		*g = r->guests[--r->nr_guests];
	pthread_mutex_unlock(&r->lock);
}

uint32_t libvirt_reboots_of(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES])
{
	const struct rebooted *g;
	uint32_t times;

	pthread_mutex_lock(&r->lock);
	g = find(r, guest);
	times = g ? g->times : 0;
	pthread_mutex_unlock(&r->lock);
	return times;
}
