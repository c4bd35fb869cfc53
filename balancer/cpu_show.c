/* cpu_show - what vmb-cpu says on the terminal: a line an action, a status line below */
#include "balancer/cpu_show.h"

#include <stdarg.h>

#include "common/clock.h"
#include "common/parse.h"
#include "common/text.h"
#include "common/version.h"

#define CLEAR_LINE "\r\033[K"

static void clear_status(struct cpu_show *show)
{
	if (show->status_shown)
		fputs(CLEAR_LINE, show->out);
	show->status_shown = false;
}

void cpu_show_line(struct cpu_show *show, const char *format, ...)
{
	char when[16];
	va_list args;

	clear_status(show);
	fprintf(show->out, "%s  ", text_time(show->wall_ns, when));
	va_start(args, format);
	vfprintf(show->out, format, args);
	va_end(args);
	fputc('\n', show->out);
	fflush(show->out);
}

void cpu_show_error(struct cpu_show *show, const struct error *e)
{
	char text[sizeof(e->text)];

	clear_status(show);
	fprintf(stderr, "vmb-cpu: %s\n", text_plain(e->text, text, sizeof(text)));
}

void cpu_show_start(struct cpu_show *show, const struct cpu_options *o,
                    const struct host_facts *facts, uint64_t wall_ns)
{
	char interval[32];

	show->wall_ns = wall_ns;
	cpu_show_line(show, "vmb-cpu " VMB_VERSION " on %s: %s, %zu pCPUs", facts->uri,
	              facts->hypervisor, facts->nr_places);
	if (!o->restore)
		cpu_show_line(show, "every %s, policy %s, limit %g points; %s",
		              duration_text(o->interval_ns, interval), o->planner->name,
		              o->policy.balance_pm / 10,
		              o->dry_run ? "dry run: nothing is changed"
		              : o->keep  ? "pins stay at the end"
		                         : "pins are put back at the end");
}

static void show_action(struct cpu_show *show, const struct action *a)
{
	char name[GUEST_NAME], from[CPUSET_TEXT], to[CPUSET_TEXT], detail[REASON_TEXT];

	text_plain(a->name, name, sizeof(name));
	text_plain(a->detail, detail, sizeof(detail));
	cpuset_text(&a->from, from, sizeof(from));
	cpuset_text(&a->to, to, sizeof(to));
	show->changes += a->kind == ACTION_PIN &&
	                 (a->result == RESULT_DONE || a->result == RESULT_DRY_RUN);
	if (a->result == RESULT_DONE)
		cpu_show_line(show, "%s vCPU %u: pCPU %s -> %s (%s)", name, a->vcpu, from, to,
		              a->reason);
	else
		cpu_show_line(show, "%s vCPU %u: pCPU %s -> %s (%s): %s%s%s", name, a->vcpu, from,
		              to, a->reason, action_result_name[a->result], detail[0] ? ": " : "",
		              detail);
}

void cpu_show_actions(struct cpu_show *show, const struct decision *d)
{
	size_t i;

	for (i = 0; i < d->nr_actions; i++)
		show_action(show, &d->actions[i]);
}

static void show_status(struct cpu_show *show, const struct sample *s, const struct decision *d)
{
	char when[16];

	fprintf(show->out, CLEAR_LINE "%s  %zu guests on %u pCPUs", text_time(show->wall_ns, when),
	        s->nr_guests, cpuset_count(&s->usable));
	if (d->spread_pm >= 0)
		fprintf(show->out, ", spread %.1f points", d->spread_pm / 10);
	fprintf(show->out, ", %u change%s, %s", show->changes, show->changes == 1 ? "" : "s",
	        verdict_name[d->verdict]);
	fflush(show->out);
	show->status_shown = true;
}

void cpu_show_tick(struct cpu_show *show, const struct sample *s, const struct decision *d)
{
	show->wall_ns = s->wall_ns;
	/* A hold is told when its kind of reason is new: the numbers in it differ at every tick. */
	if (show->verbose || d->verdict == VERDICT_ACT ||
	    (d->verdict == VERDICT_HOLD &&
	     (show->said != VERDICT_HOLD || show->said_why != d->why)))
		cpu_show_line(show, "%s: %s", verdict_name[d->verdict],
		              d->reason[0] ? d->reason : "within the limit");
	cpu_show_actions(show, d);
	show->said = d->verdict;
	show->said_why = d->why;
	if (show->status)
		show_status(show, s, d);
}
