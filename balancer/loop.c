/* loop - what the loops of both balancers hold: the host, the lock, the journal, the last sample and decision */
#include "balancer/loop.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "balancer/apply.h"
#include "common/clock.h"
#include "common/text.h"
#include "common/word.h"

#define LEAST_PATIENCE_NS (NS_PER_S / 4)
#define MOST_PATIENCE_NS \
	NS_PER_S /* at the end, however long the interval is: a stop takes 5 s at most */

void loop_options_or_exit(const struct command *c, int argc, char **argv, struct loop_options *o)
{
	int first;

	options_line(argc, argv, o->arguments, sizeof(o->arguments));
	first = options_or_exit(c, argc, argv);
	if (first < argc || !o->restore)
		o->interval_ns = options_interval_or_exit(c, argc, argv, first);
	options_limit_or_exit(c, o->trace, &o->trace_limit);
	/* No mistake: a service whose options say --dry-run puts back after it ended, whatever it was. */
	if (o->dry_run && o->restore)
		options_nothing_to_do(c, "a dry run changes nothing, and puts nothing back");
	if (o->dry_run && o->keep)
		options_refuse(c, "--keep with --dry-run: a dry run leaves nothing to keep");
}

bool loop_options_choose(const struct loop_options *o, const struct sample_guest *guest)
{
	if (o->only.nr && !texts_match(&o->only, guest->name))
		return false;
	return !texts_match(&o->exclude, guest->name);
}

static bool record_texts(struct loop_options *o, const char *key, const struct texts *texts)
{
	bool fits = true;
	size_t i;

	for (i = 0; i < texts->nr; i++)
		fits &= word_append(o->settings, sizeof(o->settings), key, texts->text[i]);
	return fits;
}

bool loop_options_record(struct loop_options *o)
{
	return record_texts(o, "only", &o->only) && record_texts(o, "exclude", &o->exclude);
}

int loop_open(struct loop *l, const char *kind, const struct loop_options *o, struct error *e)
{
	int r;

	*l = (struct loop){.options = o, .instance.lock_fd = -1};
	l->patience_ns = o->interval_ns / 4;
	if (l->patience_ns < LEAST_PATIENCE_NS) /* --restore has no interval */
		l->patience_ns = LEAST_PATIENCE_NS;
	sample_init(&l->sample);
	r = host_open(o->uri, o->dry_run ? HOST_READ_ONLY : HOST_READ_WRITE, &l->host, e);
	if (!r)
		r = host_describe(l->host, &l->facts, e);
	if (!r && !o->dry_run)
		r = instance_open(kind, &l->facts, &l->instance, e);
	if (!r && !o->dry_run)
		r = journal_open(l->instance.journal_path, &l->journal, e);
	return r;
}

void loop_close(struct loop *l)
{
	sample_done(&l->sample);
	decision_done(&l->decision);
	journal_close(l->journal);
	instance_close(&l->instance);
	host_close(l->host);
}

void loop_decide_nothing(struct loop *l, enum verdict verdict, const char *reason)
{
	struct decision *d = &l->decision;

	d->nr_actions = 0;
	d->nr_guests = 0;
	d->verdict = verdict;
	d->why = UINT_MAX; /* none of a plan's: it is told */
	d->spread_pm = d->noise_pm = d->predicted_pm = -1;
	snprintf(d->reason, sizeof(d->reason), "%s", reason);
}

void loop_rebase(struct loop *l)
{
	loop_decide_nothing(l, VERDICT_REBASE, "no sample for more than three intervals");
}

int loop_stay(struct loop *l, struct error *e)
{
	int r = l->journal ? instance_stay(&l->instance, e) : 0;

	return r || !l->journal ? r : journal_stay(l->journal, e);
}

int loop_act(struct loop *l, struct error *e)
{
	struct decision *d = &l->decision;

	l->act_ns = host_now_ns(l->host);
	if (l->journal)
		return apply_actions(l->host, l->journal, l->patience_ns, d->actions, d->nr_actions,
		                     e);
	apply_nothing(d->actions, d->nr_actions);
	return 0;
}

static bool add_news(struct loop *l, const char *kind, const char *format, va_list args)
{
	struct loop_news *news = &l->news[l->nr_news];

	if (l->nr_news == LOOP_NEWS_MAX)
		return false;
	news->kind = kind;
	vsnprintf(news->text, sizeof(news->text), format, args);
	l->nr_news++;
	return true;
}

bool loop_tell(struct loop *l, const char *format, ...)
{
	va_list args;
	bool fits;

	va_start(args, format);
	fits = add_news(l, NULL, format, args);
	va_end(args);
	return fits;
}

bool loop_record(struct loop *l, const char *kind, const char *format, ...)
{
	va_list args;
	bool fits;

	va_start(args, format);
	fits = add_news(l, kind, format, args);
	va_end(args);
	return fits;
}

bool loop_owes(const struct loop *l)
{
	return l->journal && journal_holds(l->journal) && !journal_kept(l->journal);
}

int loop_put_back(struct loop *l, struct action *actions, size_t nr, struct error *e)
{
	struct decision *d = &l->decision;
	uint64_t patience_ns = l->patience_ns < MOST_PATIENCE_NS ? l->patience_ns
	                                                         : MOST_PATIENCE_NS;
	int r = decision_reserve(d, d->nr_actions + nr, e);

	if (r < 0)
		return r;
	apply_actions(l->host, NULL, patience_ns, actions, nr, e);
	if (nr)
		memcpy(d->actions + d->nr_actions, actions, nr * sizeof(*actions));
	d->nr_actions += nr;
	l->nr_put_back = nr;
	return 0;
}

/* Of the actions of `d` from the i-th on those that did not put back what they should have: neither done, nor is the guest gone. */
static size_t left(const struct decision *d, size_t i)
{
	size_t nr = 0;

	for (; i < d->nr_actions; i++)
		nr += d->actions[i].result != RESULT_DONE && d->actions[i].result != RESULT_GONE;
	return nr;
}

static size_t nr_ordered(const struct sample *s)
{
	size_t i, nr = 0;

	for (i = 0; i < s->nr_guests; i++)
		nr += s->guests[i].ordered;
	return nr;
}

int loop_settle(struct loop *l, const char *program, const char *subject, struct error *e)
{
	const struct decision *d = &l->decision;
	/* What an attempt before it did not put back, the last one has put back or was not put back either. */
	const size_t nr = left(d, d->nr_actions - l->nr_put_back);
	const size_t ordered = nr_ordered(&l->sample);

	if (nr || ordered)
		journal_settle(l->journal, &l->sample, d->actions + d->nr_actions - l->nr_put_back,
		               l->nr_put_back);
	if (nr)
		return fail(e, EAGAIN,
		            "%zu of %zu %s could not be put back; %s --restore tries again", nr,
		            d->nr_actions - left(d, 0) + nr, subject, program);
	if (l->sample.nr_unread)
		return fail(e, EAGAIN,
		            "%zu guests could not be read; %s --restore tries again to put back "
		            "their %s",
		            l->sample.nr_unread, program, subject);
	if (l->sample.known_guests)
		return fail(e, EAGAIN,
		            "who runs could not be read; %s --restore tries again to put back %s",
		            program, subject);
	if (ordered > l->nr_rising)
		return fail(e, EAGAIN,
		            "%zu guest%s may still do as asked before; once that is done, %s "
		            "--restore puts it back",
		            ordered - l->nr_rising, plural(ordered - l->nr_rising), program);
	return ordered ? 0 : journal_remove(l->journal, e);
}
