/* host - the only door to a hypervisor: which implementation serves a URI, and the guard of read-only handles */
#include "collector/host.h"

#include <string.h>

#include "collector/host_ops.h"
#include "common/stop.h"

/* The first whose prefix fits opens the host. */
static const struct {
	const char *prefix;
	int (*open)(const char *uri, enum host_mode mode, struct host **out, struct error *e);
} kinds[] = {
        {"sim:", sim_host_open},
        {"", libvirt_host_open},
};

int host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e)
{
	size_t i = 0;

	if (!*uri) /* libvirt would take whatever it finds first */
		return fail(e, EINVAL, "--connect '': an empty URI");
	while (strncmp(uri, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
		i++;
	return kinds[i].open(uri, mode, out, e);
}

void host_close(struct host *h)
{
	if (h)
		h->ops->close(h);
}

int host_describe(struct host *h, struct host_facts *out, struct error *e)
{
	return h->ops->describe(h, out, e);
}

int host_sample(struct host *h, unsigned late, struct sample *out, struct error *e)
{
	stop_lives();
	return h->ops->sample(h, late, out, e);
}

int host_sample_late(struct host *h, uint64_t deadline_ns, struct sample *s, struct error *e)
{
	stop_lives();
	return h->ops->sample_late(h, deadline_ns, s, e);
}

static int refuse_read_only(const struct host *h, struct error *e)
{
	return h->mode == HOST_READ_ONLY ? fail(e, EROFS, "this connection was opened read-only")
	                                 : 0;
}

int host_pin(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
             const struct cpuset *mask, uint64_t deadline_ns, struct error *e)
{
	int r = refuse_read_only(h, e);

	stop_lives();
	return r < 0 ? r : h->ops->pin(h, guest, vcpu, mask, deadline_ns, e);
}

int host_affinity(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                  struct cpuset *mask, struct error *e)
{
	return h->ops->affinity(h, guest, vcpu, mask, e);
}

int host_set_memory(struct host *h, const uint8_t guest[UUID_BYTES], uint64_t kib,
                    uint64_t deadline_ns, struct error *e)
{
	int r = refuse_read_only(h, e);

	stop_lives();
	return r < 0 ? r : h->ops->set_memory(h, guest, kib, deadline_ns, e);
}

int host_set_period(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                    uint64_t deadline_ns, struct error *e)
{
	int r = refuse_read_only(h, e);

	stop_lives();
	return r < 0 ? r : h->ops->set_period(h, guest, period_s, deadline_ns, e);
}

void host_await_orders(struct host *h, uint64_t deadline_ns)
{
	if (h->ops->await_orders)
		h->ops->await_orders(h, deadline_ns);
}

uint64_t host_now_ns(struct host *h)
{
	return h->ops->now_ns(h);
}

uint64_t host_wall_ns(struct host *h)
{
	return h->ops->wall_ns(h);
}

void host_hurry(struct host *h)
{
	if (h->ops->hurry)
		h->ops->hurry(h);
}

int host_wait(struct host *h, uint64_t deadline_ns, const sigset_t *stop)
{
	return h->ops->wait(h, deadline_ns, stop);
}

const char *host_end_text(int end)
{
	return end == HOST_ENDED    ? "the host ended"
	       : end == HOST_FAILED ? "the host failed"
	       : end == SIGINT      ? "interrupted"
	                            : "terminated";
}
