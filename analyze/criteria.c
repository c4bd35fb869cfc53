/* criteria - what must hold in a run: the set built in, and what a set says about settling */
#include "analyze/criteria.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/settings.h"

const char criteria_builtin_text[] = "[criterion balanced]\n"
                                     "metric = cpu.sd_pp\n"
                                     "limit  = <= run.balance_pp\n"
                                     "from   = load+3 ticks\n"
                                     "\n"
                                     "[criterion quiet]\n"
                                     "metric = cpu.pin_changes\n"
                                     "limit  = == 0\n"
                                     "from   = settle\n"
                                     "\n"
                                     "[criterion steady]\n"
                                     "metric = cpu.reversals\n"
                                     "limit  = == 0\n";

int criteria_builtin(struct criteria *out, struct error *e)
{
	return criteria_parse("built in", criteria_builtin_text, out, e);
}

void criteria_done(struct criteria *c)
{
	free(c->rows);
	*c = (struct criteria){0};
}

int criteria_balance_limit(const struct criteria *c, const struct series *s, struct limit *out)
{
	struct limit limit = {.op = LIMIT_AT_MOST, .value = settings_balance_pp(&s->run)};
	char why[FORMULA_WHY];
	size_t i;
	int r = 0;

	for (i = 0; i < c->nr; i++)
		if (!strcmp(c->rows[i].metric->id, "cpu.sd_pp"))
			break;
	if (i < c->nr)
		r = rule_in_run(&c->rows[i].rule, s, NULL, &limit, why);
	if (isnan(limit.value))
		limit = (struct limit){.op = limit.op, .value = settings_balance_pp(&s->run)};
	if (r == 0)
		*out = limit;
	return r;
}
