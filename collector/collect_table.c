/* collect_table - a sample as a table for people */
#include "collector/collect_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

/* ---- lines ---- */

struct page {
	const struct table_form *form;
	FILE *out;
	unsigned lines;
};

/* Characters, not bytes, are counted; text_plain() has made sure that they are UTF-8. */
static size_t cut_at(const char *text, unsigned width)
{
	size_t i = 0;

	while (text[i]) {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && !width--)
			break;
		i++;
	}
	return i;
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
	fprintf(page->out, "%.*s", (int)cut_at(text, page->form->width), text);
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
	char busy[24], load[64], names[2048];
	size_t i;

	line(page, "pCPU    busy                        vCPUs (~ floating)");
	for (i = 0; i < s->nr_pcpus; i++) {
		bar(r->busy_pct[i], load);
		vcpus_on(s, order, s->pcpus[i].pcpu, names, sizeof(names));
		line(page, "%4u  %s  %s  %s%s", s->pcpus[i].pcpu, percent(r->busy_pct[i], busy),
		     load, cpuset_has(&s->usable, s->pcpus[i].pcpu) ? "" : "(not for guests) ",
		     names);
	}
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
static char *column(const char *name, unsigned width, char text[GUEST_NAME + 64])
{
	char plain[GUEST_NAME];
	size_t length, used;
	unsigned shown = 0, i;

	text_plain(name, plain, sizeof(plain));
	length = cut_at(plain, width);
	for (i = 0; i < length; i++)
		shown += ((unsigned char)plain[i] & 0xc0) != 0x80;
	used = (size_t)snprintf(text, GUEST_NAME + 64, "%.*s", (int)length, plain);
	snprintf(text + used, GUEST_NAME + 64 - used, "%*s", (int)(width - shown), "");
	return text;
}

static void guest_lines(struct page *page, const struct sample *s, const struct rates *r,
                        const size_t *order)
{
	char name[GUEST_NAME + 64], run[24], delay[24], actual[24], unused[24], usable[24];
	size_t i;

	line(page, "guest                 vCPUs     run   delay   actual  unused  usable (MiB)");
	for (i = 0; i < s->nr_guests; i++) {
		const struct sample_guest *g = &s->guests[order[i]];
		struct vcpu_rate rate = guest_rate(g, r);

		line(page, "%s  %5u  %s  %s  %7s %7s %7s%s%s", column(g->name, 20, name),
		     g->nr_vcpus, percent(rate.run_pct, run), percent(rate.delay_pct, delay),
		     mib(g->memory.actual_kib, actual), mib(g->memory.unused_kib, unused),
		     mib(g->memory.usable_kib, usable), g->state == GUEST_RUNNING ? "" : "  ",
		     g->state == GUEST_RUNNING ? "" : guest_state_name[g->state]);
	}
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
	struct page page = {form, out, 0};
	size_t *order = calloc(s->nr_guests + 1, sizeof(*order)), i;
	char when[16], host[256], total[24], available[24], unused[24];

	if (!order)
		return;
	for (i = 0; i < s->nr_guests; i++)
		order[i] = i;
	qsort_r(order, s->nr_guests, sizeof(*order), by_name, s->guests);
	if (form->in_place)
		fputs("\033[H", out);
	line(&page, "%s  %s: %zu pCPUs, %zu guests, %zu vCPUs", text_time(s->wall_ns, when),
	     text_plain(form->host, host, sizeof(host)), s->nr_pcpus, s->nr_guests, s->nr_vcpus);
	line(&page, "%s", "");
	pcpu_lines(&page, s, r, order);
	line(&page, "%s", "");
	if (s->nr_guests)
		guest_lines(&page, s, r, order);
	else
		line(&page, "no running guests");
	line(&page, "%s", "");
	line(&page, "host memory: total %s, available %s, free %s MiB",
	     mib(s->memory.total_kib, total), mib(s->memory.available_kib, available),
	     mib(s->memory.free_kib, unused));
	fputs(form->in_place ? "\033[K\033[J" : "\n\n", out);
	fflush(out);
	free(order);
}
