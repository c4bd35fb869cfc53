/* sim_pages - what a guest's kernel does with its pages: give, reclaim, swap; and which of them the host must back */
#ifndef VMB_COLLECTOR_SIM_PAGES_H
#define VMB_COLLECTOR_SIM_PAGES_H

#include "collector/case.h"

/*
 * All in KiB. What a guest boots with is kept by its kernel for itself (image, page structs), in its balloon, in use, or
 * free. Free pages below the watermarks are the kernel's own reserve: these are set by what it boots with, and a balloon
 * does not lower them.
 *
 * The host backs a page from the first time that the guest touches it until the balloon has it. Who wants free pages gets
 * of those that are backed and of the others in proportion: 512 MiB of balloon freed 18 MiB on the host where the guest
 * had hardly touched anything.
 */
struct sim_pages {
	double total;     /* what the kernel has with an empty balloon: its MemTotal then */
	double kept;      /* what it keeps for itself of what it booted with */
	double base;      /* of the total: in use by kernel and system for good */
	double high;      /* watermark that it reclaims up to; low and min are parts of it */
	double swap_size; /* of its swap device */

	double balloon;
	double anon, tmpfs; /* of the load, in memory */
	double cache;
	double swapped;     /* of anon: files in tmpfs are never swapped here */
	double backed_free; /* of the free pages: backed by the host */
	double disk;        /* that the swap device can still move in this step */

	double swap_in, swap_out, minor_faults, major_faults; /* since boot */
};

/* A kernel has just booted with memory_kib, of which the host backs so much; the balloon is empty. */
void sim_pages_boot(struct sim_pages *p, const struct case_group *group, double backed);

/* MemFree, MemAvailable, and what the host backs. */
double sim_pages_free(const struct sim_pages *p);
double sim_pages_available(const struct sim_pages *p);
double sim_pages_backed(const struct sim_pages *p);

/*
 * The load fills so many more, reclaiming cache and swapping where there are none free. Returns how many it got: fewer
 * mean that the guest is out of memory. Cache is never short: it goes in a circle.
 */
double sim_pages_fill(struct sim_pages *p, enum case_pages kind, double kib);

/* The load frees all of its pages of this kind. */
void sim_pages_drop(struct sim_pages *p, enum case_pages kind);

/* The balloon takes so many, at any cost to cache and swap, or gives back. Returns how many it got. */
double sim_pages_inflate(struct sim_pages *p, double kib);
void sim_pages_deflate(struct sim_pages *p, double kib);

/* A while passes: the kernel reclaims to its watermark, the load touches what was swapped out. */
void sim_pages_step(struct sim_pages *p, double seconds);

#endif
