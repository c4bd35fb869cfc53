/* html_run - how a run was configured, where it ran, and how it was recorded */
#include <string.h>

#include "analyze/html.h"
#include "analyze/html_page.h"
#include "analyze/select.h"
#include "common/version.h"
#include "common/word.h"

/* A line of a list of names and values; nothing where the value is not known. */
static void put(const char *name, const char *value, FILE *out)
{
	if (*value)
		html(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void put_count(const char *name, unsigned long long value, FILE *out)
{
	html(out, "<div><dt>%s</dt><dd>%lld</dd></div>\n", name, (long long)value);
}

/* "balance=5 dwell=3" as lines. */
static void put_settings(const char *settings, FILE *out)
{
	char name[128], value[512];
	size_t length, key;

	for (; *settings; settings += length) {
		settings += strspn(settings, " ");
		length = strcspn(settings, " ");
		key = strcspn(settings, "= ");
		if (!length)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)key, settings);
		word_decode(settings + key + 1, key < length ? length - key - 1 : 0, value,
		            sizeof(value));
		html(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, *value ? value : "yes");
	}
}

static void put_configuration(const struct series *s, FILE *out)
{
	html(out, "<section>\n<h2>Configuration</h2>\n<dl class=\"facts\">\n");
	html(out, "<div><dt>Program</dt><dd>%s %s</dd></div>\n", s->run.program, s->run.version);
	put("Label", s->run.label, out);
	html(out, "<div><dt>Interval</dt><dd>%g s</dd></div>\n", (double)s->run.interval_ns / 1e9);
	put_settings(s->run.settings, out);
	html(out, "<div class=\"wide\"><dt>Command line</dt><dd><code>%s</code></dd></div>\n",
	     s->run.arguments);
	html(out, "</dl>\n</section>\n");
}

/* How many different ones of something the pCPUs lie in; 0: the host does not tell. */
static unsigned count_places(const struct host_facts *f, size_t offset)
{
	int32_t seen[PCPU_MAX], at;
	unsigned nr = 0, n;
	size_t i;

	for (i = 0; i < f->nr_places; i++) {
		memcpy(&at, (const char *)&f->places[i] + offset, sizeof(at));
		for (n = 0; n < nr && seen[n] != at; n++)
			;
		if (at >= 0 && n == nr)
			seen[nr++] = at;
	}
	return nr;
}

static void put_environment(const struct series *s, FILE *out)
{
	static const struct {
		const char *name;
		size_t offset;
	} places[] = {{"NUMA nodes", offsetof(struct pcpu_place, node)},
	              {"Sockets", offsetof(struct pcpu_place, socket)},
	              {"Last-level caches", offsetof(struct pcpu_place, llc)},
	              {"Cores", offsetof(struct pcpu_place, core)}};
	const struct host_facts *f = &s->run.facts;
	size_t i;

	html(out, "<section>\n<h2>Environment</h2>\n<dl class=\"facts\">\n");
	put("Host", f->name, out);
	put("Connection", f->uri, out);
	put("Hypervisor", f->hypervisor, out);
	put("Library", f->library, out);
	put("Kernel", f->kernel, out);
	put("CPU", f->cpu_model, out);
	if (f->memory_kib && f->memory_kib != UNKNOWN)
		html(out, "<div><dt>Memory</dt><dd>%.1f GiB</dd></div>\n",
		     (double)f->memory_kib / (1 << 20));
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (count_places(f, places[i].offset))
			put_count(places[i].name, count_places(f, places[i].offset), out);
	put_count("pCPUs", f->nr_places, out);
	put_count("Usable pCPUs", series_nr_pcpus(s), out);
	put_count("Guests", s->nr_guests, out);
	put_count("vCPUs", s->nr_vcpus, out);
	html(out, "</dl>\n</section>\n");
}

static void put_recording(const struct series *s, FILE *out)
{
	size_t i;

	html(out, "<section>\n<h2>Recording</h2>\n<dl class=\"facts\">\n");
	put_count("Ticks", s->nr_ticks, out);
	html(out, "<div><dt>First to last</dt><dd>%.1f s</dd></div>\n", series_seconds(s));
	put_count("Missed deadlines", s->missed, out);
	put_count("Gaps", s->gaps, out);
	put_count("Rates left out", s->rebased, out);
	for (i = 0; select_is_balancer(&s->run) && i < VERDICTS; i++)
		if (s->verdicts[i])
			html(out, "<div><dt>Decided: %s</dt><dd>%zu\u00d7</dd></div>\n",
			     verdict_name[i], s->verdicts[i]);
	put("Ended",
	    s->run.end_mono_ns == UNKNOWN
	            ? "not closed: killed, still at work, or its disk was full"
	            : s->run.exit_reason,
	    out);
	html(out, "</dl>\n</section>\n");
}

static bool is_told(const struct report *r, const struct trace_run_row *run)
{
	return run->run == r->chosen.series->run.run ||
	       (r->beside.series && run->run == r->beside.series->run.run);
}

static void put_runs(const struct report *r, FILE *out)
{
	size_t i;

	if (r->in.nr_runs < 2)
		return;
	html(out, "<section>\n<h2>Runs in this trace</h2>\n");
	html_fold(out, r->in.nr_runs, "run", "runs");
	html(out,
	     "<div class=\"scroll\"><table><thead><tr><th class=\"n\">Run</th><th>Program</th>"
	     "<th>Label</th><th class=\"n\">Ticks</th><th class=\"n\">Actions</th></tr></thead>\n"
	     "<tbody>\n");
	for (i = 0; i < r->in.nr_runs; i++) {
		const struct trace_run_row *run = &r->in.runs[i];

		html(out,
		     "<tr><td class=\"n\">%lld</td><td>%s%s</td><td>%s</td><td "
		     "class=\"n\">%llu</td>"
		     "<td class=\"n\">%llu</td></tr>\n",
		     (long long)run->run, run->program, is_told(r, run) ? " (this report)" : "",
		     run->label, (unsigned long long)run->ticks, (unsigned long long)run->actions);
	}
	html(out, "</tbody></table></div>\n");
	html_unfold(out, r->in.nr_runs);
	html(out, "</section>\n");
}

void html_run(const struct report *r, FILE *out)
{
	html(out, "<div class=\"pair\">\n");
	put_configuration(r->chosen.series, out);
	put_environment(r->chosen.series, out);
	put_recording(r->chosen.series, out);
	html(out, "</div>\n");
	if (r->beside.series) {
		html(out, "<div class=\"pair\">\n");
		put_configuration(r->beside.series, out);
		put_recording(r->beside.series, out);
		html(out, "</div>\n");
	}
	put_runs(r, out);
}
