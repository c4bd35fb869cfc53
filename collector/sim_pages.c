/* sim_pages - what a guest's kernel does with its pages: give, reclaim, swap; and which of them the host must back */
#include "collector/sim_pages.h"

#include <math.h>

#define MIB      1024.0
#define PAGE_KIB 4.0

/*
 * What a kernel keeps is a 64th for its page structs, and its image. With these a guest of 2 GiB ballooned to 212 MiB has
 * 108 MiB free (104 were seen).
 */
#define IMAGE_KIB (24 * MIB)
#define BASE_KIB  (48 * MIB)

/*
 * The high watermark. With transparent huge pages khugepaged raises min_free_kbytes to 44 MiB on a guest with two zones, up
 * to 5 % of its memory, and high is half as much again: with 70 MiB there are 38 MiB usable of the 108 free (35 were seen). Without
 * them it grows with the root of the memory: 13 MiB at 2 GiB were seen.
 */
#define HUGE_HIGH_KIB  (70 * MIB)
#define HUGE_HIGH_PART 0.075
#define HIGH_KIB       (13 * MIB)
#define HIGH_AT_KIB    (2048 * MIB)

/* The other watermarks, as parts of high. */
#define MIN_PART (2.0 / 3)
#define LOW_PART (5.0 / 6)

/* Of what the load has on the swap device it touches all in this time; what the device moves in a second, both ways. */
#define TOUCH_S  20
#define DISK_KIB (200 * MIB)

void sim_pages_boot(struct sim_pages *p, const struct case_group *group, double backed)
{
	double memory = (double)group->memory_kib;
	double kept = memory / 64 + fmin(IMAGE_KIB, memory / 16);

	*p = (struct sim_pages){
	        .total = memory - kept,
	        .kept = kept,
	        .base = fmin(BASE_KIB, memory / 4),
	        .high = group->huge_pages ? fmin(HUGE_HIGH_KIB, HUGE_HIGH_PART * memory)
	                                  : HIGH_KIB * sqrt(memory / HIGH_AT_KIB),
	        .swap_size = (double)group->swap_kib,
	        .disk = DISK_KIB,
	};
	p->backed_free = fmin(fmax(0, backed - p->kept - p->base), sim_pages_free(p));
}

double sim_pages_free(const struct sim_pages *p)
{
	return fmax(0, p->total - p->base - p->balloon - p->anon - p->tmpfs - p->cache);
}

/* As Linux reckons it: of the cache half, or the low watermark, may be needed. */
double sim_pages_available(const struct sim_pages *p)
{
	double cache = p->cache - fmin(p->cache / 2, LOW_PART * p->high);

	return fmax(0, sim_pages_free(p) - p->high + cache);
}

double sim_pages_backed(const struct sim_pages *p)
{
	return p->kept + p->base + p->anon + p->tmpfs + p->cache + p->backed_free;
}

/* Take free pages: backed ones and others in proportion. */
static void use_free(struct sim_pages *p, double kib)
{
	double all = sim_pages_free(p);

	p->backed_free -= all > 0 ? p->backed_free * fmin(1, kib / all) : 0;
}

static void swap_out(struct sim_pages *p, double kib)
{
	double left = fmin(p->disk, p->swap_size - p->swapped);

	kib = fmin(fmin(kib, left), p->anon);
	p->anon -= kib;
	p->swapped += kib;
	p->swap_out += kib;
	p->disk -= kib;
	p->backed_free += kib;
}

static void reclaim(struct sim_pages *p, double kib)
{
	double cache = fmin(kib, p->cache);

	p->cache -= cache;
	p->backed_free += cache;
	if (kib > cache)
		swap_out(p, kib - cache);
}

/* Find up to so many free pages above the min watermark, and use them. */
static double get(struct sim_pages *p, double kib)
{
	double least = MIN_PART * p->high;

	if (sim_pages_free(p) - least < kib)
		reclaim(p, kib - (sim_pages_free(p) - least));
	kib = fmax(0, fmin(kib, sim_pages_free(p) - least));
	use_free(p, kib);
	return kib;
}

static double fill_cache(struct sim_pages *p, double kib)
{
	double more = fmin(kib, fmax(0, sim_pages_free(p) - p->high));

	use_free(p, more);
	p->cache += more;
	return kib;
}

double sim_pages_fill(struct sim_pages *p, enum case_pages kind, double kib)
{
	p->minor_faults += kib / PAGE_KIB;
	if (kind == PAGES_CACHE)
		return fill_cache(p, kib);
	kib = get(p, kib);
	*(kind == PAGES_TMPFS ? &p->tmpfs : &p->anon) += kib;
	return kib;
}

void sim_pages_drop(struct sim_pages *p, enum case_pages kind)
{
	double *pages = kind == PAGES_ANON ? &p->anon : kind == PAGES_TMPFS ? &p->tmpfs : &p->cache;

	p->backed_free += *pages;
	*pages = 0;
	if (kind == PAGES_ANON)
		p->swapped = 0;
}

double sim_pages_inflate(struct sim_pages *p, double kib)
{
	kib = get(p, kib);
	p->balloon += kib;
	return kib;
}

void sim_pages_deflate(struct sim_pages *p, double kib)
{
	p->balloon -= fmin(kib, p->balloon);
}

/* What was swapped comes back as far as there is room for it: pages go out for it where there is none. */
static void touch(struct sim_pages *p, double seconds)
{
	double kib = fmin(p->swapped * fmin(1, seconds / TOUCH_S), p->disk);

	kib = get(p, kib);
	p->swapped -= kib;
	p->anon += kib;
	p->swap_in += kib;
	p->disk -= kib;
	p->major_faults += kib / PAGE_KIB;
}

void sim_pages_step(struct sim_pages *p, double seconds)
{
	p->disk = DISK_KIB * seconds;
	if (sim_pages_free(p) < LOW_PART * p->high)
		reclaim(p, p->high - sim_pages_free(p));
	if (p->swapped > 0)
		touch(p, seconds);
}
