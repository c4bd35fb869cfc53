/* select - which of the runs in a trace to look at */
#include "analyze/select.h"

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

uint64_t select_ticks(const struct trace_run_row *runs, size_t nr)
{
	uint64_t ticks = 0;

	while (nr--)
		ticks += runs[nr].ticks;
	return ticks;
}
