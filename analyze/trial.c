/* trial - a criterion under judgement: whether the data of its run can answer it */
#include "analyze/trial.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "analyze/load.h"
#include "analyze/noise.h"
#include "analyze/select.h"
#include "analyze/settings.h"
#include "common/text.h"

#define STEP_S 0.010 /* of CPU times, as libvirt and the kernel tell them */

bool trial_decide(struct trial *t, enum outcome outcome, const char *format, ...)
{
	va_list args;

	t->j->outcome = outcome;
	va_start(args, format);
	vsnprintf(t->j->why, sizeof(t->j->why), format, args);
	va_end(args);
	return true;
}

/* A run of vmb-mem has memory to tell of: where it does not, something is amiss. */
static bool tells_memory(const struct series *s)
{
	size_t i;

	if (settings_moves_memory(&s->run))
		return true;
	for (i = 0; i < s->nr_guests; i++)
		if (memory_series_known(&s->guests[i].memory))
			return true;
	for (i = 0; i < s->nr_ticks; i++)
		if (!isnan(series_tick(s, i).available_mib))
			return true;
	return false;
}

static bool does_not_apply(struct trial *t)
{
	unsigned most = 0;
	size_t i;

	if (!strncmp(t->m->id, "mem.", 4) && !tells_memory(t->s))
		return trial_decide(t, OUTCOME_SKIP, "%s records no memory", t->s->run.program);

	for (i = 0; i < t->s->nr_ticks; i++)
		most = series_tick(t->s, i).nr_pcpus > most ? series_tick(t->s, i).nr_pcpus : most;
	if (t->m->needs & NEEDS_BALANCER && !select_makes(&t->s->run, t->m))
		return trial_decide(t, OUTCOME_SKIP, "%s %s", t->s->run.program,
		                    select_is_balancer(&t->s->run) ? "pins nothing"
		                                                   : "only watches");
	if (t->m->needs & NEEDS_PCPUS && most == 1)
		return trial_decide(t, OUTCOME_SKIP, "one pCPU: there is nothing to balance");
	return false;
}

static bool has_nobody(struct trial *t)
{
	size_t tick, with = 0;

	if (t->s->nr_ticks < 2)
		return trial_decide(t, OUTCOME_UNDECIDED, "no samples: the run has %zu tick%s",
		                    t->s->nr_ticks, plural(t->s->nr_ticks));
	for (tick = 0; tick < t->s->nr_ticks; tick++)
		with += series_tick(t->s, tick).nr_vcpus > 0;
	if (t->m->needs & NEEDS_GUESTS && !with)
		return trial_decide(t, OUTCOME_UNDECIDED, "no guests");
	if (t->m->needs & NEEDS_GUESTS && 2 * with < t->s->nr_ticks)
		return trial_decide(t, OUTCOME_UNDECIDED, "guests in only %zu of %zu ticks", with,
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
		load = (double)series_tick(t->s, i).load_pct;
		if (load > most) {
			most = load;
			at_s = series_tick(t->s, i).t_s;
		}
	}
	return trial_decide(
	        t, OUTCOME_UNDECIDED,
	        "no load: busy vCPUs took %.0f %% of a pCPU at most (at %.1f s), %.0f %% are "
	        "needed",
	        most, at_s, load_least_pct(series_tick(t->s, t->s->nr_ticks - 1).nr_pcpus));
}

static bool has_no_limit(struct trial *t)
{
	if (t->j->limit.known != KNOWN_NOT)
		return false;
	return trial_decide(t, OUTCOME_UNDECIDED, "the limit is not known: %s", t->limit_why);
}

/* A 10 ms step is this many % of an interval: what is finer is noise, broken or not. */
static bool is_too_fine(struct trial *t)
{
	double interval_s = (double)t->s->run.interval_ns / 1e9;
	double step_pct = interval_s > 0 ? 100 * STEP_S / interval_s : 0;

	if (!(t->m->needs & NEEDS_STEPS) || step_pct <= t->j->limit.value)
		return false;
	return trial_decide(t, OUTCOME_UNDECIDED,
	                    "CPU times come in steps of 10 ms: %.1f %% of an interval of %g s",
	                    step_pct, interval_s);
}

bool trial_is_void(struct trial *t)
{
	return does_not_apply(t) || has_nobody(t) || has_no_load(t) || has_no_limit(t) ||
	       is_too_fine(t);
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

bool trial_may_lack(const struct trial *t)
{
	const char *name;

	return t->j->lost || t->s->run.end_mono_ns == UNKNOWN || *t->s->note ||
	       data_loss(t->s, &name);
}

static size_t only_planned(const struct trial *t)
{
	size_t i, n = 0;

	for (i = 0; t->m->needs & NEEDS_BALANCER && i < t->s->nr_actions; i++)
		n += series_action(t->s, i)->action.result == RESULT_DRY_RUN;
	return n;
}

double trial_noise_pct(struct trial *t)
{
	if (!(t->noise_pct != 0))
		t->noise_pct = noise_limit_pct(t->s);
	return t->noise_pct;
}

/* True, and decided, when there is noise in the window; `what` is the criterion's trouble. */
static bool is_noisy(struct trial *t, const char *what)
{
	long tick = noise_worst(t->s, t->j->window, trial_noise_pct(t));

	if (tick < 0)
		return false;
	return trial_decide(t, OUTCOME_UNDECIDED,
	                    "%s, and other work took up to %.0f %% of all pCPU time (at %.1f s), "
	                    "%.0f %% may be",
	                    what, (double)series_tick(t->s, tick).others_pct,
	                    series_tick(t->s, tick).t_s, trial_noise_pct(t));
}

bool trial_is_disturbed(struct trial *t)
{
	char what[2 * VALUE_TEXT], value[VALUE_TEXT];

	snprintf(what, sizeof(what), "it is %s", metric_value(t->m, t->j->value, value));
	return t->m->needs & NEEDS_QUIET && is_noisy(t, what);
}

/* True, and decided, when samples are missing because of noise. */
static bool is_hidden(struct trial *t)
{
	char what[96];

	snprintf(what, sizeof(what), "%zu of %zu samples are out of the limit", t->noisy,
	         t->j->judged + t->j->lost);
	return t->noisy && is_noisy(t, what);
}

static bool is_too_little(struct trial *t)
{
	bool samples = t->m->dimension == PER_TICK || t->m->dimension == PER_GUEST;
	size_t ticks = t->needs_load ? t->loaded : t->ticks;

	if (ticks < JUDGE_SAMPLES)
		return trial_decide(t, OUTCOME_UNDECIDED,
		                    "too few samples: %zu%s, at least %d are needed", ticks,
		                    t->needs_load ? " with load" : "", JUDGE_SAMPLES);
	if (t->full > t->j->judged)
		return trial_decide(t, OUTCOME_UNDECIDED,
		                    "in %zu of %zu samples every pCPU was full: any placement "
		                    "looks balanced",
		                    t->full, t->full + t->j->judged + t->j->lost);
	if (samples && t->j->judged < JUDGE_SAMPLES)
		return is_hidden(t) ||
		       trial_decide(t, OUTCOME_UNDECIDED,
		                    "too few samples: %zu are known, at least %d are needed",
		                    t->j->judged, JUDGE_SAMPLES);
	if (t->needs_load && 2 * t->loaded < t->ticks)
		return trial_decide(t, OUTCOME_UNDECIDED, "load in only %zu of %zu samples",
		                    t->loaded, t->ticks);
	return false;
}

/* Not broken whatever the limit is exactly, nor kept. */
static bool limit_leaves_open(const struct trial *t)
{
	return t->j->limit.known != KNOWN_EXACTLY &&
	       (!limit_can_hold(t->j->limit) ||
	        100 * (double)t->j->held < t->c->hold_pct * (double)t->j->judged);
}

bool trial_cannot_tell(struct trial *t)
{
	const char *name = NULL;
	int64_t lost;

	if (is_too_little(t))
		return true;
	if (!t->j->judged && !(t->m->needs & NEEDS_NOTHING))
		return trial_decide(t, OUTCOME_UNDECIDED, "%s is not known", t->m->id);
	if (limit_leaves_open(t))
		return trial_decide(t, OUTCOME_UNDECIDED, "the limit is not known exactly: %s",
		                    t->limit_why);
	if (*t->s->note)
		return trial_decide(t, OUTCOME_UNDECIDED, "the trace is not whole: %s", t->s->note);
	if (t->s->run.end_mono_ns == UNKNOWN)
		return trial_decide(t, OUTCOME_UNDECIDED,
		                    "the run was not closed: its recorder was killed, is still at "
		                    "work, or found its disk full");
	lost = data_loss(t->s, &name);
	if (lost)
		return trial_decide(t, OUTCOME_UNDECIDED, "data was lost: %s %lld", name,
		                    (long long)lost);
	if (only_planned(t))
		return trial_decide(t, OUTCOME_UNDECIDED,
		                    "a dry run: %zu changes were only planned", only_planned(t));
	if (t->j->lost &&
	    (t->m->dimension == PER_RUN || t->m->dimension == PER_CHANGE ||
	     100 * (double)t->j->held < t->c->hold_pct * (double)(t->j->judged + t->j->lost)))
		return is_hidden(t) ||
		       trial_decide(t, OUTCOME_UNDECIDED, "%zu sample%s lost or not known",
		                    t->j->lost, t->j->lost == 1 ? " is" : "s are");
	return false;
}
