/* criteria - what must hold in a run: the set built in, and what a set says about settling */
#include "analyze/criteria.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/select.h"
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

const char criteria_builtin_memory_text[] = "[criterion reserve]\n"
                                            "metric = mem.host_available_min\n"
                                            "limit  = > run.reserve_mib\n"
                                            "\n"
                                            "[criterion usable]\n"
                                            "metric = mem.guest_usable_min\n"
                                            "limit  = >= run.low_mib\n"
                                            "\n"
                                            "[criterion gradual]\n"
                                            "metric = mem.largest_cut\n"
                                            "limit  = < 100\n"
                                            "\n"
                                            "[criterion pool]\n"
                                            "metric = mem.pool_excess\n"
                                            "limit  = <= 0\n"
                                            "\n"
                                            "[criterion obeyed]\n"
                                            "metric = mem.set_missed\n"
                                            "limit  = == 0\n"
                                            "\n"
                                            "[criterion nobody-killed]\n"
                                            "metric = guest.oom\n"
                                            "limit  = == 0\n";

int criteria_builtin(const struct series *run, const struct series *beside, struct criteria *out,
                     struct error *e)
{
	bool memory = run && settings_moves_memory(&run->run), cpu = !memory;
	char text[2048];

	if (beside && select_is_balancer(&beside->run)) {
		memory |= settings_moves_memory(&beside->run);
		cpu |= !settings_moves_memory(&beside->run);
	}
	snprintf(text, sizeof(text), "%s%s%s", cpu ? criteria_builtin_text : "",
	         cpu && memory ? "\n" : "", memory ? criteria_builtin_memory_text : "");
	return criteria_parse("built in", text, out, e);
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
