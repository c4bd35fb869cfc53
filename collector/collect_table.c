/* collect_table - a sample as a table for people */
#include "collector/collect_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/text.h"

struct table_form table_form_of(const char *host, FILE *out)
{
	struct table_form form = {.host = host, .width = 4000};
	struct winsize size;

	form.in_place = isatty(fileno(out));
	if (form.in_place && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col) {
		form.width = size.ws_col;
		form.height = size.ws_row;
	}
	return form;
}

/* ---- lines ---- */

struct page {
	const struct table_form *form;
	FILE *out;
	unsigned lines;
	size_t pcpus, guests; /* that have lines */
};

/* What stands on a page besides pCPUs and guests: first line, two headings, host, a blank line before each part. */
#define OTHER_LINES 7

/* Where there is not room for all, pCPUs leave guests a half at least; what has no line is counted in one. */
static void divide(struct page *page, const struct sample *s)
{
	size_t room = page->form->height > OTHER_LINES + 2 ? page->form->height - OTHER_LINES : 2;
	const size_t half = room / 2;

	page->pcpus = s->nr_pcpus;
	page->guests = s->nr_guests;
	if (!page->form->height || s->nr_pcpus + s->nr_guests <= room)
		return;
	if (s->nr_pcpus > room - half)
		page->pcpus = s->nr_guests < half ? room - s->nr_guests : room - half;
	if (s->nr_guests > room - page->pcpus)
		page->guests = room - page->pcpus;
}

static void line(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line(struct page *page, const char *format, ...)
{
	char text[4096];
	va_list args;

	if (page->form->height && page->lines >= page->form->height)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (page->lines++ && page->form->in_place)
		fputs("\033[K\n", page->out);
	else if (page->lines > 1)
		fputc('\n', page->out);
	if (text_width(text) <= page->form->width)
		fputs(text, page->out);
	else if (page->form->width < 4)
		fprintf(page->out, "%.*s", (int)text_place(text, page->form->width), text);
	else
		fprintf(page->out, "%.*s..", (int)text_place(text, page->form->width - 2), text);
}

/* How many of a list have a line of their own; where not all have, the last line says how many have none. */
static size_t listed(size_t nr, size_t lines)
{
	return nr <= lines ? nr : lines - 1;
}

static void rest_line(struct page *page, size_t nr, size_t shown, const char *what)
{
	if (shown < nr)
		line(page, "... and %zu more %s", nr - shown, what);
}

/* "17.9 %", or "-" when it is not known; as wide as a column. */
static char *percent(double value, char text[24])
{
	if (value < 0)
		snprintf(text, 24, "%6s", "-");
	else
		snprintf(text, 24, "%5.1f%%", value);
	return text;
}

static char *mib(uint64_t kib, char text[24])
{
	if (kib == UNKNOWN)
		snprintf(text, 24, "-");
	else
		snprintf(text, 24, "%llu", (unsigned long long)kib / 1024);
	return text;
}

/* ---- the table ---- */

static void bar(double pct, char text[64])
{
	int i, n = (int)lround(fmin(100, fmax(0, pct)) / 5);

	text[0] = '\0';
	for (i = 0; i < 20; i++)
		strcat(text, i < n ? "#" : ".");
}

/* Guests by name, each with its vCPU when it has several: "db, web/0, web/3". Floating ones are where they last ran. */
static void vcpus_on(const struct sample *s, const size_t *order, uint32_t pcpu, char *text,
                     size_t size)
{
	char name[GUEST_NAME];
	size_t i, v, used = 0;

	text[0] = '\0';
	for (i = 0; i < s->nr_guests; i++) {
		const struct sample_guest *g = &s->guests[order[i]];

		for (v = g->first_vcpu; v < g->first_vcpu + g->nr_vcpus; v++) {
			bool pinned = cpuset_count(&s->vcpus[v].affinity) == 1;

			if (pinned ? !cpuset_has(&s->vcpus[v].affinity, pcpu)
			           : s->vcpus[v].pcpu != (int32_t)pcpu)
				continue;
			text_plain(g->name, name, sizeof(name));
			if (used < size)
				used += (size_t)snprintf(text + used, size - used, "%s%s%s",
				                         used ? ", " : "", pinned ? "" : "~", name);
			if (used < size && g->nr_vcpus > 1)
				used += (size_t)snprintf(text + used, size - used, "/%u",
				                         s->vcpus[v].vcpu);
		}
	}
}

static void pcpu_lines(struct page *page, const struct sample *s, const struct rates *r,
                       const size_t *order)
{
	const size_t shown = listed(s->nr_pcpus, page->pcpus);
	char busy[24], load[64], names[2048];
	size_t i;

	line(page, "pCPU    busy                        vCPUs (~ floating)");
	for (i = 0; i < shown; i++) {
		bar(r->busy_pct[i], load);
		vcpus_on(s, order, s->pcpus[i].pcpu, names, sizeof(names));
		line(page, "%4u  %s  %s  %s%s", s->pcpus[i].pcpu, percent(r->busy_pct[i], busy),
		     load, cpuset_has(&s->usable, s->pcpus[i].pcpu) ? "" : "(not for guests) ",
		     names);
	}
	rest_line(page, s->nr_pcpus, shown, "pCPUs");
}

/* A guest's sums over its vCPUs; RATE_UNKNOWN when none is known. */
static struct vcpu_rate guest_rate(const struct sample_guest *g, const struct rates *r)
{
	struct vcpu_rate sum = {RATE_UNKNOWN, RATE_UNKNOWN};
	size_t v;

	for (v = g->first_vcpu; v < g->first_vcpu + g->nr_vcpus; v++) {
		if (r->vcpus[v].run_pct >= 0)
			sum.run_pct = fmax(0, sum.run_pct) + r->vcpus[v].run_pct;
		if (r->vcpus[v].delay_pct >= 0)
			sum.delay_pct = fmax(0, sum.delay_pct) + r->vcpus[v].delay_pct;
	}
	return sum;
}

/* A name in a column of so many characters. */
static char *column(const char *name, unsigned width, char text[2 * GUEST_NAME])
{
	char plain[GUEST_NAME];

	text_fit(text_plain(name, plain, sizeof(plain)), width);
	snprintf(text, 2 * GUEST_NAME, "%s%*s", plain, (int)(width - text_width(plain)), "");
	return text;
}

/* As wide as the longest name, where what stands beside it leaves room for that. */
static unsigned name_width(const struct page *page, const struct sample *s, unsigned others)
{
	size_t longest = 16, width;
	char plain[GUEST_NAME];
	size_t i;

	for (i = 0; i < s->nr_guests; i++) {
		width = text_width(text_plain(s->guests[i].name, plain, sizeof(plain)));
		longest = width > longest ? width : longest;
	}
	if (page->form->width < others + longest)
		return page->form->width > others + 16 ? page->form->width - others : 16;
	return (unsigned)longest;
}

/* "512/2048": what it has of what it may have. */
static char *balloon(const struct guest_memory *m, char text[48])
{
	char actual[24], maximum[24];

	snprintf(text, 48, "%s/%s", mib(m->actual_kib, actual), mib(m->maximum_kib, maximum));
	return text;
}

/* What is special about a guest; most are running, and have a balloon that can be used. */
static const char *guest_note(const struct sample_guest *g)
{
	if (g->state != GUEST_RUNNING)
		return guest_state_name[g->state];
	if (g->busy)
		return "busy";
	if (g->balloon == BALLOON_NONE)
		return "no balloon";
	if (g->balloon == BALLOON_EXEMPT)
		return "exempt";
	return g->memory.updated_s == 0 ? "no driver" : "";
}

/* What it uses, by one report of its own. */
static uint64_t used_kib(const struct guest_memory *m)
{
	if (m->available_kib == UNKNOWN || m->usable_kib == UNKNOWN ||
	    m->usable_kib > m->available_kib)
		return UNKNOWN;
	return m->available_kib - m->usable_kib;
}

/* With what stands beside a name: "running" states and the like need no more. */
#define NUMBERS_WIDTH 64
#define VCPUS_WIDTH   6

/* In 80 columns all but the number of vCPUs has room; in more that too, and longer names. */
static void guest_lines(struct page *page, const struct sample *s, const struct rates *r,
                        const size_t *order)
{
	const size_t shown = listed(s->nr_guests, page->guests);
	char name[2 * GUEST_NAME], run[24], delay[24], size[48], used[24], usable[24], unused[24];
	char rss[24], vcpus[24] = "";
	bool wide = page->form->width >= 100;
	unsigned width = name_width(page, s, NUMBERS_WIDTH + (wide ? VCPUS_WIDTH : 0));
	size_t i;

	line(page, "%s%s     run   delay  MiB/of max   used usable unused    rss",
	     column("guest", width, name), wide ? " vCPUs" : "");
	for (i = 0; i < shown; i++) {
		const struct sample_guest *g = &s->guests[order[i]];
		const struct guest_memory *m = &g->memory;
		struct vcpu_rate rate = guest_rate(g, r);

		if (wide)
			snprintf(vcpus, sizeof(vcpus), " %5u", g->nr_vcpus);
		line(page, "%s%s  %s  %s  %10s %6s %6s %6s %6s %s", column(g->name, width, name),
		     vcpus, percent(rate.run_pct, run), percent(rate.delay_pct, delay),
		     balloon(m, size), mib(used_kib(m), used), mib(m->usable_kib, usable),
		     mib(m->unused_kib, unused), mib(m->rss_kib, rss), guest_note(g));
	}
	rest_line(page, s->nr_guests, shown, "guests");
}

/* Sums over the guests that tell: of their balloons, and of what their processes hold. */
static void memory_line(struct page *page, const struct sample *s)
{
	char total[24], available[24], unused[24], balloons[24], rss[24];
	uint64_t sum = 0, held = 0;
	bool known = false;
	size_t i;

	for (i = 0; i < s->nr_guests; i++) {
		const struct guest_memory *m = &s->guests[i].memory;

		sum += m->actual_kib == UNKNOWN ? 0 : m->actual_kib;
		held += m->rss_kib == UNKNOWN ? 0 : m->rss_kib;
		known |= m->actual_kib != UNKNOWN;
	}
	line(page, "host (MiB): total %s, available %s, free %s; balloons %s, rss %s",
	     mib(s->memory.total_kib, total), mib(s->memory.available_kib, available),
	     mib(s->memory.free_kib, unused), mib(known ? sum : UNKNOWN, balloons),
	     mib(known ? held : UNKNOWN, rss));
}

static int by_name(const void *a, const void *b, void *data)
{
	const struct sample_guest *guests = data;

	/* "vm-2" before "vm-10" */
	return strverscmp(guests[*(const size_t *)a].name, guests[*(const size_t *)b].name);
}

void collect_table(const struct table_form *form, const struct sample *s, const struct rates *r,
                   FILE *out)
{
	struct page page = {.form = form, .out = out};
	size_t *order = calloc(s->nr_guests + 1, sizeof(*order)), i;
	char when[16], host[256];

	if (!order)
		return;
	for (i = 0; i < s->nr_guests; i++)
		order[i] = i;
	qsort_r(order, s->nr_guests, sizeof(*order), by_name, s->guests);
	divide(&page, s);
	if (form->in_place)
		fputs("\033[H", out);
	line(&page, "%s  %s: %zu pCPU%s, %zu guest%s, %zu vCPU%s", text_time(s->wall_ns, when),
	     text_plain(form->host, host, sizeof(host)), s->nr_pcpus, plural(s->nr_pcpus),
	     s->nr_guests, plural(s->nr_guests), s->nr_vcpus, plural(s->nr_vcpus));
	line(&page, "%s", "");
	pcpu_lines(&page, s, r, order);
	line(&page, "%s", "");
	if (s->nr_guests)
		guest_lines(&page, s, r, order);
	else
		line(&page, "no running guests");
	line(&page, "%s", "");
	memory_line(&page, s);
	fputs(form->in_place ? "\033[K\033[J" : "\n\n", out);
	free(order);
}
