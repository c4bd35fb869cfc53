/* metrics - the table of what can be measured in a run, and the numbers it gives */
#include "analyze/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/balance.h"
#include "analyze/changes.h"
#include "analyze/course.h"
#include "analyze/guest_life.h"
#include "analyze/load.h"
#include "analyze/memory.h"
#include "analyze/memory_guest.h"
#include "analyze/moves.h"
#include "analyze/needed.h"
#include "analyze/regret.h"
#include "analyze/settings.h"
#include "analyze/settle.h"
#include "analyze/steal.h"

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

static double others_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)series_tick(s, tick).others_pct;
}

static double self_cpu_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)series_tick(s, tick).self_cpu_ms;
}

static double collect_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)series_tick(s, tick).collect_ms;
}

static double decide_at(const struct series *s, size_t tick, int32_t *subject)
{
	return (double)series_tick(s, tick).decide_us;
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

static double rest_course(const struct series *s, const struct settling *x, struct window w)
{
	return x->rest_course == COURSE_UNKNOWN ? (double)NAN : x->rest_course;
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
	return s->nr_ticks ? series_tick(s, s->nr_ticks - 1).nr_pcpus : NAN;
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
		if (series_tick(s, i).t_s >= w.from_s && series_tick(s, i).t_s <= w.to_s)
			late += series_tick(s, i).missed;
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

#define BALANCE  (NEEDS_GUESTS | NEEDS_LOAD | NEEDS_PCPUS | NEEDS_QUIET)
#define CHANGES  (NEEDS_GUESTS | NEEDS_BALANCER | NEEDS_QUIET)
#define SETTLING (NEEDS_ALL | NEEDS_SETTLING)
#define ORDERS   (NEEDS_GUESTS | NEEDS_BALANCER | IS_SUM)

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
        {"cpu.pin_changes", "", BETTER_LOW, 0, CHANGES, RUN(changes_count),
         "pins that were changed (those put back at the end do not count)"},
        {"cpu.moves_needed", "", BETTER_NONE, 0, NEEDS_GUESTS | NEEDS_PCPUS | SETTLING,
         EACH(PER_RUN, SUBJECT_NONE, needed_observe),
         "the fewest pin changes from the first pins to a placement within the limit, by the "
         "loads seen once it had settled; where loads switch, of each phase, summed"},
        {"cpu.reversals", "", BETTER_LOW, 0, CHANGES, RUN(changes_reversed),
         "changes that took a vCPU back to where it was before its last change, within 10 ticks"},
        {"cpu.dwell_s", "s", BETTER_HIGH, 1, CHANGES | NEEDS_NOTHING,
         EACH(PER_CHANGE, SUBJECT_VCPU, changes_dwell),
         "time that a vCPU stayed where a change had put it, until its next change (a last "
         "stay does not count)"},
        {"cpu.steal_pct", "%", BETTER_LOW, 1, NEEDS_GUESTS | NEEDS_STEPS | NEEDS_QUIET,
         EACH(PER_GUEST, SUBJECT_GUEST, steal_observe),
         "share of its CPU demand that a guest spent waiting for a pCPU: delay / (run + delay)"},
        {"cpu.others_pct", "%", BETTER_LOW, 1, NEEDS_GUESTS | NEEDS_STEPS,
         TICK(SUBJECT_NONE, others_at),
         "share of all pCPU time that neither idled nor ran vCPUs: other programs, the guests' own "
         "emulators, what a hypervisor below took"},
        {"mem.host_available_min", "MiB", BETTER_HIGH, 0, 0,
         TICK(SUBJECT_NONE, memory_available_at),
         "available memory of the host (MemAvailable; of another machine what is free and half of "
         "its cache)"},
        {"mem.guest_unused_min", "MiB", BETTER_HIGH, 0, NEEDS_GUESTS,
         EACH(PER_GUEST, SUBJECT_GUEST, memory_unused_observe),
         "unused memory (MemFree) of a guest while it is below its maximum, and the host could "
         "have given what all guests lacked"},
        {"mem.guest_usable_min", "MiB", BETTER_HIGH, 0, NEEDS_GUESTS,
         EACH(PER_GUEST, SUBJECT_GUEST, memory_usable_observe),
         "usable memory (MemAvailable) of a guest, likewise"},
        {"mem.guest_actual", "MiB", BETTER_NONE, 0, NEEDS_GUESTS,
         EACH(PER_GUEST, SUBJECT_GUEST, memory_actual_observe), "size of a guest's balloon"},
        {"mem.in_band_pct", "%", BETTER_HIGH, 1, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_in_band),
         "share of time that a guest's usable memory was in the band of its plan, or within 8 MiB "
         "of it"},
        {"mem.deficit_mib_s", "MiB s", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, memory_deficit),
         "usable memory missing to the lower end of the band, times the seconds that it was, while "
         "the guest was below its maximum"},
        {"mem.largest_cut", "MiB", BETTER_LOW, 0, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, moves_largest_cut),
         "most that was taken from a guest at once (by an order of vmb-mem; in other runs, from "
         "one "
         "tick to the next)"},
        {"mem.travel", "MiB", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, memory_travel),
         "how far balloons moved, all changes added up; to be held against mem.net"},
        {"mem.net", "MiB", BETTER_NONE, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, memory_net),
         "how far balloons are from where they were at the start"},
        {"mem.direction_changes", "", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, moves_turns),
         "times that memory was taken from a guest after it was given, or given after it was "
         "taken"},
        {"mem.settle_s", "s", BETTER_LOW, 1, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_settle),
         "time from the start until a guest stays in its band to the end, or as near to it as its "
         "maximum and the plan's floor let it come"},
        {"mem.at_rest", "", BETTER_NONE, 0, NEEDS_GUESTS, TICK(SUBJECT_NONE, memory_at_rest),
         "1 while every guest is where mem.settle_s wants it, 0 while one is not"},
        {"mem.class", "", BETTER_NONE, 0, NEEDS_GUESTS | NEEDS_ALL, RUN(rest_course),
         "course of mem.at_rest: flat, settles, drifts, oscillates or never", course_name},
        {"mem.return_s", "s", BETTER_LOW, 1, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_return),
         "of a guest that grew: time from when it freed half of that until its balloon was as "
         "small "
         "as at the start, to the end"},
        {"mem.peak_used", "MiB", BETTER_NONE, 0, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_peak_used),
         "most that a guest used (available - usable, its kernel included): what its workload "
         "reached"},
        {"mem.peak_actual", "MiB", BETTER_NONE, 0, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_peak_actual), "largest size of a guest's balloon"},
        {"mem.room_min", "MiB", BETTER_NONE, 0, NEEDS_GUESTS,
         EACH(PER_RUN, SUBJECT_GUEST, memory_room),
         "least that a guest could still have been given: up to its maximum, and by the host; 0: "
         "it "
         "had all that there was"},
        {"mem.balloon_spread", "%", BETTER_NONE, 1, NEEDS_GUESTS,
         TICK(SUBJECT_NONE, memory_spread_at),
         "how far the smallest balloon lies below the largest"},
        {"mem.share_spread", "%", BETTER_LOW, 1, NEEDS_GUESTS,
         TICK(SUBJECT_NONE, memory_share_spread_at),
         "likewise of balloons held against the shares of their guests (--share); 0: all have what "
         "is theirs"},
        {"mem.balloons", "MiB", BETTER_NONE, 0, NEEDS_GUESTS,
         TICK(SUBJECT_NONE, memory_balloons_at), "sum of all balloons"},
        {"mem.pool_excess", "MiB", BETTER_LOW, 0, NEEDS_GUESTS,
         TICK(SUBJECT_NONE, memory_excess_at),
         "by how much all balloons exceed the pool of the run; 0 where it has none"},
        {"mem.calls", "", BETTER_LOW, 0, ORDERS, EACH(PER_RUN, SUBJECT_GUEST, moves_calls),
         "orders to balloons, those that failed too (not those that put back at the end)"},
        {"mem.set_missed", "", BETTER_LOW, 0, ORDERS, EACH(PER_RUN, SUBJECT_GUEST, moves_missed),
         "orders to balloons that were refused, or not reached within 5 s without another order"},
        {"mem.stale_s", "s", BETTER_LOW, 1, NEEDS_GUESTS,
         EACH(PER_GUEST, SUBJECT_GUEST, memory_stale_observe),
         "age of a guest's last report, to the tick"},
        {"guest.lost", "", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, life_lost),
         "guests that vanished or crashed; a trace cannot tell one that was shut down"},
        {"guest.oom", "", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, life_oom),
         "guests that seem to have killed for want of memory: at 40 MiB usable or less they freed "
         "a "
         "tenth of their memory at once, ended or started anew; a kill between two reports is not "
         "seen"},
        {"guest.reboots", "", BETTER_LOW, 0, NEEDS_GUESTS | IS_SUM,
         EACH(PER_RUN, SUBJECT_GUEST, life_reboots),
         "starts of a guest after its first: another instance, or a reboot that the recorder "
         "heard"},
        {"run.reserve_mib", "MiB", BETTER_NONE, 0, NEEDS_ALL, RUN(memory_reserve),
         "what vmb-mem kept for the host"},
        {"run.pool_mib", "MiB", BETTER_NONE, 0, NEEDS_ALL, RUN(memory_pool),
         "what vmb-mem let all guests have (--pool)"},
        {"run.low_mib", "MiB", BETTER_NONE, 0, NEEDS_ALL, RUN(memory_low),
         "least lower end of a band that vmb-mem kept a guest in"},
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

/* A rate is weighted by the time it stands for; what it cost to take a sample counts the same for each. */
static int observe_ticks(const struct metric *m, const struct series *s, struct window w,
                         struct observations *out)
{
	bool rate = m->needs & NEEDS_GUESTS;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < s->nr_ticks; i++) {
		const struct series_tick t = series_tick(s, i);
		struct observation o = {t.t_s, 1, NAN, -1, load_at(s, i)};

		if (t.t_s < w.from_s || t.t_s > w.to_s)
			continue;
		o.value = m->at_tick(s, i, &o.subject);
		if (rate) /* the first tick has no time, and memory that counts for the worst */
			o.weight = isnan(t.dt_s) ? 0 : (double)t.dt_s;
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
