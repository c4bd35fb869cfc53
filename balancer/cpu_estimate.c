/* cpu_estimate - from samples to smoothed loads: what each vCPU wants, what else runs on each pCPU */
#include "balancer/cpu_estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/cpu_alike.h"
#include "balancer/cpu_means.h"
#include "balancer/cpu_steps.h"
#include "common/clock.h"

/* CPU times come in steps of 10 ms; the difference of two readings has a deviation of 10 ms / sqrt(6). */
#define TIME_STEP_NS 10e6

/* A pCPU with less idle time than this is full (CONTROL's 2 %). */
#define FULL_PM 980.0

/*
 * On a full pCPU the scheduler gives all that want more the same; one that runs clearly less than the most is served.
 * "Clearly": below this part of the most, and by so many deviations of the measurement. Eight equal guests on one pCPU
 * ran between 0.75 and 1.25 of their share in single intervals of 0.5 s (TCG, duty cycle of 100 ms).
 */
#define LEVEL_PART       0.7
#define LEVEL_DEVIATIONS 2.0

/*
 * What else runs on a pCPU is nobody's that we pin: the kernel moves it, and most of it passes. Of real guests spread evenly
 * one was moved because a build on the host held both pCPUs for four seconds, and there it was wrong when the build was
 * over. So a change in it must last before it counts.
 */
#define OTHER_PATIENCE 6

/* Not judged by a first interval: a vCPU's rest begins as over. */
#define RESTED 1000000

/* What refuses, as a guest in a migration does, is asked again so much later, and ever later (CONTROL's 10 to 300 s). */
#define REFUSED_FIRST_NS (10 * NS_PER_S)
#define REFUSED_LAST_NS  (300 * NS_PER_S)

/* From this part of all vCPU time on, floating vCPUs make it unknown on which pCPU load lies. */
#define FLOATING_PART 0.1

static int grow(void *array, size_t room, size_t wanted, size_t size)
{
	void **base = array, *more = realloc(*base, wanted * size);

	if (!more)
		return -ENOMEM;
	memset((char *)more + room * size, 0, (wanted - room) * size);
	*base = more;
	return 0;
}

/* Room for one sample. Tracks have one to spare, for a pCPU that comes while another leaves. */
static int reserve(struct cpu_estimate *est, size_t vcpus, size_t pcpus, struct error *e)
{
	struct cpu_view *view = &est->view;
	size_t more_vcpus = vcpus + 16, more_pcpus = pcpus + 16;

	if (vcpus > est->room_vcpus || !est->room_vcpus) {
		if (grow(&est->vcpus, est->room_vcpus, more_vcpus, sizeof(*est->vcpus)) < 0 ||
		    grow(&est->vcpus_next, est->room_vcpus, more_vcpus, sizeof(*est->vcpus_next)) <
		            0 ||
		    grow(&est->order, est->room_vcpus, more_vcpus, sizeof(*est->order)) < 0 ||
		    grow(&view->vcpus, est->room_vcpus, more_vcpus, sizeof(*view->vcpus)) < 0)
			return fail(e, ENOMEM, "no memory for the loads of %zu vCPUs", vcpus);
		est->room_vcpus = more_vcpus;
	}
	if (pcpus > est->room_pcpus || !est->room_pcpus) {
		if (grow(&est->pcpus, est->room_pcpus, more_pcpus + 1, sizeof(*est->pcpus)) < 0 ||
		    grow(&view->pcpus, est->room_pcpus, more_pcpus + 1, sizeof(*view->pcpus)) < 0)
			return fail(e, ENOMEM, "no memory for the loads of %zu pCPUs", pcpus);
		est->room_pcpus = more_pcpus;
	}
	return 0;
}

/* ---- which pCPU a vCPU belongs to ---- */

static int32_t index_of(const struct cpu_estimate *est, int pcpu)
{
	size_t low = 0, high = est->nr_pcpus, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (est->pcpus[middle].pcpu < (uint32_t)pcpu)
			low = middle + 1;
		else
			high = middle;
	}
	return low < est->nr_pcpus && est->pcpus[low].pcpu == (uint32_t)pcpu ? (int32_t)low : -1;
}

static int32_t where(const struct cpu_estimate *est, const struct cpuset *ours,
                     const struct cpuset *affinity)
{
	struct cpuset both = cpuset_and(ours, affinity);

	if (cpuset_first(&both) < 0)
		return VIEW_OUTSIDE;
	if (cpuset_count(affinity) > 1)
		return VIEW_FLOATS;
	return index_of(est, cpuset_first(&both));
}

/* ---- pCPUs ---- */

static struct cpuset our_pcpus(const struct sample *s, const struct cpu_scope *scope)
{
	return scope->cpus ? cpuset_and(&s->usable, scope->cpus) : s->usable;
}

/* Carry the tracks over to the pCPUs of this sample; those that went offline are forgotten. */
static void update_pcpus(struct cpu_estimate *est, const struct sample *s,
                         const struct cpuset *ours)
{
	struct pcpu_track *t = est->pcpus, fresh;
	uint64_t busy, total;
	size_t i, n = 0, old;

	/* Those that are gone leave. */
	for (old = i = 0; old < est->nr_pcpus; old++)
		if (cpuset_has(ours, t[old].pcpu))
			t[i++] = t[old];
	est->others |= i < est->nr_pcpus;
	est->nr_pcpus = i;
	for (i = 0; i < s->nr_pcpus; i++) {
		const struct sample_pcpu *p = &s->pcpus[i];

		if (!cpuset_has(ours, p->pcpu))
			continue;
		if (n == est->nr_pcpus || t[n].pcpu != p->pcpu) {
			fresh = (struct pcpu_track){.pcpu = p->pcpu};
			memmove(&t[n + 1], &t[n], (est->nr_pcpus - n) * sizeof(*t));
			t[n] = fresh;
			est->nr_pcpus++;
			est->others = true;
		}
		busy = p->user_ns + p->kernel_ns;
		total = busy + p->iowait_ns + p->idle_ns;
		t[n].busy_now_pm = -1;
		if (t[n].total_ns && total > t[n].total_ns && busy >= t[n].busy_ns)
			t[n].busy_now_pm = 1000.0 * (double)(busy - t[n].busy_ns) /
			                   (double)(total - t[n].total_ns);
		t[n].busy_ns = busy;
		t[n].total_ns = total;
		t[n].vcpus_now_pm = t[n].level_pm = 0;
		t[n].nr_vcpus = 0;
		n++;
	}
	est->nr_pcpus = n; /* one in `ours` without statistics went offline just now */
}

/* ---- vCPUs ---- */

/* An affinity that someone narrowed to several pCPUs is a wish to keep; one pCPU is a placement, all is none. */
static void set_limit(struct vcpu_track *t, const struct sample *s, const struct cpuset *affinity)
{
	t->has_limit = cpuset_count(affinity) > 1 && !cpuset_covers(affinity, &s->usable);
	t->limit = *affinity;
}

static int compare(const struct vcpu_track *t, const struct sample_guest *g,
                   const struct sample_vcpu *v)
{
	int order = memcmp(t->guest, g->uuid, UUID_BYTES);

	if (order)
		return order;
	return (t->vcpu > v->vcpu) - (t->vcpu < v->vcpu);
}

/* Find each vCPU's track again, and its run over the interval. */
static void match_vcpus(struct cpu_estimate *est, const struct sample *s, double interval_ns)
{
	struct vcpu_track *t, *swap;
	double gone_pm = 0;
	size_t g, v, old = 0;

	for (v = 0; v < est->nr_vcpus; v++)
		gone_pm += est->vcpus[v].load.level_pm;

	for (g = 0; g < s->nr_guests; g++) {
		const struct sample_guest *guest = &s->guests[g];

		for (v = guest->first_vcpu; v < guest->first_vcpu + guest->nr_vcpus; v++) {
			const struct sample_vcpu *now = &s->vcpus[v];

			t = &est->vcpus_next[v];
			while (old < est->nr_vcpus && compare(&est->vcpus[old], guest, now) < 0)
				old++;
			if (old < est->nr_vcpus && !compare(&est->vcpus[old], guest, now) &&
			    est->vcpus[old].instance == guest->instance &&
			    est->vcpus[old].run_ns <= now->run_ns) {
				*t = est->vcpus[old];
				gone_pm -= t->load.level_pm;
				t->rested_ticks++;
				t->run_now_pm = -1;
				if (interval_ns > 0 && guest->state == GUEST_RUNNING)
					t->run_now_pm = fmin(
					        1000, 1000.0 * (double)(now->run_ns - t->run_ns) /
					                      interval_ns);
			} else {
				*t = (struct vcpu_track){.vcpu = now->vcpu,
				                         .instance = guest->instance,
				                         .rested_ticks = RESTED,
				                         .run_now_pm = -1};
				memcpy(t->guest, guest->uuid, UUID_BYTES);
				set_limit(t, s, &now->affinity);
			}
			t->run_ns = now->run_ns;
		}
	}
	est->others |= gone_pm > CPU_STEP_PM;
	swap = est->vcpus;
	est->vcpus = est->vcpus_next;
	est->vcpus_next = swap;
	est->nr_vcpus = s->nr_vcpus;
}

static void set_view_vcpu(struct cpu_estimate *est, const struct sample *s,
                          const struct cpu_scope *scope, const struct cpuset *ours, size_t i)
{
	const struct sample_guest *guest = sample_guest_of(s, i);
	struct vcpu_track *t = &est->vcpus[i];
	struct view_vcpu *v = &est->view.vcpus[i];

	v->guest = (uint32_t)(guest - s->guests);
	v->on = where(est, ours, &s->vcpus[i].affinity);
	v->last = index_of(est, s->vcpus[i].pcpu);
	v->allowed = t->has_limit ? cpuset_and(ours, &t->limit) : *ours;
	v->managed = guest->state == GUEST_RUNNING && scope->manages(scope->data, guest) &&
	             est->middle_ns >= t->refused_until_ns;
	v->rested_ticks = t->rested_ticks;
}

/* ---- loads ---- */

/* Sum up what runs where; returns what floating vCPUs ran, *all what all of them ran. */
static double sum_runs(struct cpu_estimate *est, double *all)
{
	double floating = 0, run;
	struct pcpu_track *p;
	size_t i;

	*all = 0;
	for (i = 0; i < est->nr_vcpus; i++) {
		run = fmax(0, est->vcpus[i].run_now_pm);
		if (est->view.vcpus[i].on == VIEW_OUTSIDE)
			continue;
		*all += run;
		if (est->view.vcpus[i].on == VIEW_FLOATS) {
			floating += run;
			continue;
		}
		p = &est->pcpus[est->view.vcpus[i].on];
		p->nr_vcpus++;
		p->vcpus_now_pm += run;
		p->level_pm = fmax(p->level_pm, run);
	}
	return floating;
}

/* What others run is a difference: it has what the measurement adds to each vCPU's reading as well. */
static double others_scatter_pm(const struct pcpu_track *p, double floor_pm)
{
	double scatter = smooth_scatter_pm(&p->other);

	return sqrt(fmax(0, scatter * scatter - p->nr_vcpus * floor_pm * floor_pm));
}

static void update_pcpu_loads(struct cpu_estimate *est, double floor_pm)
{
	double all, floating = sum_runs(est, &all), foreign = -floating;
	bool known = true;
	size_t i;

	for (i = 0; i < est->nr_pcpus; i++) {
		known &= est->pcpus[i].busy_now_pm >= 0;
		foreign += est->pcpus[i].busy_now_pm - est->pcpus[i].vcpus_now_pm;
	}
	for (i = 0; i < est->nr_pcpus; i++) {
		struct pcpu_track *p = &est->pcpus[i];
		struct view_pcpu *v = &est->view.pcpus[i];
		double other_pm;

		if (known) {
			smooth_add(&p->busy, p->busy_now_pm, floor_pm);
			p->other.patience = OTHER_PATIENCE;
			other_pm = p->other.level_pm;
			if (smooth_add(&p->other,
			               floating > FLOATING_PART * all
			                       ? foreign / (double)est->nr_pcpus
			                       : p->busy_now_pm - p->vcpus_now_pm,
			               floor_pm))
				cpu_steps_begin(est, &p->step, other_pm);
		}
		*v = (struct view_pcpu){
		        .pcpu = p->pcpu,
		        .other_pm = p->other.level_pm,
		        .other_error_pm = p->other.samples > 0 ? smooth_error_pm(&p->other) : 0,
		        .other_scatter_pm = others_scatter_pm(p, floor_pm),
		        .busy_pm = p->busy.level_pm,
		        .busy_error_pm = p->busy.samples > 0 ? smooth_error_pm(&p->busy) : 0,
		};
	}
}

/*
 * On a full pCPU the one that runs most shows what the scheduler gives to those that want more. While other work pushes in,
 * beyond what is known to be there, what each gets is chance: beside a compiler four guests of 18 % ran 13, 12, 10, 7 %, then
 * 8, 4, 4, 7 %. Then all that run less than they were known to want are squeezed.
 */
static bool is_squeezed(const struct cpu_estimate *est, size_t i, double floor_pm)
{
	const struct vcpu_track *t = &est->vcpus[i];
	int32_t on = est->view.vcpus[i].on;
	double run = t->run_now_pm;

	if (on < 0 || est->pcpus[on].busy_now_pm < FULL_PM || run >= FULL_PM)
		return false;
	if (est->pcpus[on].other.aside > 0 && t->learned_free && run < t->load.level_pm)
		return true;
	if (run <= floor_pm)
		return false;
	return run >= LEVEL_PART * est->pcpus[on].level_pm - LEVEL_DEVIATIONS * floor_pm;
}

/*
 * How many times what they get squeezed vCPUs are taken to want. At least once; at most so much that what is idle on all
 * pCPUs were used as well, since beyond that every placement is as full as any other. The middle is taken: with the
 * least, a load of others on an empty pCPU that passes after a second weighs too much against vCPUs that will want
 * more, and a first plan moved three of eight where four must (real guests of 18 % each that got 12 %).
 */
static double squeezed_wants(const struct cpu_estimate *est)
{
	double idle = 0, squeezed = 0;
	size_t i;

	for (i = 0; i < est->nr_pcpus; i++) {
		if (est->pcpus[i].busy_now_pm >= 0)
			idle += fmax(0, FULL_PM - est->pcpus[i].busy_now_pm);
		squeezed += est->pcpus[i].squeezed_pm;
	}
	return squeezed > 0 ? 1 + idle / squeezed / 2 : 1;
}

/* What the squeezed ones of a pCPU run differs by chance only: each is taken to get their mean. */
static void share_levels(struct cpu_estimate *est, double floor_pm)
{
	struct vcpu_track *t;
	struct pcpu_track *p;
	double wants;
	size_t i;

	for (i = 0; i < est->nr_pcpus; i++) {
		est->pcpus[i].squeezed_pm = 0;
		est->pcpus[i].nr_squeezed = 0;
	}
	for (i = 0; i < est->nr_vcpus; i++) {
		t = &est->vcpus[i];
		if (t->run_now_pm < 0)
			continue;
		t->squeezed = is_squeezed(est, i, floor_pm);
		if (!t->squeezed)
			continue;
		p = &est->pcpus[est->view.vcpus[i].on];
		p->squeezed_pm += t->run_now_pm;
		p->nr_squeezed++;
	}
	wants = squeezed_wants(est);
	for (i = 0; i < est->nr_vcpus; i++) {
		t = &est->vcpus[i];
		if (t->run_now_pm < 0 || !t->squeezed)
			continue;
		p = &est->pcpus[est->view.vcpus[i].on];
		t->run_now_pm = p->squeezed_pm / p->nr_squeezed;
		t->wants_pm = fmin(1000, wants * t->run_now_pm);
	}
}

/* Squeezed, it still wants what it was known to want when it was free, unless it gets clearly more than that. */
static void learn_squeezed(const struct cpu_estimate *est, struct vcpu_track *t, double floor_pm)
{
	double before_pm = t->load.level_pm;

	if (t->learned_free && t->run_now_pm <= t->load.level_pm)
		return;
	if (t->learned_free && !smooth_add(&t->load, t->run_now_pm, floor_pm))
		return;
	if (t->learned_free)
		cpu_steps_begin(est, &t->step, before_pm);
	/* What it gets is a bound. A higher one is no outlier, it makes what was thought before wrong. */
	if (t->learned_free || t->run_now_pm > t->load.level_pm)
		smooth_restart(&t->load);
	t->learned_free = false;
	smooth_add(&t->load, t->wants_pm, floor_pm);
}

static void learn_free(const struct cpu_estimate *est, struct vcpu_track *t, double floor_pm)
{
	double before_pm = t->load.samples > 0 ? t->load.level_pm : 0;
	bool guessed = !t->learned_free && t->load.samples > 0, fresh = t->load.samples <= 0;

	/* What was thought of it while it was squeezed is not what it wants. */
	if (!t->learned_free)
		smooth_restart(&t->load);
	t->learned_free = true;
	if ((smooth_add(&t->load, t->run_now_pm, floor_pm) || fresh) && !guessed)
		cpu_steps_begin(est, &t->step, before_pm);
}

static void update_vcpu_load(struct cpu_estimate *est, size_t i, double floor_pm)
{
	struct vcpu_track *t = &est->vcpus[i];
	struct view_vcpu *v = &est->view.vcpus[i];

	if (t->run_now_pm >= 0 && t->squeezed)
		learn_squeezed(est, t, floor_pm);
	else if (t->run_now_pm >= 0)
		learn_free(est, t, floor_pm);
	v->load_pm = t->load.samples > 0 ? t->load.level_pm : 0;
	v->error_pm = t->load.samples > 0 ? smooth_error_pm(&t->load) : 0;
	v->scatter_pm = smooth_scatter_pm(&t->load);
	v->samples = (unsigned)t->load.samples;
	v->squeezed = t->squeezed;
	v->guessed = t->squeezed && !t->learned_free;
	v->doubted = t->load.aside != 0;
}

int cpu_estimate_update(struct cpu_estimate *est, const struct sample *s,
                        const struct cpu_scope *scope, bool rebase, struct error *e)
{
	struct cpuset ours = our_pcpus(s, scope);
	double interval_ns = 0, floor_pm;
	size_t i;

	if (reserve(est, s->nr_vcpus, s->nr_pcpus, e) < 0)
		return -ENOMEM;
	if (est->middle_ns && !rebase && sample_middle_ns(s) > est->middle_ns)
		interval_ns = (double)(sample_middle_ns(s) - est->middle_ns);
	est->middle_ns = sample_middle_ns(s);
	update_pcpus(est, s, &ours);
	match_vcpus(est, s, interval_ns);
	est->view.nr_pcpus = est->nr_pcpus;
	est->view.nr_vcpus = est->nr_vcpus;
	for (i = 0; i < est->nr_vcpus; i++)
		set_view_vcpu(est, s, scope, &ours, i);
	floor_pm = interval_ns > 0 ? 1000.0 * TIME_STEP_NS / sqrt(6) / interval_ns : 0;
	est->view.floor_pm = floor_pm;
	if (interval_ns > 0)
		update_pcpu_loads(est, floor_pm);
	share_levels(est, floor_pm);
	for (i = 0; i < est->nr_vcpus; i++)
		update_vcpu_load(est, i, floor_pm);
	cpu_alike(est->view.vcpus, est->nr_vcpus, est->order);
	est->view.stepped = interval_ns > 0 && cpu_steps(est);
	if (interval_ns > 0)
		cpu_means(est);
	return 0;
}

void cpu_estimate_moved(struct cpu_estimate *est, size_t index)
{
	est->vcpus[index].rested_ticks = 0;
	est->vcpus[index].refused_ns = 0;
	est->since_moved = 0;
}

void cpu_estimate_refused(struct cpu_estimate *est, size_t index)
{
	struct vcpu_track *t = &est->vcpus[index];

	t->refused_ns = t->refused_ns ? 2 * t->refused_ns : REFUSED_FIRST_NS;
	if (t->refused_ns > REFUSED_LAST_NS)
		t->refused_ns = REFUSED_LAST_NS;
	t->refused_until_ns = est->middle_ns + t->refused_ns;
}

void cpu_estimate_done(struct cpu_estimate *est)
{
	free(est->vcpus);
	free(est->vcpus_next);
	free(est->pcpus);
	free(est->order);
	free(est->view.vcpus);
	free(est->view.pcpus);
	*est = (struct cpu_estimate){0};
}
