/* report_json - a report for programs; README.md describes the layout */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "analyze/course.h"
#include "analyze/member.h"
#include "analyze/report.h"

#define LAYOUT 1 /* raised when something that was there changes its meaning or goes away */

static json_t *value_of(const struct metric *m, double value)
{
	char text[VALUE_TEXT];

	return m->words && !isnan(value) ? json_string(metric_value(m, value, text))
	                                 : member_number(value);
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

static json_t *run_of(const struct trace_run_row *run)
{
	bool closed = run->end_mono_ns != UNKNOWN;

	return member_object((struct member[]){
	        {"run", json_integer(run->run)},
	        {"program", member_text(run->program)},
	        {"version", member_text(run->version)},
	        {"arguments", member_text(run->arguments)},
	        {"label", member_text(run->label)},
	        {"settings", member_text(run->settings)},
	        {"interval_s", member_number((double)run->interval_ns / 1e9)},
	        {"started", time_of(run->start_wall_ns)},
	        {"ended", time_of(run->end_wall_ns)},
	        {"exit_reason", closed ? member_text(run->exit_reason) : json_null()},
	        {"continues", *run->continues ? member_text(run->continues) : json_null()},
	        {"ticks", json_integer((json_int_t)run->ticks)},
	        {"actions", json_integer((json_int_t)run->actions)},
	        {NULL, NULL},
	});
}

static json_t *host_of(const struct series *s)
{
	const struct host_facts *f = &s->run.facts;

	return member_object((struct member[]){
	        {"uri", member_text(f->uri)},
	        {"name", member_text(f->name)},
	        {"hypervisor", member_text(f->hypervisor)},
	        {"library", member_text(f->library)},
	        {"kernel", member_text(f->kernel)},
	        {"cpu_model", member_text(f->cpu_model)},
	        {"usable_pcpus", json_integer(series_nr_pcpus(s))},
	        {"guests", json_integer((json_int_t)s->nr_guests)},
	        {"vcpus", json_integer((json_int_t)s->nr_vcpus)},
	        {NULL, NULL},
	});
}

static json_t *ticks_of(const struct series *s)
{
	return member_object((struct member[]){
	        {"recorded", json_integer((json_int_t)s->nr_ticks)},
	        {"seconds", member_number(series_seconds(s))},
	        {"from_s", member_number(s->from_s)},
	        {"to_s", member_number(s->to_s)},
	        {"missed", json_integer((json_int_t)s->missed)},
	        {"gaps", json_integer((json_int_t)s->gaps)},
	        {"rebased", json_integer((json_int_t)s->rebased)},
	        {NULL, NULL},
	});
}

static json_t *rest_of(const struct settling *x)
{
	if (!x->rest.judged)
		return json_null();
	return member_object((struct member[]){
	        {"settled_s", member_number(x->rest.is ? x->rest.at_s : (double)NAN)},
	        {"samples", json_integer((json_int_t)x->rest.judged)},
	        {"held_since", json_integer((json_int_t)x->rest.held)},
	        {"left", json_integer((json_int_t)x->rest.left)},
	        {"class", x->rest_course == COURSE_UNKNOWN
	                          ? json_null()
	                          : json_string(course_name[x->rest_course])},
	        {NULL, NULL},
	});
}

/* The memory is that of another run where two are told of. */
static json_t *settling_of(const struct settling *x, const struct settling *memory)
{
	bool is = x->loaded && x->settled.is;

	return member_object((struct member[]){
	        {"load_s", member_number(x->loaded ? x->load_s : (double)NAN)},
	        {"settled_s", member_number(is ? x->settled.at_s : (double)NAN)},
	        {"samples", json_integer((json_int_t)x->settled.judged)},
	        {"held_since", json_integer((json_int_t)x->settled.held)},
	        {"left", json_integer((json_int_t)x->settled.left)},
	        {"class",
	         x->course == COURSE_UNKNOWN ? json_null() : json_string(course_name[x->course])},
	        {"memory", rest_of(memory)},
	        {NULL, NULL},
	});
}

static json_t *stats_of(json_t *list, const struct series *s)
{
	size_t i;

	for (i = 0; s && i < s->nr_stats; i++)
		list = member_append(list, member_object((struct member[]){
		                                   {"severity", member_text(s->stats[i].severity)},
		                                   {"name", member_text(s->stats[i].name)},
		                                   {"value", json_integer(s->stats[i].value)},
		                                   {"run", json_integer(s->run.run)},
		                                   {NULL, NULL},
		                           }));
	return list;
}

static json_t *runs_of(const struct report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->in.nr_runs; i++)
		list = member_append(list, run_of(&r->in.runs[i]));
	return list;
}

static json_t *subject_of(const struct report *r, const struct metric *m, int32_t subject)
{
	char text[SUBJECT_TEXT];

	metric_subject(m, report_series(r, m), subject, text);
	return *text ? member_text(text) : json_null();
}

static json_t *criterion_of(const struct report *r, const struct judgement *j)
{
	const struct criterion *c = j->criterion;
	bool words = c->rule.op == LIMIT_ONE_OF, is_number = !words && rule_is_plain(&c->rule);
	char from[MOMENT_TEXT], to[MOMENT_TEXT], limit[LIMIT_TEXT];

	return member_object((struct member[]){
	        {"name", member_text(c->name)},
	        {"outcome", json_string(outcome_name[j->outcome])},
	        {"metric", json_string(c->metric->id)},
	        {"run", json_integer(report_series(r, c->metric)->run.run)},
	        {"unit", json_string(c->metric->unit)},
	        {"limit_is", json_string(limit_sign[c->rule.op])},
	        {"limit", words ? json_null() : member_number(j->limit.value)},
	        {"limit_expression",
	         is_number ? json_null() : json_string(rule_text(&c->rule, c->metric, limit))},
	        {"guest", *c->guest ? member_text(c->guest) : json_null()},
	        {"hold_pct", member_number(c->hold_pct)},
	        {"from", json_string(moment_text(&c->from, from))},
	        {"to", json_string(moment_text(&c->to, to))},
	        {"from_s", member_number(j->window.from_s)},
	        {"to_s", member_number(j->window.to_s)},
	        {"value", value_of(c->metric, j->value)},
	        {"worst_s", member_number(j->worst_s)},
	        {"worst_subject", subject_of(r, c->metric, j->subject)},
	        {"samples", json_integer((json_int_t)j->judged)},
	        {"held", json_integer((json_int_t)j->held)},
	        {"lost", json_integer((json_int_t)j->lost)},
	        {"why", member_text(j->why)},
	        {NULL, NULL},
	});
}

static json_t *criteria_of(const struct report *r)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < r->in.criteria->nr; i++)
		list = member_append(list, criterion_of(r, &r->judgements[i]));
	return list;
}

static json_t *summary_of(const struct report *r, const struct metric *m, const struct summary *s)
{
	return member_object((struct member[]){
	        {"samples", json_integer((json_int_t)s->nr)},
	        {"unknown", json_integer((json_int_t)s->unknown)},
	        {"bounds", json_integer((json_int_t)s->bounds)},
	        {"mean", member_number(s->mean)},
	        {"min", member_number(s->min)},
	        {"p05", member_number(s->p05)},
	        {"p50", member_number(s->p50)},
	        {"p95", member_number(s->p95)},
	        {"max", member_number(s->max)},
	        {"worst_s", member_number(s->worst_s)},
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
	const struct series *s = report_series(r, n->metric);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < s->nr_guests; i++)
		if (!s->guests[i].left_out)
			list = member_append(
			        list,
			        member_object((struct member[]){
			                {"guest", member_text(s->guests[i].name)},
			                {"whole_run", numbers_of(r, n->metric, &n->guests[i])},
			                {NULL, NULL},
			        }));
	return list;
}

static json_t *metric_of(const struct report *r, const struct numbers *n)
{
	const struct metric *m = n->metric;

	return member_object((struct member[]){
	        {"id", json_string(m->id)},
	        {"unit", json_string(m->unit)},
	        {"better", json_string(better_name[m->better])},
	        {"per", json_string(dimension_name[m->dimension])},
	        {"run", json_integer(report_series(r, m)->run.run)},
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
		list = member_append(list, metric_of(r, &r->numbers[i]));
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

static json_t *action_of(const struct series *s, const struct trace_action_row *row)
{
	const struct action *a = &row->action;
	bool pin = a->kind == ACTION_PIN || a->kind == ACTION_RESTORE;

	return member_object((struct member[]){
	        {"at_s", member_number(series_time_s(s, row->mono_ns))},
	        {"kind", json_string(action_kind_name[a->kind])},
	        {"guest", member_text(a->name)},
	        {"vcpu", pin ? json_integer(a->vcpu) : json_null()},
	        {"from", side_of(a, false)},
	        {"to", side_of(a, true)},
	        {"reason", member_text(a->reason)},
	        {"result", json_string(action_result_name[a->result])},
	        {"detail", member_text(a->detail)},
	        {NULL, NULL},
	});
}

/* As text, to be freed; the value is not needed any more. NULL where memory ran out. */
static char *dumped(json_t *value)
{
	char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(7));

	json_decref(value);
	return text;
}

/* An element of a member of all: so far indented. */
static void put_element(const char *text, bool first, FILE *out)
{
	fputs(first ? "\n    " : ",\n    ", out);
	for (; *text; text++) {
		fputc(*text, out);
		if (*text == '\n')
			fputs("    ", out);
	}
}

/* The last member, one by one: a tree of all of them would grow with the run. */
static int put_actions(const struct joined *j, FILE *out)
{
	char *text;
	size_t i;

	fputs(",\n  \"actions\": [", out);
	for (i = 0; i < j->nr_actions; i++) {
		text = dumped(action_of(j->chosen, spool_at(j->actions, i)));
		if (!text)
			return -ENOMEM;
		put_element(text, i == 0, out);
		free(text);
	}
	fputs(j->nr_actions ? "\n  ]" : "]", out);
	return 0;
}

int report_json(const struct report *r, FILE *out, struct error *e)
{
	const struct series *s = r->chosen.series;
	int got = -ENOMEM;
	char *all;

	errno = 0;
	all = dumped(member_object((struct member[]){
	        {"layout", json_integer(LAYOUT)},
	        {"outcome", json_string(outcome_name[r->outcome])},
	        {"trace", member_text(r->in.trace)},
	        {"criteria_from", member_text(r->in.criteria_name)},
	        {"not_whole", *s->note ? member_text(s->note) : json_null()},
	        {"stats", stats_of(stats_of(json_array(), s), r->beside.series)},
	        {"run", run_of(&s->run)},
	        {"beside", r->beside.series ? run_of(&r->beside.series->run) : json_null()},
	        {"runs", runs_of(r)},
	        {"host", host_of(s)},
	        {"ticks", ticks_of(s)},
	        {"settling", settling_of(&report_cpu(r)->settling, &report_mem(r)->settling)},
	        {"criteria", criteria_of(r)},
	        {"metrics", metrics_of(r)},
	        {NULL, NULL},
	}));
	if (all) {
		fwrite(all, 1, strlen(all) - strlen("\n}"), out);
		got = put_actions(r->in.joined, out);
	}
	free(all);
	if (got < 0)
		return fail(e, ENOMEM, "out of memory");
	fputs("\n}\n", out);
	if (ferror(out))
		return fail(e, EIO, "the report could not be written%s%s", errno ? ": " : "",
		            errno ? strerror(errno) : "");
	return 0;
}
