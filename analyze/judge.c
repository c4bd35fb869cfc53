/* judge - hold a run against a criterion */
#include "analyze/judge.h"

#include <assert.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/load.h"
#include "analyze/noise.h"
#include "analyze/trial.h"

const char *const outcome_name[] = {
        [OUTCOME_PASS] = "PASS",
        [OUTCOME_FAIL] = "FAIL",
        [OUTCOME_UNDECIDED] = "UNDECIDED",
        [OUTCOME_SKIP] = "SKIP",
};
static_assert(sizeof(outcome_name) / sizeof(outcome_name[0]) == OUTCOMES, "a name for each");

/* What is known to be so much at most tells something of an upper limit that it holds, and else nothing. */
static bool tells_nothing(const struct trial *t, const struct observation *o)
{
	return o->bound && !(limit_is_upper(t->j->limit) && limit_holds(t->j->limit, o->value));
}

/* The criterion asks about some guests only, and this is not one of them. */
static bool is_other_guest(const struct trial *t, int32_t subject)
{
	return *t->c->guest && (subject < 0 || fnmatch(t->c->guest, t->s->guests[subject].name, 0));
}

static bool is_noise(struct trial *t, size_t tick)
{
	return (double)series_tick(t->s, tick).others_pct > trial_noise_pct(t);
}

/*
 * What broke while other work disturbed is not known; what looked balanced because all was full is left out, as what has no
 * load is. Returns whether it counts.
 */
static bool weigh_noise(struct trial *t, struct observation *o, size_t *tick)
{
	bool holds = limit_holds(t->j->limit, o->value);

	while (*tick < t->s->nr_ticks - 1 && series_tick(t->s, *tick).t_s < o->t_s)
		++*tick;
	if (holds && t->m->needs & NEEDS_PCPUS && noise_is_full(t->s, *tick)) {
		t->full++;
		return false;
	}
	if (!holds && !isnan(o->value) && is_noise(t, *tick)) {
		t->noisy++;
		o->value = NAN;
	}
	return true;
}

/* Add those of a window, without those that have no load where load is needed. */
static int sift(struct trial *t, const struct observations *from, struct window w)
{
	bool noise = t->m->needs & NEEDS_QUIET && t->m->dimension != PER_RUN;
	size_t i, tick = 0;
	int r = 0;

	for (i = 0; r == 0 && i < from->nr; i++) {
		struct observation o = observations_at(from, i);

		if (o.t_s < w.from_s || o.t_s > w.to_s || (!o.loaded && t->needs_load) ||
		    is_other_guest(t, o.subject))
			continue;
		if (tells_nothing(t, &o))
			o.value = NAN;
		if (!noise || weigh_noise(t, &o, &tick))
			r = observations_add(&t->o, o);
	}
	return r;
}

/* A number of the run is found anew for a window. */
static int sift_anew(struct trial *t, struct window w)
{
	struct observations o = {0};
	int r = metric_observe(t->m, t->s, t->x, w, &o);

	if (r == 0)
		r = sift(t, &o, WINDOW_ALL);
	observations_done(&o);
	return r;
}

/* All observations of the window that count. */
static int observe(struct trial *t)
{
	struct window w = t->j->window;
	size_t i;
	int r;

	observations_done(&t->o);
	t->noisy = t->full = t->ticks = t->loaded = 0;
	r = t->m->dimension == PER_RUN ? sift_anew(t, w) : sift(t, t->whole, w);
	if (r == 0)
		r = metric_add_up(t->m, &t->o);
	for (i = 1; i < t->s->nr_ticks; i++) {
		const struct series_tick tick = series_tick(t->s, i);

		if (tick.t_s < w.from_s || tick.t_s > w.to_s)
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
	bool memory = settle_is_of_memory(t->s, t->m);
	const struct settling *x = t->x;
	struct settled settled = memory ? x->rest : x->settled;
	const char *what = memory ? "mem.at_rest" : "cpu.sd_pp";
	const char *begin = memory ? "start" : "first load";
	double begin_s = memory ? 0 : x->load_s, latest_s;

	if (own && t->j->limit.known != KNOWN_EXACTLY)
		return trial_decide(t, OUTCOME_UNDECIDED, "the limit is not known exactly: %s",
		                    t->limit_why);
	if (own) {
		what = t->m->id;
		settled = settle_find(&t->o, t->j->limit, t->c->hold_pct);
	}
	if (settled.judged < JUDGE_SAMPLES)
		return trial_decide(t, OUTCOME_UNDECIDED,
		                    "too few samples: %zu after the %s, at least %d are needed",
		                    settled.judged, begin, JUDGE_SAMPLES);
	if (!settled.held)
		return trial_decide(t, OUTCOME_FAIL,
		                    "%s never settled: not within its limit at the end", what);
	if (!settled.is)
		return trial_decide(t, OUTCOME_FAIL,
		                    "%s did not settle: held only in the last %zu of %zu samples",
		                    what, settled.held, settled.judged);
	latest_s = moment_latest(&t->c->from, t->s, memory ? 0 : x->load_tick);
	if (settled.at_s > latest_s)
		return trial_decide(t, OUTCOME_FAIL,
		                    "%s settled %.1f s after the %s, %.1f s (within) is the latest",
		                    what, settled.at_s - begin_s, begin, latest_s - begin_s);
	t->j->window.from_s = settled.at_s;
	if (!own && !memory && x->grace_s > settled.at_s)
		t->j->window.from_s = x->grace_s;
	return false;
}

/* Count what held; the farthest sample is the judgement's value. */
static void weigh(struct trial *t)
{
	/* the side on which a limit is broken, whatever is better in general */
	bool low = limit_is_lower(t->j->limit);
	struct metric broken = *t->m;
	struct summary sum;
	size_t i;

	broken.better = low ? BETTER_HIGH : BETTER_LOW;
	sum = metric_extremes(&broken, &t->o);
	t->j->value = sum.worst;
	t->j->subject = sum.worst_subject;
	t->j->worst_s = t->m->dimension == PER_RUN ? (double)NAN : sum.worst_s;
	t->j->judged = sum.nr;
	t->j->lost = sum.unknown;
	for (i = 0; i < t->o.nr; i++)
		t->j->held += limit_holds(t->j->limit, observations_at(&t->o, i).value);
	for (i = 1; t->m->needs & NEEDS_GUESTS && i < t->s->nr_ticks; i++)
		if (series_tick(t->s, i).t_s >= t->j->window.from_s &&
		    series_tick(t->s, i).t_s <= t->j->window.to_s)
			t->j->lost += series_tick(t->s, i).missed;
}

/* The first change in the window, for a count that is too high. */
static void name_first_change(const struct trial *t, char *text, size_t size)
{
	const struct window w = t->j->window;
	double at_s;
	size_t i;

	text[0] = '\0';
	for (i = 0; !strcmp(t->m->id, "cpu.pin_changes") && i < t->s->nr_actions; i++) {
		at_s = series_time_s(t->s, series_action(t->s, i)->mono_ns);
		if (!metric_is_change(series_action(t->s, i)) || at_s < w.from_s || at_s > w.to_s)
			continue;
		snprintf(text, size, ", the first at %.1f s: %.64s", at_s,
		         series_action(t->s, i)->action.name);
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
		return trial_decide(t, OUTCOME_FAIL, "%zu of %zu samples are out of the limit",
		                    t->j->judged - t->j->held, t->j->judged);
	}
	if (t->j->held == t->j->judged)
		return false;
	if (trial_is_disturbed(t))
		return true;
	if (isinf(t->j->value))
		return trial_decide(t, OUTCOME_FAIL, "never settled");
	/* What is not known can only add to a count or a time. */
	if (t->j->value <= t->j->limit.value && can_grow && trial_may_lack(t))
		return false;
	name_first_change(t, first, sizeof(first));
	return trial_decide(t, OUTCOME_FAIL, "%s instead of %s %s%s",
	                    metric_value(t->m, t->j->value, value), limit_sign[t->j->limit.op],
	                    limit_text(t->j->limit, t->m, limit), first);
}

/* The order matters: what makes a question meaningless, then what is broken, then what is missing. */
static int hear(struct trial *t)
{
	const struct criterion *c = t->c;
	int r;

	t->j->window = (struct window){NAN, NAN};
	r = rule_in_run(&c->rule, t->s, t->x, &t->j->limit, t->limit_why);
	if (r < 0 || trial_is_void(t))
		return r;
	if (c->from.kind != MOMENT_SETTLE)
		t->j->window.from_s = moment_in_run(&c->from, t->s, t->x);
	else
		t->j->window.from_s = settle_is_of_memory(t->s, t->m) ? -(double)INFINITY
		                                                      : t->x->load_s;
	t->j->window.to_s = moment_in_run(&c->to, t->s, t->x);
	r = observe(t);
	if (r == 0 && c->from.kind == MOMENT_SETTLE) {
		if (does_not_settle(t)) {
			t->j->window.from_s = NAN;
			return 0;
		}
		r = observe(t);
	}
	if (r < 0)
		return r;
	weigh(t);
	if (is_broken(t) || trial_cannot_tell(t))
		return 0;
	t->j->outcome = OUTCOME_PASS;
	return 0;
}

int judge(const struct criterion *c, const struct series *s, const struct settling *x,
          const struct observations *whole, struct judgement *out)
{
	struct judgement j = {.criterion = c, .value = NAN, .worst_s = NAN, .subject = -1};
	struct trial t = {.c = c, .m = c->metric, .s = s, .x = x, .whole = whole, .j = &j};
	int r;

	t.needs_load = t.m->needs & NEEDS_LOAD || c->from.kind == MOMENT_LOAD ||
	               c->to.kind == MOMENT_LOAD ||
	               (c->from.kind == MOMENT_SETTLE && !settle_is_of_memory(s, t.m));
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
