/* judge - hold a run against a criterion */
#include "analyze/judge.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyze/load.h"
#include "analyze/select.h"

#define STEP_S 0.010 /* of CPU times, as libvirt and the kernel tell them */

const char *const outcome_name[] = {
        [OUTCOME_PASS] = "PASS",
        [OUTCOME_FAIL] = "FAIL",
        [OUTCOME_UNDECIDED] = "UNDECIDED",
        [OUTCOME_SKIP] = "SKIP",
};
static_assert(sizeof(outcome_name) / sizeof(outcome_name[0]) == OUTCOMES, "a name for each");

/* A case under judgement. */
struct trial {
	const struct criterion *c;
	const struct metric *m;
	const struct series *s;
	const struct settling *x;
	bool needs_load;
	char limit_why[FORMULA_WHY]; /* the limit is not known exactly; empty: it is */
	struct observations o; /* of the window, those without load left out where it needs load */
	size_t ticks, loaded;  /* in the window */
	struct judgement *j;
};

static bool decide(struct judgement *j, enum outcome outcome, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Note an outcome and why. Returns true: this is decided. */
static bool decide(struct judgement *j, enum outcome outcome, const char *format, ...)
{
	va_list args;

	j->outcome = outcome;
	va_start(args, format);
	vsnprintf(j->why, sizeof(j->why), format, args);
	va_end(args);
	return true;
}

static bool does_not_apply(struct trial *t)
{
	unsigned most = 0;
	size_t i;

	for (i = 0; i < t->s->nr_ticks; i++)
		most = t->s->ticks[i].nr_pcpus > most ? t->s->ticks[i].nr_pcpus : most;
	if (t->m->needs & NEEDS_BALANCER && !select_is_balancer(&t->s->run))
		return decide(t->j, OUTCOME_SKIP, "%s only watches", t->s->run.program);
	if (t->m->needs & NEEDS_PCPUS && most == 1)
		return decide(t->j, OUTCOME_SKIP, "one pCPU: there is nothing to balance");
	return false;
}

static bool has_nobody(struct trial *t)
{
	size_t tick, with = 0;

	if (t->s->nr_ticks < 2)
		return decide(t->j, OUTCOME_UNDECIDED, "no samples: the run has %zu tick%s",
		              t->s->nr_ticks, t->s->nr_ticks == 1 ? "" : "s");
	for (tick = 0; tick < t->s->nr_ticks; tick++)
		with += t->s->ticks[tick].nr_vcpus > 0;
	if (t->m->needs & NEEDS_GUESTS && !with)
		return decide(t->j, OUTCOME_UNDECIDED, "no guests");
	if (t->m->needs & NEEDS_GUESTS && 2 * with < t->s->nr_ticks)
		return decide(t->j, OUTCOME_UNDECIDED, "guests in only %zu of %zu ticks", with,
		              t->s->nr_ticks);
	return false;
}

static bool has_no_load(struct trial *t)
{
	double most = 0, at_s = 0, load;
	size_t i;

	if (!t->needs_load || t->x->loaded)
		return false;
	for (i = 0; i < t->s->nr_ticks; i++) {
		load = (double)t->s->ticks[i].load_pct;
		if (load > most) {
			most = load;
			at_s = t->s->ticks[i].t_s;
		}
	}
	return decide(t->j, OUTCOME_UNDECIDED,
	              "no load: busy vCPUs took %.0f %% of a pCPU at most (at %.1f s), %.0f %% are "
	              "needed",
	              most, at_s, load_least_pct(t->s->ticks[t->s->nr_ticks - 1].nr_pcpus));
}

static bool has_no_limit(struct trial *t)
{
	if (t->j->limit.known != KNOWN_NOT)
		return false;
	return decide(t->j, OUTCOME_UNDECIDED, "the limit is not known: %s", t->limit_why);
}

/* A 10 ms step is this many % of an interval: what is finer is noise, broken or not. */
static bool is_too_fine(struct trial *t)
{
	double interval_s = (double)t->s->run.interval_ns / 1e9;
	double step_pct = interval_s > 0 ? 100 * STEP_S / interval_s : 0;

	if (!(t->m->needs & NEEDS_STEPS) || step_pct <= t->j->limit.value)
		return false;
	return decide(t->j, OUTCOME_UNDECIDED,
	              "CPU times come in steps of 10 ms: %.1f %% of an interval of %g s", step_pct,
	              interval_s);
}

/* What is known to be so much at most tells something of an upper limit that it holds, and else nothing. */
static bool tells_nothing(const struct trial *t, const struct observation *o)
{
	return o->bound && !(limit_is_upper(t->j->limit) && limit_holds(t->j->limit, o->value));
}

/* All observations of the window, without those that have no load where load is needed. */
static int observe(struct trial *t)
{
	struct window w = t->j->window;
	size_t i, n = 0;
	int r;

	t->o.nr = t->ticks = t->loaded = 0;
	r = metric_observe(t->m, t->s, t->x, w, &t->o);
	for (i = 0; i < t->o.nr; i++) {
		if (!t->o.at[i].loaded && t->needs_load)
			continue;
		t->o.at[n] = t->o.at[i];
		if (tells_nothing(t, &t->o.at[n]))
			t->o.at[n].value = NAN;
		n++;
	}
	t->o.nr = n;
	for (i = 1; i < t->s->nr_ticks; i++) {
		if (t->s->ticks[i].t_s < w.from_s || t->s->ticks[i].t_s > w.to_s)
			continue;
		t->ticks++;
		t->loaded += load_at(t->s, i);
	}
	return r;
}

/*
 * Where the window of `from = settle` begins. True when that is already decided: it did not settle, or too
 * late. Sets the window on return of false.
 */
static bool does_not_settle(struct trial *t)
{
	bool own = t->m->dimension == PER_TICK || t->m->dimension == PER_GUEST;
	const struct settling *x = t->x;
	struct settled settled = x->settled;
	const char *what = "cpu.sd_pp";
	double latest_s;

	if (own && t->j->limit.known != KNOWN_EXACTLY)
		return decide(t->j, OUTCOME_UNDECIDED, "the limit is not known exactly: %s",
		              t->limit_why);
	if (own) {
		what = t->m->id;
		settled = settle_find(&t->o, t->j->limit, t->c->hold_pct);
	}
	if (settled.judged < JUDGE_SAMPLES)
		return decide(t->j, OUTCOME_UNDECIDED,
		              "too few samples: %zu after the first load, at least %d are needed",
		              settled.judged, JUDGE_SAMPLES);
	if (!settled.held)
		return decide(t->j, OUTCOME_FAIL,
		              "%s never settled: not within its limit at the end", what);
	if (!settled.is)
		return decide(t->j, OUTCOME_FAIL,
		              "%s did not settle: held only in the last %zu of %zu samples", what,
		              settled.held, settled.judged);
	latest_s = moment_latest(&t->c->from, t->s, x);
	if (settled.at_s > latest_s)
		return decide(t->j, OUTCOME_FAIL,
		              "%s settled %.1f s after the first load, %.1f s are the latest", what,
		              settled.at_s - x->load_s, latest_s - x->load_s);
	t->j->window.from_s = settled.at_s;
	if (!own && x->grace_s > settled.at_s)
		t->j->window.from_s = x->grace_s;
	return false;
}

/* Count what held; the farthest sample is the judgement's value. */
static int weigh(struct trial *t)
{
	/* the side on which a limit is broken, whatever is better in general */
	bool low = limit_is_lower(t->j->limit);
	struct metric broken = *t->m;
	struct summary sum;
	size_t i;
	int r;

	broken.better = low ? BETTER_HIGH : BETTER_LOW;
	r = metric_summarise(&broken, &t->o, ANY_SUBJECT, &sum);
	if (r < 0)
		return r;
	t->j->value = sum.worst;
	t->j->subject = sum.worst_subject;
	t->j->worst_s = t->m->dimension == PER_RUN ? (double)NAN : sum.worst_s;
	t->j->judged = sum.nr;
	t->j->lost = sum.unknown;
	for (i = 0; i < t->o.nr; i++)
		t->j->held += limit_holds(t->j->limit, t->o.at[i].value);
	for (i = 1; t->m->needs & NEEDS_GUESTS && i < t->s->nr_ticks; i++)
		if (t->s->ticks[i].t_s >= t->j->window.from_s &&
		    t->s->ticks[i].t_s <= t->j->window.to_s)
			t->j->lost += t->s->ticks[i].missed;
	return 0;
}

static int64_t data_loss(const struct series *s, const char **name)
{
	size_t i;

	for (i = 0; i < s->nr_stats; i++)
		if (!strcmp(s->stats[i].severity, "data_loss") && s->stats[i].value) {
			*name = s->stats[i].name;
			return s->stats[i].value;
		}
	return 0;
}

/* True when there may have been more than the trace shows. */
static bool may_lack_something(const struct trial *t)
{
	const char *name;

	return t->j->lost || t->s->run.end_mono_ns == UNKNOWN || *t->s->note ||
	       data_loss(t->s, &name);
}

/* The first change in the window, for a count that is too high. */
static void name_first_change(const struct trial *t, char *text, size_t size)
{
	const struct window w = t->j->window;
	double at_s;
	size_t i;

	text[0] = '\0';
	for (i = 0; !strcmp(t->m->id, "cpu.pin_changes") && i < t->s->nr_actions; i++) {
		at_s = series_time_s(t->s, t->s->actions[i].mono_ns);
		if (!metric_is_change(&t->s->actions[i]) || at_s < w.from_s || at_s > w.to_s)
			continue;
		snprintf(text, size, ", the first at %.1f s: %.64s", at_s,
		         t->s->actions[i].action.name);
		return;
	}
}

/* Broken even if everything that is not known had held. */
static bool is_broken(struct trial *t)
{
	double n = (double)(t->j->judged + t->j->lost);
	bool can_grow = limit_is_lower(t->j->limit) || t->j->limit.op == LIMIT_IS;
	char first[128], value[VALUE_TEXT], limit[LIMIT_TEXT];

	if (!limit_can_break(t->j->limit))
		return false;
	if (t->m->dimension != PER_RUN) {
		if (100 * ((double)t->j->held + (double)t->j->lost) >= t->c->hold_pct * n)
			return false;
		return decide(t->j, OUTCOME_FAIL, "%zu of %zu samples are out of the limit",
		              t->j->judged - t->j->held, t->j->judged);
	}
	if (!t->j->judged || t->j->held)
		return false;
	if (isinf(t->j->value))
		return decide(t->j, OUTCOME_FAIL, "never settled");
	/* What is not known can only add to a count or a time. */
	if (t->j->value <= t->j->limit.value && can_grow && may_lack_something(t))
		return false;
	name_first_change(t, first, sizeof(first));
	return decide(t->j, OUTCOME_FAIL, "%s instead of %s %s%s",
	              metric_value(t->m, t->j->value, value), limit_sign[t->j->limit.op],
	              limit_text(t->j->limit, t->m, limit), first);
}

static size_t only_planned(const struct trial *t)
{
	size_t i, n = 0;

	for (i = 0; t->m->needs & NEEDS_BALANCER && i < t->s->nr_actions; i++)
		n += t->s->actions[i].action.result == RESULT_DRY_RUN;
	return n;
}

static bool is_too_little(struct trial *t)
{
	bool samples = t->m->dimension == PER_TICK || t->m->dimension == PER_GUEST;
	size_t ticks = t->needs_load ? t->loaded : t->ticks;

	if (ticks < JUDGE_SAMPLES)
		return decide(t->j, OUTCOME_UNDECIDED,
		              "too few samples: %zu%s, at least %d are needed", ticks,
		              t->needs_load ? " with load" : "", JUDGE_SAMPLES);
	if (samples && t->j->judged < JUDGE_SAMPLES)
		return decide(t->j, OUTCOME_UNDECIDED,
		              "too few samples: %zu are known, at least %d are needed",
		              t->j->judged, JUDGE_SAMPLES);
	if (t->needs_load && 2 * t->loaded < t->ticks)
		return decide(t->j, OUTCOME_UNDECIDED, "load in only %zu of %zu samples", t->loaded,
		              t->ticks);
	return false;
}

/* Not broken whatever the limit is exactly, nor kept. */
static bool limit_leaves_open(const struct trial *t)
{
	return t->j->limit.known != KNOWN_EXACTLY &&
	       (!limit_can_hold(t->j->limit) ||
	        100 * (double)t->j->held < t->c->hold_pct * (double)t->j->judged);
}

static bool cannot_tell(struct trial *t)
{
	const char *name = NULL;
	int64_t lost;

	if (is_too_little(t))
		return true;
	if (!t->j->judged && !(t->m->needs & NEEDS_NOTHING))
		return decide(t->j, OUTCOME_UNDECIDED, "%s is not known", t->m->id);
	if (limit_leaves_open(t))
		return decide(t->j, OUTCOME_UNDECIDED, "the limit is not known exactly: %s",
		              t->limit_why);
	if (*t->s->note)
		return decide(t->j, OUTCOME_UNDECIDED, "the trace is not whole: %s", t->s->note);
	if (t->s->run.end_mono_ns == UNKNOWN)
		return decide(
		        t->j, OUTCOME_UNDECIDED,
		        "the run was not closed: its recorder was killed or is still at work");
	lost = data_loss(t->s, &name);
	if (lost)
		return decide(t->j, OUTCOME_UNDECIDED, "data was lost: %s %lld", name,
		              (long long)lost);
	if (only_planned(t))
		return decide(t->j, OUTCOME_UNDECIDED, "a dry run: %zu changes were only planned",
		              only_planned(t));
	if (t->j->lost &&
	    (t->m->dimension == PER_RUN || t->m->dimension == PER_CHANGE ||
	     100 * (double)t->j->held < t->c->hold_pct * (double)(t->j->judged + t->j->lost)))
		return decide(t->j, OUTCOME_UNDECIDED, "%zu sample%s lost or not known", t->j->lost,
		              t->j->lost == 1 ? " is" : "s are");
	return false;
}

/* The order matters: what makes a question meaningless, then what is broken, then what is missing. */
static int hear(struct trial *t)
{
	const struct criterion *c = t->c;
	int r;

	t->j->window = (struct window){NAN, NAN};
	r = rule_in_run(&c->rule, t->s, t->x, &t->j->limit, t->limit_why);
	if (r < 0 || does_not_apply(t) || has_nobody(t) || has_no_load(t) || has_no_limit(t) ||
	    is_too_fine(t))
		return r;
	t->j->window.from_s = c->from.kind == MOMENT_SETTLE ? t->x->load_s
	                                                    : moment_in_run(&c->from, t->s, t->x);
	t->j->window.to_s = moment_in_run(&c->to, t->s, t->x);
	r = observe(t);
	if (r == 0 && c->from.kind == MOMENT_SETTLE) {
		if (does_not_settle(t)) {
			t->j->window.from_s = NAN;
			return 0;
		}
		r = observe(t);
	}
	if (r == 0)
		r = weigh(t);
	if (r < 0 || is_broken(t) || cannot_tell(t))
		return r;
	t->j->outcome = OUTCOME_PASS;
	return 0;
}

int judge(const struct criterion *c, const struct series *s, const struct settling *x,
          struct judgement *out)
{
	struct judgement j = {.criterion = c, .value = NAN, .worst_s = NAN, .subject = -1};
	struct trial t = {.c = c, .m = c->metric, .s = s, .x = x, .j = &j};
	int r;

	t.needs_load = t.m->needs & NEEDS_LOAD || c->from.kind == MOMENT_LOAD ||
	               c->from.kind == MOMENT_SETTLE || c->to.kind == MOMENT_LOAD;
	r = hear(&t);
	observations_done(&t.o);
	if (r == 0)
		*out = j;
	return r;
}

enum outcome judge_all(const struct judgement *j, size_t nr)
{
	size_t i, seen[OUTCOMES] = {0};

	for (i = 0; i < nr; i++)
		seen[j[i].outcome]++;
	if (seen[OUTCOME_FAIL])
		return OUTCOME_FAIL;
	return seen[OUTCOME_UNDECIDED] || !seen[OUTCOME_PASS] ? OUTCOME_UNDECIDED : OUTCOME_PASS;
}
