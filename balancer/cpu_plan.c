/* cpu_plan - whether to move vCPUs at all: band, confirmation, refusal, back-off */
#include "balancer/cpu_plan.h"

#include <math.h>

#include "balancer/cpu_plan_goal.h"
#include "balancer/cpu_plan_placing.h"

/*
 * balance: the pass mark of the cases (tests/cases). idle: a Linux guest that does nothing shows 0-3 %. dwell: three intervals, so that a
 * move is judged by full intervals before its vCPU moves again. inner_band: noise round the goal stays within the limit.
 * confirm: a load that differs for one interval moves nothing; with 3, a step is answered too late for the third sample after
 * it (cpu-7: 11 of 36 runs held, with 2 34 of 36). await_doubted: of cpu-7 with 20 % of noise on 16 pCPUs at half a second 10
 * of 10 runs hold, without it 1. by_means: one of eight guests of 16 % on 2 pCPUs wants 62 % for 1 to 8 s every 30 to 400 s (30
 * runs of an hour): 2 to 16 changes, and at last out of the limit for as long as it wants more; without it 25 end out of the
 * limit for good. efforts_most: 15 guests on 6 pCPUs, of which one wants 20 and 40 % in turn, where 5.5 and 6.8 points are the
 * best: 17 changes an hour, without it 132. least gain: half a point, and a fifth of what there is. back_off_most: 2 ticks to
 * confirm become 64. search_nodes: of 10,000 random hosts of 2-8 pCPUs and 2-24 vCPUs every one ends within the limit that can
 * (60,000 miss one in 5,000), in 0.4 ms of search on average.
 */
const struct cpu_policy cpu_policy_default = {
        .balance_pm = 50,
        .dwell_ticks = 3,
        .idle_pm = 40,
        .laws =
                {
                        .inner_band = 0.5,
                        .confirm_ticks = 2,
                        .least_gain_pm = 5,
                        .least_gain_part = 0.2,
                        .back_off_most = 5,
                        .pause_most = 64,
                        .await_doubted = true,
                        .end_tries = true,
                        .by_means = true,
                        .efforts_most = 3,
                        .ask_kernel = true,
                        .tidy = true,
                        .search_nodes = 200000,
                },
};

/* The spread is believed to be beyond the limit when it is so by this many of its standard errors. */
#define SURE_ERRORS 2.0

/* A spread this part of the limit away from the predicted, or from the last refused one, is another one. */
#define OTHER_PART 0.5

/* From twice the limit on an imbalance is gross: it needs no confirmation and no rest. */
#define GROSS 2.0

/* Floating vCPUs are placed by two readings at least: one has the 10 ms step of CPU times in full. */
#define PLACE_SAMPLES 2

/* Where no placement is within the limit, a change also pays that takes so much off the fullest pCPU. */
#define LEAST_FALL_PART 0.05

/*
 * So many acts may go into evening out one set of loads: a first one by guesses, a second that knows, one for what readings
 * hid. Then, by what loads are on average, it is tried again after 32 ticks, and from then on every 4,096: where no placement
 * is within the limit, each makes loads look a little different (siblings slow each other down, full pCPUs hide what is
 * wanted), and another a little better.
 */
#define FREE_TRIES 3
static const unsigned tried_ticks[] = {32, 4096};

/* So long the kernel has to leave floating vCPUs beyond the limit before they are pinned for less than the limit. */
#define LASTING_TICKS 64

/* For so long without an act, and within the limit at the end, one is forgotten: slow drifts are answered, though not at once. */
#define TRY_TICKS 1800

#define FORGIVE_TICKS 60 /* in the band for so long takes one step of back-off away */

static bool is_pending(const struct cpu_policy *policy, const struct view_vcpu *v)
{
	return v->managed && v->on == VIEW_FLOATS && goal_is_loaded(policy, v);
}

static bool any_loaded_floats(const struct cpu_policy *policy, const struct cpu_view *view)
{
	size_t i;

	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].on == VIEW_FLOATS && goal_is_loaded(policy, &view->vcpus[i]))
			return true;
	return false;
}

/*
 * While loaded vCPUs float, nobody but the kernel knows where they run: what was measured counts, unless the vCPUs
 * that are pinned to a pCPU want more than it has, which it cannot show.
 */
void cpu_plan_loads(const struct cpu_policy *policy, const struct cpu_view *view, double *loads)
{
	bool measured = any_loaded_floats(policy, view);
	size_t i;

	for (i = 0; i < view->nr_pcpus; i++)
		loads[i] = fmax(0, view->pcpus[i].other_pm);
	for (i = 0; i < view->nr_vcpus; i++)
		if (view->vcpus[i].on >= 0)
			loads[view->vcpus[i].on] += view->vcpus[i].load_pm;
	for (i = 0; measured && i < view->nr_pcpus; i++)
		if (loads[i] <= GOAL_FULL_PM)
			loads[i] = view->pcpus[i].busy_pm;
}

/* The root mean square of the standard errors of the pCPUs' loads: each has those of its parts. */
static double load_error(const struct cpu_policy *policy, const struct cpu_view *view)
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

/*
 * Held against what came, once the moved ones have two full intervals behind them. When it rested on others making way,
 * what came is nearer to that or to their staying: a plan that hopes again and again for what does not come never ends.
 */
static void judge_prediction(const struct cpu_policy *policy, struct cpu_plan_state *state,
                             const struct cpu_choice *choice)
{
	double doubt = SURE_ERRORS * choice->noise_pm + OTHER_PART * policy->balance_pm;

	if (!state->prediction_open || state->since_act < 2)
		return;
	if (state->if_others_stay_pm > 0)
		doubt = fmin(doubt, state->if_others_stay_pm / 2);
	state->prediction_open = false;
	if (choice->spread_pm > state->predicted_pm + doubt &&
	    state->back_off < policy->laws.back_off_most)
		state->back_off++;
}

static enum verdict hold(struct cpu_choice *choice, enum cpu_why why)
{
	choice->why = why;
	return VERDICT_HOLD;
}

static double uneven_now(const struct cpu_choice *choice)
{
	return uneven_of(choice->spread_pm, choice->core_pm);
}

/* A refusal is not thought over again each tick, unless the picture changes. */
static enum verdict refuse(const struct cpu_policy *policy, struct cpu_plan_state *state,
                           struct cpu_choice *choice, enum cpu_why why)
{
	state->last_pause = state->last_pause ? 2 * state->last_pause : 1;
	if (state->last_pause > policy->laws.pause_most)
		state->last_pause = policy->laws.pause_most;
	state->pause = state->last_pause;
	state->paused_at_pm = uneven_now(choice);
	state->paused_why = why;
	state->paused_best_pm = choice->predicted_pm;
	return hold(choice, why);
}

static bool is_paused(const struct cpu_policy *policy, struct cpu_plan_state *state,
                      const struct cpu_choice *choice)
{
	if (!state->last_pause)
		return false;
	if (fabs(uneven_now(choice) - state->paused_at_pm) >
	    OTHER_PART * policy->balance_pm + SURE_ERRORS * choice->noise_pm) {
		state->pause = state->last_pause = 0;
		state->out_of_band = 1;
		return false;
	}
	if (!state->pause)
		return false;
	state->pause--;
	return true;
}

static bool gains(const struct cpu_policy *policy, double noise_pm, double now_pm, double found_pm)
{
	return now_pm - found_pm > noise_pm + policy->laws.least_gain_pm &&
	       now_pm - found_pm > policy->laws.least_gain_part * now_pm;
}

/*
 * What comes within the limit pays when it gains more than the noise. What does not must gain something worth the
 * changes: in evenness, or on the fullest pCPU.
 */
static bool pays(const struct cpu_policy *policy, const struct cpu_choice *choice,
                 const struct place_result *found)
{
	double gain = uneven_now(choice) - found->uneven_pm;
	double fall = choice->highest_pm - found->highest_pm;

	if (gain <= choice->noise_pm)
		return false;
	if (found->spread_pm <= policy->balance_pm)
		return true;
	if (fall > fmax(LEAST_FALL_PART * choice->highest_pm, SURE_ERRORS * choice->noise_pm))
		return true;
	return gains(policy, choice->noise_pm, uneven_now(choice), found->uneven_pm) ||
	       gains(policy, choice->noise_pm, choice->core_pm, found->core_pm);
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

/* What the moves gain is less than the limit, and does not keep it: a fair try, but nothing to do at each step of a load. */
static bool is_effort(const struct cpu_policy *policy, const struct cpu_choice *choice)
{
	double then = uneven_of(choice->predicted_pm, choice->predicted_core_pm);

	return choice->predicted_pm > policy->balance_pm &&
	       uneven_now(choice) - then < policy->balance_pm;
}

/* Search with the vCPUs in scope; whether there are moves, and they are worth it. */
static bool find_moves(const struct cpu_policy *policy, const struct cpu_view *view,
                       struct goal_scope scope, const struct cpu_plan_state *state,
                       struct place_scratch *s, struct cpu_move *moves, struct cpu_choice *choice)
{
	struct place_result found;
	bool overloads;

	goal_set(policy, view, scope, s);
	choice->if_others_stay_pm = goal_search(policy, view, scope, state, s, &found);
	choice->steps += found.steps;
	goal_add_floating(policy, view, s, &found);
	choice->predicted_pm = found.spread_pm;
	choice->predicted_core_pm = found.core_pm;
	choice->exact = found.fewest;
	overloads = found.highest_pm > GOAL_FULL_PM && found.spread_pm > policy->balance_pm;
	if (scope.floating && policy->laws.ask_kernel &&
	    (overloads || found.uneven_pm > fmax(policy->balance_pm, uneven_now(choice)) ||
	     (is_effort(policy, choice) && state->out_of_band < LASTING_TICKS)))
		return false;
	if ((!scope.floating || policy->leave_floating) && !pays(policy, choice, &found))
		return false;
	list_moves(view, s, moves, choice);
	return choice->nr_moves > 0;
}

static enum verdict act(const struct cpu_policy *policy, struct cpu_plan_state *state,
                        struct cpu_choice *choice, enum cpu_why why)
{
	state->last_pause = state->pause = 0;
	state->since_act = 0;
	state->out_of_band = 0;
	state->predicted_pm = choice->predicted_pm;
	state->if_others_stay_pm = choice->if_others_stay_pm;
	state->prediction_open = true;
	state->tries += why == WHY_SPREAD;
	state->efforts += is_effort(policy, choice);
	choice->why = why;
	return VERDICT_ACT;
}

/* Ticks after the last act before there may be another by the same loads. */
static unsigned next_try(const struct cpu_policy *policy, const struct cpu_plan_state *state)
{
	if (!policy->laws.end_tries || state->tries < FREE_TRIES)
		return 0;
	return tried_ticks[state->tries > FREE_TRIES];
}

/* Out of the band for long enough: move pinned vCPUs. Floating ones stay so. */
static enum verdict spread(const struct cpu_policy *policy, const struct cpu_view *view, bool gross,
                           struct cpu_plan_state *state, struct place_scratch *s,
                           struct cpu_move *moves, struct cpu_choice *choice)
{
	if (state->since_act < next_try(policy, state)) {
		choice->count = state->since_act;
		choice->needed = next_try(policy, state);
		return hold(choice, WHY_TRIED);
	}
	if (!goal_set(policy, view, (struct goal_scope){true, false}, s))
		return refuse(policy, state, choice, WHY_NONE_MOVABLE);
	if (!gross && !goal_set(policy, view, (struct goal_scope){false, false}, s))
		return hold(choice, WHY_RESTING);
	if (!find_moves(policy, view, (struct goal_scope){gross, false}, state, s, moves, choice))
		return refuse(policy, state, choice, WHY_NOT_BETTER);
	if (policy->laws.efforts_most && state->efforts >= policy->laws.efforts_most &&
	    is_effort(policy, choice)) {
		choice->nr_moves = 0;
		return refuse(policy, state, choice, WHY_NOT_BETTER);
	}
	return act(policy, state, choice, WHY_SPREAD);
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
	state->last_pause = state->pause = 0;
	state->tries -= state->tries && state->since_act % TRY_TICKS == 0;
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
		loaded |= goal_is_loaded(policy, &view->vcpus[i]);
	}
	return loaded;
}

/* While some loads step a plan would know those which are believed at once, and not the others: it takes one tick more. */
static bool any_doubted(const struct cpu_policy *policy, const struct cpu_view *view)
{
	size_t i;

	for (i = 0; i < view->nr_vcpus && policy->laws.await_doubted; i++)
		if (view->vcpus[i].doubted)
			return true;
	return false;
}

/* In how many ticks in turn an imbalance must be seen. */
static unsigned needed_ticks(const struct cpu_policy *policy, const struct cpu_view *view,
                             const struct cpu_plan_state *state, bool gross)
{
	return (gross && !any_doubted(policy, view) ? 1 : policy->laws.confirm_ticks)
	       << state->back_off;
}

static void measure(const struct cpu_policy *policy, const struct cpu_view *view,
                    struct place_scratch *s, struct cpu_choice *choice)
{
	size_t i;

	cpu_plan_loads(policy, view, s->load_pm);
	choice->spread_pm = spread_of(s->load_pm, view->nr_pcpus);
	choice->core_pm = placing_core_spread(view->spots, s->load_pm, view->nr_pcpus, s);
	choice->noise_pm = load_error(policy, view);
	for (i = 0; i < view->nr_pcpus; i++)
		choice->highest_pm = fmax(choice->highest_pm, s->load_pm[i]);
}

/*
 * The spread that is there for sure. Errors of n loads of which each has the deviation e make their spread larger, as
 * deviations add: by squares; and their chance moves it by e / sqrt(n).
 */
static double sure_spread(const struct cpu_choice *choice, size_t nr_pcpus)
{
	double squares = choice->spread_pm * choice->spread_pm -
	                 choice->noise_pm * choice->noise_pm;

	return sqrt(fmax(0, squares)) - SURE_ERRORS * choice->noise_pm / sqrt((double)nr_pcpus);
}

static enum verdict decide(const struct cpu_policy *policy, const struct cpu_view *view,
                           struct cpu_plan_state *state, struct place_scratch *s,
                           struct cpu_move *moves, struct cpu_choice *choice)
{
	struct cpu_choice kernel;
	double beyond;
	bool loaded, seen, ready, gross, outside, likely, place;
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
	measure(policy, view, s, choice);
	judge_prediction(policy, state, choice);
	state->tries = view->stepped ? 0 : state->tries;
	beyond = sure_spread(choice, view->nr_pcpus);
	gross = (goal_any_guessed(view) ? choice->spread_pm : beyond) > GROSS * policy->balance_pm;
	outside = gross || beyond > policy->balance_pm;
	/* It counts from where it is likely; to act on it, it must be sure. */
	likely = outside || choice->spread_pm > policy->balance_pm;
	state->out_of_band = likely ? state->out_of_band + 1 : 0;
	pending = count_pending(policy, view, &ready);
	place = pending && ready && (outside || !policy->leave_floating);
	if (!outside && !place)
		return quiet(state, choice, WHY_IN_BAND);
	state->in_band = outside ? 0 : state->in_band;
	choice->count = state->out_of_band;
	choice->needed = needed_ticks(policy, view, state, gross && !pending);
	if ((!place || policy->leave_floating) && choice->count < choice->needed)
		return hold(choice, WHY_CONFIRMING);
	if (is_paused(policy, state, choice)) {
		choice->predicted_pm = state->paused_best_pm;
		return hold(choice, state->paused_why);
	}
	choice->count = state->out_of_band;
	if (!place && choice->count < choice->needed)
		return hold(choice, WHY_CONFIRMING);
	if (!place)
		return spread(policy, view, gross, state, s, moves, choice);
	if (find_moves(policy, view, (struct goal_scope){gross, true}, state, s, moves, choice))
		return act(policy, state, choice, WHY_PLACE);
	kernel = *choice;
	if (choice->count >= choice->needed &&
	    spread(policy, view, gross, state, s, moves, choice) == VERDICT_ACT)
		return VERDICT_ACT;
	*choice = kernel;
	return refuse(policy, state, choice, WHY_KERNEL);
}

bool cpu_plan_tried(const struct cpu_policy *policy, const struct cpu_plan_state *state)
{
	return policy->laws.by_means && state->tries >= FREE_TRIES;
}

void cpu_plan(const struct cpu_policy *policy, const struct cpu_view *view,
              struct cpu_plan_state *state, struct place_scratch *scratch, struct cpu_move *moves,
              struct cpu_choice *choice)
{
	*choice = (struct cpu_choice){.spread_pm = -1, .noise_pm = -1, .predicted_pm = -1};
	state->since_act++;
	state->efforts -= state->efforts && ++state->effort_ticks % TRY_TICKS == 0;
	choice->verdict = decide(policy, view, state, scratch, moves, choice);
}
