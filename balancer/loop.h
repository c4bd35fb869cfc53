/* loop - what the loops of both balancers hold: the host, the lock, the journal, the last sample and decision */
#ifndef VMB_BALANCER_LOOP_H
#define VMB_BALANCER_LOOP_H

#include "balancer/instance.h"
#include "balancer/journal.h"
#include "collector/host.h"
#include "common/options.h"
#include "common/parse.h"
#include "common/word.h"

/* What the command lines of both have in common. */
struct loop_options {
	uint64_t interval_ns;
	const char *uri;
	const char *trace;
	struct size trace_limit; /* 0: none */
	const char *label;
	uint64_t duration_ns; /* 0: until interrupted */
	bool dry_run, keep, restore, verbose;
	struct texts only, exclude;
	char arguments[1024];         /* as typed, for the trace */
	char settings[SETTINGS_TEXT]; /* the policy in force and whom it is for, for the trace */
};

/* The rows of a command's table for what loop_options holds; `subject` is what is changed: "pins". */
#define LOOP_ROWS_SCOPE(o)                                          \
	OPTION_ROW_CONNECT(&(o)->uri), OPTION_ROW_ONLY(&(o)->only), \
	        OPTION_ROW_EXCLUDE(&(o)->exclude)
#define LOOP_ROWS_HOW(o, subject)                                                                 \
	{OPTION_FLAG,                                                                             \
	 'n',                                                                                     \
	 "dry-run",                                                                               \
	 NULL,                                                                                    \
	 &(o)->dry_run,                                                                           \
	 0,                                                                                       \
	 0,                                                                                       \
	 "change nothing, over a read-only connection; say what would be done"},                  \
	        OPTION_ROW_DURATION(&(o)->duration_ns),                                           \
	        {OPTION_FLAG, 0, "keep", NULL,                                                    \
	         &(o)->keep,  0, 0,      "leave the " subject " as they are at the end"},         \
	{                                                                                         \
		OPTION_FLAG, 0, "restore", NULL, &(o)->restore, 0, 0,                             \
		        "put back all " subject " that a killed or --keep run has left, and exit" \
	}
#define LOOP_ROWS_TELL(o)                                                                       \
	OPTION_ROW_TRACE(&(o)->trace), OPTION_ROW_TRACE_LIMIT(&(o)->trace_limit),               \
	        OPTION_ROW_LABEL(&(o)->label),                                                  \
	{                                                                                       \
		OPTION_FLAG, 'v', "verbose", NULL, &(o)->verbose, 0, 0, "a line for every tick" \
	}

/* Read a command line whose table has these rows, the interval included; mistakes end the program. */
void loop_options_or_exit(const struct command *c, int argc, char **argv, struct loop_options *o);

/* Whether --only and --exclude leave this guest to the balancer. */
bool loop_options_choose(const struct loop_options *o, const struct sample_guest *guest);

/* Add --only and --exclude to the settings, as analyze/settings.h reads them. False: no room. */
bool loop_options_record(struct loop_options *o);

/* Something that a loop has to say that is no action: in the trace an event, and without a kind on the terminal too. */
#define LOOP_NEWS_MAX 16
struct loop_news {
	const char *kind;
	char text[2 * REASON_TEXT];
};

struct loop {
	const struct loop_options *options;
	struct host *host;
	struct host_facts facts;
	struct instance instance;
	struct journal *journal; /* NULL in a dry run */
	struct sample sample;
	struct decision decision; /* of the last tick */
	size_t nr_put_back;       /* of its actions, at the end, by the last attempt to put back */
	size_t nr_rising; /* guests of the sample whose balloon is still on its way back: their notes stay */
	struct loop_news news[LOOP_NEWS_MAX]; /* of the last tick */
	size_t nr_news;
	unsigned trace_files; /* that have been recorded to: trace_files() */
	uint64_t decide_ns;   /* how long deciding took */
	uint64_t act_ns;      /* when acting began, on the host's clock */
	uint64_t patience_ns; /* for each call that enters a guest's monitor */
};

/*
 * Connect to the host (read-only for a dry run), become its one balancer of this kind ("cpu"), open the journal.
 * Nothing is touched yet. loop_close() is due after an error too.
 */
int loop_open(struct loop *l, const char *kind, const struct loop_options *o, struct error *e);
void loop_close(struct loop *l);

/* No sample for more than three intervals: l->decision says that nothing is decided. */
void loop_rebase(struct loop *l);

/* l->decision says that nothing is decided, and why: what it said of another sample is no matter. */
void loop_decide_nothing(struct loop *l, enum verdict verdict, const char *reason);

/*
 * See to it that lock and journal are where others look for them. 0; -EBUSY when another one has taken this one's place: nothing may
 * be done then, nor put back; other errors: what would have to be noted cannot be done (apply_actions()).
 */
int loop_stay(struct loop *l, struct error *e);

/* Apply l->decision, or say what a dry run would do. As apply_actions(). */
int loop_act(struct loop *l, struct error *e);

/* Add to l->news; false when it does not fit and is dropped. loop_record(): for the trace alone. */
bool loop_tell(struct loop *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool loop_record(struct loop *l, const char *kind, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Whether there are changes that nobody wanted kept: this run's, or what one that was killed has left. */
bool loop_owes(const struct loop *l);

/* One attempt: carry out actions that put back, and add them to l->decision for showing and recording. 0 or -ENOMEM. */
int loop_put_back(struct loop *l, struct action *actions, size_t nr, struct error *e);

/*
 * The end of putting back: remove the journal, unless an action of the last attempt did not put back what it should have, a guest
 * that runs could not be read (in l->sample), or an order of one may come yet: what its lines tell may still be due. `program` and
 * `subject` ("pins") are for the sentence. Returns 0, -EAGAIN, or an error of the journal.
 */
int loop_settle(struct loop *l, const char *program, const char *subject, struct error *e);

#endif
