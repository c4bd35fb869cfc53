/* host_ask - speak to a host by lines, through the seam that the programs use: for tests of what needs one connection */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/host.h"
#include "common/clock.h"

/*
 * In:  sample MS            read everything, and the slow statistics for MS at most
 *      memory GUEST MIB MS  set a guest's memory
 *      period GUEST S MS    set the period of its reports
 *      pin GUEST PCPU MS    let its first vCPU run there alone
 * Out: a line for each guest ("vmb-lab-1 balloon=ready actual_mib=512 usable_mib=480 ..."; ? is unknown), then one with the
 *      result ("sample 0 12 ms"): 0 or -errno and its sentence, and how long it took
 */
static struct host *host;
static struct sample s;

static const char *mib(uint64_t kib, char text[32])
{
	snprintf(text, 32, "%" PRIu64, kib / 1024);
	return kib == UNKNOWN ? "?" : text;
}

static const char *number(uint64_t value, char text[32])
{
	snprintf(text, 32, "%" PRIu64, value);
	return value == UNKNOWN ? "?" : text;
}

static void show(const struct sample_guest *g)
{
	static const char *const starts[] = {"?", "booted", "restored"};
	const struct guest_memory *m = &g->memory;
	char a[32], b[32], c[32], d[32], e[32], f[32], r[32];

	printf("%s balloon=%s start=%s busy=%d reboots=%u period_s=%s actual_mib=%s maximum_mib=%s "
	       "available_mib=%s usable_mib=%s unused_mib=%s rss_mib=%s delay=%s\n",
	       g->name, balloon_name[g->balloon], starts[g->start], g->busy, g->reboots,
	       number(m->period_s, a), mib(m->actual_kib, b), mib(m->maximum_kib, c),
	       mib(m->available_kib, d), mib(m->usable_kib, e), mib(m->unused_kib, f),
	       mib(m->rss_kib, r),
	       g->nr_vcpus && s.vcpus[g->first_vcpu].delay_ns != UNKNOWN ? "known" : "?");
}

static int sample(uint64_t limit_ns, struct error *e)
{
	size_t i;
	int r = host_sample(host, LATE_DELAY | LATE_MEMORY, &s, e);

	if (!r)
		r = host_sample_late(host, host_now_ns(host) + limit_ns, &s, e);
	for (i = 0; i < s.nr_guests; i++)
		show(&s.guests[i]);
	return r;
}

static const struct sample_guest *guest(const char *name)
{
	static const struct sample_guest nobody;
	size_t i;

	for (i = 0; i < s.nr_guests; i++)
		if (!strcmp(s.guests[i].name, name))
			return &s.guests[i];
	return &nobody;
}

static int obey(const char *line, struct error *e)
{
	unsigned value, limit_ms;
	struct cpuset to;
	char name[64];

	if (sscanf(line, "sample %u", &limit_ms) == 1)
		return sample(limit_ms * NS_PER_MS, e);
	if (sscanf(line, "memory %63s %u %u", name, &value, &limit_ms) == 3)
		return host_set_memory(host, guest(name)->uuid, value * 1024ULL,
		                       host_now_ns(host) + limit_ms * NS_PER_MS, e);
	if (sscanf(line, "period %63s %u %u", name, &value, &limit_ms) == 3)
		return host_set_period(host, guest(name)->uuid, value,
		                       host_now_ns(host) + limit_ms * NS_PER_MS, e);
	if (sscanf(line, "pin %63s %u %u", name, &value, &limit_ms) == 3) {
		to = cpuset_one(value);
		return host_pin(host, guest(name)->uuid, 0, &to,
		                host_now_ns(host) + limit_ms * NS_PER_MS, e);
	}
	return fail(e, EINVAL, "not a command");
}

int main(int argc, char **argv)
{
	struct error e;
	uint64_t begin;
	char line[256];
	int r;

	if (argc < 2 ||
	    host_open(argv[1], argc > 2 ? HOST_READ_ONLY : HOST_READ_WRITE, &host, &e) < 0) {
		fprintf(stderr, "host_ask: %s\n", argc < 2 ? "needs a URI" : e.text);
		return 1;
	}
	sample_init(&s);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		begin = clock_mono_ns();
		r = obey(line, &e);
		printf("%.*s %d %u ms%s%s\n", (int)strcspn(line, " \n"), line, r,
		       (unsigned)((clock_mono_ns() - begin) / NS_PER_MS), r < 0 ? ": " : "",
		       r < 0 ? e.text : "");
	}
	sample_done(&s);
	host_close(host);
	return 0;
}
