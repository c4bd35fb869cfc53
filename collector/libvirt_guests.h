/* libvirt_guests - who runs on the host: listed when libvirt tells of news, with what was known of each carried over */
#ifndef VMB_COLLECTOR_LIBVIRT_GUESTS_H
#define VMB_COLLECTOR_LIBVIRT_GUESTS_H

#include "collector/libvirt_link.h"
#include "collector/libvirt_xml.h"
#include "collector/sample.h"

/* An owner may give a guest explicit pins, or another balloon, at any time; its configuration is read this often. */
#define CONFIGURATION_NS (60 * NS_PER_S)

struct known_guest {
	uint8_t uuid[UUID_BYTES];
	virDomainPtr domain;
	uint32_t instance;
	enum guest_start start;
	enum guest_state state;
	bool busy; /* when it was asked last */
	bool user_pins;
	uint64_t configuration_ns; /* when user_pins was read */
	struct xml_memory memory;
	uint64_t memory_ns; /* when that was read; 0: not yet, or it was changed since */
};

/* Zeroed: nobody is known. */
struct libvirt_guests {
	struct known_guest *at; /* in order of UUID */
	size_t nr;
	uint64_t listed_ns; /* when they were listed; 0: it is due */
	uint64_t known_ns;  /* when the last list came; 0: not yet on this connection */
	bool configured;    /* some were configured anew since */
};

/*
 * Make sure that those known are those that run. When they cannot be listed, those of the last list go on being known for a
 * minute, and s->known_guests says so. Returns 0, or -ENOTCONN, -ENOMEM and the like.
 */
int libvirt_guests_know(struct libvirt_guests *g, struct libvirt_link *link, struct sample *s,
                        struct error *e);

/* The one with this UUID, or NULL. */
struct known_guest *libvirt_guests_find(const struct libvirt_guests *g,
                                        const uint8_t uuid[UUID_BYTES]);

/* The connection is another one: nobody is known. */
void libvirt_guests_forget(struct libvirt_guests *g);

#endif
