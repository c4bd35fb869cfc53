/* select - what of a trace to look at */
#include "analyze/select.h"

#include <fnmatch.h>
#include <string.h>

/* Of the time of a run: what ran beside it for less says little of the same host under the same load. */
#define BESIDE_LEAST 0.5

bool select_is_balancer(const struct trace_run_row *run)
{
	static const char *const balancers[] = {"vmb-cpu", "vmb-mem"};
	size_t i;

	for (i = 0; i < sizeof(balancers) / sizeof(balancers[0]); i++)
		if (!strcmp(run->program, balancers[i]))
			return true;
	return false;
}

bool select_makes(const struct trace_run_row *run, const struct metric *m)
{
	return !strcmp(run->program, strncmp(m->id, "mem.", 4) ? "vmb-cpu" : "vmb-mem");
}

const struct trace_run_row *select_run(const struct trace_run_row *runs, size_t nr, int64_t number,
                                       struct error *e)
{
	size_t i;

	for (i = nr; i--;)
		if (number ? runs[i].run == number : select_is_balancer(&runs[i]))
			return &runs[i];
	if (!number && nr)
		return &runs[nr - 1];
	if (!nr)
		fail(e, EINVAL, "the trace has no run");
	else
		fail(e, EINVAL, "run %lld: the trace has runs %lld to %lld", (long long)number,
		     (long long)runs[0].run, (long long)runs[nr - 1].run);
	return NULL;
}

static uint64_t end_of(const struct trace_run_row *run, uint64_t start_ns, uint64_t end_ns)
{
	return run->end_mono_ns == UNKNOWN ? start_ns + run->ticks * run->interval_ns : end_ns;
}

/* How long two spans have in common; not positive when they do not touch. */
static double common_ns(uint64_t from_a, uint64_t to_a, uint64_t from_b, uint64_t to_b)
{
	uint64_t from = from_a > from_b ? from_a : from_b, to = to_a < to_b ? to_a : to_b;

	return (double)(int64_t)(to - from);
}

double select_overlap(const struct trace_run_row *run, const struct trace_run_row *other)
{
	uint64_t end = end_of(run, run->start_mono_ns, run->end_mono_ns);
	double all_ns = (double)(int64_t)(end - run->start_mono_ns), ns, wall_ns;

	ns = common_ns(run->start_mono_ns, end, other->start_mono_ns,
	               end_of(other, other->start_mono_ns, other->end_mono_ns));
	wall_ns = common_ns(run->start_wall_ns, end_of(run, run->start_wall_ns, run->end_wall_ns),
	                    other->start_wall_ns,
	                    end_of(other, other->start_wall_ns, other->end_wall_ns));
	if (strcmp(run->facts.name, other->facts.name) || ns <= 0 || wall_ns <= 0 || all_ns <= 0)
		return 0;
	return ns < all_ns ? ns / all_ns : 1;
}

const struct trace_run_row *select_beside(const struct trace_run_row *runs, size_t nr,
                                          const struct trace_run_row *run)
{
	size_t i;

	for (i = nr; select_is_balancer(run) && i--;)
		if (select_is_balancer(&runs[i]) && strcmp(runs[i].program, run->program) &&
		    select_overlap(run, &runs[i]) >= BESIDE_LEAST)
			return &runs[i];
	return NULL;
}

void select_one(struct selection *s, unsigned number)
{
	if (!number)
		return;
	s->run[0] = number;
	s->run[1] = 0;
}

size_t select_guests(struct series *s, const char *pattern)
{
	size_t matching = 0, i;

	for (i = 0; i < s->nr_guests; i++) {
		s->guests[i].left_out = fnmatch(pattern, s->guests[i].name, 0) != 0;
		matching += !s->guests[i].left_out;
	}
	return matching;
}

static bool is_of_a_guest(const struct observation *x, const void *with)
{
	const struct series *s = with;

	return !s->guests[x->subject].left_out;
}

static bool is_of_a_vcpu(const struct observation *x, const void *with)
{
	const struct series *s = with;

	return !s->guests[s->vcpus[x->subject].guest].left_out;
}

int select_observations(const struct metric *m, const struct series *s, struct observations *o)
{
	size_t i;

	for (i = 0; i < s->nr_guests && !s->guests[i].left_out;)
		i++;
	if (i == s->nr_guests)
		return 0;
	if (m->subject == SUBJECT_GUEST)
		return observations_keep(o, is_of_a_guest, s);
	return m->subject == SUBJECT_VCPU ? observations_keep(o, is_of_a_vcpu, s) : 0;
}
