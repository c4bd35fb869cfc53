/* sample - what a host looks like at one moment: raw counters of pCPUs, guests, vCPUs and memory */
#ifndef VMB_COLLECTOR_SAMPLE_H
#define VMB_COLLECTOR_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * pCPUs are numbered as the host kernel numbers them (they may be sparse). Those beyond the limit are
 * not seen; a host says so once when it is opened. 2048 is the most that libvirt hosts are built with.
 */
#define PCPU_MAX 2048

/* A set of pCPUs: an affinity, the pCPUs a vCPU may use, the pCPUs that are online. */
struct cpuset {
	uint64_t word[PCPU_MAX / 64];
};

/* The set without a member. Assign it to clear a set. */
extern const struct cpuset CPUSET_NONE;

void cpuset_add(struct cpuset *set, unsigned pcpu);
void cpuset_remove(struct cpuset *set, unsigned pcpu);
bool cpuset_has(const struct cpuset *set, unsigned pcpu); /* false beyond PCPU_MAX */
unsigned cpuset_count(const struct cpuset *set);
int cpuset_first(const struct cpuset *set);           /* -1 when empty */
int cpuset_next(const struct cpuset *set, int after); /* the next above, -1 when none */
bool cpuset_equal(const struct cpuset *a, const struct cpuset *b);
bool cpuset_covers(const struct cpuset *a, const struct cpuset *b); /* every pCPU of b is in a */
struct cpuset cpuset_and(const struct cpuset *a, const struct cpuset *b);
struct cpuset cpuset_one(unsigned pcpu);

/* Long enough for any text that cpuset_text() writes for sets as hosts have them. */
#define CPUSET_TEXT 256
/* Long enough for any: of three pCPUs in a row all but one, with dash and comma. */
#define CPUSET_ANY_TEXT ((PCPU_MAX / 3 + 1) * (int)sizeof("1000-1001"))

/*
 * The set as the kernel writes it: "0-3,8". The empty set is "-". A text that does not fit ends in "...".
 * Returns text.
 */
char *cpuset_text(const struct cpuset *set, char *text, size_t size);

/*
 * Read "0-3,8" (as taskset and virsh do, with "^2" to leave one out). Returns 0, or -EINVAL when the text
 * is not a list or names a pCPU at or beyond PCPU_MAX; *set is written on success only. "-" is the empty set.
 */
int cpuset_parse(const char *text, struct cpuset *set);

/* A value that the host did not give. Counters, KiB and seconds alike. */
#define UNKNOWN UINT64_MAX

#define UUID_BYTES 16
#define UUID_TEXT  37 /* with its end */
#define GUEST_NAME 256

/* Room for what a guest's metadata ask: words KEY=VALUE. */
#define GUEST_BOUNDS 160

/* "c7a5fdbd-edaf-9455-926a-d65c16db1809". Returns text. */
char *uuid_text(const uint8_t uuid[UUID_BYTES], char text[UUID_TEXT]);
int uuid_parse(const char *text, uint8_t uuid[UUID_BYTES]); /* 0 or -EINVAL */

/* Time that a pCPU has spent since the host started, in ns (10 ms steps on most kernels). */
struct sample_pcpu {
	uint32_t pcpu;
	uint64_t user_ns;   /* includes nice and the time that guests ran */
	uint64_t kernel_ns; /* includes interrupts */
	uint64_t iowait_ns;
	uint64_t idle_ns;
};

/*
 * A virtual CPU: a host thread.
 *   run_ns    CPU time since the guest started; advances in steps of 10 ms
 *   delay_ns  time it was runnable and waited for a pCPU (what the guest sees as steal); exact ns; UNKNOWN
 *             when the host did not tell in time
 *   pcpu      where it last ran, -1 when not known. A sleeping vCPU shows an old one after a pin.
 *   affinity  the pCPUs it may run on now
 */
struct sample_vcpu {
	uint32_t vcpu; /* its number in the guest; may be sparse */
	int32_t pcpu;
	uint64_t run_ns;
	uint64_t delay_ns;
	struct cpuset affinity;
};

enum guest_state {
	GUEST_RUNNING,
	GUEST_PAUSED,
	GUEST_CRASHED,
	GUEST_OTHER, /* shutting down, suspended by itself, unknown */
	GUEST_STATES
};

extern const char *const guest_state_name[GUEST_STATES];

/* The memory of a guest, in KiB; UNKNOWN for each value that the balloon driver did not give. */
struct guest_memory {
	uint64_t actual_kib;    /* the balloon: what the guest has now */
	uint64_t maximum_kib;   /* what it booted with */
	uint64_t unused_kib;    /* its MemFree */
	uint64_t available_kib; /* its MemTotal */
	uint64_t usable_kib;    /* its MemAvailable: counts cache that can be reclaimed */
	uint64_t disk_caches_kib;
	uint64_t swap_in_kib; /* since its start */
	uint64_t swap_out_kib;
	uint64_t major_faults; /* count since its start */
	uint64_t minor_faults;
	uint64_t rss_kib;   /* what its QEMU process holds on the host */
	uint64_t updated_s; /* wall clock of the guest's last report; 0 without a driver */
	uint64_t period_s;  /* how often its driver reports; 0: never asked to */
};

/* Whether a guest's memory can be moved by its balloon. */
enum balloon {
	BALLOON_UNKNOWN, /* not read (yet) */
	BALLOON_READY,   /* there is the device; whether a driver works it, only the reports tell */
	BALLOON_NONE,    /* no device */
	BALLOON_EXEMPT,  /* a device, and memory that must stay: VFIO, locked or huge pages */
	BALLOONS
};

extern const char *const balloon_name[BALLOONS];

/* How a guest came to run. */
enum guest_start {
	START_UNKNOWN,  /* not told (yet) */
	START_BOOTED,   /* with what its configuration gives it */
	START_RESTORED, /* with what it had when it was saved, migrated or taken a snapshot of */
};

/* A running guest (libvirt's domain). Its vCPUs are sample.vcpus[first_vcpu .. + nr_vcpus). */
struct sample_guest {
	uint8_t uuid[UUID_BYTES];
	char name[GUEST_NAME];
	uint32_t
	        instance; /* another number after each start of the guest: its counters began again */
	enum guest_start start;
	enum guest_state state;
	bool user_pins; /* its persistent configuration has explicit vcpupin: the pins are the user's */
	enum balloon balloon;
	char bounds[GUEST_BOUNDS]; /* of its memory, by its metadata: "min=256M share=2000" */
	bool busy; /* migrates, saves, is dumped: a job that its memory must hold still for; as of when that was asked last */
	bool ordered;     /* an order of ours has not come back: what it asks for may come yet */
	uint32_t reboots; /* seen since this connection was made: it runs on without its balloon */
	uint32_t first_vcpu;
	uint32_t nr_vcpus;
	struct guest_memory memory;
};

/* The host's memory in KiB. available: MemAvailable where the host is this machine, else UNKNOWN. */
struct host_memory {
	uint64_t total_kib;
	uint64_t free_kib;
	uint64_t available_kib;
	uint64_t cached_kib; /* buffers and page cache */
};

/*
 * One reading. Guests stand in ascending order of UUID and the vCPUs of a guest in ascending number, pCPUs in
 * ascending number, so that two samples can be matched in one walk. Times: begin and end of the reading on
 * CLOCK_MONOTONIC; rates are taken between the middles of two readings, see sample_middle_ns().
 * The arrays belong to the sample, are kept from one reading to the next and freed by sample_done().
 */
struct sample {
	uint64_t begin_ns;
	uint64_t end_ns;
	uint64_t wall_ns;     /* CLOCK_REALTIME at begin */
	struct cpuset online; /* pCPUs that run */
	struct cpuset
	        usable; /* of these, those that guests may use: not isolated, not forbidden by cgroup */
	struct sample_pcpu *pcpus;
	struct sample_guest *guests;
	struct sample_vcpu *vcpus;
	size_t nr_pcpus, nr_guests, nr_vcpus;
	/*
	 * Guests that run and could not be read, for another reason than that they ended: they are here without vCPUs, or
	 * their memory is not known, which was asked for.
	 */
	size_t nr_unread;
	bool known_guests; /* who runs could not be read: the guests are those known before */
	size_t room_pcpus, room_guests, room_vcpus;
	struct host_memory memory;
};

void sample_init(struct sample *s);
void sample_done(struct sample *s);

/*
 * Empty the sample for another reading (the arrays stay). The _add functions append one zeroed element and
 * return it, or NULL when memory ran out; the pointer is good until the next _add of the same kind.
 * sample_add_vcpu() adds to the guest that was added last.
 */
void sample_clear(struct sample *s);
struct sample_pcpu *sample_add_pcpu(struct sample *s, uint32_t pcpu);
struct sample_guest *sample_add_guest(struct sample *s, const uint8_t uuid[UUID_BYTES],
                                      const char *name);
struct sample_vcpu *sample_add_vcpu(struct sample *s, uint32_t vcpu);

/* Put guests (with their vCPUs) into the order that the contract above promises. 0 or -ENOMEM. */
int sample_sort(struct sample *s);

/* The moment that the counters of a sample stand for. */
uint64_t sample_middle_ns(const struct sample *s);

/* The guest with this UUID, NULL when it is not there. Binary search: the sample must be sorted. */
const struct sample_guest *sample_find_guest(const struct sample *s,
                                             const uint8_t uuid[UUID_BYTES]);

/* The guest that vcpus[index] belongs to. */
const struct sample_guest *sample_guest_of(const struct sample *s, size_t vcpu_index);

#endif
