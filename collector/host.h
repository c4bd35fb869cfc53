/* host - the only door to a hypervisor: open, describe, sample, pin, set memory, wait, close */
#ifndef VMB_COLLECTOR_HOST_H
#define VMB_COLLECTOR_HOST_H

#include <signal.h>

#include "collector/sample.h"
#include "common/cleanup.h"
#include "common/error.h"

struct host;

enum host_mode {
	HOST_READ_ONLY, /* cannot act, whatever is called: what changes something returns -EROFS */
	HOST_READ_WRITE,
};

/*
 * Open the host that a URI names: libvirt's, or sim:FILE for the one that a case file describes, in virtual time
 * (collector/sim_uri.h). Waits 10 s at most. Returns 0 or
 * -EINVAL (no such kind of connection, a case that is wrong), -EACCES (refused), -ENOTCONN (nobody there, also nobody
 * who could tell whether there is such a kind), -ETIMEDOUT.
 * Must be called before other threads exist that do not block SIGINT and SIGTERM.
 */
int host_open(const char *uri, enum host_mode mode, struct host **out, struct error *e);
void host_close(struct host *h);
DEFINE_AUTO(struct host *, host_close);

/* Where a pCPU sits. Two pCPUs of one core are SMT siblings. -1 where the host does not tell. */
struct pcpu_place {
	uint32_t pcpu;
	int32_t node;
	int32_t socket;
	int32_t core; /* unique on the host */
	int32_t llc;  /* last-level cache, unique on the host */
};

/* What does not change while a program runs. Texts are empty where the host does not tell. */
struct host_facts {
	char uri[256];
	char name[GUEST_NAME];
	char identity
	        [80]; /* the same for every connection to the same host: names lock and journal */
	bool passing; /* the host lives in this process alone: nothing of it may stay behind */
	char hypervisor[64]; /* "QEMU 7.2.22" */
	char library[64];    /* "libvirt 9.0.0" */
	char kernel[192];
	char cpu_model[128];
	uint64_t memory_kib;
	size_t nr_places;
	struct pcpu_place places[PCPU_MAX];
};

int host_describe(struct host *h, struct host_facts *out, struct error *e);

/* What host_sample_late() shall bring. */
enum sample_late {
	LATE_NONE = 0,
	LATE_DELAY = 1 << 0,  /* delay_ns of each vCPU */
	LATE_MEMORY = 1 << 1, /* the memory of each guest; host_sample() itself brings the host's */
};

/*
 * Read all running guests, their vCPUs and the pCPUs, without entering a guest's monitor: a hung guest cannot
 * block it. One that vanishes meanwhile is left out, not an error. When the list of guests cannot be read, those
 * known before are, for a minute (out->known_guests). At the same time the slow statistics named
 * by `late` start in the background. Returns 0, or -ENOTCONN while the host is away: the next calls reconnect
 * by themselves, not more often than a back-off allows.
 */
int host_sample(struct host *h, unsigned late, struct sample *out, struct error *e);

/*
 * Fill in the slow statistics that host_sample() started, for what is known by deadline_ns (host_now_ns()'s clock);
 * what is late stays UNKNOWN, but a guest's actual and maximum: these need no monitor. Returns 0 or -ETIMEDOUT.
 */
int host_sample_late(struct host *h, uint64_t deadline_ns, struct sample *s, struct error *e);

/*
 * Let a vCPU run on `mask` only, now and live; the persistent configuration is not touched. It waits for what else is asked of
 * the guest: when that takes until deadline_ns (host_now_ns()'s clock), this returns -ETIMEDOUT, and the pin may still arrive.
 * Returns 0, -ESRCH (guest or vCPU gone), -EINVAL (the mask is empty, or not of online pCPUs), -EROFS, -EACCES, -EBUSY (a job,
 * or an order that has not come back yet), -EOPNOTSUPP, -ETIMEDOUT, -ENOTCONN.
 */
int host_pin(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
             const struct cpuset *mask, uint64_t deadline_ns, struct error *e);

/* Read back on which online pCPUs a vCPU may run now. Returns 0, -ESRCH, -ENOTCONN. */
int host_affinity(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t vcpu,
                  struct cpuset *mask, struct error *e);

/*
 * Ask a guest's balloon driver to leave it `kib`, now and live. Enters the guest's monitor: for one that does not
 * answer by deadline_ns this returns -ETIMEDOUT, and an order that was under way may still arrive.
 * 0 means that the order was accepted, never that it is obeyed: without a driver nothing happens, and any size down to
 * 1 KiB is accepted. What came of it is seen in later samples.
 * Returns 0, -ESRCH, -EINVAL (above the guest's maximum), -EROFS, -EACCES, -EBUSY (a job, or an order that has not come
 * back yet), -EOPNOTSUPP (no balloon), -ETIMEDOUT, -ENOTCONN.
 */
int host_set_memory(struct host *h, const uint8_t guest[UUID_BYTES], uint64_t kib,
                    uint64_t deadline_ns, struct error *e);

/*
 * Have a guest's balloon driver report its statistics every period_s seconds (0: no more), now and live.
 * Deadline and results as host_set_memory().
 */
int host_set_period(struct host *h, const uint8_t guest[UUID_BYTES], uint32_t period_s,
                    uint64_t deadline_ns, struct error *e);

/* Wait for orders that were late until they have come back, or until deadline_ns. What is still under way then, samples tell. */
void host_await_orders(struct host *h, uint64_t deadline_ns);

/* The host's clocks: CLOCK_MONOTONIC and CLOCK_REALTIME, or the virtual ones of a simulation. */
uint64_t host_now_ns(struct host *h);
uint64_t host_wall_ns(struct host *h);

/* The host is over: the case of a simulation has come to its end. It can still be read and acted on. */
#define HOST_ENDED -1

/*
 * The host has failed: a simulated one whose guests were given more memory than there is. host_sample() says so, with the
 * figures, and nothing can be read any more: the run has not passed.
 */
#define HOST_FAILED -2

/* A host that went away is asked again at once, however long it was meant to wait: the next thing asked of it may be the last. */
void host_hurry(struct host *h);

/*
 * Sleep until deadline_ns or until a signal of `stop` (all of them blocked by the caller) arrives.
 * Returns 0 at the deadline, the signal's number, HOST_ENDED or HOST_FAILED.
 */
int host_wait(struct host *h, uint64_t deadline_ns, const sigset_t *stop);

/* Why a wait ended, for people: "the host ended", "the host failed", "interrupted", "terminated". */
const char *host_end_text(int end);

#endif
