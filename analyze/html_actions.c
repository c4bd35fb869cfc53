/* html_actions - what was done to the guests and why, and what befell the recorder, as lists */
#include "analyze/html.h"
#include "analyze/html_page.h"

/* Rows that a list shows at most: a page stays small enough to be opened. */
#define MOST 2000

static void put_action(const struct series *s, const struct trace_action_row *row, FILE *out)
{
	const struct action *a = &row->action;
	char from[CPUSET_TEXT], to[CPUSET_TEXT];

	cpuset_text(&a->from, from, sizeof(from));
	cpuset_text(&a->to, to, sizeof(to));
	html(out,
	     "<tr><td class=\"n\">%.1f s</td><td>%s</td><td>%s/%u</td><td class=\"set\">%s \u2192 "
	     "%s</td>"
	     "<td>%s</td><td>%s",
	     series_time_s(s, row->mono_ns), action_kind_name[a->kind], a->name, a->vcpu, from, to,
	     action_result_name[a->result], a->reason);
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

static void put_actions(const struct series *s, FILE *out)
{
	size_t i;

	if (!s->nr_actions) {
		html(out, "<p>None: nothing was changed.</p>\n");
		return;
	}
	html_fold(out, s->nr_actions, "action", "actions");
	html(out,
	     "<div class=\"scroll\"><table class=\"actions\"><thead><tr><th class=\"n\">At</th>"
	     "<th>Kind</th><th>vCPU</th><th>pCPUs</th><th>Result</th><th>Reason</th></tr></thead>\n"
	     "<tbody>\n");
	for (i = 0; i < s->nr_actions && i < MOST; i++)
		put_action(s, &s->actions[i], out);
	html(out, "</tbody></table></div>\n");
	put_more(s->nr_actions, "v_actions", out);
	html_unfold(out, s->nr_actions);
}

static void put_events(const struct series *s, FILE *out)
{
	size_t i;

	html(out, "<h3>Events</h3>\n");
	html_fold(out, s->nr_events, "event", "events");
	html(out, "<div class=\"scroll\"><table class=\"events\"><thead><tr><th class=\"n\">At</th>"
	          "<th>Kind</th><th>What happened</th></tr></thead>\n<tbody>\n");
	for (i = 0; i < s->nr_events && i < MOST; i++)
		html(out, "<tr><td class=\"n\">%.1f s</td><td>%s</td><td>%s</td></tr>\n",
		     series_time_s(s, s->events[i].mono_ns), s->events[i].kind, s->events[i].text);
	html(out, "</tbody></table></div>\n");
	html_unfold(out, s->nr_events);
}

void html_actions(const struct report *r, FILE *out)
{
	const struct series *s = r->in.series;

	html(out, "<section>\n<h2>Actions</h2>\n");
	put_actions(s, out);
	if (s->nr_events)
		put_events(s, out);
	html(out, "</section>\n");
}
