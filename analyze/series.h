/* series - one run of a trace, turned from counters into rates in a single pass over its ticks */
#ifndef VMB_ANALYZE_SERIES_H
#define VMB_ANALYZE_SERIES_H

#include "analyze/column.h"
#include "analyze/memory_series.h"
#include "traces/trace_read.h"

/*
 * A vCPU that runs less than this is idle: libvirt counts CPU time in steps of 10 ms, which are 1 % at an
 * interval of 1 s, and an idle guest's own clock ticks and daemons take 1 to 3 %.
 */
#define BUSY_PCT 5.0

/*
 * One tick. Times are those of the middle of a reading, since that of the first tick.
 * Rates of a tick are taken over dt_s, back to the tick before. Memory is that at the end of it; NAN where it is not known.
 */
struct series_tick {
	double t_s;
	float dt_s;        /* NAN in the first tick and after a gap of more than three intervals */
	float collect_ms;  /* time that the reading took */
	float decide_us;   /* time that the plan took; NAN for a recorder that does not decide */
	float self_cpu_ms; /* CPU time of the recorder since the tick before; NAN in the first */
	float load_pct;    /* run % of all vCPUs that run at least BUSY_PCT; NAN where dt_s is */
	float others_pct;  /* of all pCPU time: neither idle nor vCPUs'; NAN where not known */
	bool pcpus_known;  /* each pCPU that was usable throughout dt_s has its busy_pct */
	uint8_t verdict;   /* enum verdict of decision.h; VERDICT_QUIET where none was recorded */
	uint32_t missed;   /* deadlines between the tick before and this one that have no tick */
	uint32_t nr_vcpus; /* of running guests */
	uint32_t nr_pcpus; /* that guests may use */
	float available_mib;                    /* of the host; see series.available_is_guess */
	float reserve_mib, pool_mib, spare_mib; /* of a plan of memory */
	uint64_t number;
};

/* The counters of a pCPU (busy, idle) or vCPU (run, delay) when it was last seen: series.c's own. */
struct counters {
	size_t tick; /* SIZE_MAX: never */
	uint32_t instance;
	uint64_t first, second;
};

/*
 * busy_pct: (user + kernel) / (user + kernel + iowait + idle), in 0..100. Known only where the pCPU was usable
 * in this tick and the one before, and no counter went backwards: others do not count for the balance.
 */
struct series_pcpu {
	uint32_t pcpu;
	struct column busy_pct;
	struct counters before;
};

struct series_guest {
	uint8_t uuid[UUID_BYTES];
	char name[GUEST_NAME]; /* as written by its owner: escape before printing */
	size_t nr_vcpus;       /* that were ever seen */
	bool user_pins;        /* its persistent configuration has pins, at some time of the run */
	bool left_out;         /* of what is told guest by guest: select_guests() */
	unsigned share;        /* what it weighs: settings_share() */
	struct memory_series memory;
	size_t last; /* the last tick in which it was there: series.c's own */
};

/*
 * A vCPU, the same one over restarts of its guest. A column has a value in the ticks in which the vCPU was there:
 *   run_pct    CPU time / dt; NAN in its first tick, after a restart, where counters went backwards
 *   delay_pct  time it waited for a pCPU / dt; NAN as above, and where the host did not tell in time
 *   pinned     the pCPU that it may run on, -1 when that is more than one
 *   ran_on     where it last ran, -1 when not known
 */
struct series_vcpu {
	size_t guest;
	uint32_t number;
	struct column run_pct, delay_pct, pinned, ran_on;
	bool has_limit;      /* when it was first seen it might run on several pCPUs, not on all: */
	struct cpuset limit; /* on these */
	struct counters before;
};

struct series {
	struct trace_run_row run;
	uint64_t
	        origin_ns; /* CLOCK_MONOTONIC of t_s 0: its first tick or that of a run beside it; UNKNOWN before */
	double from_s, to_s; /* what of the run there is: -INFINITY and INFINITY: all */
	uint64_t missed;     /* deadlines without a tick, all of the run */
	uint64_t gaps;       /* times that more than three intervals lay between two ticks */
	uint64_t rebased; /* rates left out because a counter went backwards or a guest restarted */
	size_t verdicts[VERDICTS];
	bool available_is_guess; /* MemAvailable was not told: it is what is free and half of the cache */

	struct spool *ticks;       /* struct series_tick: see series_tick() */
	struct series_pcpu *pcpus; /* in order of number */
	struct series_guest *guests;
	struct series_vcpu *vcpus; /* in order of appearance */
	size_t nr_ticks, nr_pcpus, nr_guests, nr_vcpus;

	struct spool *actions; /* struct trace_action_row: see series_action() */
	struct trace_stat_row *stats;
	struct trace_event_row *events;
	size_t nr_actions, nr_stats, nr_events;

	char note[256];      /* what of the trace could not be read; empty: nothing is missing */
	uint64_t file_bytes; /* size of the trace and ticks of all its runs; 0 when not known */
	uint64_t file_ticks;

	struct series_index *index; /* what series.c remembers from tick to tick */
};

/*
 * Start a series for a run, to be filled by series_add() with its ticks in order. Returns 0 or -ENOMEM;
 * series_done() is needed in both cases.
 */
int series_init(struct series *s, const struct trace_run_row *run, struct error *e);
void series_done(struct series *s);

/*
 * Append one tick. Returns 0, an error of spool_add(), or -EBADMSG when its time or number is not after that of the tick
 * before; the sentence names the tick.
 */
int series_add(struct series *s, const struct trace_tick_row *row, struct error *e);

/*
 * Read a run with its actions, stats and events. Errors as of the reader; a damaged trace's sentence says how far it
 * could be read. series_done() is needed in both cases.
 */
int series_read(struct series *s, struct trace_reader *r, const struct trace_run_row *run,
                struct error *e);

/*
 * The same of the ticks, actions and events from from_s to to_s, both inclusive, as if the recorder had been started and
 * stopped there (the first of the ticks has no rates), but with times since origin_ns (CLOCK_MONOTONIC); UNKNOWN: since the first tick of
 * the run.
 */
int series_read_part(struct series *s, struct trace_reader *r, const struct trace_run_row *run,
                     uint64_t origin_ns, double from_s, double to_s, struct error *e);

/* A tick below nr_ticks. */
static inline struct series_tick series_tick(const struct series *s, size_t tick)
{
	return *(const struct series_tick *)spool_at(s->ticks, tick);
}

/* An action below nr_actions; it is good until the next one of this series is asked for. */
static inline const struct trace_action_row *series_action(const struct series *s, size_t i)
{
	return spool_at(s->actions, i);
}

/* How many pCPUs guests might use in the last tick; 0 without one. */
unsigned series_nr_pcpus(const struct series *s);

/* From the first tick that was read to the last. */
double series_seconds(const struct series *s);

/* The moment of an action or event, in seconds since the first tick; negative before it. */
double series_time_s(const struct series *s, uint64_t mono_ns);

/* True for a moment within the part of the run that was read. */
bool series_has(const struct series *s, uint64_t mono_ns);

/* The place in pcpus of the pCPU with this number, -1 when no tick has seen it. */
long series_pcpu_of(const struct series *s, double pcpu);

/* The guest of an action, -1 when no tick has seen it. */
long series_guest_of(const struct series *s, const struct action *a);

/* The vCPU of an action, -1 when no tick has seen it. */
long series_vcpu_of(const struct series *s, const struct action *a);

#define SUBJECT_TEXT (GUEST_NAME + 16)

/* "web2" for the only vCPU of a guest, else "web2/3". Not escaped. Returns text. */
char *series_vcpu_name(const struct series *s, size_t vcpu, char text[SUBJECT_TEXT]);

#endif
