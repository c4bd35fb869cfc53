/* cpu_plan - whether to move vCPUs at all: band, confirmation, refusal, back-off */
#include "balancer/cpu_plan.h"

#include <math.h>

#include "balancer/cpu_plan_search.h"

/*
 * balance: the course project's pass mark. idle: a Linux guest that does nothing shows 0-3 %. dwell: three
 * intervals, so that a move is judged by full intervals before its vCPU moves again.
 */
const struct cpu_policy cpu_policy_default = {
        .balance_pm = 50,
        .dwell_ticks = 3,
        .idle_pm = 40,
};

/* Placements aim at half of the limit, so that noise round the goal stays within it. */
#define INNER_BAND 0.5

/* The spread is believed to be beyond the limit when it is so by this many of its standard errors. */
#define SURE_ERRORS 2.0

/* From twice the limit on an imbalance is gross: it needs no confirmation and no rest. */
#define GROSS         2.0
#define CONFIRM_TICKS 3

/* Floating vCPUs are placed by two readings at least: one has the 10 ms step of CPU times in full. */
#define PLACE_SAMPLES 2

/* What a change must gain beyond the noise: half a point, and a fifth of what there is. */
#define LEAST_GAIN_PM   5.0
#define LEAST_GAIN_PART 0.2

/* Where no placement is within the limit, so much from the best that there is will do, for fewer changes. */
#define BEST_EFFORT_SLACK_PM 10.0

/* A pCPU loaded above this is full. */
#define FULL_PM 1000.0

/* About 10 ms on a slow core; hosts up to 8 pCPUs and a dozen loaded vCPUs are solved exactly within it. */
#define SEARCH_NODES 60000

#define BACK_OFF_MOST 5  /* 3 ticks to confirm become 96 */
#define PAUSE_MOST    64 /* ticks between searches that found nothing */
#define FORGIVE_TICKS 60 /* in the band for so long takes one step of back-off away */

static bool is_loaded(const struct cpu_policy *policy, const struct view_vcpu *v)
{
	return v->samples && (v->squeezed || v->load_pm >= policy->idle_pm);
}

static bool is_pending(const struct cpu_policy *policy, const struct view_vcpu *v)
{
	return v->managed && v->on == VIEW_FLOATS && is_loaded(policy, v);
}

static bool any_loaded_floats(const struct cpu_policy *policy, const struct cpu_view *view)
{
	size_t i;

	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].on == VIEW_FLOATS && is_loaded(policy, &view->vcpus[i]))
			return true;
	return false;
}

/* While loaded vCPUs float, nobody but the kernel knows where they run: what was measured counts. */
void cpu_plan_loads(const struct cpu_policy *policy, const struct cpu_view *view, double *loads)
{
	bool measured = any_loaded_floats(policy, view);
	size_t i;

	for (i = 0; i < view->nr_pcpus; i++)
		loads[i] = measured ? view->pcpus[i].busy_pm : fmax(0, view->pcpus[i].other_pm);
	for (i = 0; !measured && i < view->nr_vcpus; i++)
		if (view->vcpus[i].on >= 0)
			loads[view->vcpus[i].on] += view->vcpus[i].load_pm;
}

/*
 * The standard error of the spread. Each pCPU's load has the errors of its parts; errors of the loads move their
 * standard deviation by at most their own root mean square.
 */
static double spread_error(const struct cpu_policy *policy, const struct cpu_view *view)
{
	bool measured = any_loaded_floats(policy, view);
	double sum = 0, error;
	size_t i;

	for (i = 0; i < view->nr_pcpus; i++) {
		error = measured ? view->pcpus[i].busy_error_pm : view->pcpus[i].other_error_pm;
		sum += error * error;
	}
	for (i = 0; !measured && i < view->nr_vcpus; i++)
		if (view->vcpus[i].on >= 0)
			sum += view->vcpus[i].error_pm * view->vcpus[i].error_pm;
	return sqrt(sum / (double)view->nr_pcpus);
}

/* The view as a placement problem. What is not ours to move, idle or resting stays where it is. */
static size_t set_problem(const struct cpu_policy *policy, const struct cpu_view *view, bool gross,
                          struct place_scratch *s)
{
	const struct view_vcpu *v;
	double spread_out = 0;
	size_t i, movable = 0;
	bool rests;

	for (i = 0; i < view->nr_vcpus; i++) {
		v = &view->vcpus[i];
		rests = !gross && v->rested_ticks < policy->dwell_ticks;
		s->items[i] = (struct place_item){
		        .load_pm = v->load_pm,
		        .from = v->on < 0 ? -1 : v->on,
		        .guest = v->guest,
		        .movable = v->managed && v->on != VIEW_OUTSIDE && is_loaded(policy, v) &&
		                   !rests,
		        .allowed = &v->allowed,
		};
		movable += s->items[i].movable;
		if (v->on == VIEW_FLOATS && !s->items[i].movable)
			spread_out += v->load_pm;
	}
	for (i = 0; i < view->nr_pcpus; i++) {
		s->pcpu_number[i] = view->pcpus[i].pcpu;
		s->base_pm[i] = fmax(0, view->pcpus[i].other_pm) +
		                spread_out / (double)view->nr_pcpus;
	}
	return movable;
}

/* Loads are guesses: no noise excuses a pCPU that is full beside emptier ones, and nothing is to be fine-tuned by them. */
static bool any_guessed(const struct cpu_view *view)
{
	size_t i;

	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].guessed)
			return true;
	return false;
}

/*
 * Aim at the inner band; where that cannot be had, at the limit; where not even that, at the best there is. By guesses
 * only at the limit: the next tick knows more, and takes nothing back that the fewest changes have not moved.
 */
static void aim(const struct cpu_policy *policy, const struct cpu_view *view,
                struct place_scratch *s, struct place_result *result)
{
	struct place_problem problem = {
	        .nr_pcpus = view->nr_pcpus,
	        .nr_items = view->nr_vcpus,
	        .band_pm = (any_guessed(view) ? 1 : INNER_BAND) * policy->balance_pm,
	        .nodes = SEARCH_NODES,
	};

	place_search(&problem, s, result);
	if (result->within)
		return;
	problem.band_pm = fmax(policy->balance_pm, result->spread_pm + BEST_EFFORT_SLACK_PM);
	place_search(&problem, s, result);
}

/* What runs on the emptier pCPUs besides vCPUs may be there because they are: take it as going where there is room. */
static void let_others_float(const struct cpu_view *view, struct place_scratch *s)
{
	double mean = 0, floating = 0;
	size_t i;

	for (i = 0; i < view->nr_pcpus; i++)
		mean += view->pcpus[i].busy_pm / (double)view->nr_pcpus;
	for (i = 0; i < view->nr_pcpus; i++) {
		if (view->pcpus[i].busy_pm >= mean)
			continue;
		floating += s->base_pm[i];
		s->base_pm[i] = 0;
	}
	for (i = 0; i < view->nr_pcpus; i++)
		s->base_pm[i] += floating / (double)view->nr_pcpus;
}

/* The fullest pCPU when all that is no vCPU stays where it is: now, or after the moves in s->to. */
static double highest_when_others_stay(const struct cpu_view *view, const struct place_scratch *s,
                                       bool now, double *work_pm)
{
	double highest = 0;
	size_t i;
	int32_t p;

	for (i = 0; i < view->nr_pcpus; i++)
		work_pm[i] = fmax(0, view->pcpus[i].other_pm);
	for (i = 0; i < view->nr_vcpus; i++) {
		p = now ? s->items[i].from : s->to[i];
		if (p >= 0)
			work_pm[p] += s->items[i].load_pm;
	}
	for (i = 0; i < view->nr_pcpus; i++)
		highest = fmax(highest, work_pm[i]);
	return highest;
}

/*
 * First with all that is no vCPU staying where it is. When no placement is within the limit so, it is taken as going
 * where there is room, unless a prediction has just failed or a pCPU would overflow if it stays.
 */
static void search(const struct cpu_policy *policy, const struct cpu_view *view, bool gross,
                   const struct cpu_plan_state *state, struct place_scratch *s,
                   struct place_result *result)
{
	double most;

	aim(policy, view, s, result);
	if (result->spread_pm <= policy->balance_pm || state->back_off)
		return;
	most = fmax(FULL_PM, highest_when_others_stay(view, s, true, s->work_pm));
	let_others_float(view, s);
	aim(policy, view, s, result);
	if (result->spread_pm <= policy->balance_pm &&
	    highest_when_others_stay(view, s, false, s->work_pm) <= most)
		return;
	set_problem(policy, view, gross, s);
	aim(policy, view, s, result);
}

/* Held against what came, once the moved ones have two full intervals behind them. */
static void judge_prediction(const struct cpu_policy *policy, struct cpu_plan_state *state,
                             const struct cpu_choice *choice)
{
	double doubt = SURE_ERRORS * choice->noise_pm + INNER_BAND * policy->balance_pm;

	if (!state->prediction_open || state->since_act < 2)
		return;
	state->prediction_open = false;
	if (choice->spread_pm > state->predicted_pm + doubt && state->back_off < BACK_OFF_MOST)
		state->back_off++;
}

static enum verdict hold(struct cpu_choice *choice, enum cpu_why why)
{
	choice->why = why;
	return VERDICT_HOLD;
}

/* A refusal is not thought over again each tick, unless the picture changes. */
static enum verdict refuse(struct cpu_plan_state *state, struct cpu_choice *choice,
                           enum cpu_why why)
{
	state->last_pause = state->last_pause ? 2 * state->last_pause : 1;
	if (state->last_pause > PAUSE_MOST)
		state->last_pause = PAUSE_MOST;
	state->pause = state->last_pause;
	state->paused_at_pm = choice->spread_pm;
	state->paused_why = why;
	state->paused_best_pm = choice->predicted_pm;
	return hold(choice, why);
}

static bool is_paused(const struct cpu_policy *policy, struct cpu_plan_state *state,
                      const struct cpu_choice *choice)
{
	if (!state->last_pause)
		return false;
	if (fabs(choice->spread_pm - state->paused_at_pm) >
	    INNER_BAND * policy->balance_pm + SURE_ERRORS * choice->noise_pm) {
		state->pause = state->last_pause = 0;
		return false;
	}
	if (!state->pause)
		return false;
	state->pause--;
	return true;
}

static bool pays(const struct cpu_policy *policy, const struct cpu_choice *choice)
{
	double gain = choice->spread_pm - choice->predicted_pm;

	return gain > choice->noise_pm + LEAST_GAIN_PM &&
	       gain > LEAST_GAIN_PART * choice->spread_pm;
}

static void list_moves(const struct cpu_view *view, const struct place_scratch *s,
                       struct cpu_move *moves, struct cpu_choice *choice)
{
	size_t i;

	for (i = 0; i < view->nr_vcpus; i++)
		if (s->items[i].movable && s->to[i] != s->items[i].from)
			moves[choice->nr_moves++] = (struct cpu_move){(uint32_t)i,
			                                              view->vcpus[i].on, s->to[i]};
}

/* Search, and act on what was found unless it is not worth it. */
static enum verdict find_moves(const struct cpu_policy *policy, const struct cpu_view *view,
                               bool gross, enum cpu_why why, struct cpu_plan_state *state,
                               struct place_scratch *s, struct cpu_move *moves,
                               struct cpu_choice *choice)
{
	struct place_result found;
	bool overloads;

	if (is_paused(policy, state, choice)) {
		choice->predicted_pm = state->paused_best_pm;
		return hold(choice, state->paused_why);
	}
	if (!set_problem(policy, view, true, s))
		return refuse(state, choice, WHY_NONE_MOVABLE);
	if (!gross && !set_problem(policy, view, false, s))
		return hold(choice, WHY_RESTING);
	search(policy, view, gross, state, s, &found);
	choice->predicted_pm = found.spread_pm;
	choice->exact = found.fewest;
	overloads = found.highest_pm > FULL_PM && !found.within;
	if (why == WHY_PLACE &&
	    (overloads || found.spread_pm > fmax(policy->balance_pm, choice->spread_pm)))
		return refuse(state, choice, WHY_KERNEL);
	if (why == WHY_SPREAD && !pays(policy, choice))
		return refuse(state, choice, WHY_NOT_BETTER);
	list_moves(view, s, moves, choice);
	if (!choice->nr_moves)
		return refuse(state, choice, WHY_NOT_BETTER);
	state->last_pause = state->pause = 0;
	state->since_act = 0;
	state->out_of_band = 0;
	state->predicted_pm = found.spread_pm;
	state->prediction_open = true;
	choice->why = why;
	return VERDICT_ACT;
}

/* How many floating vCPUs wait for a place; *ready: all of them have been seen long enough. */
static size_t count_pending(const struct cpu_policy *policy, const struct cpu_view *view,
                            bool *ready)
{
	size_t i, n = 0;

	*ready = true;
	for (i = 0; i < view->nr_vcpus; i++) {
		if (!is_pending(policy, &view->vcpus[i]))
			continue;
		n++;
		*ready &= view->vcpus[i].samples >= PLACE_SAMPLES;
	}
	return n;
}

static enum verdict quiet(struct cpu_plan_state *state, struct cpu_choice *choice, enum cpu_why why)
{
	state->out_of_band = 0;
	state->last_pause = state->pause = 0;
	if (++state->in_band >= FORGIVE_TICKS && state->back_off) {
		state->back_off--;
		state->in_band = 0;
	}
	choice->why = why;
	return VERDICT_QUIET;
}

static bool any_loaded(const struct cpu_policy *policy, const struct cpu_view *view, bool *seen)
{
	bool loaded = false;
	size_t i;

	*seen = !view->nr_vcpus;
	for (i = 0; i < view->nr_vcpus; i++) {
		*seen |= view->vcpus[i].samples > 0;
		loaded |= is_loaded(policy, &view->vcpus[i]);
	}
	return loaded;
}

static enum verdict decide(const struct cpu_policy *policy, const struct cpu_view *view,
                           struct cpu_plan_state *state, struct place_scratch *s,
                           struct cpu_move *moves, struct cpu_choice *choice)
{
	double beyond;
	bool loaded, seen, ready, gross;
	size_t pending;

	loaded = any_loaded(policy, view, &seen);
	if (!seen) {
		choice->why = WHY_NO_SAMPLES;
		return VERDICT_WATCH;
	}
	if (!loaded)
		return quiet(state, choice, WHY_NO_LOAD);
	if (view->nr_pcpus < 2)
		return quiet(state, choice, WHY_ONE_PCPU);
	cpu_plan_loads(policy, view, s->load_pm);
	choice->spread_pm = spread_of(s->load_pm, view->nr_pcpus);
	choice->noise_pm = spread_error(policy, view);
	judge_prediction(policy, state, choice);
	beyond = choice->spread_pm - SURE_ERRORS * choice->noise_pm;
	gross = (any_guessed(view) ? choice->spread_pm : beyond) > GROSS * policy->balance_pm;
	pending = count_pending(policy, view, &ready);
	if (pending && ready)
		return find_moves(policy, view, gross, WHY_PLACE, state, s, moves, choice);
	if (beyond <= policy->balance_pm && !gross)
		return quiet(state, choice, WHY_IN_BAND);
	state->in_band = 0;
	choice->count = ++state->out_of_band;
	choice->needed = (gross && !pending ? 1u : CONFIRM_TICKS) << state->back_off;
	if (choice->count < choice->needed)
		return hold(choice, WHY_CONFIRMING);
	return find_moves(policy, view, gross, WHY_SPREAD, state, s, moves, choice);
}

void cpu_plan(const struct cpu_policy *policy, const struct cpu_view *view,
              struct cpu_plan_state *state, struct place_scratch *scratch, struct cpu_move *moves,
              struct cpu_choice *choice)
{
	*choice = (struct cpu_choice){.spread_pm = -1, .noise_pm = -1, .predicted_pm = -1};
	state->since_act++;
	choice->verdict = decide(policy, view, state, scratch, moves, choice);
}
