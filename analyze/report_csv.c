/* report_csv - the tables of a report and of its run as CSV */
#include "analyze/report_csv.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "analyze/csv.h"
#include "analyze/csv_ticks.h"

static int csv_runs(const struct report *r, FILE *out, struct error *e)
{
	struct csv c = {out};
	size_t i;

	csv_head(&c, "run,program,label,arguments,started_utc,seconds,ticks,actions,ended");
	for (i = 0; i < r->in.nr_runs; i++) {
		const struct trace_run_row *run = &r->in.runs[i];
		time_t started = (time_t)(run->start_wall_ns / 1000000000);
		bool closed = run->end_mono_ns != UNKNOWN;
		char text[32] = "";
		struct tm tm;

		if (gmtime_r(&started, &tm))
			strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
		csv_integer(&c, run->run);
		csv_text(&c, run->program);
		csv_text(&c, run->label);
		csv_text(&c, run->arguments);
		csv_word(&c, text);
		csv_real(&c, closed ? (double)(int64_t)(run->end_mono_ns - run->start_mono_ns) / 1e9
		                    : (double)NAN);
		csv_integer(&c, (int64_t)run->ticks);
		csv_integer(&c, (int64_t)run->actions);
		csv_text(&c, closed ? run->exit_reason : "not closed");
		csv_end(&c);
	}
	return 0;
}

static void put_set(struct csv *c, const struct cpuset *set)
{
	char text[CPUSET_TEXT];

	csv_word(c, cpuset_text(set, text, sizeof(text)));
}

/* One side of a change, as the view has it. */
static void put_side(struct csv *c, const struct action *a, const struct cpuset *set, uint64_t kib,
                     uint32_t seconds)
{
	char text[32];

	if (a->kind == ACTION_PIN || a->kind == ACTION_RESTORE) {
		put_set(c, set);
		return;
	}
	if (a->kind == ACTION_PERIOD)
		snprintf(text, sizeof(text), "%u s", seconds);
	else
		snprintf(text, sizeof(text), "%" PRIu64 " MiB", kib / 1024);
	csv_word(c, text);
}

static int csv_actions(const struct report *r, FILE *out, struct error *e)
{
	const struct series *s = r->chosen.series;
	struct csv c = {out};
	size_t i;

	csv_head(&c, "run,tick,seconds,kind,guest,vcpu,old,new,reason,result,detail,duration_us");
	for (i = 0; i < s->nr_actions; i++) {
		const struct trace_action_row *row = series_action(s, i);
		const struct action *a = &row->action;

		csv_integer(&c, s->run.run);
		if (row->in_tick)
			csv_integer(&c, row->tick);
		else
			csv_none(&c);
		csv_real(&c, (double)(int64_t)(row->mono_ns - s->run.start_mono_ns) / 1e9);
		csv_word(&c, action_kind_name[a->kind]);
		csv_text(&c, a->name);
		if (a->kind == ACTION_PIN || a->kind == ACTION_RESTORE)
			csv_integer(&c, a->vcpu);
		else
			csv_none(&c);
		put_side(&c, a, &a->from, a->from_kib, a->from_s);
		put_side(&c, a, &a->to, a->to_kib, a->to_s);
		csv_text(&c, a->reason);
		csv_word(&c, action_result_name[a->result]);
		csv_text(&c, a->detail);
		if (a->duration_ns != UNKNOWN)
			csv_integer(&c, (int64_t)(a->duration_ns / 1000));
		else
			csv_none(&c);
		csv_end(&c);
	}
	return 0;
}

/* A number, or a word where the metric's values are words. */
static void put_value(struct csv *c, const struct metric *m, double value)
{
	char text[VALUE_TEXT];

	if (m->words && !isnan(value))
		csv_word(c, metric_value(m, value, text));
	else
		csv_number(c, value);
}

static void put_subject(struct csv *c, const struct report *r, const struct metric *m,
                        int32_t subject)
{
	char text[SUBJECT_TEXT];

	csv_text(c, metric_subject(m, report_series(r, m), subject, text));
}

/* One row: of one number its value, of many what they come to. */
static void put_summary(struct csv *c, const struct report *r, const struct metric *m,
                        const char *guest, const char *window, const struct summary *s)
{
	const double columns[] = {s->mean, s->min, s->p05, s->p50, s->p95, s->max};
	bool one = m->dimension == PER_RUN;
	size_t i;

	csv_word(c, m->id);
	csv_word(c, m->unit);
	csv_word(c, better_name[m->better]);
	csv_word(c, dimension_name[m->dimension]);
	csv_text(c, guest);
	csv_word(c, window);
	put_value(c, m, one ? s->worst : (double)NAN);
	csv_integer(c, (int64_t)s->nr);
	csv_integer(c, (int64_t)s->unknown);
	csv_integer(c, (int64_t)s->bounds);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		csv_number(c, one ? (double)NAN : columns[i]);
	csv_number(c, one ? (double)NAN : s->worst);
	csv_number(c, one ? (double)NAN : s->worst_s);
	put_subject(c, r, m, s->nr && !one ? s->worst_subject : -1);
	csv_integer(c, report_series(r, m)->run.run);
	csv_end(c);
}

static int csv_metrics(const struct report *r, FILE *out, struct error *e)
{
	struct csv c = {out};
	size_t i, g;

	csv_head(&c, "metric,unit,better,per,guest,window,value,samples,unknown,bounds,mean,min,"
	             "p05,p50,p95,max,worst,worst_s,worst_subject,run");
	for (i = 0; i < nr_metrics; i++) {
		const struct numbers *n = &r->numbers[i];
		const struct series *s = report_series(r, n->metric);

		put_summary(&c, r, n->metric, "", "whole_run", &n->all);
		put_summary(&c, r, n->metric, "", "since_settled", &n->settled);
		for (g = 0; n->guests && g < s->nr_guests; g++)
			put_summary(&c, r, n->metric, s->guests[g].name, "whole_run",
			            &n->guests[g]);
	}
	return 0;
}

static void put_verdict(struct csv *c, const struct report *r, const struct judgement *j)
{
	const struct criterion *k = j->criterion;
	bool one_of = k->rule.op == LIMIT_ONE_OF, is_number = !one_of && rule_is_plain(&k->rule);
	char text[LIMIT_TEXT], moment[MOMENT_TEXT];

	csv_text(c, k->name);
	csv_word(c, outcome_name[j->outcome]);
	csv_word(c, k->metric->id);
	csv_word(c, k->metric->unit);
	csv_word(c, limit_sign[k->rule.op]);
	csv_number(c, one_of ? (double)NAN : j->limit.value);
	csv_text(c, is_number ? "" : rule_text(&k->rule, k->metric, text));
	csv_number(c, k->hold_pct);
	csv_word(c, moment_text(&k->from, moment));
	csv_word(c, moment_text(&k->to, moment));
	csv_number(c, isfinite(j->window.from_s) ? j->window.from_s : (double)NAN);
	csv_number(c, isfinite(j->window.to_s) ? j->window.to_s : (double)NAN);
	put_value(c, k->metric, j->value);
	csv_number(c, j->worst_s);
	put_subject(c, r, k->metric, j->subject);
	csv_integer(c, (int64_t)j->judged);
	csv_integer(c, (int64_t)j->held);
	csv_integer(c, (int64_t)j->lost);
	csv_text(c, j->why);
	csv_integer(c, report_series(r, k->metric)->run.run);
	csv_end(c);
}

static int csv_verdicts(const struct report *r, FILE *out, struct error *e)
{
	struct csv c = {out};
	size_t i;

	csv_head(&c, "criterion,outcome,metric,unit,limit_is,limit,limit_expression,hold_pct,from,"
	             "to,from_s,to_s,value,worst_s,worst_subject,samples,held,lost,why,run");
	for (i = 0; i < r->in.criteria->nr; i++)
		put_verdict(&c, r, &r->judgements[i]);
	return 0;
}

const struct csv_view csv_views[] = {
        {"metrics", csv_metrics},       {"verdicts", csv_verdicts},     {"v_actions", csv_actions},
        {"v_memory", csv_memory},       {"v_pcpu_util", csv_pcpu_util}, {"v_runs", csv_runs},
        {"v_vcpu_util", csv_vcpu_util},
};
const size_t nr_csv_views = sizeof(csv_views) / sizeof(csv_views[0]);

const struct csv_view *csv_view_find(const char *name)
{
	size_t i;

	for (i = 0; i < nr_csv_views; i++)
		if (!strcmp(csv_views[i].name, name))
			return &csv_views[i];
	return NULL;
}
