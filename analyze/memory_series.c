/* memory_series - the memory of a guest over the ticks of a run, and what a plan wanted of it */
#include "analyze/memory_series.h"

#include <math.h>

#define KIB_PER_MIB 1024.0

void memory_series_init(struct memory_series *m)
{
	m->has_balloon = true;
	m->seen_s = m->reported_s = NAN;
}

void memory_series_done(struct memory_series *m)
{
	struct column *columns[] = {&m->actual, &m->rss,    &m->used,
	                            &m->unused, &m->usable, &m->target};
	struct steps *steps[] = {&m->age_s, &m->maximum, &m->low,      &m->high,
	                         &m->floor, &m->state,   &m->presence, &m->restarts};
	size_t i;

	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		column_done(columns[i]);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		steps_done(steps[i]);
}

static double mib(uint64_t kib)
{
	return kib == UNKNOWN ? NAN : (double)kib / KIB_PER_MIB;
}

static enum guest_presence presence_of(const struct sample_guest *guest)
{
	switch (guest->state) {
	case GUEST_RUNNING:
		return GUEST_RUNS;
	case GUEST_CRASHED:
		return GUEST_HAS_CRASHED;
	default:
		return GUEST_STANDS_STILL;
	}
}

/* Another instance is another start; so is a reboot in the same one, which only a connection that listens can count. */
static void count_restarts(struct memory_series *m, const struct sample_guest *guest)
{
	if (guest->instance != m->instance)
		m->nr_restarts++;
	else if (guest->reboots > m->reboots)
		m->nr_restarts += guest->reboots - m->reboots;
	else
		return;
	m->is_reporting = false;
}

/*
 * Whether what the guest has told is of now: its time stamp has advanced. That of the first tick may be of any time. Where the host
 * gives none, it is taken to be of now.
 */
static bool is_fresh(struct memory_series *m, double t_s, const struct guest_memory *now)
{
	double period_s = now->period_s != UNKNOWN && now->period_s > 1 ? (double)now->period_s : 1;
	bool advanced = now->updated_s && now->updated_s != m->updated_s;

	if (advanced || now->updated_s == UNKNOWN) {
		m->is_reporting = true;
		m->reported_s = t_s;
	}
	m->updated_s = now->updated_s;
	return m->is_reporting && t_s - m->reported_s <= MEMORY_FRESH_PERIODS * period_s;
}

static bool makes_sense(const struct guest_memory *now)
{
	return now->available_kib != UNKNOWN && now->available_kib &&
	       (now->maximum_kib == UNKNOWN || now->available_kib <= now->maximum_kib) &&
	       (now->usable_kib == UNKNOWN || now->usable_kib <= now->available_kib) &&
	       (now->unused_kib == UNKNOWN || now->unused_kib <= now->available_kib);
}

/* A column begins with its first known value, so that what was never told takes no room. */
static int column_put(struct column *c, size_t tick, double value)
{
	return !c->nr && isnan(value) ? 0 : column_set(c, tick, value);
}

static int add_report(struct memory_series *m, size_t tick, double t_s,
                      const struct guest_memory *now)
{
	bool told = now->actual_kib !=
	            UNKNOWN; /* else the statistics came too late for this tick */
	bool good = told && is_fresh(m, t_s, now) && makes_sense(now);
	double usable = good ? mib(now->usable_kib) : (double)NAN;

	if (column_put(&m->usable, tick, usable) < 0 ||
	    column_put(&m->unused, tick, good ? mib(now->unused_kib) : (double)NAN) < 0 ||
	    column_put(&m->used, tick, mib(now->available_kib) - usable) < 0)
		return -ENOMEM;
	if (!memory_series_known(m))
		return 0;
	return steps_set(&m->age_s, tick, t_s - (m->is_reporting ? m->reported_s : m->seen_s));
}

int memory_series_add(struct memory_series *m, size_t tick, double t_s,
                      const struct sample_guest *guest, const struct guest_plan *plan)
{
	const struct guest_memory *now = &guest->memory;

	if (isnan(m->seen_s)) {
		m->seen_s = t_s;
		m->updated_s = now->updated_s == UNKNOWN ? 0 : now->updated_s;
	} else {
		count_restarts(m, guest);
	}
	m->instance = guest->instance;
	m->reboots = guest->reboots;
	if (guest->balloon != BALLOON_UNKNOWN)
		m->has_balloon = guest->balloon == BALLOON_READY;
	if (steps_set(&m->presence, tick, presence_of(guest)) < 0 ||
	    steps_set(&m->restarts, tick, m->nr_restarts) < 0 ||
	    column_put(&m->actual, tick, mib(now->actual_kib)) < 0 ||
	    column_put(&m->rss, tick, mib(now->rss_kib)) < 0 ||
	    steps_set(&m->maximum, tick, mib(now->maximum_kib)) < 0 ||
	    steps_set(&m->low, tick, plan ? mib(plan->low_kib) : (double)NAN) < 0 ||
	    steps_set(&m->high, tick, plan ? mib(plan->high_kib) : (double)NAN) < 0 ||
	    steps_set(&m->floor, tick, plan ? mib(plan->floor_kib) : (double)NAN) < 0 ||
	    steps_set(&m->state, tick, plan ? plan->state : (double)NAN) < 0 ||
	    column_put(&m->target, tick, plan ? mib(plan->target_kib) : (double)NAN) < 0)
		return -ENOMEM;
	return add_report(m, tick, t_s, now);
}

int memory_series_miss(struct memory_series *m, size_t tick)
{
	if (steps_set(&m->presence, tick, GUEST_IS_GONE) < 0)
		return -ENOMEM;
	m->is_reporting = false;
	return steps_set(&m->age_s, tick, NAN);
}

bool memory_series_known(const struct memory_series *m)
{
	return m->actual.nr > 0;
}
