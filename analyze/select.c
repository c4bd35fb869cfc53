/* select - what of a trace to look at */
#include "analyze/select.h"

#include <fnmatch.h>
#include <string.h>

bool select_is_balancer(const struct trace_run_row *run)
{
	static const char *const balancers[] = {"vmb-cpu", "vmb-mem"};
	size_t i;

	for (i = 0; i < sizeof(balancers) / sizeof(balancers[0]); i++)
		if (!strcmp(run->program, balancers[i]))
			return true;
	return false;
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

size_t select_guests(struct series *s, const char *pattern)
{
	size_t matching = 0, i;

	for (i = 0; i < s->nr_guests; i++) {
		s->guests[i].left_out = fnmatch(pattern, s->guests[i].name, 0) != 0;
		matching += !s->guests[i].left_out;
	}
	return matching;
}

void select_observations(const struct metric *m, const struct series *s, struct observations *o)
{
	size_t i, n = 0, guest;

	if (m->subject != SUBJECT_GUEST && m->subject != SUBJECT_VCPU)
		return;
	for (i = 0; i < o->nr; i++) {
		guest = (size_t)o->at[i].subject;
		if (m->subject == SUBJECT_VCPU)
			guest = s->vcpus[guest].guest;
		if (!s->guests[guest].left_out)
			o->at[n++] = o->at[i];
	}
	o->nr = n;
}
