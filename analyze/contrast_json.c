/* contrast_json - two groups of runs held against each other, for programs; README.md describes the layout */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/contrast.h"
#include "analyze/member.h"
#include "analyze/setup.h"

#define LAYOUT 1 /* raised when something that was there changes its meaning or goes away */

static const char *const conclusion_name[CONCLUSIONS] = {
        [CONCLUDE_LOWER] = "lower",           [CONCLUDE_HIGHER] = "higher",
        [CONCLUDE_FINE] = "below_resolution", [CONCLUDE_NONE] = "no_difference_shown",
        [CONCLUDE_FEW_RUNS] = "too_few_runs", [CONCLUDE_FEW_SAMPLES] = "too_few_samples",
        [CONCLUDE_BOUNDS] = "bounds",         [CONCLUDE_WORDS] = "words",
};
static_assert(CONCLUSIONS == 8, "conclusion_name");

static json_t *count(size_t n)
{
	return json_integer((json_int_t)n);
}

/* The numbers of the runs stay open to a test of one's own. */
static json_t *values_of(const struct measured *m)
{
	json_t *all = json_object();
	size_t i;

	for (i = 0; all && i < nr_metrics; i++)
		if (json_object_set_new(all, metrics[i].id,
		                        member_number(m->metrics[i].mean.mean)) < 0) {
			json_decref(all);
			return NULL;
		}
	return all;
}

static json_t *runs_of(const struct contrast_group *g)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < g->nr; i++)
		list = member_append(list, member_object((struct member[]){
		                                   {"trace", member_text(g->runs[i].path)},
		                                   {"run", json_integer(g->runs[i].run.run)},
		                                   {"program", member_text(g->runs[i].run.program)},
		                                   {"ticks", count(g->runs[i].ticks)},
		                                   {"values", values_of(&g->runs[i])},
		                                   {NULL, NULL},
		                           }));
	return list;
}

static json_t *setup_of(const struct contrast *c)
{
	struct setup_row *rows = NULL;
	json_t *list = json_array();
	size_t nr, i;

	if (setup_differences(c, &rows, &nr) < 0) {
		json_decref(list);
		return NULL;
	}
	for (i = 0; i < nr; i++)
		list = member_append(list, member_object((struct member[]){
		                                   {"what", member_text(rows[i].name)},
		                                   {"a", member_text(rows[i].text[0])},
		                                   {"b", member_text(rows[i].text[1])},
		                                   {NULL, NULL},
		                           }));
	free(rows);
	return list;
}

static json_t *value_of(const struct metric *m, double value)
{
	char text[VALUE_TEXT];

	return m->words && !isnan(value) ? json_string(metric_value(m, value, text))
	                                 : member_number(value);
}

/* "A", "B": in which it is better; null: not shown, or the metric has no direction. */
static json_t *winner_of(const struct contrast_row *r)
{
	bool lower = r->conclusion == CONCLUDE_LOWER;

	if (r->conclusion > CONCLUDE_HIGHER || r->metric->better == BETTER_NONE)
		return json_null();
	return json_string(lower == (r->metric->better == BETTER_LOW) ? "B" : "A");
}

static json_t *row_of(const struct contrast_row *r)
{
	bool few = r->conclusion == CONCLUDE_FEW_RUNS;

	return member_object((struct member[]){
	        {"id", json_string(r->metric->id)},
	        {"unit", json_string(r->metric->unit)},
	        {"better", json_string(better_name[r->metric->better])},
	        {"a", value_of(r->metric, r->a)},
	        {"b", value_of(r->metric, r->b)},
	        {"difference", member_number(r->by)},
	        {"low", member_number(r->low)},
	        {"high", member_number(r->high)},
	        {"p", member_number(r->p)},
	        {"p_together", member_number(r->p_together)},
	        {"by_ranks", json_boolean(r->by_ranks)},
	        {"runs_a", count(r->runs_a)},
	        {"runs_b", count(r->runs_b)},
	        {"effective_a", member_number(r->effective_a)},
	        {"effective_b", member_number(r->effective_b)},
	        {"conclusion", json_string(conclusion_name[r->conclusion])},
	        {"better_in", winner_of(r)},
	        {"more_to_test", few ? count(r->fewest_more) : json_null()},
	        {"more_to_show", r->more == SIZE_MAX ? json_null() : count(r->more)},
	        {NULL, NULL},
	});
}

static json_t *rows_of(const struct contrast *c)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < c->nr_rows; i++)
		list = member_append(list, row_of(&c->rows[i]));
	return list;
}

int contrast_json(const struct contrast *c, FILE *out, struct error *e)
{
	json_t *all = member_object((struct member[]){
	        {"layout", json_integer(LAYOUT)},
	        {"compared", json_string(c->within ? "samples" : "runs")},
	        {"level", json_real(CONTRAST_LEVEL)},
	        {"power", json_real(CONTRAST_POWER)},
	        {"tested", count(c->nr_tested)},
	        {"adjusted_by", json_string(c->within ? "holm" : "max_t")},
	        {"arrangements", count(c->arrangements)},
	        {"all_arrangements", json_boolean(c->all_arrangements)},
	        {"same_run", json_boolean(c->same_run)},
	        {"a", runs_of(&c->group[0])},
	        {"b", runs_of(&c->group[1])},
	        {"setup", setup_of(c)},
	        {"metrics", rows_of(c)},
	        {NULL, NULL},
	});
	int r = 0;

	if (!all)
		return fail(e, ENOMEM, "out of memory");
	if (json_dumpf(all, out, JSON_INDENT(2) | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(9)) < 0 ||
	    fputc('\n', out) == EOF)
		r = fail(e, EIO, "cannot write: %s", strerror(errno));
	json_decref(all);
	return r;
}
