/* libvirt_sample - read pCPUs, guests and vCPUs through libvirt, none of it through a guest's monitor */
#ifndef VMB_COLLECTOR_LIBVIRT_SAMPLE_H
#define VMB_COLLECTOR_LIBVIRT_SAMPLE_H

#include "collector/host_ops.h"
#include "collector/libvirt_link.h"
#include "collector/libvirt_order.h"
#include "collector/libvirt_stats.h"
#include "collector/libvirt_xml.h"

/* A guest we know, with its handle, from the last sample. */
struct known_guest {
	uint8_t uuid[UUID_BYTES];
	virDomainPtr domain;
	uint32_t instance;
	enum guest_state state;
	bool busy; /* when it was asked last */
	bool user_pins;
	uint64_t configuration_ns; /* when user_pins was read */
	struct xml_memory memory;
	uint64_t memory_ns; /* when that was read; 0: not yet, or it was changed since */
};

struct libvirt_host {
	struct host host;
	struct libvirt_link link;
	struct libvirt_stats stats;
	struct libvirt_orders orders;
	bool local;
	struct known_guest *guests;
	size_t nr_guests;
	uint64_t listed_ns;   /* when the guests were listed; 0: it is due */
	uint64_t known_ns;    /* when the last list came; 0: not yet on this connection */
	bool configured;      /* some were configured anew since */
	virVcpuInfoPtr infos; /* room for the vCPUs of one guest */
	unsigned char *maps;
	int room_vcpus;
	int maplen;
	struct cpuset online; /* as of the last reading */
	int nr_cpu_fields;    /* of the host's CPU statistics; 0: not asked yet */
	bool no_memory;       /* nor of the host's memory */
};

/*
 * Read everything into a cleared sample, but its stamps and what the statistics bring. Returns 0, or -ENOTCONN, -ENOMEM
 * and the like.
 */
int libvirt_read(struct libvirt_host *h, unsigned late, struct sample *out, struct error *e);

/*
 * When the statistics have come, or not: read actual and maximum of the guests that they did not bring, count those that
 * cannot be read, and keep what jobs were seen.
 */
void libvirt_read_rest(struct libvirt_host *h, struct sample *s);

/* The guest of the last reading with this UUID, or NULL. */
struct known_guest *libvirt_known_guest(struct libvirt_host *h, const uint8_t uuid[UUID_BYTES]);

/* The connection is another one: nothing that was known through the old one counts. */
void libvirt_forget(struct libvirt_host *h);

/* libvirt's map of maplen bytes as a set. */
void libvirt_cpuset(const unsigned char *map, int maplen, struct cpuset *set);

#endif
