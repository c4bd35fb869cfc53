/* cpu_steps - whether the loads are others than they were, for good and not by our own moves */
#include "balancer/cpu_steps.h"

#include <math.h>

/*
 * After a move two readings are of the new placement in full, and the first odd one has been told from a step. Levels are
 * means of up to SMOOTH_MEMORY readings, and drift as long to where they belong.
 */
#define STEPS_AFTER 10
#define NOTE_AFTER  (STEPS_AFTER + SMOOTH_MEMORY)

/*
 * Where a vCPU has all of a pCPU its readings hardly scatter, and a single low one is beyond doubt: seven of 70 % with 20 % of
 * noise on the threads of four cores "stepped" every few minutes, and were moved 67 times in an hour.
 */
#define STAYS_TICKS 20

#define STEP_ERRORS 4.0

void cpu_steps_begin(const struct cpu_estimate *est, struct cpu_step *step, double before_pm)
{
	if (!step->ticks && est->since_moved >= STEPS_AFTER)
		*step = (struct cpu_step){before_pm, 1};
}

static bool has_stayed(struct cpu_step *step, double now_pm)
{
	bool stays = fabs(now_pm - step->before_pm) > CPU_STEP_PM;

	if (!step->ticks)
		return false;
	if (!stays) {
		step->ticks = 0;
		return false;
	}
	if (++step->ticks <= STAYS_TICKS)
		return false;
	step->ticks = 0;
	return true;
}

static bool is_far(double now_pm, double noted_pm, double errors_pm)
{
	return fabs(now_pm - noted_pm) > fmax(CPU_STEP_PM, STEP_ERRORS * errors_pm);
}

static void note_loads(struct cpu_estimate *est)
{
	size_t i;

	for (i = 0; i < est->nr_vcpus; i++) {
		est->vcpus[i].noted_pm = est->view.vcpus[i].load_pm;
		est->vcpus[i].noted_error_pm = est->view.vcpus[i].error_pm;
	}
	for (i = 0; i < est->nr_pcpus; i++)
		est->pcpus[i].noted_pm = est->view.pcpus[i].other_pm;
}

/* Little by little: what was no step from one reading to the next. */
static bool have_drifted(const struct cpu_estimate *est)
{
	bool drifted = false;
	size_t i;

	for (i = 0; i < est->nr_vcpus; i++)
		drifted |= !est->view.vcpus[i].squeezed &&
		           is_far(est->view.vcpus[i].load_pm, est->vcpus[i].noted_pm,
		                  est->view.vcpus[i].error_pm + est->vcpus[i].noted_error_pm);
	for (i = 0; i < est->nr_pcpus; i++)
		drifted |= is_far(est->view.pcpus[i].other_pm, est->pcpus[i].noted_pm,
		                  est->view.pcpus[i].other_error_pm);
	return drifted;
}

bool cpu_steps(struct cpu_estimate *est)
{
	bool stepped = est->others;
	size_t i;

	est->since_moved++;
	est->others = false;
	for (i = 0; i < est->nr_vcpus; i++)
		stepped |= has_stayed(&est->vcpus[i].step, est->view.vcpus[i].load_pm);
	for (i = 0; i < est->nr_pcpus; i++)
		stepped |= has_stayed(&est->pcpus[i].step, est->view.pcpus[i].other_pm);
	if (est->since_moved > NOTE_AFTER && have_drifted(est))
		est->far_ticks++;
	else
		est->far_ticks = 0;
	stepped |= est->far_ticks > STAYS_TICKS;
	if (est->since_moved == NOTE_AFTER || stepped)
		note_loads(est);
	return stepped;
}
