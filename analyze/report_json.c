/* report_json - a report for programs; README.md describes the layout */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "analyze/course.h"
#include "analyze/escape.h"
#include "analyze/report.h"

#define LAYOUT 1 /* raised when something that was there changes its meaning or goes away */

/* Text of a stranger: what is not UTF-8 is replaced. */
static json_t *text_of(const char *text)
{
	char plain[ESCAPE_ROOM(1024)];

	return json_string(escape_utf8(text, plain, sizeof(plain)));
}

/* null: not known, or for a bound of time: open. */
static json_t *number_of(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *value_of(const struct metric *m, double value)
{
	char text[VALUE_TEXT];

	return m->words && !isnan(value) ? json_string(metric_value(m, value, text))
	                                 : number_of(value);
}

static json_t *time_of(uint64_t wall_ns)
{
	time_t s = (time_t)(wall_ns / 1000000000);
	char text[32] = "";
	struct tm tm;

	if (wall_ns == UNKNOWN || !gmtime_r(&s, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return json_null();
	return json_string(text);
}

/* One member of an object; an array of them ends with an empty one. */
struct member {
	const char *key;
	json_t *value;
};

/* NULL when a value is or memory ran out: so what went wrong anywhere inside comes out at the top. */
static json_t *object(const struct member *m)
{
	json_t *all = json_object();
	bool good = all;

	for (; m->key; m++) {
		good = good && m->value;
		if (json_object_set_new(all, m->key, m->value) < 0)
			good = false;
	}
	if (good)
		return all;
	json_decref(all);
	return NULL;
}

/* Append to a list; both may be NULL, which makes the list NULL. */
static json_t *append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *run_of(const struct trace_run_row *run)
{
	bool closed = run->end_mono_ns != UNKNOWN;

	return object((struct member[]){
	        {"run", json_integer(run->run)},
	        {"program", text_of(run->program)},
	        {"version", text_of(run->version)},
	        {"arguments", text_of(run->arguments)},
	        {"label", text_of(run->label)},
	        {"settings", text_of(run->settings)},
	        {"interval_s", number_of((double)run->interval_ns / 1e9)},
	        {"started", time_of(run->start_wall_ns)},
	        {"ended", time_of(run->end_wall_ns)},
	        {"exit_reason", closed ? text_of(run->exit_reason) : json_null()},
	        {"ticks", json_integer((json_int_t)run->ticks)},
	        {"actions", json_integer((json_int_t)run->actions)},
	        {NULL, NULL},
	});
}

static json_t *host_of(const struct series *s)
{
	const struct host_facts *f = &s->run.facts;
	const struct series_tick *last = s->nr_ticks ? &s->ticks[s->nr_ticks - 1] : NULL;

	return object((struct member[]){
	        {"uri", text_of(f->uri)},
	        {"name", text_of(f->name)},
	        {"hypervisor", text_of(f->hypervisor)},
	        {"library", text_of(f->library)},
	        {"kernel", text_of(f->kernel)},
	        {"cpu_model", text_of(f->cpu_model)},
	        {"usable_pcpus", json_integer(last ? last->nr_pcpus : 0)},
	        {"guests", json_integer((json_int_t)s->nr_guests)},
	        {"vcpus", json_integer((json_int_t)s->nr_vcpus)},
	        {NULL, NULL},
	});
}

static json_t *ticks_of(const struct series *s)
{
	return object((struct member[]){
	        {"recorded", json_integer((json_int_t)s->nr_ticks)},
	        {"seconds", number_of(s->nr_ticks ? s->ticks[s->nr_ticks - 1].t_s : 0)},
	        {"missed", json_integer((json_int_t)s->missed)},
	        {"gaps", json_integer((json_int_t)s->gaps)},
	        {"rebased", json_integer((json_int_t)s->rebased)},
	        {NULL, NULL},
	});
}

static json_t *settling_of(const struct settling *x)
{
	bool is = x->loaded && x->settled.is;

	return object((struct member[]){
	        {"load_s", number_of(x->loaded ? x->load_s : (double)NAN)},
	        {"settled_s", number_of(is ? x->settled.at_s : (double)NAN)},
	        {"samples", json_integer((json_int_t)x->settled.judged)},
	        {"held_since", json_integer((json_int_t)x->settled.held)},
	        {"left", json_integer((json_int_t)x->settled.left)},
	        {"class",
	         x->course == COURSE_UNKNOWN ? json_null() : json_string(course_name[x->course])},
	        {NULL, NULL},
	});
}

static json_t *stats_of(const struct series *s)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->nr_stats; i++)
		list = append(list, object((struct member[]){
		                            {"severity", text_of(s->stats[i].severity)},
		                            {"name", text_of(s->stats[i].name)},
		                            {"value", json_integer(s->stats[i].value)},
		                            {NULL, NULL},
		                    }));
	return list;
}

static json_t *runs_of(const struct report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->in.nr_runs; i++)
		list = append(list, run_of(&r->in.runs[i]));
	return list;
}

static json_t *subject_of(const struct report *r, const struct metric *m, int32_t subject)
{
	char text[SUBJECT_TEXT];

	metric_subject(m, r->in.series, subject, text);
	return *text ? text_of(text) : json_null();
}

static json_t *criterion_of(const struct report *r, const struct judgement *j)
{
	const struct criterion *c = j->criterion;
	bool words = c->rule.op == LIMIT_ONE_OF, is_number = !words && rule_is_plain(&c->rule);
	char from[MOMENT_TEXT], to[MOMENT_TEXT], limit[LIMIT_TEXT];

	return object((struct member[]){
	        {"name", text_of(c->name)},
	        {"outcome", json_string(outcome_name[j->outcome])},
	        {"metric", json_string(c->metric->id)},
	        {"unit", json_string(c->metric->unit)},
	        {"limit_is", json_string(limit_sign[c->rule.op])},
	        {"limit", words ? json_null() : number_of(j->limit.value)},
	        {"limit_expression",
	         is_number ? json_null() : json_string(rule_text(&c->rule, c->metric, limit))},
	        {"guest", *c->guest ? text_of(c->guest) : json_null()},
	        {"hold_pct", number_of(c->hold_pct)},
	        {"from", json_string(moment_text(&c->from, from))},
	        {"to", json_string(moment_text(&c->to, to))},
	        {"from_s", number_of(j->window.from_s)},
	        {"to_s", number_of(j->window.to_s)},
	        {"value", value_of(c->metric, j->value)},
	        {"worst_s", number_of(j->worst_s)},
	        {"worst_subject", subject_of(r, c->metric, j->subject)},
	        {"samples", json_integer((json_int_t)j->judged)},
	        {"held", json_integer((json_int_t)j->held)},
	        {"lost", json_integer((json_int_t)j->lost)},
	        {"why", text_of(j->why)},
	        {NULL, NULL},
	});
}

static json_t *criteria_of(const struct report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->in.criteria->nr; i++)
		list = append(list, criterion_of(r, &r->judgements[i]));
	return list;
}

static json_t *summary_of(const struct report *r, const struct metric *m, const struct summary *s)
{
	return object((struct member[]){
	        {"samples", json_integer((json_int_t)s->nr)},
	        {"unknown", json_integer((json_int_t)s->unknown)},
	        {"bounds", json_integer((json_int_t)s->bounds)},
	        {"mean", number_of(s->mean)},
	        {"min", number_of(s->min)},
	        {"p05", number_of(s->p05)},
	        {"p50", number_of(s->p50)},
	        {"p95", number_of(s->p95)},
	        {"max", number_of(s->max)},
	        {"worst_s", number_of(s->worst_s)},
	        {"worst_subject", subject_of(r, m, s->nr ? s->worst_subject : -1)},
	        {NULL, NULL},
	});
}

/* A metric with one number a run has numbers, the others have summaries. */
static json_t *numbers_of(const struct report *r, const struct metric *m, const struct summary *s)
{
	return m->dimension == PER_RUN ? value_of(m, s->worst) : summary_of(r, m, s);
}

static json_t *guests_of(const struct report *r, const struct numbers *n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->in.series->nr_guests; i++)
		list = append(list, object((struct member[]){
		                            {"guest", text_of(r->in.series->guests[i].name)},
		                            {"whole_run", numbers_of(r, n->metric, &n->guests[i])},
		                            {NULL, NULL},
		                    }));
	return list;
}

static json_t *metric_of(const struct report *r, const struct numbers *n)
{
	const struct metric *m = n->metric;

	return object((struct member[]){
	        {"id", json_string(m->id)},
	        {"unit", json_string(m->unit)},
	        {"better", json_string(better_name[m->better])},
	        {"per", json_string(dimension_name[m->dimension])},
	        {"bound", json_boolean(n->all.bounds > 0)},
	        {"whole_run", numbers_of(r, m, &n->all)},
	        {"since_settled", numbers_of(r, m, &n->settled)},
	        {"guests", n->guests ? guests_of(r, n) : json_array()},
	        {NULL, NULL},
	});
}

static json_t *metrics_of(const struct report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < nr_metrics; i++)
		list = append(list, metric_of(r, &r->numbers[i]));
	return list;
}

static json_t *cpuset_of(const struct cpuset *set)
{
	char text[CPUSET_TEXT];

	return json_string(cpuset_text(set, text, sizeof(text)));
}

/* One of the two sides of a change. */
static json_t *side_of(const struct action *a, bool to)
{
	switch (a->kind) {
	case ACTION_BALLOON:
	case ACTION_BALLOON_RESTORE:
		return json_integer((json_int_t)(to ? a->to_kib : a->from_kib));
	case ACTION_PERIOD:
		return json_integer(to ? a->to_s : a->from_s);
	default:
		return cpuset_of(to ? &a->to : &a->from);
	}
}

static json_t *actions_of(const struct series *s)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->nr_actions; i++) {
		const struct trace_action_row *row = &s->actions[i];
		const struct action *a = &row->action;
		bool pin = a->kind == ACTION_PIN || a->kind == ACTION_RESTORE;

		list = append(list, object((struct member[]){
		                            {"at_s", number_of(series_time_s(s, row->mono_ns))},
		                            {"kind", json_string(action_kind_name[a->kind])},
		                            {"guest", text_of(a->name)},
		                            {"vcpu", pin ? json_integer(a->vcpu) : json_null()},
		                            {"from", side_of(a, false)},
		                            {"to", side_of(a, true)},
		                            {"reason", text_of(a->reason)},
		                            {"result", json_string(action_result_name[a->result])},
		                            {"detail", text_of(a->detail)},
		                            {NULL, NULL},
		                    }));
	}
	return list;
}

int report_json(const struct report *r, FILE *out, struct error *e)
{
	const struct series *s = r->in.series;
	json_t *all;
	int bad;

	all = object((struct member[]){
	        {"layout", json_integer(LAYOUT)},
	        {"outcome", json_string(outcome_name[r->outcome])},
	        {"trace", text_of(r->in.trace)},
	        {"criteria_from", text_of(r->in.criteria_name)},
	        {"not_whole", *s->note ? text_of(s->note) : json_null()},
	        {"stats", stats_of(s)},
	        {"run", run_of(&s->run)},
	        {"runs", runs_of(r)},
	        {"host", host_of(s)},
	        {"ticks", ticks_of(s)},
	        {"settling", settling_of(&r->settling)},
	        {"criteria", criteria_of(r)},
	        {"metrics", metrics_of(r)},
	        {"actions", actions_of(s)},
	        {NULL, NULL},
	});
	if (!all)
		return fail(e, ENOMEM, "out of memory");
	bad = json_dumpf(all, out, JSON_INDENT(2) | JSON_REAL_PRECISION(7));
	json_decref(all);
	if (bad || fputc('\n', out) == EOF)
		return fail(e, EIO, "the report could not be written");
	return 0;
}
