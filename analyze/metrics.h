/* metrics - the table of what can be measured in a run, and the numbers it gives */
#ifndef VMB_ANALYZE_METRICS_H
#define VMB_ANALYZE_METRICS_H

#include "analyze/series.h"

enum better {
	BETTER_LOW,
	BETTER_HIGH,
	BETTER_NONE
};

/* How many observations a metric gives. */
enum dimension {
	PER_RUN,    /* one, NAN when it is not known; of guests: one for each */
	PER_TICK,   /* one a tick */
	PER_GUEST,  /* one a tick for each guest that used its vCPUs */
	PER_CHANGE, /* one for each pin change of a vCPU that was changed before */
	DIMENSIONS
};

/* What an observation is about: a place in one of the series' arrays. */
enum subject_kind {
	SUBJECT_NONE,
	SUBJECT_PCPU,
	SUBJECT_GUEST,
	SUBJECT_VCPU
};

/* What must be there for a metric to say something. */
enum {
	NEEDS_GUESTS = 1 << 0,   /* says nothing about a host without guests */
	NEEDS_LOAD = 1 << 1,     /* says nothing about an idle host */
	NEEDS_BALANCER = 1 << 2, /* applies to the one that makes such changes: select_makes() */
	NEEDS_PCPUS = 1 << 3,    /* does not apply to a host with one pCPU */
	NEEDS_STEPS = 1 << 4,    /* made of CPU times in steps of 10 ms: not finer than these */
	NEEDS_NOTHING = 1 << 5,  /* holds where there is no observation */
	NEEDS_ALL = 1 << 6,      /* one number of the whole run, whatever the window */
	NEEDS_SETTLING = 1 << 7, /* follows from when cpu.sd_pp kept its limit */
	NEEDS_QUIET = 1 << 8,    /* other work on the host spoils it: noise.h */
	IS_SUM =
	        1
	        << 9, /* per run, of guests: the run's number is the sum of theirs, else the worst */
};

struct observation {
	double t_s;    /* since the first tick */
	double weight; /* in a mean: seconds, CPU seconds, or 1 */
	double value;  /* NAN: not known */
	int32_t subject;
	bool loaded; /* there was load, see load_at() */
	bool bound;  /* proven to be this at most; what it is exactly was too much to find out */
};

/* In the order of their times, unless a trace has actions in another. Zeroed: empty. */
struct observations {
	size_t nr, skip;   /* skip: of the spool, those before the first */
	struct spool *all; /* struct observation */
	double last_s;     /* time of the last one */
	bool unordered;
};

/* Append one. 0 or -ENOMEM. */
int observations_add(struct observations *o, struct observation what);

/* One below nr. */
static inline struct observation observations_at(const struct observations *o, size_t i)
{
	return *(const struct observation *)spool_at(o->all, o->skip + i);
}

void observations_done(struct observations *o);

/* From and to, both inclusive, in seconds since the first tick. */
struct window {
	double from_s, to_s;
};

/* Keep those of a window; none can be added then. 0 or -ENOMEM. */
int observations_narrow(struct observations *o, struct window w);

/* Keep those for which a function says so. 0 or -ENOMEM. */
int observations_keep(struct observations *o,
                      bool (*is_kept)(const struct observation *x, const void *with),
                      const void *with);

/* The whole run, from before its first tick to its end. */
extern const struct window WINDOW_ALL;

struct settling;

/*
 * Identifiers never change their meaning. `decimals`: how many are worth printing. The observations come from one of
 * the three functions; *x says when the run settled:
 *   at_tick  the value in a tick, NAN when not known; names the subject in *subject where there is one
 *   of_run   the number over a window, NAN when not known
 *   observe  appends all observations of a window; 0 or -ENOMEM
 * With `words` a value is a place in that list.
 */
struct metric {
	const char *id;
	const char *unit;
	enum better better;
	int decimals;
	unsigned needs;
	enum dimension dimension;
	enum subject_kind subject;
	double (*at_tick)(const struct series *s, size_t tick, int32_t *subject);
	double (*of_run)(const struct series *s, const struct settling *x, struct window w);
	int (*observe)(const struct series *s, const struct settling *x, struct window w,
	               struct observations *out);
	const char *help;
	const char *const *words; /* ends with NULL; NULL itself: values are numbers */
};

extern const struct metric metrics[];
extern const size_t nr_metrics;
extern const char *const dimension_name[DIMENSIONS];
extern const char *const better_name[];

/* NULL when there is no metric of this name. */
const struct metric *metric_find(const char *id);

/*
 * Append the observations of a metric within a window. Those of any metric but one PER_RUN are those of the whole run, narrowed. *x says when the run settled; metrics of one tick do not ask.
 * The first tick has no rates and gives none of these. Returns 0 or -ENOMEM.
 */
int metric_observe(const struct metric *m, const struct series *s, const struct settling *x,
                   struct window w, struct observations *out);

/*
 * What observations come to. mean: by weight. p05, p50, p95: the least value that this share of the weight does not
 * exceed. worst: the farthest in the direction that is not better (largest where neither is), the first of these.
 */
struct summary {
	size_t nr;      /* known ones; all else is NAN when 0 */
	size_t unknown; /* not known ones */
	size_t bounds;  /* known ones that are bounds */
	double mean, min, p05, p50, p95, max;
	double worst, worst_s;
	int32_t worst_subject;
};

/* Of all observations; of a metric that IS_SUM, of their sum. */
struct summary metric_summarise(const struct metric *m, const struct observations *o);

/* The same without quantiles, which take eight times as long as all the rest: p05, p50 and p95 are NAN. */
struct summary metric_extremes(const struct metric *m, const struct observations *o);

/*
 * Put one observation in the place of those of the guests where the metric IS_SUM: not known when one of them is not, and about
 * the guest that has most of it. 0 or -ENOMEM.
 */
int metric_add_up(const struct metric *m, struct observations *o);

/* Of those of each subject: out[i] of subject i, below nr as all of them are. Returns 0 or -ENOMEM. */
int metric_summarise_each(const struct metric *m, const struct observations *o, size_t nr,
                          struct summary *out);

#define VALUE_TEXT 32

/* A value as people read it: "4.20" with the metric's decimals, a word, "never" for INFINITY, "-" for NAN. Returns text. */
char *metric_value(const struct metric *m, double value, char text[VALUE_TEXT]);

/* True when the action is a change of a pin that was done: not a restore, a dry run, a failure, or no change. */
bool metric_is_change(const struct trace_action_row *row);

/* What a subject is called: "pCPU 1", "web2", "web2/3"; empty for none. Not escaped. Returns text. */
char *metric_subject(const struct metric *m, const struct series *s, int32_t subject,
                     char text[SUBJECT_TEXT]);

#endif
