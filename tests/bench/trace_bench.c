/* trace_bench - what a trace costs: bytes a vCPU-sample, CPU time a tick, rows read a second, memory for that */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/sample.h"
#include "common/clock.h"
#include "common/version.h"
#include "traces/trace_read.h"
#include "traces/trace_write.h"

enum {
	UPTIME_S = 6 * 3600, /* counters of guests and pCPUs that have run for hours */
	TICK_MS = 1000
};

struct load {
	const char *name;
	unsigned guests, vcpus, pcpus, ticks;
	bool memory;
};

static void require(int r, const struct error *e)
{
	if (r >= 0)
		return;
	fprintf(stderr, "trace_bench: %s\n", e->text);
	exit(1);
}

static uint64_t counter(uint64_t ms, unsigned salt, unsigned share_pm, unsigned step_ns)
{
	uint64_t ns = (UPTIME_S * 1000ULL + ms) * 1000 * share_pm + salt * 7919 * ms % 5000000;

	return ns / step_ns * step_ns;
}

static void fill_memory(struct guest_memory *m, unsigned i, uint64_t tick)
{
	*m = (struct guest_memory){.actual_kib = 524288 - i * 4096,
	                           .maximum_kib = 2097152,
	                           .unused_kib = 180000 + (tick * 37 + i * 11) % 9000,
	                           .available_kib = 489000,
	                           .usable_kib = 250000 + (tick * 41 + i * 13) % 9000,
	                           .disk_caches_kib = 40000 + tick % 100,
	                           .swap_in_kib = 0,
	                           .swap_out_kib = 0,
	                           .major_faults = 300 + tick / 100,
	                           .minor_faults = 100000 + tick * 20,
	                           .rss_kib = 220000 + tick % 500,
	                           .updated_s = 1700000000 + tick};
}

static void fill(struct sample *s, const struct load *l, uint64_t tick)
{
	uint64_t ms = tick * TICK_MS;
	uint8_t uuid[UUID_BYTES] = {0x42};
	char name[GUEST_NAME];
	unsigned i, v;

	sample_clear(s);
	s->begin_ns = (UPTIME_S * 1000ULL + ms) * NS_PER_MS + tick * 1237 % 90000;
	s->end_ns = s->begin_ns + 300000 + tick * 37 % 90000;
	for (i = 0; i < l->pcpus; i++) {
		struct sample_pcpu *p = sample_add_pcpu(s, i);

		cpuset_add(&s->usable, i);
		p->user_ns = counter(ms, i, 300, 10000000);
		p->kernel_ns = counter(ms, i, 50, 10000000);
		p->iowait_ns = counter(ms, i, 2, 10000000);
		p->idle_ns = counter(ms, i, 640, 10000000);
	}
	s->online = s->usable;
	for (i = 0; i < l->guests; i++) {
		struct sample_guest *g;

		memcpy(uuid + 8, &(uint32_t){__builtin_bswap32(i)}, 4);
		snprintf(name, sizeof(name), "vmb-lab-%u", i + 1);
		g = sample_add_guest(s, uuid, name);
		fill_memory(&g->memory, i, tick);
		g->instance = 1;
		for (v = 0; v < l->vcpus; v++) {
			struct sample_vcpu *c = sample_add_vcpu(s, v);

			c->run_ns = counter(ms, i, 180, 10000000);
			c->delay_ns = counter(ms, i + v, 20, 1);
			c->pcpu = (int32_t)((i + v) % l->pcpus);
			c->affinity = cpuset_one((i + v) % l->pcpus);
		}
	}
	s->memory = (struct host_memory){16000000, 9000000 + tick % 999, 12000000, 3000000};
}

static void write_trace(const char *path, const struct load *l)
{
	struct trace_run run = {.program = "trace_bench",
	                        .version = VMB_VERSION,
	                        .arguments = "",
	                        .interval_ns = TICK_MS * NS_PER_MS,
	                        .memory = l->memory};
	static struct host_facts facts;
	struct decision quiet = {.verdict = VERDICT_QUIET};
	uint64_t tick, before, cpu_ns = 0, longest_ns = 0;
	struct sample s;
	struct trace *t;
	struct error e;

	sample_init(&s);
	unlink(path);
	require(trace_open(path, &run, &facts, &t, &e), &e);
	for (tick = 0; tick < l->ticks; tick++) {
		struct trace_tick timing = {tick, 20000 + tick % 100, tick * 900000};

		fill(&s, l, tick);
		before = clock_self_cpu_ns();
		require(trace_tick(t, &timing, &s, &quiet, &e), &e);
		before = clock_self_cpu_ns() - before;
		cpu_ns += before;
		longest_ns = before > longest_ns ? before : longest_ns;
	}
	require(trace_close(t, s.end_ns, 0, "done", &e), &e);
	printf("%-28s CPU per tick %7.1f us (longest %.0f us)\n", l->name,
	       (double)cpu_ns / (double)l->ticks / 1e3, (double)longest_ns / 1e3);
	sample_done(&s);
}

/* Rows of all ticks; those of seldom changes are not counted. */
static uint64_t scan(const char *path, bool memory, uint64_t *cpu_ns)
{
	AUTO(trace_reader_close) struct trace_reader *r = NULL;
	uint64_t before = clock_self_cpu_ns(), rows = 0;
	const struct trace_tick_row *row;
	struct error e;
	int more;

	require(trace_reader_open(path, &r, &e), &e);
	require(trace_begin_ticks(r, 1, &e), &e);
	while ((more = trace_next_tick(r, &row, &e)) > 0)
		rows += 1 + row->sample.nr_pcpus + row->sample.nr_vcpus +
		        (memory ? 1 + row->sample.nr_guests : 0);
	require(more, &e);
	*cpu_ns = clock_self_cpu_ns() - before;
	return rows;
}

static void read_trace(const char *path, const struct load *l)
{
	uint64_t cpu_ns, rows = scan(path, l->memory, &cpu_ns);
	struct stat st;

	stat(path, &st);
	printf("%-28s %5.1f bytes per vCPU-sample, %.0f per tick, file %lld KiB\n", "",
	       (double)st.st_size / ((double)l->ticks * l->guests * l->vcpus),
	       (double)st.st_size / l->ticks, (long long)st.st_size / 1024);
	printf("%-28s reading %.2f M rows/s of CPU time (%llu rows)\n", "",
	       (double)rows / (double)cpu_ns * 1e3, (unsigned long long)rows);
}

/* Of a trace that is there: rows, million rows a second of CPU time, peak memory in KiB. */
static void scan_one(const char *path)
{
	uint64_t cpu_ns, rows = scan(path, false, &cpu_ns);
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	printf("%llu %.2f %ld\n", (unsigned long long)rows, (double)rows / (double)cpu_ns * 1e3,
	       used.ru_maxrss);
}

/* Without an argument: made-up loads, written and read. With one: that trace, read. */
int main(int argc, char **argv)
{
	static const struct load loads[] = {
	        {"8 guests, 2 pCPUs, 600 ticks", 8, 1, 2, 600, false},
	        {"the same with memory", 8, 1, 2, 600, true},
	        {"16 vCPUs, 8 pCPUs, 10 hours", 8, 2, 8, 36000, false},
	        {"10,000 vCPUs, 256 pCPUs", 1250, 8, 256, 20, false},
	};
	char path[] = "/tmp/trace_bench.XXXXXX";
	size_t i;

	if (argc == 2) {
		scan_one(argv[1]);
		return 0;
	}
	for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
		close(mkstemp(path));
		write_trace(path, &loads[i]);
		read_trace(path, &loads[i]);
		unlink(path);
		strcpy(path, "/tmp/trace_bench.XXXXXX");
	}
	return 0;
}
