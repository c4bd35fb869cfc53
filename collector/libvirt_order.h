/* libvirt_order - orders that enter a guest's monitor: each waited for until its deadline, one at a time for a guest */
#ifndef VMB_COLLECTOR_LIBVIRT_ORDER_H
#define VMB_COLLECTOR_LIBVIRT_ORDER_H

#include <libvirt/libvirt.h>

#include "collector/host.h"
#include "collector/libvirt_call.h"
#include "collector/libvirt_link.h"

enum order_kind {
	ORDER_MEMORY, /* in KiB */
	ORDER_PERIOD, /* in seconds */
	ORDERS
};

struct order;

/* Orders that were late and have not come back. Zeroed: none. */
struct libvirt_orders {
	struct order *late[CALLS_MOST];
	size_t nr_late;
};

/*
 * Order it of a guest, as host_set_memory() and host_set_period() say. Besides their results: -EAGAIN, no thread or memory for
 * it.
 */
int libvirt_order(struct libvirt_orders *orders, struct libvirt_link *link,
                  const uint8_t guest[UUID_BYTES], enum order_kind kind, uint64_t value,
                  uint64_t deadline_ns, struct error *e);

/* Give up what is under way; it may still arrive, and touches nothing of ours when it comes back. */
void libvirt_orders_done(struct libvirt_orders *orders, struct libvirt_link *link);

#endif
