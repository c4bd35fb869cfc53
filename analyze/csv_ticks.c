/* csv_ticks - the views of a trace that have rows for every tick, as CSV: utilisation of pCPUs and vCPUs, memory */
#include "analyze/csv_ticks.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "analyze/csv.h"

/* A tick, and what the one before it showed. */
struct step {
	const struct report *report;
	const struct trace_tick_row *row;
	const struct sample *before; /* NULL in the first tick */
	struct csv csv;
};

/* What rates need of a tick is kept until the next one: the reader's row is gone by then. */
static int keep(struct sample *to, const struct sample *from)
{
	size_t i, n;

	sample_clear(to);
	to->begin_ns = from->begin_ns;
	to->end_ns = from->end_ns;
	for (i = 0; i < from->nr_pcpus; i++) {
		struct sample_pcpu *p = sample_add_pcpu(to, from->pcpus[i].pcpu);

		if (!p)
			return -ENOMEM;
		*p = from->pcpus[i];
	}
	for (i = 0; i < from->nr_guests; i++) {
		const struct sample_guest *g = &from->guests[i];

		if (!sample_add_guest(to, g->uuid, g->name))
			return -ENOMEM;
		for (n = 0; n < g->nr_vcpus; n++) {
			const struct sample_vcpu *v = &from->vcpus[g->first_vcpu + n];
			struct sample_vcpu *kept = sample_add_vcpu(to, v->vcpu);

			if (!kept)
				return -ENOMEM;
			*kept = *v;
		}
	}
	return 0;
}

static int each_tick(const struct report *r, const char *head, void (*put)(struct step *s),
                     FILE *out, struct error *e)
{
	struct step step = {.report = r, .csv = {out}};
	struct sample before;
	int got;

	sample_init(&before);
	csv_head(&step.csv, head);
	got = trace_begin_ticks(r->in.reader, r->chosen.series->run.run, e);
	while (got >= 0 && (got = trace_next_tick(r->in.reader, &step.row, e)) > 0) {
		if (series_has(r->chosen.series, sample_middle_ns(&step.row->sample)))
			put(&step);
		if (keep(&before, &step.row->sample) < 0)
			got = fail(e, ENOMEM, "out of memory");
		step.before = &before;
	}
	sample_done(&before);
	return got < 0 ? got : 0;
}

/* Two decimals as SQLite's round() gives: a half that is one to 15 digits goes up. */
static double hundredths(double value)
{
	return round(value * 100 * (1 + DBL_EPSILON)) / 100;
}

static double share(int64_t part, int64_t whole)
{
	return whole ? hundredths(100.0 * (double)part / (double)whole) : NAN;
}

/* The first three columns of each. */
static void put_moment(struct step *s)
{
	const struct trace_run_row *run = &s->report->chosen.series->run;

	csv_integer(&s->csv, run->run);
	csv_integer(&s->csv, s->row->tick);
	csv_real(&s->csv, (double)(int64_t)(s->row->sample.begin_ns - run->start_mono_ns) / 1e9);
}

static void put_pcpus(struct step *s)
{
	const struct sample *now = &s->row->sample;
	size_t i, n = 0;

	for (i = 0; s->before && i < now->nr_pcpus; i++) {
		const struct sample_pcpu *p = &now->pcpus[i], *old;
		int64_t busy, all;

		while (n < s->before->nr_pcpus && s->before->pcpus[n].pcpu < p->pcpu)
			n++;
		if (n == s->before->nr_pcpus || s->before->pcpus[n].pcpu != p->pcpu)
			continue;
		old = &s->before->pcpus[n];
		busy = (int64_t)(p->user_ns + p->kernel_ns - old->user_ns - old->kernel_ns);
		all = busy + (int64_t)(p->iowait_ns + p->idle_ns - old->iowait_ns - old->idle_ns);
		put_moment(s);
		csv_integer(&s->csv, p->pcpu);
		csv_real(&s->csv, share(busy, all));
		csv_end(&s->csv);
	}
}

int csv_pcpu_util(const struct report *r, FILE *out, struct error *e)
{
	return each_tick(r, "run,tick,seconds,pcpu,busy_pct", put_pcpus, out, e);
}

/* The same vCPU of a guest that was called the same in the tick before; NULL when there was none. */
static const struct sample_vcpu *vcpu_before(const struct sample *before,
                                             const struct sample_guest *guest, uint32_t vcpu)
{
	const struct sample_guest *old = sample_find_guest(before, guest->uuid);
	size_t i;

	if (!old || strcmp(old->name, guest->name))
		return NULL;
	for (i = 0; i < old->nr_vcpus; i++)
		if (before->vcpus[old->first_vcpu + i].vcpu == vcpu)
			return &before->vcpus[old->first_vcpu + i];
	return NULL;
}

/* As the view has it: half of an odd time is rounded down. */
static uint64_t middle_ns(const struct sample *s)
{
	return s->begin_ns + (s->end_ns - s->begin_ns) / 2;
}

static void put_vcpu(struct step *s, const struct sample_guest *guest, const struct sample_vcpu *v)
{
	const struct sample_vcpu *old = vcpu_before(s->before, guest, v->vcpu);
	int64_t dt_ns = (int64_t)(middle_ns(&s->row->sample) - middle_ns(s->before));
	char affinity[CPUSET_TEXT];

	if (!old || v->run_ns < old->run_ns)
		return;
	put_moment(s);
	csv_text(&s->csv, guest->name);
	csv_integer(&s->csv, v->vcpu);
	if (v->pcpu >= 0)
		csv_integer(&s->csv, v->pcpu);
	else
		csv_none(&s->csv);
	csv_word(&s->csv, cpuset_text(&v->affinity, affinity, sizeof(affinity)));
	csv_real(&s->csv, share((int64_t)(v->run_ns - old->run_ns), dt_ns));
	if (v->delay_ns != UNKNOWN && old->delay_ns != UNKNOWN)
		csv_real(&s->csv, share((int64_t)(v->delay_ns - old->delay_ns), dt_ns));
	else
		csv_none(&s->csv);
	csv_end(&s->csv);
}

static void put_vcpus(struct step *s)
{
	const struct sample *now = &s->row->sample;
	size_t i, n;

	for (i = 0; s->before && i < now->nr_guests; i++)
		for (n = 0; n < now->guests[i].nr_vcpus; n++)
			put_vcpu(s, &now->guests[i], &now->vcpus[now->guests[i].first_vcpu + n]);
}

int csv_vcpu_util(const struct report *r, FILE *out, struct error *e)
{
	return each_tick(r, "run,tick,seconds,guest,vcpu,pcpu,affinity,run_pct,delay_pct",
	                 put_vcpus, out, e);
}

static void put_mib(struct step *s, uint64_t kib)
{
	if (kib == UNKNOWN)
		csv_none(&s->csv);
	else
		csv_integer(&s->csv, (int64_t)(kib / 1024));
}

/* The view leaves out rows that tell of a guest's state alone. */
static bool tells_memory(const struct guest_memory *m)
{
	return m->actual_kib != UNKNOWN || m->unused_kib != UNKNOWN || m->usable_kib != UNKNOWN ||
	       m->rss_kib != UNKNOWN;
}

/* What the plan of the tick says of a guest; empty fields where it has none. */
static void put_plan(struct step *s, const uint8_t uuid[UUID_BYTES])
{
	const struct decision *d = &s->row->decision;
	const struct guest_plan *p = NULL;
	size_t i;

	for (i = 0; i < d->nr_guests && !p; i++)
		if (!memcmp(d->guests[i].guest, uuid, UUID_BYTES))
			p = &d->guests[i];
	if (p)
		csv_word(&s->csv, memory_state_name[p->state]);
	else
		csv_none(&s->csv);
	put_mib(s, p ? p->low_kib : UNKNOWN);
	put_mib(s, p ? p->high_kib : UNKNOWN);
	put_mib(s, p ? p->floor_kib : UNKNOWN);
	put_mib(s, p ? p->target_kib : UNKNOWN);
}

static void put_guests(struct step *s)
{
	const struct sample *now = &s->row->sample;
	size_t i;

	for (i = 0; i < now->nr_guests; i++) {
		const struct guest_memory *m = &now->guests[i].memory;

		if (!tells_memory(m))
			continue;
		put_moment(s);
		csv_text(&s->csv, now->guests[i].name);
		put_mib(s, m->actual_kib);
		put_mib(s, m->maximum_kib);
		put_mib(s, m->unused_kib);
		put_mib(s, m->usable_kib);
		if (m->available_kib == UNKNOWN || m->usable_kib == UNKNOWN)
			csv_none(&s->csv);
		else
			csv_integer(&s->csv, (int64_t)(m->available_kib - m->usable_kib) / 1024);
		put_mib(s, m->rss_kib);
		put_plan(s, now->guests[i].uuid);
		csv_end(&s->csv);
	}
}

int csv_memory(const struct report *r, FILE *out, struct error *e)
{
	return each_tick(r,
	                 "run,tick,seconds,guest,actual_mib,maximum_mib,unused_mib,usable_mib,used_"
	                 "mib,rss_mib,state,low_mib,high_mib,floor_mib,target_mib",
	                 put_guests, out, e);
}
