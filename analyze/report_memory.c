/* report_memory - what became of the memory in a run, in sentences for people */
#include <math.h>

#include "analyze/course.h"
#include "analyze/line.h"
#include "analyze/report.h"
#include "analyze/settings.h"
#include "common/text.h"

static const struct summary *all_of(const struct report *r, const char *id)
{
	return &r->numbers[metric_find(id) - metrics].all;
}

/* " (guest-1)" after a number that is the worst of the guests'. */
static void say_whose(struct line *l, const struct report *r, const struct summary *of)
{
	char text[LINE_NAME];

	if (of->worst_subject >= 0 && of->worst)
		line_sayf(
		        l, "(%s)",
		        line_name(report_mem(r)->series->guests[of->worst_subject].name, 32, text));
}

static void print_host(const struct report *r, FILE *out)
{
	const struct summary *host = all_of(r, "mem.host_available_min");
	const struct summary *balloons = all_of(r, "mem.balloons");
	double reserve = all_of(r, "run.reserve_mib")->worst,
	       pool = all_of(r, "run.pool_mib")->worst;
	struct line l = line_begin(out, "memory");

	line_sayf(&l, "balloons %.0f to %.0f MiB in all", balloons->min, balloons->max);
	if (!isnan(pool))
		line_sayf(&l, "of a pool of %.0f", pool);
	if (host->nr)
		line_sayf(&l, "- host: %.0f MiB available at least (at %.1f s)", host->min,
		          host->worst_s);
	if (!isnan(reserve))
		line_sayf(&l, "of which %.0f are its reserve", reserve);
	line_end(&l);
}

static void print_guests(const struct report *r, FILE *out)
{
	const struct summary *usable = all_of(r, "mem.guest_usable_min");
	const struct summary *used = all_of(r, "mem.peak_used");
	const struct summary *settle = all_of(r, "mem.settle_s");
	const struct settling *x = &report_mem(r)->settling;
	struct line l = line_begin(out, "guests");

	if (usable->nr) {
		line_sayf(&l, "%.0f MiB usable at least below their maximum", usable->worst);
		say_whose(&l, r, usable);
		line_sayf(&l, "- %.0f MiB used at most", used->worst);
		say_whose(&l, r, used);
	} else {
		line_say(&l, "what they have left is not told");
	}
	if (isinf(settle->worst))
		line_say(&l, "- not in their bands at the end");
	else if (settle->nr)
		line_sayf(&l, "- in their bands to the end since %.1f s", settle->worst);
	if (settle->nr)
		say_whose(&l, r, settle);
	if (x->rest.left)
		line_sayf(&l, "- left them again %zu time%s", x->rest.left, plural(x->rest.left));
	if (x->rest_course != COURSE_UNKNOWN)
		line_sayf(&l, "- class: %s", course_name[x->rest_course]);
	line_end(&l);
}

static void print_moves(const struct report *r, FILE *out)
{
	const struct summary *cut = all_of(r, "mem.largest_cut");
	double missed = all_of(r, "mem.set_missed")->worst;
	struct line l = line_begin(out, "moved");

	if (settings_moves_memory(&report_mem(r)->series->run))
		line_sayf(&l, "by %.0f orders,", all_of(r, "mem.calls")->worst);
	line_sayf(&l, "%.0f MiB all changes added up, %.0f net - largest cut %.0f MiB",
	          all_of(r, "mem.travel")->worst, all_of(r, "mem.net")->worst, cut->worst);
	say_whose(&l, r, cut);
	if (missed > 0)
		line_sayf(&l, "- %.0f not reached", missed);
	line_end(&l);
}

void report_memory(const struct report *r, FILE *out)
{
	if (!all_of(r, "mem.balloons")->nr)
		return;
	print_host(r, out);
	print_guests(r, out);
	print_moves(r, out);
}
