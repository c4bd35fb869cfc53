/* libvirt_stats - the statistics that enter a guest's monitor, fetched by a worker so that nobody waits for them */
#include "collector/libvirt_stats.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/clock.h"

struct libvirt_stats {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned owners; /* the worker and the one that asks; the last one frees */
	bool stop;
	uint64_t asked;    /* number of the last request */
	uint64_t answered; /* number of the request that `answer` belongs to */
	bool busy;         /* the worker is in a call */
	unsigned late;
	virConnectPtr connection; /* a reference of ours for the request */
	struct sample answer;
};

/* Fields of a guest's record that are values of struct guest_memory. libvirt has macros for them from 11.2 on. */
static const struct {
	const char *field;
	size_t offset;
} memory_fields[] = {
        {"balloon.current", offsetof(struct guest_memory, actual_kib)},
        {"balloon.maximum", offsetof(struct guest_memory, maximum_kib)},
        {"balloon.unused", offsetof(struct guest_memory, unused_kib)},
        {"balloon.available", offsetof(struct guest_memory, available_kib)},
        {"balloon.usable", offsetof(struct guest_memory, usable_kib)},
        {"balloon.disk_caches", offsetof(struct guest_memory, disk_caches_kib)},
        {"balloon.swap_in", offsetof(struct guest_memory, swap_in_kib)},
        {"balloon.swap_out", offsetof(struct guest_memory, swap_out_kib)},
        {"balloon.major_fault", offsetof(struct guest_memory, major_faults)},
        {"balloon.minor_fault", offsetof(struct guest_memory, minor_faults)},
        {"balloon.rss", offsetof(struct guest_memory, rss_kib)},
        {"balloon.last-update", offsetof(struct guest_memory, updated_s)},
};

static void take_memory(const virTypedParameter *field, struct guest_memory *memory)
{
	size_t i;

	for (i = 0; i < sizeof(memory_fields) / sizeof(memory_fields[0]); i++)
		if (!strcmp(field->field, memory_fields[i].field) &&
		    field->type == VIR_TYPED_PARAM_ULLONG)
			*(uint64_t *)((char *)memory + memory_fields[i].offset) = field->value.ul;
}

/* "vcpu.N.delay": its number in *vcpu. The group carries 44 more fields for each vCPU under KVM. */
static bool is_delay(const virTypedParameter *field, unsigned *vcpu)
{
	int end = 0;

	return field->type == VIR_TYPED_PARAM_ULLONG && !strncmp(field->field, "vcpu.", 5) &&
	       sscanf(field->field, "vcpu.%u.delay%n", vcpu, &end) == 1 && end &&
	       !field->field[end];
}

static void take_record(const virDomainStatsRecord *record, struct sample *answer)
{
	struct sample_guest *guest;
	struct sample_vcpu *v;
	uint8_t uuid[UUID_BYTES];
	unsigned vcpu;
	int i;

	if (virDomainGetUUID(record->dom, uuid) < 0)
		return;
	guest = sample_add_guest(answer, uuid, "");
	for (i = 0; guest && i < record->nparams; i++) {
		take_memory(&record->params[i], &guest->memory);
		if (!is_delay(&record->params[i], &vcpu))
			continue;
		v = sample_add_vcpu(answer, vcpu);
		if (v)
			v->delay_ns = record->params[i].value.ul;
	}
}

static void fetch(virConnectPtr connection, unsigned late, struct sample *answer)
{
	unsigned groups = 0;
	virDomainStatsRecordPtr *records;
	int i, n;

	if (late & LATE_DELAY)
		groups |= VIR_DOMAIN_STATS_VCPU;
	if (late & LATE_MEMORY)
		groups |= VIR_DOMAIN_STATS_BALLOON;
	sample_clear(answer);
	n = virConnectGetAllDomainStats(connection, groups, &records,
	                                VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
	                                        VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
	if (n < 0)
		return;
	for (i = 0; i < n; i++)
		take_record(records[i], answer);
	virDomainStatsRecordListFree(records);
	if (sample_sort(answer) < 0)
		sample_clear(answer);
}

/* Called with the lock held, which it gives back. */
static void release(struct libvirt_stats *w)
{
	bool last = --w->owners == 0;

	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	if (w->connection)
		virConnectClose(w->connection);
	sample_done(&w->answer);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void *work(void *data)
{
	struct libvirt_stats *w = data;
	struct sample answer;
	virConnectPtr connection;
	uint64_t number;
	unsigned late;

	sample_init(&answer);
	pthread_mutex_lock(&w->lock);
	for (;;) {
		while (!w->stop && w->asked == w->answered)
			pthread_cond_wait(&w->changed, &w->lock);
		if (w->stop)
			break;
		connection = take(w->connection);
		number = w->asked;
		late = w->late;
		w->busy = true;
		pthread_mutex_unlock(&w->lock);

		fetch(connection, late, &answer);
		virConnectClose(connection);

		pthread_mutex_lock(&w->lock);
		struct sample old = w->answer;
		w->answer = answer;
		answer = old;
		w->answered = number;
		w->busy = false;
		pthread_cond_broadcast(&w->changed);
	}
	release(w);
	sample_done(&answer);
	return NULL;
}

struct libvirt_stats *libvirt_stats_new(void)
{
	struct libvirt_stats *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;
	pthread_t thread;

	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sample_init(&w->answer);
	w->owners = 2;
	if (pthread_create(&thread, NULL, work, w)) {
		w->owners = 1;
		libvirt_stats_free(w);
		return NULL;
	}
	pthread_detach(thread);
	return w;
}

void libvirt_stats_free(struct libvirt_stats *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->changed);
	release(w);
}

void libvirt_stats_request(struct libvirt_stats *w, virConnectPtr connection, unsigned late)
{
	pthread_mutex_lock(&w->lock);
	if (late && !w->busy && w->asked == w->answered && !virConnectRef(connection)) {
		w->connection = connection;
		w->late = late;
		w->asked++;
		pthread_cond_broadcast(&w->changed);
	}
	pthread_mutex_unlock(&w->lock);
}

/* Both are sorted: one walk. */
static void merge(const struct sample *answer, struct sample *s)
{
	const struct sample_guest *from;
	struct sample_guest *to;
	struct guest_memory memory;
	size_t i, v, a;

	for (i = 0; i < s->nr_guests; i++) {
		to = &s->guests[i];
		from = sample_find_guest(answer, to->uuid);
		if (!from)
			continue;
		memory = from->memory;
		if (memory.actual_kib == UNKNOWN)
			memory.actual_kib = to->memory.actual_kib;
		if (memory.maximum_kib == UNKNOWN)
			memory.maximum_kib = to->memory.maximum_kib;
		to->memory = memory;
		for (v = to->first_vcpu, a = from->first_vcpu; v < to->first_vcpu + to->nr_vcpus;
		     v++) {
			while (a < from->first_vcpu + from->nr_vcpus &&
			       answer->vcpus[a].vcpu < s->vcpus[v].vcpu)
				a++;
			if (a < from->first_vcpu + from->nr_vcpus &&
			    answer->vcpus[a].vcpu == s->vcpus[v].vcpu)
				s->vcpus[v].delay_ns = answer->vcpus[a].delay_ns;
		}
	}
}

int libvirt_stats_collect(struct libvirt_stats *w, uint64_t deadline_ns, struct sample *s,
                          struct error *e)
{
	struct timespec deadline = {(time_t)(deadline_ns / NS_PER_S),
	                            (long)(deadline_ns % NS_PER_S)};
	bool came;

	pthread_mutex_lock(&w->lock);
	while (w->asked != w->answered)
		if (pthread_cond_timedwait(&w->changed, &w->lock, &deadline))
			break;
	came = w->asked == w->answered;
	if (came)
		merge(&w->answer, s);
	pthread_mutex_unlock(&w->lock);
	return came ? 0 : fail(e, ETIMEDOUT, "the statistics of the guests came too late");
}
