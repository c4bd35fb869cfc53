/* libvirt_reboots - how often each guest rebooted, as libvirt's event thread hears of it */
#ifndef VMB_COLLECTOR_LIBVIRT_REBOOTS_H
#define VMB_COLLECTOR_LIBVIRT_REBOOTS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/sample.h"

/* A guest that rebooted at least once. */
struct rebooted {
	uint8_t guest[UUID_BYTES];
	uint32_t times;
};

/* Written by the event thread, read by others. */
struct libvirt_reboots {
	pthread_mutex_t lock;
	struct rebooted *guests;
	size_t nr_guests, room;
};

void libvirt_reboots_init(struct libvirt_reboots *r);
void libvirt_reboots_done(struct libvirt_reboots *r);

void libvirt_reboots_count(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES]);

/* The guest is gone. */
void libvirt_reboots_forget(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES]);

uint32_t libvirt_reboots_of(struct libvirt_reboots *r, const uint8_t guest[UUID_BYTES]);

#endif
