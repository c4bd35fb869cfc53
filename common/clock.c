/* clock - the steady clock, and the deadlines of a loop that never drifts */
#include "common/clock.h"

#include <time.h>

static uint64_t read_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
	return read_ns(CLOCK_REALTIME);
}

uint64_t clock_self_cpu_ns(void)
{
	return read_ns(CLOCK_PROCESS_CPUTIME_ID);
}

void ticker_init(struct ticker *t, uint64_t now_ns, uint64_t interval_ns)
{
	*t = (struct ticker){.start_ns = now_ns, .interval_ns = interval_ns};
}

uint64_t ticker_next(struct ticker *t, uint64_t now_ns)
{
	t->number = (now_ns - t->start_ns) / t->interval_ns + 1;
	return t->start_ns + t->number * t->interval_ns;
}

int ticker_gap(const struct ticker *t, uint64_t before_ns, uint64_t now_ns)
{
	return now_ns - before_ns > 3 * t->interval_ns;
}
