/* metrics - the table of what can be measured in a run, and the numbers it gives */
#include "analyze/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/balance.h"
#include "analyze/course.h"
#include "analyze/load.h"
#include "analyze/needed.h"
#include "analyze/regret.h"
#include "analyze/settings.h"
#include "analyze/settle.h"

#define REVERSAL_TICKS 10

const struct window WINDOW_ALL = {-INFINITY, INFINITY};

const char *const dimension_name[] = {
        [PER_RUN] = "run",
        [PER_TICK] = "tick",
        [PER_GUEST] = "guest",
        [PER_CHANGE] = "change",
};
static_assert(sizeof(dimension_name) / sizeof(dimension_name[0]) == DIMENSIONS, "a name for each");

const char *const better_name[] = {
        [BETTER_LOW] = "low", [BETTER_HIGH] = "high", [BETTER_NONE] = "none"};

static double sd_at(const struct series *s, size_t tick, int32_t *subject)
{
	struct balance b = balance_at(s, tick);

	*subject = (int32_t)b.worst;
	return b.sd_pp;
}

static double imbalance_at(const struct series *s, size_t tick, int32_t *subject)
{
	struct balance b = balance_at(s, tick);

	*subject = (int32_t)b.busiest;
	return b.imbalance_pct;
}

static double jain_at(const struct series *s, size_t tick, int32_t *subject)
{
	struct balance b = balance_at(s, tick);

	*subject = (int32_t)b.worst;
	return b.jain;
}

static double max_util_at(const struct series *s, size_t tick, int32_t *subject)
{
	struct balance b = balance_at(s, tick);

	*subject = (int32_t)b.busiest;
	return b.max_pct;
}

static double self_cpu_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)s->ticks[tick].self_cpu_ms;
}

static double collect_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)s->ticks[tick].collect_ms;
}

static double decide_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)s->ticks[tick].decide_us;
}

static double settle_s(const struct series *s, const struct settling *x, struct window w)
{
	if (!x->loaded)
		return NAN;
	return x->settled.is ? x->settled.at_s - x->load_s : INFINITY;
}

static double course(const struct series *s, const struct settling *x, struct window w)
{
	return x->course == COURSE_UNKNOWN ? (double)NAN : x->course;
}

static double balance_limit(const struct series *s, const struct settling *x, struct window w)
{
	return settings_balance_pp(&s->run);
}

static double vcpus(const struct series *s, const struct settling *x, struct window w)
{
	return s->nr_ticks ? (double)s->nr_vcpus : NAN;
}

static double pcpus(const struct series *s, const struct settling *x, struct window w)
{
	return s->nr_ticks ? s->ticks[s->nr_ticks - 1].nr_pcpus : NAN;
}

static double interval_s(const struct series *s, const struct settling *x, struct window w)
{
	return s->run.interval_ns ? (double)s->run.interval_ns / 1e9 : NAN;
}

static double late_ticks(const struct series *s, const struct settling *x, struct window w)
{
	double late = 0;
	size_t i;

	for (i = 0; i < s->nr_ticks; i++)
		if (s->ticks[i].t_s >= w.from_s && s->ticks[i].t_s <= w.to_s)
			late += s->ticks[i].missed;
	return late;
}

static double bytes_per_tick(const struct series *s, const struct settling *x, struct window w)
{
	return s->file_bytes && s->file_ticks ? (double)s->file_bytes / (double)s->file_ticks : NAN;
}

bool metric_is_change(const struct trace_action_row *row)
{
	return row->action.kind == ACTION_PIN && row->action.result == RESULT_DONE &&
	       !cpuset_equal(&row->action.from, &row->action.to);
}

static bool within(const struct series *s, const struct trace_action_row *row, struct window w)
{
	double t_s = series_time_s(s, row->mono_ns);

	return t_s >= w.from_s && t_s <= w.to_s;
}

static double pin_changes(const struct series *s, const struct settling *x, struct window w)
{
	double changes = 0;
	size_t i;

	for (i = 0; i < s->nr_actions; i++)
		changes += metric_is_change(&s->actions[i]) && within(s, &s->actions[i], w);
	return changes;
}

/* A change of a vCPU that was changed before, with that change. */
typedef int (*again_fn)(const struct series *s, const struct trace_action_row *before,
                        const struct trace_action_row *now, long vcpu, void *with);

static int each_again(const struct series *s, struct window w, again_fn again, void *with)
{
	const struct trace_action_row **last = calloc(s->nr_vcpus + 1, sizeof(*last)), *now;
	int r = last ? 0 : -ENOMEM;
	size_t i;
	long at;

	for (i = 0; r == 0 && i < s->nr_actions; i++) {
		now = &s->actions[i];
		at = metric_is_change(now) ? series_vcpu_of(s, &now->action) : -1;
		if (at < 0)
			continue;
		if (last[at] && within(s, now, w))
			r = again(s, last[at], now, at, with);
		last[at] = now;
	}
	free(last);
	return r;
}

static int count_reversal(const struct series *s, const struct trace_action_row *before,
                          const struct trace_action_row *now, long vcpu, void *with)
{
	double *reversals = with;

	*reversals += cpuset_equal(&before->action.from, &now->action.to) &&
	              now->tick_number - before->tick_number <= REVERSAL_TICKS;
	return 0;
}

static double reversals(const struct series *s, const struct settling *x, struct window w)
{
	double found = 0;

	return each_again(s, w, count_reversal, &found) < 0 ? NAN : found;
}

int observations_add(struct observations *o, struct observation what)
{
	size_t room = o->room ? 2 * o->room : 256;
	struct observation *more;

	if (o->nr == o->room) {
		more = realloc(o->at, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		o->at = more;
		o->room = room;
	}
	o->at[o->nr++] = what;
	return 0;
}

static int add_dwell(const struct series *s, const struct trace_action_row *before,
                     const struct trace_action_row *now, long vcpu, void *with)
{
	double since_s = series_time_s(s, before->mono_ns), t_s = series_time_s(s, now->mono_ns);

	return observations_add(with,
	                        (struct observation){t_s, 1, t_s - since_s, (int32_t)vcpu, true});
}

static int observe_dwell(const struct series *s, const struct settling *x, struct window w,
                         struct observations *out)
{
	return each_again(s, w, add_dwell, out);
}

/* What the vCPUs of a guest did in one tick, in % of a pCPU. */
struct demand {
	double run, delay;
	bool unknown; /* a delay that the host did not tell */
};

/*
 * Below BUSY_PCT a guest is left out: its CPU time counts in steps of 10 ms, and a guest that waited 1 ms for a pCPU
 * and ran less than a step would be one that was stolen everything.
 */
static int add_steal(const struct series *s, size_t tick, size_t guest, const struct demand *d,
                     struct observations *out)
{
	const struct series_tick *t = &s->ticks[tick];
	double sum = d->run + d->delay;

	if (sum < BUSY_PCT)
		return 0;
	return observations_add(out, (struct observation){t->t_s, sum / 100 * (double)t->dt_s,
	                                                  d->unknown ? NAN : 100 * d->delay / sum,
	                                                  (int32_t)guest, load_at(s, tick)});
}

static int steal_in(const struct series *s, size_t tick, struct demand *of,
                    struct observations *out)
{
	double run, delay;
	size_t i;
	int r = 0;

	memset(of, 0, s->nr_guests * sizeof(*of));
	for (i = 0; i < s->nr_vcpus; i++) {
		struct demand *d = &of[s->vcpus[i].guest];

		run = column_at(&s->vcpus[i].run_pct, tick);
		delay = column_at(&s->vcpus[i].delay_pct, tick);
		if (isnan(run))
			continue;
		d->run += run;
		if (isnan(delay))
			d->unknown = true;
		else
			d->delay += delay;
	}
	for (i = 0; r == 0 && i < s->nr_guests; i++)
		r = add_steal(s, tick, i, &of[i], out);
	return r;
}

static int observe_steal(const struct series *s, const struct settling *x, struct window w,
                         struct observations *out)
{
	struct demand *of = calloc(s->nr_guests + 1, sizeof(*of));
	int r = of ? 0 : -ENOMEM;
	size_t tick;

	for (tick = 0; r == 0 && tick < s->nr_ticks; tick++)
		if (s->ticks[tick].t_s >= w.from_s && s->ticks[tick].t_s <= w.to_s)
			r = steal_in(s, tick, of, out);
	free(of);
	return r;
}

#define BALANCE  (NEEDS_GUESTS | NEEDS_LOAD | NEEDS_PCPUS)
#define CHANGES  (NEEDS_GUESTS | NEEDS_BALANCER)
#define SETTLING (NEEDS_ALL | NEEDS_SETTLING)

/* Dimension, subject, and which of the three functions there is. */
#define TICK(subject, function)      PER_TICK, subject, function, NULL, NULL
#define RUN(function)                PER_RUN, SUBJECT_NONE, NULL, function, NULL
#define EACH(per, subject, function) per, subject, NULL, NULL, function

/* A new metric is one row here and one function above. */
const struct metric metrics[] = {
        {"cpu.sd_pp", "points", BETTER_LOW, 2, BALANCE | NEEDS_STEPS, TICK(SUBJECT_PCPU, sd_at),
         "standard deviation of the utilisation over the pCPUs that guests may use (population)"},
        {"cpu.imbalance_pct", "%", BETTER_LOW, 1, BALANCE | NEEDS_STEPS,
         TICK(SUBJECT_PCPU, imbalance_at),
         "how far the busiest pCPU lies above the mean: max / mean - 1"},
        {"cpu.jain", "", BETTER_HIGH, 3, BALANCE, TICK(SUBJECT_PCPU, jain_at),
         "Jain's fairness index of the pCPUs: 1 all alike, 1/n everything on one of n"},
        {"cpu.max_util", "%", BETTER_LOW, 1, BALANCE | NEEDS_STEPS, TICK(SUBJECT_PCPU, max_util_at),
         "utilisation of the busiest pCPU"},
        {"cpu.regret", "", BETTER_LOW, 2, BALANCE, EACH(PER_TICK, SUBJECT_PCPU, regret_observe),
         "load of the fullest pCPU / the least that any placement gives (1: none is better); "
         "exact or a bound; not known where a pCPU is full"},
        {"cpu.settle_s", "s", BETTER_LOW, 1, BALANCE | SETTLING, RUN(settle_s),
         "time from the first load until cpu.sd_pp stays within its limit to the end"},
        {"cpu.class", "", BETTER_NONE, 0, BALANCE | SETTLING, RUN(course),
         "course of cpu.sd_pp against its limit: flat, settles, drifts, oscillates or never",
         course_name},
        {"cpu.pin_changes", "", BETTER_LOW, 0, CHANGES, RUN(pin_changes),
         "pins that were changed (those put back at the end do not count)"},
        {"cpu.moves_needed", "", BETTER_NONE, 0, NEEDS_GUESTS | NEEDS_PCPUS | SETTLING,
         EACH(PER_RUN, SUBJECT_NONE, needed_observe),
         "the fewest pin changes from the first pins to a placement within the limit, by the "
         "loads seen once it had settled; where loads switch, of each phase, summed"},
        {"cpu.reversals", "", BETTER_LOW, 0, CHANGES, RUN(reversals),
         "changes that took a vCPU back to where it was before its last change, within 10 ticks"},
        {"cpu.dwell_s", "s", BETTER_HIGH, 1, CHANGES | NEEDS_NOTHING,
         EACH(PER_CHANGE, SUBJECT_VCPU, observe_dwell),
         "time that a vCPU stayed where a change had put it, until its next change (a last "
         "stay does not count)"},
        {"cpu.steal_pct", "%", BETTER_LOW, 1, NEEDS_GUESTS | NEEDS_STEPS,
         EACH(PER_GUEST, SUBJECT_GUEST, observe_steal),
         "share of its CPU demand that a guest spent waiting for a pCPU: delay / (run + delay)"},
        {"run.balance_pp", "points", BETTER_NONE, 1, NEEDS_ALL, RUN(balance_limit),
         "limit of cpu.sd_pp that the run was given (--balance); 5 when it names none"},
        {"run.vcpus", "", BETTER_NONE, 0, NEEDS_ALL, RUN(vcpus),
         "vCPUs of all guests that were ever there"},
        {"run.pcpus", "", BETTER_NONE, 0, NEEDS_ALL, RUN(pcpus),
         "pCPUs that guests may use, at the end"},
        {"run.interval_s", "s", BETTER_NONE, 3, NEEDS_ALL, RUN(interval_s),
         "time between two ticks, as the run was given it"},
        {"self.cpu_ms_per_tick", "ms", BETTER_LOW, 2, 0, TICK(SUBJECT_NONE, self_cpu_at),
         "CPU time that the recorder took for a tick, all of its threads"},
        {"self.collect_ms", "ms", BETTER_LOW, 2, 0, TICK(SUBJECT_NONE, collect_at),
         "time that reading the host took"},
        {"self.decide_us", "us", BETTER_LOW, 0, NEEDS_BALANCER, TICK(SUBJECT_NONE, decide_at),
         "time that the plan took"},
        {"self.late_ticks", "", BETTER_LOW, 0, 0, RUN(late_ticks),
         "deadlines that passed without a tick"},
        {"trace.bytes_per_tick", "bytes", BETTER_LOW, 0, NEEDS_ALL, RUN(bytes_per_tick),
         "size of the trace file / ticks of all its runs"},
};
const size_t nr_metrics = sizeof(metrics) / sizeof(metrics[0]);

const struct metric *metric_find(const char *id)
{
	size_t i;

	for (i = 0; i < nr_metrics; i++)
		if (!strcmp(metrics[i].id, id))
			return &metrics[i];
	return NULL;
}

void observations_done(struct observations *o)
{
	free(o->at);
	*o = (struct observations){0};
}

/* A rate is weighted by the time it stands for; what it cost to take a sample counts the same for each. */
static int observe_ticks(const struct metric *m, const struct series *s, struct window w,
                         struct observations *out)
{
	bool rate = m->needs & NEEDS_GUESTS;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < s->nr_ticks; i++) {
		const struct series_tick *t = &s->ticks[i];
		struct observation o = {t->t_s, 1, NAN, -1, load_at(s, i)};

		if (t->t_s < w.from_s || t->t_s > w.to_s)
			continue;
		o.value = m->at_tick(s, i, &o.subject);
		if (rate)
			o.weight = (double)t->dt_s;
		if (i || !isnan(o.value))
			r = observations_add(out, o);
	}
	return r;
}

int metric_observe(const struct metric *m, const struct series *s, const struct settling *x,
                   struct window w, struct observations *out)
{
	struct observation one = {.t_s = w.to_s, .weight = 1, .subject = -1, .loaded = true};

	if (m->at_tick)
		return observe_ticks(m, s, w, out);
	if (m->observe)
		return m->observe(s, x, w, out);
	one.value = m->of_run(s, x, w);
	return observations_add(out, one);
}

static int by_value(const void *a, const void *b)
{
	double x = ((const struct observation *)a)->value,
	       y = ((const struct observation *)b)->value;

	return (x > y) - (x < y);
}

/* Of observations in order of their values. */
static double quantile(const struct observation *o, size_t nr, double weight, double share)
{
	double sum = 0;
	size_t i;

	for (i = 0; i + 1 < nr; i++) {
		sum += o[i].weight;
		/* a hair less, so that 19 of 20 equal weights are 95 % in spite of rounding */
		if (sum >= share * weight * (1 - 1e-9))
			break;
	}
	return o[i].value;
}

static void take_worst(const struct metric *m, const struct observation *o, struct summary *to)
{
	bool worse = m->better == BETTER_HIGH ? o->value < to->worst : o->value > to->worst;

	if (!isnan(to->worst) && !worse)
		return;
	to->worst = o->value;
	to->worst_s = o->t_s;
	to->worst_subject = o->subject;
}

int metric_summarise(const struct metric *m, const struct observations *o, int32_t subject,
                     struct summary *out)
{
	struct summary sum = {0, 0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, -1};
	struct observation *known = malloc((o->nr + 1) * sizeof(*known));
	double weight = 0, weighted = 0;
	size_t i;

	if (!known)
		return -ENOMEM;
	for (i = 0; i < o->nr; i++) {
		const struct observation *x = &o->at[i];

		if (subject != ANY_SUBJECT && x->subject != subject)
			continue;
		if (isnan(x->value)) {
			sum.unknown++;
			continue;
		}
		known[sum.nr++] = *x;
		sum.bounds += x->bound;
		weight += x->weight;
		weighted += x->weight * x->value;
		take_worst(m, x, &sum);
	}
	if (sum.nr) {
		qsort(known, sum.nr, sizeof(*known), by_value);
		sum.mean = weighted / weight;
		sum.min = known[0].value;
		sum.max = known[sum.nr - 1].value;
		sum.p05 = quantile(known, sum.nr, weight, 0.05);
		sum.p50 = quantile(known, sum.nr, weight, 0.50);
		sum.p95 = quantile(known, sum.nr, weight, 0.95);
	}
	free(known);
	*out = sum;
	return 0;
}

char *metric_value(const struct metric *m, double value, char text[VALUE_TEXT])
{
	if (isnan(value))
		snprintf(text, VALUE_TEXT, "-");
	else if (m->words)
		snprintf(text, VALUE_TEXT, "%s", m->words[(size_t)value]);
	else if (isinf(value))
		snprintf(text, VALUE_TEXT, "never");
	else
		snprintf(text, VALUE_TEXT, "%.*f", m->decimals, value);
	return text;
}

char *metric_subject(const struct metric *m, const struct series *s, int32_t subject,
                     char text[SUBJECT_TEXT])
{
	text[0] = '\0';
	if (subject < 0)
		return text;
	switch (m->subject) {
	case SUBJECT_NONE:
		break;
	case SUBJECT_PCPU:
		snprintf(text, SUBJECT_TEXT, "pCPU %u", s->pcpus[subject].pcpu);
		break;
	case SUBJECT_GUEST:
		snprintf(text, SUBJECT_TEXT, "%s", s->guests[subject].name);
		break;
	case SUBJECT_VCPU:
		series_vcpu_name(s, (size_t)subject, text);
		break;
	}
	return text;
}
