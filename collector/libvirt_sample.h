/* libvirt_sample - read a sample through libvirt, none of it through a guest's monitor */
#ifndef VMB_COLLECTOR_LIBVIRT_SAMPLE_H
#define VMB_COLLECTOR_LIBVIRT_SAMPLE_H

#include "collector/host_ops.h"
#include "collector/libvirt_guests.h"
#include "collector/libvirt_link.h"
#include "collector/libvirt_node.h"
#include "collector/libvirt_order.h"
#include "collector/libvirt_stats.h"

struct libvirt_host {
	struct host host;
	struct libvirt_link link;
	struct libvirt_stats stats;
	struct libvirt_orders orders;
	struct libvirt_node node;
	struct libvirt_guests guests;
	virVcpuInfoPtr infos; /* room for the vCPUs of one guest */
	unsigned char *maps;
	int room_vcpus;
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

/* The connection is another one: nothing that was known through the old one counts. */
void libvirt_forget(struct libvirt_host *h);

#endif
