/* libvirt_stats - the statistics that enter a guest's monitor, fetched so that one guest that hangs costs its own alone */
#include "collector/libvirt_stats.h"

#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "collector/libvirt_job.h"
#include "common/clock.h"

/* One more may be under way in all, so that orders find a thread whatever hangs here. */
#define CALLS_STATISTICS (CALLS_MOST - 1)

/* A call for the statistics of all guests. */
struct statistics {
	struct call call;
	struct libvirt_line line;
	unsigned late;
	unsigned turn, turns; /* whose jobs it asks for */
	bool answered;
	struct sample answer;
	struct told_job {
		uint8_t guest[UUID_BYTES];
		bool busy;
	} * told;
	size_t nr_told;
};

/*
 * Values of struct guest_memory: their names in bulk statistics (libvirt has macros for them from 11.2 on) and their tags
 * in those of one guest.
 */
static const struct {
	const char *field;
	int tag;
	size_t offset;
} memory_fields[] = {
        {"balloon.current", VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON,
         offsetof(struct guest_memory, actual_kib)},
        {"balloon.maximum", -1, offsetof(struct guest_memory, maximum_kib)},
        {"balloon.unused", VIR_DOMAIN_MEMORY_STAT_UNUSED,
         offsetof(struct guest_memory, unused_kib)},
        {"balloon.available", VIR_DOMAIN_MEMORY_STAT_AVAILABLE,
         offsetof(struct guest_memory, available_kib)},
        {"balloon.usable", VIR_DOMAIN_MEMORY_STAT_USABLE,
         offsetof(struct guest_memory, usable_kib)},
        {"balloon.disk_caches", VIR_DOMAIN_MEMORY_STAT_DISK_CACHES,
         offsetof(struct guest_memory, disk_caches_kib)},
        {"balloon.swap_in", VIR_DOMAIN_MEMORY_STAT_SWAP_IN,
         offsetof(struct guest_memory, swap_in_kib)},
        {"balloon.swap_out", VIR_DOMAIN_MEMORY_STAT_SWAP_OUT,
         offsetof(struct guest_memory, swap_out_kib)},
        {"balloon.major_fault", VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT,
         offsetof(struct guest_memory, major_faults)},
        {"balloon.minor_fault", VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT,
         offsetof(struct guest_memory, minor_faults)},
        {"balloon.rss", VIR_DOMAIN_MEMORY_STAT_RSS, offsetof(struct guest_memory, rss_kib)},
        {"balloon.last-update", VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE,
         offsetof(struct guest_memory, updated_s)},
};
#define MEMORY_FIELDS (sizeof(memory_fields) / sizeof(memory_fields[0]))

static uint64_t *value_of(struct guest_memory *memory, size_t field)
{
	return (uint64_t *)((char *)memory + memory_fields[field].offset);
}

static void take_memory(const virTypedParameter *field, struct guest_memory *memory)
{
	size_t i;

	for (i = 0; i < MEMORY_FIELDS; i++)
		if (!strcmp(field->field, memory_fields[i].field) &&
		    field->type == VIR_TYPED_PARAM_ULLONG)
			*value_of(memory, i) = field->value.ul;
}

/* "vcpu.N.delay": its number in *vcpu. The group carries 44 more fields for each vCPU under KVM. */
static bool is_delay(const virTypedParameter *field, unsigned *vcpu)
{
	int end = 0;

	return field->type == VIR_TYPED_PARAM_ULLONG && !strncmp(field->field, "vcpu.", 5) &&
	       sscanf(field->field, "vcpu.%u.delay%n", vcpu, &end) == 1 && end &&
	       !field->field[end];
}

/* Where bulk statistics know nothing of memory (other drivers than QEMU's). */
static void ask_memory(virDomainPtr domain, struct guest_memory *memory)
{
	virDomainMemoryStatStruct stats[VIR_DOMAIN_MEMORY_STAT_NR];
	int i, n = virDomainMemoryStats(domain, stats, VIR_DOMAIN_MEMORY_STAT_NR, 0);
	size_t field;

	for (i = 0; i < n; i++)
		for (field = 0; field < MEMORY_FIELDS; field++)
			if (stats[i].tag == memory_fields[field].tag)
				*value_of(memory, field) = stats[i].val;
}

static void take_record(const virDomainStatsRecord *record, unsigned late, struct sample *answer)
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
	/* QEMU's driver always tells this one, also of a guest that it passes over. */
	if (guest && late & LATE_MEMORY && guest->memory.actual_kib == UNKNOWN)
		ask_memory(record->dom, &guest->memory);
}

static struct sample_guest *guest_of(const struct sample *answer, virDomainPtr domain)
{
	const struct sample_guest *found;
	uint8_t uuid[UUID_BYTES];

	if (virDomainGetUUID(domain, uuid) < 0)
		return NULL;
	found = sample_find_guest(answer, uuid);
	return found ? &answer->guests[found - answer->guests] : NULL;
}

/* Without bulk statistics at all: every guest by itself. */
static int ask_each(struct statistics *c)
{
	virDomainStatsRecord record = {0};
	virDomainPtr *domains;
	int i, n;

	n = virConnectListAllDomains(c->line.connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	for (i = 0; i < n; i++) {
		record.dom = domains[i];
		take_record(&record, c->late, &c->answer);
		virDomainFree(domains[i]);
	}
	if (n >= 0)
		free(domains);
	return n;
}

/*
 * Someone else's call held a guest just then: two programs that watch one host meet so in 1 of 100 readings, and more often
 * while balloons are set. Asked again once, after 10 ms, 6 of 1,340 readings of four emulated guests were still without; asked
 * three times within 70 ms, none of 914 while two fill, 5 of 1,267 while four are taken from at once.
 * A guest that hangs costs each reading all pauses: they fit into the least patience of vmb-mem (250 ms).
 */
static const unsigned held_ms[] = {10, 20, 40, 80};

/* Those that were passed over: of all others the size of their process is known. */
static int find_passed_over(const struct statistics *c, const virDomainStatsRecordPtr *records,
                            int n, virDomainPtr *out)
{
	const struct sample_guest *g;
	int i, nr = 0;

	for (i = 0; i < n; i++) {
		g = guest_of(&c->answer, records[i]->dom);
		if (g && g->memory.rss_kib == UNKNOWN)
			out[nr++] = records[i]->dom;
	}
	out[nr] = NULL;
	return nr;
}

static void ask_for(struct statistics *c, virDomainPtr *guests)
{
	virDomainStatsRecordPtr *records;
	struct sample_guest *g;
	int i, field, n;

	n = virDomainListGetStats(guests, VIR_DOMAIN_STATS_BALLOON, &records,
	                          VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
	for (i = 0; i < n; i++) {
		g = guest_of(&c->answer, records[i]->dom);
		for (field = 0; g && field < records[i]->nparams; field++)
			take_memory(&records[i]->params[field], &g->memory);
	}
	if (n >= 0)
		virDomainStatsRecordListFree(records);
}

static void ask_again(struct statistics *c, const virDomainStatsRecordPtr *records, int n)
{
	virDomainPtr *passed_over = calloc((size_t)n + 1, sizeof(*passed_over));
	size_t i;

	for (i = 0; passed_over && i < sizeof(held_ms) / sizeof(held_ms[0]) &&
	            find_passed_over(c, records, n, passed_over);
	     i++) {
		nanosleep(&(struct timespec){0, held_ms[i] * NS_PER_MS}, NULL);
		ask_for(c, passed_over);
	}
	free(passed_over);
}

/*
 * Whether a job holds it takes a call for each guest (0.13 ms of CPU). Each is asked once in so long, and again before each
 * order: at 8 guests and a reading a second that is 0.8 ms a reading less than to ask all.
 */
#define JOBS_NS    (4 * NS_PER_S)
#define TURNS_MOST 8

static unsigned turns_of(uint64_t interval_ns)
{
	uint64_t turns = interval_ns ? JOBS_NS / interval_ns : 1;

	return turns < 1 ? 1 : turns > TURNS_MOST ? TURNS_MOST : (unsigned)turns;
}

/* One that is passed over may hang: then asking would wait with it. */
static bool is_due(const struct sample_guest *g, const struct statistics *c)
{
	return g->memory.rss_kib != UNKNOWN && (g->uuid[UUID_BYTES - 1] + c->turn) % c->turns == 0;
}

static void ask_jobs(struct statistics *c, const virDomainStatsRecordPtr *records, int n)
{
	const struct sample_guest *g;
	struct error e;
	const char *job;
	int i;

	c->told = calloc((size_t)n + 1, sizeof(*c->told));
	for (i = 0; c->told && i < n; i++) {
		g = guest_of(&c->answer, records[i]->dom);
		if (!g || !is_due(g, c) || libvirt_job(records[i]->dom, &job, &e) < 0)
			continue;
		memcpy(c->told[c->nr_told].guest, g->uuid, UUID_BYTES);
		c->told[c->nr_told++].busy = job != NULL;
	}
}

static int ask_all(struct statistics *c)
{
	unsigned groups = (c->late & LATE_DELAY ? VIR_DOMAIN_STATS_VCPU : 0) |
	                  (c->late & LATE_MEMORY ? VIR_DOMAIN_STATS_BALLOON : 0);
	virDomainStatsRecordPtr *records;
	int i, n;

	n = virConnectGetAllDomainStats(c->line.connection, groups, &records,
	                                VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE |
	                                        VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
	if (n < 0)
		return virGetLastErrorCode() == VIR_ERR_NO_SUPPORT ? ask_each(c) : n;
	for (i = 0; i < n; i++)
		take_record(records[i], c->late, &c->answer);
	if (!sample_sort(&c->answer) && c->late & LATE_MEMORY) {
		ask_again(c, records, n);
		ask_jobs(c, records, n);
	}
	virDomainStatsRecordListFree(records);
	return n;
}

static void statistics_run(struct call *call)
{
	struct statistics *c = (struct statistics *)call;

	c->answered = !libvirt_line_open(&c->line, NULL) && ask_all(c) >= 0 &&
	              !sample_sort(&c->answer);
}

static void statistics_free(struct call *call)
{
	struct statistics *c = (struct statistics *)call;

	sample_done(&c->answer);
	free(c->told);
	libvirt_line_close(&c->line);
	free(c);
}

/* Another call for the present request, if there may be one. */
static void ask(struct libvirt_stats *w)
{
	struct statistics *c = call_new(sizeof(*c), statistics_run, statistics_free);

	if (!c)
		return;
	libvirt_link_line(w->link, &c->line);
	c->late = w->late;
	c->turn = w->turn;
	c->turns = w->turns;
	sample_init(&c->answer);
	if (!call_start(&c->call, CALLS_STATISTICS, NULL))
		w->calls[w->nr_calls++] = &c->call;
}

static void end(struct libvirt_stats *w, struct call *call)
{
	if (calls_wait(&call, 1, 0) >= 0)
		libvirt_line_give_back(&w->link->lines, &((struct statistics *)call)->line);
	call_let_go(call);
}

void libvirt_stats_done(struct libvirt_stats *w)
{
	while (w->nr_calls)
		end(w, w->calls[--w->nr_calls]);
	*w = (struct libvirt_stats){.turn = w->turn, .asked_ns = w->asked_ns};
}

void libvirt_stats_request(struct libvirt_stats *w, struct libvirt_link *link, unsigned late)
{
	uint64_t now_ns = clock_mono_ns();

	libvirt_stats_done(w);
	if (!late)
		return;
	w->turns = turns_of(w->asked_ns ? now_ns - w->asked_ns : 0);
	w->link = link;
	w->late = late;
	w->turn++;
	w->asked = true;
	w->asked_ns = now_ns;
	ask(w);
}

static void merge_memory(const struct guest_memory *from, struct guest_memory *to)
{
	size_t i;

	for (i = 0; i < MEMORY_FIELDS; i++) {
		uint64_t value = *(const uint64_t *)((const char *)from + memory_fields[i].offset);

		if (value != UNKNOWN)
			*value_of(to, i) = value;
	}
}

/* Both are sorted: one walk. */
static void merge(const struct sample *answer, struct sample *s)
{
	const struct sample_guest *from;
	struct sample_guest *to;
	size_t i, v, a;

	for (i = 0; i < s->nr_guests; i++) {
		to = &s->guests[i];
		from = sample_find_guest(answer, to->uuid);
		if (!from)
			continue;
		merge_memory(&from->memory, &to->memory);
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

static void take_jobs(const struct statistics *c, struct sample *s)
{
	const struct sample_guest *found;
	size_t i;

	for (i = 0; i < c->nr_told; i++) {
		found = sample_find_guest(s, c->told[i].guest);
		if (found)
			s->guests[found - s->guests].busy = c->told[i].busy;
	}
}

int libvirt_stats_collect(struct libvirt_stats *w, uint64_t deadline_ns, struct sample *s,
                          struct error *e)
{
	bool came = false;
	size_t i;

	if (!w->asked)
		return 0;
	if (calls_wait(w->calls, w->nr_calls, w->asked_ns / 2 + deadline_ns / 2) < 0 &&
	    clock_mono_ns() < deadline_ns) {
		ask(w);
		calls_wait(w->calls, w->nr_calls, deadline_ns);
	}
	for (i = 0; i < w->nr_calls; i++) {
		struct statistics *c = (struct statistics *)w->calls[i];

		if (calls_wait(&w->calls[i], 1, 0) < 0 || !c->answered)
			continue;
		merge(&c->answer, s);
		take_jobs(c, s);
		came = true;
	}
	libvirt_stats_done(w);
	return came ? 0 : fail(e, ETIMEDOUT, "no statistics of the guests in time");
}
