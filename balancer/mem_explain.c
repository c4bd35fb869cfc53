/* mem_explain - say what the plan of memory chose, and why, in words and numbers */
#include "balancer/mem_explain.h"
#include "common/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static long long mib(int64_t kib)
{
	return (long long)(kib / (int64_t)MIB);
}

static void trouble_text(const struct mem_guest *g, char *text)
{
	if (g->trouble == TROUBLE_FROZEN)
		snprintf(text, REASON_TEXT,
		         "in trouble: its statistics stand still while its balloon holds %lld MiB",
		         mib((int64_t)(g->maximum_kib - g->actual_kib)));
	else if (g->trouble == TROUBLE_SWAP)
		snprintf(text, REASON_TEXT, "in trouble: it swaps in, %lld MiB left",
		         mib(g->left_kib));
	else
		snprintf(text, REASON_TEXT, "in trouble: %lld MiB left of %lld", mib(g->left_kib),
		         mib((int64_t)g->actual_kib));
}

static void need_text(const struct mem_guest *g, const struct mem_order *o, char *text)
{
	int n = snprintf(text, REASON_TEXT, "%lld MiB left, band from %lld",
	                 mib(g->left_kib + g->credit_kib), mib((int64_t)o->low_kib));

	if (g->growth_kib_s >= (double)MIB)
		n += snprintf(text + n, REASON_TEXT - (size_t)n, ", fills at %.0f MiB/s",
		              g->growth_kib_s / (double)MIB);
	if (o->target_kib - g->target_kib < o->need_kib)
		snprintf(text + n, REASON_TEXT - (size_t)n, ", needs %lld",
		         mib((int64_t)o->need_kib));
}

static void order_text(const struct mem_guest *g, const struct mem_order *o, char *text)
{
	text[0] = '\0';
	switch (o->why) {
	case MEM_WHY_IDLE:
		snprintf(text, REASON_TEXT, "idle: %lld MiB left for %u reports, band %lld to %lld",
		         mib(o->surplus_kib + (int64_t)o->high_kib), g->reports,
		         mib((int64_t)o->low_kib), mib((int64_t)o->high_kib));
		break;
	case MEM_WHY_PRESSED:
		snprintf(text, REASON_TEXT,
		         "others need it: %lld MiB left, %lld unused, band from %lld",
		         mib(g->left_kib), mib(g->unused_kib), mib((int64_t)o->low_kib));
		break;
	case MEM_WHY_MAXIMUM:
		snprintf(text, REASON_TEXT, "above its maximum of %lld MiB",
		         mib((int64_t)g->maximum_kib));
		break;
	case MEM_WHY_NEED:
		need_text(g, o, text);
		break;
	case MEM_WHY_TROUBLE:
		trouble_text(g, text);
		break;
	case MEM_WHY_RULE:
		snprintf(text, REASON_TEXT, "by the policy's rule: %lld MiB unused of %lld",
		         mib(g->unused_kib), mib((int64_t)g->actual_kib));
		break;
	case MEM_WHY_WITHDRAW:
		snprintf(text, REASON_TEXT, "stuck: no progress in %llu s, the order is withdrawn",
		         MEM_PROGRESS_NS / 1000000000);
		break;
	case MEM_WHY_NONE:
	case MEM_WHYS:
		break;
	}
}

static void unmet_text(const struct mem_choice *c, const char *of, char *text)
{
	snprintf(text, REASON_TEXT, "%u guest%s need%s %lld MiB more, %s has %lld%s", c->nr_unmet,
	         plural(c->nr_unmet), c->nr_unmet == 1 ? "s" : "", mib((int64_t)c->unmet_kib), of,
	         mib((int64_t)c->host.spare_kib), c->host.is_short ? "; short" : "");
}

static void reason_text(const struct mem_choice *c, char *text)
{
	text[0] = '\0';
	switch (c->why) {
	case MEM_NO_GUESTS:
		snprintf(text, REASON_TEXT, "no guest whose memory is ours to move");
		break;
	case MEM_NO_REPORTS:
		snprintf(text, REASON_TEXT, "waiting for the guests' statistics");
		break;
	case MEM_NO_HOST:
		snprintf(text, REASON_TEXT, "the host does not tell what memory it has left");
		break;
	case MEM_NO_ROOM:
		unmet_text(c, "the host above its reserve", text);
		break;
	case MEM_NO_POOL:
		unmet_text(c, "the pool", text);
		break;
	case MEM_UNREADY:
		snprintf(text, REASON_TEXT,
		         "%u guest%s need%s %lld MiB more and cannot be given it now", c->nr_unmet,
		         plural(c->nr_unmet), c->nr_unmet == 1 ? "s" : "",
		         mib((int64_t)c->unmet_kib));
		break;
	case MEM_KEPT:
		snprintf(text, REASON_TEXT,
		         "%u guest%s need%s %lld MiB more, which is kept for others that fill and "
		         "have larger shares",
		         c->nr_unmet, plural(c->nr_unmet), c->nr_unmet == 1 ? "s" : "",
		         mib((int64_t)c->unmet_kib));
		break;
	case MEM_ORDERS:
		if (c->nr_unmet)
			unmet_text(c, c->by_pool ? "the pool" : "the host above its reserve", text);
		else
			snprintf(text, REASON_TEXT, "%u balloon%s, room for %lld MiB", c->nr_orders,
			         plural(c->nr_orders), mib((int64_t)c->host.spare_kib));
		break;
	case MEM_IN_BAND:
	case MEM_REASONS:
		break;
	}
}

static void add_action(const struct mem_guest *g, const struct sample_guest *s,
                       const struct mem_order *o, struct decision *d)
{
	struct action *a = &d->actions[d->nr_actions++];

	*a = (struct action){.kind = ACTION_BALLOON, .result = RESULT_NONE};
	memcpy(a->guest, s->uuid, UUID_BYTES);
	snprintf(a->name, sizeof(a->name), "%s", s->name);
	a->from_kib = o->why == MEM_WHY_WITHDRAW ? g->withdrawn_kib : g->target_kib;
	a->to_kib = o->target_kib;
	order_text(g, o, a->reason);
}

/* Takes first: what they free is there for the next tick's gives. */
static int phase_of(const struct mem_guest *g, const struct mem_order *o)
{
	return o->target_kib > g->target_kib ? 1 : 0;
}

static struct guest_plan guest_plan_of(const struct sample_guest *s, const struct mem_guest *g,
                                       const struct mem_order *o)
{
	struct guest_plan p = {.state = o->state,
	                       .low_kib = o->low_kib,
	                       .high_kib = o->high_kib,
	                       .floor_kib = o->floor_kib,
	                       .target_kib = o->target_kib};

	memcpy(p.guest, s->uuid, UUID_BYTES);
	if (!g->ours || !g->complete)
		p.low_kib = p.high_kib = p.floor_kib = UNKNOWN;
	if (!g->actual_kib)
		p.target_kib = UNKNOWN;
	return p;
}

void mem_explain(const struct mem_view *view, const struct sample *s,
                 const struct mem_order *orders, const struct mem_choice *choice,
                 struct decision *d, size_t *subject)
{
	size_t i;
	int phase;

	d->verdict = choice->verdict;
	d->spread_pm = d->noise_pm = d->predicted_pm = -1;
	d->exact = false;
	d->why = choice->why;
	d->host = choice->host;
	d->nr_actions = 0;
	d->nr_guests = view->nr_guests;
	reason_text(choice, d->reason);
	for (i = 0; i < view->nr_guests; i++)
		d->guests[i] = guest_plan_of(&s->guests[i], &view->guests[i], &orders[i]);
	for (phase = 0; phase < 2; phase++)
		for (i = 0; i < view->nr_guests; i++) {
			if (orders[i].why == MEM_WHY_NONE ||
			    phase_of(&view->guests[i], &orders[i]) != phase)
				continue;
			subject[d->nr_actions] = i;
			add_action(&view->guests[i], &s->guests[i], &orders[i], d);
		}
}
