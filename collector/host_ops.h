/* host_ops - what stands behind the seam: one table of functions for each kind of host */
#ifndef VMB_COLLECTOR_HOST_OPS_H
#define VMB_COLLECTOR_HOST_OPS_H

#include "collector/host.h"

/* The contracts are those of the host_ functions of the same names in host.h. */
struct host_ops {
	int (*describe)(struct host *h, struct host_facts *out, struct error *e);
	int (*sample)(struct host *h, unsigned late, struct sample *out, struct error *e);
	int (*sample_late)(struct host *h, uint64_t deadline_ns, struct sample *s, struct error *e);
	int (*pin)(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
	           const struct cpuset *mask, uint64_t deadline_ns, struct error *e);
	int (*affinity)(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
	                struct cpuset *mask, struct error *e);
	int (*set_memory)(struct host *h, const uint8_t guest[UUID_BYTES], uint64_t kib,
	                  uint64_t deadline_ns, struct error *e);
	int (*set_period)(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t period_s,
	                  uint64_t deadline_ns, struct error *e);
	void (*await_orders)(struct host *h, uint64_t deadline_ns); /* NULL: none is ever late */
	uint64_t (*now_ns)(struct host *h);
	uint64_t (*wall_ns)(struct host *h);
	void (*hurry)(struct host *h); /* NULL: it never waits to connect again */
	int (*wait)(struct host *h, uint64_t deadline_ns, const sigset_t *stop);
	void (*close)(struct host *h);
};

/* The head of every implementation's own struct. */
struct host {
	const struct host_ops *ops;
	enum host_mode mode;
};

int sim_host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e);
int libvirt_host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e);

#endif
