/* changes - metrics of the pin changes that a run made */
#include "analyze/changes.h"

#include <math.h>
#include <stdlib.h>

static bool within(const struct series *s, const struct trace_action_row *row, struct window w)
{
	double t_s = series_time_s(s, row->mono_ns);

	return t_s >= w.from_s && t_s <= w.to_s;
}

double changes_count(const struct series *s, const struct settling *x, struct window w)
{
	double changes = 0;
	size_t i;

	for (i = 0; i < s->nr_actions; i++)
		changes += metric_is_change(series_action(s, i)) &&
		           within(s, series_action(s, i), w);
	return changes;
}

/* What is remembered of the last change of a vCPU. */
struct change {
	bool is;
	uint64_t mono_ns, tick_number;
	struct cpuset from;
};

/* A change of a vCPU that was changed before, with that change. */
typedef int (*again_fn)(const struct series *s, const struct change *before,
                        const struct trace_action_row *now, long vcpu, void *with);

static int each_again(const struct series *s, struct window w, again_fn again, void *with)
{
	struct change *last = calloc(s->nr_vcpus + 1, sizeof(*last));
	const struct trace_action_row *now;
	int r = last ? 0 : -ENOMEM;
	size_t i;
	long at;

	for (i = 0; r == 0 && i < s->nr_actions; i++) {
		now = series_action(s, i);
		at = metric_is_change(now) ? series_vcpu_of(s, &now->action) : -1;
		if (at < 0)
			continue;
		if (last[at].is && within(s, now, w))
			r = again(s, &last[at], now, at, with);
		last[at] = (struct change){true, now->mono_ns, now->tick_number, now->action.from};
	}
	free(last);
	return r;
}

static int count_reversal(const struct series *s, const struct change *before,
                          const struct trace_action_row *now, long vcpu, void *with)
{
	double *reversals = with;

	*reversals += cpuset_equal(&before->from, &now->action.to) &&
	              now->tick_number - before->tick_number <= REVERSAL_TICKS;
	return 0;
}

double changes_reversed(const struct series *s, const struct settling *x, struct window w)
{
	double found = 0;

	return each_again(s, w, count_reversal, &found) < 0 ? NAN : found;
}

static int add_dwell(const struct series *s, const struct change *before,
                     const struct trace_action_row *now, long vcpu, void *with)
{
	double since_s = series_time_s(s, before->mono_ns), t_s = series_time_s(s, now->mono_ns);

	return observations_add(with,
	                        (struct observation){t_s, 1, t_s - since_s, (int32_t)vcpu, true});
}

int changes_dwell(const struct series *s, const struct settling *x, struct window w,
                  struct observations *out)
{
	return each_again(s, w, add_dwell, out);
}
