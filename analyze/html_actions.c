/* html_actions - what was done to the guests and why, and what befell the recorder, as lists */
#include <inttypes.h>
#include <stdio.h>

#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/settings.h"

/* Rows that a list shows at most: a page stays small enough to be opened. */
#define MOST 2000

/* One side of a change: pCPUs, the size of a balloon, or how often a guest reports. */
static const char *side(const struct action *a, bool to, char text[CPUSET_TEXT])
{
	if (a->kind == ACTION_PIN || a->kind == ACTION_RESTORE)
		return cpuset_text(to ? &a->to : &a->from, text, CPUSET_TEXT);
	if (a->kind == ACTION_PERIOD)
		snprintf(text, CPUSET_TEXT, "%u s", to ? a->to_s : a->from_s);
	else
		snprintf(text, CPUSET_TEXT, "%" PRIu64 " MiB",
		         (to ? a->to_kib : a->from_kib) / 1024);
	return text;
}

static void put_action(const struct series *s, const struct trace_action_row *row, FILE *out)
{
	const struct action *a = &row->action;
	char from[CPUSET_TEXT], to[CPUSET_TEXT], vcpu[16] = "";

	if (a->kind == ACTION_PIN || a->kind == ACTION_RESTORE)
		snprintf(vcpu, sizeof(vcpu), "/%u", a->vcpu);
	html(out,
	     "<tr><td class=\"n\">%.1f s</td><td>%s</td><td>%s%s</td><td class=\"set\">%s \u2192 "
	     "%s</td>"
	     "<td>%s</td><td>%s",
	     series_time_s(s, row->mono_ns), action_kind_name[a->kind], a->name, vcpu,
	     side(a, false, from), side(a, true, to), action_result_name[a->result], a->reason);
	if (*a->detail)
		html(out, "<br><span class=\"why\">%s</span>", a->detail);
	html(out, "</td></tr>\n");
}

static void put_more(size_t nr, const char *view, FILE *out)
{
	if (nr > MOST)
		html(out, "<p class=\"note\">These are the first %u; all of them: --csv %s</p>\n",
		     MOST, view);
}

static void put_actions(const struct report *r, FILE *out)
{
	const struct joined *j = r->in.joined;
	size_t i;

	if (!j->nr_actions) {
		html(out, "<p>None: nothing was changed.</p>\n");
		return;
	}
	html_fold(out, j->nr_actions, "action", "actions");
	html(out,
	     "<div class=\"scroll\"><table class=\"actions\"><thead><tr><th class=\"n\">At</th>"
	     "<th>Kind</th><th>Guest</th><th>Change</th><th>Result</th><th>Reason</th></tr></"
	     "thead>\n"
	     "<tbody>\n");
	for (i = 0; i < j->nr_actions && i < MOST; i++)
		put_action(r->chosen.series, spool_at(j->actions, i), out);
	html(out, "</tbody></table></div>\n");
	put_more(j->nr_actions, "v_actions", out);
	html_unfold(out, j->nr_actions);
}

static void put_events(const struct report *r, const struct series *s, FILE *out)
{
	size_t i, nr = 0, told = 0;

	for (i = 0; i < s->nr_events; i++)
		nr += !settings_is_share(&s->events[i]);
	if (!nr)
		return;
	html(out, "<h3>Events%s%s</h3>\n", r->beside.series ? " of " : "",
	     r->beside.series ? s->run.program : "");
	html_fold(out, nr, "event", "events");
	html(out, "<div class=\"scroll\"><table class=\"events\"><thead><tr><th class=\"n\">At</th>"
	          "<th>Kind</th><th>What happened</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < s->nr_events && told < MOST; i++) {
		if (settings_is_share(&s->events[i]))
			continue;
		told++;
		html(out, "<tr><td class=\"n\">%.1f s</td><td>%s</td><td>%s</td></tr>\n",
		     series_time_s(s, s->events[i].mono_ns), s->events[i].kind, s->events[i].text);
	}
	html(out, "</tbody></table></div>\n");
	html_unfold(out, nr);
}

void html_actions(const struct report *r, FILE *out)
{
	html(out, "<section>\n<h2>Actions</h2>\n");
	put_actions(r, out);
	put_events(r, r->chosen.series, out);
	if (r->beside.series)
		put_events(r, r->beside.series, out);
	html(out, "</section>\n");
}
