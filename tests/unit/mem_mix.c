/* mem_mix - random scenarios of memory: hosts and guests of all kinds, as case files */
#include "tests/unit/mem_mix.h"

#include <stdbool.h>

#include "collector/sim_noise.h"

#define GROUPS_MAX 6
#define DURATION_S 300

struct draws {
	uint64_t seed, nr;
};

static double draw(struct draws *d)
{
	return sim_draw(d->seed, 1, d->nr++);
}

/* A whole number from low to high. */
static unsigned between(struct draws *d, unsigned low, unsigned high)
{
	return low + (unsigned)(draw(d) * (high - low + 1));
}

static bool chance(struct draws *d, double part)
{
	return draw(d) < part;
}

/* Over three in five are ideal: what is in a mix must leave something to do. */
static const char *const kinds[] = {"lower-limit", "upper-limit", "sticky",    "stuck",
                                    "deflate",     "liar",        "frozen",    "windows",
                                    "exempt",      "silent",      "no-balloon"};

/* The last three have all of their memory at the start. */
#define NR_KINDS   (sizeof(kinds) / sizeof(kinds[0]))
#define NR_WORKING (NR_KINDS - 3)

static void write_kind(struct draws *d, FILE *file, int kind, unsigned balloon_mib)
{
	if (kind >= 0)
		fprintf(file, "kind = %s\n", kinds[kind]);
	if (kind == 0)
		fprintf(file, "limit = %u MiB\n", balloon_mib * between(d, 50, 100) / 100);
	if (kind == 1)
		fprintf(file, "limit = %u MiB\n", balloon_mib * between(d, 100, 150) / 100);
}

static void write_life(struct draws *d, FILE *file, unsigned memory_mib)
{
	unsigned at = between(d, 20, DURATION_S / 2);

	if (chance(d, 0.1))
		fprintf(file, "reset = %u s\n", at);
	if (chance(d, 0.05))
		fprintf(file, "start = %u s\n", between(d, 5, 60));
	if (chance(d, 0.05))
		fprintf(file, "pause = %u-%u s\n", at, at + between(d, 5, 60));
	if (chance(d, 0.05))
		fprintf(file, "job = %u-%u s\n", at, at + between(d, 5, 60));
	if (chance(d, 0.1))
		fprintf(file, "foreign = %u MiB at %u s\n", memory_mib * between(d, 50, 100) / 100,
		        at);
	if (chance(d, 0.15))
		fprintf(file, "swap = %u MiB\n", between(d, 128, 2048));
}

/* Most fill slowly; some as fast as a balloon is just able to follow; a few as fast as memory is. */
static unsigned rate_mb_s(struct draws *d)
{
	double what = draw(d);

	return what < 0.75   ? between(d, 1, 20)
	       : what < 0.95 ? between(d, 20, 80)
	                     : between(d, 100, 6000);
}

static void write_load(struct draws *d, FILE *file, unsigned group, unsigned memory_mib)
{
	double what = draw(d);
	bool limit = what < 0.8 && chance(d, 0.3);

	fprintf(file, "[memory fill%u]\nstart = %u s\nrate = %u MB/s\n", group, between(d, 1, 60),
	        rate_mb_s(d));
	if (limit)
		fprintf(file, "until = limit\n");
	else
		fprintf(file, "until = %u MiB\n", 64 + memory_mib * between(d, 5, 70) / 100);
	fprintf(file, "hold = %u s\n", between(d, 0, 40));
	if (chance(d, 0.5))
		fprintf(file, "again = %u s\n", between(d, 1, 60));
	if (what >= 0.8)
		fprintf(file, "what = %s\n", what < 0.9 ? "cache" : "tmpfs");
	else if (chance(d, 0.2))
		fprintf(file, "stops = no\n");
}

/* At the start a guest has what lets it live: 400 MiB at least; and one whose balloon is not moved has all. */
static void write_group(struct draws *d, FILE *file, unsigned group, unsigned *start_mib,
                        unsigned *most_mib)
{
	static const unsigned sizes[] = {512, 1024, 2048, 4096};
	unsigned memory = sizes[between(d, 0, 3)], count = between(d, 1, 3);
	unsigned balloon = memory * between(d, 15, 70) / 100;
	int kind = chance(d, 0.6) ? -1 : (int)between(d, 0, NR_KINDS - 1);

	if (balloon < 400)
		balloon = 400;
	if (kind >= (int)NR_WORKING)
		balloon = memory;
	*start_mib += count * (balloon + 120);
	*most_mib += count * (memory + 120);
	fprintf(file,
	        "[guests g%u]\ncount = %u\nmemory = %u MiB\nballoon = %u MiB\nhuge-pages = %s\n"
	        "memory-load = fill%u%s\npins = float\nload = 0 %%\n",
	        group, count, memory, balloon, chance(d, 0.5) ? "yes" : "no", group,
	        chance(d, 0.3) ? ", none" : "");
	write_kind(d, file, kind, balloon);
	write_life(d, file, memory);
	write_load(d, file, group, memory);
}

void mem_mix_write(uint64_t number, FILE *file, double *interval_s)
{
	static const double intervals[] = {0.5, 1, 1, 2, 5};
	struct draws d = {number, 0};
	unsigned groups = between(&d, 2, GROUPS_MAX), start = 0, most = 0, host, i;

	*interval_s = intervals[between(&d, 0, 4)];
	for (i = 0; i < groups; i++)
		write_group(&d, file, i, &start, &most);
	/* Four in ten hosts have next to nothing beyond what their guests start with. */
	host = start + (most - start) * between(&d, 0, chance(&d, 0.4) ? 10 : 120) / 100;
	host += 512 + host / 10;
	fprintf(file,
	        "[case]\nname = mix\ntitle = mix %u\nduration = %d s\nrun = mem\nseed = %u\n"
	        "[host]\npcpus = 2\nmemory = %u MiB\nused = 512 MiB\nlate = %u %%\n",
	        (unsigned)number, DURATION_S, (unsigned)number, host,
	        chance(&d, 0.5) ? 0 : between(&d, 1, 10));
	if (chance(&d, 0.1))
		fprintf(file, "[event e]\nat = 100 s\nused = 768 MiB\n");
}
