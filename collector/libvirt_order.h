/* libvirt_order - orders that may wait for a guest: each waited for until its deadline, one at a time for a guest */
#ifndef VMB_COLLECTOR_LIBVIRT_ORDER_H
#define VMB_COLLECTOR_LIBVIRT_ORDER_H

#include <libvirt/libvirt.h>

#include "collector/host.h"
#include "collector/libvirt_call.h"
#include "collector/libvirt_link.h"

enum order_kind {
	ORDER_MEMORY,
	ORDER_PERIOD,
	ORDER_PIN,
	ORDERS
};

/* What is ordered of a guest. */
struct order_wish {
	enum order_kind kind;
	uint64_t value; /* of its balloon in KiB, of the period of reports in seconds */
	uint32_t vcpu;
	int maplen;                      /* in bytes, */
	unsigned char map[PCPU_MAX / 8]; /* libvirt's, of the pCPUs that the vCPU may run on */
};

struct order;

/* Orders that were late and have not come back. Zeroed: none. */
struct libvirt_orders {
	struct order *late[CALLS_MOST];
	size_t nr_late;
};

/*
 * Order it of a guest, as host_set_memory(), host_set_period() and host_pin() say. Besides their results: -EAGAIN, no thread or
 * memory for it. One that is still waiting for its turn at the deadline (CLOCK_MONOTONIC) is not given any more.
 */
int libvirt_order(struct libvirt_orders *orders, struct libvirt_link *link,
                  const uint8_t guest[UUID_BYTES], const struct order_wish *wish,
                  uint64_t deadline_ns, struct error *e);

/* Whether an order of this guest was late and has not come back. */
bool libvirt_orders_late(const struct libvirt_orders *orders, const uint8_t guest[UUID_BYTES]);

/* Wait until those that were late are back, or until the deadline (CLOCK_MONOTONIC). */
void libvirt_orders_await(struct libvirt_orders *orders, struct libvirt_link *link,
                          uint64_t deadline_ns);

/* Give up what is under way; it may still arrive, and touches nothing of ours when it comes back. */
void libvirt_orders_done(struct libvirt_orders *orders, struct libvirt_link *link);

#endif
